import DNS
import Judgement
import Mail

/// Reports and round trips made of values, for snapshots.
enum Sample {
    static let at = Timestamp(year: 2026, month: 11, day: 22, hour: 12)

    static func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

    /// A report on a zone and ports, by rules of our own, so that no page of a check changes it.
    static func report(
        on domain: String, zone: String, ports: [PortObservation] = [], selectors: [String],
        rules: [Rule]
    ) async throws -> Report {
        let zone = try Zone(zone)
        let target = Target(name: domain, domain: name(domain), dkimSelectors: selectors)
        let (_, knowledge) = await inWaves(of: zone) { dns in
            DomainEvidence.gather(name(domain), selectors: selectors, asking: &dns)
        }
        let lookups = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        return judge(lookups + ports.map { .port($0) }, of: target, at: at, durationSeconds: 1.4237, by: rules)
    }

    static let healthyZone = """
        $ORIGIN example.org.
        $TTL 3600
        @ SOA ns hostmaster 1 3600 600 86400 60
        @ NS ns
        @ MX 10 mx1
        @ MX 20 mx2
        mx1 A 192.0.2.1
        mx1 AAAA 2001:db8::1
        mx2 A 192.0.2.2
        @ TXT "v=spf1 mx -all"
        _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
        _mta-sts TXT "v=STSv1; id=20261122"
        _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
        s1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        1.2.0.192.in-addr.arpa. PTR mx1
        2.2.0.192.in-addr.arpa. PTR mx2
        1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mx1
        """

    /// Much is missing here or out of order.
    static let sickZone = """
        $ORIGIN example.org.
        $TTL 3600
        @ SOA ns hostmaster 1 3600 600 86400 60
        @ NS ns
        @ MX 10 mx1
        @ MX 20 mx2
        @ MX 30 alias
        @ MX 40 gone
        mx1 A 192.0.2.1
        mx1 AAAA 2001:db8::1
        mx2 A 192.0.2.2
        alias CNAME mx1
        @ TXT "v=spf1 a a:x1.example.org a:x2.example.org include:gone.example.org ?all"
        s1._domainkey TXT "v=DKIM1; p=AAAA"
        s2._domainkey TXT "v=DKIM1; p="
        _dmarc TXT "v=DMARC1; p=none"
        _dmarc TXT "v=DMARC1; p=reject"
        _mta-sts TXT "v=STSv1;"
        2.2.0.192.in-addr.arpa. PTR pool-2.example.net.
        pool-2.example.net. A 192.0.2.77
        """

    static func port(
        _ service: Service, _ host: String, _ address: String, state: PortObservation.State = .open,
        _ change: (inout PortObservation) -> Void = { _ in }
    ) -> PortObservation {
        let endpoint = Endpoint(
            host: name(host), address: IPAddress(address) ?? .v4(IPv4Address(0)), port: service.port)
        var port = PortObservation(endpoint: endpoint, service: service, at: at, state: state)
        change(&port)
        return port
    }

    static func tls(_ mode: TLSFacts.Mode, _ host: String, days: Double = 89.5, trusted: Bool = true) -> TLSFacts {
        TLSFacts(
            mode: mode, version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", keyExchange: "x25519",
            chain: [
                CertificateFacts(
                    subject: "CN=\(host)", issuer: "CN=Example CA", serial: "01", names: [host],
                    notBefore: at + -86_400,
                    notAfter: at + days * 86_400, keyAlgorithm: "ECDSA", keyBits: 256,
                    signatureAlgorithm: "ecdsa-with-SHA256", fingerprint: String(repeating: "ab", count: 32))
            ],
            trusted: trusted, trustProblem: trusted ? nil : "the certificate is self-signed", nameMatches: true)
    }

    /// Seven ports of two hosts and three addresses, in all states.
    static var ports: [PortObservation] {
        let first = Service.allCases.map { service in
            port(service, "mx1.example.org", "192.0.2.1") {
                $0.tls = tls(service.hasImplicitTLS ? .implicit : .starttls, "mx1.example.org")
                $0.greeting = ["ready"]
                $0.capabilitiesAfterTLS = ["PIPELINING", "SIZE 1000"]
                $0.phases = [
                    Phase(.connect, seconds: 0.0123), Phase(.tls, seconds: 0.034), Phase(.total, seconds: 0.1),
                ]
                $0.transcript = ["S: 220 ready", "C: QUIT"]
            }
        }
        let others: [PortObservation] = [
            port(.smtp, "mx1.example.org", "2001:db8::1", state: .unreachable) {
                $0.failure = Failure(.unreachable, during: .connect, "Network is unreachable")
            },
            port(.smtp, "mx2.example.org", "192.0.2.2") { $0.greeting = ["\u{1B}[2Jhostile"] },
            port(.submission, "mx2.example.org", "192.0.2.2", state: .refused),
            port(.imap, "mx2.example.org", "192.0.2.2", state: .timeout),
            port(.imaps, "mx2.example.org", "192.0.2.2") { $0.tls = tls(.implicit, "mx2", days: -3.5) },
            port(.pop3s, "mx2.example.org", "192.0.2.2") { $0.tls = tls(.implicit, "mx2", trusted: false) },
        ]
        return first + others
    }

