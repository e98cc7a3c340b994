import DNS
import Judgement

/// What senders would do, host by host, and how the hosts compare: two small tables.
enum SendersText {
    static func draw(_ evidence: Evidence, on canvas: inout Canvas) {
        guard let view = SendersView(evidence.transport) else { return }
        canvas.heading("WHAT SENDERS DO")
        actions(view, on: &canvas)
        matrix(evidence, on: &canvas)
    }

    /// What senders do in the end, in a line: `DANE ✓ verified · MTA-STS ✓ verified · opportunistic encrypted`.
    static func outcome(_ evidence: Evidence) -> Span? {
        guard let view = SendersView(evidence.transport) else { return nil }
        return Span(
            Sender.allCases.map { "\($0.name) \(cell(view.outcomes[$0]?.action).text)" }.joined(separator: " · "),
            .faint)
    }

    // MARK: Actions

    private static let column = 15

    private static func actions(_ view: SendersView, on canvas: inout Canvas) {
        let names = view.rows.map { row in "  " + label(row.preferences.min(), row.host) }
        let space = max(20, canvas.look.width - Sender.allCases.count * column)
        let width = min(max((names.map(Columns.of).max() ?? 0) + 2, 20), space)
        canvas.line(
            [PortsTable.pad(Span("  Mail host"), width)]
                + Sender.allCases.map { PortsTable.pad(Span($0.name, .strong), column) })
        for (row, name) in zip(view.rows, names) {
            let cells = Sender.allCases.map { PortsTable.pad(cell(row.actions[$0]), column) }
            if Columns.of(name) + 1 > width {
                canvas.line(Span(name))
                canvas.line([PortsTable.pad("", width)] + cells)
            } else {
                canvas.line([PortsTable.pad(Span(name), width)] + cells)
            }
        }
        let ends = Sender.allCases.map { sender in
            PortsTable.pad(cell(view.outcomes[sender]?.action), column)
        }
        if view.rows.count > 1 { canvas.line([PortsTable.pad(Span("  in the end", .faint), width)] + ends) }
        reasons(view, on: &canvas)
        requireTLS(view, on: &canvas)
    }

    /// One line where a host offers the extension.
    private static func requireTLS(_ view: SendersView, on canvas: inout Canvas) {
        let required = view.requireTLS
        guard required.rows.contains(where: { $0.isOffered == true }) else { return }
        let best = required.rows.first { $0.host == required.outcome.host } ?? required.rows.first
        let reason = required.outcome.action.kind.delivers ? nil : best.map { "\($0.host): \($0.action.reason)" }
        let text =
            switch required.outcome.action.kind {
            case .verified: "can be delivered\(required.outcome.host.map { " to \($0)" } ?? "")"
            case .unknown: "it is not known whether it can be delivered"
            case .defers: "waits"
            default: "comes back"
            }
        canvas.paragraph(
            behind: ["    "],
            [Span("REQUIRETLS: ", .faint), Span("mail that requires TLS \(text)" + (reason.map { "; \($0)" } ?? ""))],
            limit: 3)
    }

    private static func label(_ preference: UInt16?, _ host: DomainName) -> String {
        (preference.map { "\($0) " } ?? "") + host.description
    }

    private static func cell(_ action: SenderAction?) -> Span {
        switch action?.kind {
        case .verified?: Span("✓ verified", .good)
        case .encrypted?: Span("encrypted")
        case .clear?: Span("in clear", .warning)
        case .refuses?: Span("✗ refuses", .bad)
        case .defers?: Span("✗ defers", .bad)
        case .unknown?, nil: Span("? not known", .unknown)
        }
    }

    /// Why a sender does not deliver, or it is not known; each reason once, with those it is for.
    private static func reasons(_ view: SendersView, on canvas: inout Canvas) {
        var order: [String] = []
        var who: [String: [Sender]] = [:]
        for row in view.rows {
            for sender in Sender.allCases {
                guard let action = row.actions[sender] else { continue }
                let isPlain = action.kind == .verified || action.kind == .encrypted || action.kind == .clear
                if isPlain, !canvas.look.verbose, !action.reason.contains("not at ") { continue }
                let text =
                    action.reason.contains(row.host.description) ? action.reason : "\(row.host): \(action.reason)"
                if who[text] == nil { order.append(text) }
                if who[text]?.contains(sender) != true { who[text, default: []].append(sender) }
            }
        }
        let shown = canvas.look.verbose ? order.count : 6
        for text in order.prefix(shown) {
            let senders = who[text] ?? []
            let name = senders.count == Sender.allCases.count ? "all" : senders.map(\.name).joined(separator: ", ")
            canvas.paragraph(behind: ["    "], [Span("\(name): ", .faint), Span(text)], limit: 3)
        }
        if order.count > shown { canvas.line(Span("    and \(order.count - shown) more: -v shows them all", .faint)) }
    }

    // MARK: Matrix

    private static let narrow = 11

    private static func heading(_ column: HostMatrix.Column) -> String {
        switch column {
        case .ptr: "PTR"
        case .ehlo: "EHLO"
        case .certificate: "cert"
        case .tlsa: "TLSA"
        case .sts: "STS"
        }
    }

    private static func matrix(_ evidence: Evidence, on canvas: inout Canvas) {
        let rows = HostMatrix(evidence).rows
        if rows.isEmpty { return }
        let columns = HostMatrix.Column.allCases.filter { column in
            column == .certificate || rows.contains { $0.cells[column].map { $0.state != .none } ?? false }
        }
        canvas.gap()
        let longest = rows.map { Columns.of($0.address.description) }.max() ?? 0
        let space = max(17, canvas.look.width - columns.count * narrow)
        let width = min(max(longest + 6, 20), space)
        canvas.line(
            [PortsTable.pad(Span("  Address"), width)]
                + columns.map { PortsTable.pad(Span(heading($0), .strong), narrow) })
        var last: DomainName?
        for row in rows {
            if row.host != last { canvas.line(Span("  " + label(row.preference, row.host))) }
            last = row.host
            let cells = columns.map { PortsTable.pad(span(row.cells[$0]), narrow) }
            let name = Span("    \(row.address)", .faint)
            if name.columns + 1 > width {
                canvas.line(name)
                canvas.line([PortsTable.pad("", width)] + cells)
            } else {
                canvas.line([PortsTable.pad(name, width)] + cells)
            }
        }
    }

    private static func span(_ cell: HostMatrix.Cell?) -> Span {
        guard let cell else { return Span("–", .faint) }
        return switch cell.state {
        case .good: Span(cell.text == "ok" ? "✓" : "✓ \(cell.text)", .good)
        case .weak: Span(cell.text, .warning)
        case .bad: Span("✗ \(cell.text)", .bad)
        case .none: Span(cell.text, .faint)
        case .unknown: Span(cell.text, .unknown)
        }
    }
}
