internal import NIOCore

/// Reads the cipher suite from the ServerHello that a server sends in clear (RFC 8446 §4.1.3): NIOSSL does not tell
/// it, and a `Received:` field should.
final class CipherReader: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var suite: UInt16?
    private var isDone = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if !isDone { read(unwrapOutboundIn(data)) }
        context.write(data, promise: promise)
    }

    private func read(_ buffer: ByteBuffer) {
        isDone = true
        let octets = Array(buffer.readableBytesView.prefix(128))
        // Record: type 22, version, length; handshake: type 2, length of 3; version 2, random 32, session id.
        guard octets.count > 46, octets[0] == 22, octets[5] == 2 else { return }
        let at = 44 + Int(octets[43])
        guard octets.count > at + 1 else { return }
        suite = UInt16(octets[at]) << 8 | UInt16(octets[at + 1])
    }

    /// The name of OpenSSL's tradition, as Postfix writes it, and the key's length in bits.
    var description: String? {
        switch suite {
        case 0x1301: "TLS_AES_128_GCM_SHA256 (128/128 bits)"
        case 0x1302: "TLS_AES_256_GCM_SHA384 (256/256 bits)"
        case 0x1303: "TLS_CHACHA20_POLY1305_SHA256 (256/256 bits)"
        case 0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256 (128/128 bits)"
        case 0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384 (256/256 bits)"
        case 0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305 (256/256 bits)"
        default: nil
        }
    }
}
