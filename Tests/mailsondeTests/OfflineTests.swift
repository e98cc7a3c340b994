import Foundation
import Testing

@Suite("Offline, nothing is asked and nothing is called missing")
struct OfflineTests {
    @Test(
        "An audit could not tell, and says so in every form",
        arguments: ["text", "json", "markdown", "html", "junit", "nagios"])
    func audit(format: String) async throws {
        let outcome = try await Program.run(["audit", "example.org", "--offline", "--format", format], within: 120)
        #expect(outcome.status == 3)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.contains("example.org"))
        #expect(outcome.output.contains("offline"))
    }

    @Test("No check finds or passes anything without having looked")
    func unknown() async throws {
        let report = ReportObject(
            object: try await Program.object(["audit", "example.org", "--offline"], within: 120).object)
        #expect(report.verdict == "unknown")
        #expect(report.found.isEmpty)
        #expect(report.passed.isEmpty)
        #expect(report.unknown.values.allSatisfy { $0 == ["offline"] })
        #expect(report.unknown.keys.contains("spf.exists") && report.unknown.keys.contains("mx.exists"))
    }

    @Test("The keys of a report are those that were promised, in their order")
    func keys() async throws {
        let outcome = try await Program.run(["audit", "example.org", "--offline", "--json"], within: 120)
        let keys = [
            "schema", "domain", "at", "duration_seconds", "verdict", "findings", "unknown", "passed", "not_applicable",
            "evidence",
        ]
        let object = try object(outcome.output)
        #expect(Set(object.keys) == Set(keys))
        #expect(object["schema"] as? String == "mailsonde.report/1")
        let places = keys.map { outcome.output.range(of: "\n  \"\($0)\": ")?.lowerBound }
        #expect(places.allSatisfy { $0 != nil } && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        let evidence = object["evidence"] as? [String: Any] ?? [:]
        #expect(
            Set(evidence.keys).isSuperset(of: [
                "mx", "addresses", "ptr", "spf", "dkim", "dmarc", "mta_sts", "tls_rpt", "dane", "ports",
            ]))
    }

    @Test("Several domains are an array, or an object a line, in the order they were given")
    func several() async throws {
        let domains = ["c.example", "a.example", "b.example"]
        let array = try await Program.run(["audit"] + domains + ["--offline", "--json"], within: 120)
        let objects = try JSONSerialization.jsonObject(with: Data(array.output.utf8)) as? [[String: Any]]
        #expect(objects?.compactMap { $0["domain"] as? String } == domains)
        let lines = try await Program.run(["audit"] + domains + ["--offline", "--jsonl"], within: 120)
            .output.split(separator: "\n")
        #expect(try lines.map { try object(String($0))["domain"] as? String } == domains)
    }

    @Test(
        "--fail-on says from which severity on the status is not 0",
        arguments: [("never", 0), ("warning", 3), ("error", 3)] as [(String, Int32)])
    func failOn(threshold: String, status: Int32) async throws {
        let outcome = try await Program.run(["audit", "example.org", "--offline", "--fail-on", threshold], within: 120)
        #expect(outcome.status == status)
    }

    @Test("--now is the moment of the report")
    func now() async throws {
        let report = try await Program.object(
            ["audit", "example.org", "--offline", "--now", "1795348800"], within: 120)
        #expect(report.object["at"] as? String == "2026-11-22T12:00:00Z")
    }

    @Test("Names are taken in any script and shown as the DNS has them")
    func international() async throws {
        let report = try await Program.object(["audit", "bücher.example", "--offline"], within: 120)
        #expect(report.object["domain"] as? String == "xn--bcher-kva.example")
    }
}
