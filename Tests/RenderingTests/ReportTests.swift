import Judgement
import Testing

@testable import Rendering

@Suite("Reports")
struct ReportTests {
    private func sick() async throws -> Report {
        try await Sample.report(
            on: "example.org", zone: Sample.sickZone, ports: Sample.ports, selectors: ["s1", "s2", "s3"],
            rules: Sample.rules)
    }

    private func healthy() async throws -> Report {
        try await Sample.report(
            on: "example.org", zone: Sample.healthyZone, ports: Array(Sample.ports.prefix(7)), selectors: ["s1"],
            rules: Sample.healthyRules)
    }

    @Test(
        "For a terminal",
        arguments: [
            ("", 80, false, false), ("-wide", 160, false, false), ("-verbose", 80, true, false),
            ("-colour", 80, false, true),
        ])
    func text(suffix: String, width: Int, verbose: Bool, colour: Bool) async throws {
        let text = ReportText.text(try await sick(), Look(width: width, colour: colour, verbose: verbose))
        try Snapshot.check(text, "report\(suffix).txt")
        if !colour {
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || Escaping.isPlain($0) })
            #expect(text.split(separator: "\n").allSatisfy { Columns.of(String($0)) <= width })
        }
    }

    @Test("A healthy domain fits on one screen")
    func healthyScreen() async throws {
        let text = ReportText.text(try await healthy(), Look())
        try Snapshot.check(text, "report-healthy.txt")
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
    }

    @Test("and so does one with twenty mail hosts, with the verdict first", arguments: [80, 160])
    func healthyCrowd(width: Int) async throws {
        var zone = Sample.healthyZone
        var ports: [PortObservation] = []
        for number in 30..<50 {
            zone += "\n@ MX 50 mx\(number)\nmx\(number) A 192.0.2.\(number)"
            ports.append(
                Sample.port(.smtp, "mx\(number).example.org", "192.0.2.\(number)") {
                    $0.tls = Sample.tls(.starttls, "mx\(number).example.org")
                })
        }
        let report = try await Sample.report(
            on: "example.org", zone: zone, ports: ports, selectors: ["s1"], rules: Sample.healthyRules)
        let text = ReportText.text(report, Look(width: width))
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 24)
        #expect(text.hasPrefix("example.org  ✓ pass") && text.contains("more lines: -v shows them"))
        #expect(ReportText.text(report, Look(width: width, verbose: true)).contains("mx49.example.org"))
    }

    @Test("What to do first is said first, where much is wrong")
    func first() async throws {
        let report = try await Sample.report(
            on: "example.org", zone: Sample.sickZone, ports: Sample.ports, selectors: ["s1"], rules: Rule.all)
        let lines = ReportText.text(report, Look()).split(separator: "\n")
        #expect(lines.prefix(4).contains("DO THIS FIRST"))
        let page = ReportHTML.text([report])
        let first = FindingGroup.first(of: report)
        #expect(first.count == 3)
        let steps = try #require(page.firstRange(of: "Do this first").map { page[$0.upperBound...].prefix(2_000) })
        for group in first {
            #expect(steps.contains("<code class=\"faint\">\(group.check.identifier)</code></li>"))
            #expect(lines.contains { $0.hasSuffix(group.check.identifier) })
        }
        for width in [80, 160] { try Snapshot.check(ReportText.text(report, Look(width: width)), "sick-\(width).txt") }
    }

    @Test("In every other form", arguments: [ReportFormat.json, .markdown, .html, .junit, .sarif, .nagios])
    func forms(format: ReportFormat) async throws {
        let text = format.text([try await sick()], Look())
        try Snapshot.check(text, "report.\(format.rawValue)")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || Escaping.isPlain($0) })
        #expect(text.hasSuffix("\n"))
        #expect(!text.contains("<b>") || [.json, .sarif, .nagios].contains(format))
        #expect(format != .html || (!text.contains("http") && !text.contains("<script")))
    }

    @Test("Several come one after another, with a table of them on top")
    func several() async throws {
        let reports = [try await sick(), try await healthy()]
        let text = ReportFormat.text.text(reports, Look())
        #expect(text.hasPrefix("✗✗ critical  example.org  5 critical"))
        #expect(text.contains("\n✓ pass       example.org  1 passed\n"))
        let lines = ReportFormat.json.text(reports, Look(), jsonLines: true).split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("{\"schema\":\"mailsonde.report/1\",") })
        #expect(ReportFormat.json.text(reports, Look()).hasPrefix("[\n"))
        #expect(ReportFormat.nagios.text(reports, Look()).split(separator: "\n").count == 2)
    }

    @Test("The line for monitoring plugins has one bar, whatever was found")
    func nagios() async throws {
        let text = ReportNagios.text(try await sick())
        #expect(text.split(separator: "|").count == 2)
        #expect(text.split(separator: "\n").count == 1)
        #expect(text.hasPrefix("MAIL CRITICAL - example.org"))
    }

    @Test("Every cause has words and a remedy", arguments: Failure.Cause.allCases)
    func causes(cause: Failure.Cause) {
        #expect(!Advice.meaning(of: cause).isEmpty)
        #expect(Advice.remedy(of: cause).hasSuffix("."))
    }
}

