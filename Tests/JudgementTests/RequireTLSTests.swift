import DNS
import Judgement
import Mail
import Testing

/// REQUIRETLS (RFC 8689 §4.2.1), DANE of one port, and what others make of unsigned MX records.
@Suite struct RequireTLSTests {
    static let zone = """
        example.org. MX 10 mx.example.org.
        mx.example.org. A 192.0.2.25
        _mta-sts.example.org. TXT "v=STSv1; id=1"
        mta-sts.example.org. A 192.0.2.80

        """
    static let signed = "$SIGNED example.org.\n" + zone
    /// The digest of the octets of the host's name, which the examples show as its certificate.
    static let digest = "1474aa2ed5f1f7fd4d8034bdd56fb2a766a3ebc6ab6ae94e16e2605f3ed53641"
    static let match = "_25._tcp.mx.example.org. TLSA 3 0 1 \(digest)\n"
    static let wrong = "_25._tcp.mx.example.org. TLSA 3 1 1 \(String(repeating: "ab", count: 32))\n"
    static let enforce = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n"
    static let testing = "version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 604800\n"
    static let other = "version: STSv1\nmode: enforce\nmx: other.example.org\nmax_age: 604800\n"

    /// What senders go by, where port 25 is as `word` says and shows these lines behind TLS.
    private static func transport(
        _ text: String, _ word: String, policy: String = "", _ capabilities: [String]?
    ) async throws -> TransportEvidence {
        let zone = try Zone(text)
        let name = try DomainName("example.org")
        var options = ["mx.example.org": word]
        if policy.isEmpty { options["host"] = "refused" }
        let delivery = try #require(CheckPage.Example.Delivery(options, text: policy))
        let (evidence, known) = await inWaves(of: zone) { dns in
            DomainEvidence.gather(name, selectors: [], asking: &dns)
        }
        let seen = delivery.observations(of: evidence, at: noon)
        let ports = seen.compactMap { observation -> PortObservation? in
            guard case .port(var port) = observation else { return nil }
            if port.tls != nil { port.capabilitiesAfterTLS = capabilities }
            return port
        }
        let fetch = seen.lazy.compactMap { if case .policy(let policy) = $0 { policy } else { nil } }.first
        return await inWaves(of: zone, known: known) { dns in
            TransportEvidence.gather(
                evidence, ports: ports, policy: fetch, at: noon, asking: &dns,
                security: AnswerSecurity.of(dns, at: noon))
        }.result
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var zone: String
        var port = "good"
        var policy = ""
        var capabilities: [String]? = ["PIPELINING", "requiretls"]
        var kind: SenderAction.Kind
        var says: String
        var testDescription: String { "\(kind.rawValue): \(says)" }
    }

    static let cases: [Case] = [
        Case(zone: signed + match, kind: .verified, says: "a TLSA record matches"),
        Case(zone: signed, kind: .verified, says: "the certificate holds"),
        Case(zone: zone, policy: enforce, kind: .verified, says: "the MTA-STS policy names the host"),
        Case(zone: zone, policy: testing, kind: .verified, says: "the MTA-STS policy names the host"),
        Case(zone: signed + match, capabilities: ["PIPELINING"], kind: .refuses, says: "does not offer REQUIRETLS"),
        Case(zone: signed + match, capabilities: ["X-REQUIRETLS"], kind: .refuses, says: "does not offer REQUIRETLS"),
        Case(zone: zone, kind: .refuses, says: "neither signed MX records nor an MTA-STS policy"),
        Case(zone: zone, policy: other, kind: .refuses, says: "neither signed MX records nor an MTA-STS policy"),
        Case(zone: signed, port: "untrusted", kind: .refuses, says: "self-signed"),
        Case(zone: signed, port: "name", kind: .refuses, says: "name"),
        Case(zone: signed + match, port: "untrusted", kind: .verified, says: "a TLSA record matches"),
        Case(zone: signed + wrong, kind: .refuses, says: "DANE fails"),
        Case(zone: signed, port: "clear", kind: .refuses, says: "STARTTLS"),
        Case(zone: signed, port: "fails", kind: .refuses, says: "TLS fails"),
        Case(zone: signed, port: "refused", kind: .defers, says: "refuses connections"),
        Case(zone: signed, port: "timeout", kind: .unknown, says: "no answer"),
        Case(zone: signed, capabilities: nil, kind: .unknown, says: "was not seen"),
    ]

    @Test(arguments: cases) func `Mail that requires TLS goes where all holds`(example: Case) async throws {
        let evidence = try await Self.transport(
            example.zone, example.port, policy: example.policy, example.capabilities)
        let view = try #require(SendersView(evidence))
        let row = try #require(view.requireTLS.rows.first)
        #expect(row.action.kind == example.kind && row.action.reason.contains(example.says), "\(row.action)")
        #expect(view.requireTLS.outcome.action.kind == example.kind)
        #expect((view.requireTLS.outcome.host != nil) == (example.kind == .verified))
    }

