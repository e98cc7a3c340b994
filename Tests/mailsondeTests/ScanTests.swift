import DNS
import Foundation
import Lab
import Networking
import Testing

/// Domains `d0.example`, `d1.example`, …, each with its records.
private func zone(_ count: Int, and more: String = "") throws -> Zone {
    try Zone(
        (0..<count).map { n in
            """
            d\(n).example. MX 10 mx.shared.example.
            d\(n).example. TXT "v=spf1 include:_spf.shared.example -all"
            _dmarc.d\(n).example. TXT "v=DMARC1; p=reject; rua=mailto:r@d\(n).example"
            """
        }.joined(separator: "\n") + """

            mx.shared.example. A 11.0.0.1
            1.0.0.11.in-addr.arpa. PTR mx.shared.example.
            _spf.shared.example. TXT "v=spf1 ip4:11.0.0.0/24 -all"
            \(more)
            """)
}

private func list(_ count: Int) -> String { (0..<count).map { "d\($0).example\n" }.joined() }

private func domains(_ output: String) throws -> [String] {
    try output.split(separator: "\n").map { try object(String($0))["domain"] as? String ?? "" }
}

@Suite("mailsonde scan")
struct ScanTests {
    /// Runs `body` beside a name server, with a folder of its own.
    private func with<R: Sendable>(
        _ authority: DNSAuthority, _ body: (String, Folder) async throws -> R
    ) async throws -> R {
        let folder = try Folder()
        defer { folder.remove() }
        return try await withLab { lab in try await body("\(try await lab.start(authority))", folder) }
    }

    @Test("One line an entry, in the order of the list, whatever stands in it")
    func order() async throws {
        try await with(DNSAuthority(try zone(60))) { server, folder in
            let text = list(30) + "not a domain\n\nx@y.example\n# left out\n\u{1}\u{2}\n" + list(30)
            try folder.write("list", text)
            let outcome = try await Program.run(["scan", folder.path("list"), "--resolver", server], within: 120)
            #expect(outcome.status == 0)
            let names = (0..<30).map { "d\($0).example" }
            #expect(try domains(outcome.output) == names + ["not a domain", "x@y.example", "\u{1}\u{2}"] + names)
            let lines = try outcome.output.split(separator: "\n").map { try object(String($0)) }
            #expect(lines.filter { $0["error"] != nil }.count == 3)
            let evidence = lines[7]["evidence"] as? [String: Any]
            func published(_ record: String) -> String? { (evidence?[record] as? [String: Any])?["record"] as? String }
            #expect(lines[7]["schema"] as? String == "mailsonde.report/1")
            #expect(published("spf") == "v=spf1 include:_spf.shared.example -all")
            #expect(published("dmarc") == "v=DMARC1; p=reject; rua=mailto:r@d7.example")
            #expect(evidence?["ports"] == nil)
            let checks = ReportObject(object: lines[7])
            #expect(checks.passed.isSuperset(of: ["spf.exists", "mx.exists", "dmarc.exists", "ptr.exists"]))
            #expect(checks.unknown.isEmpty)
            let areas = (checks.passed.union(checks.found)).map { $0.prefix { $0 != "." } }
            #expect(Set(areas).isDisjoint(with: ["smtp", "tls", "imap", "pop3", "roundtrip", "helo"]))
            #expect(outcome.errors.contains("60 domains") && outcome.errors.contains("60 reject"))
        }
    }

    @Test("A scan says of a domain what an audit says of its records")
    func sameAsAudit() async throws {
        try await with(DNSAuthority(try zone(3))) { server, folder in
            try folder.write("list", "d1.example\ngone.example\n")
            let options = ["--resolver", server, "--now", "1795348800"]
            let scanned = try await Program.run(["scan", folder.path("list"), "--guesses", "all"] + options)
                .output.split(separator: "\n").map { ReportObject(object: try object(String($0))) }
            for (line, domain) in zip(scanned, ["d1.example", "gone.example"]) {
                let audit = ReportObject(
                    object: try await Program.object(["audit", domain, "--ports", "none"] + options).object)
                #expect(line.found == audit.found.filter(Self.isOfRecords))
                #expect(line.passed == audit.passed.filter(Self.isOfRecords))
                #expect(line.verdict == audit.verdict)
            }
        }
    }

    /// What an audit asks the DNS besides, a scan of many domains does not: `scan --help` says so.
    private static func isOfRecords(_ check: String) -> Bool {
        let area = check.prefix { $0 != "." }
        return !["discovery", "reputation", "authority", "dnssec"].contains(area) && check != "domain.dangling-alias"
    }

