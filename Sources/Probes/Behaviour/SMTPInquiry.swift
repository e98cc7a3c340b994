internal import DNS
internal import Judgement

/// The questions to one mail server about senders and recipients, in the order they are asked, and what to say next:
/// a dialogue without a wire. Only MAIL, RCPT, RSET, VRFY and EXPN are ever said, DATA never.
///
/// It stops for good at 421, and leaves a connection after a few refusals: servers slow down or hang up on clients that
/// make many errors, and are right to do so. What is left is asked on the next connection.
struct SMTPInquiry: Sendable {
    /// One thing to ask.
    struct Item: Hashable, Sendable {
        var question: SMTPBehaviour.Question
        /// The reverse-path with its angle brackets; nil for VRFY and EXPN, which need none.
        var sender: String?
        /// The whole command.
        var command: String
        /// Asked only where one of these was accepted; empty: always.
        var after: [SMTPBehaviour.Question] = []
    }

    private enum Pending: Hashable, Sendable { case reset, mail(String), item(Item) }

    /// Refusals (4xx, 5xx) on one connection: Postfix begins to slow down at 10 errors, Exim hangs up after 3 that it
    /// does not understand.
    static let refusalLimit = 8
    static let misunderstandingLimit = 2
    static let commandLimit = 60
    /// Recipients of one connection, accepted or not.
    static let recipientLimit = 12

    /// Said instead of the null sender where that is refused.
    let foreignSender: String
    private(set) var waiting: [Item]
    private(set) var behaviour: SMTPBehaviour
    private var pending: Pending?
    private var openSender: String?
    private var hasAccepted = false
    private var refusals = 0, misunderstandings = 0, commands = 0, recipients = 0
    private var hasToLeave = false
    /// All there was to ask.
    private let items: [Item]
    /// Answers so far, each of two counted.
    private(set) var heard = 0
    /// What was put off and is asked again, and how much later.
    private var secondTries: [SMTPBehaviour.Question: SecondTry] = [:]

    init(_ domain: DomainName, items: [Item], foreignSender: String) {
        behaviour = SMTPBehaviour(
            domain: domain,
            isWhole: items.contains { if case .relay = $0.question { true } else { false } },
            recipients: items.compactMap { if case .recipient(let address) = $0.question { address } else { nil } })
        waiting = items
        self.items = items
        self.foreignSender = foreignSender
    }

    /// Whether there is nothing left to ask anywhere.
    var isOver: Bool { waiting.isEmpty || behaviour.stopped != nil }

    /// Whether greylisting met someone, and nothing speaks against coming again.
    var isPutOff: Bool { behaviour.stopped == nil && secondTries.isEmpty && !behaviour.greylisted.isEmpty }

    /// Seconds until then, as the first server's reply that names a time wants it.
    var retrySeconds: Double? { behaviour.greylisted.lazy.compactMap(\.reply.retrySeconds).first }

    /// Asks for those again who were put off, from the same senders: what is then said stands in place of the first
    /// answer. Once only.
    mutating func askAgain(waited: Double) {
        guard isPutOff else { return }
        var again: [Item] = []
        for answer in behaviour.greylisted where secondTries[answer.question] == nil {
            secondTries[answer.question] = SecondTry(first: answer.reply, waited: waited)
            guard var item = items.first(where: { $0.question == answer.question }) else { continue }
            item.sender = answer.sender
            again.append(item)
        }
        // What is asked only where something was accepted may be due now.
        let due = items.filter { item in
            !item.after.isEmpty && behaviour.answer(to: item.question) == nil && !waiting.contains(item)
        }
        waiting = again + waiting + due
    }

    /// An answer is kept, in place of one that put it off.
    private mutating func keep(_ answer: SMTPBehaviour.Answer) {
        heard += 1
        guard let second = secondTries[answer.question],
            let index = behaviour.answers.firstIndex(where: { $0.question == answer.question && $0.secondTry == nil })
        else { return behaviour.answers.append(answer) }
        behaviour.answers[index] = answer
        behaviour.answers[index].secondTry = second
    }

