import Judgement
import Testing

@testable import Rendering

@Suite("SARIF")
struct ReportSARIFTests {
    private func sick(_ baseline: Baseline = Baseline()) async throws -> Report {
        baseline.applied(
            to: try await Sample.report(
                on: "example.org", zone: Sample.sickZone, ports: Sample.ports, selectors: ["s1"], rules: Sample.rules))
    }

    private func run(_ reports: [Report]) throws -> JSON {
        let log = try JSON(reading: Array(ReportFormat.sarif.text(reports, Look()).utf8))
        #expect(log["version"] == "2.1.0")
        return try #require(log["runs"]?.elements.first)
    }

    @Test("has what GitHub's code scanning asks for")
    func github() async throws {
        let report = try await sick()
        let run = try run([report])
        let rules = run["tool"]?["driver"]?["rules"]?.elements ?? []
        let results = run["results"]?.elements ?? []
        #expect(results.count == report.findings.count)
        #expect(Set(rules.map { $0["id"]?.text }).count == rules.count)
        for rule in rules {
            for key in ["shortDescription", "fullDescription", "help"] {
                let text = rule[key]?["text"]?.text ?? ""
                #expect(key == "help" || text.count <= 1_024)
                if rule["id"]?.text?.hasPrefix("sample.") == false { #expect(!text.isEmpty) }
            }
            #expect(["error", "warning", "note"].contains(rule["defaultConfiguration"]?["level"]?.text))
        }
        for result in results {
            guard case .integer(let index)? = result["ruleIndex"] else {
                Issue.record("no ruleIndex")
                continue
            }
            #expect(rules[index]["id"] == result["ruleId"])
            #expect(result["message"]?["text"]?.text?.isEmpty == false)
            let place = result["locations"]?.elements.first
            #expect(place?["physicalLocation"]?["artifactLocation"]?["uri"] == "example.org")
            #expect(place?["physicalLocation"]?["region"]?["startLine"] == 1)
            #expect(place?["logicalLocations"]?.elements.first?["kind"] == "resource")
        }
        #expect(results.first?["level"] == "error" && results.last?["level"] == "note")
    }

    @Test("names each finding by a print of its own that stays, whatever else is found")
    func fingerprints() async throws {
        func prints(_ reports: [Report]) throws -> [String] {
            try run(reports)["results"]?.elements
                .compactMap { $0["partialFingerprints"]?["primaryLocationLineHash"]?.text } ?? []
        }
        let report = try await sick()
        let all = try prints([report])
        #expect(all.count == report.findings.count && Set(all).count == all.count)
        var fewer = report
        fewer.findings.removeFirst(3)
        #expect(try prints([fewer]) == Array(all.dropFirst(3)))
        // Twice the same check on the same thing: told apart by a number.
        fewer.findings = [report.findings[0], report.findings[0]]
        #expect(try prints([fewer]).map { String($0.suffix(2)) } == [":1", ":2"])
    }

    @Test("keeps what could not be told out of the results, and accepted findings suppressed in them")
    func unknownAndAccepted() async throws {
        let report = try await sick(
            Baseline(acceptances: [.init(check: "sample.warning", reason: "known")]))
        let run = try run([report])
        let results = run["results"]?.elements ?? []
        #expect(!results.contains { $0["ruleId"] == "sample.unknown" })
        let told = run["invocations"]?.elements.first?["toolExecutionNotifications"]?.elements ?? []
        #expect(told.count == report.unknown.count && told.count == 2)
        let suppressed = results.filter { $0["suppressions"] != nil }
        #expect(suppressed.map { $0["ruleId"] } == ["sample.warning"])
    }

    @Test("is written for every example of the pages, rules and all")
    func names() {
        for page in CheckPage.all {
            let rule = Rule(page.check.identifier) { _ in [Ruling(.message("a/ü b"), .finds(Found("x.")))] }
            let report = judge([], of: Target(name: "example.org"), at: Sample.at, by: [rule])
            let text = ReportFormat.sarif.text([report], Look())
            #expect(text.contains("\"id\": \"\(page.check.identifier)\""))
            #expect(text.contains("## What to do"))
        }
    }
}
