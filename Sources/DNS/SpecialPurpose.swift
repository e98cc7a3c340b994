/// What an address is set aside for, where it is not an ordinary one of the Internet
/// (RFC 6890 and the IANA registries it founded; multicast: RFC 5771, RFC 4291 §2.7).
package enum SpecialPurpose: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    case unspecified
    case thisNetwork = "this network"
    case privateUse = "private"
    case shared = "shared (carrier-grade NAT)"
    case loopback
    case linkLocal = "link-local"
    case siteLocal = "site-local (deprecated)"
    case uniqueLocal = "unique local"
    case protocolAssignments = "IETF protocol assignments"
    case documentation
    case benchmarking
    case relay6to4 = "6to4"
    case teredo = "Teredo"
    case mapped = "IPv4-mapped"
    case translation = "local IPv4/IPv6 translation"
    case discard = "discard-only"
    case segmentRouting = "segment routing"
    case multicast
    case broadcast = "limited broadcast"
    case reserved

    package var description: String { rawValue }

    /// The first block that holds an address decides: narrow ones stand before wide ones.
    static let blocks: [(IPNetwork, SpecialPurpose)] = [
        ("0.0.0.0/32", unspecified),  // RFC 1122 §3.2.1.3
        ("0.0.0.0/8", thisNetwork),  // RFC 791 §3.2
        ("10.0.0.0/8", privateUse),  // RFC 1918 §3
        ("100.64.0.0/10", shared),  // RFC 6598
        ("127.0.0.0/8", loopback),  // RFC 1122 §3.2.1.3
        ("169.254.0.0/16", linkLocal),  // RFC 3927
        ("172.16.0.0/12", privateUse),  // RFC 1918 §3
        ("192.0.0.0/24", protocolAssignments),  // RFC 6890 §2.1
        ("192.0.2.0/24", documentation),  // RFC 5737
        ("192.88.99.0/24", relay6to4),  // RFC 7526
        ("192.168.0.0/16", privateUse),  // RFC 1918 §3
        ("198.18.0.0/15", benchmarking),  // RFC 2544
        ("198.51.100.0/24", documentation),  // RFC 5737
        ("203.0.113.0/24", documentation),  // RFC 5737
        ("224.0.0.0/4", multicast),  // RFC 5771
        ("255.255.255.255/32", broadcast),  // RFC 919 §7
        ("240.0.0.0/4", reserved),  // RFC 1112 §4
        ("::/128", unspecified),  // RFC 4291 §2.5.2
        ("::1/128", loopback),  // RFC 4291 §2.5.3
        ("::ffff:0:0/96", mapped),  // RFC 4291 §2.5.5.2
        ("64:ff9b:1::/48", translation),  // RFC 8215
        ("100::/64", discard),  // RFC 6666
        ("2001::/32", teredo),  // RFC 4380
        ("2001:2::/48", benchmarking),  // RFC 5180
        ("2001:db8::/32", documentation),  // RFC 3849
        ("3fff::/20", documentation),  // RFC 9637
        ("2001::/23", protocolAssignments),  // RFC 2928
        ("2002::/16", relay6to4),  // RFC 3056
        ("5f00::/16", segmentRouting),  // RFC 9602
        ("fc00::/7", uniqueLocal),  // RFC 4193
        ("fe80::/10", linkLocal),  // RFC 4291 §2.5.6
        ("fec0::/10", siteLocal),  // RFC 3879
        ("ff00::/8", multicast),  // RFC 4291 §2.7
    ].compactMap { text, purpose in IPNetwork(text).map { ($0, purpose) } }

    /// For each octet that an address may begin with whether some block has addresses that begin so: most have none.
    fileprivate static let beginnings = (
        v4: (0...255).map { octet in isBeginning(of: .v4(IPv4Address(UInt32(octet) << 24))) },
        v6: (0...255).map { octet in isBeginning(of: .v6(IPv6Address(high: UInt64(octet) << 56, low: 0))) }
    )

    private static func isBeginning(of first: IPAddress) -> Bool {
        blocks.contains { block, _ in
            IPNetwork(block.address, prefixLength: min(8, block.prefixLength))?.contains(first) ?? false
        }
    }
}

extension IPAddress {
    /// What the address is set aside for; nil for an ordinary one.
    package var specialPurpose: SpecialPurpose? {
        switch self {
        case .v4(let address): if !SpecialPurpose.beginnings.v4[Int(address.value >> 24)] { return nil }
        case .v6(let address): if !SpecialPurpose.beginnings.v6[Int(address.high >> 56)] { return nil }
        }
        return SpecialPurpose.blocks.first { $0.0.contains(self) }?.1
    }
}
