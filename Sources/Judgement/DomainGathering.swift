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

    private var surroundings: Held<Surroundings>?
    private var hosts: [MailHost?] = []
    private var spf: Held<SPFAnalysis>?
    private var dkim: (keys: [DKIMEvidence], notTold: [String])?
    private var dmarc: Held<DMARCDiscovery>?
    private var legacyDMARC: Held<LegacyDMARC>?
    private var afterDMARC: Held<AfterDMARC>?
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
        if let shared { now = shared.now }
        let around = lookAround(asking: &dns)
        let looked = lookAtHosts(around.value.wanted, asking: &dns)
        let dmarc = discoverDMARC(asking: &dns)
        let dkim = lookForKeys(asking: &dns)
        let after = followDMARC(dmarc, asking: &dns)
        return DomainEvidence(
            domain: domain, publicSuffix: publicSuffix, existence: around.value.existence, mx: around.value.mx,
            routing: around.value.routing, hosts: looked,
            hostsLeftOut: max(0, around.value.wanted.count - DomainEvidence.maximumHosts),
            nameServers: around.value.nameServers,
            spf: analyseSPF(asking: &dns), dkim: dkim.keys, dkimNotTold: dkim.notTold, dmarc: dmarc,
            legacyDMARC: discoverLegacyDMARC(asking: &dns)?.value, inventedTXT: after.value.inventedTXT,
            reportDestinations: after.value.reportDestinations, mtaSTS: lookForMTASTS(asking: &dns),
            tlsRPT: lookForTLSRPT(asking: &dns), senders: evaluateSenders(asking: &dns), bimi: after.value.bimi)
    }

    /// Goes as far as what is known allows, and gives nothing yet: for between the waves.
    package mutating func gather(asking dns: inout Knowledge) {
        if let shared { now = shared.now }
        let around = lookAround(asking: &dns)
        if hosts.isEmpty || hosts.contains(where: { $0 == nil }) { _ = lookAtHosts(around.value.wanted, asking: &dns) }
        if afterDMARC == nil { _ = followDMARC(discoverDMARC(asking: &dns), asking: &dns) }
        if dkim == nil { _ = lookForKeys(asking: &dns) }
        if spf == nil { _ = analyseSPF(asking: &dns) }
        if legacyDMARC == nil { _ = discoverLegacyDMARC(asking: &dns) }
        if mtaSTS == nil { _ = lookForMTASTS(asking: &dns) }
        if tlsRPT == nil { _ = lookForTLSRPT(asking: &dns) }
        if evaluations == nil { _ = evaluateSenders(asking: &dns) }
    }

    private mutating func discoverDMARC(asking dns: inout Knowledge) -> Held<DMARCDiscovery> {
        Self.once(&dmarc, &dns) { [domain] dns in Held(DMARCDiscovery.discover(for: domain, asking: &dns)) }
    }

    private mutating func lookForKeys(asking dns: inout Knowledge) -> (keys: [DKIMEvidence], notTold: [String]) {
        Self.once(&dkim, &dns) { [domain, selectors, guesses] dns in
            DKIMEvidence.gather(domain, selectors: selectors, guesses: guesses, asking: &dns)
        }
    }

    private mutating func analyseSPF(asking dns: inout Knowledge) -> Held<SPFAnalysis> {
        Self.once(&spf, &dns) { [domain, shared, now] dns in
            Held(SPFAnalysis.analyse(domain, sharing: shared.map { SPFDrawnIn($0.records, now: now) }, asking: &dns))
        }
    }

    private mutating func discoverLegacyDMARC(asking dns: inout Knowledge) -> Held<LegacyDMARC>? {
        guard let publicSuffix else { return nil }
        return Self.once(&legacyDMARC, &dns) { [domain] dns in
            Held(LegacyDMARC.discover(for: domain, under: publicSuffix, in: &dns))
        }
    }

    private mutating func lookForMTASTS(asking dns: inout Knowledge) -> RecordLookup<MTASTSRecord> {
        Self.once(&mtaSTS, &dns) { [domain] dns in MTASTSRecord.look(for: domain, asking: &dns).lookup }
    }

    private mutating func lookForTLSRPT(asking dns: inout Knowledge) -> RecordLookup<TLSRPTRecord> {
        Self.once(&tlsRPT, &dns) { [domain] dns in TLSRPTRecord.look(for: domain, asking: &dns).lookup }
    }

    private mutating func evaluateSenders(asking dns: inout Knowledge) -> [SPFEvaluation] {
        Self.once(&evaluations, &dns) { [domain, senders] dns in
            senders.prefix(DomainEvidence.maximumSenders).map { sender in
                SPFCheck.evaluate(ip: sender, mailFrom: domain.description, helo: domain.description, in: &dns)
            }
        }
    }

    private mutating func lookAround(asking dns: inout Knowledge) -> Held<Surroundings> {
        Self.once(&surroundings, &dns) { [domain] dns in Held(Self.lookAround(domain, asking: &dns)) }
    }

    private static func lookAround(_ domain: DomainName, asking dns: inout Knowledge) -> Surroundings {
        let mxOutcome = dns.outcome(domain, .mx)
        let nsOutcome = dns.outcome(domain, .ns)
        // SPF asks for these anyway. For a server that denies the name to some types they are one more witness.
        let txtOutcome = dns.outcome(domain, .txt)
        let mx = Told(mxOutcome) { data -> MX? in if case .mx(let mx) = data { mx } else { nil } }
            .map { $0.sorted(by: DomainEvidence.preferredFirst) }
        let (routing, wanted) = DomainEvidence.route(domain, mx, asking: &dns)
        return Surroundings(
            mx: mx, existence: DomainEvidence.existence(mxOutcome, nsOutcome, txtOutcome), routing: routing,
            wanted: wanted,
            nameServers: Told(nsOutcome) { data -> DomainName? in if case .ns(let name) = data { name } else { nil } }
                .map { $0.sorted() })
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
                let facts =
                    name.isWithin(domain)
                    ? MailHost.Facts.gather(name, isOwn: name != domain, asking: &dns)
                    : MailHost.Facts.gather(name, sharing: shared, at: now, asking: &dns)
                return MailHost(facts, preferences)
            }
            if !isFinal { hosts[index] = nil }
            found.append(host)
        }
        return found
    }

    private mutating func followDMARC(
        _ discovery: Held<DMARCDiscovery>, asking dns: inout Knowledge
    ) -> Held<AfterDMARC> {
        let domain = domain
        func follow(_ dns: inout Knowledge) -> Held<AfterDMARC> {
            let discovery = discovery.value
            return Held(
                AfterDMARC(
                    inventedTXT: DomainEvidence.inventedTXT(beside: discovery, asking: &dns),
                    reportDestinations: ReportDestination.gather(discovery, asking: &dns),
                    bimi: DomainEvidence.bimi(of: domain, discovery.organizationalDomain, asking: &dns)))
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
