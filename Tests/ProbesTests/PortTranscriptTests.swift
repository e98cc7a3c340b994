import DNS
import Judgement
import Mail
import Testing

@testable import Probes

private let moment = Timestamp(1_795_000_000)

private func play(_ transcript: String) async throws -> PortObservation {
    try await .playing(transcript: transcript, at: moment)
}

@Suite("What a port probe sees, by transcripts")
struct PortTranscriptTests {
    @Test("A multi-line greeting, STARTTLS, and EHLO again inside TLS")
    func healthySMTP() async throws {
        let seen = try await play(
            """
            smtp mx.example.org 192.0.2.25:25
            S: 220-mx.example.org ESMTP
            S: 220 at your service
            C: EHLO [127.0.0.1]
            S: 250-mx.example.org greets you
            S: 250-SIZE 10485760
            S: 250-starttls
            S: 250 8BITMIME
            C: STARTTLS
            S: 220 go ahead
            TLS version=TLSv1.3 names=mx.example.org,*.example.net trusted=yes not_after=+60d
            C: EHLO
            S: 250-mx.example.org
            S: 250 AUTH PLAIN LOGIN
            C: QUIT
            S: 221 bye
            """)
        #expect(seen.failure == nil)
        #expect(seen.state == .open)
        #expect(seen.greeting == ["mx.example.org ESMTP", "at your service"])
        #expect(seen.greetingCode == 220)
        #expect(seen.ehloName == "mx.example.org")
        #expect(seen.capabilitiesBeforeTLS == ["SIZE 10485760", "starttls", "8BITMIME"])
        #expect(seen.capabilitiesAfterTLS == ["AUTH PLAIN LOGIN"])
        #expect(seen.authBeforeTLS == [])
        #expect(seen.authAfterTLS == ["PLAIN", "LOGIN"])
        #expect(seen.offersSTARTTLS == true)
        #expect(seen.tls?.version == "TLSv1.3")
        #expect(seen.tls?.mode == .starttls)
        #expect(seen.tls?.trusted == true)
        #expect(seen.tls?.nameMatches == true)
        #expect(seen.tls?.chain.first?.notAfter == moment + 60 * 86_400)
        #expect(seen.phases.map(\.name) == [.connect, .greeting, .capabilities, .starttls, .tls, .quit])
        #expect(seen.transcript.contains("C: STARTTLS"))
    }

