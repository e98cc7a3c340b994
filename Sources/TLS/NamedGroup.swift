/// A group of the key exchange by its number in IANA's registry "TLS Supported Groups".
package struct NamedGroup: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let secp256r1 = NamedGroup(rawValue: 0x0017)
    package static let secp384r1 = NamedGroup(rawValue: 0x0018)
    package static let secp521r1 = NamedGroup(rawValue: 0x0019)
    package static let x25519 = NamedGroup(rawValue: 0x001D)
    package static let x448 = NamedGroup(rawValue: 0x001E)
    package static let x25519MLKEM768 = NamedGroup(rawValue: 0x11EC)

    /// Hybrids and ML-KEM alone (draft-ietf-tls-ecdhe-mlkem, draft-ietf-tls-mlkem): a recording of today can't be read
    /// by a quantum computer of tomorrow.
    package static let postQuantum: [NamedGroup] = [0x11EC, 0x11EB, 0x11ED, 0x6399, 0x0201, 0x0202, 0x0200].map {
        NamedGroup(rawValue: $0)
    }
    /// Elliptic curves (RFC 8422 §5.1.1, RFC 7027, RFC 8734), those in use first.
    package static let curves: [NamedGroup] = [
        0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x001A, 0x001B, 0x001C, 0x001F, 0x0020, 0x0021, 0x0016, 0x0015, 0x0013,
    ].map { NamedGroup(rawValue: $0) }
    /// Finite fields (RFC 7919).
    package static let finiteFields: [NamedGroup] = [0x0100, 0x0101, 0x0102, 0x0103, 0x0104].map {
        NamedGroup(rawValue: $0)
    }

    package var isPostQuantum: Bool { Self.postQuantum.contains(self) }
}

extension NamedGroup: CustomStringConvertible {
    /// IANA's name; others as their number.
    package var description: String { names[rawValue] ?? hexadecimal(rawValue) }
}

private let names: [UInt16: String] = [
    0x0013: "secp192r1", 0x0015: "secp224r1", 0x0016: "secp256k1", 0x0017: "secp256r1", 0x0018: "secp384r1",
    0x0019: "secp521r1", 0x001A: "brainpoolP256r1", 0x001B: "brainpoolP384r1", 0x001C: "brainpoolP512r1",
    0x001D: "x25519", 0x001E: "x448", 0x001F: "brainpoolP256r1tls13", 0x0020: "brainpoolP384r1tls13",
    0x0021: "brainpoolP512r1tls13", 0x0100: "ffdhe2048", 0x0101: "ffdhe3072", 0x0102: "ffdhe4096",
    0x0103: "ffdhe6144", 0x0104: "ffdhe8192", 0x0200: "MLKEM512", 0x0201: "MLKEM768", 0x0202: "MLKEM1024",
    0x11EB: "SecP256r1MLKEM768", 0x11EC: "X25519MLKEM768", 0x11ED: "SecP384r1MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
]