    @Test("CSV by name and by number, fields by path, findings alone")
    func fields() async throws {
        try await with(DNSAuthority(try zone(3))) { server, folder in
            try folder.write("list", "rank,domain\n1,d0.example\n2,\"d1.example\"\n")
            func run(_ options: String...) async throws -> [String] {
                let outcome = try await Program.run(
                    ["scan", folder.path("list"), "--resolver", server, "--quiet"] + options)
                #expect(outcome.errors.isEmpty && outcome.status == 0)
                return outcome.output.split(separator: "\n").map(String.init)
            }
            #expect(
                try await run("--column", "domain", "--select", "domain,evidence.dmarc.policy") == [
                    #"{"domain":"d0.example","evidence":{"dmarc":{"policy":"reject"}}}"#,
                    #"{"domain":"d1.example","evidence":{"dmarc":{"policy":"reject"}}}"#,
                ])
            let numbered = try await run("--column", "2", "--select", "domain,error")
            #expect(numbered.count == 3 && numbered[2] == #"{"domain":"d1.example"}"#)
            let findings = try object(try await run("--column", "domain", "--findings-only")[0])
            #expect(Set(findings.keys) == ["schema", "domain", "at", "verdict", "findings", "unknown"])
        }
    }

    @Test("With --now two scans are the same to the octet, at any number in flight")
    func repeatable() async throws {
        try await with(DNSAuthority(try zone(40))) { server, folder in
            try folder.write("list", list(40))
            var outputs: Set<String> = []
            for inFlight in ["1", "7", "30"] {
                outputs.insert(
                    try await Program.run([
                        "scan", folder.path("list"), "--resolver", server, "--now", "1795348800", "--in-flight",
                        inFlight,
                    ]).output)
            }
            #expect(outputs.count == 1)
        }
    }

    @Test("Killed at any moment, it goes on without losing a line or writing one twice", arguments: [false, true])
    func resume(isUnordered: Bool) async throws {
        // The last domain gets no answer, so that there is time to kill the scan.
        try await with(DNSAuthority(try zone(400, and: "slow.example. MX !timeout"), loss: 0.02)) { server, folder in
            try folder.write("list", list(400) + list(3) + "slow.example\n")
            let options =
                ["scan", folder.path("list"), "--resolver", server, "--output", folder.path("out"), "--resume"]
                + (isUnordered ? ["--unordered"] : [])
            var kills = 0
            for milliseconds in [30, 150, 300, 600] {
                let process = try Program.tool.start(
                    options + ["--in-flight", "20"], output: folder.path("stdout"), errors: folder.path("stderr"))
                try await Task.sleep(for: .milliseconds(milliseconds))
                if process.isRunning {
                    kill(process.processIdentifier, SIGKILL)
                    kills += 1
                }
                await process.end()
                // The torn line of a machine that lost power.
                if kills == 2, let file = FileHandle(forUpdatingAtPath: folder.path("out")) {
                    try file.seekToEnd()
                    try file.write(contentsOf: Data(#"{"schema":"mailsonde.report/1","dom"#.utf8))
                    try file.close()
                }
            }
            #expect(kills > 0)
            let outcome = try await Program.run(options, within: 120)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let found = try domains(folder.read("out"))
            let expected = (0..<400).map { "d\($0).example" } + (0..<3).map { "d\($0).example" } + ["slow.example"]
            #expect(isUnordered ? found.sorted() == expected.sorted() : found == expected)
        }
    }

    @Test("Ctrl-C ends it at once, with whole lines and a status that says so", arguments: [SIGINT, SIGTERM])
    func interrupted(number: Int32) async throws {
        // Every third domain has a question that is never answered.
        let text = (0..<300).map {
            "d\($0).example. MX 10 mx.d\($0).example.\n" + ($0 % 3 == 0 ? "mx.d\($0).example. A !timeout\n" : "")
        }
        try await with(DNSAuthority(try Zone(text.joined()))) { server, folder in
            try folder.write("list", list(300))
            let process = try Program.tool.start(
                ["scan", folder.path("list"), "--resolver", server, "--unordered", "--in-flight", "250"],
                output: folder.path("out"), errors: folder.path("err"))
            try await eventually("some lines are there") { folder.read("out").split(separator: "\n").count > 20 }
            kill(process.processIdentifier, number)
            try await eventually("it ends") { !process.isRunning }
            #expect(process.terminationStatus == 128 + number)
            let output = folder.read("out")
            #expect(output.hasSuffix("\n"))
            #expect(try domains(output).count < 300)
            #expect(folder.read("err").contains("interrupted"))
        }
    }

    @Test("By --timeout there is a line that says it could not tell")
    func deadline() async throws {
        let authority = DNSAuthority(try zone(1))
        authority.isDead = true
        try await with(authority) { server, folder in
            try folder.write("list", "d0.example\n")
            let outcome = try await Program.run(
                ["scan", folder.path("list"), "--resolver", server, "--timeout", "2"])
            #expect(outcome.status == 3)
            let line = ReportObject(object: try object(outcome.output))
            #expect(line.object["duration_seconds"] as? Double ?? 99 < 6)
            #expect(line.verdict == "unknown" && line.found.isEmpty && line.passed.isEmpty)
        }
    }

    @Test("A reader that has seen enough ends it without a word")
    func head() async throws {
        try await with(DNSAuthority(try zone(300))) { server, folder in
            try folder.write("list", list(300))
            let outcome = try #require(Tool("bash")).path
            let ended = try await Tool(path: outcome).run([
                "-c", "\"$0\" scan \"$1\" --resolver \"$2\" | head -n 1; echo ${PIPESTATUS[0]}", Program.tool.path,
                folder.path("list"), server,
            ])
            #expect(ended.errors.isEmpty)
            #expect(ended.output.split(separator: "\n").last == "0")
            #expect(ended.output.split(separator: "\n").count == 2)
        }
    }

    @Test(
        "Wrong usage is refused",
        arguments: [
            (["--resume"], "--resume needs --output"), (["--select", "domian"], "there is no field “domian”"),
            (["--in-flight", "0"], "--in-flight"), (["--domain-timeout=0"], "above 0"),
            (["--select", "domain", "--findings-only"], "contradict"), (["--format", "html"], "JSON Lines"),
            (["--resume", "--unordered", "--output", "/nonexistent/x", "--select", "verdict"], "add domain"),
            (["--output", "/nonexistent/x"], "/nonexistent/x"), (["--output", "/dev/null"], "is no file"),
            (["/nonexistent/list"], "/nonexistent/list"), (["--column", "x"], "names no column"),
        ] as [([String], String)])
    func refused(options: [String], message: String) async throws {
        let list = options.contains("/nonexistent/list") ? [] : ["/etc/hostname"]
        let outcome = try await Program.run(["scan", "--offline"] + list + options)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
}
