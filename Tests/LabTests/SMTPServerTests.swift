import DNS
@testable import Lab
import Networking
import Testing

@Suite("The lab's SMTP servers") struct SMTPServerTests {
    @Test("greet, extend, and take a message that then stands in the mailbox with its trace") func delivery()
        async throws
    {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp()
            try await Client.talk(to: endpoint) { client in
                #expect(try await client.line() == "220 mx.lab.example ESMTP")
                let offers = try await client.smtp("EHLO client.other.example")
                #expect(offers.first == "250-mx.lab.example")
                #expect(offers.contains("250-STARTTLS") && offers.contains("250-PIPELINING"))
                #expect(!offers.contains { $0.contains("AUTH") })
                #expect(try await client.ask("MAIL FROM:<bob@other.example> SIZE=100 BODY=8BITMIME") == "250 2.1.0 Ok")
                #expect(try await client.ask("RCPT TO:<\(bench.user)>") == "250 2.1.5 Ok")
                #expect(try await client.ask("RCPT TO:<nobody@lab.example>").hasPrefix("550 5.1.1"))
                #expect(try await client.ask("DATA").hasPrefix("354"))
                #expect(
                    try await client.ask("From: Bob <bob@other.example>\r\nSubject: dots\r\n\r\n..one dot\r\n.")
                        .hasPrefix("250"))
                #expect(try await client.ask("QUIT") == "221 2.0.0 Bye")
            }
            let message = try #require(await bench.messages().first)
            #expect(message.hasPrefix("Return-Path: <bob@other.example>\r\n"))
            #expect(
                message.contains("Received: from client.other.example (unknown [127.0.0.1])\r\n\tby mx.lab.example"))
            #expect(message.contains("for <ann@lab.example>; "))
            #expect(message.contains("spf=none smtp.mailfrom=bob@other.example"))
            #expect(message.hasSuffix("\r\n\r\n.one dot\r\n"))
        }
    }

    @Test("start TLS with a certificate of the lab, forget what was said before, and say so in Received")
    func startTLS()
        async throws
    {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp()
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                _ = try await client.smtp("EHLO client.other.example")
                #expect(try await client.ask("STARTTLS").hasPrefix("220"))
                let handshake = try await client.startTLS("mx.lab.example")
                #expect(handshake.version == "TLSv1.3")
                #expect(handshake.chain.count == 2)
                #expect(try await client.ask("MAIL FROM:<bob@other.example>").hasPrefix("503"))
                let offers = try await client.smtp("EHLO client.other.example")
                #expect(!offers.contains { $0.contains("STARTTLS") })
            }
            try await bench.hand("From: bob@other.example\r\n\r\nHello\r\n", to: endpoint)
            let message = try #require(await bench.messages().first)
            #expect(message.contains("(using TLSv1.3 with cipher TLS_"))
            #expect(message.contains(" with ESMTPS id "))
        }
    }

    @Test("take passwords only inside TLS, by PLAIN and LOGIN", arguments: [true, false]) func authentication(
        byLogin: Bool
    ) async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp(.submissions)
            let open = try await bench.smtp(.submission)
            try await Client.talk(to: open) { client in
                _ = try await client.line()
                #expect(!(try await client.smtp("EHLO me")).contains { $0.contains("AUTH") })
                #expect(try await client.ask("AUTH PLAIN AGFubkBsYWIuZXhhbXBsZQB4").hasPrefix("530"))
                #expect(try await client.ask("MAIL FROM:<ann@lab.example>").hasPrefix("530"))
            }
            try await Client.talk(to: endpoint) { client in
                _ = try await client.startTLS("mx.lab.example")
                #expect(try await client.line().hasPrefix("220"))
                #expect(try await client.smtp("EHLO me").contains("250-AUTH PLAIN LOGIN"))
                if byLogin {
                    #expect(try await client.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6")
                    #expect(try await client.ask("YW5uQGxhYi5leGFtcGxl") == "334 UGFzc3dvcmQ6")
                    #expect(try await client.ask("Y29ycmVjdCBob3JzZQ==").hasPrefix("235"))
                } else {
                    #expect(try await client.ask("AUTH PLAIN AGFubkBsYWIuZXhhbXBsZQB4").hasPrefix("535"))
                    #expect(try await client.ask("AUTH PLAIN ***").hasPrefix("501"))
                    #expect(
                        try await client.ask("AUTH PLAIN AGFubkBsYWIuZXhhbXBsZQBjb3JyZWN0IGhvcnNl").hasPrefix("235"))
                }
                #expect(try await client.ask("MAIL FROM:<ann@lab.example>").hasPrefix("250"))
            }
        }
    }

    @Test(
        "refuse what is no command and survive it",
        arguments: [
            ("", "502"), ("FOO", "502"), ("MAIL FROM:<a@b>", "503"), ("DATA", "503"), ("RCPT TO:<a@b>", "503"),
            ("EHLO", "501"), ("AUTH PLAIN", "503"), ("VRFY x", "252"), ("\u{0}\u{1b}[31m", "502"),
        ]) func nonsense(line: String, code: String) async throws
    {
        try await withLab { lab in
            let endpoint = try await Bench(lab).smtp()
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                #expect(try await client.ask(line).hasPrefix(code))
                #expect(try await client.ask("NOOP").hasPrefix("250"))
            }
        }
    }

    @Test("let no line break or bracket of a client into a header field") func injection() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp()
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                _ = try await client.smtp("EHLO a\u{1b}(b) by evil <x>")
                #expect(try await client.ask("MAIL FROM:<a b@other.example>").hasPrefix("501"))
                #expect(try await client.ask("MAIL FROM:<bob@other.example>").hasPrefix("250"))
                #expect(try await client.ask("RCPT TO:<\(bench.user)>").hasPrefix("250"))
                _ = try await client.ask("DATA")
                #expect(try await client.ask("Subject: x\r\n\r\n.").hasPrefix("250"))
            }
            let message = try #require(await bench.messages().first)
            #expect(message.contains("Received: from a??b??by?evil??x? (unknown [127.0.0.1])"))
        }
    }

    @Test("bound what they hear: a line and a message") func bounds() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp()
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                #expect(try await client.ask(String(repeating: "x", count: 100_000)).hasPrefix("500"))
                await #expect(throws: WireError.self) { _ = try await client.ask("NOOP") }
            }
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                _ = try await client.smtp("EHLO me")
                #expect(try await client.ask("MAIL FROM:<bob@other.example> SIZE=99999999").hasPrefix("552"))
            }
        }
    }
}

