package import DNS
package import Mail

/// Everything the DNS says of a mail domain, as typed facts; "none" and "could not tell" stay apart.
///
/// ``gather(_:selectors:asking:)`` is a function of what is known (see `Knowledge`): whoever touches the
/// network runs it in waves to learn what to ask, and the judge runs it again over the recorded outcomes.
/// It leaves judging to the rules, and leaves out what needs more than DNS (ports, policy files over HTTPS).
///
/// A class, as all rules read it and none changes it: as a value it would be copied for each of them, part by part.
package final class DomainEvidence: Sendable {
    package let domain: DomainName
    /// What the domain stands under by the Public Suffix List; nil where there is no list.
    package let publicSuffix: DomainName?
    package let existence: Existence
    /// Whether there is no such name.
    let isNowhere: Bool
    /// The MX records as published, the most preferred first.
    package let mx: Told<[MX]>
    package let routing: Routing
    /// The hosts that mail goes to, the most preferred first, each once; at most ``maximumHosts``.
    package let hosts: [MailHost]
    /// How many hosts there were beyond ``maximumHosts``; they were not looked at.
    package let hostsLeftOut: Int
    package let nameServers: Told<[DomainName]>
    package let spf: Held<SPFAnalysis>
    /// The SPF record at the domain, where there is exactly one.
    let spfRecord: Held<SPFRecord>?
    /// The selectors given, then the guesses that hit.
    package let dkim: [DKIMEvidence]
    /// The guesses that nobody answered: whether there are such keys is not known.
    package let dkimNotTold: [String]
    package let dmarc: Held<DMARCDiscovery>
    /// The DMARC record that applies, wherever it stands.
    let dmarcRecord: Held<DMARCRecord>?
    /// What a receiver that follows RFC 7489 and the Public Suffix List makes of the domain; nil where there is no list.
    package let legacyDMARC: LegacyDMARC?
    /// What answers at a name below the domain that is not there, or that nobody will have made: asked where `_dmarc` has
    /// TXT records, which may come from a wildcard (RFC 4592).
    package let inventedTXT: Outcome?
    /// For each domain that DMARC reports go to.
    package let reportDestinations: [ReportDestination]
    package let mtaSTS: RecordLookup<MTASTSRecord>
    package let tlsRPT: RecordLookup<TLSRPTRecord>
    /// What SPF makes of each address that the domain's mail is known to leave by.
    package let senders: [SPFEvaluation]
    /// The indicator record of the selector `default`, of the domain or, where it has none, of its organization.
    package let bimi: RecordSearch<BIMIRecord>

    init(
        domain: DomainName,
        publicSuffix: DomainName?,
        existence: Existence,
        mx: Told<[MX]>,
        routing: Routing,
        hosts: [MailHost],
        hostsLeftOut: Int,
        nameServers: Told<[DomainName]>,
        spf: Held<SPFAnalysis>,
        dkim: [DKIMEvidence],
        dkimNotTold: [String],
        dmarc: Held<DMARCDiscovery>,
        legacyDMARC: LegacyDMARC?,
        inventedTXT: Outcome?,
        reportDestinations: [ReportDestination],
        mtaSTS: RecordLookup<MTASTSRecord>,
        tlsRPT: RecordLookup<TLSRPTRecord>,
        senders: [SPFEvaluation],
        bimi: RecordSearch<BIMIRecord>
    ) {
        self.domain = domain
        self.publicSuffix = publicSuffix
        self.existence = existence
        if case .noSuchName = existence { isNowhere = true } else { isNowhere = false }
        self.mx = mx
        self.routing = routing
        self.hosts = hosts
        self.hostsLeftOut = hostsLeftOut
        self.nameServers = nameServers
        self.spf = spf
        spfRecord = spf.value.status.value.map { Held($0) }
        self.dkim = dkim
        self.dkimNotTold = dkimNotTold
        self.dmarc = dmarc
        dmarcRecord = dmarc.value.record.map { Held($0) }
        self.legacyDMARC = legacyDMARC
        self.inventedTXT = inventedTXT
        self.reportDestinations = reportDestinations
        self.mtaSTS = mtaSTS
        self.tlsRPT = tlsRPT
        self.senders = senders
        self.bimi = bimi
    }

    /// Whether the domain is there at all (RFC 8020).
    package enum Existence: Hashable, Sendable {
        case exists
        /// NXDOMAIN for the name itself.
        case noSuchName
        case couldNotTell(Unanswered)
    }

    /// Where the domain's mail goes (RFC 5321 §5.1).
    package enum Routing: Hashable, Sendable {
        /// By MX records, none of them null.
        case hosts
        /// The one record is a null MX: the domain takes no mail (RFC 7505).
        case null
        /// A null MX beside others: nonsense that RFC 7505 §3 forbids.
        case nullMixed
        /// No MX, but an address: the domain is its own mail host.
        case implicit
        /// No MX and no address, or no such name: mail cannot be delivered.
        case none
        case couldNotTell(Unanswered)
    }

    /// No more sender addresses than these are evaluated.
    package static let maximumSenders = 100
    /// No more hosts than these are looked at: a record set of a thousand would make us a nuisance.
    package static let maximumHosts = 20
}