    /// A new connection stands and EHLO is answered.
    mutating func begin() {
        behaviour.connections += 1
        (pending, openSender, hasAccepted, hasToLeave) = (nil, nil, false, false)
        (refusals, misunderstandings, commands, recipients) = (0, 0, 0, 0)
    }

    /// The next command; nil where nothing more is to be said on this connection.
    mutating func next() -> String? {
        while let item = waiting.first, !item.after.isEmpty, !item.after.contains(where: { behaviour.accepts($0) }) {
            waiting.removeFirst()
        }
        guard let item = waiting.first, behaviour.stopped == nil, !hasToLeave, refusals < Self.refusalLimit,
            misunderstandings < Self.misunderstandingLimit, commands < Self.commandLimit,
            recipients < Self.recipientLimit
        else { return nil }
        commands += 1
        guard let sender = item.sender else {
            pending = .item(item)
            return item.command
        }
        if let openSender, openSender != sender || hasAccepted {
            pending = .reset
            return "RSET"
        }
        if openSender == nil {
            pending = .mail(sender)
            return "MAIL FROM:\(sender)"
        }
        recipients += 1
        pending = .item(item)
        return item.command
    }

    /// The reply to the last command.
    mutating func take(_ reply: SMTPAnswer, seconds: Double) {
        if !reply.isPositive { refusals += 1 }
        if (500...504).contains(reply.code) { misunderstandings += 1 }
        switch pending {
        case .reset:
            (openSender, hasAccepted) = (nil, false)
            if !reply.isPositive { hasToLeave = true }
        case .mail(let sender): take(mail: reply, from: sender, seconds)
        case .item(let item): take(reply, to: item, seconds)
        case nil: break
        }
        pending = nil
        if reply.code == 421 {
            stop(Failure(.rcptRejected, during: .rcpt, "the server stopped the questions: \(printable(reply.summary))"))
        }
    }

    /// The connection came to an end that was not ours.
    mutating func stop(_ failure: Failure) {
        if behaviour.stopped == nil, !waiting.isEmpty { behaviour.stopped = failure }
    }

    private mutating func take(mail reply: SMTPAnswer, from sender: String, _ seconds: Double) {
        // 421 is said to everybody.
        if reply.code == 421 { return }
        let command = "MAIL FROM:\(sender)"
        let null = behaviour.answer(to: .nullSender)
        if sender == "<>", null == nil || (secondTries[.nullSender] != nil && null?.secondTry == nil) {
            keep(
                .init(.nullSender, sender: sender, command: command, reply: reply, seconds: seconds))
        }
        if reply.isPositive {
            openSender = sender
            hasAccepted = false
            return
        }
        for (index, item) in waiting.enumerated().reversed() where item.sender == sender {
            if sender == "<>", item.question.isOfRecipient {
                waiting[index].sender = foreignSender
            } else {
                keep(
                    .init(
                        item.question, sender: sender, command: command, reply: reply, isAboutSender: true,
                        seconds: seconds))
                waiting.remove(at: index)
            }
        }
    }

    private mutating func take(_ reply: SMTPAnswer, to item: Item, _ seconds: Double) {
        if reply.code == 421 { return }
        waiting.removeFirst()
        if item.sender != nil, reply.isPositive { hasAccepted = true }
        // A recipient who is refused because of the null sender is asked for with another, and the refusal is the null
        // sender's.
        if item.sender == "<>", item.question.isOfRecipient, reply.meaning == .refusesSender {
            keep(
                .init(.nullSender, sender: "<>", command: item.command, reply: reply, seconds: seconds))
            var again = item
            again.sender = foreignSender
            waiting.insert(again, at: waiting.firstIndex { $0.sender == foreignSender } ?? waiting.endIndex)
            return
        }
        keep(
            .init(item.question, sender: item.sender, command: item.command, reply: reply, seconds: seconds))
    }
}

extension SMTPBehaviour.Question {
    /// Whether it is about a recipient of the domain, so that any sender will do.
    fileprivate var isOfRecipient: Bool {
        switch self {
        case .unknownRecipient, .postmaster, .barePostmaster, .abuse, .recipient: true
        default: false
        }
    }
}
