import DNS
import Judgement
import Mail
import Testing

/// What other tools got wrong, each a case that must stay right.
@Suite struct TrapsTests {
    static let complete = """
        example.org. MX 10 mx.example.org.
        mx.example.org. A 192.0.2.25
        """

    /// Checks that a silent or broken name server must not turn into findings.
    static let dnsChecks = [
        "domain.exists", "mx.exists", "mx.implicit", "mx.target-unresolvable", "ptr.exists", "ptr.forward-confirmed",
        "spf.exists", "spf.multiple", "spf.unknown-mechanism", "spf.lookup-limit", "dkim.selector-missing",
        "dmarc.exists",
        "dmarc.policy-none", "dmarc.no-rua", "mta-sts.exists", "tls-rpt.exists",
    ]

    @Test(arguments: [
        Unanswered.Reason.timedOut, .servfail, .refused, .malformed, .closedEarly, .unreachable, .offline, .aliasLoop,
    ])
    func `Where the DNS does not answer there are no findings at all`(reason: Unanswered.Reason) async throws {
        struct Silent: Resolver {
            let reason: Unanswered.Reason
            func answer(_ question: Question) async throws(Unanswered) -> Answer { throw Unanswered(reason) }
        }
        let name = try DomainName("example.org")
        let (_, knowledge) = await inWaves(of: Silent(reason: reason)) { dns in
            DomainEvidence.gather(name, selectors: ["s1"], asking: &dns)
        }
        let lookups = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        let report = judge(lookups, of: Target(name: "x", domain: name, dkimSelectors: ["s1"]), at: noon)
        #expect(report.findings.isEmpty)
        #expect(report.overall == .unknown)
        for check in Self.dnsChecks { #expect(report.fate(of: check) == "unknown", "\(check)") }
        #expect(report.unknown.allSatisfy { $0.failure.phase == .dns })
    }

    @Test func `Nothing recorded means nothing judged`() throws {
        let report = judge([], of: Target(name: "x", domain: try DomainName("example.org")), at: noon)
        #expect(report.findings.isEmpty && report.unknown.isEmpty && report.passed.isEmpty)
        #expect(report.notApplicable.count == Rule.all.count { $0.scope == .servers })
    }

    @Test func `A domain that does not exist is one finding, not twenty`() async throws {
        let report = try await report(zone: "example.net. A 192.0.2.1", selectors: ["s1"])
        #expect(report.findings.map(\.check.identifier) == ["domain.exists"])
        #expect(report.overall == .critical)
    }

    @Test func `A domain with a null MX and the right records is in order`() async throws {
        let report = try await report(
            zone: """
                example.org. MX 0 .
                example.org. TXT "v=spf1 -all"
                _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"
                example.org._report._dmarc.example.net. TXT "v=DMARC1"
                example.net. MX 10 mx.example.net.
                example.org. NS ns1.example.org.
                example.org. NS ns2.example.org.
                """)
        #expect(report.findings.isEmpty, "\(report.findings.map(\.summary))")
        #expect(report.overall == .pass)
        for check in ["mx.exists", "mta-sts.exists", "tls-rpt.exists", "ptr.exists", "mx.single-host"] {
            #expect(report.fate(of: check) == "n/a", "\(check)")
        }
    }

    @Test func `A healthy domain has no finding above notice`() async throws {
        let good = try port { port in
            port.offersSTARTTLS = true
            port.capabilitiesBeforeTLS = ["SIZE 1000", "PIPELINING", "8BITMIME", "STARTTLS"]
            port.capabilitiesAfterTLS = ["SIZE 1000", "PIPELINING", "8BITMIME"]
            port.authBeforeTLS = []
            port.authAfterTLS = []
            port.ehloName = "mx.example.org"
            port.tls = tls(names: ["mx.example.org"])
        }
        let closed = try Service.allCases.filter(\.isForUsers).map { try closedPort($0) }
        let report = try await report(
            zone: """
                example.org. MX 10 mx.example.org.
                mx.example.org. A 9.9.9.25
                25.9.9.9.in-addr.arpa. PTR mx.example.org.
                example.org. TXT "v=spf1 mx -all"
                _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"
                _mta-sts.example.org. TXT "v=STSv1; id=1"
                _smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:t@example.org"
                """, ports: [good] + closed)
        #expect(report.findings.allSatisfy { $0.severity <= .notice }, "\(report.findings.map(\.summary))")
        #expect(report.unknown.isEmpty, "\(report.unknown.map(\.failure.detail))")
    }

    /// A port of the same host that refuses.
    private func closedPort(_ service: Service) throws -> PortObservation {
        try port(service, "9.9.9.25", state: service == .imap ? .timeout : .refused)
    }

    @Test func `421 says nothing about TLS, passwords or extensions`() throws {
        let busy = try port { port in
            port.greetingCode = 421
            port.failure = Failure(.greeting4xx, during: .greeting, "421 too many connections")
        }
        let report = judge([.port(busy)], of: Target(name: "x"), at: noon)
        #expect(report.findings.isEmpty)
        for check in [
            "smtp.greeting", "smtp.starttls", "smtp.starttls-works", "smtp.plaintext-auth", "smtp.auth-on-25",
        ] {
            #expect(report.fate(of: check) == "unknown", "\(check)")
        }
        #expect(report.unknown.allSatisfy { $0.failure.cause == .greeting4xx })
    }

    @Test func `A refused port of one address is an error where another answers, critical where none does`() throws {
        let refused = try port(state: .refused)
        let open = try port(host: "mx2.example.org", "192.0.2.26")
        #expect(
            judge([.port(refused)], of: Target(name: "x"), at: noon).finding("smtp.reachable")?.severity == .critical)
        #expect(
            judge([.port(refused), .port(open)], of: Target(name: "x"), at: noon).finding("smtp.reachable")?.severity
                == .error)
    }

    @Test func `Port 25 dropped everywhere while other ports answer is our own network's doing`() throws {
        let dropped = try port(state: .timeout), imaps = try port(.imaps)
        let report = judge([.port(dropped), .port(imaps)], of: Target(name: "x"), at: noon)
        #expect(report.unknown.first { $0.check.identifier == "smtp.reachable" }?.failure.cause == .egressBlocked)
        let alone = judge([.port(dropped)], of: Target(name: "x"), at: noon)
        #expect(alone.unknown.first { $0.check.identifier == "smtp.reachable" }?.failure.cause == .connectTimeout)
    }

    @Test func `A certificate that seven ports show is one finding`() throws {
        let ports = try Service.allCases.map { service in
            try port(service) { port in
                port.tls = tls(names: ["mx.example.org"], notAfter: noon + -86_400 * 3)
            }
        }
        let report = judge(ports.map(Observation.port), of: Target(name: "x"), at: noon)
        let expired = report.findings.filter { $0.check.identifier == "tls.expired" }
        // Once for port 25, once for people's ports, where it is worse.
        #expect(expired.map(\.severity) == [.critical, .error])
        #expect(expired[0].summary.contains("ports 110, 143, 465, 587, 993 and 995"))
        #expect(expired[0].summary.contains("3 days ago"))
    }

    @Test func `An issuer's expired certificate counts only where no other way leads to a root`() throws {
        func found(trusted: Bool, until: Timestamp? = nil, issuerEnds: Timestamp) throws -> [String] {
            let port = try port(.imaps) { port in
                var facts = tls(names: ["mx.example.org"], notAfter: noon + 86_400 * 60)
                var issuer = facts.chain[0]
                issuer.subject = "CN=An issuer"
                issuer.notAfter = issuerEnds
                facts.chain.append(issuer)
                (facts.trusted, facts.trustedUntil) = (trusted, until)
                port.tls = facts
            }
            let report = judge([.port(port)], of: Target(name: "x"), at: noon)
            return report.findings.map(\.check.identifier).filter { $0.hasPrefix("tls.expire") }
        }
        #expect(try found(trusted: true, issuerEnds: noon + -86_400) == [])
        #expect(try found(trusted: false, issuerEnds: noon + -86_400) == ["tls.expired"])
        #expect(try found(trusted: true, until: noon + -5, issuerEnds: noon + -5) == ["tls.expired"])
        #expect(try found(trusted: true, until: noon + 86_400, issuerEnds: noon + 86_400) == ["tls.expires-soon"])
        #expect(try found(trusted: true, until: noon + 86_400 * 50, issuerEnds: noon + 86_400 * 50) == [])
    }

    @Test func `A missing PTR is an error for an address that SPF names, otherwise a warning`() async throws {
        func severity(_ spf: String) async throws -> Severity? {
            try await report(zone: Self.complete + "\nexample.org. TXT \"\(spf)\"").finding("ptr.exists")?.severity
        }
        #expect(try await severity("v=spf1 mx -all") == .error)
        #expect(try await severity("v=spf1 ip4:192.0.2.0/27 -all") == .error)
        #expect(try await severity("v=spf1 ip4:192.0.2.64/27 -all") == .warning)
        #expect(try await severity("v=spf1 -mx ip4:198.51.100.1 -all") == .warning)
    }

    @Test func `The same observations in another order give the same findings`() async throws {
        let name = try DomainName("example.org")
        let (_, knowledge) = await inWaves(of: try Zone(Self.complete)) { dns in
            DomainEvidence.gather(name, selectors: [], asking: &dns)
        }
        let lookups = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        let target = Target(name: "x", domain: name)
        let one = judge(lookups, of: target, at: noon), two = judge(lookups.reversed(), of: target, at: noon)
        #expect(one.findings == two.findings)
        #expect(one.passed == two.passed)
    }

    @Test func `Hostile text in records stays bounded in findings`() async throws {
        let long = String(repeating: "x", count: 200)
        let strings = Array(repeating: "\"\(long)\"", count: 20).joined(separator: " ")
        let report = try await report(
            zone: """
                \(Self.complete)
                example.org. TXT "v=spf1 " \(strings)
                _dmarc.example.org. TXT "v=DMARC1; p=" \(strings)
                s1._domainkey.example.org. TXT "v=DKIM1; p=" \(strings)
                _mta-sts.example.org. TXT "v=STSv1; id=" \(strings)
                """, selectors: ["s1"])
        #expect(report.fate(of: "spf.unknown-mechanism") == "fires")
        for finding in report.findings {
            #expect(finding.summary.utf8.count < 1_000, "\(finding.check.identifier)")
            #expect("\(finding.detail)".utf8.count < 8_000, "\(finding.check.identifier)")
        }
    }

    private func tls(
        names: [String], notBefore: Timestamp = noon + -86_400 * 30, notAfter: Timestamp = noon + 86_400 * 60
    ) -> TLSFacts {
        TLSFacts(
            mode: .starttls, version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256",
            chain: [
                CertificateFacts(
                    subject: "CN=mx.example.org", issuer: "CN=Authority", serial: "01", names: names,
                    notBefore: notBefore, notAfter: notAfter, keyAlgorithm: "ECDSA", keyBits: 256,
                    signatureAlgorithm: "ecdsa-with-SHA256", fingerprint: "aa")
            ], trusted: true, nameMatches: true)
    }
}
