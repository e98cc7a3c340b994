import DNS
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Judgement
import Logging
import Mail
import Monitor
import Synchronization
import Testing

@testable import Server

/// A monitor behind HTTP, on a port of loopback. Its probes see what `observe` says.
private struct House: Sendable {
    static let text = """
        history: off
        reload_from: loopback
        domains:
          - {domain: example.org, name: "<i>hostile</i> \\"name\\" é́", interval: 1h}
        ports:
          - {name: mx, host: mail.example.org, services: [smtp, imaps], interval: 1m}
        modules:
          ours: {probe: port, service: smtp, require_tls: true, timeout: 20s}
        """

    var text: Mutex<String>.Holder = .init(House.text)
    var observe: @Sendable (ProbePlan) async -> Observed = { plan in
        guard case .ports(let host, let services, _, _) = plan.work else { return Observed([]) }
        return Observed(
            services.map { service in
                var port = PortObservation(
                    endpoint: Endpoint(host: host, address: .v4(IPv4Address(192, 0, 2, 1)), port: service.port),
                    service: service, at: Timestamp(1_000), state: .refused)
                port.failure = Failure(.connectRefused, during: .connect, "<script>alert(1)</script>")
                port.transcript = ["S: 220 \u{1b}[2J hello"]
                port.phases = [Phase(.connect, seconds: 0.01), Phase(.total, seconds: 0.01)]
                return .port(port)
            })
    }

    func test(
        history: History? = nil, firstRuns: Bool = true, unreadSeconds: Double = 30,
        through setup: TestingSetup = .live,
        _ body: @Sendable (any TestClientProtocol, Monitor) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let text = self.text
        let load = { @Sendable () throws(ConfigurationProblems) in
            try Configuration.parse(text.value, file: "c.yaml", environment: [:])
        }
        let observe = observe
        let monitor = try Monitor(
            try load(),
            dependencies: Monitor.Dependencies(
                load: load, makeRunner: { _ in { plan, _ in await observe(plan) } }, rules: [], logger: logger),
            ledger: Ledger(version: "1", revision: "r"), history: history)
        let running = Task { try await monitor.run() }
        for _ in 0..<6_000 where firstRuns {
            if await monitor.status.allSatisfy({ $0.last != nil }), await monitor.isReady { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        let server = Server(
            monitor: monitor, listen: .init(address: .v4(IPv4Address(127, 0, 0, 1)), port: 0), logger: logger,
            unreadSeconds: unreadSeconds)
        try await server.application().test(setup) { client in try await body(client, monitor) }
        running.cancel()
        try await running.value
    }
}

extension Mutex where Value == String {
    /// Text that a test changes while a monitor reads it.
    final class Holder: Sendable {
        private let text: Mutex<String>
        init(_ text: String) { self.text = Mutex<String>(text) }
        var value: String { text.withLock { $0 } }
        func set(_ new: String) { text.withLock { $0 = new } }
    }
}

extension TestResponse {
    fileprivate var text: String { String(buffer: body) }
    fileprivate var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body.readableBytesView))) as? [String: Any] ?? [:]
    }
}

@Suite struct `The server` {
    @Test func `lets a client go that asks and never reads, and serves the others meanwhile`() async throws {
        try await House().test(unreadSeconds: 0.5) { client, _ in
            let port = try #require(client.port)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var room: Int32 = 4_096
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(connected == 0)
            // Thousands of answers, for which there is room nowhere.
            let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            for _ in 0..<4_000 { _ = send(descriptor, request, request.count, flags) }
            var isGone = false
            for _ in 0..<300 where !isGone {
                let response = try await client.execute(uri: "/-/healthy", method: .get)
                #expect(response.status == .ok)
                try await Task.sleep(for: .milliseconds(50))
                isGone = send(descriptor, "x", 1, flags) < 0 && [EPIPE, ECONNRESET].contains(errno)
            }
            #expect(isGone)
        }
    }

    @Test func `gives metrics in the format that is asked for`() async throws {
        try await House().test { client, _ in
            let plain = try await client.execute(uri: "/metrics", method: .get)
            #expect(plain.status == .ok)
            #expect(plain.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(plain.text.contains(#"mailsonde_probe_runs_total{probe="mx",result="fail"} 1"#))
            #expect(plain.text.contains("# TYPE mailsonde_probe_duration_seconds histogram"))
            let open = try await client.execute(
                uri: "/metrics", method: .get, headers: [.accept: "application/openmetrics-text;version=1.0.0"])
            #expect(open.headers[.contentType]?.hasPrefix("application/openmetrics-text") == true)
            #expect(open.text.hasSuffix("# EOF\n"))
            #expect(try await client.execute(uri: "/metrics", method: .head).status == .ok)
        }
    }

