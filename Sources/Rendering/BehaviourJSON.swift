import DNS
import Judgement

/// What a server told of its extensions, and how it answered what it was asked besides; only what there is.
enum BehaviourJSON {
    /// `extensions`, `starttls_injection`, `behaviour`.
    static func members(of port: PortObservation) -> [JSON.Member] {
        var members: [JSON.Member] = []
        if port.service.dialect == .smtp, port.capabilitiesBeforeTLS != nil || port.capabilitiesAfterTLS != nil {
            members.append(.init("extensions", extensions(port)))
        }
        if let injection = port.injection { members.append(.init("starttls_injection", .string(injection.rawValue))) }
        if let behaviour = port.behaviour { members.append(.init("behaviour", json(behaviour))) }
        return members
    }

    /// By RFC: 1870, 2920, 6152, 6531, 3030, 3461, 2034, 8689.
    private static let keywords = [
        "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "REQUIRETLS",
    ]

    /// As last told: true, false, and for `size` the number of octets, 0 where there is no fixed limit, null without SIZE.
    private static func extensions(_ port: PortObservation) -> JSON {
        var offered: [String: [String]] = [:]
        for line in port.capabilities {
            let words = line.split(separator: " ").map(String.init)
            if let first = words.first?.uppercased(), offered[first] == nil {
                offered[first] = Array(words.dropFirst())
            }
        }
        let size = offered["SIZE"].map { JSON.integer($0.first.flatMap { Int($0) } ?? 0) }
        return .object(
            [.init("size", size ?? nil)]
                + keywords.map { .init($0.lowercased(), .bool(offered[$0] != nil)) })
    }

    private static func json(_ behaviour: SMTPBehaviour) -> JSON {
        .object([
            .init("domain", .string(behaviour.domain.description)),
            .init("connections", .integer(behaviour.connections)),
            .init("answers", .array(behaviour.answers.map(answer))),
            .init("stopped", PortJSON.failure(behaviour.stopped)),
        ])
    }

    private static func answer(_ answer: SMTPBehaviour.Answer) -> JSON {
        let (question, about) = name(of: answer.question)
        let second = answer.secondTry.map { second -> [JSON.Member] in
            [
                .init("first_reply", .string(second.first.summary)),
                .init("second_try_seconds", .number(second.waited)),
            ]
        }
        let members: [JSON.Member] = [
            .init("question", .string(question)), .init("about", PortJSON.optional(about)),
            .init("sender", PortJSON.optional(answer.sender)), .init("command", .string(answer.command)),
            .init("code", .integer(answer.reply.code)),
            .init("enhanced_code", PortJSON.optional(answer.reply.enhancedCode)),
            .init("meaning", .string(answer.reply.meaning.rawValue)), .init("reply", .string(answer.reply.text)),
            .init("refused_at_mail", .bool(answer.isAboutSender)), .init("seconds", .number(answer.seconds)),
        ]
        return .object(members + (second ?? []))
    }

    /// The question's name, and the form or address it is about.
    private static func name(of question: SMTPBehaviour.Question) -> (String, String?) {
        switch question {
        case .nullSender: ("null_sender", nil)
        case .unknownRecipient: ("unknown_recipient", nil)
        case .postmaster: ("postmaster", nil)
        case .barePostmaster: ("postmaster_without_domain", nil)
        case .abuse: ("abuse", nil)
        case .ownDomainSender: ("own_domain_sender", nil)
        case .verify: ("vrfy", nil)
        case .verifyUnknown: ("vrfy_unknown", nil)
        case .expand: ("expn", nil)
        case .relay(let form): ("relay", form.rawValue)
        case .unknownWithoutDomain: ("unknown_without_domain", nil)
        case .recipient(let address): ("recipient", address)
        }
    }

    /// Whether an address is there, and what that is worth.
    static func recipient(_ conclusion: RecipientConclusion) -> JSON {
        .object([
            .init("address", .string(conclusion.address)), .init("result", .string(conclusion.result.rawValue)),
            .init("host", PortJSON.optional(conclusion.endpoint?.host.description)),
            .init("code", conclusion.reply.map { .integer($0.code) } ?? nil),
            .init("reply", PortJSON.optional(conclusion.reply?.text)), .init("worth", .string(conclusion.worth)),
        ])
    }
}
