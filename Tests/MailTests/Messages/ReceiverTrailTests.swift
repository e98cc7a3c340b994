import DNS
import Testing

@testable import Mail

@Suite("Which Received fields are the receiver's own")
struct ReceiverTrailTests {
    private func header(_ lines: [String]) -> MessageHeader {
        MessageHeader(parsing: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    }
    private func entrance(_ lines: [String], _ receivers: [String] = []) -> Entrance {
        Entrance(header(lines), receivers: receivers)
    }

    private let world =
        "Received: from mail.evil.example (unknown [203.0.113.66]) by mx.example.net (Postfix) with ESMTPS; 1 Jan 2025 00:00:09 +0000"
    private let forged =
        "Received: from good.example.org (good.example.org [198.51.100.7]) by mx.example.net (Postfix) with ESMTPS; 1 Jan 2025 00:00:01 +0000"

    @Test("A field with the receiver's name beneath the one in which it met the world is not its own")
    func forgery() {
        for receivers in [[], ["mx.example.net"], ["example.net"]] {
            let found = entrance([world, forged, "From: a@good.example.org"], receivers)
            #expect(found.field?.ip == IPAddress("203.0.113.66") && !found.isDoubtful, "\(receivers)")
        }
        let header = header([
            world, "Authentication-Results: mx.example.net; dkim=pass header.d=good.example.org", forged,
            "From: a@b.example",
        ])
        #expect(AuthenticationResults.trusted(in: header).isEmpty)
        #expect(AuthenticationResults.trusted(in: header, by: ["mx.example.net"]).isEmpty)
    }

    @Test("A client that only calls itself by the receiver's name leaves it open")
    func claimed() {
        let liar =
            "Received: from mx.example.net (unknown [203.0.113.66]) by mx2.example.net (Postfix) with ESMTPS; 1 Jan 2025 00:00:09 +0000"
        for receivers in [[], ["mx.example.net", "mx2.example.net"]] {
            let found = entrance([liar, forged], receivers)
            #expect(found.isDoubtful && found.field?.by == "mx2.example.net", "\(receivers)")
        }
        let proven =
            "Received: from mx.example.net (mx.example.net [203.0.113.5]) by mx2.example.net (Postfix) with ESMTPS; 1 Jan 2025 00:00:09 +0000"
        #expect(entrance([proven, world]).field?.ip == IPAddress("203.0.113.66"))
    }

    @Test(
        "Within the house: over the loopback, by LMTP, from private addresses by name, from a mailbox",
        arguments: [
            "from localhost (localhost [127.0.0.1]) by mx.example.net (Postfix) with ESMTP id 1; 1 Jan 2025 00:00:10 +0000",
            "from mx.example.net ([unix socket]) by store.example.net (Cyrus) with LMTPA; 1 Jan 2025 00:00:10 +0000",
            "from mx.example.net ([10.0.0.2]) by store.example.net with LMTP id 1; 1 Jan 2025 00:00:10 +0000",
            "from mx.example.net (mx.example.net [10.0.0.2]) by store.lan with ESMTP id 1; 1 Jan 2025 00:00:10 +0000",
            "by store.example.net (Postfix, from userid 5) id 1; 1 Jan 2025 00:00:10 +0000",
            "from pop.provider.example [192.0.2.15] by localhost with POP3 (fetchmail-6.5.1) for <a@localhost> (single-drop); 1 Jan 2025 00:00:10 +0000",
            "from imap.provider.example [192.0.2.15] by home.example with IMAP (fetchmail-6.5.1) for <a@localhost>; 1 Jan 2025 00:00:10 +0000",
        ])
    func within(_ top: String) {
        let found = entrance(["Received: " + top, world, forged])
        #expect(found.field?.ip == IPAddress("203.0.113.66") && !found.isDoubtful)
        #expect(found.hosts.last == "mx.example.net")
    }

    @Test("qmail's notes between its fields are passed over")
    func qmail() {
        let found = entrance([
            "Received: (qmail 4711 invoked by uid 89); 1 Jan 2025 00:00:12 -0000",
            "Received: from localhost (HELO scan) (127.0.0.1) by mx.example.net with SMTP; 1 Jan 2025 00:00:11 -0000",
            "Received: (qmail 4710 invoked from network); 1 Jan 2025 00:00:10 -0000",
            "Received: from unknown (HELO c.example) (203.0.113.66) by mx.example.net with SMTP; 1 Jan 2025 00:00:09 -0000",
            "Received: (qmail 99 invoked by uid 0); 1 Jan 2025 00:00:08 -0000", forged,
        ])
        #expect(found.field?.ip == IPAddress("203.0.113.66") && found.field?.helo == "c.example")
    }

    @Test("Google and Exchange Online hand over under many names; their own verdict is believed, a copy is not")
    func houses() {
        let google = header([
            "Delivered-To: x@gmail.com",
            "Received: by 2002:a05:6a20:1:b0:1:2:3 with SMTP id a1; Wed, 1 Jan 2025 00:00:10 -0800 (PST)",
            "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=a@b.example",
            "Received: from o1.b.example (o1.b.example. [198.51.100.9]) by mx.google.com with ESMTPS id c2 for <x@gmail.com>; Wed, 1 Jan 2025 00:00:09 -0800 (PST)",
            "Authentication-Results: mx.google.com; dmarc=pass",
            "Received: by mx.google.com with SMTP id z; Wed, 1 Jan 2025 00:00:01 -0800 (PST)",
        ])
        #expect(Entrance(google).field?.ip == IPAddress("198.51.100.9"))
        #expect(AuthenticationResults.trusted(in: google).flatMap(\.results).map(\.method) == ["spf"])
        // As Gmail really writes it: beneath its own Received field, where a copy of a stranger's is no longer.
        let written = header([
            "Received: by 2002:a05:6a20:1:b0:1:2:3 with SMTP id a1; Wed, 1 Jan 2025 00:00:10 -0800 (PST)",
            "Received: from o1.b.example (o1.b.example. [198.51.100.9]) by mx.google.com with ESMTPS id c2 for <x@gmail.com>; Wed, 1 Jan 2025 00:00:09 -0800 (PST)",
            "Received-SPF: pass (google.com: domain of a@b.example designates 198.51.100.9 as permitted sender)",
            "Authentication-Results: mx.google.com; spf=pass smtp.mailfrom=a@b.example", "From: a@b.example",
            "Authentication-Results: mx.google.com; dkim=pass", "Subject: x",
            // Where filters add theirs: neither believed nor said to have come along.
            "Authentication-Results: mx.google.com; dmarc=pass",
        ])
        let claims = AuthenticationResults.claims(in: written)
        #expect(claims.map(\.isBelieved) == [true, false, false])
        #expect(claims.map(\.cameAlong) == [false, true, false])
        let microsoft = header([
            "Received: from AM8.eurprd05.prod.exchangelabs.com (2603:10a6:20b:1::2) by DB9.eurprd05.prod.outlook.com with HTTPS; Wed, 1 Jan 2025 00:00:12 +0000",
            "Received: from AM9EUR.eop-eur02.prod.protection.outlook.com (2603:10a6:20b:2::3) by AM8.outlook.office365.com (2603:10a6:20b:1::4) with Microsoft SMTP Server id 15.20.1.2 via Frontend Transport; Wed, 1 Jan 2025 00:00:11 +0000",
            "Authentication-Results: spf=pass (sender IP is 198.51.100.9) smtp.mailfrom=b.example; dkim=none",
            "Received: from out.b.example (198.51.100.9) by AM9EUR.mail.protection.outlook.com (10.152.1.1) with Microsoft SMTP Server id 15.20.1.2; Wed, 1 Jan 2025 00:00:10 +0000",
            "Received: from AM9EUR.mail.protection.outlook.com (2603:10a6:20b:2::9) by X.mail.protection.outlook.com; Wed, 1 Jan 2025 00:00:01 +0000",
        ])
        let entrance = Entrance(microsoft)
        #expect(entrance.field?.ip == IPAddress("198.51.100.9") && !entrance.isDoubtful)
        #expect(AuthenticationResults.trusted(in: microsoft).count == 1)
    }

    @Test("Without a name of the receiver nothing is found, and nothing is claimed")
    func nameless() {
        #expect(entrance(["Received: (qmail 1 invoked by uid 2); 1 Jan 2025 00:00:10 -0000"]).field == nil)
        #expect(entrance([world], ["other.example"]).field == nil)
        #expect(entrance(["From: a@b.example"]).hosts.isEmpty)
    }
}
