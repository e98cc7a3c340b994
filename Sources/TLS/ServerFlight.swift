/// What a server answers to a ClientHello, in clear, read as it arrives in pieces of any size: its hello, and with
/// versions before TLS 1.3 its certificates and the parameters of the key exchange.
///
/// Bounded: more than ``maximum`` octets are read by nobody. It checks no signature and decrypts nothing. Whatever can't
/// be understood ends the reading, with what was read before.
package struct ServerFlight: Hashable, Sendable {
    /// Why no more is to come.
    package enum Ending: Hashable, Sendable {
        /// ServerHelloDone, or a hello of TLS 1.3, behind which everything is encrypted or awaits our next hello.
        case complete
        case alert(Alert)
        /// The first octets where they are no TLS: the server speaks in clear.
        case notTLS([UInt8])
        /// It is TLS, but not as written.
        case violation(String)
        case tooMuch
    }

    package enum KeyExchange: Hashable, Sendable {
        case curve(NamedGroup)
        /// The size of the prime in bits.
        case finiteField(bits: Int)
        case other
    }

    package struct Hello: Hashable, Sendable {
        package var version: ProtocolVersion
        package var suite: CipherSuite
        package var compression: UInt8
        /// The kinds of its extensions.
        package var extensions: Set<UInt16> = []
        /// Of the key share (RFC 8446 §4.2.8), or what a HelloRetryRequest asks for.
        package var group: NamedGroup?
        package var isRetryRequest = false

        package var hasExtendedMasterSecret: Bool { extensions.contains(23) }
        package var hasSecureRenegotiation: Bool { extensions.contains(0xFF01) }
    }

    package private(set) var ending: Ending?
    package private(set) var hello: Hello?
    /// In DER, as sent, the server's own first.
    package private(set) var certificates: [[UInt8]] = []
    package private(set) var keyExchange: KeyExchange?
    /// How the parameters of the key exchange are signed, by IANA's number: 0x0201 is RSA with SHA-1. TLS 1.2 alone
    /// tells it in clear (RFC 5246 §7.4.3).
    package private(set) var signatureScheme: UInt16?
    /// Whether the server wants a certificate of the client's.
    package private(set) var wantsCertificate = false
    /// The names of alerts that were warnings only.
    package private(set) var warnings: [String] = []

    /// Octets of one answer that are read at most: many times what any honest server sends.
    package static let maximum = 262_144
    /// Certificates at most.
    private static let mostCertificates = 40

    private var count = 0
    private var record: [UInt8] = []
    private var messages: [UInt8] = []

    package init() {}

    package var isDone: Bool { ending != nil }

    /// How many octets have to arrive before anything more can be said: of a record's header, or of its body.
    package var wanted: Int {
        if record.count < 5 { return 5 - record.count }
        return max(1, 5 + bodyLength - record.count)
    }

    private var bodyLength: Int { Int(record[3]) << 8 | Int(record[4]) }

    package mutating func consume(_ octets: [UInt8]) {
        var rest = octets[...]
        while !isDone, !rest.isEmpty {
            let part = rest.prefix(wanted)
            rest = rest.dropFirst(part.count)
            count += part.count
            if count > Self.maximum {
                ending = .tooMuch
                return
            }
            record += part
            if record.count == 5 { readHeader() }
            if !isDone, record.count >= 5, record.count == 5 + bodyLength { readRecord() }
        }
    }

    private mutating func readHeader() {
        if let ssl2 = SSL2Hello(record) {
            // Nothing more is wanted: whoever answers so speaks SSLv2.
            hello = Hello(version: ssl2.version, suite: CipherSuite(rawValue: 0), compression: 0)
            ending = .complete
            return
        }
        guard (20...24).contains(record[0]), record[1] == 3 else {
            ending = .notTLS(record)
            return
        }
        // RFC 5246 §6.2.1: 2^14 and no empty fragments of handshakes and alerts.
        if bodyLength > 16_384 + 2_048 { ending = .violation("a record of \(bodyLength) octets") }
        if bodyLength == 0 { ending = .violation("an empty record") }
    }

    private mutating func readRecord() {
        let body = record[5...]
        switch record[0] {
        case 22:
            messages += body
            readMessages()
        case 21:
            guard body.count == 2, let level = body.first, let number = body.last else {
                ending = .violation("an alert of \(body.count) octets")
                break
            }
            let alert = Alert(isFatal: level == 2, number: number)
            // RFC 6066 §3 lets unrecognized_name be a warning, behind which the handshake goes on.
            if !alert.isFatal, alert.number != Alert.closeNotify, warnings.count < 8 {
                warnings.append(alert.name)
            } else {
                ending = .alert(alert)
            }
        case 20: break  // change_cipher_spec for the sake of middleboxes (RFC 8446 §D.4)
        default: ending = .violation("a record of kind \(record[0]) in the middle of the hello")
        }
        record.removeAll(keepingCapacity: true)
    }

    private mutating func readMessages() {
        var reader = OctetReader(messages[...])
        while !isDone {
            var ahead = reader
            guard let kind = ahead.octet(), let length = ahead.long24() else { break }
            if length > Self.maximum {
                ending = .tooMuch
                break
            }
            guard let body = ahead.octets(length) else { break }
            reader = ahead
            read(kind, body)
        }
        // What is left is the beginning of one message: moved once a record, and bounded by `maximum` in all.
        if reader.rest.count < messages.count { messages = Array(reader.rest) }
    }

    private mutating func read(_ kind: UInt8, _ body: ArraySlice<UInt8>) {
        if hello == nil, kind != 2 {
            // HelloRequest may come at any time and means nothing here (RFC 5246 §7.4.1.1).
            if kind != 0 { ending = .violation("a message of kind \(kind) before the hello") }
            return
        }
        switch kind {
        case 0: break
        case 2: readHello(body)
        case 11: readCertificates(body)
        case 12: readKeyExchange(body)
        case 13: wantsCertificate = true
        case 14: ending = .complete
        case 22: break  // CertificateStatus, RFC 6066 §8
        default: ending = .violation("a message of kind \(kind)")
        }
    }

    private mutating func readHello(_ body: ArraySlice<UInt8>) {
        guard hello == nil else {
            ending = .violation("a second hello")
            return
        }
        var reader = OctetReader(body)
        guard let version = reader.short(), let random = reader.octets(32), let length = reader.octet(), length <= 32,
            reader.octets(Int(length)) != nil, let suite = reader.short(), let compression = reader.octet()
        else {
            ending = .violation("a ServerHello that ends too early")
            return
        }
        var told = Hello(
            version: ProtocolVersion(rawValue: version), suite: CipherSuite(rawValue: suite), compression: compression)
        told.isRetryRequest = Array(random) == Self.retryRandom
        if !reader.isEmpty {
            guard let length = reader.short(), let all = reader.octets(Int(length)), reader.isEmpty else {
                ending = .violation("the extensions of the ServerHello have a wrong length")
                return
            }
            var rest = OctetReader(all)
            while !rest.isEmpty {
                guard let kind = rest.short(), let length = rest.short(), let body = rest.octets(Int(length)) else {
                    ending = .violation("an extension of the ServerHello has a wrong length")
                    return
                }
                var value = OctetReader(body)
                told.extensions.insert(kind)
                switch kind {
                case 43: told.version = value.short().map(ProtocolVersion.init) ?? told.version
                case 51: told.group = value.short().map(NamedGroup.init)
                default: break
                }
            }
        }
        hello = told
        if told.version >= .tls13 { ending = .complete }
    }

    /// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
    private static let retryRandom: [UInt8] = [
        0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
        0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
    ]

    // RFC 5246 §7.4.2: certificate_list<0..2^24-1> of ASN.1Cert<1..2^24-1>.
    private mutating func readCertificates(_ body: ArraySlice<UInt8>) {
        var reader = OctetReader(body)
        guard certificates.isEmpty, let length = reader.long24(), let all = reader.octets(length), reader.isEmpty else {
            ending = .violation("a list of certificates of a wrong length")
            return
        }
        var rest = OctetReader(all)
        while !rest.isEmpty {
            guard let length = rest.long24(), length > 0, let certificate = rest.octets(length) else {
                ending = .violation("a certificate of a wrong length")
                return
            }
            if certificates.count < Self.mostCertificates { certificates.append(Array(certificate)) }
        }
    }

    private mutating func readKeyExchange(_ body: ArraySlice<UInt8>) {
        guard let suite = hello?.suite else { return }
        var reader = OctetReader(body)
        let name = suite.description
        if name.hasPrefix("TLS_ECDH") {
            // ECCurveType named_curve(3), then the NamedCurve (RFC 8422 §5.4).
            let kind = reader.octet()
            keyExchange = kind == 3 ? reader.short().map { .curve(NamedGroup(rawValue: $0)) } : .other
            guard kind == 3, let length = reader.octet(), reader.octets(Int(length)) != nil else { return }
            readSignature(&reader)
        } else if name.hasPrefix("TLS_DH") {
            // ServerDHParams: dh_p<1..2^16-1>, dh_g, dh_Ys (RFC 5246 §7.4.3).
            guard let length = reader.short(), length > 0, let prime = reader.octets(Int(length)) else {
                ending = .violation("parameters of Diffie-Hellman of a wrong length")
                return
            }
            let digits = prime.drop { $0 == 0 }
            keyExchange = .finiteField(bits: digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0))
            for _ in 0..<2 {
                guard let length = reader.short(), reader.octets(Int(length)) != nil else { return }
            }
            readSignature(&reader)
        } else {
            keyExchange = .other
        }
    }
}

extension ServerFlight {
    private mutating func readSignature(_ reader: inout OctetReader) {
        guard let hello, hello.version == .tls12, !hello.suite.weaknesses.contains(.anonymous) else { return }
        signatureScheme = reader.short()
    }
}

/// The first octets of a SERVER-HELLO of SSLv2.
private struct SSL2Hello {
    var version: ProtocolVersion

    /// A header of two octets, kind 4, whether the session is known, the kind of certificate.
    init?(_ head: [UInt8]) {
        guard head.count == 5, head[0] & 0x80 != 0, head[2] == 4, head[3] <= 1, head[4] <= 1 else { return nil }
        version = .ssl2
    }
}
