import DNS
import Mail

/// Names below the domain that its records speak of: `checks/domain/unprotected-name.md`. Nobody else's answer about
/// them counts against the domain: what could not be told of one is left out.
enum MentionedNameRules {
    static let all: [Rule] = [unprotected]

    static let unprotected = Rule.ofDomain("domain.unprotected-name") { domain, evidence in
        guard let surroundings = evidence.surroundings else {
            return [Rule.inapplicable("names that the records mention were not looked at", evidence)]
        }
        let rulings = surroundings.mentioned.map { Ruling(.domain($0.name), verdict(on: $0, below: domain)) }
        return rulings.isEmpty
            ? [Rule.inapplicable("the domain's records mention no other name below it", evidence)] : rulings
    }

    private static func verdict(on name: MentionedName, below domain: DomainEvidence) -> Verdict {
        if let weaker = undoes(name, domain) { return .finds(weaker) }
        if name.mx.unanswered != nil { return .doesNotApply("whether \(name.name) takes mail could not be told") }
        guard name.takesMail else { return .doesNotApply("\(name.name) is no name that mail is sent to") }
        switch name.spf {
        case .found, .multiple: return .passes
        case .couldNotTell: return .doesNotApply("the SPF record of \(name.name) could not be asked for")
        case .none, .noSuchName: break
        }
        switch name.dmarc.status {
        case .couldNotTell: return .doesNotApply("the DMARC policy of \(name.name) could not be asked for")
        case .multipleAtOwnName, .none, .found: break
        }
        if let policy = name.dmarc.policy, policy != .none { return .passes }
        return .finds(
            Found(
                "\(name.name), named by \(list(name.mentions.map(\.rawValue))), takes mail and has no SPF record, and no "
                    + "DMARC policy covers it: anybody can write in its name.",
                detail: detail(name),
                remedy:
                    "Publish at `\(name.name).` the SPF record `v=spf1 -all` if no mail leaves by that name, otherwise "
                    + "one with its servers; and give the DMARC record of \(domain.domain) a policy that holds for "
                    + "sub-domains."))
    }

    /// A record of its own that says less than what would hold without it (RFC 9989 §4.10.1).
    private static func undoes(_ name: MentionedName, _ domain: DomainEvidence) -> Found? {
        guard name.dmarc.source == .own, name.dmarc.policy == DMARCRecord.Policy.none, domain.dmarc.source == .own,
            let above = domain.dmarc.record, let policy = above.effectivePolicy,
            (above.subdomainPolicy ?? policy) != .none
        else { return nil }
        let inherited = above.subdomainPolicy ?? policy
        return Found(
            "\(name.name), named by \(list(name.mentions.map(\.rawValue))), has a DMARC record of its own with "
                + "`p=none`; without it, \(inherited.rawValue) of \(domain.domain) would apply.",
            detail: detail(name) + [.init("inherited", .string(inherited.rawValue))],
            remedy: "Remove the record at `_dmarc.\(name.name).`, or give it `p=\(inherited.rawValue)`.")
    }

    private static func detail(_ name: MentionedName) -> [JSON.Member] {
        [
            .init("name", .string(name.name.description)),
            .init("mentioned_by", .strings(name.mentions.map(\.rawValue))),
        ]
    }
}
