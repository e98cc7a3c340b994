import DNS
import Mail

/// The MTA-STS policy file, and whether the mail hosts keep it: `checks/mta-sts` (RFC 8461 §3.2 to §5).
///
/// A policy that could not be fetched is not a missing one. What takes two looks (a policy that changed under its old
/// id) is not told here.
enum MTASTSPolicyRules {
    static let all: [Rule] = [
        fetch, certificate, contentType, policy, mode, coversMX, mxCertificate, maxAge, heavy, unannounced, idleName,
        withoutReports,
    ]

    // RFC 8461 §3.3.
    static let fetch = onAnnounced("mta-sts.fetch") { sts, domain in
        switch sts.status {
        case .unusable(.host(let why)), .unusable(.answer(let why)):
            return .finds(
                Found(
                    "\(domain.domain) announces an MTA-STS policy, but the file cannot be had: \(why).",
                    detail: facts(sts) + [.init("problem", .string(why))],
                    remedy:
                        "Serve the policy at https://mta-sts.\(domain.domain)/.well-known/mta-sts.txt with status 200 and "
                        + "without a redirect, or remove `_mta-sts.\(domain.domain). TXT`."))
        case .couldNotTell(let failure): return sts.fetch?.status == 200 ? .passes : .cannotTell(failure)
        case .unusable(.certificate):
            return .doesNotApply("the certificate of the policy's host does not hold: see mta-sts.certificate")
        case .none, .usable, .unusable: return .passes
        }
    }

    // RFC 8461 §3.3.
    static let certificate = onAnnounced("mta-sts.certificate") { sts, domain in
        if case .unusable(.certificate(let why)) = sts.status {
            return .finds(
                Found(
                    "The host of the MTA-STS policy, mta-sts.\(domain.domain), cannot be trusted: \(why).",
                    detail: facts(sts) + [.init("problem", .string(why))]))
        }
        guard let tls = sts.fetch?.tls else { return seen(sts) }
        return tls.trusted == nil || tls.nameMatches == nil
            ? .cannotTell(Failure(.notStated, during: .tls, tls.trustProblem ?? "the certificate could not be judged"))
            : .passes
    }

    // RFC 8461 §3.2: text/plain, so that who can only upload pictures there cannot set a policy.
    static let contentType = onFile("mta-sts.content-type") { sts, fetch, domain in
        guard let type = fetch.contentType else {
            return .finds(
                Found("The MTA-STS policy of \(domain.domain) is served without a Content-Type.", detail: facts(sts)))
        }
        let essence = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        if essence == "text/plain" { return .passes }
        return .finds(
            Found(
                "The MTA-STS policy of \(domain.domain) is served as \(quoted(type, limit: 60)); strict senders take text/plain alone.",
                detail: facts(sts) + [.init("content_type", .string(type))]))
    }

    // RFC 8461 §3.2.
    static let policy = onFile("mta-sts.policy") { sts, _, domain in
        guard let policy = sts.policy, let problem = policy.problems.first(where: \.isError) else { return .passes }
        return .finds(
            Found(
                "The MTA-STS policy of \(domain.domain) cannot be used: \(problem.message) (line \(problem.line ?? 1)).",
                detail: [.init("problems", problems(policy.problems.filter(\.isError)))]))
    }

    // RFC 8461 §5.
    static let mode = onPolicy("mta-sts.mode") { policy, domain in
        switch policy.mode {
        case .enforce?, Optional.none: return .passes
        case .testing?:
            return .finds(
                Found(
                    "The MTA-STS policy of \(domain.domain) is in testing: senders report what is wrong and deliver all the same.",
                    detail: [.init("mode", "testing")]))
        case MTASTSPolicy.Mode.none?:
            return .finds(
                Found(
                    "The MTA-STS policy of \(domain.domain) has the mode “none”: it protects nothing.",
                    detail: [.init("mode", "none")]))
        }
    }

    // RFC 8461 §4.1.
    static let coversMX = Rule.ofTransport("mta-sts.mx-not-named") { domain, transport, _ in
        onEffective(transport.mtaSTS, domain) { policy in
            transport.hosts.map { host in
                if policy.allows(host.name) { return Ruling(.host(host.name), .passes) }
                let all = !transport.hosts.contains { policy.allows($0.name) }
                return Ruling(
                    .host(host.name),
                    .finds(
                        Found(
                            "The MTA-STS policy of \(domain.domain) does not name its mail host \(host.name): "
                                + (policy.mode == .enforce
                                    ? all
                                        ? "senders that keep it deliver nothing at all."
                                        : "senders that keep it do not deliver there."
                                    : "with “enforce” mail would not be delivered there."),
                            detail: [
                                .init("host", .string(host.name.description)), .init("mx", .strings(policy.mx)),
                                .init("mode", .string(policy.mode?.rawValue ?? "")),
                            ],
                            severity: policy.mode == .enforce ? .critical : .warning,
                            remedy: "Add the line `mx: \(host.name)` to the policy, then change the id in "
                                + "`_mta-sts.\(domain.domain). TXT`; or remove the MX record.")))
            }
        }
    }

