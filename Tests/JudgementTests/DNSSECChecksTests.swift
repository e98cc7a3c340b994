import DNS
import Judgement
import Mail
import Testing

/// What the checks on DNSSEC must not say: of resolvers that leave signatures out, of worlds with a root of their own,
/// of domains that nobody signed.
@Suite struct DNSSECChecksTests {
    private struct Example: Sendable, CustomTestStringConvertible {
        var check: String
        var zone: CheckPage.Example.ZoneText
        var line: Int
        var testDescription: String { "\(check), line \(line)" }
    }

    /// The signed zones of the pages.
    private static let examples: [Example] = CheckPage.all.flatMap { page in
        page.examples.compactMap { example in
            guard case .zone(let zone) = example.kind, zone.anchor != nil else { return nil }
            return Example(check: page.check.identifier, zone: zone, line: example.line)
        }
    }

    private static func fates(_ report: Report) -> [String] {
        (report.findings.map(\.check.identifier) + report.unknown.map(\.check.identifier))
            .filter { $0.hasPrefix("dnssec.") }
    }

    @Test(arguments: examples)
    private func `A resolver that leaves signatures out makes nothing unsigned, bogus or unknown`(
        example: Example
    ) async throws {
        let lines = example.zone.text.split(separator: "\n").filter { !$0.contains(" IN RRSIG ") }
        let report = try await report(
            on: example.zone.domain, zone: lines.joined(separator: "\n") + "\n", anchor: example.zone.anchor)
        #expect(Self.fates(report) == [])
        #expect(report.evidence.dnssec?.obstacle?.contains("signatures") == true)
    }

