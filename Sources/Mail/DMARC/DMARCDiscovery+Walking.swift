package import DNS

extension DMARCDiscovery {
    /// The domains that the tree walk asks at, in its order (RFC 9989 §4.10): the domain itself, then its parents up
    /// to the top-level domain; a name of eight labels or more continues with its last seven. At most eight.
    package static func names(for domain: DomainName) -> [DomainName] {
        guard !domain.isRoot else { return [] }
        var names: [DomainName] = []
        names.reserveCapacity(4)
        names.append(domain)
        var next = domain.labelCount < 8 ? domain.parent : domain.suffix(7)
        while let name = next, !name.isRoot {
            names.append(name)
            next = name.parent
        }
        return names
    }

    /// Finds the record that applies to `domain`. What is not known yet becomes wanted; all names of the walk are
    /// wanted at once, which are at most eight.
    package static func discover(for domain: DomainName, asking dns: inout Knowledge) -> DMARCDiscovery {
        let walk = walk(from: domain, asking: &dns)
        var discovery = DMARCDiscovery(domain: domain, status: .none, walk: walk)
        discovery.organizationalDomain = organizationalDomain(of: domain, walk)
        guard let own = walk.first else { return discovery }
        if let why = own.lookup.unanswered {
            discovery.status = .couldNotTell(why)
            return discovery
        }
        if let record = own.lookup.value {
            discovery.status = .found(record, at: domain)
            discovery.apply(record, at: domain, as: .own, asking: &dns)
            return discovery
        }
        // Without an answer on the way nobody knows which record is the one.
        if let why = walk.lazy.compactMap(\.lookup.unanswered).first {
            discovery.status = .couldNotTell(why)
        } else if let (record, at, source) = inherited(discovery.organizationalDomain, walk) {
            discovery.status = .found(record, at: at)
            discovery.apply(record, at: at, as: source, asking: &dns)
        }
        if case .multiple(let texts) = own.lookup { discovery.status = .multipleAtOwnName(texts) }
        return discovery
    }

    /// The organizational domain of a name that SPF or DKIM passed for, by a walk of its own (RFC 9989 §4.10.2);
    /// nil where it could not be told.
    package static func organizationalDomain(of domain: DomainName, asking dns: inout Knowledge) -> DomainName? {
        organizationalDomain(of: domain, walk(from: domain, asking: &dns))
    }

    private init(domain: DomainName, status: Status, walk: [Step]) {
        self.domain = domain
        self.status = status
        self.walk = walk
    }

    private static func walk(from domain: DomainName, asking dns: inout Knowledge) -> [Step] {
        let steps = names(for: domain).map { name -> Step in
            let search = TXTSearch(at: "_dmarc", of: name, asking: &dns, DMARCRecord.isDMARC)
            let lookup = search.lookup.map { DMARCRecord.readBefore($0.joined) }
            // RFC 9989 §4.10, steps 2 and 6: “psd=y” and “psd=n” end the walk.
            let stops = lookup.value.map { $0.publicSuffix != .unknown } ?? false
            return Step(
                domain: name, lookup: lookup, others: search.others, canonicalName: search.canonicalName, stops: stops)
        }
        guard let end = steps.firstIndex(where: \.stops) else { return steps }
        return Array(steps[...end])
    }

    /// RFC 9989 §4.10.2; nil where a name was not told of that might decide.
    private static func organizationalDomain(of domain: DomainName, _ walk: [Step]) -> DomainName? {
        if walk.contains(where: { $0.lookup.unanswered != nil }) { return nil }
        var shortest: DomainName?
        for step in walk {
            guard let record = step.lookup.value else { continue }
            switch record.publicSuffix {
            case .no: return step.domain
            case .yes where step.domain != domain:
                // One label below the public suffix, in the direction of the domain.
                return domain.suffix(step.domain.labelCount + 1)
            case .yes, .unknown: shortest = step.domain
            }
        }
        return shortest ?? domain
    }

    /// The record of the organizational domain, otherwise that of the public suffix (RFC 9989 §4.10.1).
    private static func inherited(
        _ organization: DomainName?, _ walk: [Step]
    ) -> (DMARCRecord, DomainName, Source)? {
        for step in walk where step.domain == organization {
            if let record = step.lookup.value { return (record, step.domain, .organizational) }
        }
        for step in walk.dropFirst() {
            if let record = step.lookup.value, record.publicSuffix == .yes {
                return (record, step.domain, .publicSuffix)
            }
        }
        return nil
    }

    /// RFC 9989 §4.10.1: "p" for the domain itself, "sp" below it, "np" below it where the domain does not exist.
    private mutating func apply(
        _ record: DMARCRecord, at name: DomainName, as source: Source, asking dns: inout Knowledge
    ) {
        self.record = record
        recordDomain = name
        self.source = source
        guard let main = record.effectivePolicy else { return }
        // A record whose policies are wrong counts as “p=none”, given a “rua”.
        let isSound = record.policy != nil && !record.hasInvalidSubdomainPolicy
        if source == .own || !isSound {
            policy = main
            policyTag = "p"
            return
        }
        let below = record.subdomainPolicy ?? main
        let tag = record.subdomainPolicy == nil ? "p" : "sp"
        guard let nonexistent = record.nonexistentPolicy else {
            policy = below
            policyTag = tag
            return
        }
        switch dns.outcome(domain, .mx) {
        case .failure:
            // It is told either way where both say the same.
            if nonexistent == below { (policy, policyTag) = (below, tag) }
        case .success(let answer):
            exists = !(answer.kind == .noSuchName && answer.aliases.isEmpty)
            (policy, policyTag) = exists == true ? (below, tag) : (nonexistent, "np")
        }
    }
}
