import Foundation

/// A mail world of real servers on loopback: Knot DNS, Postfix, Dovecot, OpenDKIM.
///
/// `good.test` is as it should be; `bad.test` has the defects listed in ``planted``. Mail for good.test is
/// submitted to one Postfix (SASL by Dovecot, signed by OpenDKIM), goes on to a second one (verified by
/// OpenDKIM) that holds it until it is let go, and ends in Dovecot by LMTP.
final class RealWorld {
    static let needs = [
        "openssl", "knotd", "postfix", "postsuper", "dovecot", "opendkim", "opendkim-genkey",
    ]

    let folder: Folder
    let knot: Knot
    let submissionHost, goodMX, badMX: Postfix
    let goodStore, badStore: Dovecot
    let signer, verifier: OpenDKIM
    let authority: String
    private let connectTo: [String]
    private let goodPort25: UInt16
    /// The port that stands for 25 of mx.good.test, to be replaced in a test of what is dropped.
    var port25: UInt16 { goodPort25 }
    static let user = "probe@good.test"
    static let password = "correct-horse-battery"

    init() async throws {
        folder = try Folder()
        let certificates = try await Certificates(in: folder)
        authority = certificates.authority
        let users = [Self.user: Self.password]

        goodStore = try await Dovecot(
            "dovecot-good", in: folder, on: "127.0.0.2", certificate: certificates.good.certificate,
            key: certificates.good.key, users: users)
        badStore = try await Dovecot(
            "dovecot-bad", in: folder, on: "127.0.0.3", certificate: certificates.expired.certificate,
            key: certificates.expired.key, plaintextLogin: true, users: users)
        signer = try await OpenDKIM(
            "signer", in: folder, authserv: "mx.good.test", job: .signs(domain: "good.test", selector: "s1"))
        verifier = try await OpenDKIM(
            "verifier", in: folder, authserv: "mx.good.test", job: .verifies(keys: signer.keyLine))

        goodPort25 = try Ports.free()
        goodMX = try Postfix(
            "postfix-mx", in: folder, hostname: "mx.good.test", certificate: certificates.good.both,
            listeners: [.init(port: goodPort25, address: "127.0.0.2")],
            settings: [
                "virtual_mailbox_domains = good.test",
                "virtual_transport = lmtp:inet:127.0.0.1:\(goodStore.lmtp)",
                "smtpd_recipient_restrictions = check_recipient_access static:HOLD, permit_mynetworks, reject",
                "smtpd_milters = inet:127.0.0.1:\(verifier.port)",
                "smtpd_client_connection_count_limit = 3",
                "smtpd_client_event_limit_exceptions =",
            ])
        let (submission, submissions) = (try Ports.free(), try Ports.free())
        let authenticated = [
            "smtpd_sasl_auth_enable=yes", "smtpd_client_restrictions=permit_sasl_authenticated,reject",
        ]
        submissionHost = try Postfix(
            "postfix-submission", in: folder, hostname: "mail.good.test", certificate: certificates.good.both,
            listeners: [
                .init(
                    port: submission, address: "127.0.0.2",
                    options: authenticated + ["smtpd_tls_security_level=encrypt"]),
                .init(port: submissions, address: "127.0.0.2", options: authenticated + ["smtpd_tls_wrappermode=yes"]),
            ],
            settings: [
                "relayhost = [127.0.0.2]:\(goodPort25)",
                "smtpd_tls_auth_only = yes",
                "smtpd_sasl_type = dovecot",
                "smtpd_sasl_path = inet:127.0.0.1:\(goodStore.sasl)",
                "smtpd_milters = inet:127.0.0.1:\(signer.port)",
            ])
        let (badPort25, badSubmission) = (try Ports.free(), try Ports.free())
        badMX = try Postfix(
            "postfix-bad", in: folder, hostname: "localhost.localdomain", certificate: nil,
            listeners: [
                .init(port: badPort25, address: "127.0.0.3"), .init(port: badSubmission, address: "127.0.0.3"),
            ],
            settings: [
                "smtpd_sasl_auth_enable = yes", "smtpd_tls_auth_only = no", "smtpd_sasl_type = dovecot",
                "smtpd_sasl_path = inet:127.0.0.1:\(badStore.sasl)", "relay_domains = bad.test",
            ])
        knot = try Knot(in: folder, zones: Self.zones(dkimKey: signer.publicKey))
        connectTo = [
            ("mx.good.test", 25, "127.0.0.2", goodPort25), ("mx.good.test", 587, "127.0.0.2", submission),
            ("mx.good.test", 465, "127.0.0.2", submissions), ("mx.good.test", 143, "127.0.0.2", goodStore.imap),
            ("mx.good.test", 993, "127.0.0.2", goodStore.imaps), ("mx.good.test", 110, "127.0.0.2", goodStore.pop3),
            ("mx.good.test", 995, "127.0.0.2", goodStore.pop3s),
            ("mx.bad.test", 25, "127.0.0.3", badPort25), ("mx.bad.test", 587, "127.0.0.3", badSubmission),
            ("mx.bad.test", 465, "127.0.0.3", try Ports.free()), ("mx.bad.test", 143, "127.0.0.3", badStore.imap),
            ("mx.bad.test", 993, "127.0.0.3", badStore.imaps), ("mx.bad.test", 110, "127.0.0.3", badStore.pop3),
            ("mx.bad.test", 995, "127.0.0.3", badStore.pop3s),
        ].map { "\($0.0):\($0.1):\($0.2):\($0.3)" }
    }

