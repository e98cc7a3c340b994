import Judgement
import DNS
import Mail

/// What was seen, in brief: the facts behind a report.
enum EvidenceText {
    /// - Parameter isBrief: nothing is wrong, and it is to fit on a screen.
    static func draw(_ evidence: Evidence, isBrief: Bool = false, on canvas: inout Canvas) {
        if evidence.domain == nil, evidence.ports.isEmpty { return }
        canvas.heading("WHAT WAS SEEN")
        if let domain = evidence.domain {
            var rows = records(of: domain, verbose: canvas.look.verbose)
            if let surroundings = evidence.surroundings {
                rows += SurroundingsText.rows(surroundings, isVerbose: canvas.look.verbose)
            }
            if isBrief, let outcome = SendersText.outcome(evidence) {
                rows.append([Span("Senders", .strong), outcome])
            }
            if canvas.look.verbose { rows += FurtherText.rows(of: evidence) }
            canvas.table(indent: 2, rows)
        }
        if !evidence.ports.isEmpty {
            canvas.gap()
            PortsTable.draw(evidence.ports, at: evidence.at, on: &canvas)
            let legend = PortsTable.legend(evidence.ports, at: evidence.at)
            if !legend.isEmpty, !isBrief { canvas.paragraph(indent: 4, legend, .faint) }
        }
        if !isBrief { SendersText.draw(evidence, on: &canvas) }
        let recipients = evidence.recipients
        if !recipients.isEmpty {
            canvas.gap()
            for recipient in recipients { draw(recipient, on: &canvas) }
        }
        if canvas.look.verbose {
            for port in evidence.ports { PortText.draw(port, at: evidence.at, on: &canvas) }
        }
    }

    private static func draw(_ recipient: RecipientConclusion, on canvas: inout Canvas) {
        let tone: Tone =
            switch recipient.result {
            case .accepted: .good
            case .refused, .unusable: .bad
            default: .unknown
            }
        let words = recipient.result.rawValue.split(separator: "_").joined(separator: " ")
        let place = recipient.endpoint.map { " by \($0.host)" } ?? ""
        canvas.paragraph(
            behind: ["  ", Span(recipient.address, .strong), "  ", Span(words + place, tone)],
            [Span(". " + recipient.worth, .faint)])
    }

    /// A row a fact: what it is, what it is like.
    static func records(of domain: DomainEvidence, verbose: Bool) -> [[Span]] {
        var rows = hosts(of: domain)
        if domain.hostsLeftOut > 0 {
            rows.append(["", Span("and \(domain.hostsLeftOut) more hosts, not looked at", .faint)])
        }
        rows.append([Span("SPF", .strong), spf(domain.spf.value)])
        if domain.spf.status.value != nil { rows.append(["", cost(of: domain.spf.value)]) }
        rows += SPFTree.rows(of: domain.spf.value, isVerbose: verbose).map { ["", $0] }
        rows += domain.senders.map { ["", sender($0)] }
        rows += keys(of: domain)
        rows.append([Span("DMARC", .strong), dmarc(domain.dmarc.value)])
        rows.append([
            Span("MTA-STS", .strong),
            record(domain.mtaSTS) { $0.id.map { "announced, id \($0)" } ?? "announced, without a valid id" },
        ])
        rows.append([
            Span("TLS-RPT", .strong),
            record(domain.tlsRPT) {
                $0.destinations.isEmpty
                    ? "without a valid address" : "reports to \($0.destinations.joined(separator: ", "))"
            },
        ])
        return rows
    }

    // MARK: Records

    private static func spf(_ spf: SPFAnalysis) -> Span { record(spf.status) { short($0.text) } }

    private static func cost(of spf: SPFAnalysis) -> Span {
        if let problem = spf.status.value?.problems.first(where: \.isError) {
            return Span("has an error at column \(problem.column): \(problem.message)", .bad)
        }
        let atLeast = spf.isComplete ? "" : "at least "
        let end = spf.all.map { "ends in \($0.rawValue)all" } ?? "has no all"
        let tooMany = spf.lookups > 10 || spf.voidLookups > 2
        return Span(
            "\(atLeast)\(spf.lookups) of 10 lookups, \(spf.voidLookups) of 2 void, \(end)", tooMany ? .bad : .faint)
    }

    private static func sender(_ sender: SPFEvaluation) -> Span {
        Span(
            "\(sender.ip): \(sender.result.rawValue), \(sender.reason)",
            sender.result == .pass ? .good : sender.result == .temperror ? .unknown : .bad)
    }

    private static func keys(of domain: DomainEvidence) -> [[Span]] {
        if domain.dkim.isEmpty {
            // Guesses are vain where nobody answers.
            let guesses = domain.spf.status.unanswered == nil ? ", and none of the usual ones is there" : ""
            return [[Span("DKIM", .strong), Span("no selector given\(guesses)", .faint)]]
        }
        return domain.dkim.enumerated().map { index, key in
            let what = record(key.lookup.status) { record in
                let size = record.keyBits.map { " \($0) bits" } ?? ""
                let kind =
                    record.isRevoked
                    ? "revoked" : record.isValid ? "\(record.keyType.name)\(size)" : "no key that can be used"
                return kind + (record.isTesting ? ", testing" : "") + (key.isGiven ? "" : " (guessed)")
            }
            return [
                Span(index == 0 ? "DKIM" : "", .strong), Span("\(key.lookup.selector): \(what.text)", what.tone),
            ]
        }
    }

