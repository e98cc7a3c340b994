import DNS
import Mail

/// TLSA records of the mail hosts: `checks/dane` (RFC 7672, RFC 7671). A look-up that fails is never "no record"; that
/// senders hold mail back because of it is told.
enum DANERules {
    static let all: [Rule] = [
        exists, insecure, lookup, mismatch, noSTARTTLS, usage, malformed, anchor, rollover, partial,
    ]

    static let exists = onTransport("dane.exists") { domain, transport, _ in
        var applicable = false
        for host in transport.hosts {
            switch host.dane.status {
            case .applies: return [Ruling(.domain(domain.domain), .passes)]
            case .none: applicable = true
            case .notUsed: if !host.dane.published.isEmpty { return [Ruling(.domain(domain.domain), .passes)] }
            case .fails, .couldNotTell: break
            }
        }
        if let unknown = transport.hosts.lazy.compactMap(Self.failure).first {
            return [Ruling(.domain(domain.domain), .cannotTell(unknown))]
        }
        guard applicable, let host = transport.hosts.first else {
            return [
                Ruling(
                    .domain(domain.domain),
                    .doesNotApply("the names are not signed by DNSSEC, without which there is no DANE"))
            ]
        }
        return [
            Ruling(
                .domain(domain.domain),
                .finds(
                    Found(
                        "No mail host of \(domain.domain) has TLSA records, although its names are signed by DNSSEC.",
                        detail: [.init("hosts", .strings(transport.hosts.map(\.name.description)))],
                        remedy:
                            "Publish the digest of the key that \(host.name) shows: `_25._tcp.\(host.name). TLSA 3 1 1 …`, "
                            + "and renew certificates over the same key, or publish the next one in advance.")))
        ]
    }

    // RFC 7672 §2.2: what is not secure is as if it were not there.
    static let insecure = onHosts("dane.insecure") { host, _ in
        let records = host.dane.published
        if records.isEmpty { return none(host) }
        switch host.dane.status {
        case .applies: return .passes
        case .none: return .passes
        case .fails, .couldNotTell: return failure(host).map { .cannotTell($0) } ?? .passes
        case .notUsed(let why):
            return .finds(
                Found(
                    "The TLSA records of \(host.name) are of no use: \(why).",
                    detail: [.init("records", .strings(records.map { $0.brief() }))]))
        }
    }

    // RFC 7672 §2.1.1.
    static let lookup = onHosts("dane.lookup") { host, _ in
        switch host.dane.status {
        case .applies, .none: return .passes
        case .notUsed(let why): return .doesNotApply("DANE is not in use: \(why)")
        case .couldNotTell: return failure(host).map { .cannotTell($0) } ?? .passes
        case .fails(let question, let why):
            // Silence may be ours alone; SERVFAIL and "bogus" are what senders get as well.
            guard why == "SERVFAIL" || why.hasPrefix("bogus"), question.type == .tlsa else {
                return failure(host).map { .cannotTell($0) } ?? .passes
            }
            return .finds(
                Found(
                    "The look-up of \(question) fails (\(why)): senders that follow DANE hold back all mail for \(host.name).",
                    detail: [
                        .init("question", .string("\(question)")), .init("reason", .string(String(why.prefix(300)))),
                    ],
                    remedy:
                        "Let the name servers answer `\(question.name) TLSA` in a signed way, with the records or with a "
                        + "signed proof that there are none."))
        }
    }

    static let mismatch = onEndpoints("dane.mismatch") { host, endpoint, records in
        guard let verification = endpoint.verification else { return withoutCertificate(endpoint) }
        switch verification.result {
        case .verified: return .passes
        case .noUsableRecord: return .doesNotApply("none of the TLSA records can be used")
        case .couldNotTell(let why): return .cannotTell(Failure(.notStated, during: .tls, why))
        case .failed(let why):
            return .finds(
                Found(
                    "The certificate of \(host.name) does not match its TLSA records (\(why)): senders that follow DANE do "
                        + "not deliver to it.",
                    detail: detail(endpoint) + [.init("records", entries(verification))],
                    remedy: suggestion(host, endpoint)))
        }
    }

    // RFC 7672 §2.2.
    static let noSTARTTLS = onEndpoints("dane.no-starttls") { host, endpoint, _ in
        let what: String
        switch endpoint.reach {
        case .encrypted: return .passes
        case .clear: what = "does not offer STARTTLS"
        case .tlsFails(let why): what = "offers STARTTLS, but TLS fails (\(quoted(why)))"
        case .closed: return .doesNotApply("nobody answers there")
        case .unknown(let failure): return .cannotTell(failure)
        }
        return .finds(
            Found(
                "\(host.name) has TLSA records, which promise TLS, but \(what): senders that follow DANE do not deliver to it.",
                detail: detail(endpoint)))
    }

