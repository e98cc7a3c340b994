import Judgement
import Testing

@Suite("What a reply of SMTP is about")
struct SMTPAnswerTests {
    typealias Meaning = SMTPAnswer.Meaning

    @Test(
        "When to come again is read from the words, where they say it",
        arguments: [
            ("4.7.1 Greylisted, please try again in 300 seconds", 300.0),
            ("4.2.0 <a@b.example>: Recipient address rejected: Greylisted for 5 minutes", 300),
            ("4.7.1 Greylisting in action, please come back in 00:04:59", 299),
            ("4.7.1 Greylisted (retry after 90s).", 90), ("come back in 1 hour.", 3_600), ("wait 2min", 120),
            ("for 999999 hours", 86_400), ("4.7.1 Try again later", nil), ("<5 minutes@example.org> not now", nil),
            ("at 17:04:59 it was not", nil), ("in 0 seconds", nil), ("in 12345678901234567890 seconds", nil),
            ("in 1:2:3:4", nil), ("in ::", nil), ("", nil), ("5", nil),
        ] as [(String, Double?)])
    func retry(text: String, seconds: Double?) {
        #expect(SMTPAnswer(code: 451, text: text).retrySeconds == seconds)
    }

    /// Replies in the words of Postfix, Exim, Sendmail, qmail, Exchange, the large providers and greylisting programs.
    static let replies: [(Int, String?, String, Meaning)] = [
        (250, "2.1.5", "2.1.5 Ok", .accepted),
        (251, nil, "User not local; will forward", .accepted),
        (252, "2.0.0", "2.0.0 Cannot VRFY user, but will accept message", .cannotVerify),
        (
            550, "5.1.1", "5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
            .unknownMailbox
        ),
        (550, nil, "Unrouteable address", .unknownMailbox),
        (550, "5.1.1", "5.1.1 The email account that you tried to reach does not exist.", .unknownMailbox),
        (550, "5.4.1", "5.4.1 Recipient address rejected: Access denied. [AM7EUR03FT012]", .unknownMailbox),
        (
            550, "5.1.10", "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            .unknownMailbox
        ),
        (550, nil, "No such user here", .unknownMailbox),
        (550, nil, "Requested action not taken: mailbox unavailable", .unknownMailbox),
        (554, nil, "delivery error: dd This user doesn't have a yahoo.com account", .unknownMailbox),
        (550, "5.7.1", "5.7.1 Requested action not taken: mailbox unavailable", .refused),
        (552, "5.2.2", "5.2.2 The email account that you tried to reach is over quota.", .mailboxUnusable),
        (452, "4.2.2", "4.2.2 The email account that you tried to reach is over quota.", .mailboxUnusable),
        (550, "5.2.1", "5.2.1 The email account that you tried to reach is disabled.", .mailboxUnusable),
        (554, "5.7.1", "5.7.1 <x@example.com>: Relay access denied", .relayDenied),
        (454, "4.7.1", "4.7.1 <x@example.com>: Relay access denied", .relayDenied),
        (550, nil, "relay not permitted", .relayDenied),
        (551, "5.1.6", "5.1.6 User not local; please try <x@example.com>", .unknownMailbox),
        (551, nil, "User not local; please try <x@example.com>", .unknownMailbox),
        (551, "5.7.1", "5.7.1 not local, relaying denied", .relayDenied),
        (550, "5.7.1", "5.7.1 <x@example.com>... Relaying denied", .relayDenied),
        (553, nil, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", .relayDenied),
        (550, "5.7.54", "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", .relayDenied),
        (
            554, "5.7.1", "5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org",
            .refusesClient
        ),
        (550, "5.7.1", "5.7.1 Our system has detected that your IP is on a list of dynamic addresses", .refusesClient),
        (550, "5.7.25", "5.7.25 The IP address sending this message does not have a PTR record setup", .refusesClient),
        (450, "4.7.1", "4.7.1 Client host rejected: cannot find your reverse hostname, [198.51.100.7]", .refusesClient),
        (
            451, "4.7.650",
            "4.7.650 The mail server [198.51.100.7] has been temporarily rate limited due to IP reputation",
            .refusesClient
        ),
        (550, "5.1.8", "5.1.8 <probe@example.net>: Sender address rejected: Domain not found", .refusesSender),
        (450, "4.1.8", "4.1.8 <probe@example.net>: Sender address rejected: Domain not found", .refusesSender),
        (556, "5.7.27", "5.7.27 Sender address has null MX", .refusesSender),
        (550, nil, "Sender verify failed", .refusesSender),
        (530, "5.7.0", "5.7.0 Must issue a STARTTLS command first", .needsTLS),
        (530, "5.7.0", "5.7.0 Authentication required", .needsLogin),
        (
            450, "4.2.0", "4.2.0 <x@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example/",
            .greylisted
        ),
        (451, "4.7.1", "4.7.1 Please try again later", .greylisted),
        (450, nil, "Temporarily deferred, try again in 5 minutes", .greylisted),
        (451, "4.3.0", "4.3.0 <x@example.org>: Temporary lookup failure", .deferred),
        (451, nil, "Temporary local problem - please try later", .deferred),
        (451, nil, "Could not complete sender verify callout", .refusesSender),
        (452, "4.3.1", "4.3.1 Insufficient system storage", .deferred),
        (451, "4.3.5", "4.3.5 <unknown[192.0.2.1]>: Client host rejected: Server configuration problem", .deferred),
        (452, "4.5.3", "4.5.3 Too many recipients", .deferred),
        (421, "4.7.0", "4.7.0 Greylisted, closing", .deferred),
        (450, nil, "Requested mail action not taken: mailbox unavailable", .deferred),
        (502, "5.5.1", "5.5.1 VRFY command is disabled", .notUnderstood),
        (501, "5.1.3", "5.1.3 Bad recipient address syntax", .notUnderstood),
        (550, "5.7.1", "5.7.1 no", .refused),
        (554, nil, "", .refused),
        (550, "5.7.1", "5.7.1 <relay@block.example>: rejected", .refused),
        (550, nil, "ann@relay.example unknown user", .unknownMailbox),
        (501, nil, "<probe@example.net@x.org>: malformed address: @x.org> may not follow", .notUnderstood),
        (599, nil, "\u{0}\u{7f}", .refused),
    ]

    @Test("by the words of real servers", arguments: replies)
    func meaning(code: Int, enhanced: String?, text: String, meaning: Meaning) {
        #expect(SMTPAnswer(code: code, enhancedCode: enhanced, text: text).meaning == meaning, "\(text)")
    }

    @Test("A text of any length is cut")
    func bounded() {
        let answer = SMTPAnswer(code: 550, text: String(repeating: "é", count: 5_000))
        #expect(answer.text.utf8.count <= SMTPAnswer.maximumText + 3)
    }
}