/// A host that takes mail for the domain.
package struct MailHost: Sendable {
    /// One for each MX record that names it; empty for an implicit MX.
    package let preferences: [UInt16]
    private let facts: Facts

    /// What the DNS says of a host, whoever's mail it takes.
    ///
    /// A class: the hosts of a provider take the mail of all its customers.
    final class Facts: Sendable {
        let name: DomainName
        let alias: DomainName?
        let literal: IPAddress?
        let a: Told<[IPv4Address]>
        let aaaa: Told<[IPv6Address]>
        let addresses: [MailAddress]
        let spf: RecordLookup<SPFRecord>?
        let rendition = Rendition()

        init(
            name: DomainName, alias: DomainName?, literal: IPAddress?, a: Told<[IPv4Address]>,
            aaaa: Told<[IPv6Address]>, addresses: [MailAddress], spf: RecordLookup<SPFRecord>?
        ) {
            self.name = name
            self.alias = alias
            self.literal = literal
            self.a = a
            self.aaaa = aaaa
            self.addresses = addresses
            self.spf = spf
        }
    }

    init(_ facts: Facts, _ preferences: [UInt16]) {
        self.facts = facts
        self.preferences = preferences
    }

    package var name: DomainName { facts.name }
    /// The name at the end of its CNAME chain, where the name is an alias (RFC 2181 §10.3 forbids that).
    package var alias: DomainName? { facts.alias }
    /// The address that was written where a name belongs: `MX 10 192.0.2.1.`
    package var literal: IPAddress? { facts.literal }
    package var a: Told<[IPv4Address]> { facts.a }
    package var aaaa: Told<[IPv6Address]> { facts.aaaa }
    /// IPv4 first, each family in ascending order, each once; at most ``maximumAddresses``.
    package var addresses: [MailAddress] { facts.addresses }
    /// Its own SPF record; nil for a host outside the domain, or the domain itself.
    package var spf: RecordLookup<SPFRecord>? { facts.spf }
    /// Its addresses as they are written.
    package var rendition: Rendition { @inline(__always) _read { yield facts.rendition } }

    /// Of both families together; more are left out.
    package static let maximumAddresses = 16
}

/// An address of a mail host, and what its reverse zone says.
///
/// A class, as all rules on addresses read it and none changes it.
package final class MailAddress: Sendable {
    package let address: IPAddress
    package let ptr: Told<[DomainName]>
    /// The names of its PTR records, in canonical order; at most ``maximumNames`` (RFC 8601 §3: a limit is due).
    package let names: [ReverseName]
    /// Its names as they are written.
    package let rendition = Rendition()

    init(address: IPAddress, ptr: Told<[DomainName]>, names: [ReverseName]) {
        self.address = address
        self.ptr = ptr
        self.names = names
    }

    /// More names of one address are left out.
    package static let maximumNames = 10

    /// Whether at least one name leads back (RFC 8601 §3, "iprev"). `couldNotTell` where no name does and some could
    /// not be asked.
    package var forwardConfirmed: ReverseName.Confirmation {
        if let why = ptr.unanswered { return .couldNotTell(why) }
        if names.contains(where: { $0.confirmation == .yes }) { return .yes }
        for name in names { if case .couldNotTell = name.confirmation { return name.confirmation } }
        return .no
    }
}

