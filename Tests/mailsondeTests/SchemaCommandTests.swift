import Foundation
import Judgement
import Lab
import Rendering
import Testing

/// What the program writes as JSON is as its schemas say.
@Suite("mailsonde schema", .serialized)
struct SchemaCommandTests {
    private func hold(
        _ output: String, against document: SchemaDocument, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [JSON] {
        var values = try JSON.sequence(reading: Array(output.utf8))
        if values.count == 1, case .array(let elements) = values[0] { values = elements }
        let problems = values.flatMap { document.problems(in: $0) }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))", sourceLocation: sourceLocation)
        #expect(!values.isEmpty, sourceLocation: sourceLocation)
        return values
    }

    @Test("prints each of the schemas, and says which there are")
    func prints() async throws {
        for (name, document) in SchemaDocument.all {
            let outcome = try await Program.run(["schema", name])
            #expect(outcome.status == 0)
            #expect(try JSON(reading: Array(outcome.output.utf8)) == document.json)
        }
        let wrong = try await Program.run(["schema", "rapport"])
        #expect(wrong.status == 64 && wrong.errors.contains("report, scan, message, roundtrip, diff or fix"))
    }

    @Test("describes audits of the demo's domains with all that can be asked, and their differences")
    func demo() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let folder = try Folder()
            defer { folder.remove() }
            let broken = "\(world.brokenDomain)", healthy = "\(world.healthyDomain)"
            let selectors = [world.healthyDomain, world.brokenDomain].flatMap { world.selectors[$0] ?? [] }
                .flatMap { ["--selector", $0] }
            let command = ["audit", healthy, broken, "--json"] + options.arguments
            let all = try await Program.run(
                command + ["--accepts", "weak", "--behaviour", "--recipient", "nobody@\(broken)"], within: 200)
            #expect(try hold(all.output, against: .report).count == 2)
            let plain = try await Program.run(command, within: 120)
            _ = try hold(plain.output, against: .report)
            let before = try folder.write("before.json", all.output)
            let after = try folder.write("after.json", plain.output)
            let difference = try await Program.run(["diff", before, after, "--json"])
            let differences = try hold(difference.output, against: .difference)
            #expect(differences.count == 2)
            // Nothing is new; what was asked the first time alone is not gone.
            #expect(differences.allSatisfy { $0["new"]?.elements.isEmpty == true }, "\(difference.output.prefix(2000))")
            let same = try await Program.run(["diff", before, before])
            #expect(same.status == 0 && same.output.contains("\(broken)  ✓ the same"))
            let fix = try await Program.run(["audit", broken, "--fix", "--json"] + selectors + options.arguments)
            #expect(fix.status == 2)
            let plan = try #require(try hold(fix.output, against: .fix).first)
            #expect((plan["steps"]?.elements.count ?? 0) > 3 && (plan["left"]?.elements.count ?? 0) > 3)
            let sarif = try await Program.run(["audit", broken, "--format", "sarif"] + selectors + options.arguments)
            #expect(sarif.status == 2)
            let log = try JSON(reading: Array(sarif.output.utf8))
            let results = log["runs"]?.elements.first?["results"]?.elements ?? []
            for defect in world.defects { #expect(results.contains { $0["ruleId"]?.text == defect.check }) }
        }
    }

    @Test("describes scans, and audits without a network")
    func offline() async throws {
        let domains = ["example.org", "not a domain", "a..b", "example.com"]
        let folder = try Folder()
        defer { folder.remove() }
        let list = try folder.write("domains.txt", domains.joined(separator: "\n") + "\n")
        let scan = try await Program.run(["scan", list, "--offline"], within: 120)
        #expect(try hold(scan.output, against: .scan).count >= 3)
        let audit = try await Program.run(["audit", "example.org", "example.com", "--offline", "--jsonl"], within: 120)
        #expect(try hold(audit.output, against: .report).count == 2)
    }

    @Test("diff refuses what is no report, with its place")
    func refused() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let bad = try folder.write("bad.json", "{\n \"schema\" 1}")
        let other = try folder.write("other.json", "{\"schema\": \"x/1\"}")
        for (path, words) in [(bad, "line 2, column 11"), (other, "x/1"), ("/nonexistent", "No such file")] {
            let outcome = try await Program.run(["diff", path, path])
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}
