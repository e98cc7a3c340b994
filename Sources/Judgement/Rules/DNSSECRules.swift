import DNS
import Mail

/// Signatures of the DNS, validated by ourselves: `checks/dnssec` (RFC 4033 to 4035). Only where it was asked for, in
/// audits; a resolver that leaves signatures out lets nothing be told, and that is no property of the domain.
enum DNSSECRules {
    static let all: [Rule] = [signed, bogus, hosts, expiry, strength, iterations, childKeys]

    static let signed = onDNSSEC("dnssec.signed") { domain, dnssec in
        switch dnssec.mail.security {
        case .secure: .passes
        case .bogus: .doesNotApply("the domain is signed, and not rightly: see dnssec.bogus")
        case .indeterminate: .doesNotApply("whether it has to be signed could not be told: see dnssec.bogus")
        case .insecure where domain.mx.unanswered != nil: .doesNotApply("the domain's name servers do not answer")
        case .insecure where dnssec.mail.isUnchecked: .doesNotApply(dnssec.mail.note ?? "")
        case .insecure:
            .finds(
                Found(
                    "\(domain.domain) is not signed by DNSSEC: \(dnssec.mail.note ?? "its parent has no DS record of it").",
                    remedy: "Sign the zone, and publish its DS record with the registrar."))
        }
    }

    static let bogus = rule("dnssec.bogus") { domain, dnssec in
        let mail = Ruling(.domain(domain.domain), whetherBogus(dnssec.mail, .domain(domain.domain)))
        // A domain that nobody answers for is told of elsewhere; that it is bogus, and why, only here.
        if domain.mx.unanswered != nil {
            if case .finds = mail.verdict { return [mail] }
            return [Ruling(mail.subject, .doesNotApply("the domain's name servers do not answer"))]
        }
        return [mail]
            + dnssec.hosts.map { host in
                let weaker = host.a.security == host.security ? host.a : host.aaaa
                return Ruling(
                    .host(host.name),
                    host.isBelowAnchor
                        ? whetherBogus(weaker, .host(host.name)) : .doesNotApply("there is no trust anchor above it"))
            }
    }

    private static func whetherBogus(_ validated: Validated, _ subject: Subject) -> Verdict {
        switch validated.security {
        case .secure, .insecure: .passes
        case .indeterminate(let why): .cannotTell(failure(why))
        case .bogus(let why):
            .finds(
                Found(
                    "The signed answers of \(subject) do not hold: \(why.prefix(400)).",
                    detail: [.init("reason", .string(String(why.prefix(500))))],
                    remedy: "Sign the zone anew, and compare the DS record at the parent with the keys; "
                        + "`mailsonde dns query \(subject) --dnssec` shows where the chain breaks."))
        }
    }

    // RFC 7672 §2.2.1: without secure addresses of a host there is no DANE for it.
    static let hosts = rule("dnssec.mx-hosts") { domain, dnssec in
        guard case .secure = dnssec.mail.security else {
            return [Ruling(.domain(domain.domain), .doesNotApply("the domain itself is not secure"))]
        }
        if dnssec.hosts.isEmpty { return [Ruling(.domain(domain.domain), .doesNotApply("there are no mail hosts"))] }
        return dnssec.hosts.map { host in
            guard host.isBelowAnchor else {
                return Ruling(.host(host.name), .doesNotApply("there is no trust anchor above it"))
            }
            switch host.security {
            case .secure: return Ruling(.host(host.name), .passes)
            case .bogus: return Ruling(.host(host.name), .doesNotApply("its zone is signed, and not rightly"))
            case .indeterminate(let why): return Ruling(.host(host.name), .cannotTell(failure(why)))
            case .insecure:
                return Ruling(
                    .host(host.name),
                    .finds(
                        Found(
                            "\(domain.domain) is signed, but its mail host \(host.name) is in a zone that is not: nothing "
                                + "protects the way there.",
                            remedy: "Sign the zone of \(host.name), or ask its operator to.")))
            }
        }
    }

    /// Less than this part of its life left, and less than so many days: who renews in time never comes there.
    private static let leastPart = 0.1, leastDays = 7.0

    static let expiry = Rule.ofDomain("dnssec.expiry") { domain, evidence in
        verdicts(domain, evidence) { dnssec in
            guard let first = own(dnssec, of: domain.domain).min(by: { $0.expiration < $1.expiration }) else {
                return .doesNotApply("no signature of the domain was needed")
            }
            let left = first.expiration - evidence.at.secondsSince1970
            let life = first.expiration - first.inception
            guard left < life * leastPart, left < leastDays * 86_400 else { return .passes }
            return .finds(
                Found(
                    "The signature of \(first.name) \(first.type) expires at \(Timestamp(first.expiration)), in "
                        + "\(span(left)), and was not renewed yet.",
                    detail: [.init("expires", .string("\(Timestamp(first.expiration))"))],
                    remedy: "See why the signer of \(first.signer) does not renew its signatures."))
        }
    }

    static let strength = onDNSSEC("dnssec.algorithm") { domain, dnssec in
        var weak: [String] = []
        for weakness in weaknesses(dnssec, of: domain.domain) {
            switch weakness {
            case .sha1Digest(let zone): weak.append("the DS records of \(zone) are of SHA-1 alone")
            case .algorithm(let zone, let number):
                weak.append("\(zone) is signed by \(DNSSEC.algorithmName(number))")
            case .shortKey(let zone, let tag, let bits): weak.append("key \(tag) of \(zone) has only \(bits) bits")
            case .nsec3Iterations: break
            }
        }
        weak = weak.enumerated().filter { !weak[..<$0].contains($1) }.map(\.element)
        guard weak.isEmpty else {
            return .finds(
                Found(
                    "DNSSEC of \(domain.domain) is weaker than it should be: \(list(weak)).",
                    detail: [.init("weak", .strings(weak))]))
        }
        return dnssec.mail.signatures.isEmpty ? .doesNotApply("no signature was checked") : .passes
    }