    @Test func `probes on demand: a probe that fails is an answer, not an error`() async throws {
        try await House().test { client, _ in
            let answer = try await client.execute(
                uri: "/probe?target=mail.example.org&module=smtp_starttls", method: .get)
            #expect(answer.status == .ok)
            #expect(answer.text.contains("\nprobe_success 0\n"))
            #expect(answer.text.contains("\nprobe_phase_duration_seconds{phase=\"connect\"} 0.01\n"))
            #expect(answer.text.contains(#"probe_failure_info{reason="connect_refused"} 1"#))
            #expect(answer.text.contains("mailsonde_tls_cert_valid{probe=\"smtp_starttls\""))
            #expect(!answer.text.contains(" counter\n"))
            #expect(!answer.text.contains("S: 220"))
            let debug = try await client.execute(
                uri: "/probe?target=mail.example.org:2525&module=ours&debug=true", method: .get)
            #expect(debug.status == .ok)
            #expect(debug.text.contains("# module ours, target mail.example.org, at most 20"))
            #expect(debug.text.contains("S: 220 \\x1b[2J hello"))
            #expect(debug.text.contains("probe_success 0"))
        }
    }

    @Test(arguments: [
        ("/probe", "target is missing"), ("/probe?target=a.example", "module is missing: one of ours, audit"),
        ("/probe?target=a.example&module=gopher", "no module “gopher”: one of ours"),
        ("/probe?target=a%20b&module=smtp", "is no target"), ("/probe?target=a:0&module=smtp", "is no target"),
        ("/probe?target=a:99999&module=smtp", "is no target"), ("/probe?target=.&module=smtp", "is no target"),
        ("/probe?target=a%0d%0aX:%201&module=smtp", "is no target"),
        ("/probe?target=example.org:25&module=audit", "an audit takes a domain without a port"),
        ("/probe?target=192.0.2.1&module=audit", "not an address"),
    ])
    func `refuses a probe of nothing in one line`(_ uri: String, _ expected: String) async throws {
        try await House().test(firstRuns: false) { client, _ in
            let answer = try await client.execute(uri: uri, method: .get)
            #expect(answer.status == .badRequest)
            #expect(answer.text.contains(expected), "\(answer.text)")
            #expect(answer.text.utf8.count { $0 == 10 } == 1)
        }
    }

    @Test(
        arguments: [
            (nil, 30.0), ("10", 9.5), ("0.6", 0.3), ("120", 30), ("nonsense", 30), ("-1", 30), ("nan", 30), ("inf", 30),
        ] as [(String?, Double)])
    func `keeps within the scraper's patience`(_ header: String?, _ expected: Double) throws {
        let plan = try ProbeRoute.plan(
            target: "mail.example.org", module: "imaps", scrapeTimeout: header, configuration: Configuration())
        #expect(abs(plan.timeoutSeconds - expected) < 0.001)
    }

    @Test(
        arguments: [
            ("mail.example.org", "mail.example.org", nil), ("mail.example.org:2525", "mail.example.org", 2_525),
            ("192.0.2.1", "192.0.2.1", nil), ("192.0.2.1:26", "192.0.2.1", 26), ("[2001:db8::1]:25", "2001:db8::1", 25),
            ("2001:db8::1", "2001:db8::1", nil), ("[::1]", "::1", nil),
        ] as [(String, String, UInt16?)])
    func `reads hosts, addresses and ports`(_ target: String, _ host: String, _ port: UInt16?) throws {
        let endpoint = try ProbeRoute.endpoint(target)
        #expect(endpoint.host.description == host)
        #expect(endpoint.port == port)
    }

