package import Judgement
import Mail

/// A report as a line for a monitoring plugin's host: the state, the worst findings, and performance data.
/// `|` separates the two and so cannot stand in the text.
package enum ReportNagios {
    /// One line with performance data.
    package static func text(_ report: Report) -> String {
        let state =
            switch report.overall {
            case .pass, .notice: "OK"
            case .warning: "WARNING"
            case .error, .critical: "CRITICAL"
            case .unknown: "UNKNOWN"
            }
        var text = "MAIL \(state) - \(safe(report.target.name)): \(VerdictWords.counts(of: report))"
        let worst = report.findings.filter { $0.severity >= .warning }.prefix(3)
        if !worst.isEmpty {
            text += "; " + worst.map { "\($0.check.identifier): \(safe($0.summary))" }.joined(separator: "; ")
        } else if let first = report.unknown.first {
            text += "; \(first.check.identifier): \(safe(PortText.detail(of: first.failure)))"
        }
        return text + " | " + performance(report).joined(separator: " ") + "\n"
    }

    private static func performance(_ report: Report) -> [String] {
        let counts = Severity.allCases.reversed().filter { $0 > .info }.map { severity in
            "\(severity.rawValue)=\(report.findings.count { $0.severity == severity })"
        }
        var data = counts + ["unknown=\(report.unknown.count)", "passed=\(report.passed.count)"]
        data.append("time=\(Wording.fixed(report.durationSeconds, digits: 3))s")
        let left = report.evidence.ports.compactMap { $0.tls?.chain.first?.notAfter }.min()
        if let left {
            data.append("certificate_days=\(Int(((left - report.at) / 86_400).rounded(.down)))")
        }
        return data
    }

    private static func safe(_ text: String) -> String {
        String(Escaping.visible(text, limit: 200).map { $0 == "|" ? "¦" : $0 })
    }
}
