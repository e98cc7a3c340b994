import DNS
import Judgement
import Mail
import Testing

@Suite("What an audit's own machine could not see")
struct MachineEvidenceTests {
    private func judged(_ ports: [PortObservation]) -> Report {
        judge(ports.map(Observation.port), of: Target(name: "x"), at: noon)
    }

    private func limits(_ report: Report) -> [String] { report.evidence.machine.limits.map(\.key) }

    // MARK: Port 25

    private func refused(_ address: String, host: String = "mx.example.org", after seconds: Double? = nil) throws
        -> PortObservation
    {
        try port(host: host, address, state: .refused) { port in
            if let seconds { port.phases = [Phase(.connect, seconds: seconds)] }
        }
    }

    private func imaps(_ address: String, host: String = "mx.example.org", after seconds: Double = 0.04) throws
        -> PortObservation
    {
        try port(.imaps, host: host, address) { $0.phases = [Phase(.connect, seconds: seconds)] }
    }

    @Test("port 25 that is silent everywhere while other ports answer is closed on our side: nothing is found")
    func silent() throws {
        let report = judged([
            try port(.smtp, "9.9.9.25", state: .timeout),
            try port(host: "mx2.example.org", "8.8.8.25", state: .timeout),
            try imaps("9.9.9.25"),
        ])
        #expect(limits(report) == ["port25"])
        #expect(report.findings.isEmpty)
        for entry in report.unknown where entry.check.identifier.hasPrefix("smtp.") {
            let cause: Failure.Cause = entry.check.identifier == "smtp.reachable" ? .egressBlocked : .connectTimeout
            #expect(entry.failure.cause == cause)
        }
        // One that answers shows that the way is open.
        let open = judged([
            try port(.smtp, "9.9.9.25", state: .timeout), try port(host: "mx2.example.org", "8.8.8.25"),
            try imaps("9.9.9.25"),
        ])
        #expect(limits(open).isEmpty)
        #expect(open.unknown.contains { $0.failure.cause == .connectTimeout })
    }

    @Test("hosts of several networks are not silent together while a web server answers; one host may be")
    func silentProvider() throws {
        var policy = PolicyObservation(
            domain: try DomainName("example.org"), host: try DomainName("mta-sts.example.org"), at: noon)
        policy.status = 200
        let one = try port(.smtp, "9.9.9.25", state: .timeout)
        let other = try port(host: "mx2.example.org", "8.8.8.25", state: .timeout)
        let near = try port(host: "mx2.example.org", "9.9.8.25", state: .timeout)
        func keys(_ ports: PortObservation...) -> [String] {
            limits(judge(ports.map(Observation.port) + [.policy(policy)], of: Target(name: "x"), at: noon))
        }
        #expect(keys(one, other) == ["port25"])
        #expect(keys(one, near).isEmpty)
        #expect(keys(one).isEmpty)
    }

    @Test("a refusal is the host's own, unless all hosts refuse alike or it comes from nearby")
    func refusals() throws {
        // A defect of the host, near or far.
        for ports in [
            [try refused("9.9.9.25"), try imaps("9.9.9.25")],
            [try refused("9.9.9.25", after: 0.039), try imaps("9.9.9.25")],
            [try refused("127.0.0.2", after: 0.0001), try imaps("127.0.0.2", after: 0.02)],
            [try refused("9.9.9.25"), try refused("8.8.8.25", host: "mx2.example.org"), try imaps("9.9.9.25")],
            [try refused("9.9.9.25"), try port(host: "mx2.example.org", "8.8.8.25"), try imaps("9.9.9.25")],
        ] {
            let report = judged(ports)
            #expect(limits(report).isEmpty && report.fate(of: "smtp.reachable") == "fires", "\(ports)")
        }
        // Somebody on the way refuses.
        for ports in [
            [try refused("9.9.9.25", after: 0.001), try imaps("9.9.9.25")],
            [
                try refused("9.9.9.25"), try refused("8.8.8.25", host: "mx2.example.org"), try imaps("9.9.9.25"),
                try imaps("8.8.8.25", host: "mx2.example.org"),
            ],
        ] {
            let report = judged(ports)
            #expect(limits(report) == ["port25"] && report.fate(of: "smtp.reachable") == "unknown", "\(ports)")
            #expect(report.findings.isEmpty)
        }
    }

    // MARK: IPv6

