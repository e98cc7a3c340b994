import DNS
import Judgement
import Mail
import Testing

/// What domains have in common is looked at once, and is the same for each.
@Suite struct SharedEvidenceTests {
    private static let zone = """
        $TTL 3600
        a.example. MX 10 mx1.provider.example.
        a.example. MX 20 mx2.provider.example.
        a.example. MX 30 mx.a.example.
        a.example. TXT "v=spf1 mx include:_spf.provider.example -all"
        mx.a.example. A 192.0.2.1
        b.example. MX 5 mx2.provider.example.
        b.example. MX 5 mx1.provider.example.
        b.example. MX 7 gone.provider.example.
        b.example. MX 8 MX1.provider.example.
        b.example. TXT "v=spf1 mx include:_spf.provider.example -all"
        _spf.provider.example. TXT "v=spf1 ip4:192.0.2.0/24 include:_more.provider.example -all"
        _more.provider.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
        mx1.provider.example. A 198.51.100.7
        mx1.provider.example. AAAA 2001:db8::7
        mx2.provider.example. CNAME mx1.provider.example.
        7.100.51.198.in-addr.arpa. PTR mx1.provider.example.
        """

    private func look(at name: String, in zone: Zone, _ shared: SharedEvidence?) async throws -> (String, Knowledge) {
        var gathering = DomainGathering(try DomainName(name), selectors: [], guesses: [], sharing: shared)
        var known = Knowledge()
        var evidence = gathering.evidence(asking: &known)
        while !known.wanted.isEmpty {
            for question in known.wanted { known.learn(question, await zone.outcome(question)) }
            evidence = gathering.evidence(asking: &known)
        }
        var text = ""
        dump(evidence, to: &text)
        return (text, known)
    }

    @Test func `The second customer of a provider is told the same with fewer questions`() async throws {
        let zone = try Zone(Self.zone)
        let shared = SharedEvidence()
        for name in ["a.example", "b.example", "a.example", "none.example"] {
            let alone = try await look(at: name, in: zone, nil)
            let together = try await look(at: name, in: zone, shared)
            #expect(alone.0 == together.0)
        }
        let again = try await look(at: "a.example", in: zone, shared).1
        #expect(again.outcomes[Question(try DomainName("mx1.provider.example"), .a)] == nil)
        #expect(again.outcomes[Question(try DomainName("mx.a.example"), .a)] != nil)
    }

    @Test func `A failure is not kept: the next domain asks again`() async throws {
        let failing = try Zone(
            Self.zone.replacing("mx1.provider.example. A 198.51.100.7", with: "mx1.provider.example. A !timeout"))
        let shared = SharedEvidence()
        let first = try await look(at: "a.example", in: failing, shared)
        #expect(first.0.contains("timedOut"))
        let zone = try Zone(Self.zone)
        let second = try await look(at: "b.example", in: zone, shared)
        let alone = try await look(at: "b.example", in: zone, nil)
        #expect(second.0 == alone.0)
    }
}