    // RFC 7672 §3.1.3.
    static let usage = onRecords("dane.usage") { host, records in
        let wrong = records.filter { $0.fault == .publicAuthority }
        if wrong.isEmpty { return .passes }
        let rest = records.contains { $0.fault == nil }
        return .finds(
            Found(
                "\(host.name) has TLSA records of usage \(list(Set(wrong.map { "\($0.usage)" }).sorted())), which senders of "
                    + "mail leave aside"
                    + (rest ? "." : ": with no other, they encrypt without knowing with whom."),
                detail: [.init("records", .strings(wrong.map { $0.brief() }))],
                remedy:
                    "Publish usage 3 with the digest of the server's own key (`3 1 1`), or usage 2 with that of its "
                    + "authority (`2 1 1`), in place of `\(wrong[0].brief())`."))
    }

    // RFC 6698 §2.1, RFC 7671 §4.
    static let malformed = onRecords("dane.malformed") { host, records in
        let wrong = records.compactMap { record in record.formFault.map { (record, $0) } }
        guard let first = wrong.first else { return .passes }
        return .finds(
            Found(
                "\(wrong.count == 1 ? "A TLSA record" : "\(wrong.count) TLSA records") of \(host.name) cannot be used: "
                    + "\(first.0.brief()): \(first.1).",
                detail: [
                    .init(
                        "records",
                        .array(
                            wrong.prefix(20).map { ["record": .string($0.0.brief()), "problem": .string("\($0.1)")] }))
                ]))
    }

    // RFC 7671 §5.2.2: a digest says nothing of a certificate that is not there.
    static let anchor = onEndpoints("dane.anchor-not-sent") { host, endpoint, records in
        let anchors = records.filter { $0.fault == nil && $0.usage == 2 && $0.matchingType != 0 }
        if anchors.isEmpty { return .doesNotApply("no TLSA record names an authority by its digest") }
        guard let verification = endpoint.verification else { return withoutCertificate(endpoint) }
        let sent = verification.entries.contains { entry in
            guard entry.record.usage == 2 else { return false }
            switch entry.fate {
            case .matchesAuthority, .matchesButFails, .couldNotTell: return true
            case .unusable, .weakerDigest, .matchesServer, .noMatch: return false
            }
        }
        if sent { return .passes }
        return .finds(
            Found(
                "\(host.name) names an authority in its TLSA records (\(list(anchors.map { $0.brief() }, limit: 2))) that is not "
                    + "among the certificates it sends.",
                detail: detail(endpoint) + [.init("records", .strings(anchors.map { $0.brief() }))]))
    }

    // RFC 7671 §8.1.
    static let rollover = onVerified("dane.rollover") { host, rollover in
        if rollover.isProvidedFor { return .passes }
        return .finds(
            Found(
                rollover.sameKey
                    ? "All TLSA records of \(host.name) are of the key in use: with a new key mail stops until they are changed and "
                        + "forgotten everywhere."
                    : "All TLSA records of \(host.name) are of the certificate in use: the next one matches none, even over the "
                        + "same key.",
                detail: [
                    .init("same_key", .bool(rollover.sameKey)), .init("same_authority", .bool(rollover.sameAuthority)),
                ]))
    }

    static let partial = onTransport("dane.partial") { domain, transport, _ in
        let with = transport.hosts.filter { if case .applies = $0.dane.status { true } else { false } }
        if with.isEmpty {
            return [Ruling(.domain(domain.domain), .doesNotApply("no mail host has TLSA records in use"))]
        }
        return transport.hosts.map { host in
            let verdict: Verdict
            switch host.dane.status {
            case .applies: verdict = .passes
            case .fails, .couldNotTell: verdict = failure(host).map { .cannotTell($0) } ?? .passes
            case .none, .notUsed:
                let why: String = if case .notUsed(let why) = host.dane.status { " (\(why))" } else { "" }
                verdict = .finds(
                    Found(
                        "\(host.name) has no TLSA records that count\(why), unlike \(with[0].name): who keeps senders from the "
                            + "others can read the mail.",
                        detail: [.init("host", .string(host.name.description))]))
            }
            return Ruling(.host(host.name), verdict)
        }
    }

    // MARK: Shapes

    private typealias Host = TransportEvidence.Host

    private static func onHosts(
        _ identifier: String, _ verdict: @escaping @Sendable (TransportEvidence.Host, Evidence) -> Verdict
    ) -> Rule {
        onTransport(identifier) { _, transport, evidence in
            transport.hosts.map { Ruling(.host($0.name), verdict($0, evidence)) }
        }
    }

    /// On the records of each host, whether they count or not.
    private static func onRecords(
        _ identifier: String, _ verdict: @escaping @Sendable (TransportEvidence.Host, [TLSA]) -> Verdict
    ) -> Rule {
        onHosts(identifier) { host, _ in
            let records = host.dane.published
            return records.isEmpty ? none(host) : verdict(host, Array(records.prefix(DANEVerification.maximumRecords)))
        }
    }

