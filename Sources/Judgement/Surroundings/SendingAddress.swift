internal import DNS
internal import Mail

/// An address that the domain's mail leaves by, as far as can be told from outside, and what its reverse zone says.
package struct SendingAddress: Sendable {
    /// How it is known.
    package enum Ground: String, Hashable, Sendable, CaseIterable {
        /// Somebody who must know said so.
        case given
        /// The SPF record names it by itself: `ip4:192.0.2.1`.
        case named
        /// It lies in a small range that the SPF record names; nobody may be using it.
        case range
        /// The SPF record names its host: `a`. That may well be a web server which never sends.
        case host
    }

    package var address: MailAddress
    package var ground: Ground
}

extension SendingAddress {
    /// No more addresses than these are looked at.
    package static let maximumAddresses = 32
    /// Ranges of more addresses belong to providers.
    private static let mostInRange = 8

    /// Those given, otherwise what the SPF record names in so many words: the domain's own record and those below the
    /// domain that it includes, but no provider's. Addresses of mail hosts are left out: they are looked at as such.
    static func gather(
        _ domain: DomainEvidence, given: [IPAddress], asking dns: inout Knowledge
    ) -> [SendingAddress] {
        let known = Set(domain.hosts.flatMap(\.addresses).map(\.address))
        var found: [(IPAddress, Ground)] = given.map { ($0, .given) }
        if given.isEmpty { named(by: domain.spf.root, of: domain.domain, depth: 0, &found, asking: &dns) }
        var seen = known
        // What is certain comes first: there may be too many.
        let inOrder = Ground.allCases.flatMap { ground in found.filter { $0.1 == ground } }
        return inOrder.filter { seen.insert($0.0).inserted }.prefix(maximumAddresses).map { address, ground in
            SendingAddress(address: MailAddress.gather(address, asking: &dns), ground: ground)
        }
    }

    private static func named(
        by node: SPFAnalysis.Node, of domain: DomainName, depth: Int, _ found: inout [(IPAddress, Ground)],
        asking dns: inout Knowledge
    ) {
        guard depth < 10, node.domain.isWithin(domain), let record = node.status.value else { return }
        for directive in record.directives where directive.qualifier == .pass {
            if found.count >= maximumAddresses * 4 { return }
            switch directive.mechanism {
            case .ip4(let first, let prefix):
                found += range(.v4(first), hostBits: 32 - prefix)
            case .ip6(let first, let prefix):
                found += range(.v6(first), hostBits: 128 - prefix)
            case .a(nil, let cidr) where cidr.isWhole:
                for type in [RecordType.a, .aaaa] {
                    for record in (try? dns.outcome(node.domain, type).get())?.records.prefix(16) ?? [] {
                        switch record.data {
                        case .a(let address): found.append((.v4(address), .host))
                        case .aaaa(let address): found.append((.v6(address), .host))
                        default: break
                        }
                    }
                }
            default: break
            }
        }
        for child in node.children { named(by: child, of: domain, depth: depth + 1, &found, asking: &dns) }
    }

    /// One address, or each of a few.
    private static func range(_ first: IPAddress, hostBits: Int) -> [(IPAddress, Ground)] {
        if hostBits == 0 { return [(first, .named)] }
        guard (1...3).contains(hostBits) else { return [] }
        let count = 1 << hostBits
        switch first {
        case .v4(let v4):
            let base = v4.value & ~UInt32(count - 1)
            return (0..<UInt32(count)).map { (.v4(IPv4Address(base | $0)), .range) }
        case .v6(let v6):
            let base = v6.low & ~UInt64(count - 1)
            return (0..<UInt64(count)).map { (.v6(IPv6Address(high: v6.high, low: base | $0)), .range) }
        }
    }
}

extension SPFRecord.DualCIDR {
    /// Whether it stands for single addresses.
    fileprivate var isWhole: Bool { ipv4 == 32 && ipv6 == 128 }
}
