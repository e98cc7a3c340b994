import DNS
import Foundation
import Lab
import Testing

/// How real mail servers behave, asked by `audit --behaviour` and `--recipient`.
@Suite(
    "Real servers, asked how they behave", .serialized,
    .enabled(
        if: getuid() == 0 && Tool.missing(of: RealWorld.needs).isEmpty,
        "needs root and \(RealWorld.needs.joined(separator: ", ")); Tests/run installs them"))
struct BehaviourTests {
    private static let host = "mx.behaviour.test"
    private static let addresses = "postmaster=root, abuse=root, ann=root"

    /// The report on `behaviour.test`, whose one mail host is a server on `port`.
    private func report(_ options: [String], ports: [(UInt16, UInt16)], _ folder: Folder) async throws -> ReportObject {
        let text = try await withLab { lab in
            let zone = try Zone("behaviour.test. MX 10 \(Self.host).\n\(Self.host). A 127.0.0.1")
            let names = try await lab.start(DNSAuthority(zone))
            return try await Program.run(
                ["audit", "behaviour.test", "--resolver", "127.0.0.1:\(names.port)", "--timeout", "60", "--json"]
                    + options + ports.flatMap { ["--connect-to", "\(Self.host):\($0.0):127.0.0.1:\($0.1)"] }
            ).output
        }
        return ReportObject(object: try object(text))
    }

    private func recipients(_ report: ReportObject) -> [String: String] {
        let rows = (report.object["evidence"] as? [String: Any])?["recipients"] as? [[String: Any]] ?? []
        return rows.reduce(into: [:]) { $0[$1["address"] as? String ?? ""] = $1["result"] as? String }
    }

    private static let asked = [
        "--ports", "smtp", "--behaviour", "--recipient", "ann@behaviour.test", "--recipient", "bob@behaviour.test",
    ]
    private static let decent: Set = [
        "smtp.open-relay", "smtp.postmaster", "smtp.abuse", "smtp.null-sender", "smtp.unknown-recipient",
        "smtp.domain-served", "smtp.expn", "smtp.injection", "smtp.greeting-name", "smtp.line-form",
        "smtp.starttls-again", "smtp.lost-extensions", "smtp.greylisting", "smtp.slow-replies",
    ]

    /// Ways of one Postfix, a port each.
    private enum Way: CaseIterable {
        case usual, bad, greylisting, troubled, blocking

        /// What differs from the others, in `master.cf`.
        var options: [String] {
            switch self {
            case .usual: []
            case .bad:
                [
                    "mynetworks=0.0.0.0/0", "local_recipient_maps=", "disable_vrfy_command=yes",
                    "{ smtpd_recipient_restrictions = "
                        + "check_recipient_access inline:{{postmaster@behaviour.test = 550 5.1.1 user unknown}} }",
                ]
            case .greylisting: Self.saying("451 4.7.1 Greylisted, try again in 5 minutes")
            case .troubled: Self.saying("451 4.3.5 Server configuration problem")
            case .blocking: Self.saying("554 5.7.1 Client host blocked using zen.example")
            }
        }

        private static func saying(_ reply: String) -> [String] {
            ["{ smtpd_client_restrictions = check_client_access static:{\(reply)} }"]
        }
    }

