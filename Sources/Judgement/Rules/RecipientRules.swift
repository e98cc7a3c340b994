import DNS

/// Does an address exist: `checks/recipient` (`audit --recipient`).
enum RecipientRules {
    static let all: [Rule] = [exists]

    static let exists = Rule("recipient.exists") { evidence in
        let conclusions = evidence.recipients
        if conclusions.isEmpty { return [Rule.inapplicable("no address was asked about (--recipient)", evidence)] }
        return conclusions.map { Ruling(.mailbox($0.address), verdict($0)) }
    }

    private static func verdict(_ conclusion: RecipientConclusion) -> Verdict {
        switch conclusion.result {
        case .accepted: return .passes
        case .refused: return .finds(found("is refused", conclusion))
        case .unusable: return .finds(found("takes no mail now", conclusion))
        case .acceptsAll, .acceptedUnproven: return .cannotTell(failure(.notStated, conclusion))
        case .greylisted: return .cannotTell(failure(.greylisted, conclusion))
        case .deferred, .refusesUs, .unclear, .notServed: return .cannotTell(failure(.rcptRejected, conclusion))
        case .notAsked: return .cannotTell(Failure(.timeout, conclusion.worth))
        }
    }

    private static func found(_ what: String, _ conclusion: RecipientConclusion) -> Found {
        Found(
            "\(conclusion.address) \(what) by \(place(conclusion)): "
                + "\(quoted(conclusion.reply?.summary ?? "")). \(conclusion.worth)",
            detail: [
                .init("address", .string(conclusion.address)), .init("result", .string(conclusion.result.rawValue)),
                .init("host", conclusion.endpoint.map { .string($0.host.description) } ?? nil),
                .init("reply", conclusion.reply.map { .string($0.summary) } ?? nil),
            ])
    }

    private static func failure(_ cause: Failure.Cause, _ conclusion: RecipientConclusion) -> Failure {
        Failure(
            cause, during: .rcpt,
            "\(place(conclusion)): \(quoted(conclusion.reply?.summary ?? "", limit: 160)). \(conclusion.worth)")
    }

    private static func place(_ conclusion: RecipientConclusion) -> String {
        conclusion.endpoint.map { "\($0.host)" } ?? "the mail server"
    }
}
