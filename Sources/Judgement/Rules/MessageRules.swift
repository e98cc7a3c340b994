import DNS
import Mail

/// What a received message shows of its own form: `checks/message`.
enum MessageRules {
    static let all: [Rule] = [date, identifier]

    /// So far a clock may be off, or a message wait at its author's, without anyone taking offence.
    private static let dateTolerance = 3_600.0

    // RFC 5322 §3.6.1: the origination date is one of the two fields that no message may be without.
    static let date = Rule.onMessages("message.date") { message in
        guard let field = message.header.first("Date") else {
            return .finds(Found("The message has no Date field."))
        }
        guard let date = MailDate.parse(field.rawValue)?.timestamp else {
            return .finds(Found("The Date field is no date: \(quoted(field.text))."))
        }
        let first = message.journey.hops.lazy.compactMap(\.received.date).first
        guard let first else { return .passes }
        let ahead = date - first
        if abs(ahead) <= dateTolerance { return .passes }
        return .finds(
            Found(
                "The Date field is \(span(abs(ahead))) \(ahead > 0 ? "ahead of" : "before") the first server’s clock.",
                detail: [.init("date", .string(date.description)), .init("ahead_seconds", .number(ahead))]))
    }

    // RFC 5322 §3.6.4
    static let identifier = Rule.onMessages("message.message-id") { message in
        guard let field = message.header.first("Message-ID") else {
            return .finds(Found("The message has no Message-ID field."))
        }
        guard MessageID.list(field.rawValue).count == 1, let id = MessageID.list(field.rawValue).first, id.isWellFormed
        else {
            return .finds(Found("The Message-ID is not of the form <unique@domain>: \(quoted(field.text))."))
        }
        return .passes
    }
}
