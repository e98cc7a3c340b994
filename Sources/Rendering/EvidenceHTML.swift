import Judgement

/// What was seen, as tables of a page: the records, and the ports of each address.
enum EvidenceHTML {
    static func text(_ evidence: Evidence) -> String {
        var html = ""
        if let domain = evidence.domain {
            let facts = EvidenceText.records(of: domain, verbose: true) + FurtherText.rows(of: evidence)
            let rows = facts.map { row in
                let cells = row.enumerated().map { index, cell in
                    let span = index == row.count - 1 && row.count < 3 ? " colspan=\"2\"" : ""
                    return "<td\(tone(cell))\(span)>\(Escaping.html(cell.text, limit: 4_000))</td>"
                }
                return "<tr>" + cells.joined() + "</tr>\n"
            }
            html += "<table>\n" + rows.joined() + "</table>\n"
        }
        if !evidence.ports.isEmpty { html += ports(evidence) }
        return html.isEmpty ? "" : "<h2>What was seen</h2>\n" + html
    }

    private static func tone(_ span: Span) -> String {
        switch span.tone {
        case .good: " class=\"good\""
        case .notice: " class=\"notice\""
        case .warning: " class=\"warning\""
        case .bad, .critical: " class=\"error\""
        case .unknown: " class=\"unknown\""
        case .faint: " class=\"faint\""
        case .strong, .heading, .plain: ""
        }
    }

    private static func ports(_ evidence: Evidence) -> String {
        let services = Service.allCasesByUse.filter { service in evidence.ports.contains { $0.service == service } }
        var places: [String] = []
        var cells: [String: [Service: PortObservation]] = [:]
        for port in evidence.ports {
            let place = "\(port.endpoint.host) [\(port.endpoint.address)]"
            if cells[place] == nil { places.append(place) }
            cells[place, default: [:]][port.service] = port
        }
        let head = services.map { "<th>\($0.rawValue)</th>" }.joined()
        let rows = places.map { place in
            "<tr><td>\(Escaping.html(place))</td>"
                + services.map { service in
                    let cell = PortsTable.cell(cells[place]?[service], at: evidence.at)
                    return "<td\(tone(cell))>\(Escaping.html(cell.text))</td>"
                }.joined() + "</tr>\n"
        }
        return "<table>\n<tr><th>Ports</th>\(head)</tr>\n" + rows.joined() + "</table>\n<p class=\"faint\">"
            + Escaping.html(PortsTable.legend(evidence.ports, at: evidence.at)) + "</p>\n"
    }
}
