import DNS
package import Judgement
package import Mail

/// What `check_host()` made of a sender, for `spf check`.
package enum SPFEvaluationRendering {
    // MARK: For a program

    package static func json(_ evaluation: SPFEvaluation) -> JSON {
        [
            "result": .string(evaluation.result.rawValue),
            "explanation": evaluation.explanation.map { .string($0) } ?? .null,
            "lookups": .integer(evaluation.lookups), "void_lookups": .integer(evaluation.voidLookups),
            "matched": evaluation.matched.map { .string($0.text) } ?? .null,
            "matched_domain": evaluation.matchedDomain.map { .string($0.description) } ?? .null,
            "reason": .string(evaluation.reason), "identity": .string(evaluation.identity.rawValue),
            "ip": .string(evaluation.ip.description), "sender": .string(evaluation.sender),
            "helo": .string(evaluation.helo),
            "domain": evaluation.domain.map { .string($0.description) } ?? .null,
            "complete": .bool(evaluation.isComplete), "trace": .array(evaluation.trace.map(json)),
            "trace_cut": .bool(evaluation.isTraceCut),
        ]
    }

    private static func json(_ step: SPFEvaluation.Step) -> JSON {
        let kind: String
        let text: String?
        switch step.subject {
        case .record(let record): (kind, text) = ("record", record)
        case .term(let term): (kind, text) = ("term", term.text)
        case .explanation(let term): (kind, text) = ("explanation", term.text)
        }
        var result: SPFResult?
        switch step.outcome {
        case .matches(let given), .ends(let given, _): result = given
        case .read, .noMatch, .cannotMatch, .explains, .wanting: break
        }
        return [
            "depth": .integer(step.depth), "domain": .string(step.domain.description), "kind": .string(kind),
            "text": text.map { .string($0) } ?? .null,
            "target": step.target.map { .string($0.description) } ?? .null,
            "asked": .array(
                step.asked.map { asked in
                    [
                        "question": .string(asked.question.description),
                        "status": .string(DNSRendering.status(asked.outcome)),
                        "answers": .array(records(asked.outcome).map { .string($0) }),
                    ]
                }),
            "outcome": .string(words(step)), "result": result.map { .string($0.rawValue) } ?? .null,
            "lookups": .integer(step.lookups), "void_lookups": .integer(step.voidLookups),
        ]
    }

    private static func records(_ outcome: Outcome) -> [String] {
        guard case .success(let answer) = outcome else { return [] }
        return answer.records.prefix(100).map(\.data.description)
    }

    // MARK: For a person

    /// - Parameter trace: Whether to show how it came about, step by step.
    package static func text(_ evaluation: SPFEvaluation, trace: Bool, _ look: Look) -> String {
        var canvas = Canvas(look)
        canvas.paragraph(
            behind: [Span("SPF \(evaluation.result.rawValue)", tone(evaluation.result)), Span(": ")],
            [Span(sentence(evaluation), .strong)])
        canvas.gap()
        let checked =
            evaluation.identity == .mailFrom
            ? "MAIL FROM \(evaluation.sender)" + (evaluation.helo.isEmpty ? "" : ", HELO \(evaluation.helo)")
            : "HELO \(evaluation.helo), as \(evaluation.sender)"
        var rows: [[Span]] = [
            [Span("because", .faint), Span(evaluation.reason + failure(evaluation))],
            [Span("checked", .faint), Span(checked)],
            [
                Span("cost", .faint),
                Span(
                    "\(evaluation.lookups) of \(SPFCheck.maximumLookups) lookups, \(evaluation.voidLookups) of "
                        + "\(SPFCheck.maximumVoidLookups) that find nothing"),
            ],
        ]
        if let explanation = evaluation.explanation {
            rows.append([Span("the owner says", .faint), Span("“\(explanation)”")])
        }
        canvas.table(indent: 2, rows)
        if trace { draw(evaluation, on: &canvas) }
        return canvas.text
    }

    private static func failure(_ evaluation: SPFEvaluation) -> String {
        guard let asked = evaluation.unanswered else { return "" }
        return " (\(DNSRendering.status(asked.outcome)))"
    }

    private static func sentence(_ evaluation: SPFEvaluation) -> String {
        let ip = evaluation.ip.description
        let domain = evaluation.domain?.description ?? "this sender"
        return switch evaluation.result {
        case .pass: "\(ip) may send mail in the name of \(domain)."
        case .fail: "\(ip) may not send mail in the name of \(domain)."
        case .softfail: "\(ip) should not send mail in the name of \(domain), but its owner is not sure."
        case .neutral: "\(domain) does not say whether \(ip) may send mail in its name."
        case .none: "nothing says who may send mail in the name of \(domain)."
        case .temperror: "it could not be told now whether \(ip) may send mail in the name of \(domain)."
        case .permerror: "the record of \(domain) cannot be used, so no server passes or fails for sure."
        }
    }

    private static func tone(_ result: SPFResult) -> Tone {
        switch result {
        case .pass: .good
        case .fail, .permerror: .bad
        case .softfail: .warning
        case .none, .neutral: .notice
        case .temperror: .unknown
        }
    }

    private static func draw(_ evaluation: SPFEvaluation, on canvas: inout Canvas) {
        canvas.heading("How it came about")
        for step in evaluation.trace {
            var indent = 2 + 4 * min(step.depth, 10)
            switch step.subject {
            case .record(let text):
                canvas.paragraph(
                    behind: [Span(String(repeating: " ", count: indent)), Span("\(step.domain)", .strong), Span("  ")],
                    [Span(text.map { Escaping.visible($0, limit: 2_000) } ?? "")])
                // The question for the record is told where it did not lead to one.
                if case .read = step.outcome { continue }
                if step.target == nil, text == nil { ask(step, indent + 4, on: &canvas) }
                canvas.paragraph(indent: indent + 4, words(step), resultTone(step))
            case .term(let term), .explanation(let term):
                indent += 2
                let cost = costs(term) ? "  lookup \(step.lookups)" : ""
                canvas.paragraph(
                    behind: [Span(String(repeating: " ", count: indent)), Span(term.text), Span("  → ", .faint)],
                    [Span(words(step), resultTone(step)), Span(cost, .faint)])
                ask(step, indent + 4, on: &canvas)
            }
        }
        if evaluation.isTraceCut { canvas.paragraph(indent: 2, "… and more steps than are kept", .faint) }
    }

    private static func costs(_ term: SPFRecord.Term) -> Bool {
        if case .directive(let directive) = term.kind { directive.mechanism.costsLookup } else { term.isRedirect }
    }

    private static func ask(_ step: SPFEvaluation.Step, _ indent: Int, on canvas: inout Canvas) {
        for asked in step.asked.prefix(30) {
            let answers = records(asked.outcome)
            let shown = answers.prefix(12).joined(separator: ", ") + (answers.count > 12 ? ", …" : "")
            canvas.paragraph(
                behind: [Span(String(repeating: " ", count: indent))],
                [Span("\(asked.question): ", .faint), Span(shown.isEmpty ? nothing(asked.outcome) : shown, .faint)],
                limit: 4)
        }
    }

    private static func nothing(_ outcome: Outcome) -> String {
        switch outcome {
        case .success(let answer): answer.kind == .noSuchName ? "no such name" : "no such record"
        case .failure: "no answer (\(DNSRendering.status(outcome)))"
        }
    }

    private static func resultTone(_ step: SPFEvaluation.Step) -> Tone {
        switch step.outcome {
        case .matches(let result), .ends(let result, _): tone(result)
        case .read, .noMatch, .cannotMatch, .explains: .plain
        case .wanting: .unknown
        }
    }

    private static func words(_ step: SPFEvaluation.Step) -> String {
        switch step.outcome {
        case .read: "read"
        case .noMatch: "no match"
        case .cannotMatch(let why): "no match: \(why)"
        case .matches(let result): "match: \(result.rawValue)"
        case .ends(let result, let why): "\(result.rawValue): \(why)"
        case .explains(let text?, _): "“\(text)”"
        case .explains(nil, let why): "no explanation: \(why)"
        case .wanting: "still to be asked"
        }
    }
}