@Suite("Faults of the lab's SMTP servers") struct SMTPFaultTests {
    @Test(
        "show in the greeting",
        arguments: [
            (Faults(refusal: "421 4.3.2 busy"), "421 4.3.2 busy"), (Faults(refusal: "554 no"), "554 no"),
            (Faults(slowGreeting: 0.1), "220-mx.lab.example ESMTP"),
            (Faults([.greeting: .waits(seconds: 0.1)]), "220 mx.lab.example ESMTP"),
            (Faults([.greeting: .drips(secondsPerOctet: 0.002)]), "220 mx.lab.example ESMTP"),
            (Faults([.greeting: .closesAfterReply]), "220 mx.lab.example ESMTP"),
        ] as [(Faults, String)]) func greeting(faults: Faults, first: String) async throws
    {
        try await withLab { lab in
            let endpoint = try await Bench(lab).smtp(.exchange, faults)
            try await Client.talk(to: endpoint) { client in
                let line = try await client.line()
                #expect(line == first)
            }
        }
    }

    @Test(
        "end a client's patience, not its life",
        arguments: [
            Faults([.greeting: .silent]), Faults([.greeting: .closes]), Faults([.greeting: .unendingLine]),
            Faults([.greeting: .drips(secondsPerOctet: 1)]),
        ]) func noGreeting(faults: Faults) async throws
    {
        try await withLab { lab in
            let endpoint = try await Bench(lab).smtp(.exchange, faults)
            await #expect(throws: WireError.self) {
                try await Client.talk(to: endpoint, seconds: 0.5) { _ = try await $0.line() }
            }
        }
    }

    @Test("spoil STARTTLS") func upgrade() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            try await Client.talk(to: try await bench.smtp(.exchange, Faults(upgrade: .refused))) { client in
                _ = try await client.line()
                #expect(try await client.smtp("EHLO me").contains("250-STARTTLS"))
                #expect(try await client.ask("STARTTLS").hasPrefix("454"))
            }
            try await Client.talk(to: try await bench.smtp(.exchange, Faults(upgrade: .notOffered))) { client in
                _ = try await client.line()
                #expect(!(try await client.smtp("EHLO me")).contains { $0.contains("STARTTLS") })
                #expect(try await client.ask("STARTTLS").hasPrefix("502"))
            }
            try await Client.talk(to: try await bench.smtp(.exchange, Faults(upgrade: .injectsPlaintext))) { client in
                _ = try await client.line()
                _ = try await client.smtp("EHLO me")
                #expect(try await client.ask("STARTTLS").hasPrefix("220"))
                await #expect(throws: WireError.self) { _ = try await client.startTLS("mx.lab.example") }
            }
            for misbehaviour in [Faults.Misbehaviour.closes, .garbage] {
                let endpoint = try await bench.smtp(.exchange, Faults([.handshake: misbehaviour]))
                try await Client.talk(to: endpoint) { client in
                    _ = try await client.line()
                    _ = try await client.smtp("EHLO me")
                    #expect(try await client.ask("STARTTLS").hasPrefix("220"))
                    await #expect(throws: WireError.self) { _ = try await client.startTLS("mx.lab.example") }
                }
            }
        }
    }

    @Test("reject and greylist recipients") func recipients() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let rejecting = try await bench.smtp(.exchange, Faults(recipient: .rejected))
            await #expect(throws: SMTPClient.Failure.self) {
                try await bench.hand("Subject: x\r\n\r\n", to: rejecting)
            }
            let greylisting = try await bench.smtp(.exchange, Faults(recipient: .greylisted(times: 1)))
            await #expect(throws: SMTPClient.Failure.self) {
                try await bench.hand("Subject: x\r\n\r\n", to: greylisting)
            }
            try await bench.hand("Subject: x\r\n\r\n", to: greylisting)
            #expect(await bench.messages().count == 1)
        }
    }

    @Test(
        "change what becomes of a message",
        arguments: [
            (.twice, 2, 0), (.lost, 0, 0), (.altered, 1, 0), (.misplaced, 0, 1), (nil, 1, 0),
        ] as [(Faults.Delivery?, Int, Int)]) func delivery(fault: Faults.Delivery?, inbox: Int, junk: Int) async throws
    {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp(.exchange, Faults(delivery: fault))
            try await bench.hand("Subject: x\r\n\r\nHello\r\n", to: endpoint)
            let messages = await bench.messages()
            #expect(messages.count == inbox)
            #expect(await bench.messages("Junk").count == junk)
            #expect(messages.contains { $0.hasSuffix("harmless.\r\n") } == (fault == .altered))
        }
    }

    @Test("send a report to the sender of a message that was accepted and then refused") func bounce() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.smtp(.exchange, Faults(delivery: .bounced))
            try await bench.hand("Subject: mine\r\n\r\nHello\r\n", to: endpoint, from: bench.user)
            let report = try #require(await bench.messages().first)
            #expect(report.contains("Content-Type: multipart/report; report-type=delivery-status"))
            #expect(report.contains("Status: 5.2.2\r\n"))
            #expect(report.contains("Subject: mine\r\n"))
        }
    }
}
