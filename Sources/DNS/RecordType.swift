/// The type of a record (RFC 1035 §3.2.2 and the IANA registry). The world may always send a new one: `.other`.
package enum RecordType: Hashable, Sendable {
    case a, ns, cname, soa, ptr, mx, txt, aaaa, srv, dname, opt, ds, rrsig, nsec, dnskey, nsec3, nsec3param, tlsa, cds,
        cdnskey
    case spf, caa, any
    case other(UInt16)

    /// The mnemonic of each case: one table for both directions.
    private static let table: [(RecordType, String)] = [
        (.a, "A"), (.ns, "NS"), (.cname, "CNAME"), (.soa, "SOA"), (.ptr, "PTR"), (.mx, "MX"), (.txt, "TXT"),
        (.aaaa, "AAAA"), (.srv, "SRV"), (.dname, "DNAME"), (.opt, "OPT"), (.ds, "DS"), (.rrsig, "RRSIG"),
        (.nsec, "NSEC"), (.dnskey, "DNSKEY"), (.nsec3, "NSEC3"), (.tlsa, "TLSA"), (.spf, "SPF"), (.any, "ANY"),
        (.caa, "CAA"), (.nsec3param, "NSEC3PARAM"), (.cds, "CDS"), (.cdnskey, "CDNSKEY"), (.naptr, "NAPTR"),
        (.svcb, "SVCB"), (.https, "HTTPS"), (.other(13), "HINFO"), (.other(17), "RP"), (.other(18), "AFSDB"),
        (.other(29), "LOC"), (.other(36), "KX"), (.other(37), "CERT"), (.other(42), "APL"), (.other(44), "SSHFP"),
        (.other(45), "IPSECKEY"), (.other(49), "DHCID"), (.other(53), "SMIMEA"), (.other(55), "HIP"),
        (.other(61), "OPENPGPKEY"), (.other(62), "CSYNC"), (.other(63), "ZONEMD"), (.other(108), "EUI48"),
        (.other(109), "EUI64"), (.other(256), "URI"),
    ]

    /// RFC 3403 §4, RFC 9460 §2 and §9: data that is shown, and decides nothing here.
    package static let naptr = RecordType.other(35), svcb = RecordType.other(64), https = RecordType.other(65)
    private static let names = Dictionary(uniqueKeysWithValues: table.map { ($0.0, $0.1) })
    private static let byName = Dictionary(uniqueKeysWithValues: table.map { ($0.1, $0.0) })

    /// Any number is a type.
    package init(number: UInt16) {
        switch number {
        case 1: self = .a
        case 2: self = .ns
        case 5: self = .cname
        case 6: self = .soa
        case 12: self = .ptr
        case 15: self = .mx
        case 16: self = .txt
        case 28: self = .aaaa
        case 33: self = .srv
        case 39: self = .dname
        case 41: self = .opt
        case 43: self = .ds
        case 46: self = .rrsig
        case 47: self = .nsec
        case 48: self = .dnskey
        case 50: self = .nsec3
        case 51: self = .nsec3param
        case 52: self = .tlsa
        case 59: self = .cds
        case 60: self = .cdnskey
        case 99: self = .spf
        case 255: self = .any
        case 257: self = .caa
        default: self = .other(number)
        }
    }

    package var number: UInt16 {
        switch self {
        case .a: 1
        case .ns: 2
        case .cname: 5
        case .soa: 6
        case .ptr: 12
        case .mx: 15
        case .txt: 16
        case .aaaa: 28
        case .srv: 33
        case .dname: 39
        case .opt: 41
        case .ds: 43
        case .rrsig: 46
        case .nsec: 47
        case .dnskey: 48
        case .nsec3: 50
        case .nsec3param: 51
        case .tlsa: 52
        case .cds: 59
        case .cdnskey: 60
        case .spf: 99
        case .any: 255
        case .caa: 257
        case .other(let number): number
        }
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
        Self.names[self] ?? "TYPE\(number)"
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
