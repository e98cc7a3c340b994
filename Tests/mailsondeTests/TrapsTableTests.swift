import Foundation
import Testing

/// What others got wrong, and what real servers do, each with the tests that prove that it is right here: a row whose
/// test has gone, or has another title, fails.
@Suite("Traps and field notes")
struct TrapsTableTests {
    private struct Row {
        var number: Int
        var what: String
        /// File below `Tests`, and words of the test's title.
        var proofs: [(file: String, title: String)]

        init(_ number: Int, _ what: String, _ proofs: (String, String)...) {
            (self.number, self.what, self.proofs) = (number, what, proofs)
        }
    }

    /// Mistakes of other tools.
    private static let traps: [Row] = [
        Row(
            1, "a DNS timeout is no missing record",
            ("JudgementTests/TrapsTests.swift", "Where the DNS does not answer there are no findings at all")),
        Row(
            2, "a TXT record over 512 octets is asked for again over TCP",
            ("NetworkingTests/Resolving/NetworkResolverTests.swift", "a truncated answer is asked again over TCP")),
        Row(
            3, "421 says nothing about STARTTLS",
            ("JudgementTests/TrapsTests.swift", "421 says nothing about TLS, passwords or extensions"),
            ("mailsondeTests/RealServers/RealServersTests.swift", "A greeting of 421 is a rate limit")),
        Row(
            4, "127.255.255.254 is a refusal and no listing",
            ("JudgementTests/Surroundings/BlockListTests.swift", "A list that fails its self-test is of no use")),
        Row(
            5, "greetings of several lines, and slow ones",
            ("ProbesTests/PortTranscriptTests.swift", "A multi-line greeting, STARTTLS, and EHLO again inside TLS"),
            ("ProbesTests/PortProbeTests.swift", "A slow greeting in several lines is waited for")),
        Row(
            6, "“250 ” within a line is no end of a reply",
            ("ProbesTests/FieldNotesTests.swift", "“250 ” and STARTTLS within other lines")),
        Row(
            7, "two test messages at once are each found",
            ("ProbesTests/MailboxTrapsTests.swift", "Two messages at once to one mailbox are each found")),
        Row(
            8, "a search that knows only words does not lose the message",
            ("ProbesTests/MailboxTrapsTests.swift", "A server whose search finds no identifier loses no message")),
        Row(
            9, "Authentication-Results that the sender wrote are not believed",
            ("MailTests/Messages/AuthenticationResultsTests.swift", "Not believed: another name")),
        Row(
            10, "Received without “;”, and with one in a comment",
            ("MailTests/Messages/ReceivedTests.swift", "Without “;”, and with “;” inside a comment")),
        Row(
            11, "Date in the form of RFC 3339",
            ("MailTests/Messages/MailDateTests.swift", "2018-09-05T01:14:43+02:00")),
        Row(
            12, "“redirect” beside “all”, and %{d} in an include",
            ("MailTests/SPF/SPFAnalysisTests.swift", "What stands behind “all” is not evaluated and does not count"),
            ("MailTests/SPF/SPFCheckTests.swift", "A redirect is followed only where nothing matches"),
            ("MailTests/SPF/SPFCheckTests.swift", "In an include, %{d} is the domain of the record that says it")),
        Row(
            13, "a DKIM key without “v=” is a key",
            ("MailTests/DKIM/DKIMKeyRecordTests.swift", "A record without “v=” is a key")),
        Row(
            14, "the tree walk does not end at its first hit",
            ("MailTests/DMARC/DMARCDiscoveryTests.swift", "Not the first hit above counts")),
        Row(
            15, "a null MX is no broken MX",
            ("JudgementTests/TrapsTests.swift", "A domain with a null MX and the right records is in order")),
        Row(
            16, "a list that refuses public resolvers lists nobody",
            ("JudgementTests/Surroundings/BlockListTests.swift", "A list that fails its self-test is of no use")),
        Row(
            17, "a gauge is there before the first result",
            ("MonitorTests/LedgerTests.swift", "has every series of every probe before the first run")),
    ]