    /// On port 25 of each address of a host whose TLSA records count.
    private static func onEndpoints(
        _ identifier: String,
        _ verdict: @escaping @Sendable (TransportEvidence.Host, MailEndpoint, [TLSA]) -> Verdict
    ) -> Rule {
        onTransport(identifier) { _, transport, _ in
            transport.hosts.flatMap { host -> [Ruling] in
                guard case .applies(_, let records) = host.dane.status else {
                    return [Ruling(.host(host.name), none(host))]
                }
                if host.endpoints.isEmpty {
                    return [Ruling(.host(host.name), .doesNotApply("port 25 was not tried"))]
                }
                return host.endpoints.map { Ruling(.endpoint($0.port.endpoint), verdict(host, $0, records)) }
            }
        }
    }

    /// On each host whose certificate matches.
    private static func onVerified(
        _ identifier: String, _ verdict: @escaping @Sendable (TransportEvidence.Host, DANERollover) -> Verdict
    ) -> Rule {
        onHosts(identifier) { host, _ in
            guard let rollover = host.verification.flatMap(DANERollover.init) else {
                return .doesNotApply("no certificate was seen that matches TLSA records")
            }
            return verdict(host, rollover)
        }
    }

    /// Where a host has no records to look at.
    private static func none(_ host: TransportEvidence.Host) -> Verdict {
        if let failure = failure(host) { return .cannotTell(failure) }
        return .doesNotApply("no TLSA records are in use")
    }

    private static func withoutCertificate(_ endpoint: MailEndpoint) -> Verdict {
        switch endpoint.reach {
        case .unknown(let failure): .cannotTell(failure)
        case .encrypted, .clear, .tlsFails, .closed: .doesNotApply("no certificate was seen")
        }
    }

    /// Why the records of a host are not known; nil where they are.
    private static func failure(_ host: TransportEvidence.Host) -> Failure? {
        switch host.dane.status {
        case .applies, .none, .notUsed: return nil
        case .fails(let question, let why), .couldNotTell(let question, let why):
            for lookup in host.dane.lookups where lookup.question == question {
                if case .failure(let unanswered) = lookup.outcome { return Failure(unanswered, asking: question) }
            }
            let cause: Failure.Cause = why.hasPrefix("bogus") ? .dnsBogus : .dnsUnvalidated
            return Failure(cause, during: .dns, "\(question): \(why)")
        }
    }

    private static func detail(_ endpoint: MailEndpoint) -> [JSON.Member] {
        [
            .init("host", .string(endpoint.port.endpoint.host.description)),
            .init("address", .string(endpoint.port.endpoint.address.description)),
            .init("port", .integer(Int(endpoint.port.endpoint.port))),
        ]
    }

    private static func entries(_ verification: DANEVerification) -> JSON {
        .array(
            verification.entries.prefix(20).map {
                ["record": .string($0.record.brief()), "result": .string($0.fate.word)]
            })
    }

    /// The record that would match what the server shows now.
    private static func suggestion(_ host: TransportEvidence.Host, _ endpoint: MailEndpoint) -> String {
        let base: DomainName = if case .applies(let base, _) = host.dane.status { base } else { host.name }
        guard let der = endpoint.port.tls?.chain.first?.der,
            let record = TLSA.matching(PresentedCertificate(der))
        else { return "Publish the digest of the key that \(host.name) shows: `_25._tcp.\(base). TLSA 3 1 1 …`" }
        return
            "If the certificate is the right one, publish `_25._tcp.\(base). TLSA \(record.brief(digits: 64))`; otherwise give "
            + "\(host.name) the certificate whose key is published."
    }
}

extension DANEVerification.Fate {
    /// As in JSON.
    package var word: String {
        switch self {
        case .unusable: "unusable"
        case .weakerDigest: "weaker_digest"
        case .matchesServer: "matches_server"
        case .matchesAuthority: "matches_authority"
        case .matchesButFails: "matches_but_fails"
        case .noMatch: "no_match"
        case .couldNotTell: "unknown"
        }
    }
}

/// On what decides how senders treat the domain's hosts, where that was asked for.
func onTransport(
    _ identifier: String, _ rulings: @escaping @Sendable (DomainEvidence, TransportEvidence, Evidence) -> [Ruling]
) -> Rule {
    Rule.ofDomain(identifier) { domain, evidence in
        guard let transport = evidence.transport else {
            return [Rule.inapplicable("what senders go by was not asked for", evidence)]
        }
        if transport.hosts.isEmpty {
            switch domain.routing {
            case .couldNotTell(let why):
                return [Ruling(.domain(domain.domain), .cannotTell(Failure(why, asking: Question(domain.domain, .mx))))]
            case .null: return [Rule.inapplicable("the domain says by a null MX that it takes no mail", evidence)]
            case .hosts, .implicit, .nullMixed, .none:
                return [Rule.inapplicable("the domain has no mail host", evidence)]
            }
        }
        let rulings = rulings(domain, transport, evidence)
        return rulings.isEmpty ? [Rule.inapplicable("there was nothing to look at", evidence)] : rulings
    }
}
