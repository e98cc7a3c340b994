import DNS
import Foundation
import Judgement
import Mail
import Monitor
import Networking
import Probes
import Testing

@Suite struct `A configuration` {
    @Test func `that uses every key is read`() throws {
        let folder = try TemporaryFolder()
        try folder.write("hunter2-file\n", to: "secret")
        try folder.write("# ours\nexample.com\n  example.net  # main\n\r\n", to: "domains.txt")
        try folder.write("PEM", to: "roots.pem")
        let path = try folder.write(
            """
            resolver: {servers: ["127.0.0.1:5353", "[::1]:53", 192.0.2.53, "2001:db8::53"], timeout: 1500ms}
            listen: "[::1]:9999"
            reload_from: nowhere
            history: {path: h.sqlite, keep: 400d}
            defaults: {interval: 10m, timeout: 20s}
            max_running: 8
            ehlo_name: probe.example.org
            ca_file: roots.pem
            connect_to: ["mail.example.org:25:127.0.0.1:2525", "::[::1]:"]
            domains:
              - {domain: Example.org, dkim_selectors: [s1, s2], interval: 1h}
              - {file: domains.txt, interval: 1d}
              - plain.example
            ports:
              - {name: mx, host: mail.example.org, services: [smtp, submissions], timeout: 5s}
              - {host: 192.0.2.7, services: [imap]}
            roundtrips:
              - name: office-to-cloud
                interval: 10m
                deadline: 5m
                late_after: 1m
                from: {address: probe@example.org, server: mail.example.org, port: 587, user: me, password_file: secret}
                to: {address: probe@example.net, protocol: imap, server: imap.example.net, port: 993, user: you, password_env: SECRET}
            modules:
              smtp_starttls: {probe: port, service: smtp, require_tls: true, timeout: 9s}
              ours: {probe: audit, dkim_selectors: [k1]}
            """, to: "monitor.yaml")
        let configuration = try Configuration.load([path], environment: ["SECRET": "hunter2-env"])
        #expect(
            configuration.nameServers.map { "\($0.address) \($0.port)" } == [
                "127.0.0.1 5353", "::1 53", "192.0.2.53 53", "2001:db8::53 53",
            ])
        #expect(configuration.resolverTimeoutSeconds == 1.5)
        #expect("\(configuration.listen.address) \(configuration.listen.port)" == "::1 9999")
        #expect(configuration.reloadFrom == .nowhere)
        #expect(configuration.history == .init(path: folder.path + "/h.sqlite", keepSeconds: 400 * 86_400))
        #expect(configuration.maximumRunning == 8)
        #expect(configuration.ehloName == name("probe.example.org"))
        #expect(configuration.caFile == folder.path + "/roots.pem")
        #expect(configuration.connectTo.count == 2)
        #expect(configuration.domains.map(\.name) == ["example.org", "example.com", "example.net", "plain.example"])
        #expect(configuration.domains.map(\.intervalSeconds) == [3_600, 86_400, 86_400, 600])
        #expect(configuration.domains.map(\.timeoutSeconds) == [20, 20, 20, 20])
        #expect(configuration.domains[0].dkimSelectors == ["s1", "s2"])
        #expect(configuration.ports.map(\.name) == ["mx", "192.0.2.7"])
        #expect(configuration.ports[0].services == [.smtp, .submissions])
        #expect(configuration.ports[0].timeoutSeconds == 5)
        let trip = try #require(configuration.roundTrips.first)
        #expect(trip.from.password.reveal() == Array("hunter2-file".utf8))
        #expect(trip.to.password.reveal() == Array("hunter2-env".utf8))
        #expect(trip.from.service == .submission)
        #expect(trip.to.service == .imaps)
        #expect(trip.deadlineSeconds == 300)
        #expect(trip.lateAfterSeconds == 60)
        #expect(configuration.module(named: "smtp_starttls")?.timeoutSeconds == 9)
        #expect(configuration.module(named: "ours")?.kind == .audit(dkimSelectors: ["k1"]))
        #expect(configuration.module(named: "imaps") != nil)
        #expect(configuration.plans.count == 7)
    }

    @Test func `names the addresses that a domain's mail leaves by`() throws {
        let text = """
            domains:
              - {domain: example.org, sender_ips: [192.0.2.25, "2001:db8::25"]}
              - example.net
            """
        let configuration = try Configuration.parse(text, file: "a.yaml")
        let addresses = [IPAddress("192.0.2.25"), IPAddress("2001:db8::25")].compactMap(\.self)
        #expect(configuration.domains[0].senderAddresses == addresses)
        #expect(configuration.plans.map(\.target.senderAddresses) == [addresses, nil])
        for (wrong, word) in [("[mail.example.org]", "no address"), ("[192.0.2.1, 192.0.2.1]", "twice")] {
            let text = "domains: [{domain: example.org, sender_ips: \(wrong)}]"
            let error = #expect(throws: ConfigurationProblems.self) { try Configuration.parse(text, file: "a.yaml") }
            #expect("\(error.map { "\($0)" } ?? "")".contains(word), "\(wrong)")
        }
    }

    @Test func `says what is asked of a domain's mail servers besides, and gives that its time`() throws {
        let text = """
            defaults: {interval: 1d, timeout: 30s}
            domains:
              - {domain: example.org, behaviour: true, accepts: weak, recipients: [ann@example.org, Bob@EXAMPLE.org]}
              - {domain: example.net, accepts: all, timeout: 1m}
              - {domain: example.com, behaviour: false, accepts: none, recipients: []}
            """
        let configuration = try Configuration.parse(text, file: "a.yaml")
        #expect(configuration.domains.map(\.timeoutSeconds) == [180, 60, 30])
        let plans = configuration.plans
        #expect(plans.map(\.target.recipients) == [["ann@example.org", "Bob@EXAMPLE.org"], nil, nil])
        #expect(plans.map(\.questions.behaviour) == [true, false, false])
        #expect(plans.map(\.questions.accepts) == [.weak, .all, .none])
        let wrong: [(String, String)] = [
            ("domain: example.org, behaviour: often", "behaviour"), ("domain: example.org, accepts: weka", "weak"),
            ("domain: example.org, recipients: [ann]", "no address"),
            ("domain: example.org, recipients: [ann@example.net]", "not at example.org"),
            ("domain: example.org, recipients: [a@example.org, a@example.org]", "twice"),
            ("domain: example.org, recipients: [\u{FC}@example.org]", "not ASCII"),
            ("file: list.txt, recipients: [a@example.org]", "one domain"),
        ]
        for (entry, word) in wrong {
            let error = #expect(throws: ConfigurationProblems.self) {
                try Configuration.parse("domains: [{\(entry)}]", file: "a.yaml")
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(word), "\(entry)")
        }
    }

    @Test func `that is empty has no probes and the defaults`() throws {
        for text in ["", "# nothing\n", "---\n", "domains:\nports: ~\n"] {
            let configuration = try Configuration.parse(text, file: "a.yaml")
            #expect(configuration.plans.isEmpty)
            #expect(configuration.listen.port == 9725)
        }
    }

    @Test func `printed as an example loads without a problem`() throws {
        let configuration = try Configuration.parse(Configuration.example, file: "example.yaml")
        #expect(configuration.domains.count == 1)
        #expect(configuration.ports.count == 1)
        #expect(configuration.module(named: "our_mx") != nil)
    }

    @Test func `printed as an example loads with its comments taken away`() throws {
        let folder = try TemporaryFolder()
        try folder.write("x", to: "probe")
        try folder.write(Self.seed, to: "probe.pem")
        try folder.write("x", to: "roots.pem")
        try folder.write("example.com\n", to: "domains.txt")
        // What is commented out is `#key`, prose is `# Prose`.
        let text = Configuration.example.split(separator: "\n", omittingEmptySubsequences: false).map {
            line -> String in
            guard let hash = line.firstIndex(of: "#"), line[..<hash].allSatisfy({ $0 == " " }),
                let next = line[hash...].dropFirst().first
            else { return String(line) }
            let bare = String(line[..<hash]) + String(line[hash...].dropFirst())
            return next != " " || line[hash...].hasPrefix("#  ") ? bare : String(line)
        }.joined(separator: "\n").replacing("/etc/mailsonde/probe", with: "probe")
        let path = try folder.write(text, to: "all.yaml")
        let configuration = try Configuration.load([path], environment: ["PROBE_PASSWORD": "x"])
        #expect(configuration.roundTrips.count == 1)
        #expect(configuration.roundTrips.first?.from.signing?.selector == "probe")
        #expect(configuration.nameServers.count == 2)
        #expect(configuration.domains.count == 4)
        #expect(configuration.caFile != nil)
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        var text: String
        var problems: [String]
        var testDescription: String { text }
        init(_ text: String, _ problems: String...) {
            self.text = text
            self.problems = problems
        }
    }

    /// The text, and how each of its problems begins.
    @Test(arguments: [
        Wrong("intervall: 5m", "c.yaml:1:1: unknown key “intervall”; a configuration has resolver, listen"),
        Wrong(
            "domains:\n  - {domain: example.org, intervall: 5m}\n",
            "c.yaml:2:27: unknown key “intervall”, did you mean “interval”?"),
        Wrong("domain: x", "c.yaml:1:1: unknown key “domain”, did you mean “domains”?"),
        Wrong("- a", "c.yaml:1:1: a configuration is written as keys and values"),
        Wrong("just text", "c.yaml:1:1: a configuration is written as keys and values"),
        Wrong("domains: example.org", "c.yaml:1:10: “domains” is a list"),
        Wrong("domains:\n  - domain: [a]\n", "c.yaml:2:13: “domain” is one value, not a list"),
        Wrong("domains:\n  - {dkim_selectors: [a]}\n", "c.yaml:2:5: “domain” is missing"),
        Wrong("domains: [exa mple.org]", "c.yaml:1:11: a domain is “exa mple.org”: a name is letters"),
        Wrong("domains: [a..b]", "c.yaml:1:11: a domain is “a..b”: two dots follow each other"),
        Wrong("domains: [192.0.2.1]", "c.yaml:1:11: a domain is “192.0.2.1”: a name is needed here"),
        Wrong("domains: [a.org, b.org, A.ORG]", "c.yaml:1:25: a probe called “a.org” stands at c.yaml:1:11 already"),
        Wrong("defaults: {interval: 300}", "c.yaml:1:22: “interval” is “300”: a unit is missing, as in 30s, 5m"),
        Wrong("defaults: {interval: 5 m}", "c.yaml:1:22: “interval” is “5 m”: a length of time is written"),
        Wrong("defaults: {interval: -5m}", "c.yaml:1:22: “interval” is “-5m”: a length of time is written"),
        Wrong("defaults: {interval: 0s}", "c.yaml:1:22: “interval” is “0s”: 1s is the least"),
        Wrong("defaults: {interval: 1e9d}", "c.yaml:1:22: “interval” is “1e9d”: a length of time"),
        Wrong("defaults: {interval: 99999999d}", "c.yaml:1:22: “interval” is “99999999d”: 100 years are the most"),
        Wrong("listen: 9725", "c.yaml:1:9: “listen” is “9725”: an address is right, as in 127.0.0.1:9725"),
        Wrong("listen: 127.0.0.1", "c.yaml:1:9: “listen” is “127.0.0.1”: a port is missing"),
        Wrong("listen: mail.example.org:80", "c.yaml:1:9: “listen” is “mail.example.org:80”: an address is right"),
        Wrong("resolver: {servers: [dns.example]}", "c.yaml:1:22: a server is “dns.example”: an address is right"),
        Wrong(
            "resolver: {servers: [\"127.0.0.1:99999\"]}",
            "c.yaml:1:22: a server is “127.0.0.1:99999”: a port is a number"),
        Wrong("connect_to: [\"a:b\"]", "c.yaml:1:14: “connect_to”: “a:b” has 2 of the four parts"),
        Wrong("reload_from: loopbak", "c.yaml:1:14: “reload_from” is “loopbak”, did you mean “loopback”?"),
        Wrong("max_running: 0", "c.yaml:1:14: “max_running” is “0”: a whole number from 1 to 1024 is right"),
        Wrong("max_running: +5", "c.yaml:1:14: “max_running” is “+5”: a whole number"),
        Wrong(
            "ca_file: /nowhere/roots.pem", "c.yaml:1:10: “ca_file” is “/nowhere/roots.pem”: this file cannot be read"),
        Wrong("ports: [{host: h.example, services: [smpt]}]", "c.yaml:1:38: a service is “smpt”, did you mean “smtp”?"),
        Wrong(
            "ports: [{host: h.example, services: [gopher]}]",
            "c.yaml:1:38: a service is “gopher”: one of smtp, submission"),
        Wrong("ports: [{host: h.example, services: [imap, imap]}]", "c.yaml:1:44: the service “imap” is given twice"),
        Wrong("ports: [{services: [imap]}]", "c.yaml:1:9: “host” is missing"),
        Wrong("ports: [{host: h.example}]", "c.yaml:1:9: “services” is missing"),
        Wrong(
            "ports: [{host: h.example, services: [imap], interval: 5s, timeout: 10s}]",
            "c.yaml:1:9: the timeout (10s) is longer than the interval (5s)"),
        Wrong(
            "modules: {m: {probe: port, service: smtp, require_tls: maybe}}",
            "c.yaml:1:56: “require_tls” is “maybe”: write true or false"),
        Wrong("modules: {m: {probe: prot}}", "c.yaml:1:22: “probe” is “prot”, did you mean “port”?"),
        Wrong("modules: {m: {service: smtp}}", "c.yaml:1:14: “probe” is missing: port or audit"),
        Wrong("modules: {m: {probe: audit, service: smtp}}", "c.yaml:1:29: “service” belongs to “probe: port”"),
        Wrong("modules: {a b: {probe: audit}}", "c.yaml:1:11: the module “a b”: a name is letters"),
        Wrong("listen: [\n", "c.yaml:2:1: this is no YAML"),
        Wrong("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n", "c.yaml:1:1: “listen” is given twice in one place"),
        Wrong("domains: [*nothing]", "c.yaml:1:11: this is no YAML: found undefined alias"),
        Wrong("domains: [{file: /nowhere/list}]", "c.yaml:1:18: “file” is “/nowhere/list”: No such file"),
        Wrong("domains: [{domain: a.org, file: b}]", "c.yaml:1:27: either “domain” or “file”, not both"),
        Wrong("domains: [{domain: a.org, name: \"a\\u001b[31m\"}]", "c.yaml:1:33: “name” contains a control character"),
        Wrong("\"\\u001b[2J\": 1", "c.yaml:1:1: unknown key “\\x1b[2J”"),
    ])
    func `that is wrong is refused with line and column`(_ wrong: Wrong) {
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(wrong.text, file: "c.yaml")
        }
        let problems = (error?.problems ?? []).map(\.description)
        #expect(problems.count == wrong.problems.count, "\(problems)")
        for (problem, expected) in zip(problems, wrong.problems) {
            #expect(problem.hasPrefix(expected), "\(problem)")
        }
    }

    @Test func `tells all of its problems, not the first alone`() {
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(
                """
                lisen: 1
                domains:
                  - {domain: "a b", intervall: 5}
                  - {domain: ok.example, interval: 5}
                ports: 7
                """, file: "c.yaml")
        }
        #expect(
            (error?.problems ?? []).map { "\($0.line):\($0.column)" }.sorted() == [
                "1:1", "3:14", "3:21", "4:36", "5:8",
            ])
    }

    /// An Ed25519 seed in base64; nobody publishes it.
    static let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

    @Test func `reads a key to sign test messages with`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.seed, to: "key")
        try folder.write("pw", to: "pw")
        let path = try folder.write(
            """
            roundtrips:
              - name: t
                from: {address: a@example.org, server: mail.example.org, user: u, password_file: pw, dkim: {selector: s1, key_file: key}}
                to: {address: b@example.net, server: imap.example.net, user: u, password_file: pw}
            """, to: "monitor.yaml")
        let configuration = try Configuration.load([path], environment: [:])
        let signing = try #require(configuration.roundTrips.first?.from.signing)
        #expect(signing.domain == name("example.org") && signing.selector == "s1")
        #expect(signing.signer?.key.algorithm == .ed25519SHA256)
        #expect(!"\(configuration)".contains("nWGx"))
        var text = String()
        dump(configuration, to: &text)
        #expect(!text.contains("nWGx"))
    }

    @Test(arguments: [
        ("{selector: s1}", "“key_file” is missing"), ("{key_file: key}", "“selector” is missing"),
        ("{selector: \"a b\", key_file: key}", "“selector” is “a b”"),
        ("{selector: s1, key_file: other}", "“key_file”: the file “other” holds no private key"),
        ("{selector: s1, key_file: nowhere}", "“key_file” is “nowhere”: No such file"),
    ])
    func `says what is wrong with a signing key, and shows none`(_ dkim: String, _ expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.seed, to: "key")
        try folder.write("hunter2", to: "other")
        let path = try folder.write(
            """
            roundtrips:
              - name: t
                from: {address: a@example.org, server: mail.example.org, user: u, password_file: key, dkim: \(dkim)}
                to: {address: b@example.net, server: imap.example.net, user: u, password_file: key}
            """, to: "monitor.yaml")
        let error = #expect(throws: ConfigurationProblems.self) { try Configuration.load([path], environment: [:]) }
        let problems = (error?.problems ?? []).map(\.description)
        #expect(problems.contains { $0.contains(expected) }, "\(problems)")
        #expect(!problems.joined().contains("hunter") && !problems.joined().contains("nWGx"))
    }

    static let trip = """
        roundtrips:
          - name: t
            from: {address: a@example.org, server: mail.example.org, user: u, FROM}
            to: {address: b@example.net, server: imap.example.net, user: u, TO}
        """

    @Test(arguments: [
        (
            "password: hunter2",
            "3:71: passwords do not stand in the configuration: use “password_file” or “password_env”"
        ),
        ("password_file: /nowhere/hunter2", "3:86: “password_file” is “/nowhere/hunter2”: No such file"),
        ("password_env: NOT_SET", "3:85: “password_env” names an environment variable that is not set"),
        ("password_env: \"hunter2 !\"", "3:85: “password_env” is the name of an environment variable"),
        ("password_env: EMPTY", "3:85: “password_env”: the environment variable is empty"),
        ("password_env: LINES", "3:85: “password_env”: the environment variable holds more than one line"),
        ("password_env: SET, password_file: x", "3:71: either “password_file” or “password_env”, not both"),
    ])
    func `never holds a password, nor shows one`(_ from: String, _ expected: String) {
        let text = Self.trip.replacing("FROM", with: from).replacing("TO", with: "password_env: SET")
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(
                text, file: "c.yaml", environment: ["SET": "hunter2", "EMPTY": "", "LINES": "hunter2\nhunter3"])
        }
        let problems = (error?.problems ?? []).map(\.description)
        #expect(problems.contains { $0.hasPrefix("c.yaml:\(expected)") }, "\(problems)")
        if !from.contains("/nowhere/") { #expect(!problems.joined().contains("hunter")) }
    }

    @Test func `with secrets in it prints none of them`() throws {
        let text = Self.trip.replacing("FROM", with: "password_env: SET").replacing("TO", with: "password_env: SET")
        let configuration = try Configuration.parse(text, file: "c.yaml", environment: ["SET": "hunter2"])
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in ["\(configuration)", String(reflecting: configuration), dumped, "\(configuration.plans)"] {
            #expect(!shown.contains("hunter2"))
        }
    }

    @Test(arguments: [
        ("address: nobody", "an address is right"),
        ("address: \"a@b\\r\\nRCPT TO:<x@y>\"", "contains a control character"),
    ])
    func `lets no line end into an address`(_ address: String, _ expected: String) {
        let text = """
            roundtrips:
              - name: t
                from: {\(address), server: mail.example.org, user: u, password_env: SET}
                to: {address: b@example.net, server: imap.example.net, user: u, password_env: SET}
            """
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(text, file: "c.yaml", environment: ["SET": "x"])
        }
        #expect((error?.problems ?? []).contains { $0.message.contains(expected) })
    }

    @Test func `of a folder is merged in the order of names, and says where a setting came twice`() throws {
        let folder = try TemporaryFolder()
        try folder.write("domains: [b.example]\nlisten: 127.0.0.1:1", to: "2.yaml")
        try folder.write("domains: [a.example]\ndefaults: {interval: 7m}", to: "1.yaml")
        try folder.write("nonsense: [", to: ".hidden.yaml")
        try folder.write("nonsense: [", to: "notes.txt")
        let configuration = try Configuration.load([folder.path], environment: [:])
        #expect(configuration.domains.map(\.name) == ["a.example", "b.example"])
        #expect(configuration.domains.map(\.intervalSeconds) == [420, 420])

        try folder.write("listen: 127.0.0.1:2\ndomains: [a.example]", to: "3.yaml")
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.load([folder.path], environment: [:])
        }
        let problems = (error?.problems ?? []).map(\.description)
        #expect(problems.count == 2)
        #expect(problems.contains { $0.contains("3.yaml:1:1: “listen” was given at") && $0.contains("2.yaml:2:1") })
        #expect(problems.contains { $0.contains("3.yaml:2:11: a probe called “a.example” stands at") })
    }

    @Test func `that is no file, an empty folder or too large is refused`() throws {
        let folder = try TemporaryFolder()
        for (path, expected) in [
            ("/nowhere/x.yaml", "No such file"), (folder.path, "no *.yaml file"),
            (try folder.write(String(repeating: "#", count: 5 << 20), to: "big.txt"), "larger than"),
        ] {
            let error = #expect(throws: ConfigurationProblems.self) { try Configuration.load([path], environment: [:]) }
            #expect((error?.problems ?? []).contains { $0.message.contains(expected) && $0.line == 0 })
        }
    }

    @Test func `with anchors is read, and a bomb of them ends soon`() throws {
        let shared = try Configuration.parse(
            "domains:\n  - &a {domain: a.example, interval: 1h}\nports: [{host: h.example, services: &s [smtp]}, {name: i, host: h.example, services: *s}]",
            file: "c.yaml")
        #expect(shared.ports.map(\.services) == [[.smtp], [.smtp]])

        var bomb = "modules:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let alias = "*a\(level - 1)"
            bomb += "  a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: ConfigurationProblems.self) { try Configuration.parse(bomb, file: "c.yaml") }
        let wide =
            "domains: [{domain: a.example, dkim_selectors: &s [\((0..<2_000).map { "s\($0)" }.joined(separator: ", "))]}"
            + (0..<2_000).map { ", {domain: a\($0).example, dkim_selectors: *s}" }.joined() + "]"
        let error = #expect(throws: ConfigurationProblems.self) { try Configuration.parse(wide, file: "c.yaml") }
        #expect((error?.problems ?? []).contains { $0.message.contains("selectors are the most") })
    }

    @Test func `survives text that is cut off or altered anywhere`() async {
        let text = Array(Configuration.example.utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            await Task.yield()
            var mutated = text
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
            }
            mutated = Array(mutated.prefix(Int.random(in: 0...mutated.count, using: &random)))
            do {
                _ = try Configuration.parse(String(decoding: mutated, as: UTF8.self), file: "c.yaml")
            } catch {
                #expect(
                    error.problems.allSatisfy { problem in
                        !problem.description.unicodeScalars.contains { $0.value < 32 }
                    })
            }
        }
        // Nothing nested as deeply as this ends the process.
        _ = try? Configuration.parse(String(repeating: "[", count: 50_000), file: "c.yaml")
        _ = try? Configuration.parse(String(repeating: "- ", count: 50_000), file: "c.yaml")
        _ = try? Configuration.parse(String(repeating: "{a: ", count: 50_000), file: "c.yaml")
    }
}
