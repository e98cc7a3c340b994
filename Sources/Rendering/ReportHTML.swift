package import Judgement

/// Reports as one page by itself, to send and to print: no script, nothing fetched, every word from outside escaped.
package enum ReportHTML {
    /// One page for all reports, with a table of them on top where they are several.
    package static func text(_ reports: [Report]) -> String {
        let title = reports.count == 1 ? reports[0].target.name : "\(reports.count) domains"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>mailsonde: \(safe(title))</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            \(reports.count > 1 ? contents(reports) : "")\(reports.enumerated().map { article($1, number: $0 + 1) }.joined())</body>
            </html>

            """
    }

    private static let style = """
        :root { color-scheme: light dark; --line: #8884; --faint: #777; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.6em; margin: .2em 0; } h2 { font-size: 1.15em; margin: 1.6em 0 .4em; }
        h2 small, .faint { color: var(--faint); font-weight: normal; }
        table { border-collapse: collapse; width: 100%; margin: .4em 0; }
        th, td { text-align: left; vertical-align: top; padding: .25em .6em .25em 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        code, pre { font: .88em/1.4 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
        pre { background: #8881; padding: .5em .7em; white-space: pre-wrap; overflow-wrap: anywhere; }
        .finding { border-left: .25em solid; padding: .1em 0 .1em .8em; margin: .8em 0; break-inside: avoid; }
        .finding > * { color: CanvasText; } .finding > .faint { color: var(--faint); } .finding p { margin: .3em 0; } .remedy { margin-left: 1.2em; }
        .badge { font-weight: bold; } svg { display: block; width: 100%; height: .7em; margin: .6em 0; }
        .critical, .finding .critical { color: #b0003a; fill: #b0003a; } .error, .finding .error { color: #c62828; fill: #c62828; }
        .warning, .finding .warning { color: #9a6700; fill: #d29922; } .notice, .finding .notice { color: #0b7285; fill: #22a6b3; }
        .info { color: #777; fill: #aaa; } .unknown { color: #8250b0; fill: #8250b0; } .pass, .good { color: #1a7f37; fill: #2da44e; }
        article + article { margin-top: 3em; border-top: 2px solid var(--line); padding-top: 1em; }
        @media print {
          body { font-size: 10pt; max-width: none; margin: 0; padding: 0; }
          article + article { break-before: page; border: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; }
          pre { border: 1px solid #ccc; background: none; }
        }
        """

    private static func safe(_ text: String) -> String { Escaping.html(text) }

    /// `<span class="badge error">✗ error</span>`
    private static func badge(_ words: VerdictWords, _ name: String) -> String {
        "<span class=\"badge \(name)\">\(words.text)</span>"
    }

    private static func contents(_ reports: [Report]) -> String {
        let rows = reports.enumerated().map { index, report in
            "<tr><td>\(badge(.of(report.overall), report.overall.rawValue))</td>"
                + "<td><a href=\"#d\(index + 1)\">\(safe(report.target.name))</a></td>"
                + "<td>\(VerdictWords.counts(of: report))</td></tr>\n"
        }
        return "<table>\n" + rows.joined() + "</table>\n"
    }

    private static func article(_ report: Report, number: Int) -> String {
        var html = "<article id=\"d\(number)\">\n<h1>\(safe(report.target.name)) "
        html += badge(.of(report.overall), report.overall.rawValue) + "</h1>\n"
        html += "<p class=\"faint\">\(VerdictWords.counts(of: report)), as of \(report.at).</p>\n"
        html += SelfTestRendering.html(report.evidence.machine.limits) + picture(report)
        html +=
            first(report) + findings(report) + unknown(report) + AcceptedText.html(report)
            + EvidenceHTML.text(report.evidence)
        let passed = report.passed.map { "<code>\(safe($0.identifier))</code>" }.joined(separator: ", ")
        html += "<h2>Passed <small>\(report.passed.count)</small></h2>\n"
        return html + "<p class=\"faint\">\(passed.isEmpty ? "Nothing." : passed)</p>\n</article>\n"
    }

    /// A bar as long as the page: how many checks found what.
    private static func picture(_ report: Report) -> String {
        var parts: [(String, Int)] = Severity.allCases.reversed().map { severity in
            (severity.rawValue, Set(report.findings.filter { $0.severity == severity }.map(\.check)).count)
        }
        parts.append(("unknown", Set(report.unknown.map(\.check)).count))
        parts.append(("pass", report.passed.count))
        let all = parts.reduce(0) { $0 + $1.1 }
        guard all > 0 else { return "" }
        var bars = ""
        var start = 0
        for (name, number) in parts where number > 0 {
            bars +=
                "<rect class=\"\(name)\" x=\"\(start)\" width=\"\(number)\" height=\"1\"><title>\(number) \(name)</title></rect>"
            start += number
        }
        return
            "<svg viewBox=\"0 0 \(all) 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"checks by outcome\">\(bars)</svg>\n"
    }

    // MARK: Findings

    private static func findings(_ report: Report) -> String {
        var areas: [(area: SubjectArea, findings: [Report.Finding])] = []
        for finding in report.findings {
            let area = SubjectArea(of: finding.check)
            if let index = areas.firstIndex(where: { $0.area == area }) {
                areas[index].findings.append(finding)
            } else {
                areas.append((area, [finding]))
            }
        }
        return areas.map { area, findings in
            "<h2>\(safe(area.title)) <small>\(Wording.count(findings.count, "finding"))</small></h2>\n"
                + FindingGroup.of(findings).map(self.finding).joined()
        }.joined()
    }

    private static func finding(_ group: FindingGroup) -> String {
        let name = group.severity.rawValue
        var html = "<div class=\"finding \(name)\">\n<p>\(badge(.of(group.severity), name)) "
        html +=
            "<strong>\(safe(group.check.title))</strong> <code class=\"faint\">\(safe(group.check.identifier))</code></p>\n"
        for finding in group.findings {
            html +=
                "<p>\(Escaping.htmlWithCode(finding.summary)) <span class=\"faint\">\(safe(finding.subject.description))</span></p>\n"
        }
        html += "<div class=\"remedy\">\n\(MarkdownHTML.text(group.remedy))</div>\n"
        if !group.check.reference.isEmpty { html += "<p class=\"faint\">\(safe(group.check.reference))</p>\n" }
        return html + "</div>\n"
    }

    /// What to do first, in a line each: the same as in a terminal.
    private static func first(_ report: Report) -> String {
        let steps = FindingGroup.first(of: report).map { group in
            "<li>\(badge(.of(group.severity), group.severity.rawValue)) \(safe(group.title)) "
                + "<code class=\"faint\">\(safe(group.check.identifier))</code></li>\n"
        }
        return steps.isEmpty ? "" : "<h2>Do this first</h2>\n<ol>\n\(steps.joined())</ol>\n"
    }

    private static func unknown(_ report: Report) -> String {
        if report.unknown.isEmpty { return "" }
        let rows = report.unknown.map { entry in
            "<tr><td><code>\(safe(entry.check.identifier))</code></td><td>\(safe(entry.subject.description))</td>"
                + "<td>\(entry.failure.cause.rawValue): \(safe(PortText.detail(of: entry.failure)))</td></tr>\n"
        }
        return "<h2 class=\"unknown\">Could not tell <small>\(report.unknown.count)</small></h2>\n"
            + "<table>\n<tr><th>Check</th><th>Subject</th><th>Cause</th></tr>\n" + rows.joined() + "</table>\n"
    }
}

/// Markdown of ours, as far as remedies use it, as HTML. Everything is escaped: what was found may stand in it.
enum MarkdownHTML {
    static func text(_ markdown: String) -> String {
        var html = ""
        var list: String?
        func close() {
            if let open = list { html += "</\(open)>\n" }
            list = nil
        }
        for block in MarkdownText.blocks(markdown) {
            if case .item = block {} else { close() }
            switch block {
            case .paragraph(let text): html += "<p>\(spans(text))</p>\n"
            case .heading(let text): html += "<p><strong>\(spans(text))</strong></p>\n"
            case .item(let marker, let text):
                if list == nil {
                    list = marker == "-" ? "ul" : "ol"
                    html += "<\(list ?? "ul")>\n"
                }
                html += "<li>\(spans(text))</li>\n"
            case .code(let lines):
                html += "<pre>" + lines.map { Escaping.html($0, limit: 4_000) }.joined(separator: "\n") + "</pre>\n"
            }
        }
        close()
        return html
    }

    private static func spans(_ text: String) -> String {
        MarkdownText.spans(text).map { span in
            let safe = Escaping.html(span.text, limit: 4_000)
            return switch span.tone {
            case .notice: "<code>\(safe)</code>"
            case .strong: "<strong>\(safe)</strong>"
            default: safe
            }
        }.joined()
    }
}