    @Test func `There are examples enough`() { #expect(Self.examples.count > 20) }

    @Test(arguments: [("example.org", "IANA"), ("mail.test", "public tree")])
    func `Names below another root than the public one are neither forged nor unsigned`(
        domain: String, why: String
    ) async throws {
        let zone = try Zone(Self.ownRoot)
        let name = try DomainName(domain)
        let (evidence, known) = await inWaves(of: zone) { dns in
            DomainEvidence.gather(name, selectors: [], asking: &dns)
        }
        let (dnssec, knowledge) = await inWaves(of: zone, known: known) { dns in
            DNSSECEvidence.gather(evidence, anchors: nil, at: noon, asking: &dns)
        }
        #expect(dnssec.obstacle?.contains(why) == true)
        #expect(dnssec.mail.security.word == "indeterminate")
        let observations = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        let report = judge(observations, of: Target(name: domain, domain: name), at: noon)
        #expect(Self.fates(report) == [])
        #expect(report.evidence.dnssec != nil)
        // With its own anchor it is secure.
        let own = TrustAnchors(zone.records.filter { $0.type == .dnskey }).text
        var dns = knowledge
        #expect(DNSSECEvidence.gather(evidence, anchors: own, at: noon, asking: &dns).mail.security == .secure)
    }

    /// Answers SERVFAIL, as a resolver that validates, but shows signatures to those who ask for them.
    private struct Withholding: Resolver {
        var zone: Zone
        func answer(_ question: Question) async throws(Unanswered) -> Answer {
            guard question.signatures else { throw Unanswered(.servfail) }
            return try await zone.answer(question)
        }
    }

    @Test func `A domain that a validating resolver withholds is told to be bogus, and why`() async throws {
        let example = try #require(Self.examples.first { $0.check == "dnssec.bogus" })
        let zone = try Zone(example.zone.text)
        let anchor = try DomainName(try #require(example.zone.anchor))
        let anchors = TrustAnchors(zone.records.filter { $0.name == anchor && $0.type == .dnskey }).text
        let name = try DomainName(example.zone.domain)
        let resolver = Withholding(zone: zone)
        let (evidence, known) = await inWaves(of: resolver) { dns in
            DomainEvidence.gather(name, selectors: [], asking: &dns)
        }
        #expect(DNSSECEvidence.isWorthAsking(of: evidence))
        let (_, knowledge) = await inWaves(of: resolver, known: known) { dns in
            DNSSECEvidence.gather(evidence, anchors: anchors, at: noon, asking: &dns)
        }
        var target = Target(name: example.zone.domain, domain: name)
        target.trustAnchors = anchors
        let report = judge(
            knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }, of: target, at: noon)
        #expect(Self.fates(report) == ["dnssec.bogus"])
        let finding = try #require(report.finding("dnssec.bogus"))
        #expect(finding.severity == .critical && finding.summary.contains("signature"))
    }

    @Test func `A domain that nobody answers for is not bogus, and not unknown twice`() async throws {
        let zone = try Zone(
            "example.org. !servfail\n"
                + Self.ownRoot.split(separator: "\n").filter { !$0.contains("example.org") }.joined(separator: "\n")
                + "\n")
        let report = try await report(on: "example.org", in: zone, anchor: ".")
        #expect(Self.fates(report) == [])
    }

    /// A root that signs all names below it by itself.
    private static let ownRoot = """
        . 3600 IN SOA ns. h. 1 3600 600 86400 300
        . 3600 IN RRSIG SOA 13 0 3600 20800101000000 20200101000000 52738 . p3SdoVzAOLrEuixWZahhuVk4rFgslqkPpmNSC4+YJxt/Wp/dPlJ0zm4c KhTx3/h9IKS3VwqdlTZvLl2p/YMiqw==
        . 3600 IN NS ns.
        . 3600 IN RRSIG NS 13 0 3600 20800101000000 20200101000000 52738 . CkCLJhWVK/0Ku9dOAJpTi5WzOMA5hol4a31xVBN/bTsnR9ROxIo/reM1 l5Zxk3LDcwG7zlKrn1z0VLtPCS+BkQ==
        . 300 IN NSEC ns. NS SOA RRSIG NSEC DNSKEY
        . 300 IN RRSIG NSEC 13 0 300 20800101000000 20200101000000 52738 . mz7+vVFpXAlYrgpMxes7+l6UQMMMJ2o5wyrP9RtqfsRpw8rB2xaJ6QXV 1t2Z3DSLVvHQjGTiF9ydhTAvjvsvYQ==
        . 3600 IN DNSKEY 257 3 13 wECsKr6GOEqrkWkYkkM4gayZ1n6Ar5l3ivvEmkjQqK8GzUUeYfEdj0X7 qoTm7yk1XG6nwXGY8BdJTlHdJbe2Hw==
        . 3600 IN RRSIG DNSKEY 13 0 3600 20800101000000 20200101000000 52738 . 8ZctEedJ3Q/pr0wP0olmJLHhZA1OFQcATaVVS04wcO8iRGC0tKJSCrBu 2Zx1E4c0gWSDp0m/mfq+bPuIT5KmeA==
        example.org. 3600 IN MX 10 mx.example.org.
        example.org. 3600 IN RRSIG MX 13 2 3600 20800101000000 20200101000000 52738 . /PCokTJCKlJvY2VS4j1G/fbUxrT6mdwzWLxjAVHLTCD81Wapnf+fNtKX YkE9TqJgcdsrkocVhlh+9WCfEEmIdg==
        example.org. 300 IN NSEC mx.example.org. MX RRSIG NSEC
        example.org. 300 IN RRSIG NSEC 13 2 300 20800101000000 20200101000000 52738 . HnbGW+NqazVdMHKsPeC4+hEdGGH0VjJTRA4Gk8aSuLgKvh0ZToYZOGMQ DLngX9i/o9u2NwEcqPnGqQignzxDCQ==
        mail.test. 3600 IN MX 10 mx.mail.test.
        mail.test. 3600 IN RRSIG MX 13 2 3600 20800101000000 20200101000000 52738 . qS745n7cuqh3zOJ0g6z9zJkm7/ARo0lsEOyTuSr1Eu3IQ5W8ADZgAaTf zXZS6UexQyIes7iw0mvjFVHdIk4fZQ==
        mail.test. 300 IN NSEC mx.mail.test. MX RRSIG NSEC
        mail.test. 300 IN RRSIG NSEC 13 2 300 20800101000000 20200101000000 52738 . LIX3XrknkYx3tpBhEOuT6/37uTWd1dz8kAa9+cHL6dhsWrFoZ1Cwvmx9 cUf7SY4YjEYfJtm2FTGSeeQUBWtp1A==
        ns. 3600 IN A 192.0.2.1
        ns. 3600 IN RRSIG A 13 1 3600 20800101000000 20200101000000 52738 . nyU5ZOdyV9eZvlva+NOQe3eXKt0XYHWhqu1d8N9aAH2GdF7SXBGDb8oM QKq8Vesxp5Kr56An+oQcQZhRCRT0Ig==
        ns. 300 IN NSEC example.org. A RRSIG NSEC
        ns. 300 IN RRSIG NSEC 13 1 300 20800101000000 20200101000000 52738 . ktJHRu6xL4HcZXB01EaDCbJ6Bry/HeDtAtk3gWeFf9cqueBPMyAMFnYb 6P+tFbWhahRrR3HeoymlU/iZgYRUAw==
        mx.example.org. 3600 IN A 192.0.2.25
        mx.example.org. 3600 IN RRSIG A 13 3 3600 20800101000000 20200101000000 52738 . p6Aatot8HD5YF/ZOYo20ynS5kqRL6GpIlsK6/BJmmKqyDWuycSiYoU16 Z/3Vrr27V7ntev4yhIkBC4eLgeOUTg==
        mx.example.org. 300 IN NSEC mail.test. A RRSIG NSEC
        mx.example.org. 300 IN RRSIG NSEC 13 3 300 20800101000000 20200101000000 52738 . bFuJmTK05CWzm1Y1tl63Bxm+S27r4jWf+Z4JB6esEVNzs3PoTeOCmPsK ojOy5GhmGn66Gl4JSeIU2vus8iPsMA==
        mx.mail.test. 3600 IN A 192.0.2.25
        mx.mail.test. 3600 IN RRSIG A 13 3 3600 20800101000000 20200101000000 52738 . UX5uBN5eK+OoLMOYlGs5+0Hd3P9gUInkMMsBlFoeqON4XmVAiwPoj6y3 FzCCqddpUTh85EX5EqyJgtcldSSEDA==
        mx.mail.test. 300 IN NSEC . A RRSIG NSEC
        mx.mail.test. 300 IN RRSIG NSEC 13 3 300 20800101000000 20200101000000 52738 . YDiqRE9NU/YkeEvyuuvW9+B1LJI7QQWCnGvLnMXARlUb+lhGuk4A+hnP 42j+luAWtaRR6on5la4l8ZHLtoC99g==

        """
}