    // RFC 8461 §4.1, §4.2.
    static let mxCertificate = Rule.ofTransport("mta-sts.mx-certificate") { domain, transport, _ in
        onEffective(transport.mtaSTS, domain) { policy in
            transport.hosts.filter { policy.allows($0.name) }.flatMap { host in
                host.endpoints.map { endpoint in
                    Ruling(.endpoint(endpoint.port.endpoint), certificate(host, endpoint, policy, domain))
                }
            }
        }
    }

    private static func certificate(
        _ host: TransportEvidence.Host, _ endpoint: MailEndpoint, _ policy: MTASTSPolicy, _ domain: DomainEvidence
    ) -> Verdict {
        let why: String
        switch endpoint.reach {
        case .unknown(let failure): return .cannotTell(failure)
        case .closed: return .doesNotApply("nobody answers there")
        case .clear: why = "STARTTLS is not offered"
        case .tlsFails(let reason): why = "TLS does not come about: \(quoted(reason))"
        case .encrypted:
            guard let problem = endpoint.certificateProblem else {
                return endpoint.isCertificateGood == true
                    ? .passes
                    : .cannotTell(
                        Failure(
                            .notStated, during: .tls,
                            endpoint.port.tls?.trustProblem ?? "the certificate could not be judged"))
            }
            why = problem
        }
        let enforces = policy.mode == .enforce
        return .finds(
            Found(
                "\(host.name) does not keep the MTA-STS policy of \(domain.domain) (\(why)): "
                    + (enforces
                        ? "senders that keep it do not deliver there."
                        : "with “enforce” mail would not be delivered there."),
                detail: [
                    .init("host", .string(host.name.description)),
                    .init("address", .string(endpoint.port.endpoint.address.description)),
                    .init("problem", .string(why)), .init("mode", .string(policy.mode?.rawValue ?? "")),
                ], severity: enforces ? .critical : .warning))
    }

    // RFC 8461 §3.2: weeks are meant. More than a year is an error of syntax, told by mta-sts.policy.
    static let maxAge = onPolicy("mta-sts.max-age") { policy, domain in
        guard let age = policy.maximumAge, policy.mode != MTASTSPolicy.Mode.none, age < 86_400 else { return .passes }
        return .finds(
            Found(
                "Senders forget the MTA-STS policy of \(domain.domain) after \(span(Double(age))): who can keep it from them for so "
                    + "long gets around it.",
                detail: [.init("max_age_seconds", .integer(age))]))
    }

    /// Senders wait a minute at most (RFC 8461 §3.3); ten seconds are already trouble.
    private static let slow = 10.0

    static let heavy = onAnnounced("mta-sts.slow-or-large") { sts, domain in
        guard let fetch = sts.fetch, fetch.status == 200 else { return seen(sts) }
        if fetch.isCut {
            return .finds(
                Found(
                    "The MTA-STS policy of \(domain.domain) is longer than 64 KiB: senders stop reading there.",
                    detail: facts(sts)))
        }
        guard fetch.seconds > slow else { return .passes }
        return .finds(
            Found(
                "The MTA-STS policy of \(domain.domain) took \(span(fetch.seconds)) to come: senders give up after a minute at most.",
                detail: facts(sts) + [.init("seconds", .number((fetch.seconds * 1000).rounded() / 1000))]))
    }

    // RFC 8461 §3.1: without the record nobody asks for the file.
    static let unannounced = Rule.ofTransport("mta-sts.not-announced") { domain, transport, _ in
        let sts = transport.mtaSTS
        let verdict: Verdict
        switch domain.mtaSTS {
        case .found, .multiple: verdict = .passes
        case .couldNotTell(let why): verdict = .cannotTell(Failure(why, asking: domain.question("_mta-sts")))
        case .none, .noSuchName:
            guard sts.canBeAnnounced else {
                verdict = .doesNotApply("there is neither record nor policy")
                break
            }
            verdict = .finds(
                Found(
                    "\(domain.domain) serves an MTA-STS policy, but no record announces it: senders do not look for it.",
                    detail: facts(sts),
                    remedy: "Publish `_mta-sts.\(domain.domain). TXT \"v=STSv1; id=1\"`, with another “id” for each "
                        + "change of the policy."))
        }
        return [Ruling(.domain(domain.domain), verdict)]
    }