    /// A transcript, and what it must be told as.
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var transcript: String
        var cause: Failure.Cause?
        var phase: Phase.Name?
        var offersSTARTTLS: Bool?
        var hasTLS = false
        var auth: [String]?
        var testDescription: String { title }
    }

    static let cases: [Case] = [
        Case(
            title: "421 leaves every question open", transcript: "smtp mx.test 192.0.2.1:25\nS: 421 too busy",
            cause: .greeting4xx, phase: .greeting),
        Case(
            title: "554 is a refusal", transcript: "smtp mx.test 192.0.2.1:25\nS: 554-no\nS: 554 service here",
            cause: .greeting5xx, phase: .greeting),
        Case(
            title: "a greeting of 250 breaks the protocol", transcript: "smtp mx.test 192.0.2.1:25\nS: 250 hello",
            cause: .protocolViolation, phase: .greeting),
        Case(
            title: "garbage is no greeting", transcript: "smtp mx.test 192.0.2.1:25\nS: HTTP/1.1 400 Bad Request",
            cause: .protocolViolation, phase: .greeting),
        Case(
            title: "silence until the deadline", transcript: "smtp mx.test 192.0.2.1:25\nsilence",
            cause: .greetingTimeout, phase: .greeting),
        Case(
            title: "closing without a word", transcript: "smtp mx.test 192.0.2.1:25\nclose", cause: .earlyClose,
            phase: .greeting),
        Case(
            title: "codes that change within a reply",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 550 no", cause: .protocolViolation,
            phase: .capabilities),
        Case(
            title: "EHLO unknown, HELO taken: no extensions, which is told",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: EHLO\nS: 502 what?\nC: HELO\nS: 250 mx",
            offersSTARTTLS: false, auth: []),
        Case(
            title: "EHLO and HELO unknown",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: EHLO\nS: 502 no\nC: HELO\nS: 502 no",
            cause: .ehloRejected, phase: .capabilities),
        Case(
            title: "EHLO refused: what HELO would say of STARTTLS is nothing, so it is not asked",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: EHLO\nS: 550 not you\nC: QUIT\nS: 221 bye",
            cause: .ehloRejected, phase: .capabilities),
        Case(
            title: "421 to EHLO leaves every question open",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: EHLO\nS: 421 later\nC: QUIT\nclose",
            cause: .ehloRejected, phase: .capabilities),
        Case(
            title: "no STARTTLS is told",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 AUTH=PLAIN x",
            offersSTARTTLS: false, auth: ["PLAIN", "X"]),
        Case(
            title: "STARTTLS offered and refused",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 not now",
            cause: .starttlsRejected, phase: .starttls, offersSTARTTLS: true, auth: []),
        Case(
            title: "a handshake that fails",
            transcript:
                "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 STARTTLS\nS: 220 go\nTLS fails no shared cipher",
            cause: .tlsHandshake, phase: .tls, offersSTARTTLS: true, auth: []),
        Case(
            title: "plaintext behind the go-ahead",
            transcript:
                "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 250 injected",
            cause: .protocolViolation, phase: .tls, offersSTARTTLS: true, auth: []),
        Case(
            title: "TLS 1.3 closed before the first word inside does not count",
            transcript:
                "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS version=TLSv1.3\nclose",
            cause: .tlsHandshake, phase: .capabilities, offersSTARTTLS: true, auth: []),
        Case(
            title: "TLS 1.2 closed after the handshake was shown",
            transcript:
                "smtp mx.test 192.0.2.1:25\nS: 220 hi\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS version=TLSv1.2\nclose",
            cause: .tlsHandshake, phase: .capabilities, offersSTARTTLS: true, hasTLS: true, auth: []),
        Case(
            title: "what a transcript leaves out is said politely",
            transcript: "smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: EHLO\nS: 250-mx\nS: 250-AUTH PLAIN\nS: 250 STARTTLS",
            offersSTARTTLS: true, hasTLS: true, auth: ["PLAIN"]),
        Case(
            title: "implicit TLS: nothing is offered before",
            transcript: "submissions mx.test 192.0.2.1:465\nTLS names=mx.test",
            hasTLS: true),
        Case(
            title: "implicit TLS that closes in the handshake", transcript: "imaps mx.test 192.0.2.1:993\nclose",
            cause: .tlsHandshake, phase: .tls),
        Case(
            title: "IMAP with LOGINDISABLED",
            transcript:
                "imap mx.test 192.0.2.1:143\nS: * OK ready\nC: CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\nS: TAG OK",
            offersSTARTTLS: true, hasTLS: true, auth: []),
        Case(
            title: "IMAP BYE leaves every question open", transcript: "imap mx.test 192.0.2.1:143\nS: * BYE too many",
            cause: .greeting4xx, phase: .greeting),
        Case(
            title: "IMAP PREAUTH makes STARTTLS impossible",
            transcript:
                "imap mx.test 192.0.2.1:143\nS: * PREAUTH hi\nC: CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: TAG OK",
            cause: .starttlsRejected, phase: .greeting, offersSTARTTLS: true, auth: []),
        Case(
            title: "IMAP that refuses STARTTLS",
            transcript:
                "imap mx.test 192.0.2.1:143\nS: * ok hi\nC: CAPABILITY\nS: * capability imap4REV1 starttls auth=plain\nS: TAG ok done\nC: STARTTLS\nS: TAG NO not now",
            cause: .starttlsRejected, phase: .starttls, offersSTARTTLS: true, auth: ["PLAIN"]),
        Case(
            title: "POP3 with STLS and SASL",
            transcript:
                "pop3 mx.test 192.0.2.1:110\nS: +OK hi\nC: CAPA\nS: +OK\nS: STLS\nS: SASL PLAIN login\nS: USER\nS: .",
            offersSTARTTLS: true, hasTLS: true, auth: ["PLAIN", "LOGIN"]),
        Case(
            title: "POP3 without CAPA is asked for STLS directly",
            transcript: "pop3 mx.test 192.0.2.1:110\nS: +OK hi\nC: CAPA\nS: -ERR what?\nC: STLS\nS: -ERR what?",
            offersSTARTTLS: false),
        Case(
            title: "POP3 -ERR at the greeting is not for ever", transcript: "pop3 mx.test 192.0.2.1:110\nS: -ERR busy",
            cause: .greeting4xx, phase: .greeting),
        Case(
            title: "POP3 SYS/PERM is", transcript: "pop3 mx.test 192.0.2.1:110\nS: -ERR [SYS/PERM] no",
            cause: .greeting5xx, phase: .greeting),
    ]

    @Test("One conversation, one verdict on what was seen", arguments: cases)
    func conversation(_ item: Case) async throws {
        let seen = try await play(item.transcript)
        #expect(seen.state == .open)
        #expect(seen.failure?.cause == item.cause)
        #expect(seen.failure?.phase == item.phase)
        #expect(seen.offersSTARTTLS == item.offersSTARTTLS)
        #expect((seen.tls != nil) == item.hasTLS)
        #expect(seen.authBeforeTLS == item.auth)
    }

    @Test("LOGIN is open before TLS unless the server says otherwise")
    func login() async throws {
        let open = try await play(
            "imap mx.test 192.0.2.1:143\nS: * OK\nC: CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: TAG OK")
        #expect(open.loginBeforeTLS == true)
        let closed = try await play(
            "imap mx.test 192.0.2.1:143\nS: * OK\nC: CAPABILITY\nS: * CAPABILITY IMAP4rev1 LoginDisabled\nS: TAG OK")
        #expect(closed.loginBeforeTLS == false)
        let pop = try await play("pop3 mx.test 192.0.2.1:110\nS: +OK\nC: CAPA\nS: +OK\nS: USER\nS: .")
        #expect(pop.loginBeforeTLS == true)
        let untold = try await play("pop3 mx.test 192.0.2.1:110\nS: -ERR\n")
        #expect(untold.loginBeforeTLS == nil)
    }

    @Test("A late greeting is waited for and timed")
    func slow() async throws {
        let seen = try await play("smtp mx.test 192.0.2.1:25\nS: 220-wait\npause 12s\nS: 220 hi\nC: EHLO\nS: 250 mx")
        #expect(seen.seconds(.greeting) == 12)
        #expect(seen.failure == nil)
    }

    @Test(
        "No connection is told apart",
        arguments: [
            ("refused", PortObservation.State.refused, Failure.Cause.connectRefused),
            ("unreachable", .unreachable, .unreachable), ("timeout", .timeout, .connectTimeout),
        ])
    func dialling(word: String, state: PortObservation.State, cause: Failure.Cause) async throws {
        let seen = try await play("smtp mx.test [2001:db8::25]:25\n\(word)\n")
        #expect(seen.state == state)
        #expect(seen.failure?.cause == cause)
        #expect(seen.offersSTARTTLS == nil)
        #expect(seen.tls == nil)
    }

    @Test(
        "A client that leaves the transcript, and text that is none, are errors with a line",
        arguments: [
            ("smtp mx.test 192.0.2.1:25\nS: 220 hi\nC: HELO", 3),
            ("smtp mx.test 192.0.2.1:25\nC: EHLO", 2),
            ("smtp mx.test 192.0.2.1:25\nwhat is this", 2),
            ("smtp mx.test 192.0.2.1:25\nTLS colour=red", 2),
            ("\nsmtp mx.test nowhere:25", 2),
            ("", 1),
        ])
    func departures(transcript: String, line: Int) async throws {
        let error = await #expect(throws: TranscriptError.self) { try await play(transcript) }
        #expect(error?.line == line)
    }

    @Test("Untrusted, misnamed and expired certificates are facts, not failures")
    func certificates() async throws {
        let seen = try await play(
            "imaps mx.test 192.0.2.1:993\nTLS version=TLSv1.2 names=other.test trusted=no not_before=-90d not_after=-1d key=RSA/1024"
        )
        #expect(seen.failure == nil)
        #expect(seen.tls?.trusted == false)
        #expect(seen.tls?.nameMatches == false)
        #expect(seen.tls?.chain.first.map { $0.notAfter < moment } == true)
        #expect(seen.tls?.chain.first?.keyBits == 1_024)
    }
}
