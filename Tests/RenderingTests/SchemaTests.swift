import Foundation
import Judgement
import Testing

@testable import Rendering

@Suite("The published schemas")
struct SchemaTests {
    @Test("describe every report that the examples of the pages give, and every message")
    func pages() async throws {
        var held = 0
        var problems: Set<String> = []
        for example in try await PageReports.all.value {
            let isMessage = !example.report.evidence.messages.isEmpty
            let value = isMessage ? MessageAnalysisJSON.json(example.report) : ReportJSON.json(example.report)
            let document: SchemaDocument = isMessage ? .message : .report
            problems.formUnion(document.problems(in: value))
            held += 1
        }
        #expect(problems.isEmpty, "\(problems.sorted().joined(separator: "\n"))")
        #expect(held > 500)
    }

    @Test("describe ports, failures and round trips, and what was written can be read again")
    func samples() async throws {
        let report = try await Sample.report(
            on: "example.org", zone: Sample.sickZone, ports: Sample.ports, selectors: ["s1", "s2", "s3"],
            rules: Sample.rules)
        #expect(SchemaDocument.report.problems(in: ReportJSON.json(report)) == [])
        #expect(SchemaDocument.roundTrip.problems(in: RoundTripJSON.json(Sample.roundTrip())) == [])
        var trip = Sample.roundTrip()
        trip.body = Array("Hello\r\n".utf8)
        let message = try #require(MessageObservation(foundBy: trip))
        let analysis = judge([.message(message)], of: Target(name: trip.name), at: trip.submittedAt)
        #expect(SchemaDocument.roundTrip.problems(in: RoundTripJSON.json(trip, analysis: analysis)) == [])
        for form in [JSONWriter.Form.compact, .indented] {
            let read = try JSON(reading: Array(JSONWriter.text(ReportJSON.json(report), form).utf8))
            #expect(SchemaDocument.report.problems(in: read) == [])
        }
    }

    @Test("refuse a key that is misspelt, one that is missing and a value of another kind")
    func strict() async throws {
        let report = try await Sample.report(
            on: "example.org", zone: Sample.healthyZone, selectors: ["s1"], rules: Sample.healthyRules)
        let good = JSONWriter.text(ReportJSON.json(report))
        for (old, new, path) in [
            ("\"void_lookups\":", "\"viod_lookups\":", "evidence.spf.viod_lookups"),
            ("\"verdict\":\"pass\"", "\"verdict\":\"fine\"", "verdict"),
            ("\"not_applicable\":", "\"n_a\":", "not_applicable"),
            ("\"preference\":10", "\"preference\":\"10\"", "evidence.mx[0].preference"),
            ("\"at\":\"2026", "\"at\":\"26", "at"),
        ] {
            let bad = try JSON(reading: Array(good.replacing(old, with: new).utf8))
            #expect(SchemaDocument.report.problems(in: bad).contains { $0.hasPrefix(path + ":") }, "\(path)")
        }
    }

    @Test("are JSON Schema, closed, and every shape that they name is there", arguments: SchemaDocument.all.map(\.name))
    func documents(name: String) throws {
        let document = try #require(SchemaDocument.all.first { $0.name == name }?.document)
        let json = document.json
        #expect(json["$schema"]?.text == "https://json-schema.org/draft/2020-12/schema")
        let names = Set(document.definitions.map(\.name))
        func walk(_ value: JSON) {
            switch value {
            case .object(let members):
                #expect(Set(members.map(\.key)).count == members.count)
                if let reference = value["$ref"]?.text { #expect(names.contains(String(reference.dropFirst(8)))) }
                if value["type"] == "object", value["required"] != nil {
                    #expect(value["additionalProperties"] == false)
                }
                for member in members { walk(member.value) }
            case .array(let elements): for element in elements { walk(element) }
            default: break
            }
        }
        walk(json)
    }
}
