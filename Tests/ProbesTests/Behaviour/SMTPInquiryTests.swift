import DNS
import Judgement
import Mail
import Testing

@testable import Probes

@Suite("The questions to a mail server, without a wire")
struct SMTPInquiryTests {
    private static let domain = (try? DomainName("example.org")) ?? .root

    private func questions(_ ehloName: String = "probe.example.edu") -> SMTPQuestions {
        SMTPQuestions(
            domain: Self.domain, address: .v4(IPv4Address(192, 0, 2, 25)), ehloName: EHLOName(ehloName) ?? .loopback,
            invented: "no-such-user-1")
    }

    private func inquiry() -> SMTPInquiry {
        SMTPInquiry(Self.domain, items: questions().behaviour, foreignSender: questions().foreignSender)
    }

    /// Runs an inquiry against a server that is a function; what was said, connection by connection.
    private func run(
        _ inquiry: inout SMTPInquiry, connections: Int = 5, _ server: (String) -> (Int, String)
    ) -> [[String]] {
        var said: [[String]] = []
        for _ in 0..<connections where !inquiry.isOver {
            inquiry.begin()
            var lines: [String] = []
            while let command = inquiry.next() {
                lines.append(command)
                let (code, text) = server(command)
                inquiry.take(
                    SMTPAnswer(
                        code: code, enhancedCode: SMTPReply.enhancedCode(in: Array(text.utf8)), text: text),
                    seconds: 0.1)
            }
            said.append(lines)
        }
        return said
    }

    /// A server that minds its own mail.
    private func good(_ command: String) -> (Int, String) {
        if !command.hasPrefix("RCPT") { return command.hasPrefix("EXPN") ? (502, "5.5.1 no") : (250, "2.1.0 ok") }
        if command.contains("no-such") { return (550, "5.1.1 user unknown") }
        return command.hasSuffix("<postmaster>") || command.hasSuffix("<postmaster@example.org>")
            || command.hasSuffix("<abuse@example.org>") ? (250, "2.1.5 ok") : (554, "5.7.1 relay access denied")
    }

    @Test("Everything is asked on few connections, each question once, and nothing but five commands is ever said")
    func whole() throws {
        var inquiry = inquiry()
        let said = run(&inquiry, good)
        #expect(inquiry.isOver)
        #expect(inquiry.behaviour.stopped == nil)
        #expect(said.count <= SMTPInterview.maximumConnections)
        let words = Set(said.joined().map { $0.prefix { $0 != " " } })
        #expect(words == ["MAIL", "RCPT", "RSET", "VRFY", "EXPN"])
        for lines in said {
            #expect(lines.count { $0.hasPrefix("RCPT") } <= SMTPInquiry.recipientLimit)
            #expect(lines.map(good).count { $0.0 >= 400 } <= SMTPInquiry.refusalLimit)
        }
        let asked = inquiry.behaviour.answers.map(\.question)
        #expect(Set(asked).count == asked.count)
        let forms = asked.compactMap { if case .relay(let form) = $0 { form } else { nil } }
        #expect(Set(forms) == Set(RelayForm.allCases))
        #expect(asked.contains(.nullSender))
        // A control is not asked for where there is nothing to hold against it.
        #expect(!asked.contains(.unknownWithoutDomain))
    }

    @Test("Behind each accepted recipient the transaction is begun anew")
    func resets() {
        var inquiry = inquiry()
        let said = run(&inquiry) { _ in (250, "ok") }
        var accepted = 0
        for command in said.joined(separator: ["RSET"]) {
            switch command.prefix(4) {
            case "RCPT":
                #expect(accepted == 0, "\(command)")
                accepted += 1
            case "RSET": accepted = 0
            case "MAIL": #expect(accepted == 0)
            default: break
            }
        }
    }

    @Test("Who was put off is asked for once more, from the same sender; one that does not come to it keeps the answer")
    func secondTry() throws {
        var inquiry = inquiry()
        _ = run(&inquiry) { $0.hasPrefix("RCPT") ? (451, "4.7.1 Greylisted for 60 seconds") : self.good($0) }
        let first = inquiry.behaviour.answers
        #expect(inquiry.isPutOff)
        #expect(inquiry.retrySeconds == 60)
        inquiry.askAgain(waited: 61)
        #expect(!inquiry.isPutOff)
        let said = run(&inquiry, connections: 1, good)
        #expect(!said[0].contains { $0.hasPrefix("VRFY") })
        _ = run(&inquiry, good)
        #expect(inquiry.isOver)
        let second = inquiry.behaviour.answers
        #expect(second.map(\.question) == first.map(\.question))
        #expect(second.map(\.sender) == first.map(\.sender))
        for (before, after) in zip(first, second) {
            let isRecipient = before.command.hasPrefix("RCPT")
            #expect(after.secondTry == (isRecipient ? SecondTry(first: before.reply, waited: 61) : nil))
        }
        #expect(inquiry.behaviour.accepts(.postmaster) && inquiry.behaviour.refusesUnknown)
        // Once only.
        inquiry.askAgain(waited: 99)
        #expect(inquiry.isOver)
        var other = self.inquiry()
        _ = run(&other) { $0.hasPrefix("RCPT") ? (451, "4.7.1 Greylisted") : self.good($0) }
        let kept = other.behaviour.answers
        other.askAgain(waited: 1)
        #expect(other.behaviour.answers == kept)
    }

