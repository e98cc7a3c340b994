import DNS
import Mail

/// What a received message shows of its own form and contents: `checks/message`.
enum MessageRules {
    static let all: [Rule] =
        [date, identifier, form, complete, mime, charset, deceptiveLink, trackingPixel, unsubscribe]
        + MessageJourneyRules.all + MessageAuthenticationRules.all + MessageFilterRules.all

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
        let ids = MessageID.list(field.rawValue)
        if ids.count == 1, ids[0].isWellFormed { return .passes }
        return .finds(Found("The Message-ID is not of the form <unique@domain>: \(quoted(field.text))."))
    }

    static let form = Rule.onMessages("message.form") { message in
        let problems = message.formatProblems.filter { $0 != "Date is missing" }
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "The header is not as RFC 5322 has it: \(list(problems)).",
                detail: [.init("problems", .strings(problems))]))
    }

    static let complete = Rule.onMessages("message.too-large") { message in
        let cuts = [message.header.cut, message.contents.cut].compactMap(\.self)
        if cuts.isEmpty { return .passes }
        return .finds(Found("Not all of the message was read: \(list(cuts)).", detail: [.init("cut", .strings(cuts))]))
    }

    static let mime = Rule.onMessages("message.mime") { message in
        let problems = message.contents.problems
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "The parts of the message are not put together well: \(list(problems, limit: 3)).",
                detail: [.init("problems", .strings(problems))]))
    }

    static let charset = Rule.onMessages("message.charset") { message in
        let unknown = message.contents.unknownCharsets
        if unknown.isEmpty { return .passes }
        return .finds(
            Found(
                "A text is in a character set that nobody knows: \(list(unknown.map { quoted($0, limit: 40) }, limit: 3))."
            ))
    }

    static let deceptiveLink = Rule.onMessages("message.deceptive-link") { message in
        let links = message.contents.links.filter { $0.namedHost != nil }
        guard let first = links.first else { return .passes }
        let named = quoted(WebAddress.dotted(host: first.namedHost ?? ""), limit: 80)
        return .finds(
            Found(
                "\(count(links.count, "link")) \(links.count == 1 ? "names" : "name") another host than where "
                    + "\(links.count == 1 ? "it leads" : "they lead"): the words say \(named), the link goes to "
                    + "\(quoted(WebAddress.dotted(host: first.address.host ?? ""), limit: 80)).",
                detail: [
                    .init(
                        "links",
                        .array(
                            links.prefix(20).map {
                                ["text": .string($0.text), "url": .string($0.address.defanged)]
                            }))
                ]))
    }

    static let trackingPixel = Rule.onMessages("message.tracking-pixel") { message in
        let pixels = message.contents.images.filter { $0.tracking != nil }
        guard let first = pixels.first else { return .passes }
        return .finds(
            Found(
                "\(count(pixels.count, "image")) \(pixels.count == 1 ? "tells" : "tell") the sender that the message "
                    + "was opened, at \(quoted(WebAddress.dotted(host: first.address.host ?? ""), limit: 80)): "
                    + "\(first.tracking ?? "").",
                detail: [.init("images", .strings(pixels.map(\.address.defanged)))]))
    }

    // RFC 8058
    static let unsubscribe = Rule.onMessages("message.unsubscribe") { message in
        guard message.isBulk else { return .doesNotApply("nothing says that the message went to many") }
        switch message.oneClick {
        case .offered: return .passes
        case .couldNotTell(let failure): return .cannotTell(failure)
        case .lacking(let what):
            return .finds(Found("The message went to many and cannot be unsubscribed from in one click: \(what)."))
        }
    }
}
