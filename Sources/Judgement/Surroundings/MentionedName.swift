package import DNS
package import Mail

/// A name below the domain that its own records speak of, and how it stands with mail itself: whoever forges mail takes
/// the name that nobody looked after.
///
/// Left out: names that no record speaks of; what a zone has besides cannot be told from outside.
package struct MentionedName: Sendable {
    /// What speaks of it.
    package enum Mention: String, Hashable, Sendable, CaseIterable {
        case mailHost = "MX"
        case spf = "SPF"
        case reports = "DMARC reports"
        case tlsReports = "TLS reports"
    }

    package var name: DomainName
    package var mentions: [Mention]
    package var mx: Told<[MX]>
    package var spf: RecordLookup<SPFRecord>
    /// What DMARC says of it: by a record of its own, or by one above it.
    package var dmarc: DMARCDiscovery

    /// No more names are looked at.
    package static let maximumNames = 12

    /// Whether mail for it is taken, so that people know it as an address (RFC 5321 §5.1, RFC 7505).
    package var takesMail: Bool { mx.value?.contains { !$0.isNull } ?? false }
}

extension MentionedName {
    /// What is known of them; what is lacking becomes wanted.
    static func gather(_ domain: DomainEvidence, asking dns: inout Knowledge) -> [MentionedName] {
        var mentions: [DomainName: [Mention]] = [:]
        var names: [DomainName] = []
        func add(_ name: DomainName, _ mention: Mention) {
            // Names with an underscore are places for records, and nobody's address.
            guard name != domain.domain, name.isWithin(domain.domain), !name.isRoot,
                !name.labels.contains(where: { $0.first == UInt8(ascii: "_") })
            else { return }
            let name = name.lowercased
            if mentions[name] == nil {
                guard names.count < maximumNames else { return }
                names.append(name)
            }
            if mentions[name]?.contains(mention) != true { mentions[name, default: []].append(mention) }
        }
        for destination in domain.reportDestinations { add(destination.domain, .reports) }
        for uri in domain.tlsRPT.value?.destinations.prefix(10) ?? [] {
            ReportingURI(uri.utf8)?.domain.map { add($0, .tlsReports) }
        }
        for name in named(by: domain.spf.root, depth: 0) { add(name, .spf) }
        for host in domain.hosts { add(host.name, .mailHost) }
        return names.map { name in
            MentionedName(
                name: name, mentions: mentions[name] ?? [],
                mx: Told(dns.outcome(name, .mx)) { data -> MX? in if case .mx(let mx) = data { mx } else { nil } },
                spf: SPFRecord.look(at: name, asking: &dns), dmarc: DMARCDiscovery.discover(for: name, asking: &dns))
        }
    }

    /// The names that the records of the tree write out.
    private static func named(by node: SPFAnalysis.Node, depth: Int) -> [DomainName] {
        guard depth < 10, let record = node.status.value else { return [] }
        let own = record.directives.prefix(100).compactMap { directive -> DomainName? in
            let target: MacroString? =
                switch directive.mechanism {
                case .include(let target): target
                case .a(let target, _), .mx(let target, _): target
                case .all, .ptr, .ip4, .ip6, .exists: nil
                }
            return target?.domainName
        }
        return own + node.children.flatMap { named(by: $0, depth: depth + 1) }
    }
}
