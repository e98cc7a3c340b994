/// The type of a record (RFC 1035 §3.2.2 and the IANA registry). The world may always send a new one: `.other`.
package enum RecordType: Hashable, Sendable {
    case a, ns, cname, soa, ptr, mx, txt, aaaa, srv, dname, opt, ds, rrsig, nsec, dnskey, nsec3, tlsa, spf, caa, any
    case other(UInt16)

    /// Number and mnemonic of each case: one table for both directions.
    private static let table: [(RecordType, UInt16, String)] = [
        (.a, 1, "A"), (.ns, 2, "NS"), (.cname, 5, "CNAME"), (.soa, 6, "SOA"), (.ptr, 12, "PTR"), (.mx, 15, "MX"),
        (.txt, 16, "TXT"), (.aaaa, 28, "AAAA"), (.srv, 33, "SRV"), (.dname, 39, "DNAME"), (.opt, 41, "OPT"),
        (.ds, 43, "DS"), (.rrsig, 46, "RRSIG"), (.nsec, 47, "NSEC"), (.dnskey, 48, "DNSKEY"), (.nsec3, 50, "NSEC3"),
        (.tlsa, 52, "TLSA"), (.spf, 99, "SPF"), (.any, 255, "ANY"), (.caa, 257, "CAA"),
    ]
    private static let byNumber = Dictionary(uniqueKeysWithValues: table.map { ($0.1, $0.0) })
    private static let numbers = Dictionary(uniqueKeysWithValues: table.map { ($0.0, $0.1) })
    private static let names = Dictionary(uniqueKeysWithValues: table.map { ($0.0, $0.2) })
    private static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.2, $0.0) })

    /// Any number is a type.
    package init(number: UInt16) { self = Self.byNumber[number] ?? .other(number) }

    package var number: UInt16 {
        if case .other(let number) = self { number } else { Self.numbers[self] ?? 0 }
    }

    /// Reads a mnemonic in any case, or `TYPE123` (RFC 3597 §5); nil for anything else.
    package init?(_ text: String) {
        // ASCII only: `uppercased()` would make `ſrv` an SRV.
        let upper = String(decoding: text.utf8.map { (97...122).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
        if let known = Self.byName[upper] {
            self = known
        } else if upper.hasPrefix("TYPE"), upper.utf8.dropFirst(4).allSatisfy({ (48...57).contains($0) }),
            let number = UInt16(upper.dropFirst(4))
        {
            self.init(number: number)
        } else {
            return nil
        }
    }
}

extension RecordType: CustomStringConvertible {
    /// The mnemonic, or `TYPE123` (RFC 3597 §5).
    package var description: String {
        if case .other(let number) = self { "TYPE\(number)" } else { Self.names[self] ?? "" }
    }
}

extension RecordType: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let type = RecordType(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no record type: \(text)")
        }
        self = type
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
