import Testing

@testable import Mail

@Suite("Authentication-Results, RFC 8601")
struct AuthenticationResultsTests {
    @Test("The RFC's example with several methods")
    func reads() throws {
        let field = try #require(
            AuthenticationResults(
                "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net;"
                    + " dkim=pass reason=\"good signature\" header.i=@mail-router.example.net header.s=s1; dmarc=fail (p=none) header.from=example.net"
            ))
        #expect(field.server == "example.com")
        #expect(field.results.map(\.method) == ["auth", "spf", "dkim", "dmarc"])
        #expect(field.results.map(\.result) == ["pass", "pass", "pass", "fail"])
        #expect(field.results[0].comments == ["cram-md5"])
        #expect(field.results[1].property("smtp", "mailfrom") == "example.net")
        #expect(field.results[2].reason == "good signature")
        #expect(field.results[2].property("header", "i") == "@mail-router.example.net")
        #expect(field.results[3].property("header", "from") == "example.net")
    }

    @Test("Nothing found, a version, comments and odd spaces")
    func odd() throws {
        #expect(AuthenticationResults("example.com 1; none")?.results == [])
        let spaced = try #require(
            AuthenticationResults(
                "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462"
            ))
        #expect(spaced.server == "foo.example.net")
        #expect(spaced.results.first?.method == "dkim" && spaced.results.first?.result == "fail")
        #expect(spaced.results.first?.property("policy", "expired") == "1362471462")
        let microsoft = try #require(
            AuthenticationResults(
                "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none; compauth=pass reason=100"))
        #expect(microsoft.server == "" && microsoft.results.count == 3 && microsoft.results[2].reason == "100")
        #expect(AuthenticationResults("") == nil && AuthenticationResults("  ;; ") == nil)
        #expect(AuthenticationResults("x.example; =pass; dkim=") != nil)
    }

    private func header(_ lines: String...) -> MessageHeader {
        MessageHeader(parsing: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }
    private let own =
        "Received: from out.example.net ([192.0.2.1]) by mx.example.org with ESMTPS; 1 Jan 2025 00:00:02 +0000"
    private let theirs = "Received: from pc by out.example.net with ESMTPSA; 1 Jan 2025 00:00:01 +0000"

    @Test("Believed: the receiver's own, above its Received field")
    func above() {
        let header = header("Authentication-Results: mx.example.org; spf=pass", own, theirs, "From: a@example.net")
        #expect(AuthenticationResults.trusted(in: header, by: ["mx.example.org"]).count == 1)
        #expect(AuthenticationResults.trusted(in: header).count == 1)
    }

    @Test("Not believed: another name, and what stands beneath the receiver's Received field")
    func forged() {
        let forged = "Authentication-Results: mx.example.org; spf=pass; dkim=pass"
        let header = header(
            "Authentication-Results: evil.example; dkim=pass", own, forged, theirs, forged, "From: a@example.net")
        let claims = AuthenticationResults.claims(in: header, by: ["mx.example.org"])
        #expect(claims.count == 3)
        #expect(claims.allSatisfy { !$0.isBelieved })
        #expect(claims[0].doubt?.contains("evil.example") == true)
        #expect(AuthenticationResults.trusted(in: header, by: []).isEmpty)
    }

    @Test(
        "Of a message of our own, those right beneath the receiver's field are believed, those of the message are not")
    func beneath() {
        let header = header(
            "Delivered-To: b@example.org", own, "X-Scanned: yes", "Authentication-Results: mx.example.org; dkim=pass",
            "DKIM-Signature: v=1", "Authentication-Results: mx.example.org; spf=pass", theirs)
        let believed = AuthenticationResults.trusted(in: header, by: ["mx.example.org"], beneath: .believed)
        #expect(believed.map { $0.results.map(\.method) } == [["dkim"]])
    }

    @Test("The receiver's mailbox hop stands above: its border is its lowest Received field")
    func mailboxHop() {
        let header = header(
            "Received: from mx.example.org by store.example.org with LMTP; 1 Jan 2025 00:00:03 +0000",
            "Authentication-Results: mx.example.org; spf=pass", own, "Authentication-Results: mx.example.org; spf=fail",
            theirs)
        #expect(
            AuthenticationResults.trusted(in: header, by: ["mx.example.org"]).map { $0.results[0].result } == ["pass"])
    }

    @Test(
        "The receiver's hosts: from the top down, as long as one says that it took over within the house",
        arguments: [
            // A mailbox server of another name takes over by LMTP.
            (["from mx.example.org (unknown [198.51.100.9]) by store with LMTP; 1 Jan 2025 00:00:03 +0000"], true),
            (["from mx.example.org ([10.0.0.7]) by imap.example.com with ESMTP; 1 Jan 2025 00:00:03 +0000"], true),
            (
                ["from mx.example.org (mx.example.org [198.51.100.9]) by imap.example.org; 1 Jan 2025 00:00:03 +0000"],
                true
            ),
            // Anyone on the Internet may call himself so, or have such a reverse name elsewhere.
            (
                ["from mx.example.org (evil.example [198.51.100.9]) by imap.example.org; 1 Jan 2025 00:00:03 +0000"],
                false
            ),
            (
                ["from mx.example.org (mx.example.org [198.51.100.9]) by mx.example.net; 1 Jan 2025 00:00:03 +0000"],
                false
            ),
            // What was taken over came from another host.
            (["from mx2.example.org ([10.0.0.7]) by store with LMTP; 1 Jan 2025 00:00:03 +0000"], false),
        ])
    func receivers(tops: [String], goesOn: Bool) {
        let fields =
            tops.map { "Received: " + $0 } + ["Authentication-Results: mx.example.org; dkim=pass", own, theirs]
        let header = MessageHeader(parsing: Array((fields.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        #expect(AuthenticationResults.receivers(in: header).contains("mx.example.org") == goesOn)
        #expect(AuthenticationResults.trusted(in: header).isEmpty != goesOn)
        #expect(!AuthenticationResults.receivers(in: header).contains("out.example.net"))
    }

    @Test("Several fields, in any order, are all believed")
    func several() {
        let header = header(
            "Authentication-Results: mx.example.org; dmarc=pass", "Authentication-Results: example.org; dkim=pass", own,
            theirs)
        #expect(AuthenticationResults.trusted(in: header, by: ["mx.example.org"]).count == 2)
    }

    @Test("5,000 mutated fields are read without harm")
    func mutations() async {
        var dice = Dice(11)
        let seed = Array(
            "example.com; spf=pass (a (b) c) smtp.mailfrom=\"x y\"@example.net; dkim=fail reason=\"\\\"no\\\"\" header.d=a.example"
                .utf8)
        for round in 0..<5_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            _ = AuthenticationResults(mutated(seed, with: &dice))
            _ = ReceivedSPF(mutated(seed, with: &dice))
        }
    }
}
