package import Judgement

/// The forms that reports can be written in: the values of `--format`.
package enum ReportFormat: String, Hashable, Sendable, CaseIterable {
    case text, json, markdown, html, junit, sarif, nagios

    /// All reports, in the order given. JSON is an object for one and an array for several, or an object a line.
    package func text(_ reports: [Report], _ look: Look, jsonLines: Bool = false) -> String {
        switch self {
        case .text: ReportFormat.forPeople(reports, look)
        case .json: ReportFormat.json(reports.map(ReportJSON.json), jsonLines: jsonLines)
        case .markdown: reports.map(ReportMarkdown.text).joined(separator: "\n")
        case .html: ReportHTML.text(reports)
        case .junit: ReportJUnit.text(reports)
        case .sarif: ReportSARIF.text(reports)
        case .nagios: reports.map(ReportNagios.text).joined()
        }
    }

    /// One value by itself, several as an array, or each on a line of its own; with a line feed at the end.
    package static func json(_ values: [JSON], jsonLines: Bool) -> String {
        if jsonLines { return values.map { JSONWriter.text($0) + "\n" }.joined() }
        return JSONWriter.text(values.count == 1 ? values[0] : .array(values), .indented) + "\n"
    }

    private static func forPeople(_ reports: [Report], _ look: Look) -> String {
        var canvas = Canvas(look)
        if reports.count > 1 {
            canvas.table(
                indent: 0,
                reports.map { report in
                    let words = VerdictWords.of(report.overall)
                    return [
                        Span(words.text, words.tone), Span(report.target.name, .strong),
                        Span(VerdictWords.counts(of: report), .faint),
                    ]
                })
        }
        for report in reports {
            if reports.count > 1 {
                canvas.gap()
                canvas.line(Span(String(repeating: "─", count: look.width), .faint))
                canvas.gap()
            }
            ReportText.draw(report, on: &canvas)
        }
        return canvas.text
    }
}
