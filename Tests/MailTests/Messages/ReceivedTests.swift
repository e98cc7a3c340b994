import DNS
import Testing

@testable import Mail

@Suite("Received fields as servers write them")
struct ReceivedTests {
    @Test("Postfix, with TLS and all")
    func postfix() throws {
        let received = try #require(
            Received(
                "from mail.example.net (mail.example.net [IPv6:2001:db8::25])\r\n\t(using TLSv1.3 with cipher "
                    + "TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\r\n"
                    + "\t(No client certificate requested)\r\n\tby mx.example.org (Postfix) with ESMTPS id 4XyZ12\r\n"
                    + "\tfor <bob@example.org>; Tue, 29 Aug 2023 16:20:12 +0000 (UTC)"))
        #expect(received.from == "mail.example.net" && received.rdns == "mail.example.net")
        #expect(received.ip == IPAddress("2001:db8::25"))
        #expect(received.by == "mx.example.org" && received.with == "ESMTPS" && received.id == "4XyZ12")
        #expect(received.for == "bob@example.org")
        #expect(received.tlsVersion == "TLSv1.3" && received.tlsCipher == "TLS_AES_256_GCM_SHA384")
        #expect(received.date?.description == "2023-08-29T16:20:12Z")
    }

    @Test("Postfix pickup writes “by” without “from”")
    func pickup() throws {
        let received = try #require(
            Received("by oak.example (Postfix, from userid 1002) id DABBD1BED3; Thu, 13 Feb 2003 14:02:21 +0100 (CET)"))
        #expect(received.from == nil && received.by == "oak.example" && received.id == "DABBD1BED3")
        #expect(received.date?.description == "2003-02-13T13:02:21Z")
    }

    @Test("Exim")
    func exim() throws {
        let received = try #require(
            Received(
                "from [198.51.100.7] (helo=client.example ident=x) by mx.example.org with esmtps (TLS1.3) tls "
                    + "TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from <a@client.example>) id 1abc-0001-AB "
                    + "for b@example.org; Wed, 12 Mar 2025 01:57:10 -0800"))
        #expect(received.from == "198.51.100.7" && received.helo == "client.example")
        #expect(received.ip == IPAddress("198.51.100.7"))
        #expect(received.with == "ESMTPS" && received.tlsVersion == "TLSv1.3")
        #expect(received.tlsCipher == "TLS_AES_256_GCM_SHA384")
        #expect(received.envelopeFrom == "a@client.example" && received.for == "b@example.org")
        #expect(received.id == "1abc-0001-AB")
    }

    @Test("MDaemon puts an address in parentheses within its brackets")
    func bracketsWithin() throws {
        let received = try #require(
            Received("from a.example [(192.0.2.7)] by mx.example.org (MDaemon); Tue, 16 Jul 2019 11:39:22 +0200"))
        #expect(received.from == "a.example" && received.ip == IPAddress("192.0.2.7"))
    }

    @Test("Exim's older way to write TLS")
    func oldExim() throws {
        let received = try #require(
            Received(
                "from a.example ([192.0.2.9]:52313 helo=b.example) by c.example with esmtps "
                    + "(TLS-1.2:ECDHE_RSA_AES_256_GCM_SHA384:256) (Exim 4.80) id 1GzVLs-0002Oz-7b; 1 Jan 2020 00:00:00 +0000"
            ))
        #expect(received.ip == IPAddress("192.0.2.9") && received.helo == "b.example" && received.rdns == nil)
        #expect(received.tlsVersion == "TLSv1.2" && received.tlsCipher == "ECDHE_RSA_AES_256_GCM_SHA384")
    }

    @Test("Dovecot's LMTP")
    func dovecot() throws {
        let received = try #require(
            Received(
                "from mx.example.org ([127.0.0.1])\n\tby store.example.org with LMTP\n\tid qLxMDa8b7mQ+1gAAxxx\n\t"
                    + "(envelope-from <a@example.net>)\n\tfor <b@example.org>; Tue, 29 Aug 2023 16:20:13 +0000"))
        #expect(received.with == "LMTP" && received.ip == IPAddress("127.0.0.1"))
        #expect(received.envelopeFrom == "a@example.net" && received.rdns == nil)
    }

    @Test("Gmail")
    func gmail() throws {
        let received = try #require(
            Received(
                "from mail.example.net (mail.example.net. [192.0.2.44]) by mx.google.com with ESMTPS id "
                    + "m16sm345129qck.28.2011.06.15 for <x@gmail.com> (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 "
                    + "bits=128/128); Wed, 15 Jun 2011 07:42:08 -0700 (PDT)"))
        #expect(received.rdns == "mail.example.net" && received.ip == IPAddress("192.0.2.44"))
        #expect(received.tlsVersion == "TLSv1.3" && received.tlsCipher == "TLS_AES_128_GCM_SHA256")
        let inner = try #require(
            Received("by 2002:aa7:cd10:0:b0:45c:2c83:1208 with SMTP id b16; Mon, 10 Oct 2022 10:31:15 -0700 (PDT)"))
        #expect(inner.from == nil && inner.by == "2002:aa7:cd10:0:b0:45c:2c83:1208")
    }

    @Test("Microsoft")
    func microsoft() throws {
        let received = try #require(
            Received(
                "from AM5.prod.outlook.com (2603:10a6:20b::22) by DB6.prod.outlook.com ([fe80::19bd:c588%6]) with Microsoft "
                    + "SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1143.11; "
                    + "Thu, 13 Sep 2018 14:47:44 +0000"))
        #expect(received.from == "AM5.prod.outlook.com" && received.ip == IPAddress("2603:10a6:20b::22"))
        #expect(received.by == "DB6.prod.outlook.com" && received.with == "SMTP" && received.id == "15.20.1143.11")
        #expect(received.tlsVersion == "TLSv1.2" && received.tlsCipher == "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
    }

    @Test("qmail and other old ones")
    func old() throws {
        let qmail = try #require(
            Received(
                "from unknown (HELO client.example) (192.0.2.8) by mx.example with SMTP; 14 Mar 2003 07:24:34 -0000"))
        #expect(qmail.from == "unknown" && qmail.helo == "client.example" && qmail.ip == IPAddress("192.0.2.8"))
        let local = try #require(Received("(qmail 27981 invoked by uid 225); 14 Mar 2003 07:24:34 -0000"))
        #expect(local.from == nil && local.by == nil && local.date != nil)
        let wrapped = try #require(
            Received(
                "(from user@localhost) by home.example (8.12.11/8.12.11/Submit) id iBADH; Fri, 10 Dec 2004 13:17:27 GMT"
            ))
        #expect(wrapped.from == "user@localhost" && wrapped.by == "home.example")
        let mailer = try #require(Received("from [192.0.2.5] by nm2.example with NNFMP; 09 Mar 2011 11:19:46 -0000"))
        #expect(mailer.with == "NNFMP" && mailer.ip == IPAddress("192.0.2.5"))
    }

    @Test("What ident said before the address, a quoted EHLO, doubled brackets, ports")
    func clients() {
        for (text, helo, ip) in [
            ("from a.example (HELO b.example) (root@192.0.2.4) by c with SMTP", "b.example", "192.0.2.4"),
            ("from a.example (@10.0.0.20) by c with SMTP", nil, "10.0.0.20"),
            ("from a.example (user@192.0.2.4 with login) by c with SMTP", nil, "192.0.2.4"),
            (
                "from a.example ([192.0.2.4]:51782 \"EHLO b.example\" rhost-flags-OK-OK-OK-OK) by c with ESMTP id S1",
                "b.example", "192.0.2.4"
            ),
            ("from a.example (localhost [[127.0.0.1]]) by c with ESMTP id 1", nil, "127.0.0.1"),
        ] as [(String, String?, String)] {
            let received = Received(text + "; 1 Jan 2025 00:00:00 +0000")
            #expect(received?.helo == helo && received?.ip?.description == ip && received?.by == "c", "\(text)")
        }
    }

    @Test("The envelope's sender may hold “=”, and anything between quotes")
    func envelope() {
        for (written, address) in [
            ("<list-return-5-rod=dest.example@lists.example>, uid 502", "list-return-5-rod=dest.example@lists.example"),
            ("list-5-rod=dest.example@lists.example", "list-5-rod=dest.example@lists.example"),
            ("<\"x 192.0.2.6 by q\"@evil.example>", "\"x 192.0.2.6 by q\"@evil.example"),
            ("<>", nil),
        ] as [(String, String?)] {
            for word in ["envelope-from", "envelope-sender"] {
                let text = "from a.example by b.example (\(word) \(written)) with SMTP; 1 Jan 2025 00:00:00 +0000"
                let received = Received(text)
                #expect(
                    received?.envelopeFrom == address && received?.by == "b.example" && received?.ip == nil, "\(text)")
            }
        }
    }

    @Test("TLS that is only named, and a sender that gave a password")
    func words() {
        let tls = Received("from ([192.0.2.9]) by b.example with SMTP with TLS id J; 1 Jan 2025 00:00:00 +0000")
        #expect(tls?.saysTLS == true && tls?.with == "SMTP" && tls?.tlsVersion == nil)
        let clear = Received("from a.example by b.example with ESMTP id J; 1 Jan 2025 00:00:00 +0000")
        #expect(clear?.saysTLS == false && clear?.saysAuthenticated == false)
        for comment in ["(Authenticated sender: bob)", "(authenticated bits=0)", "(authenticated (0 bits))"] {
            let text = "from pc (p.example [192.0.2.1]) \(comment) by b.example with ESMTP; 1 Jan 2025 00:00:00 +0000"
            #expect(Received(text)?.saysAuthenticated == true, "\(comment)")
        }
    }

    @Test("Without “;”, and with “;” inside a comment")
    func semicolons() throws {
        let without = try #require(
            Received("from a.example by b.example with SMTP id 1 Tue, 29 Aug 2023 16:20:12 +0000"))
        #expect(without.date?.description == "2023-08-29T16:20:12Z" && without.id == "1")
        let inside = try #require(
            Received(
                "from a.example (x; y; z) by b.example (1; 2 Jan 2020 10:00:00 +0000) with SMTP; 29 Aug 2023 16:20:12 +0000"
            ))
        #expect(inside.date?.description == "2023-08-29T16:20:12Z" && inside.by == "b.example")
        let none = try #require(Received("from a.example by b.example with SMTP id 1"))
        #expect(none.date == nil)
    }

    @Test("What says nothing is none", arguments: ["", "   ", "hello world", "()", ";", "; nonsense", "(a (b (c"])
    func nothing(_ text: String) { #expect(Received(text) == nil) }

    @Test("5,000 mutated fields are read without harm")
    func mutations() async {
        var dice = Dice(7)
        let seeds = [
            "from a.example (rdns.example [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by b.example (Postfix) with ESMTPS id 1 for <c@d.example>; Tue, 29 Aug 2023 16:20:12 +0000 (UTC)",
            "from unknown (HELO x) ([192.0.2.1]:25 helo=y) by b with Microsoft SMTP Server id <1>; 2018-09-05T01:14:43+02:00",
            "(qmail 1 invoked by uid 2); 14 Mar 2003 07:24:34 -0000",
        ].map { Array($0.utf8) }
        for round in 0..<5_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let octets = mutated(seeds.randomElement(using: &dice) ?? [], with: &dice)
            _ = Received(octets)
        }
    }

    @Test(
        "Another author's Received fields: where we differ is said, with the reason",
        .enabled(if: Suites.has("received-stalwart/received.json"), Suites.skipped))
    func suite() throws {
        var differences = KnownDifferences("received-stalwart/received.json")
        func inner(_ value: Suites.Value?) -> String? {
            if case .object(let fields)? = value { return fields.values.first?.text }
            return value?.text
        }
        for (number, test) in (try Suites.value("received-stalwart/received.json").array ?? []).enumerated() {
            let header = test["header"]?.text ?? ""
            guard let expected = test["expected"] else { continue }
            func compare(_ clause: String, _ ours: String?, _ theirs: String?) {
                differences.compare(
                    "\(number) \(clause)", ours, ours?.lowercased() == theirs?.lowercased() ? ours : theirs)
            }
            let ours = Received(Array(header.utf8))
            compare("from", ours?.from, inner(expected["from"]))
            compare("by", ours?.by, inner(expected["by"]))
            compare(
                "ip", ours?.ip?.description,
                expected["from_ip"]?.text
                    ?? (IPAddress(inner(expected["from"]) ?? "") != nil ? inner(expected["from"]) : nil))
            compare(
                "rdns", ours?.rdns, expected["from_iprev"]?.text.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 })
            compare("helo", ours?.helo, inner(expected["helo"]))
            compare("id", ours?.id, expected["id"]?.text)
            compare("for", ours?.for, expected["for_"]?.text)
            compare("via", ours?.via, expected["via"]?.text)
            compare("with", ours?.with, expected["with"]?.text)
            compare("cipher", ours?.tlsCipher, expected["tls_cipher"]?.text)
            compare(
                "version", ours?.tlsVersion, expected["tls_version"]?.text.map { $0.replacing("_", with: ".") })
            compare(
                "date", ours?.date?.description, expected["date"].flatMap { timestamp(of: $0) }?.description)
        }
        differences.hold(ReceivedDifferences.known)
    }
}
