import DNS
import Judgement
import Mail
import Monitor
import Probes
import Rendering
import Testing

@Suite struct `The ledger` {
    private func ledger(_ plans: [ProbePlan]) async -> Ledger {
        let ledger = Ledger(version: "1.2.3", revision: "abc")
        await ledger.configure(plans)
        await ledger.configurationRead(successfully: true, at: Timestamp(900))
        return ledger
    }

    private func text(_ ledger: Ledger, at now: Double = 2_000) async -> String {
        String(decoding: Exposition.text.render(await ledger.families(at: Timestamp(now))), as: UTF8.self)
    }

    private func lines(_ text: String) -> Set<String> { Set(text.split(separator: "\n").map(String.init)) }

    private func seriesNames(_ text: String) -> Set<String> {
        Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0.prefix { $0 != " " }) })
    }

    private let trip = ProbePlan(
        name: "office",
        work: .roundTrip(
            .init(
                name: "office",
                from: .init(
                    address: Self.address("a@example.org"), server: name("mail.example.org"), port: 587,
                    service: .submission, user: "u", password: .init("hunter2")),
                to: .init(
                    address: Self.address("b@example.net"), server: name("imap.example.net"), port: 993,
                    service: .imaps,
                    user: "u", password: .init("hunter2")))),
        intervalSeconds: 600, timeoutSeconds: 300)

    fileprivate static func address(_ text: String) -> EmailAddress {
        guard let address = try? EmailAddress(text) else { preconditionFailure(text) }
        return address
    }

    @Test func `has every series of every probe before the first run`() async {
        let shown = lines(
            await text(await ledger([portPlan("mx", services: [.smtp, .imaps]), auditPlan("org"), trip])))
        for expected in [
            #"mailsonde_build_info{version="1.2.3",revision="abc"} 1"#,
            "mailsonde_config_last_reload_successful 1",
            "mailsonde_config_last_reload_success_timestamp_seconds 900",
            "mailsonde_probes_running 0",
            #"mailsonde_probe_info{probe="mx",kind="port",target="mail.example.org"} 1"#,
            #"mailsonde_probe_info{probe="org",kind="audit",target="example.org"} 1"#,
            #"mailsonde_probe_info{probe="office",kind="roundtrip",target="example.net"} 1"#,
            #"mailsonde_probe_success{probe="mx"} 0"#,
            #"mailsonde_probe_result{probe="mx",result="pass"} 0"#,
            #"mailsonde_probe_result{probe="mx",result="fail"} 0"#,
            #"mailsonde_probe_result{probe="mx",result="unknown"} 0"#,
            #"mailsonde_probe_runs_total{probe="mx",result="unknown"} 0"#,
            #"mailsonde_probe_failures_total{probe="mx",reason="connect_refused"} 0"#,
            #"mailsonde_probe_failures_total{probe="office",reason="not_received"} 0"#,
            #"mailsonde_probe_duration_seconds_bucket{probe="mx",phase="banner",le="0.005"} 0"#,
            #"mailsonde_probe_duration_seconds_count{probe="office",phase="auth"} 0"#,
            #"mailsonde_probe_last_run_timestamp_seconds{probe="mx"} 0"#,
            #"mailsonde_probe_last_success_timestamp_seconds{probe="mx"} 0"#,
            #"mailsonde_probe_schedule_lag_seconds{probe="mx"} 0"#,
            #"mailsonde_probes_skipped_total{probe="mx",reason="still_running"} 0"#,
            #"mailsonde_audit_findings{probe="org",domain="example.org",severity="critical"} 0"#,
            #"mailsonde_mx_hosts{probe="org",domain="example.org",ip_family="ipv6"} 0"#,
            #"mailsonde_spf_dns_lookups{probe="org",domain="example.org"} 0"#,
            #"mailsonde_spf_void_lookups{probe="org",domain="example.org"} 0"#,
            #"mailsonde_dkim_key_present{probe="org",domain="example.org",selector="s1",algorithm="unknown"} 0"#,
            #"mailsonde_dmarc_policy_info{probe="org",domain="example.org",policy="unknown",subdomain_policy="unknown",source="unknown"} 1"#,
            #"mailsonde_tls_cert_not_after_timestamp_seconds{probe="mx",mx="mail.example.org",port="993",protocol="imaps"} 0"#,
            #"mailsonde_tls_cert_lifetime_remaining_ratio{probe="mx",mx="mail.example.org",port="25",protocol="smtp"} NaN"#,
            #"mailsonde_dns_queries_total{rrtype="MX",rcode="servfail"} 0"#,
            #"mailsonde_roundtrip_messages_lost_total{probe="office"} 0"#,
            #"mailsonde_roundtrip_in_flight{probe="office"} 0"#,
            #"mailsonde_roundtrip_delivery_duration_seconds_bucket{probe="office",le="14400"} 0"#,
            #"mailsonde_roundtrip_placement_total{probe="office",folder="junk"} 0"#,
            #"mailsonde_roundtrip_auth_results_total{probe="office",method="dkim",result="pass"} 0"#,
            #"mailsonde_hop_delay_seconds_count{probe="office",hop="relay"} 0"#,
            #"mailsonde_hop_plaintext_total{probe="office",hop="delivery"} 0"#,
        ] {
            #expect(shown.contains(expected), "\(expected)")
        }
        // Every check of the catalogue, in every state it can have.
        for check in Rule.all.filter({ $0.scope == .servers }).map(\.check.identifier) {
            for status in ["pass", "fail", "unknown", "not_applicable"] {
                let series =
                    #"mailsonde_audit_check_status{probe="org",domain="example.org",check="\#(check)",status="\#(status)"} 0"#
                #expect(shown.contains(series))
            }
        }
    }

    @Test func `gets no new series from a run that ends as foreseen`() async {
        let plans = [portPlan("mx"), auditPlan("org"), trip]
        let ledger = await ledger(plans)
        let before = seriesNames(await text(ledger))
        await ledger.began("mx", lag: 0.5, running: 1, at: Timestamp(1_000))
        await ledger.record(result(plans[0], Observed([.port(openPort())])))
        await ledger.record(
            result(plans[0], Observed([.port(openPort(failure: Failure(.connectRefused, during: .connect)))])))
        await ledger.record(result(plans[0], Observed([.port(openPort(failure: Failure(.greetingTimeout)))])))
        var seen = RoundTripObservation(name: "office", id: "1", outcome: .lost, submittedAt: Timestamp(1_000))
        seen.submissionSeconds = 0.5
        await ledger.record(result(trip, Observed([.roundTrip(seen)])))
        for reason in ["dns_timeout", "overload", "internal", "cancelled", "timeout"] {
            let cause = Failure.Cause(rawValue: reason) ?? .internal
            await ledger.record(result(plans[1], Observed([], failure: Failure(cause))))
        }
        let after = seriesNames(await text(ledger))
        #expect(after.subtracting(before) == [])
        #expect(before.subtracting(after) == [])
    }

    @Test func `counts runs, reasons and states`() async {
        let plan = portPlan("mx")
        let ledger = await ledger([plan])
        await ledger.began("mx", lag: 1.5, running: 3, at: Timestamp(1_000))
        await ledger.record(result(plan, Observed([.port(openPort())]), at: 1_000, seconds: 0.5))
        await ledger.record(
            result(plan, Observed([.port(openPort(failure: Failure(.connectRefused)))]), at: 1_100, seconds: 0.1))
        await ledger.record(result(plan, Observed([], failure: Failure(.dnsServfail)), at: 1_200, seconds: 0.1))
        await ledger.skipped("mx", .stillRunning)
        await ledger.historyWriteFailed()
        let shown = lines(await text(ledger))
        for expected in [
            #"mailsonde_probe_success{probe="mx"} 0"#,
            #"mailsonde_probe_result{probe="mx",result="unknown"} 1"#,
            #"mailsonde_probe_result{probe="mx",result="pass"} 0"#,
            #"mailsonde_probe_runs_total{probe="mx",result="pass"} 1"#,
            #"mailsonde_probe_runs_total{probe="mx",result="fail"} 1"#,
            #"mailsonde_probe_runs_total{probe="mx",result="unknown"} 1"#,
            #"mailsonde_probe_failures_total{probe="mx",reason="connect_refused"} 1"#,
            #"mailsonde_probe_failures_total{probe="mx",reason="dns_servfail"} 1"#,
            #"mailsonde_probe_last_run_timestamp_seconds{probe="mx"} 1200.1"#,
            #"mailsonde_probe_last_success_timestamp_seconds{probe="mx"} 1000.5"#,
            #"mailsonde_probe_schedule_lag_seconds{probe="mx"} 1.5"#,
            #"mailsonde_probe_duration_seconds_count{probe="mx",phase="total"} 3"#,
            #"mailsonde_probe_duration_seconds_bucket{probe="mx",phase="connect",le="0.025"} 2"#,
            #"mailsonde_probes_skipped_total{probe="mx",reason="still_running"} 1"#,
            "mailsonde_probes_running 3", "mailsonde_history_write_failures_total 1",
        ] {
            #expect(shown.contains(expected), "\(expected)")
        }
    }

    @Test func `tells the worst certificate of a host's addresses, and what is left of it at the time of the scrape`()
        async
    {
        let plan = portPlan("mx")
        let ledger = await ledger([plan])
        await ledger.record(
            result(
                plan,
                Observed([
                    .port(openPort(tls: tls(notAfter: 8_000))),
                    .port(openPort(address: "192.0.2.2", tls: tls(notAfter: 4_000, version: "TLSv1.2"))),
                ])))
        let labels = #"{probe="mx",mx="mail.example.org",port="25",protocol="smtp""#
        var shown = lines(await text(ledger, at: 2_000))
        #expect(shown.contains("mailsonde_tls_cert_not_after_timestamp_seconds\(labels)} 4000"))
        #expect(shown.contains("mailsonde_tls_cert_lifetime_remaining_ratio\(labels)} 0.5"))
        #expect(shown.contains("mailsonde_tls_cert_valid\(labels)} 1"))
        #expect(shown.contains(#"mailsonde_tls_version_info\#(labels),version="TLSv1.2"} 1"#))
        shown = lines(await text(ledger, at: 5_000))
        #expect(shown.contains("mailsonde_tls_cert_lifetime_remaining_ratio\(labels)} -0.25"))
        // A run that saw no certificate leaves what was known; one that saw a bad one tells.
        await ledger.record(result(plan, Observed([.port(openPort(failure: Failure(.connectRefused)))])))
        #expect(lines(await text(ledger)).contains("mailsonde_tls_cert_not_after_timestamp_seconds\(labels)} 4000"))
        await ledger.record(result(plan, Observed([.port(openPort(tls: tls(trusted: false)))])))
        shown = lines(await text(ledger))
        #expect(shown.contains("mailsonde_tls_cert_valid\(labels)} 0"))
        #expect(!shown.contains(#"mailsonde_tls_version_info\#(labels),version="TLSv1.2"} 1"#))
    }

    /// A zone as the look-ups of an audit found it.
    private func observations(spf: String, dmarc: String?, dkim: String? = nil) async -> [Observation] {
        let zone = """
            $ORIGIN example.org.
            $TTL 300
            @ SOA ns hostmaster 1 2 3 4 5
            @ NS ns
            ns A 192.0.2.53
            @ MX 10 mx
            mx A 192.0.2.1
            mx A 192.0.2.2
            mx AAAA 2001:db8::1
            @ TXT "\(spf)"
            \(dmarc.map { "_dmarc TXT \"\($0)\"" } ?? "")
            \(dkim.map { "s1._domainkey TXT \"\($0)\"" } ?? "")
            """
        guard let zone = try? Zone(zone) else { return [] }
        let (_, knowledge) = await inWaves(of: zone) { dns in
            DomainEvidence.gather(name("example.org"), selectors: ["s1"], asking: &dns)
        }
        return knowledge.outcomes.map { .lookup(LookupObservation($0.key, $0.value)) }
    }

    @Test func `tells what the DNS says of a domain, and notices changes`() async {
        let plan = auditPlan("org")
        let ledger = await ledger([plan])
        await ledger.record(
            result(plan, Observed(await observations(spf: "v=spf1 mx a -all", dmarc: "v=DMARC1; p=reject"))))
        let labels = #"{probe="org",domain="example.org""#
        var shown = lines(await text(ledger))
        for expected in [
            #"mailsonde_mx_hosts\#(labels),ip_family="ipv4"} 1"#, #"mailsonde_mx_hosts\#(labels),ip_family="ipv6"} 1"#,
            #"mailsonde_mx_addresses\#(labels),ip_family="ipv4"} 2"#,
            "mailsonde_spf_dns_lookups\(labels)} 2",
            #"mailsonde_dkim_key_present\#(labels),selector="s1",algorithm="none"} 0"#,
            #"mailsonde_dmarc_policy_info\#(labels),policy="reject",subdomain_policy="reject",source="own"} 1"#,
            #"mailsonde_audit_changes_total\#(labels),record="spf"} 0"#,
        ] {
            #expect(shown.contains(expected), "\(expected)")
        }
        #expect(!shown.contains { $0.hasPrefix("mailsonde_dmarc_policy_info") && $0.contains("unknown") })
        await ledger.record(
            result(plan, Observed(await observations(spf: "v=spf1 mx ~all", dmarc: nil))))
        shown = lines(await text(ledger))
        for expected in [
            "mailsonde_spf_dns_lookups\(labels)} 1",
            #"mailsonde_dmarc_policy_info\#(labels),policy="absent",subdomain_policy="absent",source="absent"} 1"#,
            #"mailsonde_audit_changes_total\#(labels),record="spf"} 1"#,
            #"mailsonde_audit_changes_total\#(labels),record="dmarc"} 1"#,
            #"mailsonde_audit_changes_total\#(labels),record="mx"} 0"#,
        ] {
            #expect(shown.contains(expected), "\(expected)")
        }
        // When nobody answers, what was known stays, and nothing has changed.
        await ledger.record(
            result(
                plan,
                Observed([
                    .lookup(
                        LookupObservation(Question(name("example.org"), .txt), .failure(Unanswered(.timedOut)))),
                    .lookup(
                        LookupObservation(Question(name("example.org"), .mx), .failure(Unanswered(.servfail)))),
                ])))
        shown = lines(await text(ledger))
        #expect(shown.contains("mailsonde_spf_dns_lookups\(labels)} 1"))
        #expect(shown.contains(#"mailsonde_mx_addresses\#(labels),ip_family="ipv4"} 2"#))
        #expect(shown.contains(#"mailsonde_audit_changes_total\#(labels),record="mx"} 0"#))
        #expect(shown.contains(#"mailsonde_dns_queries_total{rrtype="TXT",rcode="timeout"} 1"#))
        #expect(shown.contains(#"mailsonde_dns_queries_total{rrtype="MX",rcode="servfail"} 1"#))
    }

    @Test func `follows a message`() async {
        let ledger = await ledger([trip])
        await ledger.began("office", lag: 0, running: 1, at: Timestamp(1_000))
        var shown = lines(await text(ledger, at: 1_012))
        #expect(shown.contains(#"mailsonde_roundtrip_in_flight{probe="office"} 1"#))
        #expect(shown.contains(#"mailsonde_roundtrip_oldest_in_flight_seconds{probe="office"} 12"#))
        var seen = RoundTripObservation(
            name: "office", id: "1", outcome: .delivered, submittedAt: Timestamp(1_795_348_800))
        seen.submissionSeconds = 0.4
        seen.deliverySeconds = 7
        seen.folder = "INBOX"
        seen.header = Array(
            """
            Received: from mx.example.org (mx.example.org [192.0.2.1])\r
            \tby mx.example.net (Postfix) with ESMTP id 2 for <b@example.net>;\r
            \tSun, 22 Nov 2026 12:00:06 +0000 (UTC)\r
            Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.org;\r
            \tdkim=fail header.d=example.org; dmarc=pass header.from=example.org\r
            Received: from client (client.example.org [198.51.100.1])\r
            \tby mx.example.org (Postfix) with ESMTPSA id 1 for <b@example.net>;\r
            \tSun, 22 Nov 2026 12:00:00 +0000 (UTC)\r
            Subject: test\r
            \r

            """.utf8)
        await ledger.record(result(trip, Observed([.roundTrip(seen)])))
        shown = lines(await text(ledger))
        for expected in [
            #"mailsonde_roundtrip_in_flight{probe="office"} 0"#,
            #"mailsonde_roundtrip_messages_sent_total{probe="office"} 1"#,
            #"mailsonde_roundtrip_messages_received_total{probe="office"} 1"#,
            #"mailsonde_roundtrip_messages_lost_total{probe="office"} 0"#,
            #"mailsonde_roundtrip_delivery_duration_seconds_bucket{probe="office",le="5"} 0"#,
            #"mailsonde_roundtrip_delivery_duration_seconds_bucket{probe="office",le="10"} 1"#,
            #"mailsonde_roundtrip_placement_total{probe="office",folder="inbox"} 1"#,
            #"mailsonde_roundtrip_auth_results_total{probe="office",method="spf",result="pass"} 1"#,
            #"mailsonde_roundtrip_auth_results_total{probe="office",method="dkim",result="fail"} 1"#,
            #"mailsonde_roundtrip_hops{probe="office"} 2"#,
        ] {
            #expect(shown.contains(expected), "\(expected)")
        }
        let plain = shown.filter { $0.hasPrefix("mailsonde_hop_plaintext_total") && $0.hasSuffix(" 1") }
        #expect(plain.count == 1)
    }

    @Test func `loses the series of a probe that has left, and keeps the numbers of those that stay`() async {
        let ledger = await ledger([portPlan("stays"), portPlan("goes"), portPlan("turns")])
        await ledger.record(result(portPlan("stays"), Observed([.port(openPort())])))
        await ledger.record(result(portPlan("goes"), Observed([.port(openPort())])))
        await ledger.record(result(portPlan("turns"), Observed([.port(openPort())])))
        await ledger.configure([portPlan("stays", interval: 30), auditPlan("turns")])
        let shown = await text(ledger)
        #expect(!shown.contains(#""goes""#))
        #expect(lines(shown).contains(#"mailsonde_probe_runs_total{probe="stays",result="pass"} 1"#))
        #expect(lines(shown).contains(#"mailsonde_probe_interval_seconds{probe="stays"} 30"#))
        #expect(lines(shown).contains(#"mailsonde_probe_runs_total{probe="turns",result="pass"} 0"#))
        // A run that was under way when its probe left leaves no trace.
        await ledger.record(result(portPlan("goes"), Observed([.port(openPort())])))
        #expect(!(await text(ledger)).contains(#""goes""#))
    }

    @Test func `has no address, no text of others and no secret in a label, and one set of labels a family`() async {
        let plans = [portPlan("mx"), auditPlan("org"), trip]
        let ledger = await ledger(plans)
        var port = openPort(tls: tls(), failure: Failure(.greeting5xx, "554 go away 203.0.113.9"))
        port.greeting = ["554 go away"]
        await ledger.record(result(plans[0], Observed([.port(port)])))
        await ledger.record(
            result(
                plans[1], Observed(await observations(spf: "v=spf1 ip4:203.0.113.9 -all", dmarc: "v=DMARC1; p=none"))))
        let shown = await text(ledger)
        for hidden in ["192.0.2", "203.0.113", "go away", "v=spf1", "v=DMARC1", "hunter2", "Subject"] {
            #expect(!shown.contains(hidden), "\(hidden)")
        }
        for family in await ledger.families(at: Timestamp(2_000)) {
            let labelSets = Set(
                family.series.map { series in
                    // Label names are what stands before `="`.
                    series.labels.text.split(separator: "\",").map { $0.prefix { $0 != "=" } }
                })
            #expect(labelSets.count <= 1, "\(family.name)")
        }
    }

    @Test(.enabled(if: promtoolIsThere, "promtool is not installed"))
    func `has names, types and units that promtool has nothing to say about`() async throws {
        let ledger = await ledger([portPlan("mx"), auditPlan("org"), trip])
        let octets = Exposition.text.render(await ledger.families(at: Timestamp(2_000)))
        let (status, output) = try #require(try await promtool(["check", "metrics"], input: octets))
        #expect(status == 0, "\(output)")
        #expect(output.isEmpty, "\(output)")
    }
}