@Suite("Round trips")
struct JourneyTests {
    @Test("For a terminal", arguments: [("", 80, false), ("-wide", 160, false), ("-verbose", 80, true)])
    func text(suffix: String, width: Int, verbose: Bool) throws {
        let text = JourneyText.text(Sample.roundTrip(), Look(width: width, verbose: verbose))
        try Snapshot.check(text, "journey\(suffix).txt")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || Escaping.isPlain($0) })
        #expect(text.split(separator: "\n").allSatisfy { Columns.of(String($0)) <= width })
    }

    @Test("As JSON")
    func json() throws {
        try Snapshot.check(JSONWriter.text(RoundTripJSON.json(Sample.roundTrip()), .indented) + "\n", "journey.json")
    }

    @Test("A test message that was found whole carries every key of an analysed message")
    func wholeTrip() throws {
        var trip = Sample.roundTrip()
        trip.body = Array("Hello\r\n".utf8)
        let message = try #require(MessageObservation(foundBy: trip))
        let analysis = judge([.message(message)], of: Target(name: trip.name), at: trip.submittedAt)
        guard case .object(let members) = RoundTripJSON.json(trip, analysis: analysis),
            case .object(let wanted) = MessageAnalysisJSON.json(analysis)
        else {
            Issue.record("no objects")
            return
        }
        let keys = members.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(Set(wanted.map(\.key)).subtracting(keys) == ["schema", "at"])
        #expect(keys.first == "name" && keys.contains("outcome") && keys.last == "failure")
        trip.body = nil
        #expect(MessageObservation(foundBy: trip) == nil)
    }

    @Test(
        "A message that was not found has an outcome and a failure, and no hops",
        arguments: RoundTripObservation.Outcome.allCases)
    func notFound(outcome: RoundTripObservation.Outcome) {
        var trip = Sample.roundTrip(outcome)
        trip.header = []
        trip.failure = Failure(.notReceived, during: .fetch, "not seen within 5 min")
        let text = JourneyText.text(trip, Look())
        #expect(text.contains(outcome == .unknown ? "could not tell" : outcome.rawValue))
        #expect(text.contains("not seen within 5 min"))
        #expect(!text.contains("THE JOURNEY"))
        #expect(JSONWriter.text(RoundTripJSON.json(trip)).contains("\"outcome\":\"\(outcome.rawValue)\""))
    }

    @Test(
        "Bars are as long as the delay is in the longest",
        arguments: [
            (0, 10, 0), (10, 10, 24), (5, 10, 12), (0.001, 10, 1), (20, 10, 24), (1, 0, 0), (.nan, 1, 0),
            (1, .infinity, 0),
        ] as [(Double, Double, Int)])
    func bars(seconds: Double, longest: Double, columns: Int) {
        #expect(Columns.of(JourneyText.bar(seconds, of: longest)) == columns)
    }

    @Test("A header of any octets is drawn safely")
    func mutated() {
        var generator = SystemRandomNumberGenerator()
        let sample = Sample.roundTrip()
        for _ in 0..<300 {
            var trip = sample
            for _ in 0..<20 {
                let index = Int.random(in: 0..<trip.header.count, using: &generator)
                trip.header[index] = UInt8.random(in: 0...255, using: &generator)
            }
            let text = JourneyText.text(trip, Look(width: 40))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value == 0xFFFD || Escaping.isPlain($0) })
        }
    }
}
