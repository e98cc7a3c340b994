import DNS
import Mail

/// What the receiver's own filter made of a message, and whether its bounces would find their way back.
enum MessageFilterRules {
    static let all: [Rule] = [spamScore, returnPathMail]

    /// From half of what a filter takes for spam, a little more tips the balance.
    private static let near = 0.5

    static let spamScore = Rule.onMessages("message.spam-score") { message in
        let believed = message.spamOpinions.filter(\.isBelieved)
        if believed.isEmpty {
            return .doesNotApply(
                message.spamOpinions.isEmpty
                    ? "no filter wrote what it made of the message"
                    : "what filters wrote stands where the sender may have written it")
        }
        let spam = believed.filter { $0.isSpam == true }
        let close = believed.filter { opinion in
            guard opinion.isSpam != true, let score = opinion.score, let threshold = opinion.threshold else {
                return false
            }
            return threshold > 0 && score >= threshold * near
        }
        guard let first = spam.first ?? close.first else { return .passes }
        return .finds(
            Found(
                spam.isEmpty
                    ? "\(words(first)): a little more and the message is taken for spam."
                    : "\(words(first)): the message was taken for spam.",
                detail: [
                    .init("filter", .string(first.filter)), .init("score", first.score.map { .number($0) } ?? nil),
                    .init("threshold", first.threshold.map { .number($0) } ?? nil),
                    .init("tests", .strings(first.tests)),
                ],
                severity: spam.isEmpty ? nil : .warning))
    }

    private static func words(_ opinion: SpamOpinion) -> String {
        var text = "The receiver’s \(opinion.filter)"
        if let score = opinion.score {
            text += " gives \(decimal(score))" + (opinion.threshold.map { " of \(decimal($0))" } ?? "")
        } else {
            text += " says so"
        }
        return text + (opinion.tests.isEmpty ? "" : " (\(list(opinion.tests.map { String($0.prefix(40)) }, limit: 4)))")
    }

    /// With one digit behind the point at most.
    private static func decimal(_ number: Double) -> String {
        let tenths = (number * 10).rounded() / 10
        return tenths == tenths.rounded() && abs(tenths) < 1e9 ? "\(Int(tenths))" : "\(tenths)"
    }

    // RFC 5321 §3.6.3, §6.1: what cannot be delivered is told to the reverse-path.
    static let returnPathMail = Rule.onMessages("message.return-path-mail") { message in
        guard let destination = message.returnPathDestination else {
            return .doesNotApply("the message has no reverse-path with a domain")
        }
        let domain = destination.domain
        let why: String
        switch destination.mail {
        case .taken, .notByMail: return .passes
        case .couldNotTell(let unanswered): return .cannotTell(Failure(unanswered, asking: Question(domain, .mx)))
        case .nullMX: why = "says by a null MX that it takes no mail"
        case .noHost: why = "has neither MX nor address"
        case .noSuchName: why = "does not exist"
        }
        return .finds(
            Found(
                "Bounces cannot come back: the reverse-path is of \(domain), which \(why).",
                detail: [.init("domain", .string(domain.description))]))
    }
}
