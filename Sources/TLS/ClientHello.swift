/// What a client offers (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2; SSLv3: RFC 6101 §5.6.1.2; SSLv2: the draft of 1995), as a
/// value: two are equal where they ask the same. What is random in it is handed in when it is written.
package struct ClientHello: Hashable, Sendable {
    /// The newest version offered. With TLS 1.3 no older one is offered beside it, before TLS 1.3 every older one that
    /// the server knows (RFC 5246 §E.1).
    package var version: ProtocolVersion
    package var suites: [CipherSuite]
    package var groups: [NamedGroup]
    /// Sent in SNI; nil: no such extension.
    package var serverName: String?
    /// Whether DEFLATE (RFC 3749) is offered beside none.
    package var offersCompression = false
    /// How the server may sign, by IANA's numbers; not sent before TLS 1.2.
    package var signatureSchemes = Self.usualSignatureSchemes
    /// Whether a share for x25519 is sent with TLS 1.3, so that the server answers by its hello where it has that group;
    /// without one it names its group first.
    package var hasKeyShare = false

    package init(
        version: ProtocolVersion, suites: [CipherSuite], groups: [NamedGroup] = NamedGroup.curves,
        serverName: String? = nil, offersCompression: Bool = false
    ) {
        self.version = version
        self.suites = suites
        self.groups = groups
        self.serverName = serverName
        self.offersCompression = offersCompression
    }

    /// As it goes over the wire: one record.
    /// - Parameter random: 64 octets, the client's random and a session's identifier; shorter ones are filled up.
    package func octets(random: [UInt8]) -> [UInt8] {
        let random = Array((random + Array(repeating: 0, count: 64)).prefix(64))
        if version == .ssl2 { return ssl2(challenge: Array(random.prefix(16))) }
        var body = Octets()
        // RFC 8446 §4.1.2: legacy_version is that of TLS 1.2.
        body.short(min(version, .tls12).rawValue)
        body.raw(Array(random.prefix(32)))
        // A session's identifier makes middleboxes believe in a resumption (RFC 8446 §D.4).
        body.vector8(version == .tls13 ? Array(random.suffix(32)) : [])
        body.vector16 { for suite in suites { $0.short(suite.rawValue) } }
        body.vector8(offersCompression && version < .tls13 ? [1, 0] : [0])
        // SSLv3 knows no extensions; a server of its days may turn them down.
        if version > .ssl3 { body.vector16 { extensions(&$0, share: Array(random.prefix(32))) } }
        var handshake = Octets()
        handshake.octet(1)
        handshake.vector24(body.all)
        var record = Octets()
        record.octet(22)
        // RFC 8446 §5.1: 0x0301 in the first record, for the sake of old servers.
        record.short(min(version, .tls10).rawValue)
        record.vector16 { $0.raw(handshake.all) }
        return record.all
    }

    private func extensions(_ all: inout Octets, share: [UInt8]) {
        func add(_ kind: UInt16, _ write: (inout Octets) -> Void) {
            all.short(kind)
            all.vector16(write)
        }
        if let serverName {
            // RFC 6066 §3: ServerNameList of one host_name(0).
            add(0) {
                $0.vector16 { list in
                    list.octet(0)
                    list.vector16 { $0.raw(Array(serverName.utf8)) }
                }
            }
        }
        if !groups.isEmpty { add(10) { $0.vector16 { for group in groups { $0.short(group.rawValue) } } } }
        if version < .tls13 { add(11) { $0.vector8([0]) } }  // RFC 8422 §5.1.2: uncompressed
        if version >= .tls12 { add(13) { $0.vector16 { for scheme in signatureSchemes { $0.short(scheme) } } } }
        if version < .tls13 {
            add(23) { _ in }  // extended_master_secret, RFC 7627 §5.1
            // renegotiation_info, RFC 5746 §3.4; where the signal stands among the suites, it says the same.
            if !suites.contains(.renegotiationSignal) { add(0xFF01) { $0.vector8([]) } }
        } else {
            add(43) { $0.vector8([3, 4]) }  // supported_versions, RFC 8446 §4.2.1
            add(45) { $0.vector8([1]) }  // psk_dhe_ke, RFC 8446 §4.2.9
            // KeyShareClientHello (RFC 8446 §4.2.8): none, or one for x25519. Any 32 octets are a point there (RFC 7748 §5),
            // and nobody will know what is agreed on.
            add(51) {
                $0.vector16 { shares in
                    guard hasKeyShare else { return }
                    shares.short(0x001D)
                    shares.vector16 { $0.raw(share) }
                }
            }
        }
    }

    /// RFC 8446 §4.2.3, and what servers of before had: SHA-1, MD5 and DSA too, so that nobody is refused for it.
    package static let usualSignatureSchemes: [UInt16] = [
        0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x081A, 0x081B, 0x081C,
        0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602, 0x0203, 0x0201, 0x0202, 0x0101,
    ]

    /// CLIENT-HELLO of SSLv2: a header of two octets, kinds of ciphers of three octets each.
    private func ssl2(challenge: [UInt8]) -> [UInt8] {
        var body = Octets()
        body.octet(1)
        body.short(ProtocolVersion.ssl2.rawValue)
        body.short(UInt16(Self.ssl2Ciphers.count * 3))
        body.short(0)
        body.short(UInt16(challenge.count))
        for cipher in Self.ssl2Ciphers { body.raw(cipher) }
        body.raw(challenge)
        return [0x80 | UInt8(body.all.count >> 8), UInt8(body.all.count & 255)] + body.all
    }

    /// RC4 128 and 40, RC2 128 and 40, IDEA, DES, 3DES.
    private static let ssl2Ciphers: [[UInt8]] = [
        [1, 0, 0x80], [2, 0, 0x80], [3, 0, 0x80], [4, 0, 0x80], [5, 0, 0x80], [6, 0, 0x40], [7, 0, 0xC0],
    ]

    /// What is said before hanging up in the middle of a handshake: user_canceled (RFC 8446 §6.1), then close_notify.
    /// - Parameter version: the one that is spoken; SSLv2 has no such thing.
    package static func farewell(_ version: ProtocolVersion) -> [UInt8] {
        if version == .ssl2 { return [] }
        let number = min(version, .tls12).rawValue
        let head: [UInt8] = [21, UInt8(number >> 8), UInt8(number & 255), 0, 2]
        return (version == .ssl3 ? [] : head + [1, 90]) + head + [1, 0]
    }
}
