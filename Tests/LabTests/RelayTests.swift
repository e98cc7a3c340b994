import DNS
@testable import Lab
import Mail
import Testing

@Suite("The lab's relay") struct RelayTests {
    @Test("holds a message as long as it says and then passes it on by TLS") func hold() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let end = try await bench.smtp()
            let relay = Relay(
                host: "relay.lab.example", address: .v4(IPv4Address(127, 0, 77, 9)), hold: 0.6, store: bench.store,
                facilities: lab.facilities
            ) { _ in Relay.Hop(host: "mx.lab.example", endpoint: end) }
            await lab.start(relay)
            let entrance = try await bench.smtp(taker: relay)
            let started = ContinuousClock.now
            try await bench.hand("From: bob@other.example\r\n\r\nHello\r\n", to: entrance)
            let message = try #require(try await bench.waitForMessages(1).first)
            #expect(ContinuousClock.now - started > .milliseconds(600))
            #expect(message.contains("Received: from relay.lab.example (unknown [127.0.77.9])\r\n\t(using TLSv1.3"))
            #expect(message.ranges(of: "Received: ").count == 2)
        }
    }

    @Test(
        "tries again after 451 and reports to the sender after 550",
        arguments: [
            (Faults.Recipient.greylisted(times: 2), "Subject: mine"), (.rejected, "Subject: Undelivered"),
        ]) func refusals(fault: Faults.Recipient, subject: String) async throws
    {
        try await withLab { lab in
            let bench = await Bench(lab)
            let end = try await bench.smtp(.exchange, Faults(recipient: fault))
            let relay = Relay(
                host: "relay.lab.example", address: .loopback, hold: 0, store: bench.store,
                facilities: lab.facilities, retry: (0.05, 5)
            ) { _ in Relay.Hop(host: "mx.lab.example", endpoint: end) }
            await lab.start(relay)
            try await bench.hand(
                "Subject: mine\r\n\r\nHello\r\n", to: try await bench.smtp(taker: relay), from: bench.user)
            let message = try #require(try await bench.waitForMessages(1).first)
            #expect(message.contains("\r\n\(subject)"))
        }
    }

    @Test("takes nothing it has no way for") func noRoute() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let relay = Relay(
                host: "relay.lab.example", address: .loopback, hold: 0, store: bench.store, facilities: lab.facilities
            ) { _ in nil }
            let entrance = try await bench.smtp(taker: relay)
            await #expect(throws: SMTPClient.Failure.self) {
                try await bench.hand("Subject: x\r\n\r\n", to: entrance)
            }
        }
    }
}

@Suite("What the lab's receiver says of a sender") struct AuthenticationTests {
    private static let zone = """
        passes.example.    TXT "v=spf1 ip4:127.0.77.0/24 -all"
        fails.example.     TXT "v=spf1 ip4:192.0.2.1 -all"
        soft.example.      TXT "v=spf1 ~all"
        mx.example.        TXT "v=spf1 mx -all"
        mx.example.        MX  10 host.mx.example.
        host.mx.example.   A   127.0.77.9
        twice.example.     TXT "v=spf1 -all"
        twice.example.     TXT "v=spf1 +all"
        included.example.  TXT "v=spf1 include:passes.example -all"
        ends.example.      TXT "v=spf1 ip4:192.0.2.1"
        mute.example.      TXT !servfail
        _dmarc.passes.example. TXT "v=DMARC1; p=reject"
        _dmarc.fails.example.  TXT "v=DMARC1; p=reject"
        """

    @Test(
        "is SPF's result",
        arguments: [
            ("passes.example", "pass"), ("fails.example", "fail"), ("soft.example", "softfail"), ("mx.example", "pass"),
            ("twice.example", "permerror"), ("included.example", "pass"), ("ends.example", "neutral"),
            ("mute.example", "temperror"), ("absent.example", "none"),
        ]) func spf(domain: String, result: String) async throws
    {
        let field = try await Self.field(sender: "x@\(domain)", "From: <x@\(domain)>\r\n\r\n")
        #expect(field.contains("spf=\(result) smtp.mailfrom=x@\(domain);"))
        #expect(field.contains("dkim=none;"))
    }

    private static func field(sender: String, _ message: String, zone: String = zone) async throws -> String {
        let envelope = Envelope(
            sender: sender, recipients: [], octets: Array(message.utf8),
            client: .init(address: .v4(IPv4Address(127, 0, 77, 9)), helo: "x"), id: "1")
        return await Authentication(resolver: try Zone(zone), now: Timestamp(1_700_000_000))
            .results(of: envelope, by: "mx.lab.example")
    }

    @Test("is DKIM's for each signature, and DMARC's by it where SPF says nothing for the author") func dkim()
        async throws
    {
        let key = try DKIMSigningKey(Base64.encode(Array(repeating: 7, count: 32)))
        let zone = Self.zone + "\ned._domainkey.fails.example. TXT \"\(key.record)\""
        let signer = DKIMSigner(domain: try DomainName("fails.example"), selector: "ed", key: key)
        let message = "From: <x@fails.example>\r\n\r\nHello\r\n"
        let signed = try #require(signer.signed(Array(message.utf8), at: Timestamp(1_699_999_990)))
        let field = try await Self.field(
            sender: "x@fails.example", String(decoding: signed, as: UTF8.self), zone: zone)
        #expect(field.contains("spf=fail"))
        #expect(field.contains("dkim=pass header.d=fails.example header.s=ed;"))
        #expect(field.hasSuffix("dmarc=pass header.from=fails.example"))
        let altered = try await Self.field(
            sender: "x@fails.example", String(decoding: signed, as: UTF8.self) + "more\r\n", zone: zone)
        #expect(altered.contains("dkim=fail"))
        #expect(altered.hasSuffix("dmarc=fail header.from=fails.example"))
    }

    @Test(
        "is DMARC's by alignment",
        arguments: [
            ("bob@passes.example", "passes.example", "dmarc=pass header.from=passes.example"),
            ("bob@passes.example", "fails.example", "dmarc=fail header.from=fails.example"),
            ("bob@soft.example", "soft.example", "dmarc=none header.from=soft.example"),
        ]) func dmarc(sender: String, from: String, result: String) async throws
    {
        let field = try await Self.field(sender: sender, "From: <x@\(from)>\r\n\r\n")
        #expect(field.contains(result))
        #expect(field.hasPrefix("Authentication-Results: mx.lab.example;"))
    }

    @Test("comes from this server alone: forged fields in its name are taken out") func forgeries() {
        let message =
            "Subject: x\r\nAuthentication-Results: mx.lab.example;\r\n spf=pass\r\n"
            + "authentication-results: other.example; spf=pass\r\n\r\nBody\r\n"
        let kept = String(
            decoding: Authentication.withoutForgeries(Array(message.utf8), of: "mx.lab.example"), as: UTF8.self)
        #expect(kept == "Subject: x\r\nauthentication-results: other.example; spf=pass\r\n\r\nBody\r\n")
    }
}
