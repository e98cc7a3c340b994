import Foundation
import Testing

/// Against real servers: Knot DNS, Postfix, Dovecot, OpenDKIM, Prometheus, each in a folder of its own on
/// free ports of loopback. Without them, or without root (Postfix needs it), these are skipped by name.
@Suite(
    "Real servers", .serialized,
    .enabled(
        if: getuid() == 0 && Tool.missing(of: RealWorld.needs).isEmpty,
        "needs root and \(RealWorld.needs.joined(separator: ", ")); Tests/run installs them"))
struct RealServersTests {
    private func withWorld(_ body: (RealWorld) async throws -> Void) async throws {
        let world = try await RealWorld()
        do {
            try await world.start()
            try await body(world)
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    @Test("An audit of a real mail domain sees what is there, and finds each planted defect of the bad one")
    func auditFindsWhatIsThere() async throws {
        try await withWorld { world in
            let good = ReportObject(
                object: try await Program.object(
                    ["audit", "good.test", "--selector", "s1", "--timeout", "60"] + world.options
                ).object)
            // Everything here lives on one loopback address of IPv4, and nobody serves the policy: that much is true.
            #expect(
                good.found
                    == ["mx.address-special", "mx.single-host", "mx.ipv6", "mta-sts.fetch", "discovery.records"],
                "\(good.found)")
            #expect(good.unknown.isEmpty, "\(good.unknown)")
            for service in ["smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s"] {
                let port = good.port("mx.good.test", service)
                #expect(port?["state"] as? String == "open", "\(service)")
                let tls = port?["tls"] as? [String: Any]
                #expect(tls?["version"] as? String == "TLSv1.3", "\(service)")
                #expect(tls?["trusted"] as? Bool == true, "\(service)")
                #expect(tls?["name_ok"] as? Bool == true, "\(service)")
            }
            let (badObject, status) = try await Program.object(
                ["audit", "bad.test", "--selector", "s1", "--selector", "gone", "--timeout", "60"] + world.options)
            let bad = ReportObject(object: badObject)
            #expect(status == 2)
            for check in Self.planted { #expect(bad.found.contains(check), "\(check) not among \(bad.found.sorted())") }
        }
    }

    /// The defects of bad.test and its servers, by the check that must find each.
    static let planted = [
        "mx.target-alias", "mx.target-unresolvable", "ptr.exists", "spf.lookup-limit", "spf.pass-all", "spf.ptr-used",
        "dkim.revoked", "dkim.testing", "dkim.selector-missing", "dmarc.policy-none", "dmarc.no-rua",
        "dmarc.removed-tags", "smtp.starttls", "smtp.plaintext-auth", "submission.starttls", "imap.plaintext-login",
        "pop3.plaintext-login", "tls.expired", "tls.name",
    ]

    @Test("With the name server stopped, everything is unknown and nothing is missing")
    func deadNameServer() async throws {
        try await withWorld { world in
            await world.knot.stop()
            let (object, status) = try await Program.object(["audit", "good.test", "--timeout", "20"] + world.options)
            let report = ReportObject(object: object)
            #expect(status == 3)
            #expect(report.found.isEmpty, "\(report.found)")
            #expect(report.verdict == "unknown")
            for check in ["mx.exists", "spf.exists", "dmarc.exists"] {
                #expect(report.unknown[check] != nil, "\(check)")
            }
        }
    }

    @Test(
        "Behind Unbound the audit is the same, and with a dead authority everything is unknown, not missing",
        .enabled(if: Tool.missing(of: Unbound.needs).isEmpty, "needs unbound"))
    func behindUnbound() async throws {
        try await withWorld { world in
            let unbound = try Unbound(in: world.folder, zones: RealWorld.origins, authority: world.knot.port)
            try await unbound.start()
            let options = world.options(resolver: unbound.port)
            let there = ReportObject(
                object: try await Program.object(["audit", "good.test", "--selector", "s1"] + options).object)
            #expect(
                there.found
                    == ["mx.address-special", "mx.single-host", "mx.ipv6", "mta-sts.fetch", "discovery.records"],
                "\(there.found)")
            await world.knot.stop()
            // Asked before, so in Unbound's cache: bad.test was not.
            let (object, status) = try await Program.object(["audit", "bad.test", "--timeout", "30"] + options)
            let gone = ReportObject(object: object)
            #expect(status == 3)
            #expect(gone.found.isEmpty, "\(gone.found)")
            // Unbound tries for a while before it says SERVFAIL; either way nothing is known.
            let causes = gone.unknown["spf.exists"] ?? []
            #expect(!causes.isEmpty && causes.isSubset(of: ["dns_servfail", "dns_timeout"]), "\(gone.unknown)")
            await unbound.stop()
        }
    }

    @Test("A port whose packets are dropped is unknown by timeout: STARTTLS there is not missing")
    func droppedPort() async throws {
        try await withWorld { world in
            let dropping = try Ports.Dropping(on: "127.0.0.2")
            let options = world.options(replacing: ["mx.good.test:25": "127.0.0.2:\(dropping.port)"])
            let (object, _) = try await Program.object(
                ["audit", "good.test", "--selector", "s1", "--timeout", "15"] + options)
            let report = ReportObject(object: object)
            #expect(report.port("mx.good.test", "smtp")?["state"] as? String == "timeout")
            #expect(!report.found.contains("smtp.starttls"))
            #expect(report.unknown["smtp.starttls"] == ["connect_timeout"])
        }
    }

    @Test("A greeting of 421 is a rate limit: unknown, not missing")
    func greeting421() async throws {
        try await withWorld { world in
            // Postfix allows three connections from one address: these keep them busy.
            let held = try (0..<3).map { _ in try HeldConnection(to: "127.0.0.2", port: world.port25) }
            defer { held.forEach { $0.end() } }
            try await eventually("three connections are open") { held.allSatisfy(\.greeted) }
            let (object, _) = try await Program.object(
                ["audit", "good.test", "--selector", "s1", "--timeout", "30"] + world.options)
            let report = ReportObject(object: object)
            #expect(!report.found.contains("smtp.starttls"))
            #expect(report.unknown["smtp.starttls"] == ["greeting_4xx"], "\(report.unknown)")
        }
    }

    @Test("The round trip through two Postfix instances and Dovecot shows the held hop's delay to the second")
    func roundTripShowsTheHeldHop() async throws {
        try await withWorld { world in
            let configuration = try world.configuration(
                listen: Ports.free(), roundTripInterval: "1h", roundTripDeadline: "40s")
            let host = world.goodMX
            let release = Task {
                try await eventually("the message is held", within: 40) { host.held > 0 }
                try await Task.sleep(for: .seconds(7))
                try await host.release()
            }
            let (object, status) = try await Program.object(
                ["roundtrip", configuration, "through-two-postfixes"],
                environment: ["MAILSONDE_TEST_PASSWORD": RealWorld.password])
            try await release.value
            #expect(status == 0, "\(object)\n\(world.goodMX.log)")
            #expect(object["outcome"] as? String == "delivered")
            let received = object["received"] as? [[String: Any]] ?? []
            #expect(received.count == 3, "\(received)")
            let delays = received.map { ($0["delay_seconds"] as? NSNumber)?.doubleValue ?? 0 }
            // One-second stamps: the difference of two of them is off by one at most.
            #expect(delays.last.map { abs($0 - 7) <= 1 } == true, "\(delays)")
            #expect(delays.dropLast().allSatisfy { $0 <= 2 }, "\(delays)")
            let results = "\(object["authentication_results"] ?? "")"
            #expect(results.contains("dkim") && results.contains("pass"), "\(results)")
            #expect(!"\(object)".contains(RealWorld.password))
            // It removed its message.
            let left =
                FileManager.default.enumerator(atPath: world.folder.path("dovecot-good/mail"))?.allObjects
                .compactMap { $0 as? String }.filter { $0.contains("/cur/") || $0.contains("/new/") } ?? []
            #expect(left.isEmpty, "\(left)")
        }
    }

    /// How long Prometheus scrapes, in seconds; MAILSONDE_SCRAPED_SECONDS=300 looks for longer, 40 to 300.
    static let scrapedSeconds =
        ProcessInfo.processInfo.environment["MAILSONDE_SCRAPED_SECONDS"]
        .flatMap(Int.init).map { min(max($0, 40), 300) } ?? 40

    @Test(
        "A real Prometheus sees every series of every configured probe from the first scrape on",
        .enabled(if: Tool.missing(of: Prometheus.needs).isEmpty, "needs prometheus and promtool"))
    func prometheusScrapes() async throws {
        try await withWorld { world in
            let listen = try Ports.free()
            let configuration = try world.configuration(
                listen: listen, roundTripInterval: "15s", roundTripDeadline: "14s")
            let prometheus = try Prometheus(in: world.folder, scraping: "127.0.0.1:\(listen)")
            try await prometheus.start()
            defer { prometheus.terminate() }
            let monitor = try Program.tool.start(
                ["monitor", configuration], environment: ["MAILSONDE_TEST_PASSWORD": RealWorld.password],
                output: world.folder.path("monitor.out"), errors: world.folder.path("monitor.err"))
            defer { if monitor.isRunning { monitor.terminate() } }
            try await eventually("the monitor is scraped", within: 30) {
                if !monitor.isRunning { throw TestFailure("the monitor ended: \(world.folder.read("monitor.err"))") }
                return try await prometheus.query("up").first?.value == 1
            }
            // The second Postfix holds each message; let go of them as they come.
            for _ in 0..<Self.scrapedSeconds {
                try await Task.sleep(for: .seconds(1))
                if world.goodMX.held > 0 { try await world.goodMX.release() }
            }
            let scrapes = try await prometheus.query("sum_over_time(up[6m])").first?.value ?? 0
            #expect(scrapes > 30)
            // Info series name what was found (a policy, a version); all others stand from the beginning.
            let all = "count({__name__=~\"mailsonde_.+\",__name__!~\".+_info\",job=\"mailsonde\"})"
            let least = try await prometheus.query("min_over_time(\(all)[6m:1s])").first?.value ?? 0
            let most = try await prometheus.query("max_over_time(\(all)[6m:1s])").first?.value ?? 0
            #expect(least > 1000)
            #expect(least == most)

            let successes = try await prometheus.query("mailsonde_probe_success{probe=~\".*mx.good.test.*\"}")
            #expect(!successes.isEmpty)
            #expect(successes.allSatisfy { $0.value == 1 }, "\(successes)")
            let received = try await prometheus.query(
                "mailsonde_roundtrip_messages_received_total{probe=\"through-two-postfixes\"}")
            #expect((received.first?.value ?? 0) >= 1)

            monitor.terminate()
            try await eventually("SIGTERM ends the monitor") { !monitor.isRunning }
            #expect(monitor.terminationStatus == 0)
            #expect(!world.folder.read("monitor.err").contains(RealWorld.password))
        }
    }
}

/// A TCP connection that is opened and left alone.
final class HeldConnection {
    private let handle: Int32

    init(to address: String, port: UInt16) throws {
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        let connected = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw TestFailure("connect to \(address):\(port): \(errno)") }
    }

    /// Whether the server has said something.
    var greeted: Bool {
        var octet: UInt8 = 0
        return recv(handle, &octet, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 1
    }

    func end() { close(handle) }
}
