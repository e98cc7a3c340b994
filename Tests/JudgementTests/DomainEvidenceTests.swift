import DNS
import Judgement
import Mail
import Testing

@Suite struct DomainEvidenceTests {
    func gather(_ text: String, _ domain: String = "example.org", selectors: [String] = []) async throws
        -> (DomainEvidence, Knowledge)
    {
        let name = try DomainName(domain)
        let (evidence, knowledge) = await inWaves(of: try Zone(text)) { dns in
            DomainEvidence.gather(name, selectors: selectors, asking: &dns)
        }
        return (evidence, knowledge)
    }

    @Test(arguments: [
        ("example.org. MX 10 mx.example.org.", DomainEvidence.Routing.hosts),
        ("example.org. MX 0 .", .null),
        ("example.org. MX 0 .\nexample.org. MX 10 mx.example.org.", .nullMixed),
        ("example.org. A 192.0.2.1", .implicit), ("example.org. AAAA 2001:db8::1", .implicit),
        ("example.org. TXT x", .none), ("other.example. TXT x", .none),
        ("example.org. MX !timeout", .couldNotTell(Unanswered(.timedOut))),
        ("example.org. MX !servfail", .couldNotTell(Unanswered(.servfail))),
        // Without MX, an address that could not be asked for decides nothing.
        ("example.org. A !timeout\nexample.org. TXT x", .couldNotTell(Unanswered(.timedOut))),
        // One family is enough.
        ("example.org. A !timeout\nexample.org. AAAA 2001:db8::1", .implicit),
    ]) func `Where mail goes is told, and not told apart from not being there`(
        zone: (text: String, routing: DomainEvidence.Routing)
    ) async throws {
        let routing = try await gather(zone.text).0.routing
        if case .couldNotTell(let why) = zone.routing {
            guard case .couldNotTell(let seen) = routing else {
                Issue.record("\(routing)")
                return
            }
            #expect(seen.reason == why.reason)
        } else {
            #expect(routing == zone.routing)
        }
    }

    @Test(arguments: [
        ("example.org. TXT x", DomainEvidence.Existence.exists), ("sub.example.org. TXT x", .exists),
        ("example.net. TXT x", .noSuchName),
        // NXDOMAIN is about the end of the alias, not about the name.
        ("example.org. CNAME gone.example.net.", .exists),
    ]) func `A domain exists, or does not`(zone: (text: String, existence: DomainEvidence.Existence)) async throws {
        #expect(try await gather(zone.text).0.existence == zone.existence)
    }

    @Test func `A domain nobody answers for is neither there nor not`() async throws {
        guard case .couldNotTell(let why) = try await gather("example.org. !refused").0.existence else {
            Issue.record("told")
            return
        }
        #expect(why.reason == .refused)
    }

    @Test func `Hosts come by preference, each once, with all their addresses`() async throws {
        let (evidence, _) = try await gather(
            """
            example.org. MX 20 b.example.org.
            example.org. MX 10 a.example.org.
            example.org. MX 30 A.example.org.
            a.example.org. AAAA 2001:db8::2
            a.example.org. AAAA 2001:db8::1
            a.example.org. A 192.0.2.9
            b.example.org. CNAME c.example.net.
            c.example.net. A 192.0.2.7
            9.2.0.192.in-addr.arpa. PTR a.example.org.
            """)
        #expect(evidence.hosts.map(\.name.description) == ["a.example.org", "b.example.org"])
        #expect(evidence.hosts[0].preferences == [10, 30])
        #expect(evidence.hosts[0].addresses.map(\.address.description) == ["192.0.2.9", "2001:db8::1", "2001:db8::2"])
        #expect(evidence.hosts[0].addresses[0].forwardConfirmed == .yes)
        #expect(evidence.hosts[0].addresses[1].ptr == .noSuchName)
        #expect(evidence.hosts[0].alias == nil)
        #expect(evidence.hosts[1].alias?.description == "c.example.net")
        #expect(evidence.hosts[1].addresses.map(\.address.description) == ["192.0.2.7"])
    }

    @Test func `The same outcomes give the same evidence again, and ask nothing`() async throws {
        let zone = """
            example.org. MX 10 mx.example.org.
            example.org. TXT "v=spf1 mx include:a.example.net -all"
            a.example.net. TXT "v=spf1 ip4:192.0.2.0/24 -all"
            mx.example.org. A 192.0.2.25
            25.2.0.192.in-addr.arpa. PTR mx.example.org.
            _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"
            example.org._report._dmarc.example.net. TXT "v=DMARC1"
            s1._domainkey.example.org. TXT "v=DKIM1; p="
            """
        let (evidence, knowledge) = try await gather(zone, selectors: ["s1"])
        var again = Knowledge(knowledge.outcomes)
        let replayed = DomainEvidence.gather(evidence.domain, selectors: ["s1"], asking: &again)
        #expect(again.wanted.isEmpty)
        #expect("\(replayed)" == "\(evidence)")
        #expect(replayed.reportDestinations.map(\.permission) == [.granted(instead: [])])
        #expect(replayed.spf.lookups == 2)
    }

    @Test func `A wildcard that answers every selector shows no key`() async throws {
        let (evidence, _) = try await gather(
            """
            *._domainkey.example.org. TXT "v=DKIM1; p="
            example.org. MX 0 .
            """)
        #expect(evidence.dkim.isEmpty)
        let (given, _) = try await gather(
            "*._domainkey.example.org. TXT \"v=DKIM1; p=\"\nexample.org. MX 0 .", selectors: ["mine"])
        #expect(given.dkim.map(\.lookup.selector) == ["mine"])
    }

    @Test func `Guesses that miss leave no trace, and given selectors do`() async throws {
        let (evidence, _) = try await gather(
            "selector1._domainkey.example.org. TXT \"v=DKIM1; p=\"\nexample.org. MX 0 .", selectors: ["s1", "S1", "s2"])
        #expect(evidence.dkim.map(\.lookup.selector) == ["s1", "s2", "selector1"])
        #expect(evidence.dkim.map(\.isGiven) == [true, true, false])
        #expect(evidence.dkim[0].lookup.status == .noSuchName)
    }

    @Test func `A domain that names far too many hosts and addresses makes us ask a bounded number of questions`()
        async throws
    {
        var text = ""
        for host in 0..<60 {
            text += "example.org. MX \(host) h\(host).example.org.\n"
            for address in 0..<20 { text += "h\(host).example.org. A 192.0.2.\(address)\n" }
        }
        for address in 0..<20 {
            for name in 0..<20 { text += "\(address).2.0.192.in-addr.arpa. PTR n\(name).example.net.\n" }
        }
        let (evidence, knowledge) = try await gather(text)
        #expect(evidence.hosts.count == DomainEvidence.maximumHosts)
        #expect(evidence.hostsLeftOut == 40)
        #expect(evidence.hosts.allSatisfy { $0.addresses.count == MailHost.maximumAddresses })
        #expect(knowledge.outcomes.count < 500)
    }
}
