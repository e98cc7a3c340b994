import Crypto
import DNS
import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import Networking
import SwiftASN1
import Testing
import X509

/// A server on loopback that behaves as it is told, well or badly, on every connection.
struct Peer: Sendable {
    typealias Action = @Sendable (any Channel) -> Void

    /// TLS from the first octet.
    var tls: TLSConfiguration?
    /// Once the connection stands.
    var onConnect: Action = { _ in }
    /// For each piece that arrives.
    var onRead: @Sendable (any Channel, [UInt8]) -> Void = { _, _ in }

    /// Runs the server for as long as `body` runs.
    func serving<R: Sendable>(_ body: (UInt16) async throws -> R) async throws -> R {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(PeerHandler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(server.localAddress?.port ?? 0)
        do {
            let result = try await body(port)
            try await server.close()
            return result
        } catch {
            try? await server.close()
            throw error
        }
    }

    /// Says these words at once, then waits.
    static func saying(_ text: String) -> Peer { Peer(onConnect: { $0.say(text) }) }

    /// Says nothing, ever.
    static let silent = Peer()
}

private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let peer: Peer

    init(_ peer: Peer) { self.peer = peer }

    func channelActive(context: ChannelHandlerContext) { peer.onConnect(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        peer.onRead(context.channel, Array(unwrapInboundIn(data).readableBytesView))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Channel {
    func say(_ text: String) { say(Array(text.utf8)) }
    func say(_ octets: [UInt8]) { writeAndFlush(allocator.buffer(bytes: octets), promise: nil) }

    /// Says it again and again, each time when the last was taken by the system, until the connection ends.
    func repeatForEver(_ octets: [UInt8], counting: Counter? = nil) {
        writeAndFlush(allocator.buffer(bytes: octets)).whenSuccess {
            counting?.add(octets.count)
            self.repeatForEver(octets, counting: counting)
        }
    }

    /// Says one octet at a time for ever.
    func drip(every milliseconds: Int64) {
        eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(milliseconds)) { task in
            if self.isActive { self.say("x") } else { task.cancel() }
        }
    }
}

/// A key and a certificate that it signed itself, made once for all tests.
struct Identity: Sendable {
    let certificate: [UInt8]
    let key: [UInt8]

    static let p256: Identity = {
        let key = P256.Signing.PrivateKey()
        return Identity(key: Certificate.PrivateKey(key), der: Array(key.derRepresentation))
    }()

    static let p521: Identity = {
        let key = P521.Signing.PrivateKey()
        return Identity(key: Certificate.PrivateKey(key), der: Array(key.derRepresentation), .ecdsaWithSHA512)
    }()

    static let ed25519: Identity = {
        let key = Certificate.PrivateKey(Curve25519.Signing.PrivateKey())
        return Identity(key: key, der: (try? key.serializeAsPEM().derBytes) ?? [], .ed25519)
    }()

    private init(
        key: Certificate.PrivateKey, der: [UInt8], _ algorithm: Certificate.SignatureAlgorithm = .ecdsaWithSHA256
    ) {
        let name = (try? DistinguishedName { CommonName("peer.test") }) ?? DistinguishedName()
        let now = Date()
        let certificate = try? Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: now - 3_600,
            notValidAfter: now + 3_600, issuer: name, subject: name, signatureAlgorithm: algorithm,
            extensions: (try? Certificate.Extensions { SubjectAlternativeNames([.dnsName("peer.test")]) }) ?? .init(),
            issuerPrivateKey: key)
        var serializer = DER.Serializer()
        try? certificate?.serialize(into: &serializer)
        self.certificate = serializer.serializedBytes
        self.key = der
    }

    func configuration() throws -> TLSConfiguration {
        TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: certificate, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .der)))
    }
}

let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))

extension Network {
    /// Dials a port on loopback. Patient: what a test expects shall not become a timeout on a busy machine.
    func dialling<R: Sendable>(
        _ port: UInt16, seconds: Double = 60, _ body: (Connection) async throws -> R
    ) async throws -> R {
        try await withConnection(to: loopback, port: port, host: nil, by: .after(seconds: seconds), body)
    }
}

/// What an operation threw and after how long.
func failure<R>(of operation: () async throws -> R) async -> (error: WireError?, seconds: Double) {
    let started = ContinuousClock.now
    do {
        _ = try await operation()
        return (nil, (ContinuousClock.now - started) / .seconds(1))
    } catch {
        return (error as? WireError, (ContinuousClock.now - started) / .seconds(1))
    }
}

extension Wire {
    func line(limit: Int = 1_000) async throws -> String {
        String(decoding: try await readLine(limit: limit), as: UTF8.self)
    }
    func say(_ text: String) async throws { try await write(Array(text.utf8)) }
}

/// Waits until other tests leave this one time to run, a minute at most: a deadline that is short must still leave
/// room for what shall happen before it.
func calm() async {
    let limit = ContinuousClock.now + .seconds(60)
    var smooth = 0
    while smooth < 3, ContinuousClock.now < limit {
        let started = ContinuousClock.now
        try? await Task.sleep(for: .milliseconds(50))
        smooth = ContinuousClock.now - started < .milliseconds(100) ? smooth + 1 : 0
    }
}