    static let idleName = Rule.ofTransport("mta-sts.idle-name") { domain, transport, _ in
        guard let policy = transport.mtaSTS.effective, policy.mode != MTASTSPolicy.Mode.none else {
            return [Rule.nothing(domain, without(transport.mtaSTS))]
        }
        var dead: [String] = []
        for pattern in transport.mtaSTS.idlePatterns {
            if let why = pattern.addresses.unanswered {
                let name = (try? DomainName(pattern.text)) ?? domain.domain
                return [Ruling(.domain(domain.domain), .cannotTell(Failure(why, asking: Question(name, .a))))]
            }
            if pattern.addresses.isNone { dead.append(pattern.text) }
        }
        if dead.isEmpty { return [Ruling(.domain(domain.domain), .passes)] }
        return [
            Ruling(
                .domain(domain.domain),
                .finds(
                    Found(
                        "The MTA-STS policy of \(domain.domain) names \(list(dead)), which does not exist: who gets hold of the name may "
                            + "take the mail.",
                        detail: [.init("names", .strings(dead))])))
        ]
    }

    static let withoutReports = onPolicy("mta-sts.no-reports") { policy, domain in
        guard policy.mode == .enforce || policy.mode == .testing else {
            return .doesNotApply("the policy's mode is none")
        }
        switch domain.tlsRPT {
        case .found, .multiple: return .passes
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: domain.question("_smtp._tls")))
        case .none, .noSuchName:
            return .finds(
                Found(
                    "\(domain.domain) has an MTA-STS policy and asks for no reports on TLS: that senders cannot deliver you learn from "
                        + "nobody.",
                    remedy:
                        "Publish `_smtp._tls.\(domain.domain). TXT \"v=TLSRPTv1; rua=mailto:tls-reports@\(domain.domain)\"`."
                ))
        }
    }

    // MARK: Shapes

    /// Where a record announces a policy.
    private static func onAnnounced(
        _ identifier: String, _ verdict: @escaping @Sendable (MTASTSEvidence, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule.ofTransport(identifier) { domain, transport, _ in
            let sts = transport.mtaSTS
            let result: Verdict
            switch (domain.mtaSTS, sts.status) {
            case (.none, _), (.noSuchName, _): result = .doesNotApply("there is no MTA-STS record")
            case (.couldNotTell, .couldNotTell(let failure)): result = .cannotTell(failure)
            case (_, .unusable(.record)): result = .doesNotApply("the record cannot be used: see mta-sts.record")
            default: result = verdict(sts, domain)
            }
            return [Ruling(.domain(domain.domain), result)]
        }
    }

    /// Where a file came.
    private static func onFile(
        _ identifier: String,
        _ verdict: @escaping @Sendable (MTASTSEvidence, PolicyObservation, DomainEvidence) -> Verdict
    ) -> Rule {
        onAnnounced(identifier) { sts, domain in
            guard let fetch = sts.fetch, fetch.status == 200, sts.policy != nil else { return seen(sts) }
            return verdict(sts, fetch, domain)
        }
    }

    /// Where a policy counts.
    private static func onPolicy(
        _ identifier: String, _ verdict: @escaping @Sendable (MTASTSPolicy, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule.ofTransport(identifier) { domain, transport, _ in
            guard let policy = transport.mtaSTS.effective else {
                return [Rule.nothing(domain, without(transport.mtaSTS))]
            }
            return [Ruling(.domain(domain.domain), verdict(policy, domain))]
        }
    }

    /// Where a policy counts and demands something.
    private static func onEffective(
        _ sts: MTASTSEvidence, _ domain: DomainEvidence, _ rulings: (MTASTSPolicy) -> [Ruling]
    ) -> [Ruling] {
        guard let policy = sts.effective else { return [Rule.nothing(domain, without(sts))] }
        if policy.mode == MTASTSPolicy.Mode.none {
            return [Rule.nothing(domain, .doesNotApply("the policy's mode is none"))]
        }
        return rulings(policy)
    }

    /// What to say where no policy counts.
    private static func without(_ sts: MTASTSEvidence) -> Verdict {
        switch sts.status {
        case .couldNotTell(let failure): .cannotTell(failure)
        case .none: .doesNotApply("there is no MTA-STS record")
        case .unusable(let why): .doesNotApply("the policy does not count: \(why.text)")
        case .usable: .passes
        }
    }

    /// What to say where no file came.
    private static func seen(_ sts: MTASTSEvidence) -> Verdict {
        if case .couldNotTell(let failure) = sts.status { return .cannotTell(failure) }
        return .doesNotApply("no policy file was seen")
    }

    private static func facts(_ sts: MTASTSEvidence) -> [JSON.Member] {
        var facts: [JSON.Member] = [.init("host", .string(sts.host?.description ?? ""))]
        if let status = sts.fetch?.status { facts.append(.init("status", .integer(status))) }
        return facts
    }
}

extension Rule {
    /// As ``onTransport``, for rules that look at more than the hosts.
    static func ofTransport(
        _ identifier: String,
        _ rulings: @escaping @Sendable (DomainEvidence, TransportEvidence, Evidence) -> [Ruling]
    ) -> Rule { onTransport(identifier, rulings) }

    static func nothing(_ domain: DomainEvidence, _ verdict: Verdict) -> Ruling {
        Ruling(.domain(domain.domain), verdict)
    }
}
