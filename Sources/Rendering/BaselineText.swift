package import Judgement
import Mail

/// A baseline as the file that `--baseline` reads, for `--write-baseline`.
package enum BaselineText {
    /// YAML with a comment to each finding: what it says now.
    package static func yaml(_ baseline: Baseline, of reports: [Report]) -> String {
        var summaries: [String: String] = [:]
        for finding in reports.flatMap(\.findings) {
            let key = "\(finding.check.identifier) \(Wildcard.escaped(finding.subject.description))"
            summaries[key] = summaries[key] ?? finding.summary
        }
        var text = """
            # Findings that are known and borne until a day. `mailsonde audit --baseline` shows them apart, and they do not
            # count in the verdict. A finding that becomes worse than `at_most` counts; `*` stands for anything.

            # What checks weigh: off, info, notice, warning, error, critical.
            #severities:
            #  spf.softfail-all: notice

            accept:

            """
        if baseline.acceptances.isEmpty { text.replace("accept:\n", with: "accept: []\n") }
        for acceptance in baseline.acceptances {
            if let summary = summaries["\(acceptance.check) \(acceptance.subject)"] {
                text += "  # \(Escaping.visible(summary, limit: 300))\n"
            }
            text += "  - check: \(acceptance.check)\n    subject: \(quoted(acceptance.subject))\n"
            if let until = acceptance.until { text += "    until: \(until.description.prefix(10))\n" }
            if let worst = acceptance.worst { text += "    at_most: \(worst.rawValue)\n" }
            text += "    reason: \(quoted(acceptance.reason))\n"
        }
        return text
    }

    /// In double quotes: JSON's escapes are YAML's too (YAML 1.2 §5.7).
    private static func quoted(_ text: String) -> String { JSONWriter.text(.string(text)) }
}
