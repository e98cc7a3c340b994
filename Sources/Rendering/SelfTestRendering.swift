package import Judgement

/// How ``SelfTest`` is written: for `doctor`, and in reports.
package enum SelfTestRendering {
    package static let schema = "mailsonde.doctor/1"

    /// All that `doctor` looked at.
    package static func json(_ lines: [SelfTest.Line]) -> JSON {
        ["schema": .string(schema), "self_test": .array(lines.map(json))]
    }

    static func json(_ line: SelfTest.Line) -> JSON {
        [
            "key": .string(line.key), "state": .string(line.state.rawValue), "summary": .string(line.summary),
            "means": .string(line.means), "remedy": .string(line.remedy),
        ]
    }

    static let lineSchema = Schema.object([
        .always("key", .string, "What was looked at: port25, ipv6, resolver_truthful, clock, …"),
        .always("state", .word(of: SelfTest.State.self)), .always("summary", .string),
        .always("means", .string, "What it means for results."), .always("remedy", .string),
    ])

    /// At the top of a report: what its machine could not see, on one line; in full where much is wanted.
    static func draw(_ limits: [SelfTest.Line], on canvas: inout Canvas) {
        if limits.isEmpty { return }
        let head = Span("\(VerdictWords.unknown.symbol) from here: ", VerdictWords.unknown.tone)
        guard canvas.look.verbose else {
            return canvas.paragraph(behind: [head], [Span(Wording.list(limits.map(brief), "and"))], limit: 3)
        }
        for limit in limits {
            canvas.paragraph(behind: [head], [Span("\(limit.summary); \(limit.means); \(limit.remedy)")], limit: 5)
        }
    }

    private static func brief(_ limit: SelfTest.Line) -> String {
        switch limit.key {
        case "port25": "port 25 outwards seems closed"
        case "ipv6": "no IPv6 address can be reached"
        case "clock": "the clock seems wrong"
        case "resolver_truthful": "the resolver makes up answers"
        default: limit.summary
        }
    }

    static func markdown(_ limits: [SelfTest.Line]) -> [String] {
        limits.flatMap { ["> This machine: \(Escaping.markdown("\($0.summary); \($0.means)")).", ""] }
    }

    static func html(_ limits: [SelfTest.Line]) -> String {
        limits.map {
            "<p class=\"unknown\">This machine: \(Escaping.html("\($0.summary); \($0.means)")).</p>\n"
        }.joined()
    }

    /// For a terminal: a line each, and what it means and what to do where it is not well.
    package static func text(_ lines: [SelfTest.Line]) -> String {
        lines.map { line in
            let word =
                switch line.state {
                case .ok: "ok      "
                case .cannot: "cannot  "
                case .unknown: "unknown "
                }
            var text = word + Escaping.visible(line.summary) + "\n"
            if line.state != .ok {
                if !line.means.isEmpty { text += "        " + Escaping.visible(line.means) + "\n" }
                if !line.remedy.isEmpty { text += "        → " + Escaping.visible(line.remedy) + "\n" }
            }
            return text
        }.joined()
    }
}
