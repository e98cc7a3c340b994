import Judgement
import Mail
import Testing

@testable import Probes

@Suite("POP3, the client's side")
struct POP3SessionTests {
    @Test(
        "A reply is +OK or -ERR",
        arguments: [
            ("+OK", true, nil), ("+OK hello", true, nil), ("-ERR [IN-USE] x", false, "IN-USE"), ("-err", false, nil),
            ("-ERR [sys/temp] x", false, "SYS/TEMP"), ("-ERR [open", false, nil),
        ] as [(String, Bool, String?)])
    func reply(line: String, isOK: Bool, code: String?) {
        let reply = POP3Session.Reply(Array(line.utf8))
        #expect(reply?.isOK == isOK)
        #expect(reply?.code == code)
    }

    @Test("What is none", arguments: ["", "OK", "220 x", "+", " +OK"])
    func noReply(line: String) { #expect(POP3Session.Reply(Array(line.utf8)) == nil) }

    @Test("Stuffed dots are taken away, the last dot ends")
    func message() async throws {
        let (talk, wire) = try conversation("C: RETR 3\nS: +OK\nS: Subject: x\nS: \nS: ..\nS: ..a\nS: .", .pop3)
        let message = try await POP3Session(talk).message(3)
        #expect(message.map { String(decoding: $0, as: UTF8.self) } == "Subject: x\r\n\r\n.\r\n.a\r\n")
        #expect(wire.departure == nil)
        #expect(!talk.transcript.complete.joined().contains("Subject"))
    }

    @Test("Capabilities without end are cut off")
    func unending() async throws {
        let (talk, _) = try conversation("C: CAPA\nS: +OK\n" + String(repeating: "S: X\n", count: 500), .pop3)
        var session = POP3Session(talk)
        let failure = await #expect(throws: Failure.self) { try await session.capa() }
        #expect(failure?.cause == .protocolViolation)
    }

    @Test(
        "LOGIN-DELAY is read, and what is no number is none",
        arguments: [
            ("LOGIN-DELAY 10", 10.0), ("login-delay 900 USER", 900), ("LOGIN-DELAY -5", 0), ("LOGIN-DELAY x", 0),
            ("USER", 0),
        ])
    func delay(line: String, seconds: Double) async throws {
        let (talk, _) = try conversation("C: CAPA\nS: +OK\nS: \(line)\nS: .", .pop3)
        var session = POP3Session(talk)
        _ = try await session.capa()
        #expect(session.loginDelay == seconds)
    }

    @Test("USER and PASS, the password hidden")
    func userPass() async throws {
        let (talk, wire) = try conversation(
            "C: USER joe\nS: +OK\nC: PASS topsecret\nS: -ERR [AUTH] topsecret is wrong", .pop3)
        let reply = try await POP3Session(talk).logIn(Credentials(user: "joe", password: Secret("topsecret")))
        #expect(!reply.isOK)
        #expect(wire.departure == nil)
        #expect(!talk.transcript.complete.joined().contains("topsecret"))
        #expect(!talk.quote(reply.line).contains("topsecret"))
    }

    @Test("AUTH PLAIN where SASL says so")
    func plain() async throws {
        let (talk, wire) = try conversation(
            "C: CAPA\nS: +OK\nS: SASL PLAIN\nS: .\nC: AUTH PLAIN\nS: + \nC: AGpvZQB0b3BzZWNyZXQ=\nS: +OK", .pop3)
        var session = POP3Session(talk)
        _ = try await session.capa()
        #expect(try await session.logIn(Credentials(user: "joe", password: Secret("topsecret"))).isOK)
        #expect(wire.departure == nil)
    }

    @Test("A listing names messages; lines that are none are passed over")
    func listing() async throws {
        let (talk, _) = try conversation("C: UIDL\nS: +OK\nS: 1 abc\nS: x y\nS: 2\nS: 3 d e\nS: .", .pop3)
        let listed = try await POP3Session(talk).uniqueIDs()
        #expect(listed?.map(\.number) == [1, 3])
        #expect(listed?.first?.uid == Array("abc".utf8))
    }
}