/// A name that a PTR record gives an address.
package struct ReverseName: Hashable, Sendable {
    /// Whether the name leads back to the address.
    package enum Confirmation: Hashable, Sendable {
        case yes, no
        case couldNotTell(Unanswered)
    }

    package var name: DomainName
    /// Whether the name resolves back to the address, asked in the address's own family.
    package var confirmation: Confirmation
}

extension DomainEvidence {
    /// Gathers what is known of `domain`; what is not known yet becomes wanted.
    /// - Parameters:
    ///   - selectors: DKIM selectors known to be in use.
    ///   - senders: Addresses that the domain's mail is known to leave by.
    ///   - guesses: selectors that are tried besides.
    ///   - publicSuffix: what the domain stands under by the Public Suffix List; nil where there is no list.
    package static func gather(
        _ domain: DomainName, selectors: [String], senders: [IPAddress] = [],
        guesses: [String] = DKIMKeyLookup.guesses, publicSuffix: DomainName? = nil, asking dns: inout Knowledge
    ) -> DomainEvidence {
        var gathering = DomainGathering(
            domain, selectors: selectors, senders: senders, guesses: guesses, publicSuffix: publicSuffix)
        return gathering.evidence(asking: &dns)
    }

    static func inventedTXT(beside dmarc: DMARCDiscovery, asking dns: inout Knowledge) -> Outcome? {
        guard let own = dmarc.walk.first, own.lookup.value != nil || !own.others.isEmpty,
            let name = try? dmarc.domain.prepending("_mailsonde-wildcard-test")
        else { return nil }
        // A name beside `_dmarc` that is not there is as good: a wildcard would have answered for it (RFC 4592 §3.3.1).
        // MTA-STS asks for this one in any case.
        if let other = try? dmarc.domain.prepending("_mta-sts") {
            let outcome = dns.outcome(other, .txt)
            if case .success(let answer) = outcome, answer.kind == .noSuchName, answer.aliases.isEmpty {
                return outcome
            }
        }
        return dns.outcome(name, .txt)
    }

    /// The draft on BIMI, §7.2: of the author's domain, otherwise of its organization.
    static func bimi(
        of domain: DomainName, _ organization: DomainName?, asking dns: inout Knowledge
    ) -> RecordSearch<BIMIRecord> {
        let own = BIMIRecord.look(for: domain, asking: &dns)
        switch own.lookup {
        case .none, .noSuchName:
            guard let organization, organization != domain else { return own }
            return BIMIRecord.look(for: organization, asking: &dns)
        case .found, .multiple, .couldNotTell: return own
        }
    }

    /// One answer of any kind for the name itself is enough. NXDOMAIN behind an alias is about the alias's end.
    static func existence(_ outcomes: Outcome...) -> Existence {
        var unanswered: Unanswered?
        var missing = false
        for outcome in outcomes {
            switch outcome {
            case .failure(let why): unanswered = unanswered ?? why
            case .success(let answer) where answer.kind == .noSuchName && answer.aliases.isEmpty: missing = true
            case .success: return .exists
            }
        }
        if missing { return .noSuchName }
        return .couldNotTell(unanswered ?? Unanswered(.notAsked))
    }

    static func preferredFirst(_ a: MX, _ b: MX) -> Bool {
        a.preference != b.preference ? a.preference < b.preference : a.exchange < b.exchange
    }

    /// RFC 5321 §5.1, RFC 7505 §3.
    static func route(
        _ domain: DomainName, _ mx: Told<[MX]>, asking dns: inout Knowledge
    ) -> (Routing, [(name: DomainName, preferences: [UInt16])]) {
        switch mx {
        case .couldNotTell(let why): return (.couldNotTell(why), [])
        case .noSuchName: return (.none, [])
        case .records(let records):
            var hosts: [(name: DomainName, preferences: [UInt16])] = []
            // An answer may hold thousands of them: then none is searched for.
            var places: [DomainName: Int] = [:]
            let isLong = records.count > 8
            for record in records where !record.isNull {
                let place = isLong ? places[record.exchange] : hosts.firstIndex { $0.name == record.exchange }
                if let place {
                    hosts[place].preferences.append(record.preference)
                } else {
                    if isLong { places[record.exchange] = hosts.count }
                    hosts.append((record.exchange, [record.preference]))
                }
            }
            if hosts.isEmpty { return (.null, []) }
            return (records.contains(where: \.isNull) ? .nullMixed : .hosts, hosts)
        case .noData:
            // Without MX the domain is its own mail host, if it has an address.
            let a = dns.outcome(domain, .a), aaaa = dns.outcome(domain, .aaaa)
            let outcomes = [a, aaaa]
            if outcomes.contains(where: { (try? $0.get())?.kind == .records }) { return (.implicit, [(domain, [])]) }
            for case .failure(let why) in outcomes { return (.couldNotTell(why), []) }
            return (.none, [])
        }
    }
}

