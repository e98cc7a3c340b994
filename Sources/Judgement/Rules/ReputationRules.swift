import DNS

/// What block lists say: `checks/reputation`. A list that fails its self-test, or refuses this resolver, says nothing of
/// anybody: then the check does not apply, and the evidence says what is the matter with the list.
enum ReputationRules {
    static let all: [Rule] = [addressListed, domainListed]

    static let addressListed = onParties("reputation.address-listed", { $0.address != nil }) { asked, domain in
        let listings = asked.listings
        guard let address = asked.party.address, !listings.isEmpty else { return nil }
        return Found(
            "\(address)\(role(asked.party)) is on \(count(listings.count, "block list")): "
                + "\(list(listings.map(words), limit: 3)).",
            detail: [.init("address", .string(address.description)), .init("listings", json(listings))],
            severity: severity(of: asked, domain), remedy: remedy(listings, "\(address)"))
    }

    static let domainListed = onParties("reputation.domain-listed", { $0.address == nil }) { asked, _ in
        guard case .domain(let name) = asked.party, !asked.listings.isEmpty else { return nil }
        let listings = asked.listings
        return Found(
            "\(name) is on \(count(listings.count, "block list")): \(list(listings.map(words), limit: 3)).",
            detail: [.init("domain", .string(name.description)), .init("listings", json(listings))],
            severity: listings.allSatisfy(\.isMild) ? .warning : nil, remedy: remedy(listings, "\(name)"))
    }

    /// Whose mail is refused: that of an address that sends. A host that only receives hardly suffers.
    private static func severity(of asked: ReputationEvidence.Asked, _ domain: DomainEvidence) -> Severity? {
        switch asked.party {
        case .host(let address, _):
            if domain.namesAsSender(address) { return nil }
            return asked.listings.allSatisfy(\.isForDirectMail) ? .notice : .warning
        case .sender(_, .given), .sender(_, .named): return nil
        case .sender(_, .range), .sender(_, .host):
            return asked.listings.allSatisfy(\.isForDirectMail) ? .notice : .warning
        case .domain: return nil
        }
    }

    private static func role(_ party: ReputationEvidence.Asked.Party) -> String {
        switch party {
        case .host(_, let host): ", an address of \(host),"
        case .sender(_, .given): ", by which mail leaves,"
        case .sender(_, .named), .sender(_, .range): ", which the SPF record names,"
        case .sender(_, .host): ", which the SPF record names by its host,"
        case .domain: ""
        }
    }

    private static func words(_ listing: ReputationEvidence.Listing) -> String {
        let meanings = listing.codes.compactMap(listing.list.meaning)
        let codes = list(listing.codes.map(\.description), limit: 2)
        let meaning = meanings.isEmpty ? codes : list(meanings, limit: 2)
        return "\(listing.list.zone) (\(meaning)\(listing.reason.map { "; it says \(quoted($0, limit: 90))" } ?? ""))"
    }

    private static func json(_ listings: [ReputationEvidence.Listing]) -> JSON {
        .array(
            listings.map { listing in
                [
                    "list": .string(listing.list.zone.description),
                    "codes": .strings(listing.codes.map(\.description)),
                    "reason": listing.reason.map { .string($0) } ?? nil,
                ]
            })
    }

    private static func remedy(_ listings: [ReputationEvidence.Listing], _ who: String) -> String {
        let places = listings.map { listing in
            listing.list.removal.isEmpty ? "the operator of \(listing.list.zone)" : listing.list.removal
        }
        return "Find out what was sent and stop it first (a taken-over account, a forwarder, a web form); then ask for "
            + "\(who) to be removed at \(list(Array(Set(places)).sorted(), limit: 4))."
    }

    /// On each party of one sort that was asked for.
    private static func onParties(
        _ identifier: String, _ belongs: @escaping @Sendable (ReputationEvidence.Asked.Party) -> Bool,
        _ found: @escaping @Sendable (ReputationEvidence.Asked, DomainEvidence) -> Found?
    ) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            guard let reputation = evidence.surroundings?.reputation, !reputation.lists.isEmpty else {
                return [Rule.inapplicable("no block list was asked", evidence)]
            }
            let parties = reputation.asked.filter { belongs($0.party) }
            if parties.isEmpty {
                return [Rule.inapplicable("there is no address of the Internet to ask for", evidence)]
            }
            return parties.map { asked in
                let verdict: Verdict
                if let found = found(asked, domain) {
                    verdict = .finds(found)
                } else if asked.answers > 0 {
                    verdict = .passes
                } else if let (list, why) = asked.silent.first(where: { !$0.list.allows }) {
                    let name = asked.party.entryName(in: list) ?? list.zone
                    verdict = .cannotTell(Failure(why, asking: Question(name, .a)))
                } else {
                    verdict = .doesNotApply(reputation.whyNoneIsOfUse)
                }
                return Ruling(asked.party.subject(in: domain), verdict)
            }
        }
    }
}

extension ReputationEvidence.Asked.Party {
    fileprivate func subject(in domain: DomainEvidence) -> Subject {
        switch self {
        case .host(let address, let host): .address(address, of: host)
        case .sender(let address, _): .address(address, of: domain.domain)
        case .domain(let name): .domain(name)
        }
    }
}

extension ReputationEvidence.Listing {
    /// Whether the entry says no more than that the address is not meant to send mail directly.
    fileprivate var isForDirectMail: Bool {
        let meanings = codes.map { list.meaning(of: $0) }
        return meanings.allSatisfy { $0?.hasPrefix("PBL") == true }
    }

    /// Whether the entry does not call the domain itself bad.
    fileprivate var isMild: Bool {
        let meanings = codes.map { list.meaning(of: $0) }
        return meanings.allSatisfy { ["good domain, abused", "grey", "red", "cracked site"].contains($0) }
    }
}

extension ReputationEvidence {
    /// What is the matter with the lists, none of which could be believed.
    fileprivate var whyNoneIsOfUse: String {
        let problems = lists.filter { !$0.list.allows }.compactMap { list in
            list.health.problem.map { "\(list.list.zone): \($0.sentence)" }
        }
        return problems.first.map { first in
            "no block list could be used; \(first)" + (problems.count > 1 ? "; and \(problems.count - 1) more" : "")
        } ?? "no block list has entries of that kind"
    }
}
