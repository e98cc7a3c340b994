package import Judgement
import DNS
import Mail

/// A report for a terminal: the verdict first, then what is wrong, the worst first, each with what to do;
/// then what could not be told and why; then what was seen, in brief.
package enum ReportText {
    /// The whole report for a terminal.
    package static func text(_ report: Report, _ look: Look) -> String {
        var canvas = Canvas(look)
        draw(report, on: &canvas)
        return canvas.text
    }

    static func draw(_ report: Report, on canvas: inout Canvas) {
        verdict(of: report, on: &canvas)
        findings(of: report, on: &canvas)
        unknown(of: report, on: &canvas)
        AcceptedText.draw(report, on: &canvas)
        EvidenceText.draw(report.evidence, on: &canvas)
        for roundTrip in report.evidence.roundTrips {
            canvas.gap()
            JourneyText.draw(roundTrip, on: &canvas)
        }
        quiet(of: report, on: &canvas)
    }

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

    // MARK: Findings

    /// Findings of one check with one remedy: said once, with all their subjects.
    private struct Group {
        var check: Check
        var remedy: String
        var findings: [Report.Finding]
    }

    /// - Parameter isOfOne: all are about one thing, which the head has named: it is not said again with each.
    static func findings(of report: Report, isOfOne: Bool = false, on canvas: inout Canvas) {
        for severity in Severity.allCases.reversed() {
            let groups = grouped(report.findings.filter { $0.severity == severity })
            if groups.isEmpty { continue }
            let words = VerdictWords.of(severity)
            canvas.heading(
                "\(words.symbol) \(heading(severity, report.findings.count { $0.severity == severity }))", words.tone)
            for (index, group) in groups.enumerated() {
                if index > 0 { canvas.gap() }
                draw(group, isOfOne: isOfOne, on: &canvas)
            }
        }
    }

    private static func heading(_ severity: Severity, _ number: Int) -> String {
        let (one, many) = VerdictWords.plural(severity)
        return number == 1 ? one.uppercased() : "\(many.uppercased()) (\(number))"
    }

    private static func grouped(_ findings: [Report.Finding]) -> [Group] {
        var groups: [Group] = []
        for finding in findings {
            if let index = groups.firstIndex(where: { $0.check == finding.check && $0.remedy == finding.remedy }) {
                groups[index].findings.append(finding)
            } else {
                groups.append(Group(check: finding.check, remedy: finding.remedy, findings: [finding]))
            }
        }
        return groups
    }

    private static func draw(_ group: Group, isOfOne: Bool, on canvas: inout Canvas) {
        let subjects = group.findings.map(\.subject.description)
        let many = group.findings.count > 1
        canvas.paragraph(
            behind: ["  "],
            [
                Span(group.check.identifier, .strong), "  ",
                Span(many || isOfOne ? group.check.title : subjects[0], .faint),
            ])
        let shown = canvas.look.verbose ? group.findings.count : 4
        let summaries = Set(group.findings.map(\.summary))
        if let summary = summaries.first, summaries.count == 1 {
            canvas.paragraph(indent: 4, summary)
            if many { canvas.paragraph(indent: 4, [Span(listed(subjects, canvas.look), .faint)]) }
        } else {
            for finding in group.findings.prefix(shown) {
                canvas.paragraph(
                    behind: ["    - "], [Span(place(of: finding), .faint), Span(finding.summary)])
            }
            if group.findings.count > shown {
                canvas.line(Span("    - and \(group.findings.count - shown) more: -v shows them all", .faint))
            }
        }
        remedy(group.remedy, on: &canvas)
    }

    /// What the summary does not say itself of the subject.
    private static func place(of finding: Report.Finding) -> String {
        let subject = finding.subject.description
        switch finding.subject {
        case .domain(let name), .host(let name):
            return finding.summary.contains(name.description) ? "" : subject + ": "
        case .address(let address, let host):
            guard finding.summary.contains(host.description) else { return subject + ": " }
            return finding.summary.contains(address.description) ? "" : "[\(address)] "
        case .endpoint(let endpoint):
            guard finding.summary.contains(endpoint.host.description) else { return subject + ": " }
            return "[\(endpoint.address)]:\(endpoint.port) "
        case .mailbox, .roundTrip, .message: return subject + ": "
        }
    }

    /// The first paragraph of a remedy, with what it announces; `-v` shows all of it.
    private static func remedy(_ markdown: String, on canvas: inout Canvas) {
        let blocks = MarkdownText.blocks(markdown)
        guard let first = blocks.first else { return }
        if canvas.look.verbose {
            MarkdownText.draw(blocks, behind: "    → ", on: &canvas)
        } else if case .paragraph(let text) = first, text.hasSuffix(":") {
            MarkdownText.draw(Array(blocks.prefix(2)), behind: "    → ", on: &canvas, limit: 4)
        } else {
            MarkdownText.draw([first], behind: "    → ", on: &canvas, limit: 4)
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
