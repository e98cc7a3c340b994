import DNS
import Foundation
@testable import Lab
import Networking
import Testing

/// Clients that others wrote, against the world: whoever speaks to real servers must be able to speak to these.
@Suite("Real clients understand the lab") struct RealClientTests {
    /// Runs a program without a shell, for two minutes at most: what it wrote, and its status.
    private static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String = ""
    ) async throws -> (output: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Into a file: reading a pipe would block a thread that the lab's servers need.
        let written = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(UUID().uuidString).out")
        defer { try? FileManager.default.removeItem(at: written) }
        _ = FileManager.default.createFile(atPath: written.path, contents: nil)
        let output = try FileHandle(forWritingTo: written)
        let entry = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = entry
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        entry.fileHandleForWriting.write(Data(input.utf8))
        try entry.fileHandleForWriting.close()
        let killer = Task {
            try await Task.sleep(for: .seconds(120))
            process.terminate()
        }
        for await _ in ends {}
        killer.cancel()
        return (try String(contentsOf: written, encoding: .utf8), process.terminationStatus)
    }

    private static func isInstalled(_ program: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    private func endpoint(_ world: MailWorld, _ lastOctet: UInt8, _ port: UInt16) -> (address: String, port: String) {
        let address = IPAddress.v4(IPv4Address(127, 0, 77, lastOctet))
        let found = Network(connectTo: world.overrides).destination(host: nil, address: address, port: port)
        return ("\(found.address ?? address)", "\(found.port)")
    }

    @Test("Python's smtplib submits, imaplib and poplib fetch and remove", .enabled(if: isInstalled("python3")))
    func python() async throws {
        try await withMailWorld(hold: 0.2) { world in
            let roots = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(UUID().uuidString).pem")
            try world.rootPEM.write(to: roots, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: roots) }
            var environment = ["ROOTS": roots.path]
            for (name, port) in [
                ("SUBMISSION", 587), ("SUBMISSIONS", 465), ("IMAP", 143), ("IMAPS", 993), ("POP3", 110), ("POP3S", 995),
            ] as [(String, UInt16)] {
                environment[name] = endpoint(world, 14, port).port
            }
            let imap = try #require(world.journeys.first { $0.name == "to-imap" })
            let pop3 = try #require(world.journeys.first { $0.name == "to-pop3" })
            environment["SENDER"] = imap.from.address
            environment["SENDER_PASSWORD"] = imap.from.password
            environment["IMAP_USER"] = imap.to.address
            environment["IMAP_PASSWORD"] = imap.to.password
            environment["POP_USER"] = pop3.to.address
            environment["POP_PASSWORD"] = pop3.to.password
            let result = try await Self.run("python3", ["-"], environment: environment, input: Self.script)
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.hasSuffix("done\n"))
        }
    }

    private static let script = """
        import imaplib, os, poplib, smtplib, socket, ssl, time
        e = os.environ
        real = socket.create_connection
        # The names in the certificates are those of the world, the addresses are on loopback.
        def dial(address, *rest, **more):
            host, port = address
            return real(("127.0.77.14" if host == "mail.healthy.example" else host, port), *rest, **more)
        socket.create_connection = dial
        tls = ssl.create_default_context(cafile=e["ROOTS"])
        host = "mail.healthy.example"

        def compose(to, subject):
            return f"From: <{e['SENDER']}>\\r\\nTo: <{to}>\\r\\nSubject: {subject}\\r\\n\\r\\n.dot\\r\\nHello\\r\\n"

        with smtplib.SMTP(host, int(e["SUBMISSION"]), timeout=10) as s:
            s.starttls(context=tls)
            s.ehlo()
            assert s.has_extn("auth") and s.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"], s.esmtp_features
            s.login(e["SENDER"], e["SENDER_PASSWORD"])
            s.sendmail(e["SENDER"], [e["IMAP_USER"]], compose(e["IMAP_USER"], "by imap"))
        with smtplib.SMTP_SSL(host, int(e["SUBMISSIONS"]), context=tls, timeout=10) as s:
            s.user, s.password = e["SENDER"], e["SENDER_PASSWORD"]
            s.ehlo()
            s.auth("LOGIN", s.auth_login)
            s.sendmail(e["SENDER"], [e["POP_USER"]], compose(e["POP_USER"], "by pop"))

        m = imaplib.IMAP4(host, int(e["IMAP"]))
        m.starttls(tls)
        m.login(e["IMAP_USER"], e["IMAP_PASSWORD"])
        m.select("INBOX")
        for _ in range(100):
            found = m.uid("SEARCH", None, "SUBJECT", '"by imap"')[1][0].split()
            if found: break
            time.sleep(0.1)
            m.noop()
        body = m.uid("FETCH", found[0], "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")[1][0][1]
        assert body.endswith(b"\\r\\n\\r\\n.dot\\r\\nHello\\r\\n"), body
        assert body.count(b"Received: ") == 3, body
        m.uid("STORE", found[0], "+FLAGS", "(\\\\Deleted)")
        assert m.expunge()[0] == "OK"
        assert m.uid("SEARCH", None, "ALL")[1] == [b""]
        m.logout()
        s = imaplib.IMAP4_SSL(host, int(e["IMAPS"]), ssl_context=tls)
        s.authenticate("PLAIN", lambda _: f"\\0{e['IMAP_USER']}\\0{e['IMAP_PASSWORD']}".encode())
        assert any(b"\\\\Junk" in line for line in s.list()[1])
        s.logout()

        for attempt in range(100):
            p = poplib.POP3_SSL(host, int(e["POP3S"]), context=tls, timeout=10)
            p.user(e["POP_USER"]); p.pass_(e["POP_PASSWORD"])
            if p.stat()[0]: break
            p.quit(); time.sleep(0.1)
        lines = p.retr(1)[1]
        assert lines[-2:] == [b".dot", b"Hello"], lines
        assert p.top(1, 0)[1][-1] == b""
        p.dele(1); p.quit()
        p = poplib.POP3(host, int(e["POP3"]), timeout=10)
        assert "STLS" in p.capa()
        p.stls(context=tls)
        p.user(e["POP_USER"]); p.pass_(e["POP_PASSWORD"])
        assert p.stat() == (0, 0)
        p.quit()
        print("done")
        """

    @Test("dig asks by UDP and by TCP", .enabled(if: isInstalled("dig"))) func dig() async throws {
        try await withMailWorld(hold: 0) { world in
            for option in ["+notcp", "+tcp"] {
                let result = try await Self.run(
                    "dig",
                    [
                        "@\(world.resolver.address)", "-p", "\(world.resolver.port)", option, "+short",
                        "healthy.example", "MX",
                    ])
                #expect(
                    result.output.split(separator: "\n").sorted() == [
                        "10 mx1.healthy.example.", "20 mx2.healthy.example.",
                    ])
            }
        }
    }

    @Test(
        "openssl verifies the chain after STARTTLS", .enabled(if: isInstalled("openssl")),
        arguments: [
            (25, "smtp"), (587, "smtp"), (143, "imap"), (110, "pop3"), (465, nil), (993, nil), (995, nil),
        ] as [(UInt16, String?)]) func openssl(port: UInt16, starttls: String?) async throws
    {
        try await withMailWorld(hold: 0) { world in
            let roots = FileManager.default.temporaryDirectory.appendingPathComponent("lab-\(UUID().uuidString).pem")
            try world.rootPEM.write(to: roots, atomically: true, encoding: .utf8)
            defer { try? FileManager.default.removeItem(at: roots) }
            let place = endpoint(world, 11, port)
            let result = try await Self.run(
                "openssl",
                [
                    "s_client", "-connect", "\(place.address):\(place.port)", "-CAfile", roots.path, "-verify_hostname",
                    "mx1.healthy.example", "-brief",
                ]
                    + (starttls.map { ["-starttls", $0] } ?? []), input: "QUIT\r\n")
            #expect(result.output.contains("Verification: OK"), "\(result.output)")
        }
    }

    /// TLS is a module of its own there.
    private static func swaksSpeaksTLS() async -> Bool {
        guard isInstalled("swaks"), let support = try? await run("swaks", ["--support"]) else { return false }
        return support.output.contains("=== TLS supported")
    }

    @Test(
        "swaks submits with AUTH", .enabled("swaks or Perl's Net::SSLeay is not here") { await swaksSpeaksTLS() }
    ) func swaks() async throws {
        try await withMailWorld(hold: 0) { world in
            let journey = try #require(world.journeys.first)
            let place = endpoint(world, 14, 587)
            let result = try await Self.run(
                "swaks",
                [
                    "--server", place.address, "--port", place.port, "--tls", "--auth", "PLAIN", "--auth-user",
                    journey.from.address, "--auth-password", journey.from.password, "--from", journey.from.address,
                    "--to", journey.recipient,
                ])
            #expect(result.status == 0, "\(result.output)")
        }
    }
}