    // RFC 7672 §2.2.1.
    @Test func `Unsigned MX records keep DANE from the host, and what Postfix does is told`() async throws {
        let text = "$SIGNED mx.example.org.\n" + Self.zone + Self.match
        let view = try #require(SendersView(try await Self.transport(text, "good", [])))
        let action = try #require(view.rows.first?.actions[.dane])
        #expect(action.kind == .encrypted)
        #expect(action.reason.contains("not signed") && action.reason.contains("smtp_tls_dane_insecure_mx_policy"))
        // Not where there are no records, or the host itself is not signed either.
        for text in ["$SIGNED mx.example.org.\n" + Self.zone, Self.zone + Self.match, Self.signed + Self.match] {
            let view = try #require(SendersView(try await Self.transport(text, "good", [])))
            #expect(view.rows.first?.actions[.dane]?.reason.contains("Postfix") == false)
        }
    }

    // MARK: One port

    struct PortCase: Sendable, CustomTestStringConvertible {
        var zone: String
        var port = "good"
        var service = Service.smtp
        var result: DANEVerdict.Result
        var says: String
        var bogus: String?
        var testDescription: String { "\(result.rawValue): \(says)" }
    }

    static let narrow = "_993._tcp.mx.example.org. TLSA 1 0 1 \(digest)\n"

    static let ports: [PortCase] = [
        PortCase(zone: signed + match, result: .pass, says: "matches"),
        // Field notes: two records of a rollover, and one matches.
        PortCase(zone: signed + wrong + match, result: .pass, says: "matches"),
        PortCase(zone: signed + match, port: "untrusted", result: .pass, says: "matches"),
        PortCase(zone: signed + wrong, result: .fail, says: "none of the records"),
        PortCase(zone: signed, result: .none, says: "no TLSA records"),
        PortCase(zone: zone + match, result: .none, says: "do not count"),
        PortCase(zone: signed + "_25._tcp.mx.example.org. TLSA !servfail\n", result: .unknown, says: "SERVFAIL"),
        PortCase(zone: signed + "_25._tcp.mx.example.org. TLSA !timeout\n", result: .unknown, says: "no answer"),
        PortCase(zone: signed + match, result: .fail, says: "bogus", bogus: "_25._tcp.mx.example.org TLSA"),
        PortCase(zone: signed + match, port: "clear", result: .fail, says: "TLS does not come about"),
        PortCase(zone: signed + match, port: "fails", result: .fail, says: "TLS does not come about"),
        PortCase(zone: signed + match, port: "timeout", result: .unknown, says: "no certificate was seen"),
        // RFC 7672 §3.1.3: usages 0 and 1 are not for relays; elsewhere they narrow what authorities vouch for.
        PortCase(
            zone: signed + "_25._tcp.mx.example.org. TLSA 1 0 1 \(digest)\n", result: .none, says: "can be used"),
        PortCase(zone: signed + narrow, service: .imaps, result: .pass, says: "authorities vouch"),
        PortCase(zone: signed + narrow, port: "untrusted", service: .imaps, result: .fail, says: "self-signed"),
        PortCase(zone: signed + match, service: .imaps, result: .none, says: "_993._tcp.mx.example.org"),
    ]

    @Test(arguments: ports) func `A port proves itself by the TLSA records of its name`(example: PortCase) async throws
    {
        let zone = try Zone(example.zone)
        let host = try DomainName("mx.example.org")
        let evidence = try await Self.transport(example.zone, example.port, [])
        var port = try #require(evidence.hosts.first?.endpoints.first?.port)
        port.service = example.service
        let (discovery, _) = await inWaves(of: zone) { dns in
            let security = AnswerSecurity.of(dns, at: noon)
            return DANEDiscovery.discover(host, for: nil, port: example.service.port, asking: &dns) { question, dns in
                "\(question)" == example.bogus ? .bogus("a signature does not fit") : security(question, &dns)
            }
        }
        #expect(discovery.mx == nil)
        let verdict = DANEVerdict(discovery, port, at: noon)
        #expect(verdict.result == example.result && verdict.reason.contains(example.says), "\(verdict.reason)")
    }

    @Test(arguments: [
        (Failure.Cause.tlsHandshake, Phase.Name.tls, DANEVerdict.Result.fail), (.starttlsRejected, .starttls, .fail),
        (.protocolViolation, .starttls, .fail), (.timeout, .tls, .unknown), (.cancelled, .tls, .unknown),
        (.earlyClose, .capabilities, .unknown),
    ])
    func `Only a server that ends or refuses TLS breaks what its records promise`(
        cause: Failure.Cause, phase: Phase.Name, result: DANEVerdict.Result
    ) async throws {
        let zone = try Zone(Self.signed + Self.match)
        let host = try DomainName("mx.example.org")
        let evidence = try await Self.transport(Self.signed + Self.match, "fails", [])
        var port = try #require(evidence.hosts.first?.endpoints.first?.port)
        port.failure = Failure(cause, during: phase, "as said")
        let (discovery, _) = await inWaves(of: zone) { dns in
            DANEDiscovery.discover(host, for: nil, port: 25, asking: &dns, security: AnswerSecurity.of(dns, at: noon))
        }
        #expect(DANEVerdict(discovery, port, at: noon).result == result)
    }

    @Test func `An address has no TLSA records`() throws {
        #expect(DANEVerdict(ofAddress: try DomainName("192.0.2.1")).result == .none)
    }
}
