import Foundation
import Lab
import Testing

@Suite("audit --baseline", .serialized)
struct BaselineCommandTests {
    @Test("accepts what --write-baseline wrote, shows it apart, and ends with status 0")
    func accepts() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let folder = try Folder()
            defer { folder.remove() }
            let file = folder.path("baseline.yaml")
            let command = ["audit", "\(world.brokenDomain)", "--ports", "smtp"] + options.arguments
            let first = try await Program.run(command + ["--write-baseline", file])
            #expect(first.status == 2 && first.errors.contains("accepted in"))
            let again = try await Program.run(command + ["--write-baseline", file])
            #expect(again.status == 64 && again.errors.contains("is there already"))
            let outcome = try await Program.run(command + ["--baseline", file, "--json"])
            let report = try object(outcome.output)
            let findings = report["findings"] as? [[String: Any]] ?? []
            #expect(findings.allSatisfy { $0["severity"] as? String == "info" }, "\(findings)")
            #expect((report["accepted"] as? [Any] ?? []).count > 5)
            // What could not be told stays so.
            #expect(outcome.status == 3 && report["verdict"] as? String == "unknown")
            let later = try await Program.run(
                command + ["--baseline", file, "--now", "\(Int(Date().timeIntervalSince1970) + 100 * 86_400)"])
            #expect(later.status == 2 && later.output.contains("NO LONGER ACCEPTED"))
        }
    }

    @Test("is refused with line and column where it cannot be meant")
    func refused() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let file = try folder.write("b.yaml", "accept:\n  - {check: mx.ipv6}\n")
        let outcome = try await Program.run(["audit", "example.org", "--offline", "--baseline", file])
        #expect(outcome.status == 64 && outcome.errors.contains("b.yaml:2:5: “reason” is missing"))
    }
}