    @Test("Postfix as Debian sets it up, as nobody should, and where it puts us off: each is told apart")
    func postfix() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let ports = try Dictionary(uniqueKeysWithValues: Way.allCases.map { ($0, try Ports.free()) })
        let postfix = try Postfix(
            "postfix", in: folder, hostname: Self.host, certificate: certificates.good.both,
            listeners: Way.allCases.compactMap { way in ports[way].map { .init(port: $0, options: way.options) } },
            settings: [
                "mydestination = behaviour.test", "mynetworks = 192.0.2.0/24",
                "alias_maps = inline:{ \(Self.addresses) }", "local_recipient_maps = $alias_maps",
            ])
        try await postfix.start()
        do {
            for way in Way.allCases {
                let report = try await report(Self.asked, ports: [(25, ports[way] ?? 0)], folder)
                check(way, report, postfix)
            }
        } catch {
            await postfix.stop()
            throw error
        }
        await postfix.stop()
    }

    private func check(_ way: Way, _ report: ReportObject, _ postfix: Postfix) {
        let told = recipients(report)
        switch way {
        case .usual:
            #expect(report.passed.isSuperset(of: Self.decent), "\(Self.decent.subtracting(report.passed))")
            #expect(report.found.isSuperset(of: ["smtp.vrfy", "recipient.exists"]))
            #expect(told == ["ann@behaviour.test": "accepted", "bob@behaviour.test": "refused"])
            // Each is logged twice: it comes and goes.
            let connections = postfix.log.components(separatedBy: "connect from").count - 1
            #expect(connections <= 8, "\(connections)")
            #expect(!postfix.log.contains(" data="))
            #expect(!postfix.log.contains("too many errors"))
        case .bad:
            let found: Set = ["smtp.open-relay", "smtp.unknown-recipient", "smtp.postmaster"]
            #expect(report.found.isSuperset(of: found), "\(found.subtracting(report.found))")
            #expect(report.passed.isSuperset(of: ["smtp.vrfy", "smtp.abuse", "smtp.domain-served"]))
            #expect(told == ["ann@behaviour.test": "accepts_all", "bob@behaviour.test": "accepts_all"])
            #expect(report.unknown["recipient.exists"] == ["not_stated"])
        case .greylisting, .troubled, .blocking:
            for check in ["smtp.open-relay", "smtp.postmaster", "smtp.abuse", "smtp.unknown-recipient"] {
                #expect(report.unknown[check] != nil, "\(way): \(check)")
                #expect(!report.found.contains(check), "\(way): \(check)")
            }
            let result = way == .greylisting ? "greylisted" : way == .troubled ? "deferred" : "refuses_us"
            #expect(told["ann@behaviour.test"] == result, "\(way): \(told)")
            #expect(report.found.contains("smtp.greylisting") == (way == .greylisting))
        }
    }

    @Test(
        "Exim: no relay by any form, and one that relays is found out",
        .enabled(if: Exim.program != nil && Tool("unshare") != nil, "needs Exim; Tests/run unpacks it"))
    func exim() async throws {
        let cautious = """
              require message = relay not permitted
                   domains = +local_domains
              require verify = recipient
              accept
            """
        for (rcpt, isRelay) in [(cautious, false), ("  accept", true)] {
            let folder = try Folder()
            defer { folder.remove() }
            let certificates = try await Certificates(in: folder)
            try await Tool("chmod")?.run(["-R", "a+rX", folder.path])
            let exim = try Exim(
                in: folder, hostname: Self.host, certificate: certificates.good.certificate, key: certificates.good.key,
                rcpt: rcpt)
            try await exim.start()
            let report: ReportObject
            do {
                report = try await self.report(Self.asked, ports: [(25, exim.port)], folder)
            } catch {
                await exim.stop()
                throw error
            }
            await exim.stop()
            if isRelay {
                #expect(report.found.isSuperset(of: ["smtp.open-relay", "smtp.unknown-recipient"]))
            } else {
                #expect(report.passed.isSuperset(of: Self.decent), "\(Self.decent.subtracting(report.passed))")
                #expect(report.passed.contains("smtp.vrfy"))
                #expect(recipients(report) == ["ann@behaviour.test": "accepted", "bob@behaviour.test": "refused"])
            }
        }
    }

    @Test("Dovecot forgets what was said before TLS, and greets without secrets")
    func dovecot() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let dovecot = try await Dovecot(
            "dovecot", in: folder, on: "127.0.0.1", certificate: certificates.good.certificate,
            key: certificates.good.key, users: [:])
        try await dovecot.start()
        let report: ReportObject
        do {
            report = try await self.report(
                ["--ports", "imap,pop3"], ports: [(143, dovecot.imap), (110, dovecot.pop3)], folder)
        } catch {
            await dovecot.stop()
            throw error
        }
        await dovecot.stop()
        let checks: Set = [
            "imap.injection", "pop3.injection", "imap.starttls-again", "pop3.starttls-again", "imap.preauth",
            "imap.banner-version", "pop3.banner-version", "pop3.apop",
        ]
        #expect(report.passed.isSuperset(of: checks), "\(checks.subtracting(report.passed)) \(report.unknown)")
    }
}