    @Test("without a way to IPv6 its ports are unknown, and nothing is found; the host is told of over IPv4 as ever")
    func ipv6() throws {
        let far = try port(.smtp, "2620:fe::25", state: .unreachable)
        let near = try port(.smtp, "9.9.9.25")
        let report = judged([near, far])
        #expect(limits(report) == ["ipv6"])
        #expect(report.findings == judged([near]).findings)
        #expect(report.unknown.allSatisfy { $0.failure.cause != .unreachable }, "\(report.unknown)")
        #expect(report.fate(of: "smtp.reachable") == "passed")
        // No other address of the host was looked at: alone, another host's, another port's, or closed to us as well.
        for other in [
            [], [try port(.smtp, host: "mx2.example.org", "9.9.9.26")], [try port(.imaps, "9.9.9.25")],
            [try port(.smtp, "9.9.9.25", state: .unreachable)],
        ] {
            let report = judged([far] + other)
            #expect(limits(report).contains("ipv6"))
            #expect(report.findings.allSatisfy { !"\($0.subject)".contains("2620:fe") })
            #expect(report.unknown.contains { $0.failure.cause == .unreachable && "\($0.subject)".contains("2620:fe") })
        }
        #expect(limits(judged([try port(.smtp, "9.9.9.25", state: .unreachable)])).isEmpty)
        #expect(limits(judged([far, try port(.imaps, "2620:fe::25")])).isEmpty)
    }

    // MARK: The clock

    private func greeting(_ host: String, _ address: String, _ text: String) throws -> PortObservation {
        try port(host: host, address) { $0.greeting = ["\(host) ESMTP \(text)"] }
    }

    @Test("peers that agree on another time than ours cast doubt on the clock; one alone does not")
    func clock() throws {
        let late = "Sendmail 8.18; Sun, 22 Nov 2026 18:00:05 +0100"
        let one = try greeting("mx1.example.org", "9.9.9.25", late)
        let agreeing = try greeting("mx2.example.org", "8.8.8.25", "Exim 4.98; Sun, 22 Nov 2026 17:00:00 +0000")
        let right = try greeting("mx2.example.org", "8.8.8.25", "Exim 4.98; Sun, 22 Nov 2026 12:00:01 +0000")
        #expect(limits(judged([one, agreeing])) == ["clock"])
        #expect(judged([one, agreeing]).evidence.machine.limits.first?.summary.contains("5 hours behind") == true)
        #expect(limits(judged([one])).isEmpty)
        #expect(limits(judged([one, right])).isEmpty)
        #expect(limits(judged([right])).isEmpty)
    }

    @Test("certificates of several hosts that all begin later make dates unknown; one such certificate is a finding")
    func future() throws {
        func secured(_ host: String, _ address: String, _ fingerprint: String, from: Timestamp) throws
            -> PortObservation
        {
            try port(host: host, address) { port in
                port.tls = TLSFacts(
                    mode: .starttls, version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256",
                    chain: [
                        CertificateFacts(
                            subject: "CN=\(host)", issuer: "CN=Authority", serial: fingerprint, names: [host],
                            notBefore: from, notAfter: from + 86_400 * 90, keyAlgorithm: "ECDSA", keyBits: 256,
                            signatureAlgorithm: "ecdsa-with-SHA256", fingerprint: fingerprint)
                    ], trusted: true, nameMatches: true)
            }
        }
        let first = try secured("mx1.example.org", "9.9.9.25", "aa", from: noon + 86_400 * 30)
        let second = try secured("mx2.example.org", "8.8.8.25", "bb", from: noon + 86_400 * 40)
        let wrong = judged([first, second])
        #expect(limits(wrong) == ["clock"] && wrong.fate(of: "tls.expired") == "unknown")
        #expect(judged([first]).fate(of: "tls.expired") == "fires")
        let usual = try secured("mx2.example.org", "8.8.8.25", "bb", from: noon + -86_400)
        #expect(judged([first, usual]).fate(of: "tls.expired") == "fires")
        let shared = try secured("mx2.example.org", "8.8.8.25", "aa", from: noon + 86_400 * 30)
        #expect(judged([first, shared]).fate(of: "tls.expired") == "fires")
    }

    // MARK: The resolver

    @Test("what a resolver would say of any name is not believed: hosts at such addresses are unknown, never wrong")
    func invented() async throws {
        let zone = try Zone(
            """
            example.org. MX 10 mx.example.org.
            example.org. MX 20 gone.example.org.
            example.org. NS ns1.example.org.
            example.org. TXT "v=spf1 mx -all"
            mx.example.org. A 9.9.9.25
            gone.example.org. A 192.0.2.99
            *.invalid. A 192.0.2.99
            """)
        let name = try DomainName("example.org")
        let (_, known) = await inWaves(of: zone) { dns in
            for question in MachineEvidence.inventedQuestions { _ = dns.outcome(question) }
            return DomainEvidence.gather(name, selectors: [], asking: &dns)
        }
        let lookups = known.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        let closed = try port(host: "gone.example.org", "192.0.2.99", state: .refused)
        let report = judge(lookups + [.port(closed)], of: Target(name: "x", domain: name), at: noon)
        #expect(limits(report) == ["resolver_truthful"])
        #expect(report.fate(of: "mx.target-unresolvable") == "unknown")
        #expect(
            !report.findings.contains {
                "\($0.subject)".contains("192.0.2.99") || $0.check.identifier.hasPrefix("smtp.")
            })
        #expect(report.evidence.ports.isEmpty)
        #expect(
            report.evidence.domain?.hosts.first?.addresses.map(\.address) == [IPAddress("9.9.9.25")].compactMap(\.self))
    }
}
