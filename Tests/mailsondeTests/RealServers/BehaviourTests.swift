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
        try await withLab { lab in
            let zone = try Zone("behaviour.test. MX 10 \(Self.host).\n\(Self.host). A 127.0.0.1")
            let names = try await lab.start(DNSAuthority(zone))
            let object = try await Program.object(
                ["audit", "behaviour.test", "--resolver", "127.0.0.1:\(names.port)", "--timeout", "60"] + options
                    + ports.flatMap { ["--connect-to", "\(Self.host):\($0.0):127.0.0.1:\($0.1)"] }
            ).object
            return ReportObject(object: object)
        }
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

    private func withPostfix(_ settings: [String], _ body: (Postfix, UInt16, Folder) async throws -> Void) async throws
    {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let port = try Ports.free()
        let postfix = try Postfix(
            "postfix", in: folder, hostname: Self.host, certificate: certificates.good.both,
            listeners: [.init(port: port)],
            settings: [
                "mydestination = behaviour.test", "mynetworks = 192.0.2.0/24",
                "alias_maps = inline:{ \(Self.addresses) }", "local_recipient_maps = $alias_maps",
            ] + settings)
        try await postfix.start()
        do {
            try await body(postfix, port, folder)
        } catch {
            await postfix.stop()
            throw error
        }
        await postfix.stop()
    }

    @Test("Postfix as Debian sets it up: no relay, VRFY tells, one address there and one not; no message was begun")
    func postfix() async throws {
        try await withPostfix([]) { postfix, port, folder in
            let report = try await report(Self.asked, ports: [(25, port)], folder)
            #expect(report.passed.isSuperset(of: Self.decent), "\(Self.decent.subtracting(report.passed))")
            #expect(report.found.isSuperset(of: ["smtp.vrfy", "recipient.exists"]))
            #expect(recipients(report) == ["ann@behaviour.test": "accepted", "bob@behaviour.test": "refused"])
            let connections = postfix.log.components(separatedBy: "connect from").count - 1
            // Each is logged twice: it comes and goes.
            #expect(connections <= 8, "\(connections)")
            #expect(!postfix.log.contains(" data="))
            #expect(!postfix.log.contains("too many errors"))
        }
    }

    @Test("A Postfix that relays for all, takes every address and has no postmaster is found out")
    func badPostfix() async throws {
        try await withPostfix([
            "mynetworks = 0.0.0.0/0",
            "smtpd_recipient_restrictions = check_recipient_access inline:{ {postmaster@behaviour.test=550 5.1.1 user unknown} }",
            "local_recipient_maps =", "disable_vrfy_command = yes",
        ]) { _, port, folder in
            let report = try await report(Self.asked, ports: [(25, port)], folder)
            #expect(report.found.isSuperset(of: ["smtp.open-relay", "smtp.unknown-recipient", "smtp.postmaster"]))
            #expect(report.passed.isSuperset(of: ["smtp.vrfy", "smtp.abuse", "smtp.domain-served"]))
            #expect(recipients(report) == ["ann@behaviour.test": "accepts_all", "bob@behaviour.test": "accepts_all"])
            #expect(report.unknown["recipient.exists"] == ["not_stated"])
        }
    }

    @Test(
        "A Postfix that greylists, that has trouble with its tables, or that wants nothing of our address tells nothing"
    )
    func silentPostfix() async throws {
        for (reply, result, finds) in [
            ("451 4.7.1 Greylisted, see http://postgrey.example", "greylisted", true),
            ("451 4.3.5 Server configuration problem", "deferred", false),
            ("554 5.7.1 Client host blocked using zen.example", "refuses_us", false),
        ] {
            try await withPostfix([
                "smtpd_client_restrictions = check_client_access static:{\(reply)}", "smtpd_delay_reject = yes",
            ]) { _, port, folder in
                let report = try await report(Self.asked, ports: [(25, port)], folder)
                for check in ["smtp.open-relay", "smtp.postmaster", "smtp.abuse", "smtp.unknown-recipient"] {
                    #expect(report.unknown[check] != nil, "\(reply): \(check)")
                    #expect(!report.found.contains(check), "\(reply): \(check)")
                }
                #expect(recipients(report)["ann@behaviour.test"] == result)
                #expect(report.found.contains("smtp.greylisting") == finds)
            }
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
