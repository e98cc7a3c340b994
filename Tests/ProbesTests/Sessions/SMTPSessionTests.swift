import DNS
import Judgement
import Mail
import Networking
import Testing

@testable import Probes

/// A session over a script.
func conversation(_ script: String, _ dialect: Service.Dialect) throws -> (Conversation, ScriptedWire) {
    let wire = try ScriptedWire(script: script, dialect: dialect)
    return (Conversation(wire) { wire.elapsed }, wire)
}

@Suite("SMTP, the client's side")
struct SMTPSessionTests {
    @Test(
        "A reply line is three digits, a separator and text",
        arguments: [
            ("250 ok", 250, true, "ok"), ("250-more", 250, false, "more"), ("250", 250, true, ""),
            ("250 ", 250, true, ""), ("554- ", 554, false, " "), ("220 250 ", 220, true, "250 "),
        ])
    func line(text: String, code: Int, isLast: Bool, rest: String) {
        let line = SMTPReply.Line(Array(text.utf8))
        #expect(line?.code == code)
        #expect(line?.isLast == isLast)
        #expect(line.map { String(decoding: $0.text, as: UTF8.self) } == rest)
    }

    @Test("What is none", arguments: ["", "25", "2500", "abc", "+50 x", " 250 ok", "199 x", "650 x", "250_x", "2٣0 x"])
    func noLine(text: String) { #expect(SMTPReply.Line(Array(text.utf8)) == nil) }

    @Test(
        "An enhanced code stands in front of the text or nowhere",
        arguments: [
            ("5.7.1 no", "5.7.1"), ("2.0.0", "2.0.0"), ("4.999.999 x", "4.999.999"), ("3.1.1 x", nil), ("5.7 x", nil),
            ("5.7.1.2 x", nil), ("15.7.1 x", nil), ("5..1 x", nil), ("see 5.7.1", nil), ("", nil), ("5.1234.1 x", nil),
        ])
    func enhanced(text: String, code: String?) { #expect(SMTPReply.enhancedCode(in: Array(text.utf8)) == code) }

    @Test("Replies that do not end are cut off")
    func unending() async throws {
        let (talk, _) = try conversation(String(repeating: "S: 250-more\n", count: 500), .smtp)
        let failure = await #expect(throws: Failure.self) { try await SMTPSession(talk).greeting() }
        #expect(failure?.cause == .protocolViolation)
        #expect(talk.transcript.complete.count <= Transcript.maximumLines + 1)
    }

    @Test("Lines that do not end are cut off")
    func longLine() async throws {
        let (talk, _) = try conversation("S: 220 " + String(repeating: "x", count: 5_000), .smtp)
        let failure = await #expect(throws: Failure.self) { try await SMTPSession(talk).greeting() }
        #expect(failure?.cause == .protocolViolation)
    }

    @Test("Control characters of a server do not reach a failure's words")
    func escaped() async throws {
        let (talk, _) = try conversation("S: 2\u{1B}[31mred\u{7}", .smtp)
        let failure = await #expect(throws: Failure.self) { try await SMTPSession(talk).greeting() }
        let detail = try #require(failure?.detail)
        #expect(!detail.unicodeScalars.contains { $0.value < 32 || $0.value == 127 })
        #expect(detail.contains("\\u{1b}"))
    }

    @Test(
        "Messages are sent with CRLF, doubled dots and a dot at the end",
        arguments: [
            ("a\r\nb\r\n", "a\r\nb\r\n.\r\n"), ("a\nb", "a\r\nb\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
            ("a\r\n.\r\nQUIT\r\n", "a\r\n..\r\nQUIT\r\n.\r\n"), ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\n.\nMAIL", "a\r\n..\r\nMAIL\r\n.\r\n"), ("", ".\r\n"), ("a..b.\n..c", "a..b.\r\n...c\r\n.\r\n"),
        ])
    func stuffing(message: String, sent: String) {
        #expect(String(decoding: SMTPSession.stuffed(Array(message.utf8)), as: UTF8.self) == sent)
    }

    @Test("No line of a stuffed message is a lone dot, whatever the message", arguments: 0..<200)
    func stuffedNeverEndsEarly(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let message = (0..<60).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return [46, 13, 10, 97, 46, 10][Int(state >> 33) % 6]
        }
        let sent = SMTPSession.stuffed(message)
        let lines = sent.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        #expect(lines.filter { $0 == [46, 13] }.count == 1)
        #expect(lines.dropLast().last == [46, 13])
        #expect(lines.dropLast().allSatisfy { $0.last == 13 && !$0.dropLast().contains(13) })
    }

    @Test("AUTH PLAIN sends the initial response, and the transcript hides it even when it is echoed")
    func plain() async throws {
        let (talk, wire) = try conversation(
            """
            S: 250-mx
            S: 250 AUTH LOGIN PLAIN
            C: AUTH PLAIN AGpvZQB0b3BzZWNyZXQ=
            S: 535 5.7.8 you said AGpvZQB0b3BzZWNyZXQ= which is topsecret
            """, .smtp)
        var session = SMTPSession(talk)
        _ = try await session.ehlo(.loopback)
        let reply = try await session.authenticate(Credentials(user: "joe", password: Secret("topsecret")))
        #expect(reply.code == 535)
        #expect(reply.enhancedCode == "5.7.8")
        #expect(wire.departure == nil)
        let shown = talk.transcript.complete.joined(separator: "\n") + talk.quote(reply.summary)
        #expect(!shown.contains("topsecret"))
        #expect(!shown.contains("AGpvZQB0b3BzZWNyZXQ="))
        #expect(shown.contains("C: AUTH PLAIN ***"))
    }

    @Test("AUTH LOGIN where PLAIN is not offered")
    func login() async throws {
        let (talk, wire) = try conversation(
            """
            S: 250-mx
            S: 250 auth login
            C: AUTH LOGIN
            S: 334 VXNlcm5hbWU6
            C: am9l
            S: 334 UGFzc3dvcmQ6
            C: dG9wc2VjcmV0
            S: 235 2.7.0 welcome
            """, .smtp)
        var session = SMTPSession(talk)
        _ = try await session.ehlo(.loopback)
        let reply = try await session.authenticate(Credentials(user: "joe", password: Secret("topsecret")))
        #expect(reply.code == 235)
        #expect(wire.departure == nil)
        #expect(!talk.transcript.complete.joined().contains("dG9wc2VjcmV0"))
    }

    @Test("Without PLAIN and LOGIN nobody logs in", arguments: ["250 mx", "250-mx\nS: 250 AUTH SCRAM-SHA-256"])
    func neither(reply: String) async throws {
        let (talk, wire) = try conversation("S: \(reply)", .smtp)
        var session = SMTPSession(talk)
        _ = try await session.ehlo(.loopback)
        let credentials = try Credentials(user: "joe", password: Secret("topsecret"))
        let failure = await #expect(throws: Failure.self) { try await session.authenticate(credentials) }
        #expect(failure?.cause == .authFailed)
        #expect(wire.said == ["EHLO [127.0.0.1]"])
    }

    @Test("MAIL says SIZE and BODY only where they are offered")
    func mail() async throws {
        let path = try #require(SMTPPath(try EmailAddress("joe@example.org")))
        let (talk, wire) = try conversation("S: 250-mx\nS: 250-SIZE\nS: 250 8bitmime\nS: 250 ok", .smtp)
        var session = SMTPSession(talk)
        _ = try await session.ehlo(.loopback)
        _ = try await session.mail(from: path, size: 321)
        #expect(wire.said.last == "MAIL FROM:<joe@example.org> SIZE=321 BODY=8BITMIME")
        let (plain, plainWire) = try conversation("S: 250 mx\nS: 250 ok", .smtp)
        session = SMTPSession(plain)
        _ = try await session.ehlo(.loopback)
        _ = try await session.mail(from: path, size: 321)
        #expect(plainWire.said.last == "MAIL FROM:<joe@example.org>")
    }

    private final class HangingWire: Wire {
        let isSecured = false, sawBareLineFeed = false
        func readLine(limit: Int) async throws(WireError) -> [UInt8] {
            try? await Task.sleep(for: .seconds(60))
            throw .timedOut
        }
        func read(count: Int) async throws(WireError) -> [UInt8] { throw .timedOut }
        func write(_ bytes: [UInt8]) async throws(WireError) {}
        func startTLS(serverName: DomainName?) async throws(WireError) -> TLSHandshake { throw .timedOut }
    }

    @Test("Nobody waits long for a farewell")
    func farewell() async {
        let talk = Conversation(HangingWire(), clock: Means.monotonic)
        let began = ContinuousClock.now
        #expect(await talk.farewell("QUIT", within: 0.1) == nil)
        #expect(ContinuousClock.now - began < .seconds(30))
        #expect(talk.phases.map(\.name) == [.quit])
        #expect(talk.transcript.complete == ["C: QUIT"])
    }

    @Test("No answer to the message leaves it in doubt")
    func doubt() async throws {
        let (talk, _) = try conversation("S: 354 go\nclose", .smtp)
        guard case .inDoubt(let failure, _) = try await SMTPSession(talk).data(Array("a\r\n".utf8), patience: 60) else {
            Issue.record("the server has not answered")
            return
        }
        #expect(failure.cause == .earlyClose)
        #expect(failure.phase == .data)
    }

    @Test("A command with a line end in it is never sent", arguments: ["NOOP\r\nQUIT", "NOOP\n", "NOOP\0"])
    func injection(command: String) async throws {
        let (talk, wire) = try conversation("S: 250 ok", .smtp)
        let failure = await #expect(throws: Failure.self) { try await talk.say(command) }
        #expect(failure?.cause == .internal)
        #expect(wire.said == [])
    }

    @Test(
        "Credentials with control characters are refused, and the error does not say them",
        arguments: [
            ("joe\r\nQUIT", "x"), ("joe", "pass\nword"), ("joe", "pass\0word"), ("", "x"), ("joe", ""), ("j\0e", "x"),
        ])
    func credentials(user: String, password: String) {
        #expect(throws: Credentials.Unusable.self) { try Credentials(user: user, password: Secret(password)) }
    }

    @Test(
        "A path holds only what a path may hold",
        arguments: [
            ("joe@example.org", "<joe@example.org>"), ("a+b@example.org", "<a+b@example.org>"),
        ])
    func path(address: String, written: String) throws {
        #expect(SMTPPath(try EmailAddress(address))?.description == written)
    }
}

@Suite("Names and secrets")
struct NamesAndSecretsTests {
    @Test(
        "EHLO takes domains and address literals",
        arguments: [
            "mx.example.org", "localhost", "[127.0.0.1]", "[IPv6:::1]", "a-b.example",
        ])
    func ehlo(name: String) { #expect(EHLOName(name)?.description == name) }

    @Test(
        "and nothing else",
        arguments: [
            "", "a b", "a\r\nRSET", "-a.example", "a-.example", "a..b", "[1.2.3]", "[::1]", "[IPv6:x]", "[127.0.0.1",
            "ä.example", "a_b.example", "a.example.", String(repeating: "a", count: 64),
        ])
    func noEHLO(name: String) { #expect(EHLOName(name) == nil) }

    @Test("This machine always has a name to give")
    func machine() { #expect(EHLOName(EHLOName.ofThisMachine.description) != nil) }

    @Test("A secret prints as ***")
    func secret() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(describing: secret), String(reflecting: secret), dumped, "\([secret])"] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("***"))
        }
    }

    @Test("A transcript is bounded, and hides secrets where its lines are cut")
    func transcript() {
        var transcript = Transcript()
        transcript.hide(Array("topsecret".utf8))
        transcript.server(Array((String(repeating: "x", count: 296) + "topsecret").utf8))
        #expect(transcript.complete[0].contains("tops") == false)
        // Each *** is shorter than what it hides, so what stands far to the right comes into view.
        transcript.server(Array(("x" + String(repeating: "topsecret", count: 34)).utf8))
        #expect(transcript.complete[1].contains("tops") == false)
        for _ in 0..<999 { transcript.client(Array("NOOP".utf8)) }
        #expect(transcript.complete.count == Transcript.maximumLines + 1)
        #expect(transcript.complete.last == "* 801 more lines left out")
    }

    @Test(
        "Base64 as RFC 4648 §10 has it",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func encoding(text: String, encoded: String) {
        #expect(base64(of: Array(text.utf8)) == Array(encoded.utf8))
        #expect(ArrivedMessage.base64Decoded(Array(encoded.utf8)) == Array(text.utf8))
    }
}
