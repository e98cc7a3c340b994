/// What a server does wrong on demand. The default is to do nothing wrong.
package struct Faults: Sendable {
    /// A step of the conversation in which the server may misbehave.
    package enum Stage: Hashable, Sendable {
        /// The first line after the connection (after the handshake with implicit TLS).
        case greeting
        /// The reply to EHLO, CAPABILITY, CAPA.
        case capabilities
        /// The TLS handshake: after the go-ahead of STARTTLS, or at once with implicit TLS.
        case handshake
        /// The reply to a login.
        case login
        /// The reply to MAIL.
        case sender
        /// The reply to RCPT.
        case recipient
        /// The reply to the message after DATA.
        case message
        /// The reply to a fetch: UID FETCH, RETR, TOP.
        case fetch
    }

    /// What the server does there instead of, or with, its reply.
    package enum Misbehaviour: Hashable, Sendable {
        /// Says nothing any more, keeps the connection.
        case silent
        /// Closes the connection without a word.
        case closes
        /// Sends the reply and closes at once.
        case closesAfterReply
        /// Sends octets that are no line of any protocol, then nothing.
        case garbage
        /// Sends the reply one octet at a time.
        case drips(secondsPerOctet: Double)
        /// Sends a line that does not end.
        case unendingLine
        /// Sends lines that say that more follow, for ever.
        case unendingReply
        /// Waits, then replies.
        case waits(seconds: Double)
    }

    /// What STARTTLS meets.
    package enum Upgrade: Hashable, Sendable {
        /// STARTTLS (STLS) is not on offer and unknown.
        case notOffered
        /// On offer, then refused (454, NO, -ERR).
        case refused
        /// Plaintext in the same packet as the go-ahead (the injection of CVE-2011-0411, from the server's side).
        case injectsPlaintext
        /// What the client said in the same packet as STARTTLS is obeyed inside TLS (CVE-2011-0411).
        case obeysPlaintext
        /// What the client said in the same packet ends the conversation, as servers do that enforce the order.
        case enforcesOrder
    }

    /// What RCPT meets.
    package enum Recipient: Hashable, Sendable {
        /// 550 to each RCPT.
        case rejected
        /// 451 to the first tries of a sender, recipient and client, this often.
        case greylisted(times: Int)
    }

    /// What becomes of a message after it was accepted.
    package enum Delivery: Hashable, Sendable {
        case twice, lost
        /// A delivery status notification goes to the sender instead (RFC 3464).
        case bounced
        /// A footer is put below the body.
        case altered
        /// Filed as junk.
        case misplaced
    }

    package var stages: [Stage: Misbehaviour]
    /// A greeting other than 220: `421 4.3.2 too many connections`, `554 no SMTP service here`. SMTP only.
    package var refusal: String?
    /// Greets in several lines with a pause in between, as postscreen does: seconds. SMTP only.
    package var slowGreeting: Double?
    package var upgrade: Upgrade?
    /// Offers and takes passwords without TLS.
    package var authInClear: Bool
    package var recipient: Recipient?
    package var delivery: Delivery?
    /// SEARCH by a field finds nothing, as where an index knows only words. IMAP only.
    package var searchKnowsOnlyWords: Bool

    package init(
        _ stages: [Stage: Misbehaviour] = [:], refusal: String? = nil, slowGreeting: Double? = nil,
        upgrade: Upgrade? = nil, authInClear: Bool = false, recipient: Recipient? = nil, delivery: Delivery? = nil,
        searchKnowsOnlyWords: Bool = false
    ) {
        self.stages = stages
        self.refusal = refusal
        self.slowGreeting = slowGreeting
        self.upgrade = upgrade
        self.authInClear = authInClear
        self.recipient = recipient
        self.delivery = delivery
        self.searchKnowsOnlyWords = searchKnowsOnlyWords
    }
}
