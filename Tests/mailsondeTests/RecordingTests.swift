import DNS
import Foundation
import Judgement
import Lab
import Mail
import Probes
import Rendering
import Testing

@testable import mailsonde

@Suite("audit --record and --replay, --overlay, --in", .serialized)
struct RecordingTests {
    @Test("a replay writes what the audit wrote, byte for byte, in every format, without a network")
    func replays() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let folder = try Folder()
            defer { folder.remove() }
            for format in ["text", "json", "markdown", "html", "junit", "sarif", "nagios"] {
                let file = folder.path("\(format).jsonl")
                let domains = ["\(world.healthyDomain)", "\(world.brokenDomain)"]
                let seen = try await Program.run(
                    ["audit"] + domains + ["--format", format, "-v", "--record", file] + options.arguments)
                let again = try await Program.run(["audit", "--replay", file, "--format", format, "-v"])
                #expect(!seen.output.isEmpty && again.output == seen.output, "\(format)")
                #expect(again.status == seen.status && again.errors.isEmpty)
            }
        }
    }

    @Test("an overlay shows what changes, also over a recording; what is to come has a date")
    func whatIf() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let folder = try Folder()
            defer { folder.remove() }
            let file = folder.path("seen.jsonl")
            let domain = "\(world.healthyDomain)"
            let zone = try folder.write(
                "zone", "\(domain). TXT \"v=spf1 +all\"\n_dmarc.\(domain). TXT !delete\n")
            let live = try await Program.object(
                ["audit", domain, "--record", file, "--overlay", zone] + options.arguments)
            let again = try await Program.object(["audit", "--replay", file, "--overlay", zone])
            for report in [live.object, again.object] {
                let found = ReportObject(object: report).found
                #expect(found.contains("spf.plus-all") || found.contains { $0.hasPrefix("spf.") }, "\(found)")
                #expect(found.contains { $0.hasPrefix("dmarc.") })
                #expect(report["changes"] != nil)
            }
            let overlaid = try await Program.run([
                "audit", "--replay", file, "--overlay", zone, "--in", "20w", "--json",
            ])
            #expect(SchemaDocument.report.problems(in: try JSON(reading: Array(overlaid.output.utf8))) == [])
            let ahead = try await Program.object(["audit", "--replay", file, "--in", "20w"])
            let changes = (ahead.object["forecast"] as? [String: Any])?["changes"] as? [[String: Any]] ?? []
            #expect(!changes.isEmpty)
        }
    }

    @Test("a broken, cut or foreign recording is refused with the line")
    func refused() throws {
        let domain = try DomainName("example.org")
        let target = Target(name: "example.org", domain: domain)
        let lookup = LookupObservation(Question(domain, .mx), .failure(Unanswered(.timedOut)))
        let whole = try Recording(
            examinations: [.init(target: target, at: .init(1.8e9), seconds: 0.25, observations: [.lookup(lookup)])]
        ).text(by: "test", in: JSONLines())
        let form = JSONLines()
        #expect(try Recording(reading: Array(whole.utf8), in: form).text(by: "test", in: form) == whole)
        let lines = whole.split(separator: "\n", omittingEmptySubsequences: false)
        let cases: [(String, Int)] = [
            ("", 1), ("{}", 1), ("[1,2]", 1), (whole.replacing("recording/1", with: "recording/2"), 1),
            (lines.prefix(2).joined(separator: "\n"), 3), (lines.prefix(3).joined(separator: "\n"), 4),
            (whole.replacing("\"seen\":1", with: "\"seen\":2"), 4), (whole.replacing("timedOut", with: "late"), 3),
            (whole + "{}\n", 5), (whole.replacing("0.25", with: "1e300"), 2), (whole.replacing("0.25", with: "-1"), 2),
        ]
        for (text, line) in cases {
            let error = #expect(throws: RecordingError.self) { try Recording(reading: Array(text.utf8), in: form) }
            #expect(error?.line == line, "\(text.prefix(80)): \(error?.description ?? "")")
        }
    }

    @Test("no mutation of a recording harms the reader")
    func mutated() throws {
        let domain = try DomainName("example.org")
        let lookup = LookupObservation(Question(domain, .mx), .success(Answer(.noData, ttl: 60)))
        let whole = Array(
            try Recording(
                examinations: [
                    .init(
                        target: Target(name: "example.org", domain: domain), at: .init(1.8e9), seconds: 0.25,
                        observations: [.lookup(lookup)])
                ]
            ).text(by: "test", in: JSONLines()).utf8)
        for index in whole.indices {
            var text = whole
            text[index] = UInt8(truncatingIfNeeded: index &* 31)
            guard let recording = try? Recording(reading: text, in: JSONLines()) else { continue }
            for seen in recording.examinations { _ = judge(seen.observations, of: seen.target, at: seen.at) }
        }
    }
}

@Suite("Durations of --in")
struct DurationTests {
    @Test(
        "durations", arguments: [("30s", 30.0), ("5m", 300), ("1h", 3600), ("30d", 2_592_000), ("2w", 1_209_600)])
    func durations(text: String, seconds: Double) { #expect(secondsOfDuration(text) == seconds) }

    @Test("what is no duration", arguments: ["", "d", "0d", "-1d", "1y", "1.5h", "99999999999d", "30 d", "٣d"])
    func noDurations(text: String) { #expect(secondsOfDuration(text) == nil) }
}