    /// Findings of every severity, an unknown, a pass and one that does not apply; with hostile text.
    static var rules: [Rule] {
        let domain = name("example.org"), host = name("mx2.example.org")
        let endpoints = ports.suffix(5).map(\.endpoint)
        let hostile = "\u{1B}]0;x\u{7}\u{202E}evil | <b>`*</b>\n\"' \u{200B}"
        return [
            Rule("sample.critical") { _ in
                endpoints.map { Ruling(.endpoint($0), finds("\(host) lets people log in in clear.", .critical)) }
            },
            Rule("sample.error") { _ in
                [
                    Ruling(
                        .domain(domain),
                        .finds(
                            Found(
                                "The record holds \(hostile).",
                                detail: [.init("text", .string(hostile)), .init("n", 11)],
                                severity: .error, remedy: "Remove it:\n\n```\n@ TXT \"v=spf1 -all\"\n```\n\nMore.")))
                ]
            },
            Rule("sample.warning") { _ in [Ruling(.host(host), finds("mx2 is slow.", .warning))] },
            Rule("sample.notice") { _ in
                [Ruling(.address(.v4(IPv4Address(192, 0, 2, 2)), of: host), finds("Its name differs.", .notice))]
            },
            Rule("sample.unknown") { _ in
                [
                    Ruling(.endpoint(endpoints[2]), .cannotTell(Failure(.connectTimeout, during: .connect, hostile))),
                    Ruling(.domain(domain), .cannotTell(Failure(.dnsServfail, "example.org MX: SERVFAIL"))),
                ]
            },
        ] + healthyRules
    }

    static var healthyRules: [Rule] {
        let domain = name("example.org")
        return [
            Rule("sample.passed") { _ in [Ruling(.domain(domain), .passes)] },
            Rule("sample.inapplicable") { _ in [Ruling(.domain(domain), .doesNotApply("there is no mail"))] },
        ]
    }

    private static func finds(_ summary: String, _ severity: Severity) -> Verdict {
        .finds(Found(summary, severity: severity, remedy: "Do **something** about it, with `care`."))
    }

    /// A message over four hops, one of them slow and one with a clock that is ahead.
    static func roundTrip(_ outcome: RoundTripObservation.Outcome = .delivered) -> RoundTripObservation {
        var trip = RoundTripObservation(name: "office-to-cloud", id: "3f2a", outcome: outcome, submittedAt: at)
        trip.submissionSeconds = 0.31
        trip.deliverySeconds = 18.2
        trip.folder = "INBOX"
        trip.phases = [Phase(.connect, seconds: 0.01), Phase(.data, seconds: 0.2), Phase(.fetch, seconds: 18)]
        trip.transcript = ["C: AUTH PLAIN ***", "S: 250 \u{1B}[31mok"]
        let lines = [
            "Return-Path: <probe@example.org>",
            "Authentication-Results: mx.example.net;",
            " spf=pass smtp.mailfrom=probe@example.org;",
            " dkim=fail (body \u{1B}[7mhash) header.d=example.org header.s=s1; dmarc=pass header.from=example.org",
            "Received: from mx.example.net by store.example.net with LMTP id 4; Sun, 22 Nov 2026 12:00:18 +0000",
            "Received: from relay.example.org (relay.example.org [192.0.2.3]) by mx.example.net with ESMTPS",
            " (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384) id 3; Sun, 22 Nov 2026 12:00:17 +0000",
            "Received: from mail.example.org (mail.example.org [192.0.2.2]) by relay.example.org with ESMTPS id 2;",
            " Sun, 22 Nov 2026 12:01:20 +0000",
            "Received: from [192.0.2.99] (client\u{202E}.example.org [192.0.2.99]) by mail.example.org with ESMTPSA id 1;",
            " Sun, 22 Nov 2026 12:00:01 +0000",
            "From: Probe <probe@example.org>", "To: probe@example.net", "Subject: mailsonde 3f2a",
            "Date: Sun, 22 Nov 2026 12:00:00 +0000", "Message-ID: <3f2a@example.org>", "", "",
        ]
        trip.header = Array(lines.joined(separator: "\r\n").utf8)
        return trip
    }
}
