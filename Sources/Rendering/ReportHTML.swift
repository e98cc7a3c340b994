package import Judgement

/// Reports as one page by itself: no script, nothing fetched, every word from outside escaped.
package enum ReportHTML {
    /// One page for all reports.
    package static func text(_ reports: [Report]) -> String {
        let title = reports.count == 1 ? reports[0].target.name : "\(reports.count) domains"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>mailsonde: \(Escaping.html(title))</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
            table { border-collapse: collapse; width: 100%; }
            th, td { text-align: left; vertical-align: top; padding: .3em .6em; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
            code { font-size: 90%; }
            .critical, .error { color: #a00; } .warning { color: #850; } .unknown { color: #707; } .pass { color: #060; }
            </style>
            </head>
            <body>
            \(reports.map(article).joined())</body>
            </html>

            """
    }

    private static func article(_ report: Report) -> String {
        let words = VerdictWords.of(report.overall)
        var html =
            "<article>\n<h1>\(safe(report.target.name)) <span class=\"\(report.overall.rawValue)\">\(words.text)</span></h1>\n"
        html += "<p>\(VerdictWords.counts(of: report)), as of \(report.at).</p>\n"
        if !report.findings.isEmpty {
            html += "<table>\n<tr><th>Severity</th><th>Check</th><th>Subject</th><th>Finding and remedy</th></tr>\n"
            for finding in report.findings {
                html += "<tr><td class=\"\(finding.severity.rawValue)\">\(VerdictWords.of(finding.severity).text)</td>"
                html +=
                    "<td><code>\(safe(finding.check.identifier))</code></td><td>\(safe(finding.subject.description))</td>"
                html +=
                    "<td>\(safe(finding.summary))<br><small>\(Escaping.html(finding.remedy, limit: 4_000))</small></td></tr>\n"
            }
            html += "</table>\n"
        }
        if !report.unknown.isEmpty {
            html +=
                "<h2 class=\"unknown\">Could not tell</h2>\n<table>\n<tr><th>Check</th><th>Subject</th><th>Cause</th></tr>\n"
            for entry in report.unknown {
                html +=
                    "<tr><td><code>\(safe(entry.check.identifier))</code></td><td>\(safe(entry.subject.description))</td>"
                html += "<td>\(entry.failure.cause.rawValue): \(safe(PortText.detail(of: entry.failure)))</td></tr>\n"
            }
            html += "</table>\n"
        }
        html += AcceptedText.html(report)
        let passed = report.passed.map { "<code>\(safe($0.identifier))</code>" }.joined(separator: ", ")
        return html + "<h2 class=\"pass\">Passed</h2>\n<p>\(passed.isEmpty ? "Nothing." : passed)</p>\n</article>\n"
    }

    private static func safe(_ text: String) -> String { Escaping.html(text) }
}