    private static func dmarc(_ dmarc: DMARCDiscovery) -> Span {
        switch dmarc.status {
        case .none: return Span("none", .warning)
        case .couldNotTell(let why): return Span("could not tell: \(Self.why(why))", .unknown)
        case .multipleAtOwnName(let texts): return Span("\(texts.count) records, so none counts", .bad)
        case .found(let record, let place):
            let policy = dmarc.policy.map { "\(dmarc.policyTag ?? "p")=\($0.rawValue)" } ?? "no valid policy"
            let from = place == dmarc.domain ? "" : ", from \(place)"
            let testing = record.isTesting ? ", testing" : ""
            let reports = record.aggregateReports.isEmpty ? "no reports" : "reports to "
            return Span(
                policy + testing + from + "; " + reports + record.aggregateReports.map(\.text).joined(separator: ", "))
        }
    }

    /// One record, or why there is none to show.
    private static func record<Value>(_ lookup: RecordLookup<Value>, _ text: (Value) -> String) -> Span {
        switch lookup {
        case .found(let value): Span(text(value))
        case .none, .noSuchName: Span("none", .faint)
        case .multiple(let texts): Span("\(texts.count) records where one may stand", .bad)
        case .couldNotTell(let why): Span("could not tell: \(Self.why(why))", .unknown)
        }
    }

    /// Long records are cut here; JSON has them whole.
    private static func short(_ text: String) -> String { Escaping.visible(text, limit: 200) }

    // MARK: Hosts

    private static func hosts(of domain: DomainEvidence) -> [[Span]] {
        switch domain.routing {
        case .null: return [[Span("Mail hosts", .strong), "none: a null MX says that the domain takes no mail"]]
        case .none: return [[Span("Mail hosts", .strong), "none: no MX and no address"]]
        case .couldNotTell(let why):
            return [[Span("Mail hosts", .strong), Span("could not tell: \(Self.why(why))", .unknown)]]
        case .hosts, .nullMixed, .implicit: break
        }
        var rows: [[Span]] = []
        for host in domain.hosts {
            let preference = host.preferences.map { String($0) }.joined(separator: ",")
            let name = preference.isEmpty ? "\(host.name)" : "\(preference) \(host.name)"
            var cells = host.addresses.map { $0.span(of: host.name) }
            if cells.isEmpty { cells = [noAddress(of: host)] }
            if preference.isEmpty { cells.append(Span("no MX: the domain is its own host", .warning)) }
            if let alias = host.alias { cells.append(Span("an alias of \(alias)", .warning)) }
            for (index, cell) in cells.enumerated() {
                rows.append([
                    Span(rows.isEmpty ? "Mail hosts" : "", .strong), Span(index == 0 ? name : ""), cell,
                ])
            }
        }
        return rows
    }

    private static func noAddress(of host: MailHost) -> Span {
        if let why = host.a.unanswered ?? host.aaaa.unanswered {
            return Span("address: could not tell: \(Self.why(why))", .unknown)
        }
        return Span("no address", .bad)
    }

    /// Why there was no answer, in a few words.
    static func why(_ unanswered: Unanswered) -> String {
        switch unanswered.reason {
        case .timedOut: "no answer in time"
        case .servfail: "SERVFAIL"
        case .refused: "refused"
        case .malformed: "the answer made no sense"
        case .closedEarly: "connection closed before the answer"
        case .unreachable: "no name server within reach"
        case .aliasLoop: "CNAMEs that go round"
        case .offline: "offline"
        case .notAsked: "not asked in time"
        }
    }
}

extension MailAddress {
    /// The address, what the reverse zone calls it, and whether that leads back.
    fileprivate func span(of host: DomainName) -> Span {
        switch ptr {
        case .couldNotTell(let why):
            return Span("\(address), PTR: could not tell: \(EvidenceText.why(why))", .unknown)
        case .noData, .noSuchName: return Span("\(address), no PTR", .warning)
        case .records: break
        }
        let others = names.map(\.name).filter { $0 != host }
        let shown = others.prefix(2).map { " \($0)" }.joined(separator: ",")
        let more = others.count > 2 ? " and \(others.count - 2) more" : ""
        switch forwardConfirmed {
        case .yes: return Span("\(address), PTR\(shown)\(more) ✓ leads back")
        case .no: return Span("\(address), PTR\(shown)\(more) does not lead back", .warning)
        case .couldNotTell(let why):
            return Span("\(address), PTR\(shown)\(more); back: could not tell: \(EvidenceText.why(why))", .unknown)
        }
    }
}
