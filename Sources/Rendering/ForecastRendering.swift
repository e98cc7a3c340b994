package import Judgement
internal import Mail

/// How a forecast is written.
package enum ForecastRendering {
    package static func json(_ forecast: Forecast) -> JSON {
        .object([
            .init("from", .string(forecast.from.description)), .init("until", .string(forecast.until.description)),
            .init(
                "changes",
                .array(
                    forecast.changes.map { change in
                        .object([
                            .init("at", .string(change.at.description)), .init("change", .string(change.kind.rawValue)),
                            .init("check", .string(change.check)),
                            .init("severity", change.severity.map { .string("\($0)") } ?? .null),
                            .init("subject", .string(change.subject)), .init("summary", .string(change.summary)),
                        ])
                    })),
        ])
    }

    /// For a terminal; each change on two lines.
    /// - Parameter name: what it is about.
    package static func text(_ forecast: Forecast, of name: String) -> String {
        var text = "\nComing until \(forecast.until) for \(Escaping.visible(name)), if nothing is renewed:\n"
        if forecast.changes.isEmpty { text += "  nothing changes\n" }
        for change in forecast.changes {
            let word = change.severity.map { "\($0)" } ?? "unknown"
            text +=
                "  \(change.at)  \(change.kind.rawValue): \(word) \(change.check)  \(Escaping.visible(change.subject))\n"
            if !change.summary.isEmpty { text += "    \(Escaping.visible(change.summary))\n" }
        }
        return text
    }
}