    /// What was seen of real servers.
    private static let notes: [Row] = [
        Row(
            1, "TLS 1.3: connected is not accepted",
            ("ProbesTests/PortTranscriptTests.swift", "TLS 1.3 closed before the first word inside does not count"),
            ("NetworkingTests/TLSTests.swift", "connected is not accepted: a late alert of TLS 1_3"),
            ("mailsondeTests/RealServers/MailboxSoftwareTests.swift", "OpenSMTPD: greeting, extensions and whether TLS")
        ),
        Row(
            2, "old versions are accepted, and only who speaks them sees it",
            ("mailsondeTests/RealServers/TLSProbeTests.swift", "TLS 1.0 to 1.2"),
            ("mailsondeTests/RealServers/SideBySideTests.swift", "What real servers accept is what sslscan finds")),
        Row(
            3, "a handshake that fails is the finding",
            ("ProbesTests/PortTranscriptTests.swift", "a handshake that fails"),
            ("mailsondeTests/RealServers/TLSProbeTests.swift", "no encryption")),
        Row(
            4, "Received differs from server to server, and clocks are wrong",
            ("MailTests/Messages/ReceivedTests.swift", "Postfix pickup writes “by” without “from”"),
            ("MailTests/Messages/JourneyTests.swift", "A clock 75 s ahead gives +75 then −75"),
            ("MailTests/Messages/JourneyTests.swift", "One second backwards is the grain of the clock"),
            ("MailTests/Messages/JourneyTests.swift", "Roles: pickup, filter and LMTP"),
            ("MailTests/Messages/MailDateTests.swift", "Zones: known, and not")),
        Row(5, "Exim's one Received field", ("MailTests/Messages/ReceivedTests.swift", "@Test(\"Exim\")")),
        Row(
            6, "several Authentication-Results, or Received-SPF instead",
            ("MailTests/Messages/AuthenticationResultsTests.swift", "Several fields, in any order, are all believed"),
            ("MailTests/Messages/ReceivedSPFTests.swift", "The RFC's example")),
        Row(
            7, "a mail host that refuses other ports is right to",
            ("JudgementTests/TrapsTests.swift", "A healthy domain has no finding above notice")),
        Row(
            8, "IMAP before TLS: Dovecot, Courier, Cyrus",
            ("mailsondeTests/RealServers/MailboxSoftwareTests.swift", "Dovecot: LOGINDISABLED and no AUTH= before TLS"),
            ("mailsondeTests/RealServers/MailboxSoftwareTests.swift", "Cyrus: CRAM and SCRAM before TLS"),
            ("mailsondeTests/RealServers/SideBySideTests.swift", "Courier: LOGIN in clear as it comes")),
        Row(
            9, "greetings differ",
            ("ProbesTests/FieldNotesTests.swift", "postscreen in front of Postfix"),
            ("ProbesTests/FieldNotesTests.swift", "Courier's POP3: Hello there")),
        Row(
            10, "failed logins are not repeated, LOGIN-DELAY is kept",
            ("ProbesTests/Sessions/POP3SessionTests.swift", "LOGIN-DELAY is read, and what is no number is none"),
            ("ProbesTests/RoundTripProbeTests.swift", "A wrong password for the mailbox is tried once")),
        Row(
            11, "every address that sends counts",
            ("mailsondeTests/SPFCommandTests.swift", "An audit checks the addresses that mail leaves by")),
        Row(
            12, "bogus and lame domains are not missing",
            ("JudgementTests/DNSSECChecksTests.swift", "A domain that a validating resolver withholds"),
            ("ProbesTests/AuthorityProbeTests.swift", "One that refuses, or has another zone, is lame")),
        Row(
            13, "two TLSA records with one match, and TLSA without DNSSEC",
            ("mailsondeTests/RealServers/DANEWorldTests.swift", "tls probe --dane says of every host"),
            ("MailTests/DANE/DANEDiscoveryTests.swift", "An unsigned host has none that count")),
        Row(
            14, "a 250 is no delivery",
            ("ProbesTests/RoundTripProbeTests.swift", "What becomes of a message is told apart"),
            ("ProbesTests/RoundTripProbeTests.swift", "A message in the junk folder is lost to POP3")),
        Row(
            15, "unreachable, refused and dropped",
            ("NetworkingTests/ConnectionTests.swift", "the reasons of the system keep apart"),
            ("NetworkingTests/ConnectionTests.swift", "a host that does not answer is left at the deadline"),
            ("ProbesTests/PortProbeTests.swift", "Nobody listens: refused, at once"),
            ("mailsondeTests/RealServers/RealServersTests.swift", "A port whose packets are dropped is unknown")),
        Row(
            16, "a deferral is a slow hop",
            ("MailTests/Messages/JourneyTests.swift", "A held hop shows to the second"),
            ("mailsondeTests/RealServers/RealServersTests.swift", "shows the held hop's delay to the second")),
        Row(
            17, "greylisting, and limits that many connections meet",
            ("mailsondeTests/RealServers/BehaviourTests.swift", "and where it puts us off: each is told apart"),
            ("ProbesTests/Behaviour/SMTPInquiryTests.swift", "421 ends the questions for good, wherever it comes"),
            ("NetworkingTests/PacingTests.swift", "at once, then whoever comes next waits for one to end")),
    ]

    @Test("Each of them has a test of that title")
    func proven() throws {
        #expect(Self.traps.map(\.number) == Array(1...17) && Self.notes.map(\.number) == Array(1...17))
        for row in Self.traps + Self.notes {
            #expect(!row.proofs.isEmpty, "\(row.what)")
            for proof in row.proofs {
                let file = HouseTests.root.appending(path: "Tests/\(proof.file)")
                let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                #expect(text.contains(proof.title), "\(row.number), \(row.what): \(proof.file) has no “\(proof.title)”")
            }
        }
    }
}
