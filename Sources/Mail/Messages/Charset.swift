/// Character sets that header fields come in. The set will grow; what is not here stays as written.
enum Charset {
    case utf8, latin1, latin9, windows1252

    /// By any of the names that mail uses, in any case; a language behind `*` is left off (RFC 2231 §5).
    init?(_ name: some Sequence<UInt8>) {
        let name = name.prefix { $0 != UInt8(ascii: "*") }.map(\.lower)
        switch name.text {
        // US-ASCII is read as UTF-8, which it is a part of.
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1": self = .latin1
        case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin-9", "latin9": self = .latin9
        case "windows-1252", "cp1252", "x-cp1252": self = .windows1252
        default: return nil
        }
    }

    /// What has no meaning in the set becomes U+FFFD.
    func decode(_ octets: [UInt8]) -> String {
        switch self {
        case .utf8: return String(decoding: octets, as: UTF8.self)
        case .latin1: return text(octets) { UInt16($0) }
        case .latin9: return text(octets) { Self.latin9Differences[$0] ?? UInt16($0) }
        case .windows1252:
            return text(octets) { (128...159).contains($0) ? Self.windows1252High[Int($0) - 128] : UInt16($0) }
        }
    }

    private func text(_ octets: [UInt8], _ scalar: (UInt8) -> UInt16) -> String {
        var text = ""
        text.reserveCapacity(octets.count)
        for octet in octets { text.unicodeScalars.append(UnicodeScalar(scalar(octet)) ?? "\u{FFFD}") }
        return text
    }

    /// Where ISO 8859-15 differs from ISO 8859-1.
    private static let latin9Differences: [UInt8: UInt16] = [
        0xA4: 0x20AC, 0xA6: 0x160, 0xA8: 0x161, 0xB4: 0x17D, 0xB8: 0x17E, 0xBC: 0x152, 0xBD: 0x153, 0xBE: 0x178,
    ]

    /// Octets 80 to 9F.
    private static let windows1252High: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0xFFFD,
        0x17D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A,
        0x153, 0xFFFD, 0x17E, 0x178,
    ]
}
