import DNS
import Judgement
import Mail
import Rendering
import Testing

/// How the sender's view is drawn, and what JSON says of it.
@Suite struct SendersTextTests {
    private func report() async throws -> Report {
        let zone = try Zone(
            """
            $SIGNED example.org.
            example.org. MX 10 mx1.example.org.
            example.org. MX 20 a-backup-with-quite-a-long-name.mail.example.org.
            mx1.example.org. A 192.0.2.25
            mx1.example.org. AAAA 2001:db8:1234:5678:9abc:def0:1234:5678
            a-backup-with-quite-a-long-name.mail.example.org. A 192.0.2.26
            _25._tcp.mx1.example.org. TLSA 3 1 1 \(String(repeating: "ab", count: 32))
            _mta-sts.example.org. TXT "v=STSv1; id=1"
            mta-sts.example.org. A 192.0.2.80
            """)
        let policy = "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 604800\n"
        let delivery = try #require(
            CheckPage.Example.Delivery(
                ["mx1.example.org": "good", "a-backup-with-quite-a-long-name.mail.example.org": "clear"], text: policy))
        let domain = try DomainName("example.org")
        let at = Timestamp(year: 2026, month: 11, day: 22, hour: 12)
        let (evidence, known) = await inWaves(of: zone) {
            DomainEvidence.gather(domain, selectors: [], guesses: [], asking: &$0)
        }
        let seen = delivery.observations(of: evidence, at: at)
        let ports = seen.compactMap { if case .port(let port) = $0 { port } else { nil } }
        let policies = seen.compactMap { if case .policy(let policy) = $0 { policy } else { nil } }
        let (_, all) = await inWaves(of: zone, known: known) { dns in
            let security = AnswerSecurity.of(dns, at: at)
            _ = GreetingEvidence.gather(ports, asking: &dns)
            _ = TransportEvidence.gather(
                evidence, ports: ports, policy: policies.first, at: at, asking: &dns, security: security)
        }
        let lookups = all.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        return judge(lookups + seen, of: Target(name: "example.org", domain: domain), at: at)
    }

    @Test(arguments: [80, 160]) func `Two tables fit the terminal`(width: Int) async throws {
        let text = ReportText.text(try await report(), Look(width: width, colour: false, verbose: false))
        let lines = text.split(separator: "\n")
        let start = try #require(lines.firstIndex(of: "WHAT SENDERS DO"))
        let part = lines[start...].joined(separator: "\n")
        for line in lines[start...] { #expect(line.count <= width, "\(line)") }
        #expect(part.contains("✗ refuses"))
        #expect(part.contains("✓ verified"))
        #expect(part.contains("in clear"))
        #expect(part.contains("✗ mismatch"))
        #expect(part.contains("✗ not named"))
        #expect(part.contains("none of the records matches"))
        #expect(part.contains("in the end"))
    }

    @Test func `JSON tells the actions, the reasons and the matrix`() async throws {
        let text = ReportFormat.json([ReportJSON.json(try await report())], jsonLines: false)
        for piece in [
            "\"action\": \"refuse\"", "\"action\": \"deliver_verified\"", "\"action\": \"deliver_clear\"",
            "\"status\": \"fail\"", "\"matching_type\": 1", "\"result\": \"no_match\"", "\"mode\": \"enforce\"",
        ] {
            #expect(text.contains(piece), "\(piece)")
        }
        #expect(!text.contains("\"dane\": []") && !text.contains("\"dane\":[]"))
    }
}
