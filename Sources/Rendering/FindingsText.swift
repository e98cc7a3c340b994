import DNS
import Judgement

/// What was found, for a terminal: by subject area, the area with the worst first, each finding with what to do.
enum FindingsText {
    /// What to do first, in a line each.
    static func first(of report: Report, on canvas: inout Canvas) {
        let groups = FindingGroup.first(of: report)
        if groups.isEmpty { return }
        canvas.heading("DO THIS FIRST")
        for (index, group) in groups.enumerated() {
            let words = VerdictWords.of(group.severity)
            canvas.paragraph(
                behind: [Span("  \(index + 1). "), Span(words.text, words.tone), "  "],
                [Span(group.title), Span("  \(group.check.identifier)", .faint)])
        }
    }

    // MARK: All

    /// - Parameter isOfOne: all are about one thing, which the head has named: it is not said again with each.
    static func draw(_ report: Report, isOfOne: Bool = false, on canvas: inout Canvas) {
        let isVerbose = canvas.look.verbose
        let shown = report.findings.filter { isVerbose || $0.severity > .info }
        var areas: [(area: SubjectArea, groups: [FindingGroup])] = []
        for group in FindingGroup.of(shown) {
            let area = SubjectArea(of: group.check)
            if let index = areas.firstIndex(where: { $0.area == area }) {
                areas[index].groups.append(group)
            } else {
                areas.append((area, [group]))
            }
        }
        for (area, groups) in areas {
            let worst = VerdictWords.of(groups.map(\.severity).max() ?? .info)
            let number = groups.reduce(0) { $0 + $1.findings.count }
            canvas.gap()
            canvas.line(
                Span(area.title.uppercased(), worst.tone), Span("  \(Wording.count(number, "finding"))", .faint))
            for (index, group) in groups.enumerated() {
                if index > 0 { canvas.gap() }
                draw(group, isOfOne: isOfOne, on: &canvas)
            }
        }
        if !isVerbose { goodToKnow(report.findings.filter { $0.severity == .info }, on: &canvas) }
    }

    /// Facts that nobody has to act on: a line each.
    private static func goodToKnow(_ findings: [Report.Finding], on canvas: inout Canvas) {
        if findings.isEmpty { return }
        canvas.heading("GOOD TO KNOW", .faint)
        for group in FindingGroup.of(findings) {
            canvas.paragraph(
                behind: ["  ", Span(VerdictWords.of(group.severity).symbol, .faint), " "],
                [Span(group.title), Span("  \(group.check.identifier)", .faint)])
        }
    }

    private static func draw(_ group: FindingGroup, isOfOne: Bool, on canvas: inout Canvas) {
        let subjects = group.findings.map(\.subject.description)
        let many = group.findings.count > 1
        let words = VerdictWords.of(group.severity)
        canvas.paragraph(
            behind: ["  "],
            [
                Span(words.text, words.tone), "  ", Span(group.check.identifier, .strong), "  ",
                Span(many || isOfOne ? group.check.title : subjects[0], .faint),
            ])
        let said = bySummary(group.findings)
        let shown = canvas.look.verbose ? said.count : 4
        if said.count == 1 {
            canvas.paragraph(indent: 4, said[0][0].summary)
            if many { canvas.paragraph(indent: 4, [Span(ReportText.listed(subjects, canvas.look), .faint)]) }
        } else {
            for findings in said.prefix(shown) {
                let summary = Span(findings[0].summary)
                if findings.count == 1 {
                    canvas.paragraph(behind: ["    - "], [Span(place(of: findings[0]), .faint), summary])
                } else {
                    let whose = ReportText.listed(findings.map(\.subject.description), canvas.look)
                    canvas.paragraph(behind: ["    - "], [summary, Span("  \(whose)", .faint)])
                }
            }
            if said.count > shown {
                canvas.line(Span("    - and \(said.count - shown) more: -v shows them all", .faint))
            }
        }
        remedy(group.remedy, on: &canvas)
    }

    /// Those of which the same is said, together.
    private static func bySummary(_ findings: [Report.Finding]) -> [[Report.Finding]] {
        var said: [[Report.Finding]] = []
        var places: [String: Int] = [:]
        for finding in findings {
            if let place = places[finding.summary] {
                said[place].append(finding)
            } else {
                places[finding.summary] = said.count
                said.append([finding])
            }
        }
        return said
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
}
