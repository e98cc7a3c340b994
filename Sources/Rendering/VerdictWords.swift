import Judgement

/// A verdict as a symbol, a word and a tone; the symbol never stands without the word.
struct VerdictWords: Hashable, Sendable {
    var symbol: String
    var word: String
    var tone: Tone

    var text: String { "\(symbol) \(word)" }

    static func of(_ severity: Severity) -> VerdictWords {
        switch severity {
        case .info: .init(symbol: "·", word: "info", tone: .faint)
        case .notice: .init(symbol: "●", word: "notice", tone: .notice)
        case .warning: .init(symbol: "▲", word: "warning", tone: .warning)
        case .error: .init(symbol: "✗", word: "error", tone: .bad)
        case .critical: .init(symbol: "✗✗", word: "critical", tone: .critical)
        }
    }

    static func of(_ overall: Report.Overall) -> VerdictWords {
        switch overall {
        case .pass: .init(symbol: "✓", word: "pass", tone: .good)
        case .notice: of(Severity.notice)
        case .warning: of(Severity.warning)
        case .error: of(Severity.error)
        case .critical: of(Severity.critical)
        case .unknown: .init(symbol: "?", word: "could not tell", tone: .unknown)
        }
    }

    static let unknown = of(Report.Overall.unknown)
    static let pass = of(Report.Overall.pass)

    /// `2 errors, 1 warning, 3 could not be told, 31 passed`
    static func counts(of report: Report) -> String {
        var parts: [String] = []
        for severity in Severity.allCases.reversed() {
            let number = report.findings.count { $0.severity == severity }
            if number > 0 {
                parts.append(
                    severity == .info ? "\(number) info" : Wording.count(number, plural(severity).0, plural(severity).1)
                )
            }
        }
        if !report.unknown.isEmpty {
            parts.append("\(Set(report.unknown.map(\.check)).count) could not be told")
        }
        if !report.accepted.isEmpty { parts.append("\(report.accepted.count) accepted") }
        parts.append("\(report.passed.count) passed")
        return parts.joined(separator: ", ")
    }

    static func plural(_ severity: Severity) -> (String, String) {
        switch severity {
        case .info: ("info", "info")
        case .notice: ("notice", "notices")
        case .warning: ("warning", "warnings")
        case .error: ("error", "errors")
        case .critical: ("critical", "critical")
        }
    }
}
