import DNS
import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("A message analysed, for people and programs")
struct MessageAnalysisTests {
    /// All that a message can have, from a journey with a wrong clock to a tracking pixel.
    static let text = """
        Return-Path: <bounce@mailer.example.com>
        Authentication-Results: store.example.net; spf=pass smtp.mailfrom=mailer.example.com
        Received: from mx.example.net (mx.example.net [127.0.0.1])
        \tby store.example.net (Dovecot) with LMTP id c; Sun, 22 Nov 2026 12:00:05 +0000
        Received: from c.example.org (c.example.org [198.51.100.7])
        \t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
        \tby mx.example.net (Postfix) with ESMTPS id b; Sun, 22 Nov 2026 12:00:04 +0000
        Received: from b.example.org (b.example.org [198.51.100.8])
        \tby c.example.org (Postfix) with ESMTP id a; Sun, 22 Nov 2026 12:01:18 +0000
        Received: from [192.168.1.17] (pc.example.org [203.0.113.5])
        \tby b.example.org (Postfix) with ESMTPSA id 1; Sun, 22 Nov 2026 12:00:02 +0000
        From: =?gb2312?B?1cXI/Q==?= <alice@example.org>
        Reply-To: Bob <bob@evil.example>
        To: bob@example.net
        Date: Sun, 22 Nov 2026 13:00:00 +0100
        Message-ID: <1@example.org>
        Subject: =?koi8-r?B?7c/Ty9fB?= calls\u{1B}[31m
        List-Unsubscribe: <https://example.org/u/1>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b1

        --b1
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        <a href=3D"https://login.phish.example/?u=3Dhttps://evil.test/a">www.bank.exa=
        mple</a><img src=3D"https://t.example.org/o/1" width=3D1 height=3D1>
        --b1
        Content-Type: application/pdf; name*=utf-8''%e2%82%ac.pdf
        Content-Disposition: attachment

        x
        --b1--

        """

    static let zone = """
        example.org. TXT "v=spf1 -all"
        mailer.example.com. TXT "v=spf1 ip4:198.51.100.7 -all"
        _dmarc.example.org. TXT "v=DMARC1; p=reject"
        """

    static func report(_ profile: BulkSenderProfile? = .gmail) async throws -> Report {
        var message = MessageObservation(name: "message.eml", octets: Array(text.utf8))
        message.profile = profile
        let at = Timestamp(year: 2026, month: 11, day: 22, hour: 12)
        let (_, knowledge) = await inWaves(of: try Zone(zone)) {
            MessageEvidence.gather(message, at: at, asking: &$0)
        }
        let lookups = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        // The checks of this area, so that those of others may grow.
        let rules = Rule.all.filter {
            $0.check.identifier.hasPrefix("message.") || $0.check.identifier.hasPrefix("bulk.")
        }
        return judge(lookups + [.message(message)], of: Target(name: "message.eml"), at: at, by: rules)
    }

    @Test("For a terminal, at 80 and 160 columns", arguments: [80, 160])
    func terminal(_ width: Int) async throws {
        let text = MessageAnalysisText.text(try await Self.report(), Look(width: width))
        try Snapshot.check(text, "message-\(width).txt")
        for line in text.split(separator: "\n") { #expect(Columns.of(String(line)) <= width) }
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(!text.contains("https://login") && !text.contains("<alice@example.org>"))
    }

    @Test("For programs")
    func json() async throws {
        let json = MessageAnalysisJSON.json(try await Self.report())
        try Snapshot.check(JSONWriter.text(json, .indented) + "\n", "message.json")
    }

    @Test("Each promised key is there, with and without a journey")
    func keys() async throws {
        let promised = [
            "subject", "from", "to", "date", "message_id", "received", "transit_seconds", "spf", "dkim", "dmarc", "arc",
            "authentication_results", "links", "tracking_pixels", "list_unsubscribe", "findings",
        ]
        for octets in [Array(Self.text.utf8), Array("x".utf8), Array("\r\n\r\n".utf8)] {
            let message = MessageObservation(name: "m", octets: octets)
            let report = judge([.message(message)], of: Target(name: "m"), at: Timestamp(0))
            guard case .object(let members) = MessageAnalysisJSON.json(report) else {
                Issue.record("no object")
                continue
            }
            #expect(Set(promised).isSubset(of: members.map(\.key)))
            _ = MessageAnalysisText.text(report, Look(width: 40, verbose: true))
        }
    }

    @Test("The receiver's border is found through a hand-over within its house")
    func border() async throws {
        let message = try #require(try await Self.report().evidence.messages.first)
        #expect(message.client?.ip == IPAddress("198.51.100.7") && message.client?.receiver == "mx.example.net")
        #expect(message.spf?.result == .pass && message.dmarc.result == .fail)
        #expect(message.believedResults(of: "spf").map(\.result) == ["pass"])
    }
}
