internal import DNS
internal import Judgement
internal import Mail

/// What the DNS says of a domain, in numbers. What could not be told leaves the last value as it was.
extension ProbeLedger {
    static let changingRecords = ["mx", "spf", "dkim", "dmarc"]

    mutating func beginDNS(_ domain: String, _ selectors: [String]) {
        for family in IPAddress.Family.allCases {
            store.touch(.mxHosts, [name, domain, family.rawValue])
            store.touch(.mxAddresses, [name, domain, family.rawValue])
        }
        store.touch(.spfLookups, [name, domain])
        store.touch(.spfVoidLookups, [name, domain])
        for record in Self.changingRecords { store.touch(.changes, [name, domain, record]) }
        if store.series(of: .dmarcPolicy).isEmpty {
            store.set(.dmarcPolicy, [name, domain, "unknown", "unknown", "unknown"], 1)
        }
        // A selector that has left the configuration leaves; one that is there keeps what was seen.
        for metric in [Metric.dkimBits, .dkimPresent] {
            store.keep(metric) { selectors.contains($0[2]) }
            for selector in selectors where !store.hasSeries(metric, where: { $0[2] == selector }) {
                store.touch(metric, [name, domain, selector, "unknown"])
            }
        }
    }

    mutating func recordDNS(_ evidence: DomainEvidence) {
        let domain = plan.targetName
        recordHosts(evidence, domain)
        if let mx = evidence.mx.value {
            noticeChange("mx", domain, mx.map { "\($0.preference) \($0.exchange.lowercased)" }.joined(separator: "\n"))
        } else if evidence.mx.isNone {
            noticeChange("mx", domain, "")
        }
    }

    private mutating func recordHosts(_ evidence: DomainEvidence, _ domain: String) {
        if case .couldNotTell = evidence.routing { return }
        for family in IPAddress.Family.allCases {
            let isTold = evidence.hosts.allSatisfy {
                (family == .ipv4 ? $0.a.unanswered : $0.aaaa.unanswered) == nil
            }
            guard isTold else { continue }
            let counts = evidence.hosts.map { host in host.addresses.count { $0.address.family == family } }
            store.set(.mxHosts, [name, domain, family.rawValue], Double(counts.count { $0 > 0 }))
            store.set(.mxAddresses, [name, domain, family.rawValue], Double(counts.reduce(0, +)))
        }
    }

    private mutating func noticeChange(_ record: String, _ domain: String, _ text: String) {
        if let last = lastRecords[record], last != text { store.add(.changes, [name, domain, record]) }
        lastRecords[record] = text
    }
}
