package import Judgement

/// Reports as Markdown, for a ticket or a wiki.
package enum ReportMarkdown {
    /// The report as Markdown, for a ticket or a mail.
    package static func text(_ report: Report) -> String {
        let safe = { (text: String) in Escaping.markdown(text) }
        let words = VerdictWords.of(report.overall)
        var lines = [
            "# \(safe(report.target.name)): \(words.text)", "",
            "\(VerdictWords.counts(of: report)), as of \(report.at).", "",
        ]
        lines += SelfTestRendering.markdown(report.evidence.machine.limits)
        if !report.findings.isEmpty {
            lines += ["| | Check | Subject | Finding |", "|---|---|---|---|"]
            for finding in report.findings {
                let words = VerdictWords.of(finding.severity)
                lines.append(
                    "| \(words.text) | `\(finding.check.identifier)` | \(safe(finding.subject.description)) | \(Escaping.markdownWithCode(finding.summary, inCell: true)) |"
                )
            }
            lines += ["", "## What to do", ""]
            var seen: Set<String> = []
            for finding in report.findings where seen.insert(finding.check.identifier + finding.remedy).inserted {
                // A check's remedy is Markdown of ours; one that a rule made may quote what was found.
                let isOurs = finding.remedy == finding.check.remedy
                let remedy = isOurs ? finding.remedy : Escaping.markdownWithCode(finding.remedy)
                lines += ["### `\(finding.check.identifier)`: \(safe(finding.check.title))", "", remedy, ""]
                if !finding.check.reference.isEmpty { lines += ["See \(safe(finding.check.reference)).", ""] }
            }
        }
        if !report.unknown.isEmpty {
            lines += ["## Could not tell", "", "| Check | Subject | Cause | |", "|---|---|---|---|"]
            for entry in report.unknown {
                lines.append(
                    "| `\(entry.check.identifier)` | \(safe(entry.subject.description)) | `\(entry.failure.cause.rawValue)` | \(safe(PortText.detail(of: entry.failure))) |"
                )
            }
            lines.append("")
        }
        lines += AcceptedText.markdown(report)
        if !report.passed.isEmpty {
            lines += ["## Passed", "", report.passed.map { "`\($0.identifier)`" }.joined(separator: ", "), ""]
        }
        return lines.joined(separator: "\n")
    }
}
