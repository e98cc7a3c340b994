import DNS
import Judgement
import Mail
import Testing

@testable import Probes

/// Conversations in the manner of the servers that are out there, and the mistakes that others made with them: what is
/// found must be so, and what is not so must not be found.
@Suite("Servers as they are, judged")
struct FieldNotesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var transcript: String
        var finds: Set<String> = []
        /// Must neither be found nor pass.
        var unknown: Set<String> = []
        var passes: Set<String> = []
        var testDescription: String { title }
    }

    private static let tls = "TLS version=TLSv1.3 names=mx.example.org trusted=yes not_after=+60d"
    private static let smtp = "smtp mx.example.org 192.0.2.25:25\n"
    private static let pop3 = "pop3 mx.example.org 192.0.2.25:110\n"
    /// Behind the capabilities of SMTP, all goes well.
    private static let rest = """
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
        \(tls)
        C: EHLO
        S: 250-mx.example.org
        S: 250-PIPELINING
        S: 250-SIZE 10240000
        S: 250-ENHANCEDSTATUSCODES
        S: 250 8BITMIME
        C: QUIT
        S: 221 2.0.0 Bye
        """

    static let cases: [Case] = [
        Case(
            title: "Postfix",
            transcript: smtp + """
                S: 220 mx.example.org ESMTP Postfix (Debian/GNU)
                C: EHLO
                S: 250-mx.example.org
                S: 250-PIPELINING
                S: 250-SIZE 10240000
                S: 250-VRFY
                S: 250-ETRN
                S: 250-STARTTLS
                S: 250-ENHANCEDSTATUSCODES
                S: 250-8BITMIME
                S: 250-DSN
                S: 250-SMTPUTF8
                S: 250 CHUNKING
                \(rest)
                """,
            passes: ["smtp.greeting", "smtp.starttls", "smtp.starttls-works", "smtp.plaintext-auth"]),
        // It waits six seconds before the second line, and drops who speaks before.
        Case(
            title: "postscreen in front of Postfix",
            transcript: smtp + """
                S: 220-mx.example.org ESMTP
                pause 6s
                S: 220 mx.example.org ESMTP Postfix
                C: EHLO
                S: 250-mx.example.org
                S: 250-SIZE 10240000
                S: 250-PIPELINING
                S: 250-STARTTLS
                S: 250-ENHANCEDSTATUSCODES
                S: 250 8BITMIME
                \(rest)
                """,
            finds: ["smtp.greeting-delay"], passes: ["smtp.greeting", "smtp.starttls", "smtp.reachable"]),
        Case(
            title: "OpenSMTPD, which greets the client by name",
            transcript: smtp + """
                S: 220 mx.example.org ESMTP OpenSMTPD
                C: EHLO
                S: 250-mx.example.org Hello probe.example [192.0.2.9], pleased to meet you
                S: 250-8BITMIME
                S: 250-ENHANCEDSTATUSCODES
                S: 250-SIZE 36700160
                S: 250-DSN
                S: 250-PIPELINING
                S: 250-STARTTLS
                S: 250 HELP
                \(rest)
                """,
            passes: ["smtp.starttls", "smtp.plaintext-auth", "smtp.ehlo"]),
        // NTLM sends no password in clear.
        Case(
            title: "Exchange",
            transcript: smtp + """
                S: 220 mx.example.org Microsoft ESMTP MAIL Service ready at Mon, 23 Nov 2026 12:00:00 +0100
                C: EHLO
                S: 250-mx.example.org Hello [192.0.2.9]
                S: 250-SIZE 37748736
                S: 250-PIPELINING
                S: 250-DSN
                S: 250-ENHANCEDSTATUSCODES
                S: 250-STARTTLS
                S: 250-X-ANONYMOUSTLS
                S: 250-AUTH NTLM
                S: 250-X-EXPS GSSAPI NTLM
                S: 250-8BITMIME
                S: 250-BINARYMIME
                S: 250 CHUNKING
                \(rest)
                """,
            finds: ["smtp.auth-on-25"], passes: ["smtp.starttls", "smtp.plaintext-auth"]),
        // Looking for “250 ” or for STARTTLS anywhere in what came is not reading a reply.
        Case(
            title: "“250 ” and STARTTLS within other lines",
            transcript: smtp + """
                S: 220 mx.example.org ESMTP
                C: EHLO
                S: 250-mx.example.org says 250 STARTTLS is planned
                S: 250-XSTARTTLS
                S: 250-X-NOTE 250 STARTTLS
                S: 250-SIZE 10240000
                S: 250-PIPELINING
                S: 250 8BITMIME
                C: QUIT
                S: 221 STARTTLS
                """,
            finds: ["smtp.starttls"], passes: ["smtp.greeting", "smtp.ehlo"]),
        Case(
            title: "421 at the door: a limit of connections",
            transcript: smtp + "S: 421 4.7.0 mx.example.org Error: too many connections from 192.0.2.9",
            unknown: ["smtp.greeting", "smtp.starttls", "smtp.starttls-works", "smtp.plaintext-auth"]),
        Case(
            title: "421 in answer to EHLO",
            transcript: smtp + "S: 220 mx.example.org ESMTP\nC: EHLO\nS: 421 4.3.2 try again later",
            unknown: ["smtp.starttls", "smtp.starttls-works"], passes: ["smtp.greeting"]),
        Case(
            title: "451 in answer to EHLO: greylisting at its earliest",
            transcript: smtp
                + "S: 220 mx.example.org ESMTP\nC: EHLO\nS: 451 4.7.1 please try again\nC: QUIT\nS: 221 bye",
            unknown: ["smtp.starttls", "smtp.starttls-works"], passes: ["smtp.greeting"]),
        Case(
            title: "Offered and refused: TLS not available for the moment",
            transcript: smtp + """
                S: 220 mx.example.org ESMTP
                C: EHLO
                S: 250-mx.example.org
                S: 250 STARTTLS
                C: STARTTLS
                S: 454 4.7.0 TLS not available due to local problem
                C: QUIT
                S: 221 bye
                """,
            finds: ["smtp.starttls-works"], passes: ["smtp.starttls"]),
        Case(
            title: "Courier's POP3: Hello there",
            transcript: pop3 + """
                S: +OK Hello there.
                C: CAPA
                S: +OK Here's what I can do:
                S: STLS
                S: TOP
                S: USER
                S: LOGIN-DELAY 10
                S: PIPELINING
                S: UIDL
                S: IMPLEMENTATION Courier Mail Server
                S: .
                C: STLS
                S: +OK Begin SSL/TLS negotiation now.
                \(tls)
                C: CAPA
                S: +OK Here's what I can do:
                S: TOP
                S: USER
                S: LOGIN-DELAY 10
                S: .
                C: QUIT
                S: +OK Better luck next time.
                """,
            finds: ["pop3.plaintext-login"], passes: ["pop3.starttls", "pop3.starttls-works", "pop3.banner-version"]),
        Case(
            title: "A server that takes TLS 1.0 alone",
            transcript: smtp + """
                S: 220 mx.example.org ESMTP
                C: EHLO
                S: 250-mx.example.org
                S: 250-SIZE 10240000
                S: 250-PIPELINING
                S: 250-STARTTLS
                S: 250 8BITMIME
                C: STARTTLS
                S: 220 ready
                TLS version=TLSv1 names=mx.example.org trusted=yes not_after=+60d
                C: EHLO
                S: 250-mx.example.org
                S: 250-SIZE 10240000
                S: 250-PIPELINING
                S: 250 8BITMIME
                """,
            finds: ["tls.old-version"], passes: ["smtp.starttls", "smtp.starttls-works", "tls.trusted", "tls.name"]),
    ]

    @Test("What is found is so", arguments: cases)
    func judged(_ item: Case) async throws {
        let at = Timestamp(1_795_000_000)
        let seen = try await PortObservation.playing(transcript: item.transcript, at: at)
        let report = judge([.port(seen)], of: Target(name: "x"), at: at)
        let found = Set(report.findings.map(\.check.identifier)), passed = Set(report.passed.map(\.identifier))
        let unknown = Set(report.unknown.map(\.check.identifier))
        #expect(item.finds.isSubset(of: found), "found \(found.sorted()), \(seen.transcript)")
        // Beyond what the case is about, nothing worse than a notice.
        let others = report.findings.filter { $0.severity > .notice && !item.finds.contains($0.check.identifier) }
        #expect(others.isEmpty, "\(others.map { "\($0.check.identifier): \($0.summary)" })")
        #expect(item.passes.isSubset(of: passed), "passed \(passed.sorted())")
        #expect(item.unknown.isSubset(of: unknown), "unknown \(unknown.sorted())")
        #expect(item.unknown.isDisjoint(with: found.union(passed)))
    }
}
