import Foundation
import Testing

@Suite("Checks are explained and configurations checked")
struct ExplainTests {
    @Test("The list names every check once, and each can be explained")
    func list() async throws {
        let outcome = try await Program.run(["explain", "--json"], within: 120)
        let checks = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] ?? []
        let identifiers = checks.compactMap { $0["check"] as? String }
        #expect(identifiers.count >= 40)
        #expect(Set(identifiers).count == identifiers.count)
        for check in checks {
            #expect((check["meaning"] as? String)?.isEmpty == false && (check["remedy"] as? String)?.isEmpty == false)
        }
        let text = try await Program.run(["explain"], within: 120).output
        #expect(identifiers.allSatisfy { text.contains($0) })
    }

    @Test(
        "One check is explained with its reference and what to do", arguments: ["spf.lookup-limit", "SPF.Lookup-Limit"])
    func one(identifier: String) async throws {
        let outcome = try await Program.run(["explain", identifier], within: 120)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("RFC 7208"))
        #expect(outcome.output.contains("What to do"))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test("An area lists its checks")
    func area() async throws {
        let outcome = try await Program.run(["explain", "spf"], within: 120)
        #expect(outcome.output.contains("spf.exists") && !outcome.output.contains("mx.exists"))
    }

    @Test("The example of a configuration is a valid one")
    func example() async throws {
        let text = try await Program.run(["config", "example"], within: 120).output
        let file = FileManager.default.temporaryDirectory.appending(path: "mailsonde-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        let outcome = try await Program.run(["config", "check", file.path], within: 120)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("valid"))
    }

    @Test("Every problem of a configuration is named with file, line and column")
    func problems() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mailsonde-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("domains:\n  - {domain: a..b}\nfrobs: 1\n".utf8).write(to: file)
        let outcome = try await Program.run(["config", "check", file.path], within: 120)
        #expect(outcome.status == 64)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(
            lines.contains { $0.hasPrefix("\(file.path):2:") } && lines.contains { $0.hasPrefix("\(file.path):3:1") })
        let trip = try await Program.run(["roundtrip", file.path], within: 120)
        #expect(trip.status == 64)
        #expect(trip.errors.contains("\(file.path):3:1"))
    }
}
