package import DNS
internal import Mail

/// Gathers ``DomainEvidence`` in steps, one after each wave of answers.
///
/// Each part of the evidence is a function of what is known, which only grows. A part that was worked out without
/// lacking anything is final: it is kept, and not worked out again after the next wave.
package struct DomainGathering: Sendable {
    private let domain: DomainName
    private let selectors: [String]
    private let senders: [IPAddress]
    private let guesses: [String]
    private let publicSuffix: DomainName?
    private let shared: SharedEvidence?
    private var now: Int64 = 0

    private var surroundings: Surroundings?
    private var hosts: [MailHost?] = []
    private var spf: SPFAnalysis?
    private var dkim: (keys: [DKIMEvidence], notTold: [String])?
    private var dmarc: DMARCDiscovery?
    private var legacyDMARC: LegacyDMARC?
    private var afterDMARC: AfterDMARC?
    private var mtaSTS: RecordLookup<MTASTSRecord>?
    private var tlsRPT: RecordLookup<TLSRPTRecord>?
    private var evaluations: [SPFEvaluation]?

    /// What the records at the domain itself say.
    private struct Surroundings: Sendable {
        var mx: Told<[MX]>
        var existence: DomainEvidence.Existence
        var routing: DomainEvidence.Routing
        var wanted: [(name: DomainName, preferences: [UInt16])]
        var nameServers: Told<[DomainName]>
        var soa: Told<SOA>
    }

    /// What follows from the DMARC record.
    private struct AfterDMARC: Sendable {
        var inventedTXT: Outcome?
        var reportDestinations: [ReportDestination]
        var bimi: RecordSearch<BIMIRecord>
    }

    /// - Parameters:
    ///   - selectors: DKIM selectors known to be in use.
    ///   - senders: addresses that the domain's mail is known to leave by.
    ///   - guesses: selectors that are tried besides.
    ///   - publicSuffix: what the domain stands under by the Public Suffix List; nil where there is no list.
    ///   - shared: what was found of other domains before and is the same for this one.
    package init(
        _ domain: DomainName, selectors: [String], senders: [IPAddress] = [],
        guesses: [String] = DKIMKeyLookup.guesses, publicSuffix: DomainName? = nil,
        sharing shared: SharedEvidence? = nil
    ) {
        self.shared = shared
        self.domain = domain
        self.selectors = selectors
        self.senders = senders
        self.guesses = guesses
        self.publicSuffix = publicSuffix
    }

    /// What is known now; what is lacking becomes wanted. `dns` must know at least what it knew the last time.
    package mutating func evidence(asking dns: inout Knowledge) -> DomainEvidence {
        let domain = domain
        if let shared { now = shared.now }
        let around = Self.once(&surroundings, &dns) { dns in Self.lookAround(domain, asking: &dns) }
        let looked = lookAtHosts(around.wanted, asking: &dns)
        let dmarc = Self.once(&self.dmarc, &dns) { dns in DMARCDiscovery.discover(for: domain, asking: &dns) }
        let dkim = Self.once(&self.dkim, &dns) { [selectors, guesses] dns in
            DKIMEvidence.gather(domain, selectors: selectors, guesses: guesses, asking: &dns)
        }
        let after = followDMARC(dmarc, asking: &dns)
        return DomainEvidence(
            domain: domain, publicSuffix: publicSuffix, existence: around.existence, mx: around.mx,
            routing: around.routing, hosts: looked,
            hostsLeftOut: max(0, around.wanted.count - DomainEvidence.maximumHosts), nameServers: around.nameServers,
            soa: around.soa,
            spf: Self.once(&self.spf, &dns) { [shared, now] dns in
                SPFAnalysis.analyse(domain, sharing: shared.map { SPFDrawnIn($0.records, now: now) }, asking: &dns)
            },
            dkim: dkim.keys, dkimNotTold: dkim.notTold, dmarc: dmarc,
            legacyDMARC: publicSuffix.map { suffix in
                Self.once(&self.legacyDMARC, &dns) { dns in LegacyDMARC.discover(for: domain, under: suffix, in: &dns) }
            },
            inventedTXT: after.inventedTXT, reportDestinations: after.reportDestinations,
            mtaSTS: Self.once(&self.mtaSTS, &dns) { dns in MTASTSRecord.look(for: domain, asking: &dns).lookup },
            tlsRPT: Self.once(&self.tlsRPT, &dns) { dns in TLSRPTRecord.look(for: domain, asking: &dns).lookup },
            senders: Self.once(&self.evaluations, &dns) { [senders] dns in
                senders.prefix(DomainEvidence.maximumSenders).map { sender in
                    SPFCheck.evaluate(ip: sender, mailFrom: domain.description, helo: domain.description, in: &dns)
                }
            },
            bimi: after.bimi)
    }

    private static func lookAround(_ domain: DomainName, asking dns: inout Knowledge) -> Surroundings {
        let mxOutcome = dns.outcome(domain, .mx)
        let nsOutcome = dns.outcome(domain, .ns)
        let soaOutcome = dns.outcome(domain, .soa)
        let mx = Told(mxOutcome) { data -> MX? in if case .mx(let mx) = data { mx } else { nil } }
            .map { $0.sorted(by: DomainEvidence.preferredFirst) }
        let (routing, wanted) = DomainEvidence.route(domain, mx, asking: &dns)
        return Surroundings(
            mx: mx, existence: DomainEvidence.existence(mxOutcome, nsOutcome, soaOutcome), routing: routing,
            wanted: wanted,
            nameServers: Told(nsOutcome) { data -> DomainName? in if case .ns(let name) = data { name } else { nil } }
                .map { $0.sorted() },
            soa: Told(soaOutcome) { data -> SOA? in if case .soa(let soa) = data { soa } else { nil } }
                .map { $0[0] })
    }

    private mutating func lookAtHosts(
        _ wanted: [(name: DomainName, preferences: [UInt16])], asking dns: inout Knowledge
    ) -> [MailHost] {
        let domain = domain
        let (shared, now) = (shared, now)
        let count = min(wanted.count, DomainEvidence.maximumHosts)
        // As long as it is not known which hosts there are, none is kept.
        if surroundings == nil || hosts.count != count { hosts = Array(repeating: nil, count: count) }
        let isFinal = surroundings != nil
        var found: [MailHost] = []
        found.reserveCapacity(count)
        for index in 0..<count {
            let host = Self.once(&hosts[index], &dns) { dns in
                let (name, preferences) = wanted[index]
                // Who has a host of its own shares it with nobody.
                guard name.isWithin(domain) else {
                    return MailHost.gather(name, preferences, sharing: shared, at: now, asking: &dns)
                }
                var host = MailHost.gather(name, preferences, asking: &dns)
                if name != domain { host.spf = SPFRecord.look(at: name, asking: &dns) }
                return host
            }
            if !isFinal { hosts[index] = nil }
            found.append(host)
        }
        return found
    }

    private mutating func followDMARC(_ discovery: DMARCDiscovery, asking dns: inout Knowledge) -> AfterDMARC {
        let domain = domain
        func follow(_ dns: inout Knowledge) -> AfterDMARC {
            AfterDMARC(
                inventedTXT: DomainEvidence.inventedTXT(beside: discovery, asking: &dns),
                reportDestinations: ReportDestination.gather(discovery, asking: &dns),
                bimi: DomainEvidence.bimi(of: domain, discovery.organizationalDomain, asking: &dns))
        }
        // As long as the record is not known, what follows from it is not final.
        guard dmarc != nil else { return follow(&dns) }
        return Self.once(&afterDMARC, &dns, follow)
    }

    /// The part that is kept, or what `look` makes of what is known: kept where it lacked nothing.
    private static func once<Part>(
        _ part: inout Part?, _ dns: inout Knowledge, _ look: (inout Knowledge) -> Part
    ) -> Part {
        if let part { return part }
        let before = dns.misses
        let found = look(&dns)
        if dns.misses == before { part = found }
        return found
    }
}