extension MailHost.Facts {
    /// - Parameter isOwn: whether it stands in the domain, below its top: then its own SPF record is looked for.
    static func gather(_ name: DomainName, isOwn: Bool, asking dns: inout Knowledge) -> MailHost.Facts {
        let aOutcome = dns.outcome(name, .a), aaaaOutcome = dns.outcome(name, .aaaa)
        let a = Told(aOutcome) { data -> IPv4Address? in if case .a(let address) = data { address } else { nil } }
        let aaaa = Told(aaaaOutcome) { data -> IPv6Address? in
            if case .aaaa(let address) = data { address } else { nil }
        }
        let v4 = (a.value ?? []).inOrderOnce { $0.value < $1.value }.map(IPAddress.v4)
        let v6 = (aaaa.value ?? []).inOrderOnce { ($0.high, $0.low) < ($1.high, $1.low) }.map(IPAddress.v6)
        // Both families get their share where there are too many.
        let maximum = MailHost.maximumAddresses
        let kept4 = v4.prefix(maximum - min(v6.count, maximum / 2))
        let kept6 = v6.prefix(maximum - kept4.count)
        let alias = [aOutcome, aaaaOutcome].lazy.compactMap { try? $0.get().canonicalName }.first
        return MailHost.Facts(
            name: name, alias: alias, literal: name.looksLikeAddress ? IPAddress(name.description) : nil, a: a,
            aaaa: aaaa, addresses: (kept4 + kept6).map { MailAddress.gather($0, asking: &dns) },
            spf: isOwn ? SPFRecord.look(at: name, asking: &dns) : nil)
    }
}

extension Array where Element: Hashable {
    /// In order, each once. Most lists are of one.
    fileprivate func inOrderOnce(by isBefore: (Element, Element) -> Bool) -> [Element] {
        count < 2 ? self : Set(self).sorted(by: isBefore)
    }
}

extension DomainName {
    /// Whether the text of the name may be that of an address: it ends in a digit or has a colon.
    fileprivate var looksLikeAddress: Bool {
        let octets = wire.dropLast()
        return octets.last.map { (48...57).contains($0) } ?? false || octets.contains(UInt8(ascii: ":"))
    }
}

extension MailAddress {
    /// Asks for the names of an address, and whether they lead back to it.
    package static func gather(_ address: IPAddress, asking dns: inout Knowledge) -> MailAddress {
        let ptr = Told(dns.outcome(address.reverseName, .ptr)) { data -> DomainName? in
            if case .ptr(let name) = data { name } else { nil }
        }.map { $0.inOrderOnce(by: <) }
        let names = (ptr.value ?? []).prefix(maximumNames).map { name in
            ReverseName(name: name, confirmation: confirm(name, address, asking: &dns))
        }
        return MailAddress(address: address, ptr: ptr, names: names)
    }

    /// RFC 8601 §3: the name is asked in the address's own family.
    private static func confirm(
        _ name: DomainName, _ address: IPAddress, asking dns: inout Knowledge
    ) -> ReverseName.Confirmation {
        let type: RecordType = address.family == .ipv4 ? .a : .aaaa
        switch dns.outcome(name, type) {
        case .failure(let why): return .couldNotTell(why)
        case .success(let answer):
            let back = answer.records.contains { record in
                switch (record.data, address) {
                case (.a(let x), .v4(let y)): x == y
                case (.aaaa(let x), .v6(let y)): x == y
                default: false
                }
            }
            return back ? .yes : .no
        }
    }
}
