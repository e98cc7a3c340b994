import DNS
import Mail

/// Where reports on TLS go: `checks/tls-rpt` (RFC 8460).
enum TLSRPTRules {
    static let all: [Rule] = [exists, record]
    /// Those that need more questions than the record itself.
    static let further: [Rule] = [destination]

    static let exists = Rule.onDomain("tls-rpt.exists") { domain in
        if domain.takesNoMail { return .doesNotApply("the domain takes no mail") }
        switch domain.tlsRPT {
        case .found, .multiple: return .passes
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: domain.question("_smtp._tls")))
        case .none, .noSuchName:
            return .finds(
                Found(
                    "\(domain.domain) asks for no reports on TLS: you do not learn when senders fail to encrypt.",
                    remedy: "Publish `_smtp._tls.\(domain.domain). TXT \"v=TLSRPTv1; "
                        + "rua=mailto:tls-reports@\(domain.domain)\"`."))
        }
    }

    // RFC 8460 §3.
    static let record = Rule.onDomain("tls-rpt.record") { domain in
        switch domain.tlsRPT {
        case .none, .noSuchName: return .doesNotApply("there is no TLS-RPT record")
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: domain.question("_smtp._tls")))
        case .multiple(let texts):
            return .finds(
                Found(
                    "\(texts.count) TLS-RPT records stand at _smtp._tls.\(domain.domain): senders of reports use none.",
                    detail: [.init("records", .strings(texts))],
                    remedy: "Keep one TXT record that starts with `v=TLSRPTv1` at `_smtp._tls.\(domain.domain).`"))
        case .found(let record):
            guard let first = record.problems.first(where: \.isError) else { return .passes }
            return .finds(
                Found(
                    "The TLS-RPT record of \(domain.domain) cannot be used: \(first.message) (column \(first.column)).",
                    detail: [
                        .init("record", .string(String(record.text.prefix(1000)))),
                        .init("problems", problems(record.problems.filter(\.isError))),
                    ],
                    remedy: "Correct the record, for example: "
                        + "`_smtp._tls.\(domain.domain). TXT \"v=TLSRPTv1; rua=mailto:tls-reports@\(domain.domain)\"`.")
            )
        }
    }

    // RFC 8460 §3: by mail to a domain that takes it, or to a host that is there.
    static let destination = onTransport("tls-rpt.destination") { domain, transport, _ in
        if transport.reportInboxes.isEmpty {
            return [Rule.nothing(domain, .doesNotApply("no place for reports on TLS is named"))]
        }
        return transport.reportInboxes.map { inbox in
            Ruling(.domain(inbox.domain ?? domain.domain), verdict(on: inbox, domain))
        }
    }

    private static func verdict(on inbox: TransportEvidence.ReportInbox, _ domain: DomainEvidence) -> Verdict {
        guard let place = inbox.domain else { return .doesNotApply("the host is an address") }
        let why: String
        switch inbox.mail {
        case .taken: return .passes
        case .couldNotTell(let unanswered): return .cannotTell(Failure(unanswered, asking: Question(place, .mx)))
        case .nullMX: why = "\(place) says by a null MX that it takes no mail"
        case .noHost: why = "\(place) has no mail host"
        case .noSuchName: why = "\(place) does not exist"
        case .notByMail:
            switch inbox.addresses {
            case .records?, nil: return .passes
            case .couldNotTell(let unanswered)?: return .cannotTell(Failure(unanswered, asking: Question(place, .a)))
            case .noData?: why = "\(place) has no address"
            case .noSuchName?: why = "\(place) does not exist"
            }
        }
        return .finds(
            Found(
                "Reports on TLS for \(domain.domain) cannot arrive at \(quoted(inbox.uri, limit: 80)): \(why).",
                detail: [
                    .init("uri", .string(String(inbox.uri.prefix(300)))), .init("domain", .string(place.description)),
                ]))
    }
}
