import DNS
import Judgement
import Mail
import Testing

@testable import Monitor
@testable import Rendering

struct PortMetricsTests {
    private static let at = Timestamp(1_795_348_800)

    private func port(
        _ service: Service = .smtp, address: String = "192.0.2.1", until: Double = 86_400 * 30, trusted: Bool? = true
    ) throws -> PortObservation {
        var port = PortObservation(
            endpoint: Endpoint(
                host: name("MX.example.org"), address: try #require(IPAddress(address)), port: service.port),
            service: service, at: Self.at, state: .open)
        port.greeting = ["mx.example.org ESMTP"]
        port.greetingCode = 220
        port.offersSTARTTLS = true
        let leaf = CertificateFacts(
            subject: "CN=mx", issuer: "CN=root", serial: "1", names: ["mx.example.org"],
            notBefore: Self.at + -86_400 * 10, notAfter: Self.at + until, keyAlgorithm: "ECDSA", keyBits: 256,
            signatureAlgorithm: "ecdsa-with-SHA256", signatureHash: "SHA-256", fingerprint: "\(until)")
        port.tls = TLSFacts(
            mode: .starttls, version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", keyExchange: "x25519", chain: [leaf],
            trusted: trusted, trustProblem: nil, nameMatches: true)
        return port
    }

    private func result(_ ports: [PortObservation], requireTLS: Bool = true) -> ProbeResult {
        var plan = ProbePlan(
            name: "mx \"1\"", work: .ports(host: name("MX.example.org"), services: [.smtp], requireTLS: requireTLS),
            intervalSeconds: 0, timeoutSeconds: 10)
        plan.isOnRequest = true
        return ProbeResult(plan, Observed(ports.map { .port($0) }), startedAt: Self.at, durationSeconds: 1.5)
    }

    private func lines(_ result: ProbeResult) -> Set<String> {
        let text = String(decoding: Exposition.text.render(PortMetrics.families(of: result)), as: UTF8.self)
        return Set(text.split(separator: "\n").map(String.init))
    }

    @Test func `a probe's metrics are those that the ledger would have, of states the one that holds`() async throws {
        for ports in [
            [try port()], [try port(), try port(address: "192.0.2.2", until: 86_400 * 5, trusted: false)], [],
        ] {
            let result = result(ports)
            let ledger = Ledger(version: "", revision: "")
            await ledger.configure([result.plan])
            await ledger.record(result)
            let expected = Exposition.text.render(
                await ledger.families(at: result.startedAt + result.durationSeconds).filter {
                    $0.kind == .gauge && !$0.series.isEmpty
                })
            let known = Set(String(decoding: expected, as: UTF8.self).split(separator: "\n").map(String.init))
            let ours = lines(result)
            #expect(ours.filter { !$0.hasPrefix("#") }.subtracting(known).isEmpty, "\(ours.subtracting(known))")
            let schedule = ["build_info", "probes_running", "interval", "lag", "config_"]
            let left = known.subtracting(ours).filter { line in
                !line.hasPrefix("#") && !schedule.contains { line.contains($0) }
            }
            #expect(left.allSatisfy { $0.contains("check_status") && $0.hasSuffix("} 0") }, "\(left)")
        }
    }

    @Test func `the worst certificate of a host's addresses is told, and names are escaped`() throws {
        let both = lines(result([try port(), try port(address: "192.0.2.2", until: 86_400 * 5, trusted: false)]))
        let labels = #"{probe="mx \"1\"",mx="mx.example.org",port="25",protocol="smtp"}"#
        #expect(both.contains("mailsonde_tls_cert_not_after_timestamp_seconds\(labels) 1795780800"))
        #expect(both.contains("mailsonde_tls_cert_valid\(labels) 0"))
        #expect(lines(result([try port()])).contains("mailsonde_tls_cert_valid\(labels) 1"))
    }

    @Test(arguments: [true, false])
    func `a module that does not ask for TLS does not fail where there is none`(_ requireTLS: Bool) throws {
        var plain = try port()
        plain.tls = nil
        plain.offersSTARTTLS = false
        plain.capabilitiesBeforeTLS = ["SIZE 1000"]
        plain.ehloName = "mx.example.org"
        let result = result([plain], requireTLS: requireTLS)
        // What was not recorded here cannot be told, which is not a failure.
        #expect((result.verdict == .fail) == requireTLS, "\(result.reason ?? "none")")
        #expect(result.report.findings.contains { $0.check.identifier == "smtp.starttls" })
    }
}
