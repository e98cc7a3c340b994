package import DNS

/// Where the DNS sends mail programs: the SRV records of RFC 6186 §3, RFC 8314 §5.1 and, for JMAP, RFC 8620 §2.2.
package struct DiscoveryEvidence: Sendable {
    /// A service, as its SRV records call it.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case submissions, submission, imaps, imap, pop3s, pop3, jmap

        /// What answers there; nil for what is not spoken here.
        package var service: Service? {
            switch self {
            case .submissions: .submissions
            case .submission: .submission
            case .imaps: .imaps
            case .imap: .imap
            case .pop3s: .pop3s
            case .pop3: .pop3
            case .jmap: nil
            }
        }
    }

    /// The records of one service.
    package struct Entry: Sendable {
        package var kind: Kind
        package var name: DomainName
        /// The most preferred first; at most ``maximumRecords``.
        package var records: Told<[SRV]>
    }

    /// A host that records name.
    package struct Host: Sendable {
        package var name: DomainName
        /// Whether there is an address; nil where nobody could tell.
        package var hasAddress: Bool?
        /// The name at the end of its CNAME chain, where the name is an alias (RFC 2782 forbids that).
        package var alias: DomainName?
        /// Why nobody could tell, with what was asked.
        package var unanswered: (Question, Unanswered)?
    }

    package var entries: [Entry]
    package var hosts: [DomainName: Host]

    /// Records of one service that are looked at.
    package static let maximumRecords = 8

    static func gather(_ domain: DomainName, asking dns: inout Knowledge) -> DiscoveryEvidence {
        var found = DiscoveryEvidence(entries: [], hosts: [:])
        for kind in Kind.allCases {
            guard let name = try? domain.prepending("_\(kind.rawValue)._tcp") else { continue }
            let records = Told(dns.outcome(name, .srv)) { data -> SRV? in
                if case .srv(let srv) = data { srv } else { nil }
            }.map { records in
                Array(records.sorted { ($0.priority, $0.target) < ($1.priority, $1.target) }.prefix(maximumRecords))
            }
            found.entries.append(Entry(kind: kind, name: name, records: records))
            for record in records.value ?? [] where !record.target.isRoot && found.hosts[record.target] == nil {
                found.hosts[record.target] = Host(record.target, asking: &dns)
            }
        }
        return found
    }
}

extension DiscoveryEvidence.Host {
    fileprivate init(_ name: DomainName, asking dns: inout Knowledge) {
        self.name = name
        for type in [RecordType.a, .aaaa] {
            switch dns.outcome(name, type) {
            case .failure(let why): unanswered = unanswered ?? (Question(name, type), why)
            case .success(let answer):
                alias = alias ?? answer.canonicalName
                if answer.kind == .records { hasAddress = true }
            }
        }
        if hasAddress == nil, unanswered == nil { hasAddress = false }
    }
}

extension DiscoveryEvidence.Entry {
    /// Whether the domain says that there is no such service: the one target is the root (RFC 2782, RFC 6186 §3.4).
    package var isDeclined: Bool {
        guard let records = records.value else { return false }
        return records.allSatisfy(\.target.isRoot)
    }
}