    @Test("421 ends the questions for good, wherever it comes", arguments: 1...20)
    func tooBusy(nth: Int) {
        var inquiry = inquiry()
        var count = 0
        let said = run(&inquiry) { command in
            count += 1
            return count == nth ? (421, "4.7.0 too many errors") : good(command)
        }
        #expect(said.joined().count == nth)
        #expect(inquiry.isOver)
        #expect(inquiry.behaviour.stopped?.detail.contains("421") == true)
        // What 421 was said to has no answer.
        #expect(!inquiry.behaviour.answers.contains { $0.reply.code == 421 })
    }

    @Test("Where the null sender is refused, recipients are asked for by a stranger, and the refusal is remembered")
    func nullSenderRefused() {
        for atRecipient in [false, true] {
            var inquiry = inquiry()
            var isNull = false
            _ = run(&inquiry) { command in
                if command.hasPrefix("MAIL") { isNull = command == "MAIL FROM:<>" }
                if isNull, atRecipient ? command.hasPrefix("RCPT") : command.hasPrefix("MAIL") {
                    return (550, "5.7.1 null sender not accepted")
                }
                return good(command)
            }
            #expect(inquiry.isOver)
            let behaviour = inquiry.behaviour
            #expect(behaviour.answers.contains { $0.question == .nullSender && $0.reply.code == 550 })
            #expect(behaviour.accepts(.postmaster), "\(atRecipient)")
            #expect(behaviour.answer(to: .postmaster)?.sender == "<postmaster@probe.example.edu>")
            #expect(behaviour.refusesUnknown)
        }
    }

    @Test("A sender who is refused stands for all that was to be asked with it")
    func senderRefused() {
        var inquiry = inquiry()
        let said = run(&inquiry) { command in
            command.hasPrefix("MAIL FROM:<postmaster@probe") ? (553, "5.1.8 sender rejected") : good(command)
        }
        #expect(inquiry.isOver)
        #expect(said.joined().count { $0.hasPrefix("MAIL FROM:<postmaster@probe") } == 1)
        let foreign = inquiry.behaviour.answer(to: .relay(.foreign))
        #expect(foreign?.isAboutSender == true)
        #expect(foreign?.reply.code == 553)
    }

    @Test("Controls are asked where a form without a domain is accepted")
    func controls() {
        var inquiry = inquiry()
        _ = run(&inquiry) { command in command.contains("com!probe-test>") ? (250, "ok") : good(command) }
        #expect(inquiry.behaviour.answer(to: .unknownWithoutDomain)?.reply.code == 550)
    }

    @Test("A connection is left after a few refusals or two commands that were not understood")
    func leaves() {
        var inquiry = inquiry()
        let said = run(&inquiry, connections: 1) { _ in (500, "what?") }
        #expect(said[0].count == SMTPInquiry.misunderstandingLimit)
        var second = self.inquiry()
        let refused = run(&second, connections: 1) { $0.hasPrefix("RCPT") ? (550, "5.7.1 no") : (250, "ok") }
        #expect(refused[0].count { $0.hasPrefix("RCPT") } == SMTPInquiry.refusalLimit)
        var third = self.inquiry()
        _ = run(&third, connections: 50) { $0 == "RSET" ? (502, "no") : (250, "ok") }
        #expect(third.isOver)
    }

    @Test("It comes to an end whatever a server says", arguments: 0..<100)
    func hostile(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let codes = [220, 250, 251, 252, 354, 421, 450, 451, 452, 500, 502, 503, 530, 550, 554, 555]
        var inquiry = inquiry()
        let said = run(&inquiry, connections: 40) { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (codes[Int(state >> 33) % codes.count], "sender address rejected relay denied \u{0}")
        }
        #expect(inquiry.isOver)
        #expect(said.joined().count < 200)
    }

    @Test("No address in a command is of the domain but those that are meant to be, and none can be somebody's")
    func addresses() {
        for item in questions().behaviour {
            if case .relay(let form) = item.question {
                #expect(item.command.contains("example.com"), "\(item.command)")
                #expect(!item.command.contains("postmaster"), "\(form)")
            }
        }
        #expect(questions("[127.0.0.1]").foreignSender == "<probe@example.net>")
        #expect(questions("mail.example.org").foreignSender == "<probe@example.net>")
        #expect(questions("mail.example.edu").foreignSender == "<postmaster@mail.example.edu>")
        var own = questions()
        own.domain = (try? DomainName("mail.example.com")) ?? .root
        #expect(own.behaviour.contains { $0.command == "RCPT TO:<probe-test@example.net>" })
        #expect(!own.behaviour.contains { $0.command.contains("@example.com>") })
    }

    @Test("Single addresses are asked for with an invented one behind them, those of other domains not at all")
    func recipients() throws {
        let asked = try ["ann@example.org", "bob@example.net", "\"odd one\"@example.org"].map { try EmailAddress($0) }
        let items = questions().items(on: .smtp, PortQuestions(recipients: asked))
        #expect(
            items.map(\.command) == [
                "RCPT TO:<ann@example.org>", "RCPT TO:<\"odd one\"@example.org>",
                "RCPT TO:<no-such-user-1@example.org>",
            ])
        #expect(items.allSatisfy { $0.sender == "<>" })
        #expect(questions().items(on: .imap, PortQuestions(behaviour: true)).isEmpty)
        #expect(questions().items(on: .submission, PortQuestions(behaviour: true)).count == 1)
    }
}
