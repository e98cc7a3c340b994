import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("What is to come, in reports")
struct ForecastRenderingTests {
    private static let changes = ForecastRendering.Change.Kind.allCases.enumerated().map { index, kind in
        ForecastRendering.Change(
            at: Timestamp(1_800_000_000 + Double(index)), kind: kind, check: "tls.expired",
            severity: kind == .unknown ? nil : Severity.allCases[index], subject: "mx.example.org",
            summary: "The certificate\u{1B}[2J expires.")
    }

    private static func report() async throws -> [JSON.Member] {
        let report = try await Sample.report(
            on: "example.org", zone: Sample.healthyZone, selectors: ["s1"], rules: Sample.healthyRules)
        guard case .object(let members) = ReportJSON.json(report) else { return [] }
        return members
    }

    private static let forecast = ForecastRendering.json(
        from: Timestamp(1_799_000_000), until: Timestamp(1_801_000_000), changes)

    @Test("is described by the schema of reports, every kind of change")
    func described() async throws {
        let report = try await Self.report()
        #expect(report.count > 8)
        #expect(SchemaDocument.report.problems(in: .object(report + [.init("forecast", Self.forecast)])) == [])
        let empty = ForecastRendering.json(from: Timestamp(1), until: Timestamp(2), [])
        #expect(SchemaDocument.report.problems(in: .object(report + [.init("forecast", empty)])) == [])
    }

    @Test(
        "is refused where a key is misspelt, missing or of another kind",
        arguments: [
            ("\"until\":", "\"to\":", "forecast.to"),
            ("\"change\":\"begins\"", "\"change\":\"starts\"", "changes[0].change"),
            ("\"severity\":null", "\"severity\":\"none\"", "changes[4].severity"),
            ("\"check\":\"tls.expired\"", "\"check\":\"expired\"", "changes[0].check"),
            ("\"from\":\"2027", "\"from\":\"27", "forecast.from"),
        ])
    func strict(old: String, new: String, path: String) async throws {
        let text = JSONWriter.text(Self.forecast)
        try #require(text.contains(old))
        let bad = try JSON(reading: Array(text.replacing(old, with: new).utf8))
        let problems = SchemaDocument.report.problems(in: .object(try await Self.report() + [.init("forecast", bad)]))
        #expect(problems.contains { $0.contains(path) }, "\(problems)")
    }

    @Test("and so is what an overlay changes")
    func changes() async throws {
        let report = try await Self.report()
        let same = ReportDifference(domain: "example.org", before: .object(report), after: nil)
        let json = DifferenceRendering.json(same)
        #expect(SchemaDocument.report.problems(in: .object(report + [.init("changes", json)])) == [])
        for bad: JSON in [true, ["schema": "mailsonde.diff/1"], .array([json])] {
            let problems = SchemaDocument.report.problems(in: .object(report + [.init("changes", bad)]))
            #expect(problems.contains { $0.hasPrefix("changes") })
        }
    }

    @Test("is two lines for people, of which nothing repaints the terminal")
    func text() {
        let text = ForecastRendering.text(of: "example.org", until: Timestamp(1_801_000_000), Self.changes)
        #expect(text.split(separator: "\n").count == 1 + 2 * Self.changes.count)
        #expect(!text.contains("\u{1B}"))
        let none = ForecastRendering.text(of: "example.org", until: Timestamp(2), [])
        #expect(none.contains("nothing changes"))
    }
}
