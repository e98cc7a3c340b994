package import Judgement
import DNS
import Mail

/// A report for a terminal: the verdict and what to do first, then what is wrong by subject area, each with what to do;
/// then what could not be told and why; then what was seen, in brief. That of a healthy domain fits on a screen.
package enum ReportText {
    /// The whole report for a terminal.
    package static func text(_ report: Report, _ look: Look) -> String {
        var canvas = Canvas(look)
        draw(report, on: &canvas)
        return canvas.text
    }

    static func draw(_ report: Report, on canvas: inout Canvas) {
        let start = canvas.count
        verdict(of: report, on: &canvas)
        SelfTestRendering.draw(report.evidence.machine.limits, on: &canvas)
        FindingsText.first(of: report, on: &canvas)
        FindingsText.draw(report, on: &canvas)
        unknown(of: report, on: &canvas)
        AcceptedText.draw(report, on: &canvas)
        let isBrief = report.overall == .pass && !canvas.look.verbose && report.evidence.roundTrips.isEmpty
        EvidenceText.draw(report.evidence, isBrief: isBrief, on: &canvas)
        // Two lines are to come, and a prompt.
        if isBrief { canvas.cut(to: start + screen - 3) }
        for roundTrip in report.evidence.roundTrips {
            canvas.gap()
            JourneyText.draw(roundTrip, on: &canvas)
        }
        quiet(of: report, on: &canvas)
    }

    /// Lines of a terminal: the report of a healthy domain is never longer.
    package static let screen = 24

    /// The name, the worst there is, how many of what: on one line where that fits.
    private static func verdict(of report: Report, on canvas: inout Canvas) {
        let words = VerdictWords.of(report.overall)
        let head = [Span(report.target.name, .strong), "  ", Span(words.text, words.tone)]
        let counts = Span(VerdictWords.counts(of: report), .faint)
        if head.reduce(0, { $0 + $1.columns }) + 2 + counts.columns <= canvas.look.width {
            canvas.line(head + ["  ", counts])
        } else {
            canvas.line(head)
            canvas.paragraph([counts])
        }
    }

    /// `a, b, c and 4 more`
    static func listed(_ items: [String], _ look: Look, atMost: Int = 4) -> String {
        if look.verbose || items.count <= atMost { return items.joined(separator: ", ") }
        return items.prefix(atMost).joined(separator: ", ") + " and \(items.count - atMost) more"
    }

    // MARK: Unknown

    static func unknown(of report: Report, on canvas: inout Canvas) {
        if report.unknown.isEmpty { return }
        let words = VerdictWords.unknown
        canvas.heading("\(words.symbol) COULD NOT TELL", words.tone)
        var causes: [Failure.Cause] = []
        for entry in report.unknown where !causes.contains(entry.failure.cause) { causes.append(entry.failure.cause) }
        for (index, cause) in causes.enumerated() {
            if index > 0 { canvas.gap() }
            draw(cause, report.unknown.filter { $0.failure.cause == cause }, on: &canvas)
        }
    }

    /// One cause: what it kept us from, where, and what to do.
    private static func draw(_ cause: Failure.Cause, _ entries: [Report.Unknown], on canvas: inout Canvas) {
        canvas.paragraph(
            behind: ["  "], [Span(cause.rawValue, .strong), Span("  \(Advice.meaning(of: cause))")])
        // Offline, every question has the same answer.
        let details = cause == .offline ? [] : unique(entries.map(\.failure.detail).filter { !$0.isEmpty })
        let shown = canvas.look.verbose ? details.count : 3
        for detail in details.prefix(shown) { canvas.paragraph(behind: ["    - "], [Span(detail)], limit: 3) }
        if details.count > shown {
            canvas.line(Span("    - and \(details.count - shown) more: -v shows them all", .faint))
        }
        let subjects = unique(entries.map(\.subject.description))
        let checks = unique(entries.map(\.check.identifier))
        canvas.paragraph(
            indent: 4,
            [
                Span(
                    "open: \(listed(checks, canvas.look, atMost: 6)) — \(listed(subjects, canvas.look, atMost: 3))",
                    .faint)
            ])
        canvas.paragraph(behind: ["    → "], [Span(Advice.remedy(of: cause))])
    }

    private static func unique(_ items: [String]) -> [String] {
        var seen: Set<String> = []
        return items.filter { seen.insert($0).inserted }
    }

    // MARK: What was well

    static func quiet(of report: Report, on canvas: inout Canvas) {
        canvas.gap()
        let words = VerdictWords.pass
        guard canvas.look.verbose else {
            let passed = report.passed.isEmpty ? Span("– ", .faint) : Span("\(words.symbol) ", words.tone)
            let inapplicable = report.notApplicable.isEmpty ? "" : ", \(report.notApplicable.count) did not apply"
            canvas.paragraph(
                behind: [passed],
                [
                    Span("\(Wording.count(report.passed.count, "check")) passed\(inapplicable)"),
                    Span("  examined in \(Wording.duration(report.durationSeconds)) · -v shows everything", .faint),
                ])
            return
        }
        canvas.heading("\(words.symbol) PASSED (\(report.passed.count))", words.tone)
        canvas.table(indent: 2, report.passed.map { [Span($0.identifier), Span($0.title, .faint)] })
        if !report.notApplicable.isEmpty {
            canvas.heading("DID NOT APPLY (\(report.notApplicable.count))", .faint)
            canvas.table(
                indent: 2, report.notApplicable.map { [Span($0.check.identifier), Span($0.because, .faint)] })
        }
        canvas.gap()
        canvas.line(Span("Examined in \(Wording.duration(report.durationSeconds)), as of \(report.at).", .faint))
    }
}
