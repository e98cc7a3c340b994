import DNS
import Foundation
import Lab
import Testing

@Suite("audit on a machine that cannot see everything, and with a second resolver", .serialized)
struct MachineTests {
    private static let zone = """
        . SOA a.test. b.test. 1 7200 3600 1209600 3600
        example.test. NS ns1.test.
        example.test. NS ns2.test.
        example.test. MX 10 mx.example.test.
        example.test. TXT "v=spf1 mx -all"
        _dmarc.example.test. TXT "v=DMARC1; p=reject"
        mx.example.test. A 127.0.0.77
        """

    private func audit(
        _ zone: String, ports: String = "none", second: String? = nil, _ body: (ReportObject) throws -> Void
    ) async throws {
        try await withLab { lab in
            let names = try await lab.start(DNSAuthority(try Zone(zone)))
            var arguments = ["audit", "example.test", "--ports", ports, "--no-blocklists", "--resolver", "\(names)"]
            if let second {
                arguments += ["--second-resolver", "\(try await lab.start(DNSAuthority(try Zone(second))))"]
            }
            let report = try await Program.object(arguments + ["--timeout", "20"])
            try body(ReportObject(object: report.object))
        }
    }

    private func limits(_ report: ReportObject) -> [String] {
        (report.object["machine"] as? [[String: Any]] ?? []).compactMap { $0["key"] as? String }
    }

    @Test("a resolver that makes up addresses is told of once, and what is at them is unknown")
    func lying() async throws {
        try await audit(Self.zone) { report in
            #expect(limits(report).isEmpty)
            #expect(!report.unknown.keys.contains("mx.target-unresolvable"))
        }
        let lies = Self.zone.replacing("127.0.0.77", with: "127.0.0.99") + "\n*.invalid. A 127.0.0.99\n"
        try await audit(lies, ports: "smtp") { report in
            #expect(limits(report) == ["resolver_truthful"])
            #expect(report.unknown["mx.target-unresolvable"] == ["dns_malformed"])
            #expect(!report.found.contains { $0.hasPrefix("smtp.") || $0.hasPrefix("ptr.") })
        }
    }

    @Test("two resolvers that differ are told apart by record; without a second one nobody is held against the first")
    func second() async throws {
        let check = "authority.resolvers-differ"
        try await audit(Self.zone) { report in #expect(!report.passed.contains(check)) }
        try await audit(Self.zone, second: Self.zone) { report in
            #expect(report.passed.contains(check) && !report.found.contains(check))
        }
        let other = Self.zone.replacing("10 mx.example", with: "10 old.example").replacing("_dmarc", with: "_dmark")
        try await audit(Self.zone, second: other) { report in
            let findings = (report.object["findings"] as? [[String: Any]] ?? []).filter {
                $0["check"] as? String == check
            }
            #expect(Set(findings.compactMap { $0["subject"] as? String }) == ["example.test", "_dmarc.example.test"])
            #expect(Set(findings.compactMap { $0["severity"] as? String }) == ["notice", "warning"])
        }
        // One that is silent says nothing of the domain.
        try await audit(Self.zone, second: ". !timeout\n*. !timeout\n") { report in
            #expect(!report.found.contains(check) && report.unknown[check] == nil)
        }
    }

    @Test("what is only supposed has not spread yet: an overlay is held against no name server")
    func overlay() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "overlay-\(UUID().uuidString)")
        try Data("example.test. TXT \"v=spf1 -all\"\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await withLab { lab in
            let names = try await lab.start(
                DNSAuthority(try Zone(Self.zone + "\nns1.test. A 127.0.0.1\nns2.test. A 127.0.0.1\n")))
            let report = try await Program.object(
                [
                    "audit", "example.test", "--ports", "none", "--no-blocklists", "--resolver", "\(names)",
                    "--connect-to", ":53:127.0.0.1:\(names.port)", "--overlay", file.path, "--timeout", "20",
                ])
            let found = ReportObject(object: report.object)
            #expect(!found.found.contains("authority.propagation"))
        }
    }
}