    // RFC 9276 §3.1.
    static let iterations = onDNSSEC("dnssec.nsec3-iterations") { domain, dnssec in
        for weakness in weaknesses(dnssec, of: domain.domain) {
            guard case .nsec3Iterations(let zone, let count) = weakness else { continue }
            return .finds(
                Found(
                    "NSEC3 of \(zone) wants \(count) more iterations: resolvers work for nothing, and some give up.",
                    detail: [.init("iterations", .integer(count))]))
        }
        if dnssec.mail.signatures.isEmpty { return .doesNotApply("no signature was checked") }
        // NSEC3 stands only in answers that say no.
        return answers(dnssec).contains { $0.answer.map { $0.kind != .records } ?? false }
            ? .passes : .doesNotApply("no answer was seen that says no")
    }

    // MARK: What the zone asks of its parent

    // RFC 7344 §4, RFC 8078 §4.
    static let childKeys = onDNSSEC("dnssec.child-keys") { domain, dnssec in
        guard let asked = dnssec.childKeys else {
            return .doesNotApply("the domain is not in a zone signed below another")
        }
        for (type, validated) in [("CDS", asked.cds), ("CDNSKEY", asked.cdnskey)] {
            if case .indeterminate(let why) = validated.security {
                return .doesNotApply("whether there are \(type) records could not be told: \(why.prefix(400))")
            }
            if case .bogus(let why) = validated.security {
                return .finds(
                    Found(
                        "The \(type) records of \(asked.zone) are not rightly signed, so the parent passes them over: "
                            + "\(why.prefix(400))."))
            }
        }
        let cds = asked.cdsRecords, cdnskey = asked.cdnskeyRecords
        if cds.isEmpty, cdnskey.isEmpty { return .doesNotApply("\(asked.zone) asks nothing of its parent") }
        guard let problem = ChildKeyProblem.first(of: asked) else { return .passes }
        return .finds(
            Found(
                problem.sentence(asked.zone), detail: [.init("problem", .string(problem.word))],
                severity: problem.breaksTheZone ? .error : nil))
    }

    // MARK: Shapes

    private static func onDNSSEC(
        _ identifier: String, _ verdict: @escaping @Sendable (DomainEvidence, DNSSECEvidence) -> Verdict
    ) -> Rule {
        rule(identifier) { domain, dnssec in [Ruling(.domain(domain.domain), verdict(domain, dnssec))] }
    }

    private static func rule(
        _ identifier: String, _ rulings: @escaping @Sendable (DomainEvidence, DNSSECEvidence) -> [Ruling]
    ) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            if let none = inapplicable(domain, evidence) { return [Ruling(.domain(domain.domain), none)] }
            return evidence.dnssec.map { rulings(domain, $0) } ?? []
        }
    }

    private static func verdicts(
        _ domain: DomainEvidence, _ evidence: Evidence, _ verdict: (DNSSECEvidence) -> Verdict
    ) -> [Ruling] {
        if let none = inapplicable(domain, evidence) { return [Ruling(.domain(domain.domain), none)] }
        return evidence.dnssec.map { [Ruling(.domain(domain.domain), verdict($0))] } ?? []
    }

    /// Why there is nothing to judge.
    private static func inapplicable(_ domain: DomainEvidence, _ evidence: Evidence) -> Verdict? {
        guard let dnssec = evidence.dnssec else { return .doesNotApply("DNSSEC was not looked at") }
        if !DNSSECEvidence.isWorthAsking(of: domain) { return .doesNotApply("nobody answered for the domain") }
        return dnssec.obstacle.map { .doesNotApply("it could not be told: \($0)") }
    }

    private static func failure(_ why: String) -> Failure { Failure(.dnsServfail, why) }

    /// Signatures of the domain's own zone: not those of the zones above, which are others' to renew. Where the domain is
    /// not signed, the lowest zone that is has nothing to do with it.
    private static func own(_ dnssec: DNSSECEvidence, of domain: DomainName) -> [Validated.Signature] {
        let signatures = dnssec.mail.signatures
        guard case .secure = dnssec.mail.security else { return signatures.filter { $0.signer.isWithin(domain) } }
        let deepest = signatures.map(\.signer.labelCount).max() ?? 0
        return signatures.filter { $0.signer.labelCount == deepest }
    }

    /// All that was validated.
    private static func answers(_ dnssec: DNSSECEvidence) -> [Validated] {
        [dnssec.mail] + dnssec.hosts.flatMap { [$0.a, $0.aaaa] }
            + (dnssec.childKeys.map { [$0.cds, $0.cdnskey] } ?? [])
    }

    /// Of the domain's zone and those below: what is above is not the domain's to mend.
    private static func weaknesses(_ dnssec: DNSSECEvidence, of domain: DomainName) -> [Validated.Weakness] {
        let zones = Set(own(dnssec, of: domain).map(\.signer))
        return answers(dnssec).flatMap(\.weaknesses).filter {
            switch $0 {
            case .sha1Digest(let zone), .algorithm(let zone, _), .shortKey(let zone, _, _),
                .nsec3Iterations(let zone, _):
                zones.contains(zone)
            }
        }
    }
}
