/// Reads what a TLS server sends in clear at the beginning of a handshake, octet by octet as it passes: the cipher
/// suite and the group of the key exchange, which NIOSSL does not tell. TLS 1.3 has both in its ServerHello
/// (RFC 8446 §4.1.3); before, the group stands in ServerKeyExchange (RFC 8422 §5.4). A HelloRetryRequest is passed
/// over. Anything that can't be understood ends the reading: what was read before stays.
///
/// Left out: certificates, and everything encrypted. It judges nothing: BoringSSL does the handshake.
struct ServerHello: Hashable, Sendable {
    /// Nothing more is to come.
    private(set) var isDone = false
    /// 0x0303 for TLS 1.2, 0x0304 for TLS 1.3.
    private(set) var version: UInt16?
    private(set) var cipherSuite: UInt16?
    private(set) var group: UInt16?
    /// The first octets where they are no TLS: the server speaks in clear.
    private(set) var clearText: [UInt8] = []

    private var record = Record()
    private var message = Message()

    private struct Record: Hashable {
        var header: [UInt8] = []
        var left = 0
    }

    private struct Message: Hashable {
        var header: [UInt8] = []
        var body: [UInt8] = []
        var left = 0
    }

    mutating func consume(_ octets: [UInt8]) {
        var rest = octets[...]
        while !isDone, !rest.isEmpty {
            if !clearText.isEmpty {
                clearText += rest.prefix(128 - clearText.count)
                isDone = clearText.count == 128
                return
            }
            if record.left == 0 {
                readRecordHeader(&rest)
            } else {
                let part = rest.prefix(record.left)
                record.left -= part.count
                rest = rest.dropFirst(part.count)
                if record.header[0] == ContentType.handshake { readMessages(part) }
                if record.left == 0 { record.header = [] }
            }
        }
    }

    private mutating func readRecordHeader(_ rest: inout ArraySlice<UInt8>) {
        while record.header.count < 5, let octet = rest.popFirst() { record.header.append(octet) }
        guard (20...23).contains(record.header[0]), record.header.count < 2 || record.header[1] == 3 else {
            if cipherSuite == nil { clearText = record.header } else { isDone = true }
            return
        }
        guard record.header.count == 5 else { return }
        record.left = Int(record.header[3]) << 8 | Int(record.header[4])
        switch record.header[0] {
        // RFC 8446 §5.1 allows 2^14, and 256 more when encrypted; an empty handshake record is not allowed.
        case ContentType.handshake where (1...16_640).contains(record.left): break
        // Behind a HelloRetryRequest it means nothing (RFC 8446 §5); with TLS 1.2 what follows is encrypted.
        case ContentType.changeCipherSpec where cipherSuite == nil && record.left == 1: break
        default: isDone = true
        }
    }

    private mutating func readMessages(_ part: ArraySlice<UInt8>) {
        var part = part
        while !isDone, !part.isEmpty {
            if message.header.count < 4 {
                message.header.append(part.removeFirst())
                guard message.header.count == 4 else { continue }
                message.left = message.header[1...].reduce(0) { $0 << 8 | Int($1) }
            } else {
                let piece = part.prefix(message.left)
                // Certificates are passed over; of the others the beginning is enough.
                if message.header[0] != HandshakeType.certificate {
                    message.body += piece.prefix(16_384 - message.body.count)
                }
                message.left -= piece.count
                part = part.dropFirst(piece.count)
            }
            if message.left == 0 {
                finishMessage()
                message = Message()
            }
        }
    }

    private mutating func finishMessage() {
        switch message.header[0] {
        case HandshakeType.serverHello: readServerHello(Reader(message.body))
        case HandshakeType.serverKeyExchange:
            var reader = Reader(message.body)
            // ECCurveType named_curve(3), then the NamedCurve (RFC 8422 §5.4).
            if reader.octet() == 3 { group = reader.short() }
            isDone = true
        case HandshakeType.certificate, HandshakeType.certificateStatus: isDone = cipherSuite == nil
        default: isDone = true
        }
    }

    private mutating func readServerHello(_ message: Reader) {
        var reader = message
        guard let legacyVersion = reader.short(), let random = reader.octets(32),
            let sessionLength = reader.octet(), reader.octets(Int(sessionLength)) != nil,
            let suite = reader.short(), reader.octet() != nil
        else {
            isDone = true
            return
        }
        if random == Self.retryRandom { return }  // RFC 8446 §4.1.3
        version = legacyVersion
        cipherSuite = suite
        guard let length = reader.short(), let extensions = reader.octets(Int(length)) else { return }
        var rest = Reader(extensions)
        while let kind = rest.short(), let length = rest.short(), let body = rest.octets(Int(length)) {
            var body = Reader(body)
            switch kind {
            case 43: version = body.short() ?? version  // supported_versions, RFC 8446 §4.2.1
            case 51: group = body.short()  // key_share, RFC 8446 §4.2.8
            default: break
            }
        }
        if version == 0x0304 { isDone = true }
    }

    /// SHA-256 of "HelloRetryRequest".
    private static let retryRandom: [UInt8] = [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ]

    private enum ContentType {
        static let changeCipherSpec: UInt8 = 20
        static let handshake: UInt8 = 22
    }

    private enum HandshakeType {
        static let serverHello: UInt8 = 2
        static let certificate: UInt8 = 11
        static let serverKeyExchange: UInt8 = 12
        static let certificateStatus: UInt8 = 22
    }
}

/// Takes big-endian numbers from the front; nil where too little is left.
private struct Reader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    mutating func octet() -> UInt8? { rest.popFirst() }

    mutating func short() -> UInt16? {
        guard let both = octets(2) else { return nil }
        return UInt16(both[0]) << 8 | UInt16(both[1])
    }

    mutating func octets(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
