import DNS
import Mail

/// What the DMARC record that applies asks receivers for: `checks/dmarc` (RFC 9989 §4.7).
enum DMARCPolicyRules {
    static let all: [Rule] = [
        syntax, noPolicy, tagOrder, policyNone, subdomainPolicy, nonexistent, removedTags, unknownTags, testing, noMail,
    ]

    static let syntax = DMARCRules.onRecord("dmarc.syntax") { record, at, _ in
        // What has a check of its own is left to it.
        let errors = record.problems.filter { $0.isError && $0.code != .badURI && $0.code != .missing }
        guard let first = errors.first else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) has an error: \(first.message) (column \(first.column)).",
                detail: [
                    .init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems(errors)),
                ]))
    }

    // RFC 9989 §4.10.1: none, given a valid "rua"; otherwise the record is not used.
    static let noPolicy = DMARCRules.onRecord("dmarc.no-policy") { record, at, _ in
        guard let missing = record.problems.first(where: { $0.code == .missing }) else { return .passes }
        return .finds(
            Found(
                record.isUsable
                    ? "The DMARC record of \(at) has no policy (`p`): new receivers read `p=none`, old ones nothing."
                    : "The DMARC record of \(at) has no policy (`p`) and nowhere to report to: receivers ignore it.",
                detail: [.init("record", .string(String(record.text.prefix(1000))))],
                severity: missing.isError ? nil : .warning,
                remedy: "Write `v=DMARC1; p=none; …` at `_dmarc.\(at).`, or a stricter policy."))
    }

    // RFC 7489 §6.4 had "p" directly behind "v".
    static let tagOrder = DMARCRules.onRecord("dmarc.tag-order") { record, at, _ in
        guard let problem = record.problems.first(where: { $0.code == .badOrder }) else { return .passes }
        return .finds(
            Found(
                "In the DMARC record of \(at), `p` does not stand directly behind `v=DMARC1` (column \(problem.column)).",
                detail: [.init("record", .string(String(record.text.prefix(1000))))]))
    }

    static let policyNone = DMARCRules.onRecord("dmarc.policy-none") { record, at, domain in
        guard record.isUsable else { return .doesNotApply("the record is ignored: see dmarc.syntax") }
        guard let policy = domain.dmarc.policy else {
            return .cannotTell(Failure(.dnsTimeout, during: .dns, "which policy applies could not be told"))
        }
        guard policy == .none else { return .passes }
        let tag = domain.dmarc.policyTag ?? "p"
        return .finds(
            Found(
                "DMARC asks receivers to do nothing about mail that forges \(domain.domain): `\(tag)=none`"
                    + (at == domain.domain ? "." : " in the record of \(at)."),
                detail: [.init("policy", "none"), .init("tag", .string(tag)), .init("record_at", .string("\(at)"))],
                remedy: "When the reports show that your own mail passes, set `\(tag)=quarantine`, then "
                    + "`\(tag)=reject`, in the record at `_dmarc.\(at).`"))
    }

    static let subdomainPolicy = DMARCRules.onRecord("dmarc.subdomain-policy") { record, at, _ in
        guard let policy = record.policy, policy != .none else {
            return .doesNotApply("the policy of the domain itself asks for nothing")
        }
        let weak = [("sp", record.subdomainPolicy), ("np", record.nonexistentPolicy)].filter {
            $0.1 == DMARCRecord.Policy.none
        }
        guard !weak.isEmpty else { return .passes }
        let tags = weak.map { "`\($0.0)=none`" }
        return .finds(
            Found(
                "\(at) is protected by `p=\(policy.rawValue)`, but its sub-domains are not: \(list(tags)).",
                detail: [.init("p", .string(policy.rawValue)), .init("tags", .strings(weak.map(\.0)))],
                remedy: "Remove \(list(tags)) from the record at `_dmarc.\(at).`: sub-domains then follow `p`."))
    }

    // RFC 9989 §4.7: "np" is for names that do not exist; nobody sends mail from them.
    static let nonexistent = DMARCRules.onRecord("dmarc.nonexistent-subdomains") { record, at, domain in
        guard let policy = record.effectivePolicy else { return .doesNotApply("the record is ignored") }
        // The record of a sub-domain says nothing of names below it, unless it is its own organization.
        if let organization = domain.dmarc.organizationalDomain, organization != at,
            domain.dmarc.source != .publicSuffix
        {
            return .doesNotApply("“np” counts in the record of \(organization)")
        }
        let applies = record.nonexistentPolicy ?? record.subdomainPolicy ?? policy
        if applies == .reject { return .passes }
        if applies == .none, policy != .none { return .doesNotApply("see dmarc.subdomain-policy") }
        let tag = record.nonexistentPolicy != nil ? "np" : record.subdomainPolicy != nil ? "sp" : "p"
        return .finds(
            Found(
                "For names below \(at) that do not exist, the policy is \(applies.rawValue) (by `\(tag)`): forgers invent "
                    + "such names.",
                detail: [.init("policy", .string(applies.rawValue)), .init("tag", .string(tag))],
                remedy:
                    "Add `np=reject` to the record at `_dmarc.\(at).`: no mail of yours comes from names that do not "
                    + "exist."))
    }

    // RFC 9989 took pct, rf and ri out.
    static let removedTags = DMARCRules.onRecord("dmarc.removed-tags") { record, at, _ in
        guard !record.removedTags.isEmpty else { return .passes }
        let tags = record.removedTags.map { "`\($0.prefix(20))`" }
        return .finds(
            Found(
                "The DMARC record of \(at) has \(list(tags)), which "
                    + "\(tags.count == 1 ? "is" : "are") no longer part of DMARC.",
                detail: [.init("tags", .strings(record.removedTags))],
                remedy: "Remove \(list(tags)) from the record at `_dmarc.\(at).`"
                    + (record.removedTags.contains("pct") ? " To go step by step, use `t=y`." : "")))
    }

    static let unknownTags = DMARCRules.onRecord("dmarc.unknown-tags") { record, at, _ in
        let unknown = record.problems.filter { $0.code == .unknownTag }
        guard let first = unknown.first else { return .passes }
        let isTypo = unknown.contains { $0.severity == .warning }
        return .finds(
            Found(
                "The DMARC record of \(at) has \(list(record.unknownTags.map { "`\($0.prefix(20))`" })), which DMARC does "
                    + "not know: \((unknown.first { $0.severity == .warning } ?? first).message).",
                detail: [.init("tags", .strings(record.unknownTags))], severity: isTypo ? .warning : nil))
    }

    static let testing = DMARCRules.onRecord("dmarc.testing") { record, at, domain in
        guard record.isTesting else { return .passes }
        guard let policy = domain.dmarc.policy, policy != .none else {
            return .doesNotApply("the policy asks for nothing anyway")
        }
        return .finds(
            Found(
                "The DMARC record of \(at) says `t=y` (testing): receivers apply \(policy.lowered.rawValue) instead of "
                    + "\(policy.rawValue).",
                detail: [
                    .init("policy", .string(policy.rawValue)), .init("applied", .string(policy.lowered.rawValue)),
                ],
                remedy: "Remove `t=y` from the record at `_dmarc.\(at).` when the reports look right."))
    }

    static let noMail = DMARCRules.onRecord("dmarc.no-mail") { _, at, domain in
        guard domain.takesNoMail else { return .doesNotApply("the domain takes mail") }
        guard let policy = domain.dmarc.appliedPolicy, policy != .reject else { return .passes }
        return .finds(
            Found(
                "\(domain.domain) takes no mail, yet DMARC does not ask receivers to reject mail in its name "
                    + "(policy \(policy.rawValue)).",
                detail: [.init("policy", .string(policy.rawValue))],
                remedy: "Set `p=reject` in the record at `_dmarc.\(at).`"))
    }
}
