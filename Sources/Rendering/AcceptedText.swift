import Judgement
import Mail

/// Findings that a baseline accepts, and those that it accepted until a day that has passed: apart from the others.
enum AcceptedText {
    private static func day(_ accepted: Report.Accepted) -> String {
        accepted.until.map { "until \($0.description.prefix(10))" } ?? "without end"
    }

    static func draw(_ report: Report, on canvas: inout Canvas) {
        draw("ACCEPTED", report.accepted, .faint, on: &canvas)
        draw("NO LONGER ACCEPTED", report.lapsed, .warning, on: &canvas)
    }

    private static func draw(_ title: String, _ list: [Report.Accepted], _ tone: Tone, on canvas: inout Canvas) {
        if list.isEmpty { return }
        canvas.heading("· \(title) (\(list.count))", tone)
        for accepted in list {
            let finding = accepted.finding
            canvas.paragraph(
                behind: ["  "],
                [
                    Span(finding.check.identifier), "  ", Span(finding.severity.rawValue, .faint), "  ",
                    Span("\(finding.subject), \(day(accepted)): \(accepted.reason)", .faint),
                ])
        }
    }

    static func markdown(_ report: Report) -> [String] {
        func section(_ title: String, _ list: [Report.Accepted]) -> [String] {
            if list.isEmpty { return [] }
            let safe = { (text: String) in Escaping.markdown(text) }
            let rows = list.map {
                "| \($0.finding.severity.rawValue) | `\($0.finding.check.identifier)` | \(safe($0.finding.subject.description)) | \(day($0)) | \(safe($0.reason)) |"
            }
            return ["## \(title)", "", "| | Check | Subject | | Reason |", "|---|---|---|---|---|"] + rows + [""]
        }
        return section("Accepted", report.accepted) + section("No longer accepted", report.lapsed)
    }

    static func html(_ report: Report) -> String {
        func section(_ title: String, _ list: [Report.Accepted]) -> String {
            if list.isEmpty { return "" }
            let safe = { (text: String) in Escaping.html(text) }
            let rows = list.map {
                "<tr><td>\($0.finding.severity.rawValue)</td><td><code>\(safe($0.finding.check.identifier))</code></td>"
                    + "<td>\(safe($0.finding.subject.description))</td><td>\(day($0)): \(safe($0.reason))</td></tr>\n"
            }
            return
                "<h2>\(title)</h2>\n<table>\n<tr><th>Severity</th><th>Check</th><th>Subject</th><th>Accepted</th></tr>\n"
                + rows.joined() + "</table>\n"
        }
        return section("Accepted", report.accepted) + section("No longer accepted", report.lapsed)
    }
}
