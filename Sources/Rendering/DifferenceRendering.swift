package import Judgement

/// What has changed between reports, for `diff`.
package enum DifferenceRendering {
    package static let schema = "mailsonde.diff/1"

    // MARK: For programs

    /// The changes of one domain.
    package static func json(_ difference: ReportDifference) -> JSON {
        [
            "schema": .string(schema), "domain": .string(difference.domain),
            "before": side(difference.before), "after": side(difference.after),
            "outcome": .string(difference.outcome.rawValue), "new": entries(difference.new),
            "worse": entries(difference.worse), "milder": entries(difference.milder), "gone": entries(difference.gone),
            "unknown_now": entries(difference.unknownNow), "told_now": entries(difference.toldNow),
            "accepted_now": entries(difference.acceptedNow),
            "evidence": .array(
                difference.facts.map {
                    [
                        "what": .string($0.what), "before": PortJSON.optional($0.before),
                        "after": PortJSON.optional($0.after),
                    ]
                }),
        ]
    }

    private static func side(_ side: ReportDifference.Side?) -> JSON {
        side.map { ["at": .string($0.at), "verdict": .string($0.verdict)] } ?? nil
    }

    private static func entries(_ entries: [ReportDifference.Entry]) -> JSON {
        .array(
            entries.map {
                [
                    "check": .string($0.check), "subject": .string($0.subject),
                    "severity": PortJSON.optional($0.severity?.rawValue),
                    "earlier_severity": PortJSON.optional($0.earlier?.rawValue), "summary": .string($0.summary),
                    "note": PortJSON.optional($0.note),
                ]
            })
    }

    static let shape = Schema.object([
        .always("schema", .word([schema])), .always("domain", .string), .always("before", sideSchema),
        .always("after", sideSchema), .always("outcome", .word(of: ReportDifference.Outcome.self)),
        .always("new", entriesSchema), .always("worse", entriesSchema), .always("milder", entriesSchema),
        .always("gone", entriesSchema),
        .always("unknown_now", entriesSchema, "What can no longer be told: never among those that are gone."),
        .always("told_now", entriesSchema), .always("accepted_now", entriesSchema),
        .always(
            "evidence",
            .array(
                .object([.always("what", .string), .always("before", .stringOrNull), .always("after", .stringOrNull)]))),
    ])

    private static let sideSchema = Schema.orNull(.object([.always("at", .string), .always("verdict", .string)]))
    private static let entriesSchema = Schema.array(
        .object([
            .always("check", .string), .always("subject", .string),
            .always("severity", .orNull(.word(of: Severity.self))),
            .always("earlier_severity", .orNull(.word(of: Severity.self))), .always("summary", .string),
            .always("note", .stringOrNull),
        ]))

    // MARK: For people

    private struct Section {
        var title: String
        var symbol: String
        var tone: Tone
        var entries: [ReportDifference.Entry]
        /// Whether it is to be said what to do.
        var isBad = false
    }

    private static func sections(of difference: ReportDifference) -> [Section] {
        [
            Section(title: "New", symbol: "+", tone: .bad, entries: difference.new, isBad: true),
            Section(title: "Worse", symbol: "▲", tone: .bad, entries: difference.worse, isBad: true),
            Section(title: "Could not be told this time", symbol: "?", tone: .unknown, entries: difference.unknownNow),
            Section(title: "Milder", symbol: "▽", tone: .good, entries: difference.milder),
            Section(title: "Gone", symbol: "✓", tone: .good, entries: difference.gone),
            Section(title: "Told now, and in order", symbol: "✓", tone: .good, entries: difference.toldNow),
            Section(title: "Accepted now", symbol: "·", tone: .faint, entries: difference.acceptedNow),
        ].filter { !$0.entries.isEmpty }
    }

    /// `✗ worse`, and what that means.
    private static func words(of outcome: ReportDifference.Outcome) -> Span {
        switch outcome {
        case .same: Span("✓ the same", .good)
        case .better: Span("✓ better", .good)
        case .changed: Span("· changed", .faint)
        case .worse: Span("✗ worse", .bad)
        case .unknown: Span("? could not tell", .unknown)
        }
    }

    private static func sides(_ difference: ReportDifference) -> String {
        func words(_ side: ReportDifference.Side?) -> String {
            side.map { "\($0.verdict) at \($0.at)" } ?? "not in the report"
        }
        return "\(words(difference.before)) → \(words(difference.after))"
    }

    private static func severity(_ entry: ReportDifference.Entry) -> String {
        switch (entry.earlier, entry.severity) {
        case (let was?, let is_?) where was != is_: "\(was.rawValue) → \(is_.rawValue)"
        case (_, let is_?): is_.rawValue
        case (let was?, nil): "was \(was.rawValue)"
        case (nil, nil): "unknown"
        }
    }

    /// All domains; those that are the same in a line each.
    package static func text(_ differences: [ReportDifference], _ look: Look) -> String {
        var canvas = Canvas(look)
        for difference in differences {
            canvas.gap()
            canvas.paragraph(
                behind: [Span(difference.domain, .strong), "  "],
                [words(of: difference.outcome), Span("  \(sides(difference))", .faint)])
            for section in sections(of: difference) { draw(section, on: &canvas) }
            draw(difference.facts, on: &canvas)
        }
        return canvas.text
    }

    private static func draw(_ section: Section, on canvas: inout Canvas) {
        canvas.heading("\(section.symbol) \(section.title.uppercased()) (\(section.entries.count))", section.tone)
        for entry in section.entries {
            canvas.paragraph(
                behind: ["  "],
                [
                    Span(entry.check, .strong), Span("  \(severity(entry))", section.tone),
                    Span("  \(entry.subject)" + (entry.note.map { " (\($0))" } ?? ""), .faint),
                ])
            if !entry.summary.isEmpty { canvas.paragraph(indent: 4, entry.summary) }
            if section.isBad, !entry.remedy.isEmpty, let first = MarkdownText.blocks(entry.remedy).first {
                MarkdownText.draw([first], behind: "    → ", on: &canvas, limit: 4)
            }
        }
    }

    /// A few of them; `-v` shows all.
    private static func draw(_ facts: [FactChange], on canvas: inout Canvas) {
        if facts.isEmpty { return }
        canvas.heading("WHAT IS DIFFERENT")
        let shown = canvas.look.verbose ? facts.count : 12
        for fact in facts.prefix(shown) {
            canvas.paragraph(behind: ["  "], [Span(fact.what, .strong)])
            canvas.paragraph(
                behind: ["    - "], [Span(fact.before ?? "none", .faint)], limit: canvas.look.verbose ? .max : 3)
            canvas.paragraph(behind: ["    + "], [Span(fact.after ?? "none")], limit: canvas.look.verbose ? .max : 3)
        }
        if facts.count > shown {
            canvas.line(Span("  and \(facts.count - shown) more: -v shows them all", .faint))
        }
    }

    /// For a ticket.
    package static func markdown(_ differences: [ReportDifference]) -> String {
        let safe = { (text: String) in Escaping.markdown(text) }
        var lines: [String] = []
        for difference in differences {
            lines += [
                "# \(safe(difference.domain)): \(words(of: difference.outcome).text)", "",
                safe(sides(difference)) + ".", "",
            ]
            for section in sections(of: difference) {
                lines += ["## \(section.title)", "", "| | Check | Subject | |", "|---|---|---|---|"]
                for entry in section.entries {
                    let note = entry.note.map { " (\($0))" } ?? ""
                    lines.append(
                        "| \(severity(entry)) | `\(entry.check.filter { $0 != "`" && $0 != "|" })` | \(safe(entry.subject)) | \(safe(entry.summary + note)) |"
                    )
                }
                lines.append("")
            }
            if !difference.facts.isEmpty {
                lines += ["## What is different", "", "| | Before | After |", "|---|---|---|"]
                for fact in difference.facts {
                    lines.append(
                        "| \(safe(fact.what)) | \(safe(fact.before ?? "none")) | \(safe(fact.after ?? "none")) |")
                }
                lines.append("")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension SchemaDocument {
    /// `mailsonde.diff/1`
    package static let difference = SchemaDocument(
        title: DifferenceRendering.schema,
        text: "What has changed between two reports on a domain, as diff --json writes it; several come as an array.",
        root: DifferenceRendering.shape)
}
