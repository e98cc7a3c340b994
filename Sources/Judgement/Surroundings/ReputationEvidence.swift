package import DNS
internal import Mail

/// What block lists and allow lists say of those who take and send a domain's mail, and of the domain.
///
/// A list is believed that passes its self-test; the others are kept with what is the matter with them. Addresses that
/// are not of the Internet are not asked for.
package struct ReputationEvidence: Sendable {
    package struct List: Sendable {
        package var list: BlockList
        package var health: BlockListHealth
    }

    /// An entry in a list.
    package struct Listing: Hashable, Sendable {
        package var list: BlockList
        package var codes: [IPv4Address]
        /// What the list says about the entry in its TXT record; outside text.
        package var reason: String?
    }

    /// Who was asked for.
    package struct Asked: Sendable {
        package enum Party: Hashable, Sendable {
            /// An address of a mail host.
            case host(IPAddress, of: DomainName)
            /// An address that mail leaves by.
            case sender(IPAddress, SendingAddress.Ground)
            case domain(DomainName)
        }

        package var party: Party
        package var listings: [Listing] = []
        /// Lists of good ones that have an entry.
        package var recommendations: [Listing] = []
        /// Lists of bad ones that answered.
        package var answers = 0
        /// Those that did not, with why.
        package var silent: [(list: BlockList, why: Unanswered)] = []
    }

    package var lists: [List] = []
    package var asked: [Asked] = []
    /// How many addresses there were beyond ``maximumAddresses``.
    package var leftOut = 0

    /// Addresses that are asked for.
    package static let maximumAddresses = 48
    /// Characters that are kept of a reason.
    package static let maximumReason = 300

    /// Puts the lists to their tests and asks those that pass; what is not known yet becomes wanted.
    package static func gather(
        _ domain: DomainEvidence, sending: [SendingAddress], lists: [BlockList], asking dns: inout Knowledge
    ) -> ReputationEvidence {
        var found = ReputationEvidence()
        if lists.isEmpty || domain.existence == .noSuchName { return found }
        var parties = addresses(of: domain, sending)
        found.leftOut = max(0, parties.count - maximumAddresses)
        parties = Array(parties.prefix(maximumAddresses)) + domains(of: domain)
        let wanted = Set(parties.compactMap(\.coverage))
        found.lists = lists.prefix(BlockList.maximumLists).map { list in
            List(list: list, health: list.health(for: wanted, asking: &dns))
        }
        found.asked = parties.map { ask(for: $0, found.lists, asking: &dns) }
        return found
    }

    private static func addresses(of domain: DomainEvidence, _ sending: [SendingAddress]) -> [Asked.Party] {
        var seen: Set<IPAddress> = []
        let hosts = domain.hosts.flatMap { host in
            host.addresses.map { Asked.Party.host($0.address, of: host.name) }
        }
        return (hosts + sending.map { .sender($0.address.address, $0.ground) }).filter { party in
            party.address.map { $0.canBeListed && seen.insert($0).inserted } ?? false
        }
    }

    /// The domain, and the one it was registered as: lists hold that.
    private static func domains(of domain: DomainEvidence) -> [Asked.Party] {
        var names = [domain.domain]
        if let organization = domain.dmarc.organizationalDomain { names.append(organization) }
        if let suffix = domain.publicSuffix, domain.domain.labelCount > suffix.labelCount {
            names.append(domain.domain.suffix(suffix.labelCount + 1))
        }
        var seen: Set<DomainName> = []
        return names.filter { $0.labelCount >= 2 && seen.insert($0).inserted }.map(Asked.Party.domain)
    }

    private static func ask(for party: Asked.Party, _ lists: [List], asking dns: inout Knowledge) -> Asked {
        var asked = Asked(party: party)
        for list in lists {
            guard let coverage = party.coverage, list.health.covers.contains(coverage),
                let name = party.entryName(in: list.list)
            else { continue }
            switch list.list.entry(in: dns.outcome(name, .a)) {
            case .none: if !list.list.allows { asked.answers += 1 }
            case .listed(let codes):
                let listing = Listing(list: list.list, codes: codes, reason: reason(dns.outcome(name, .txt)))
                if list.list.allows {
                    asked.recommendations.append(listing)
                } else {
                    asked.answers += 1
                    asked.listings.append(listing)
                }
            case .refused(let code):
                asked.silent.append((list.list, Unanswered(.refused, detail: "the list answers \(code)")))
            case .nonsense:
                asked.silent.append((list.list, Unanswered(.malformed)))
            case .couldNotTell(let why): asked.silent.append((list.list, why))
            }
        }
        return asked
    }

    /// RFC 5782 §2.1: a TXT record may say why.
    private static func reason(_ outcome: Outcome) -> String? {
        for record in (try? outcome.get())?.records ?? [] {
            guard case .txt(let txt) = record.data else { continue }
            let text = String(txt.text.prefix(maximumReason))
            if !text.isEmpty { return text }
        }
        return nil
    }
}

extension ReputationEvidence.Asked.Party {
    package var address: IPAddress? {
        switch self {
        case .host(let address, _), .sender(let address, _): address
        case .domain: nil
        }
    }

    /// What a list must have entries for to be asked.
    var coverage: BlockListHealth.Coverage? {
        guard let address else { return .domains }
        return address.family == .ipv4 ? .ipv4 : .ipv6
    }

    func entryName(in list: BlockList) -> DomainName? {
        switch self {
        case .host(let address, _), .sender(let address, _): list.name(of: address)
        case .domain(let domain): list.name(of: domain)
        }
    }
}

extension IPAddress {
    /// Whether a list can have an entry for it: whether it may be one machine's on the Internet. Addresses set aside
    /// for documentation count as such, as they stand for any.
    var canBeListed: Bool { specialPurpose == nil || specialPurpose == .documentation }
}
