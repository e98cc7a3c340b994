import DNS
import Mail

/// What receivers shall do with forgeries: `checks/dmarc` (RFC 9989).
enum DMARCRules {
    static let all: [Rule] = [
        exists, multiple, syntax, misplaced, policyNone, subdomainPolicy, noReports, externalReports, removedTags,
        testing, noMail,
    ]

    static let exists = Rule.onDomain("dmarc.exists") { domain in
        switch domain.dmarc.status {
        case .found: return .passes
        case .multipleAtOwnName: return .passes
        case .couldNotTell(let why): return .cannotTell(domain.dmarcFailure(why))
        case .none:
            let policy = domain.takesNoMail ? "reject" : "none"
            let others = domain.dmarc.walk.first?.others ?? []
            let lookalike = others.first { $0.lowercased().contains("dmarc") }
            return .finds(
                Found(
                    "\(domain.domain) has no DMARC record"
                        + (domain.dmarc.walk.count > 1 ? ", nor has a domain above it" : "")
                        + (lookalike.map { "; what stands at _dmarc.\(domain.domain) is none: \(quoted($0))" } ?? "")
                        + ".",
                    detail: [.init("asked", .strings(domain.dmarc.walk.map { "_dmarc.\($0.domain)" }))],
                    remedy: "Publish `_dmarc.\(domain.domain). TXT \"v=DMARC1; p=\(policy); "
                        + "rua=mailto:dmarc@\(domain.domain)\"`"
                        + (domain.takesNoMail
                            ? " (with an address of another domain: this one takes no mail)."
                            : ", read the reports, then go to p=quarantine and p=reject.")))
        }
    }

    // RFC 9989 §4.10: several records at one name are all discarded.
    static let multiple = Rule.onDomain("dmarc.multiple") { domain in
        for step in domain.dmarc.walk {
            guard case .multiple(let texts) = step.lookup else { continue }
            return .finds(
                Found(
                    "\(texts.count) DMARC records stand at _dmarc.\(step.domain): receivers use none of them.",
                    detail: [.init("domain", .string(step.domain.description)), .init("records", .strings(texts))],
                    remedy: "Keep one TXT record at `_dmarc.\(step.domain).`"))
        }
        switch domain.dmarc.status {
        case .couldNotTell(let why): return .cannotTell(domain.dmarcFailure(why))
        case .none: return .doesNotApply("there is no DMARC record")
        case .found, .multipleAtOwnName: return .passes
        }
    }

    static let syntax = onRecord("dmarc.syntax") { record, at, _ in
        let errors = record.problems.filter(\.isError)
        if let first = errors.first {
            return .finds(
                Found(
                    "The DMARC record of \(at) has an error: \(first.message) (column \(first.column)).",
                    detail: [
                        .init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems(errors)),
                    ]))
        }
        if record.isUsable { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) has no valid policy and nowhere to report to: receivers ignore it.",
                detail: [.init("record", .string(String(record.text.prefix(1000))))]))
    }

    // RFC 9989 §4.6: the record stands at _dmarc.
    static let misplaced = Rule.onDomain("dmarc.misplaced") { domain in
        if let why = domain.spf.status.unanswered {
            return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        }
        guard let text = domain.spf.otherTexts.first(where: { $0.prefix(8).uppercased() == "V=DMARC1" }) else {
            return .passes
        }
        return .finds(
            Found(
                "A DMARC record stands at \(domain.domain) itself, where nobody looks for it.",
                detail: [.init("record", .string(String(text.prefix(1000))))],
                remedy: "Move the record to `_dmarc.\(domain.domain).`"))
    }

    static let policyNone = onRecord("dmarc.policy-none") { record, at, domain in
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

    static let subdomainPolicy = onRecord("dmarc.subdomain-policy") { record, at, _ in
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

    static let noReports = onRecord("dmarc.no-rua") { record, at, _ in
        guard record.aggregateReports.isEmpty else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) names no address for reports (`rua`): you do not learn who sends in your name.",
                detail: [.init("record", .string(String(record.text.prefix(1000))))],
                remedy: "Add `rua=mailto:dmarc@\(at)` to the record at `_dmarc.\(at).`"))
    }

    // RFC 9990 §4: whoever receives the reports of another domain has to say so.
    static let externalReports = Rule.onDomain("dmarc.external-reports") { domain in
        if case .couldNotTell(let why) = domain.dmarc.status { return .cannotTell(domain.dmarcFailure(why)) }
        guard !domain.reportPermissions.isEmpty else { return .doesNotApply("no reports go to another domain") }
        let refused = domain.reportPermissions.filter { $0.permission.isNone }
        if let first = refused.first {
            return .finds(
                Found(
                    "Reports go to \(list(refused.map(\.destination.description))), which "
                        + "\(refused.count == 1 ? "does" : "do") not say that "
                        + "\(refused.count == 1 ? "it takes" : "they take") them: senders of reports leave it out.",
                    detail: [.init("destinations", .strings(refused.map(\.destination.description)))],
                    remedy: "Have `\(first.name). TXT \"v=DMARC1\"` published by whoever runs \(first.destination), or "
                        + "report to an address of your own domain."))
        }
        for permission in domain.reportPermissions {
            if let why = permission.permission.unanswered {
                return .cannotTell(Failure(why, asking: Question(permission.name, .txt)))
            }
        }
        return .passes
    }

    // RFC 9989 took pct, rf and ri out.
    static let removedTags = onRecord("dmarc.removed-tags") { record, at, _ in
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

    static let testing = onRecord("dmarc.testing") { record, at, domain in
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

    static let noMail = onRecord("dmarc.no-mail") { _, at, domain in
        guard domain.takesNoMail else { return .doesNotApply("the domain takes mail") }
        guard let policy = domain.dmarc.appliedPolicy, policy != .reject else { return .passes }
        return .finds(
            Found(
                "\(domain.domain) takes no mail, yet DMARC does not ask receivers to reject mail in its name "
                    + "(policy \(policy.rawValue)).",
                detail: [.init("policy", .string(policy.rawValue))],
                remedy: "Set `p=reject` in the record at `_dmarc.\(at).`"))
    }

    /// On the record that applies, wherever it stands.
    private static func onRecord(
        _ identifier: String, _ verdict: @escaping @Sendable (DMARCRecord, DomainName, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule.onDomain(identifier) { domain in
            if let record = domain.dmarc.record {
                return verdict(record, domain.dmarc.recordDomain ?? domain.domain, domain)
            }
            return switch domain.dmarc.status {
            case .found(let record, let at): verdict(record, at, domain)
            case .none: .doesNotApply("there is no DMARC record")
            case .multipleAtOwnName: .doesNotApply("there are several DMARC records: see dmarc.multiple")
            case .couldNotTell(let why): .cannotTell(domain.dmarcFailure(why))
            }
        }
    }
}

extension DomainEvidence {
    func dmarcFailure(_ why: Unanswered) -> Failure {
        let step = dmarc.walk.first { $0.lookup.unanswered != nil }
        let name = (try? (step?.domain ?? domain).prepending("_dmarc")) ?? domain
        return Failure(why, asking: Question(name, .txt))
    }
}
