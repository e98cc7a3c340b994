import DNS
package import Judgement

/// A plan of what to publish: lines of a zone file, and a table for those who type into a web panel.
package enum FixRendering {
    package static let schema = "mailsonde.fix/1"

    // MARK: Words for records

    /// The name as panels want it: from the zone's beginning, `@` for that itself.
    private static func panelName(_ record: Record, _ plan: FixPlan) -> String {
        let name = record.name.description
        guard let apex = plan.apex?.description else { return name }
        if name == apex { return "@" }
        return name.hasSuffix("." + apex) ? String(name.dropLast(apex.utf8.count + 1)) : name + "."
    }

    /// The value without a zone file's quotation marks.
    private static func panelValue(_ record: Record) -> String {
        if case .txt(let text) = record.data { return text.text }
        return record.data.description
    }

    // MARK: For programs

    /// The plan of one domain.
    package static func json(_ plan: FixPlan) -> JSON {
        [
            "schema": .string(schema), "domain": PortJSON.optional(plan.domain?.description),
            "steps": .array(plan.steps.map { step($0, plan) }),
            "left": .array(plan.left.map(ReportJSON.finding)),
        ]
    }

    private static func step(_ step: FixPlan.Step, _ plan: FixPlan) -> JSON {
        [
            "title": .string(step.title), "stage": .string("\(step.stage)"), "checks": PortJSON.strings(step.checks),
            "wait": PortJSON.optional(step.wait), "notes": PortJSON.strings(step.notes),
            "files": .array(step.files.map { ["url": .string($0.url), "text": .string($0.text)] }),
            "changes": .array(
                step.changes.map { change in
                    [
                        "whose": PortJSON.optional(change.whose),
                        "remove": .array(change.remove.map { record($0, plan) }),
                        "add": .array(change.add.map { record($0, plan) }),
                    ]
                }),
            "commands": PortJSON.strings(step.commands),
        ]
    }

    private static func record(_ record: Record, _ plan: FixPlan) -> JSON {
        [
            "name": .string(record.name.description), "panel_name": .string(panelName(record, plan)),
            "type": .string(record.type.description), "ttl": .integer(Int(record.ttl)),
            "value": .string(panelValue(record)), "line": .string(record.description),
        ]
    }

    static let shape: Schema = {
        let record = Schema.object([
            .always("name", .string), .always("panel_name", .string, "From the zone's beginning; @ for that itself."),
            .always("type", .string), .always("ttl", .integer), .always("value", .string, "Without quotation marks."),
            .always("line", .string, "As a line of a zone file."),
        ])
        let step = Schema.object([
            .always("title", .string), .always("stage", .word(FixPlan.Stage.allCases.map { "\($0)" })),
            .always("checks", .array(.check), "What it mends."),
            .always("wait", .stringOrNull, "What to wait for before it."),
            .always("notes", .strings),
            .always("files", .array(.object([.always("url", .string), .always("text", .string)]))),
            .always(
                "changes",
                .array(
                    .object([
                        .always("whose", .stringOrNull, "Who publishes it, if not the domain's owner."),
                        .always("remove", .array(record)), .always("add", .array(record)),
                    ]))),
            .always("commands", .strings),
        ])
        return .object([
            .always("schema", .word([schema])), .always("domain", .stringOrNull),
            .always("steps", .array(step), "In the order to take them."),
            .always("left", .array(ReportJSON.findingSchema), "Findings that no record mends."),
        ])
    }()

    // MARK: For people

    /// All plans in a format that can hold them: text, JSON or Markdown.
    package static func text(_ plans: [FixPlan], _ format: ReportFormat, _ look: Look) -> String {
        switch format {
        case .json: ReportFormat.json(plans.map(json), jsonLines: false)
        case .markdown: markdown(plans)
        default: text(plans, look)
        }
    }

    /// All plans for a terminal. Lines of a zone file are not wrapped, so that they can be copied.
    package static func text(_ plans: [FixPlan], _ look: Look) -> String {
        var canvas = Canvas(look)
        for plan in plans {
            canvas.gap()
            let name = plan.domain?.description ?? ""
            if plan.steps.isEmpty {
                canvas.paragraph([Span(name, .strong), Span("  no record to publish", .good)])
            } else {
                canvas.paragraph([
                    Span(name, .strong), Span("  what to publish, in this order"),
                    Span("  names and addresses of mailboxes are proposals", .faint),
                ])
            }
            for (index, step) in plan.steps.enumerated() { draw(step, number: index + 1, plan, on: &canvas) }
            draw(plan.left, on: &canvas)
        }
        return canvas.text
    }

    private static func draw(_ step: FixPlan.Step, number: Int, _ plan: FixPlan, on canvas: inout Canvas) {
        canvas.gap()
        canvas.paragraph(
            behind: [Span("\(number). ", .strong)],
            [
                Span(step.title, .strong),
                Span(step.checks.isEmpty ? "" : "  \(step.checks.joined(separator: ", "))", .faint),
            ])
        if let wait = step.wait { canvas.paragraph(behind: [Span("   wait for ", .warning)], [Span(wait + ".")]) }
        for note in step.notes { canvas.paragraph(behind: ["   "], [Span(note)]) }
        for command in step.commands { canvas.line(Span("     $ \(command)", .notice)) }
        for file in step.files {
            canvas.line(Span("   serve at \(file.url):", .faint))
            for line in file.text.split(separator: "\n") { canvas.line(Span("     \(line)", .notice)) }
        }
        for change in step.changes { draw(change, on: &canvas) }
        let added = step.changes.filter { $0.whose == nil }.flatMap(\.add)
        if !added.isEmpty {
            canvas.line(Span("   in a web panel:", .faint))
            canvas.table(
                indent: 5,
                [[Span("Name", .faint), Span("Type", .faint), Span("TTL", .faint), Span("Value", .faint)]]
                    + added.map { record in
                        [
                            Span(panelName(record, plan)), Span(record.type.description), Span("\(record.ttl)"),
                            Span(panelValue(record)),
                        ]
                    })
        }
    }

    private static func draw(_ change: FixPlan.Change, on canvas: inout Canvas) {
        if let whose = change.whose { canvas.paragraph(behind: ["   "], [Span("ask \(whose) for this:", .faint)]) }
        for record in change.remove { canvas.line(Span("   - ", .bad), Span(record.description, .faint)) }
        for record in change.add { canvas.line(Span("   + ", .good), Span(record.description, .notice)) }
    }

    /// What no record mends: in a line each, with the remedy that the report has.
    private static func draw(_ left: [Report.Finding], on canvas: inout Canvas) {
        if left.isEmpty { return }
        canvas.heading("NOT MENDED BY RECORDS (\(left.count))", .warning)
        var seen: Set<String> = []
        for finding in left where seen.insert(finding.check.identifier + finding.remedy).inserted {
            let words = VerdictWords.of(finding.severity)
            canvas.paragraph(
                behind: ["  "],
                [
                    Span(words.text, words.tone), "  ", Span(finding.check.identifier, .strong), "  ",
                    Span(finding.subject.description, .faint),
                ])
            if let first = MarkdownText.blocks(finding.remedy).first {
                MarkdownText.draw([first], behind: "    → ", on: &canvas, limit: 3)
            }
        }
    }

    /// For a ticket.
    package static func markdown(_ plans: [FixPlan]) -> String {
        let safe = { (text: String) in Escaping.markdown(text, limit: 4_000) }
        var lines: [String] = []
        for plan in plans {
            lines += ["# \(safe(plan.domain?.description ?? "")): what to publish", ""]
            if plan.steps.isEmpty { lines += ["No record to publish.", ""] }
            for (index, step) in plan.steps.enumerated() {
                lines += ["## \(index + 1). \(safe(step.title))", ""]
                if !step.checks.isEmpty {
                    lines += ["Mends " + step.checks.map { "`\($0)`" }.joined(separator: ", ") + ".", ""]
                }
                if let wait = step.wait { lines += ["**Wait for** \(safe(wait)).", ""] }
                for note in step.notes { lines += [safe(note), ""] }
                if !step.commands.isEmpty { lines += fenced(step.commands) }
                for file in step.files {
                    lines +=
                        ["Serve at \(safe(file.url)):", ""] + fenced(file.text.split(separator: "\n").map(String.init))
                }
                for change in step.changes {
                    if let whose = change.whose { lines += ["Ask \(safe(whose)) for this:", ""] }
                    if !change.remove.isEmpty { lines += ["Remove:", ""] + fenced(change.remove.map(\.description)) }
                    if !change.add.isEmpty { lines += ["Publish:", ""] + fenced(change.add.map(\.description)) }
                }
                let added = step.changes.filter { $0.whose == nil }.flatMap(\.add)
                if !added.isEmpty {
                    lines += ["| Name | Type | TTL | Value |", "|---|---|---|---|"]
                    lines += added.map {
                        "| \(safe(panelName($0, plan))) | \($0.type) | \($0.ttl) | \(safe(panelValue($0))) |"
                    }
                    lines.append("")
                }
            }
            if !plan.left.isEmpty {
                lines += ["## Not mended by records", ""]
                lines += plan.left.map {
                    "- \($0.severity.rawValue) `\($0.check.identifier)` \(safe($0.subject.description)): \(safe($0.summary))"
                }
                lines.append("")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Indented by four: nothing in a line can end the block.
    private static func fenced(_ lines: [String]) -> [String] {
        lines.map { "    " + Escaping.visible($0, limit: 4_000) } + [""]
    }
}

extension SchemaDocument {
    /// `mailsonde.fix/1`
    package static let fix = SchemaDocument(
        title: FixRendering.schema,
        text: "What to publish for a domain, as audit --fix --json writes it; several come as an array of these.",
        root: FixRendering.shape)
}