    @Test func `refuses more probes at once than it can bear`() async throws {
        var house = House()
        let isOpen = Mutex<String>.Holder("closed")
        house.observe = { _ in
            while isOpen.value == "closed", !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            return Observed([])
        }
        try await house.test(firstRuns: false, through: .router) { client, _ in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<(ProbeRoute.mostAtOnce + 4) {
                    group.addTask {
                        try await client.execute(uri: "/probe?target=a.example&module=smtp", method: .get).status.code
                    }
                }
                var statuses: [Int] = []
                for try await status in group {
                    statuses.append(status)
                    if statuses.count == 4 { isOpen.set("open") }
                }
                return statuses
            }
            #expect(statuses.prefix(4) == [503, 503, 503, 503])
            #expect(statuses.count { $0 == 200 } == ProbeRoute.mostAtOnce)
        }
    }

    @Test func `tells its health, and reloads for those who may ask it to`() async throws {
        let house = House()
        try await house.test { client, monitor in
            #expect(try await client.execute(uri: "/-/healthy", method: .get).status == .ok)
            #expect(try await client.execute(uri: "/-/ready", method: .get).status == .ok)
            let get = try await client.execute(uri: "/-/reload", method: .get)
            #expect(get.status == .methodNotAllowed)
            #expect(get.headers[.allow] == "POST")
            #expect(try await client.execute(uri: "/-/reload", method: .post).status == .ok)
            for (name, value) in [("Origin", "https://evil.example"), ("X-Forwarded-For", "192.0.2.9")] {
                let field = try #require(HTTPField.Name(name))
                let answer = try await client.execute(uri: "/-/reload", method: .post, headers: [field: value])
                #expect(answer.status == .forbidden)
            }
            house.text.set("domains: 7")
            let bad = try await client.execute(uri: "/-/reload", method: .post)
            #expect(bad.status == .internalServerError)
            #expect(bad.text.contains("c.yaml:1:10: “domains” is a list"))
            #expect(await monitor.status.count == 2)
            #expect(
                try await client.execute(uri: "/metrics", method: .get).text
                    .contains("mailsonde_config_last_reload_successful 0"))
            house.text.set("reload_from: nowhere")
            #expect(try await client.execute(uri: "/-/reload", method: .post).status == .ok)
            #expect(try await client.execute(uri: "/-/reload", method: .post).status == .forbidden)
        }
    }

    @Test func `gives targets to Prometheus' service discovery`() async throws {
        try await House().test(firstRuns: false) { client, monitor in
            for _ in 0..<6_000 where await monitor.status.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            let answer = try await client.execute(uri: "/targets", method: .get)
            #expect(answer.headers[.contentType]?.hasPrefix("application/json") == true)
            let groups =
                try JSONSerialization.jsonObject(with: Data(answer.body.readableBytesView)) as? [[String: Any]] ?? []
            #expect(
                groups.map { $0["targets"] as? [String] } == [
                    ["example.org"], ["mail.example.org"], ["mail.example.org"],
                ])
            #expect(
                groups.map { ($0["labels"] as? [String: String])?["__param_module"] } == ["audit", "smtp", "imaps"])
        }
    }

    @Test func `shows probes, reports and history to programs`() async throws {
        let history = try History()
        try await House().test(history: history) { client, _ in
            let probes =
                try await client.execute(uri: "/api/v1/probes", method: .get).json["probes"] as? [[String: Any]]
            #expect(probes?.count == 2)
            #expect(probes?.last?["name"] as? String == "mx")
            #expect((probes?.last?["last"] as? [String: Any])?["reason"] as? String == "connect_refused")
            let report = try await client.execute(uri: "/api/v1/reports/mx", method: .get)
            #expect(report.json["schema"] as? String == "mailsonde.report/1")
            let past = try await client.execute(uri: "/api/v1/history/mx?limit=5&reports=true", method: .get)
            let results = past.json["results"] as? [[String: Any]]
            #expect(results?.count == 1)
            #expect(results?.first?["result"] as? String == "fail")
            #expect((results?.first?["report"] as? [String: Any])?["schema"] as? String == "mailsonde.report/1")
            #expect(try await client.execute(uri: "/api/v1/history/mx?limit=0", method: .get).status == .badRequest)
            #expect(try await client.execute(uri: "/api/v1/history/mx?since=x", method: .get).status == .badRequest)
            for uri in ["/api/v1/reports/none", "/api/v1/history/none", "/api/v1/probes/none", "/api/v1/probes/%ff"] {
                #expect(try await client.execute(uri: uri, method: .get).status == .notFound)
            }
        }
    }

    @Test func `shows pages in which nothing from outside is markup`() async throws {
        let history = try History()
        try await House().test(history: history) { client, _ in
            let overview = try await client.execute(uri: "/", method: .get)
            #expect(overview.status == .ok)
            let name = percentEncoded("<i>hostile</i> \"name\" é́")
            let hostile = try await client.execute(uri: "/probes/\(name)", method: .get)
            #expect(hostile.status == .ok)
            let probe = try await client.execute(uri: "/probes/mx", method: .get)
            #expect(probe.text.contains("&lt;script&gt;alert(1)"))
            #expect(probe.text.contains("connect_refused"))
            for page in [overview, hostile, probe] {
                #expect(page.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; style-src 'self'") == true)
                #expect(page.headers[.xContentTypeOptions] == "nosniff")
                #expect(!page.text.contains("<i>"))
                #expect(!page.text.contains("<script"))
                #expect(!page.text.contains("{{"))
                #expect(!page.text.contains("http://") && !page.text.contains("https://"))
            }
            #expect(try await client.execute(uri: "/probes/none", method: .get).status == .notFound)
            #expect(
                try await client.execute(uri: "/style.css", method: .get).headers[.contentType]
                    == "text/css; charset=utf-8")
            #expect(try await client.execute(uri: "/../etc/passwd", method: .get).status == .notFound)
        }
    }

    @Test func `says what is in the way when it cannot listen`() async throws {
        let listen = TransportAddress(address: .v4(IPv4Address(127, 0, 0, 1)), port: 9_725)
        #expect(
            Server.explanation(of: EADDRINUSE, listen).hasPrefix(
                "cannot listen on 127.0.0.1:9725: another program listens there"))
        #expect(Server.explanation(of: EACCES, listen).contains("privilege"))
        #expect(Server.explanation(of: EADDRNOTAVAIL, listen).contains("no such address"))
    }
}
