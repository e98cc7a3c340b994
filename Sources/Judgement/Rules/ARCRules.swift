import DNS
import Mail

/// The chain of those who handed a message on: `checks/arc` (RFC 8617).
enum ARCRules {
    static let all: [Rule] = [chain]

    // RFC 8617 §5.2.
    static let chain = Rule.onMessages("arc.chain") { message in
        let chain = message.arc
        switch chain.result {
        case .none: return .doesNotApply("the message has no ARC fields")
        case .pass: return .passes
        case .fail:
            if let why = chain.unanswered {
                return .cannotTell(Failure(why, asking: Question(chain.unansweredName ?? .root, .txt)))
            }
            if chain.isCut {
                return .cannotTell(Failure(.internal, chain.reason ?? "the header was not read to its end"))
            }
            return .finds(
                Found(
                    "The ARC chain is broken: \(chain.reason ?? "it does not hold").",
                    detail: [.init("sets", .integer(chain.sets.count))]))
        }
    }
}
