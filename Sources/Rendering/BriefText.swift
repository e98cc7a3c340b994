package import Judgement

/// A report in as few lines as can be: the verdict, a line for each check that found something or could not tell, and
/// the ports. For those who watch results come in; remedies and evidence stand in ``ReportText``.
package enum BriefText {
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
        let unknown = Array(Set(report.unknown.map(\.check)).subtracting(checks)).sorted {
            $0.identifier < $1.identifier
        }
        let widest = (checks + unknown).map(\.identifier.utf8.count).max() ?? 0
        for check in checks {
            let findings = report.findings.filter { $0.check == check }
            guard let first = findings.first else { continue }
            let words = VerdictWords.of(first.severity)
            row(words, check, widest, first.summary, others: findings.count - 1, on: &canvas)
        }
        for check in unknown {
            let entries = report.unknown.filter { $0.check == check }
            guard let first = entries.first else { continue }
            let detail = PortText.detail(of: first.failure)
            row(
                .unknown, check, widest, "\(first.failure.cause.rawValue): \(detail)", others: entries.count - 1,
                on: &canvas)
        }
        if !report.evidence.ports.isEmpty {
            PortsTable.draw(report.evidence.ports, at: report.at, on: &canvas)
            let legend = PortsTable.legend(report.evidence.ports, at: report.at)
            if !legend.isEmpty { canvas.paragraph(indent: 2, legend, .faint) }
        }
    }

    private static func row(
        _ words: VerdictWords, _ check: Check, _ widest: Int, _ summary: String, others: Int, on canvas: inout Canvas
    ) {
        let name = check.identifier + String(repeating: " ", count: max(0, widest - check.identifier.utf8.count))
        let symbol = words.symbol.count == 1 ? words.symbol + " " : words.symbol
        let more = others > 0 ? "  (and \(others) more)" : ""
        let room = canvas.look.width - 4 - 3 - widest - 2 - Columns.of(more)
        canvas.line(
            "    ", Span(symbol, words.tone), " ", Span(name, .faint), "  ", Span(cut(summary, to: max(room, 16))),
            Span(more, .faint))
    }

    /// The beginning of a text that takes no more than so many columns.
    private static func cut(_ text: String, to columns: Int) -> String {
        let safe = Escaping.visible(text)
        if Columns.of(safe) <= columns { return safe }
        var kept = "", used = 0
        for character in safe {
            used += Columns.of(character)
            if used > columns - 1 { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
