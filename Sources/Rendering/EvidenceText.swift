import Judgement
import DNS
import Mail

/// What was seen, in brief: the facts behind a report.
enum EvidenceText {
    static func draw(_ evidence: Evidence, on canvas: inout Canvas) {
        if evidence.domain == nil, evidence.ports.isEmpty { return }
        canvas.heading("WHAT WAS SEEN")
        if let domain = evidence.domain { canvas.table(indent: 2, records(of: domain)) }
        if !evidence.ports.isEmpty {
            canvas.gap()
            PortsTable.draw(evidence.ports, at: evidence.at, on: &canvas)
            let legend = PortsTable.legend(evidence.ports, at: evidence.at)
            if !legend.isEmpty { canvas.paragraph(indent: 4, legend, .faint) }
        }
        if canvas.look.verbose {
            for port in evidence.ports { PortText.draw(port, at: evidence.at, on: &canvas) }
        }
    }

    /// A row a fact: what it is, what it is like.
    private static func records(of domain: DomainEvidence) -> [[Span]] {
        var rows = hosts(of: domain)
        if domain.hostsLeftOut > 0 {
            rows.append(["", Span("and \(domain.hostsLeftOut) more hosts, not looked at", .faint)])
        }
        return rows
    }

    private static func hosts(of domain: DomainEvidence) -> [[Span]] {
        switch domain.routing {
        case .null: return [["Mail hosts", "none: a null MX says that the domain takes no mail"]]
        case .none: return [["Mail hosts", "none: no MX and no address"]]
        case .couldNotTell(let why): return [["Mail hosts", Span("could not tell: \(Self.why(why))", .unknown)]]
        case .hosts, .nullMixed, .implicit: break
        }
        var rows: [[Span]] = []
        for host in domain.hosts {
            let preference = host.preferences.map { String($0) }.joined(separator: ",")
            let name = preference.isEmpty ? "\(host.name) (no MX: the domain itself)" : "\(preference) \(host.name)"
            let alias = host.alias.map { " → \($0)" } ?? ""
            rows.append([Span(rows.isEmpty ? "Mail hosts" : "", .strong), Span(name + alias)])
            for address in host.addresses { rows.append(["", address.spanWithPTR]) }
            if host.addresses.isEmpty { rows.append(["", noAddress(of: host)]) }
        }
        return rows
    }

    private static func noAddress(of host: MailHost) -> Span {
        if let why = host.a.unanswered ?? host.aaaa.unanswered {
            return Span("   address: could not tell: \(Self.why(why))", .unknown)
        }
        return Span("   no address", .bad)
    }

    /// Why there was no answer, in a few words.
    static func why(_ unanswered: Unanswered) -> String {
        switch unanswered.reason {
        case .timedOut: "no answer in time"
        case .servfail: "SERVFAIL"
        case .refused: "refused"
        case .malformed: "the answer made no sense"
        case .unreachable: "no name server within reach"
        case .aliasLoop: "CNAMEs that go round"
        case .offline: "offline"
        case .notAsked: "not asked in time"
        }
    }
}

extension MailAddress {
    /// The address, the names it has in the reverse zone, and whether they lead back.
    fileprivate var spanWithPTR: Span {
        switch ptr {
        case .couldNotTell(let why):
            return Span("   \(address)  PTR: could not tell: \(EvidenceText.why(why))", .unknown)
        case .noData, .noSuchName: return Span("   \(address)  no PTR", .warning)
        case .records: break
        }
        let shown = names.prefix(2).map(\.name.description).joined(separator: ", ")
        let more = names.count > 2 ? " and \(names.count - 2) more" : ""
        switch forwardConfirmed {
        case .yes: return Span("   \(address)  ↔ \(shown)\(more)")
        case .no: return Span("   \(address)  → \(shown)\(more), which does not lead back", .warning)
        case .couldNotTell(let why):
            return Span("   \(address)  → \(shown)\(more); back: could not tell: \(EvidenceText.why(why))", .unknown)
        }
    }
}
