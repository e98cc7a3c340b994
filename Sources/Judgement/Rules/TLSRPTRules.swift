import DNS
import Mail

/// Where reports on TLS go: `checks/tls-rpt` (RFC 8460).
enum TLSRPTRules {
    static let all: [Rule] = [exists, record]

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
}
