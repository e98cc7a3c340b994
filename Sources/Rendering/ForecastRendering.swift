package import Judgement
package import Mail

/// What will change in a report if nothing is renewed, for programs and people: `audit --in`.
package enum ForecastRendering {
    package typealias Change = Forecast.Change

    package static func json(_ forecast: Forecast) -> JSON {
        json(from: forecast.from, until: forecast.until, forecast.changes)
    }

    package static func text(_ forecast: Forecast, of name: String) -> String {
        text(of: name, until: forecast.until, forecast.changes)
    }

    /// - Parameter changes: the earliest first.
    package static func json(from: Timestamp, until: Timestamp, _ changes: [Change]) -> JSON {
        [
            "from": .string(from.description), "until": .string(until.description),
            "changes": .array(
                changes.map {
                    [
                        "at": .string($0.at.description), "change": .string($0.kind.rawValue),
                        "check": .string($0.check), "severity": PortJSON.optional($0.severity?.rawValue),
                        "subject": .string($0.subject), "summary": .string($0.summary),
                    ]
                }),
        ]
    }

    static let shape = Schema.object([
        .always("from", .time, "The moment that was judged as of."), .always("until", .time),
        .always(
            "changes",
            .array(
                .object([
                    .always("at", .time, "The first moment at which it is so, to the second."),
                    .always("change", .word(of: Change.Kind.self)), .always("check", .check),
                    .always("severity", .orNull(.word(of: Severity.self)), "From then on; of what ends, as it was."),
                    .always("subject", .string), .always("summary", .string),
                ])), "The earliest first."),
    ])

    /// For a terminal; each change on two lines.
    package static func text(of name: String, until: Timestamp, _ changes: [Change]) -> String {
        var text = "\nComing until \(until) for \(Escaping.visible(name)), if nothing is renewed:\n"
        if changes.isEmpty { text += "  nothing changes\n" }
        for change in changes {
            let word = change.severity.map { "\($0)" } ?? "unknown"
            text +=
                "  \(change.at)  \(change.kind.rawValue): \(word) \(change.check)  \(Escaping.visible(change.subject))\n"
            if !change.summary.isEmpty { text += "    \(Escaping.visible(change.summary))\n" }
        }
        return text
    }
}
