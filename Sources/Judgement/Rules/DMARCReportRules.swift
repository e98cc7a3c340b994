internal import DNS
import DNS
import Mail

/// Where DMARC reports go, and whether they arrive: `checks/dmarc` (RFC 9990, RFC 9991).
enum DMARCReportRules {
    static let all: [Rule] = [
        noReports, address, externalReports, domainMail, many, sizeLimit, failureReports,
    ]

    static let noReports = DMARCRules.onRecord("dmarc.no-rua") { record, at, _ in
        guard record.aggregateReports.isEmpty else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) names no address for reports (`rua`): you do not learn who sends in your name.",
                detail: [.init("record", .string(String(record.text.prefix(1000))))],
                remedy: "Add `rua=mailto:dmarc@\(at)` to the record at `_dmarc.\(at).`"))
    }

    // RFC 9989 §4.8: each is a URI of RFC 3986; what is none is ignored.
    static let address = DMARCRules.onRecord("dmarc.report-address") { record, at, _ in
        let wrong = record.problems.filter { $0.code == .badURI && $0.isError }
        guard let first = wrong.first else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) names an address for reports that cannot be used: \(first.message) "
                    + "(column \(first.column)).",
                detail: [
                    .init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems(wrong)),
                ],
                remedy: "Write each as `mailto:name@example.org`, joined by commas."))
    }

    // RFC 9990 §4: whoever receives the reports of another organization has to say so.
    static let externalReports = Rule.onDomain("dmarc.external-reports") { domain in
        if case .couldNotTell(let why) = domain.dmarc.status { return .cannotTell(domain.dmarcFailure(why)) }
        let destinations = domain.reportDestinations.filter { $0.permission != .notNeeded }
        if destinations.isEmpty { return .doesNotApply("no reports go to another organization") }
        let refused = destinations.filter(\.isRefused)
        if let first = refused.first {
            return .finds(
                Found(
                    sentence(refused, first),
                    detail: [
                        .init("destinations", .strings(refused.map(\.domain.description))),
                        .init("asked", .strings(refused.compactMap { $0.name?.description })),
                    ],
                    remedy: first.name.map { name in
                        "Have `\(name). TXT \"v=DMARC1\"` published by whoever runs \(first.domain), or report to an address "
                            + "of your own domain."
                    } ?? "Report to an address of your own domain."))
        }
        for destination in destinations {
            if case .couldNotTell(let why) = destination.permission {
                return .cannotTell(Failure(why, asking: Question(destination.name ?? destination.domain, .txt)))
            }
        }
        return .passes
    }

    private static func sentence(_ refused: [ReportDestination], _ first: ReportDestination) -> String {
        switch first.permission {
        case .leadsElsewhere(let texts) where refused.count == 1:
            return "Reports go to \(first.domain), whose permission sends them on to another host "
                + "(\(quoted(texts.first ?? ""))): senders of reports leave both out."
        case .nameTooLong where refused.count == 1:
            return
                "Reports go to \(first.domain), which cannot say that it takes them: the name for it would be too long."
        default:
            let names = refused.map(\.domain.description)
            return "Reports go to \(list(names)), which \(names.count == 1 ? "does" : "do") not say that "
                + "\(names.count == 1 ? "it takes" : "they take") them: senders of reports leave "
                + "\(names.count == 1 ? "it" : "them") out."
        }
    }

    // RFC 5321 §5.1, RFC 7505: a report is a mail.
    static let domainMail = Rule.onDomain("dmarc.report-domain-mail") { domain in
        if case .couldNotTell(let why) = domain.dmarc.status { return .cannotTell(domain.dmarcFailure(why)) }
        let byMail = domain.reportDestinations.filter { $0.mail != .notByMail }
        if byMail.isEmpty { return .doesNotApply("no reports go by mail") }
        let deaf = byMail.filter { [.nullMX, .noHost, .noSuchName].contains($0.mail) }
        if let first = deaf.first {
            let why: String =
                switch first.mail {
                case .nullMX: "it says by a null MX that it takes no mail"
                case .noSuchName: "the domain does not exist"
                default: "it has no mail host"
                }
            return .finds(
                Found(
                    "DMARC reports to \(list(deaf.map(\.domain.description))) cannot be delivered: \(why).",
                    detail: [.init("domains", .strings(deaf.map(\.domain.description)))],
                    remedy: "Name an address in a domain that takes mail."))
        }
        for destination in byMail {
            if case .couldNotTell(let why) = destination.mail {
                return .cannotTell(Failure(why, asking: Question(destination.domain, .mx)))
            }
        }
        return .passes
    }

    // RFC 7489 §6.2 bound receivers to two addresses; RFC 9989 has no number.
    static let many = DMARCRules.onRecord("dmarc.many-destinations") { record, at, _ in
        let counts = [("rua", record.aggregateReports.count), ("ruf", record.failureReports.count)]
        guard let most = counts.max(by: { $0.1 < $1.1 }), most.1 > 2 else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) names \(most.1) addresses in `\(most.0)`: some receivers report to the first "
                    + "two alone.",
                detail: [.init("tag", .string(most.0)), .init("count", .integer(most.1))]))
    }

    // RFC 9989 §4.8, §C.4
    static let sizeLimit = DMARCRules.onRecord("dmarc.size-limit") { record, at, _ in
        let limits = (record.aggregateReports + record.failureReports).compactMap(\.sizeLimit)
        guard let first = limits.first else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) limits the size of reports (`!\(first)`), which receivers now ignore.",
                detail: [.init("limits", .strings(limits))],
                remedy: "Remove `!\(first)` behind the address in the record at `_dmarc.\(at).`"))
    }

    // RFC 9991 §2, §6
    static let failureReports = DMARCRules.onRecord("dmarc.failure-reports") { record, at, _ in
        if record.problems.contains(where: { $0.code == .noEffect && $0.message.holds("“ruf=”") }) {
            return .finds(
                Found(
                    "The DMARC record of \(at) says when to send failure reports (`fo`), and not where to (`ruf`): `fo` "
                        + "has no effect.",
                    remedy: "Remove `fo` from the record at `_dmarc.\(at).`"))
        }
        guard !record.failureReports.isEmpty else { return .passes }
        return .finds(
            Found(
                "The DMARC record of \(at) asks for failure reports (`ruf`): they hold parts of single messages, and few "
                    + "receivers send them.",
                detail: [.init("ruf", .strings(record.failureReports.map(\.text)))]))
    }
}

extension ReportDestination {
    /// Whether senders of reports leave it out.
    var isRefused: Bool {
        switch permission {
        case .missing, .leadsElsewhere, .nameTooLong: true
        case .notNeeded, .granted, .couldNotTell: false
        }
    }
}
