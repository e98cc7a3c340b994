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
        recordSPF(evidence.spf.value, domain)
        recordDKIM(evidence.dkim, domain)
        recordDMARC(evidence.dmarc.value, domain)
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

    private mutating func recordSPF(_ spf: SPFAnalysis, _ domain: String) {
        switch spf.status {
        case .couldNotTell: return
        case .found(let record): noticeChange("spf", domain, record.text)
        case .multiple(let texts): noticeChange("spf", domain, texts.sorted().joined(separator: "\n"))
        case .none, .noSuchName: noticeChange("spf", domain, "")
        }
        // A count with holes in it is none.
        guard spf.isComplete else { return }
        store.set(.spfLookups, [name, domain], Double(spf.lookups))
        store.set(.spfVoidLookups, [name, domain], Double(spf.voidLookups))
    }

    private mutating func recordDKIM(_ keys: [DKIMEvidence], _ domain: String) {
        var texts: [String] = []
        var isTold = true
        for key in keys.prefix(64) {
            let selector = key.lookup.selector
            let algorithm: String, bits: Int, isPresent: Bool
            switch key.lookup.status {
            case .couldNotTell:
                isTold = false
                continue
            case .found(let record):
                algorithm = Self.algorithm(record.keyType)
                bits = record.keyBits ?? 0
                isPresent = record.isValid && !record.isRevoked && record.publicKey != nil
                texts.append("\(selector) \(record.text)")
            case .none, .noSuchName, .multiple:
                (algorithm, bits, isPresent) = ("none", 0, false)
                texts.append(selector)
            }
            // A guess that is no key is nothing: only selectors in use can be missing.
            if !key.isGiven, !isPresent { continue }
            for metric in [Metric.dkimBits, .dkimPresent] {
                store.keep(metric) { $0[2] != selector || $0[3] == algorithm }
            }
            store.set(.dkimBits, [name, domain, selector, algorithm], Double(bits))
            store.set(.dkimPresent, [name, domain, selector, algorithm], isPresent ? 1 : 0)
        }
        if isTold { noticeChange("dkim", domain, texts.sorted().joined(separator: "\n")) }
    }

    private static func algorithm(_ type: DKIMKeyRecord.KeyType) -> String {
        ["rsa", "ed25519"].contains(type.name) ? type.name : "other"
    }

    private mutating func recordDMARC(_ dmarc: DMARCDiscovery, _ domain: String) {
        let labels: [String]
        switch dmarc.status {
        case .couldNotTell: return
        case .none, .multipleAtOwnName:
            labels = ["absent", "absent", "absent"]
            noticeChange("dmarc", domain, "")
        case .found(let record, _):
            let policy = dmarc.policy?.rawValue ?? "none"
            labels = [
                policy, record.subdomainPolicy?.rawValue ?? record.policy?.rawValue ?? policy,
                dmarc.source?.rawValue ?? "unknown",
            ]
            noticeChange("dmarc", domain, record.text)
        }
        store.keep(.dmarcPolicy) { _ in false }
        store.set(.dmarcPolicy, [name, domain] + labels, 1)
    }

    private mutating func noticeChange(_ record: String, _ domain: String, _ text: String) {
        if let last = lastRecords[record], last != text { store.add(.changes, [name, domain, record]) }
        lastRecords[record] = text
    }
}
