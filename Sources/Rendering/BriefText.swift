import DNS
package import Judgement

/// A report in as few lines as can be: the verdict, a line for each check that found something or could not tell, and
/// the ports. For those who watch results come in; remedies and evidence stand in ``ReportText``.
package enum BriefText {
    /// A few lines for a terminal.
    package static func text(_ report: Report, _ look: Look) -> String {
        var canvas = Canvas(look)
        draw(report, on: &canvas)
        return canvas.text
    }

    /// `✗ error  broken.example  12 errors, 3 warnings, 40 passed  in 0.4 s`
    package static func verdict(_ report: Report) -> [Span] {
        let words = VerdictWords.of(report.overall)
        return [
            Span(words.text, words.tone), "  ", Span(report.target.name, .strong), "  ",
            Span(VerdictWords.counts(of: report)), Span("  in \(Wording.duration(report.durationSeconds))", .faint),
        ]
    }

    /// `▲ misplaced` and its colleagues, for one line.
    package static func outcome(_ roundTrip: RoundTripObservation) -> Span {
        let words = JourneyText.words(of: roundTrip.outcome)
        return Span(words.text, words.tone)
    }

    static func draw(_ report: Report, on canvas: inout Canvas) {
        canvas.line(verdict(report))
        var checks: [Check] = []
        for finding in report.findings where !checks.contains(finding.check) { checks.append(finding.check) }
        let widest = checks.map(\.identifier.utf8.count).max() ?? 0
        for check in checks { row(report.findings.filter { $0.check == check }, of: report, widest, on: &canvas) }
        unknown(of: report, on: &canvas)
        if !report.evidence.ports.isEmpty {
            PortsTable.draw(report.evidence.ports, at: report.at, on: &canvas)
            let legend = PortsTable.legend(report.evidence.ports, at: report.at)
            if !legend.isEmpty { canvas.paragraph(indent: 2, legend, .faint) }
        }
    }

    /// One check: its identifier, its title, and where, unless that is the domain itself.
    private static func row(
        _ findings: [Report.Finding], of report: Report, _ widest: Int, on canvas: inout Canvas
    ) {
        guard let first = findings.first else { return }
        let words = VerdictWords.of(first.severity)
        let symbol = words.symbol.count == 1 ? words.symbol + " " : words.symbol
        let name = first.check.identifier
        let gap = String(repeating: " ", count: max(0, widest - name.utf8.count) + 2)
        var places: [String] = []
        for finding in findings {
            let place = host(of: finding.subject)
            if place != report.target.domain?.description, !places.contains(place) { places.append(place) }
        }
        let at = places.isEmpty ? "" : ": " + ReportText.listed(places, canvas.look, atMost: 2)
        canvas.paragraph(
            behind: ["  ", Span(symbol, words.tone), " ", Span(name), Span(gap)],
            [Span(first.check.title), Span(at, .faint)])
    }

    /// The name alone: addresses and ports stand in the table below, and in the full report.
    private static func host(of subject: Subject) -> String {
        switch subject {
        case .address(_, let host): host.description
        case .endpoint(let endpoint): endpoint.host.description
        default: subject.description
        }
    }

    /// One line a cause: what could not be told, and why.
    private static func unknown(of report: Report, on canvas: inout Canvas) {
        var causes: [Failure.Cause] = []
        for entry in report.unknown where !causes.contains(entry.failure.cause) { causes.append(entry.failure.cause) }
        for cause in causes {
            let entries = report.unknown.filter { $0.failure.cause == cause }
            let checks = Set(entries.map(\.check.identifier)).sorted()
            let detail = entries.first.map { PortText.detail(of: $0.failure) } ?? ""
            canvas.paragraph(
                behind: ["  ", Span("? ", VerdictWords.unknown.tone), " "],
                [
                    Span("could not tell \(ReportText.listed(checks, canvas.look, atMost: 2)): "),
                    Span(detail.isEmpty ? cause.rawValue : detail, .faint),
                ])
        }
    }
}
