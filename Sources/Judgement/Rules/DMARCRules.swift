internal import DNS
import DNS
import Mail

/// Where receivers find what they shall do with forgeries, and what stands there besides: `checks/dmarc` (RFC 9989).
enum DMARCRules {
    static let all: [Rule] =
        [exists, version, multiple, misplaced, unrelatedText, alias, wildcard, walkDiffers, shadowed, publicSuffix]
        + DMARCPolicyRules.all + DMARCReportRules.all + DMARCMessageRules.all

    static let exists = Rule.onDomain("dmarc.exists") { domain in
        switch domain.dmarc.status {
        case .found: return .passes
        case .multipleAtOwnName: return .passes
        case .couldNotTell(let why): return .cannotTell(domain.dmarcFailure(why))
        case .none:
            let policy = domain.takesNoMail ? "reject" : "none"
            let others = domain.dmarc.walk.first?.others ?? []
            let lookalike = others.first { $0.lowercased().holds("dmarc") }
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

    // RFC 9989 §4.7: the version must match precisely and stand first, otherwise the whole record is ignored.
    static let version = Rule.onDomain("dmarc.version") { domain in
        guard let own = domain.dmarc.walk.first else { return .doesNotApply("there is no name to look at") }
        if let why = own.lookup.unanswered { return .cannotTell(domain.dmarcFailure(why)) }
        guard let text = own.others.first(where: DMARCRecord.isNearMiss) else { return .passes }
        let problem = DMARCRecord(text: text).problems.first { $0.code == .badVersion || $0.code == .badOrder }
        return .finds(
            Found(
                "What stands at _dmarc.\(domain.domain) was meant to be a DMARC record and is none: "
                    + "\(problem?.message ?? "it does not begin with “v=DMARC1”") (\(quoted(text))).",
                detail: [.init("record", .string(String(text.prefix(1000))))],
                remedy: "Let the record at `_dmarc.\(domain.domain).` begin with exactly `v=DMARC1;`."))
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

    static let unrelatedText = Rule.onDomain("dmarc.unrelated-text") { domain in
        guard let own = domain.dmarc.walk.first else { return .doesNotApply("there is no name to look at") }
        if let why = own.lookup.unanswered { return .cannotTell(domain.dmarcFailure(why)) }
        let others = own.others.filter { !DMARCRecord.isNearMiss($0) }
        guard let first = others.first else { return .passes }
        let isSPF = first.prefix(6).lowercased() == "v=spf1"
        return .finds(
            Found(
                "\(count(others.count, "TXT record")) at _dmarc.\(domain.domain) "
                    + "\(others.count == 1 ? "is" : "are") no DMARC record\(isSPF ? " but an SPF record" : ""): "
                    + "\(quoted(first)).",
                detail: [.init("records", .strings(others))],
                remedy: "Remove what does not begin with `v=DMARC1` from `_dmarc.\(domain.domain).`"
                    + (isSPF ? "; an SPF record belongs at `\(domain.domain).`" : "")))
    }

    // RFC 1034 §3.6.2: an alias is followed; DMARC has no objection.
    static let alias = Rule.onDomain("dmarc.alias") { domain in
        guard let own = domain.dmarc.walk.first else { return .doesNotApply("there is no name to look at") }
        if let why = own.lookup.unanswered { return .cannotTell(domain.dmarcFailure(why)) }
        guard let target = own.canonicalName else { return .passes }
        let isDangling = own.lookup == .noSuchName
        let isEmpty = own.lookup == .none
        return .finds(
            Found(
                "_dmarc.\(domain.domain) is an alias of \(target)"
                    + (isDangling
                        ? ", which does not exist: whoever registers that name sets the policy."
                        : isEmpty ? ", where no DMARC record stands." : ": whoever runs that name sets the policy."),
                detail: [.init("target", .string(target.description)), .init("dangling", .bool(isDangling))],
                severity: isDangling || isEmpty ? .warning : nil,
                remedy: isDangling || isEmpty
                    ? "Put a DMARC record at `\(target).`, or one of your own at `_dmarc.\(domain.domain).` instead."
                    : nil))
    }

    // RFC 4592
    static let wildcard = Rule.onDomain("dmarc.wildcard") { domain in
        guard let own = domain.dmarc.walk.first else { return .doesNotApply("there is no name to look at") }
        if let why = own.lookup.unanswered { return .cannotTell(domain.dmarcFailure(why)) }
        guard let invented = domain.inventedTXT else { return .doesNotApply("no TXT record stands at _dmarc") }
        switch invented {
        case .failure(let why):
            let name = (try? domain.domain.prepending("_mailsonde-wildcard-test")) ?? domain.domain
            return .cannotTell(Failure(why, asking: Question(name, .txt)))
        case .success(let answer):
            let texts = answer.records.compactMap { record -> String? in
                if case .txt(let txt) = record.data { txt.text } else { nil }
            }
            var there = own.others
            if let record = own.lookup.value { there.append(record.text) }
            guard let same = texts.first(where: there.contains) else { return .passes }
            return .finds(
                Found(
                    "What stands at _dmarc.\(domain.domain) comes from a wildcard that answers for every name: "
                        + "\(quoted(same)).",
                    detail: [.init("record", .string(String(same.prefix(1000))))],
                    remedy: "Publish the record at `_dmarc.\(domain.domain).` itself, and take it out of the wildcard "
                        + "`*.\(domain.domain).`"))
        }
    }

    // RFC 9989 §C.3 and RFC 7489 §3.2: two ways to find the organization.
    static let walkDiffers = Rule.onDomain("dmarc.walk-differs") { domain in
        guard let legacy = domain.legacyDMARC else {
            return .doesNotApply("there is no Public Suffix List on this system (Debian’s package publicsuffix has it)")
        }
        if case .couldNotTell(let why) = domain.dmarc.status { return .cannotTell(domain.dmarcFailure(why)) }
        guard let differs = legacy.differs(from: domain.dmarc.value) else {
            if legacy.agreesOnPolicy(with: domain.dmarc.value) {
                return .doesNotApply("both find the same policy; names above \(domain.domain) did not tell more")
            }
            let why = legacy.unanswered ?? domain.dmarc.walk.lazy.compactMap(\.lookup.unanswered).first
            return .cannotTell(domain.dmarcFailure(why ?? Unanswered(.notAsked)))
        }
        if !differs { return .passes }
        let new = domain.dmarc
        func words(_ policy: DMARCRecord.Policy?, _ at: DomainName?, _ organization: DomainName?) -> String {
            let found = policy.flatMap { policy in at.map { "policy \(policy.rawValue) from \($0)" } } ?? "no policy"
            return found + (policy == nil ? "" : organization.map { ", organization \($0)" } ?? "")
        }
        return .finds(
            Found(
                "Receivers come to different verdicts on \(domain.domain): by RFC 9989 "
                    + "\(words(new.policy, new.recordDomain, new.organizationalDomain)); by RFC 7489 and the Public Suffix "
                    + "List \(words(legacy.policy, legacy.recordDomain, legacy.organizationalDomain)).",
                detail: [
                    .init("rfc9989", facts(new.policy, new.recordDomain, new.organizationalDomain)),
                    .init("rfc7489", facts(legacy.policy, legacy.recordDomain, legacy.organizationalDomain)),
                ],
                remedy: "Publish a record at `_dmarc.\(legacy.organizationalDomain).`, and one at "
                    + "`_dmarc.\(domain.domain).` where its policy shall be another."))
    }

    private static func facts(
        _ policy: DMARCRecord.Policy?, _ at: DomainName?, _ organization: DomainName?
    ) -> JSON {
        [
            "policy": policy.map { .string($0.rawValue) } ?? .null,
            "domain": at.map { .string($0.description) } ?? .null,
            "organizational_domain": organization.map { .string($0.description) } ?? .null,
        ]
    }

    // RFC 9989 §4.10.1: the own record, otherwise that of the organization. What lies between does not count, and an own
    // record takes the place of the organization's with all that it says of sub-domains.
    static let shadowed = onRecord("dmarc.shadowed") { record, at, domain in
        let between = domain.dmarc.walk.filter { step in
            step.domain != domain.domain && step.domain != at && step.domain.isWithin(at) && step.lookup.value != nil
        }
        if let step = between.first, domain.dmarc.source != .own {
            return .finds(
                Found(
                    "The DMARC record of \(step.domain) does not apply to \(domain.domain): that of \(at) does.",
                    detail: [.init("ignored", .string(step.domain.description)), .init("applies", .string("\(at)"))],
                    remedy:
                        "Publish a record at `_dmarc.\(domain.domain).`, or add `psd=n` to that of \(step.domain) so "
                        + "that it is an organization of its own."))
        }
        guard domain.dmarc.source == .own, let organization = domain.dmarc.organizationalDomain,
            organization != domain.domain,
            let above = domain.dmarc.walk.first(where: { $0.domain == organization })?.lookup.value,
            let inherited = above.effectivePolicy.map({ above.subdomainPolicy ?? $0 }), let own = domain.dmarc.policy
        else { return .passes }
        guard own < inherited else { return .passes }
        return .finds(
            Found(
                "\(domain.domain) has a DMARC record of its own with the policy \(own.rawValue); without it, "
                    + "\(inherited.rawValue) of \(organization) would apply.",
                detail: [.init("own", .string(own.rawValue)), .init("inherited", .string(inherited.rawValue))],
                remedy: "Remove the record at `_dmarc.\(domain.domain).`, or give it `p=\(inherited.rawValue)`."))
    }

    // RFC 9989 §4.7: "psd=y" is for those who register names for others.
    static let publicSuffix = onRecord("dmarc.psd") { _, _, domain in
        let marked = domain.dmarc.walk.first { $0.lookup.value?.publicSuffix == .yes }
        guard let marked else { return .passes }
        guard let suffix = domain.publicSuffix else {
            return .doesNotApply("there is no Public Suffix List on this system to compare with")
        }
        let isSuffix = marked.domain.labelCount <= suffix.labelCount || domain.domain.labelCount == 1
        if isSuffix { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(marked.domain) says `psd=y`, that names below it belong to others; the Public Suffix "
                    + "List has it under \(suffix).",
                detail: [.init("domain", .string(marked.domain.description)), .init("suffix", .string("\(suffix)"))],
                remedy: "Remove `psd=y` from the record at `_dmarc.\(marked.domain).`"))
    }

    /// On the record that applies, wherever it stands.
    static func onRecord(
        _ identifier: String, _ verdict: @escaping @Sendable (Held<DMARCRecord>, DomainName, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule.onDomain(identifier) { domain in
            if let record = domain.dmarcRecord {
                return verdict(record, domain.dmarc.recordDomain ?? domain.domain, domain)
            }
            return switch domain.dmarc.status {
            case .found(let record, let at): verdict(Held(record), at, domain)
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
