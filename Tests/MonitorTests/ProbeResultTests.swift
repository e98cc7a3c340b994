import DNS
import Judgement
import Mail
import Monitor
import Testing

@Suite struct `A probe's result` {
    private let ports = portPlan("mx", services: [.smtp])
    private let strict = ProbePlan(
        name: "strict", work: .ports(host: name("mail.example.org"), services: [.imap], requireTLS: true),
        intervalSeconds: 60, timeoutSeconds: 10)

    @Test(
        arguments: [
            (nil, .pass, nil), (.connectRefused, .fail, "connect_refused"), (.connectTimeout, .fail, "connect_timeout"),
            (.greeting4xx, .fail, "greeting_4xx"), (.egressBlocked, .unknown, "egress_blocked"),
            (.cancelled, .unknown, "cancelled"), (.offline, .unknown, "offline"),
        ] as [(Failure.Cause?, ProbeResult.Verdict, String?)])
    func `of ports fails with the port, unless nobody can tell`(
        _ cause: Failure.Cause?, _ verdict: ProbeResult.Verdict, _ reason: String?
    ) {
        let seen = result(ports, Observed([.port(openPort(failure: cause.map { Failure($0) }))]))
        #expect(seen.verdict == verdict)
        #expect(seen.reason == reason)
    }

    @Test func `fails for certain before it is unknown`() {
        let seen = result(
            ports,
            Observed([
                .port(openPort(failure: Failure(.egressBlocked))), .port(openPort(failure: Failure(.connectRefused))),
            ]))
        #expect(seen.verdict == .fail)
        #expect(seen.reason == "connect_refused")
    }

    @Test(
        arguments: [
            (nil, .fail, "starttls_missing"), (tls(), .pass, nil), (tls(trusted: false), .fail, "cert_untrusted"),
            (tls(nameMatches: false), .fail, "cert_name"), (tls(notAfter: 999), .fail, "cert_expired"),
            (tls(trusted: nil), .pass, nil),
        ] as [(TLSFacts?, ProbeResult.Verdict, String?)])
    func `that requires TLS is about TLS and the certificate`(
        _ facts: TLSFacts?, _ verdict: ProbeResult.Verdict, _ reason: String?
    ) {
        let seen = result(strict, Observed([.port(openPort(.imap, tls: facts))]))
        #expect(seen.verdict == verdict)
        #expect(seen.reason == reason)
    }

    @Test(arguments: [
        (Outcome.failure(Unanswered(.timedOut)), ProbeResult.Verdict.unknown, "dns_timeout"),
        (.failure(Unanswered(.servfail)), .unknown, "dns_servfail"),
        (.success(Answer(.noSuchName)), .fail, "nxdomain"),
    ])
    func `of a host without addresses says what the DNS said`(
        _ outcome: Outcome, _ verdict: ProbeResult.Verdict, _ reason: String
    ) {
        let seen = result(
            ports, Observed([.lookup(LookupObservation(Question(name("mail.example.org"), .a), outcome))]))
        #expect(seen.verdict == verdict)
        #expect(seen.reason == reason)
    }
}