    /// The options that lead a command into this world.
    var options: [String] { options() }

    /// The same with other destinations (`["mx.good.test:25": "127.0.0.2:4711"]`) or another resolver's port.
    func options(replacing other: [String: String] = [:], resolver: UInt16? = nil) -> [String] {
        let first = other.map { "\($0.key):\($0.value)" }
        return ["--resolver", "127.0.0.1:\(resolver ?? knot.port)", "--ca-file", authority]
            + (first + connectTo).flatMap { ["--connect-to", $0] }
    }

    /// A monitor's configuration for this world.
    func configuration(listen: UInt16, roundTripInterval: String, roundTripDeadline: String) throws -> String {
        try folder.write("password", Self.password + "\n")
        let overrides = connectTo.map { "  - \"\($0)\"\n" }.joined()
        return try folder.write(
            "mailsonde.yaml",
            """
            resolver: {servers: ["127.0.0.1:\(knot.port)"], timeout: 3s}
            listen: 127.0.0.1:\(listen)
            history: {path: history.sqlite, keep: 30d}
            ca_file: \(authority)
            connect_to:
            \(overrides)defaults: {interval: 10s, timeout: 8s}
            domains:
              - {domain: good.test, dkim_selectors: [s1]}
              - {domain: bad.test, dkim_selectors: [s1, gone]}
            ports:
              - {host: mx.good.test, services: [smtp, submission, submissions, imap, imaps, pop3, pop3s]}
              - {host: mx.bad.test, services: [smtp, submission, imap, imaps]}
            roundtrips:
              - name: through-two-postfixes
                interval: \(roundTripInterval)
                deadline: \(roundTripDeadline)
                from: {address: \(Self.user), server: mx.good.test, port: 587, user: \(Self.user), password_file: \(folder.path("password"))}
                to: {address: \(Self.user), protocol: imap, server: mx.good.test, port: 993, user: \(Self.user), password_env: MAILSONDE_TEST_PASSWORD}

            """)
    }

    /// The origins that Knot serves.
    static let origins = ["good.test", "bad.test", "127.in-addr.arpa"]

    private static func zones(dkimKey: String) -> [String: String] {
        let head =
            "$TTL 300\n@ SOA ns.good.test. hostmaster.good.test. 1 3600 600 86400 60\n@ NS ns.good.test.\n@ NS ns2.good.test.\n"
        let tooMany = (1...11).map { "include:i\($0).bad.test" }.joined(separator: " ")
        return [
            "good.test": head + """
                ns A 127.0.0.1
                ns2 A 127.0.0.4
                @ MX 10 mx
                mx A 127.0.0.2
                mx TXT "v=spf1 a -all"
                @ TXT "v=spf1 mx -all"
                _dmarc TXT "v=DMARC1; p=reject; rua=mailto:reports@good.test"
                s1._domainkey TXT \(dkimKey)
                _mta-sts TXT "v=STSv1; id=20261122T000000"
                _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@good.test"

                """,
            "bad.test": head + """
                @ MX 10 mx
                @ MX 20 alias
                @ MX 30 gone
                mx A 127.0.0.3
                alias CNAME mx
                @ TXT "v=spf1 \(tooMany) ptr +all"
                \((1...11).map { "i\($0) TXT \"v=spf1 ip4:192.0.2.\($0) -all\"" }.joined(separator: "\n"))
                _dmarc TXT "v=DMARC1; p=none; pct=50"
                s1._domainkey TXT "v=DKIM1; k=rsa; t=y; p="

                """,
            "127.in-addr.arpa": head + "2.0.0 PTR mx.good.test.\n",
        ]
    }

    func start() async throws {
        try await knot.start()
        try await goodStore.start()
        try await badStore.start()
        try await signer.start()
        try await verifier.start()
        try await submissionHost.start()
        try await goodMX.start()
        try await badMX.start()
    }

    func stop() async {
        for postfix in [submissionHost, goodMX, badMX] { await postfix.stop() }
        for dovecot in [goodStore, badStore] { await dovecot.stop() }
        for milter in [signer, verifier] { await milter.stop() }
        await knot.stop()
        folder.remove()
    }
}
