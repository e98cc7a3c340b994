package import DNS

/// How a mail server answered questions that every mail server is asked sooner or later: who is taken as a recipient,
/// who as a sender, what VRFY tells. No message was ever begun: what was accepted was accepted at RCPT, no more.
///
/// Facts only; ``SMTPAnswer/meaning`` reads them, the rules judge them.
package struct SMTPBehaviour: Hashable, Sendable, Codable {
    /// What a question is about. Each is asked once of a server.
    package enum Question: Hashable, Sendable, Codable {
        /// MAIL FROM:<> (RFC 5321 §4.5.5).
        case nullSender
        /// A local part of the domain that nobody can have made.
        case unknownRecipient
        /// RFC 5321 §4.5.1, with the domain and without.
        case postmaster, barePostmaster
        /// RFC 2142 §4.
        case abuse
        /// A sender of the domain itself, from outside, to its postmaster.
        case ownDomainSender
        /// VRFY of a mailbox that must be there, and of one that cannot be (RFC 5321 §3.5).
        case verify, verifyUnknown
        case expand
        /// A recipient elsewhere.
        case relay(RelayForm)
        /// An invented local part without a domain: what an accepted form without a domain is worth.
        case unknownWithoutDomain
        /// An address somebody wants to know of.
        case recipient(String)
    }

    /// What came of one question.
    package struct Answer: Hashable, Sendable, Codable {
        package var question: Question
        /// The reverse-path of the transaction, with its angle brackets; nil for VRFY and EXPN.
        package var sender: String?
        /// What was said: `RCPT TO:<postmaster@example.org>`.
        package var command: String
        package var reply: SMTPAnswer
        /// The sender was refused, so that the recipient was never asked for.
        package var isAboutSender: Bool
        /// From the command to the end of the reply.
        package var seconds: Double
        /// Where this is what was said when it was asked again; nil where it was asked once.
        package var secondTry: SecondTry?

        package init(
            _ question: Question, sender: String?, command: String, reply: SMTPAnswer, isAboutSender: Bool = false,
            seconds: Double = 0
        ) {
            self.question = question
            self.sender = sender
            self.command = command
            self.reply = reply
            self.isAboutSender = isAboutSender
            self.seconds = seconds
        }
    }

    /// The domain that was asked about.
    package var domain: DomainName
    /// In the order they were asked.
    package var answers: [Answer] = []
    /// On how many connections, the one that saw the rest of the port among them.
    package var connections = 0
    /// Why not everything was asked; nil where everything was.
    package var stopped: Failure?
    /// Whether it was asked how it behaves, and not only whether single addresses are there.
    package var isWhole: Bool
    /// The addresses it was to be asked for.
    package var recipients: [String]

    package init(domain: DomainName, isWhole: Bool = true, recipients: [String] = []) {
        self.domain = domain
        self.isWhole = isWhole
        self.recipients = recipients
    }

    /// Whom greylisting met, whatever came of it later.
    package var greylisted: [Answer] {
        answers.filter { $0.reply.meaning == .greylisted || $0.secondTry?.first.meaning == .greylisted }
    }

    /// What came of a question; nil where it was not asked.
    package func answer(to question: Question) -> Answer? { answers.first { $0.question == question } }

    /// This and what was heard later.
    package func joined(by later: SMTPBehaviour?) -> SMTPBehaviour {
        guard let later else { return self }
        var all = self
        all.answers += later.answers.filter { answer in !answers.contains { $0.question == answer.question } }
        all.connections += later.connections
        all.isWhole = isWhole || later.isWhole
        all.recipients += later.recipients.filter { !recipients.contains($0) }
        all.stopped = stopped ?? later.stopped
        return all
    }

    /// Whether RCPT (or VRFY) was answered as a mailbox that is there.
    package func accepts(_ question: Question) -> Bool {
        answer(to: question).map { !$0.isAboutSender && $0.reply.meaning == .accepted } ?? false
    }

    /// Whether an invented local part of the domain is refused for being unknown: only then does an accepted one
    /// tell anything.
    package var refusesUnknown: Bool {
        guard let answer = answer(to: .unknownRecipient), !answer.isAboutSender else { return false }
        return answer.reply.meaning == .unknownMailbox
            || (answer.reply.meaning == .refused && accepts(.postmaster))
    }
}

/// The classic ways of having a server carry mail to somewhere else.
package enum RelayForm: String, Hashable, Sendable, Codable, CaseIterable {
    /// A stranger to a stranger.
    case foreign
    /// The null sender to a stranger.
    case nullSender = "null_sender"
    /// A sender of the server's own domain to a stranger.
    case ownDomainSender = "own_domain_sender"
    /// A sender at the server's own address: `<user@[192.0.2.1]>`.
    case addressLiteralSender = "address_literal_sender"
    /// A sender at `localhost`.
    case localhostSender = "localhost_sender"
    /// `<user%elsewhere@domain>`
    case percentHack = "percent_hack"
    /// `<"user@elsewhere"@domain>`
    case quotedLocalPart = "quoted_local_part"
    /// `<@domain:user@elsewhere>` (RFC 5321 appendix C).
    case sourceRoute = "source_route"
    /// `<elsewhere!user@domain>`
    case bangPath = "bang_path"
    /// `<user@elsewhere@domain>`
    case doubleAt = "double_at"
    /// `<"user@elsewhere">`
    case quotedAlone = "quoted_alone"
    /// `<elsewhere!user>`
    case bangAlone = "bang_alone"

    /// What an accepted recipient has to be held against: such forms may as well be the name of a local mailbox.
    package enum Control: Hashable, Sendable { case none, unknownRecipient, unknownWithoutDomain }

    package var control: Control {
        switch self {
        case .foreign, .nullSender, .ownDomainSender, .addressLiteralSender, .localhostSender, .sourceRoute: .none
        case .percentHack, .quotedLocalPart, .bangPath, .doubleAt: .unknownRecipient
        case .quotedAlone, .bangAlone: .unknownWithoutDomain
        }
    }
}

/// What came of a command that was sent in the same breath as STARTTLS (CVE-2011-0411): a server must forget what was
/// said before TLS (RFC 3207 §4.2).
package enum InjectionOutcome: String, Hashable, Sendable, Codable, CaseIterable {
    /// The server answered it inside TLS: whoever sits on the path can put words into the client's mouth.
    case answered
    /// The server went on as if it had not been said.
    case discarded
    /// The server broke off, or refused to go on.
    case refused
    /// STARTTLS was not on offer on this connection, though it had been on the one before.
    case notOffered = "not_offered"
}

/// How the lines of a server were formed where they ought not to be so.
package struct LineFacts: Hashable, Sendable, Codable {
    /// Octets of the longest line, without its end.
    package var longest: Int
    /// A line ended in LF without CR (RFC 5321 §2.3.8).
    package var hasBareLineFeed: Bool
    /// An octet above 127 was said (RFC 5321 §2.3.1), before any client had asked for SMTPUTF8.
    package var hasEightBit: Bool

    package init(longest: Int, hasBareLineFeed: Bool, hasEightBit: Bool) {
        self.longest = longest
        self.hasBareLineFeed = hasBareLineFeed
        self.hasEightBit = hasEightBit
    }
}
