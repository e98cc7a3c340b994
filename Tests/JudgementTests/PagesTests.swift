import DNS
import Judgement
import Mail
import Testing

/// The pages of `checks/` against the rules: the zones and headers. Transcripts are played in ProbesTests.
@Suite struct PagesTests {
    @Test(arguments: CheckPage.embedded) func `Each page can be read`(identifier: String, text: String) throws {
        let page = try CheckPage(identifier: identifier, text: text)
        #expect(page.check.meaning.utf8.count > 60)
        #expect(page.check.remedy.utf8.count > 10)
        #expect(["RFC ", "NIST ", "draft-"].contains(where: page.check.reference.hasPrefix))
        #expect(!page.check.title.hasSuffix("."))
    }

    @Test func `Every rule has a page and every page a rule`() {
        let rules = Rule.all.map(\.check.identifier)
        #expect(Set(rules).count == rules.count)
        #expect(Set(rules) == Set(CheckPage.embedded.map(\.identifier)))
        #expect(Set(CheckPage.all.map(\.check.identifier)) == Set(rules))
        #expect(rules.count >= 45)
        #expect(rules.allSatisfy(CheckPage.isIdentifier))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var page: CheckPage
        var example: CheckPage.Example
        var testDescription: String { "\(page.check.identifier), line \(example.line), \(example.expectation)" }
    }

    static let cases: [Case] = CheckPage.all.flatMap { page in page.examples.map { Case(page: page, example: $0) } }
        .filter { if case .transcript = $0.example.kind { false } else { true } }

    @Test(arguments: cases) func `Each example gives what its heading says`(example: Case) async throws {
        let report = try await judged(example.example.kind, by: Rule.all)
        let identifier = example.page.check.identifier
        let fate = report.fate(of: identifier)
        switch example.example.expectation {
        case .fires: #expect(fate == "fires")
        case .staysQuiet: #expect(fate == "passed" || fate == "n/a", "\(report.findings.map(\.summary))")
        case .cannotTell: #expect(fate == "unknown")
        }
        for finding in report.findings where finding.check.identifier == identifier {
            #expect(finding.summary.hasSuffix("."))
            #expect(finding.summary.count < 600)
            #expect(!finding.remedy.isEmpty)
        }
        // A rule that always finds is caught by the examples that are to stay quiet.
        if example.example.expectation != .fires {
            let always = Rule(identifier, on: Self.scopes[identifier] ?? .servers) { evidence in
                [Ruling(.domain(evidence.target.domain ?? .root), .finds(Found("Whatever it is.")))]
            }
            #expect(try await judged(example.example.kind, by: [always]).fate(of: identifier) == "fires")
        }
        guard example.example.expectation == .fires else { return }
        // Without the rule nobody finds it: no other rule gives out its check.
        let others = Rule.all.filter { $0.check.identifier != identifier }
        #expect(try await judged(example.example.kind, by: others).fate(of: identifier) == "?")
    }

    private static let scopes = Dictionary(uniqueKeysWithValues: Rule.all.map { ($0.check.identifier, $0.scope) })

    /// Otherwise a rule could be switched off, or find everywhere, and no test would say so.
    @Test func `Each check has a case in which it fires and one in which it stays quiet`() {
        for page in CheckPage.all {
            let expectations = Set(page.examples.map(\.expectation))
            #expect(expectations.isSuperset(of: [.fires, .staysQuiet]), "\(page.check.identifier)")
        }
    }

    @Test func `What reports say of a check is what its page says, read without the examples`() {
        for page in CheckPage.all { #expect(Check.page(of: page.check.identifier) == page.check) }
    }

    private func judged(_ kind: CheckPage.Example.Kind, by rules: [Rule]) async throws -> Report {
        switch kind {
        case .zone(let zone):
            return try await report(
                on: zone.domain, zone: zone.text, selectors: zone.selectors, senders: zone.senders, suffix: zone.suffix,
                lists: zone.blockLists, anchor: zone.anchor, by: rules)
        case .header(let outcome, let seconds, let text):
            var trip = RoundTripObservation(name: "test", id: "id", outcome: outcome, submittedAt: noon)
            trip.submissionSeconds = 0
            trip.deliverySeconds = seconds
            trip.header = text == "\n" ? [] : Array(text.utf8)
            return judge([.roundTrip(trip)], of: Target(name: "test"), at: noon, by: rules)
        case .message(let message, let at, let zone):
            return try await report(on: message, at: at ?? noon, zone: zone?.text, by: rules)
        case .delivery(let delivery, let zone):
            return try await report(
                on: zone.domain, in: Zone(zone.text), selectors: zone.selectors, senders: zone.senders,
                suffix: zone.suffix, lists: zone.blockLists, meeting: delivery, by: rules)
        case .authority(let authority, let zone):
            return try await report(
                on: zone.domain, in: Zone(zone.text), selectors: zone.selectors, servedBy: authority, by: rules)
        case .web(let web, let zone):
            return try await report(on: zone.domain, in: Zone(zone.text), fetching: web, by: rules)
        case .second(let second, let zone):
            return try await report(
                on: zone.domain, in: Zone(zone.text), selectors: zone.selectors, beside: second, by: rules)
        case .transcript:
            Issue.record("transcripts are played in ProbesTests")
            return judge([], of: Target(name: "test"), at: noon)
        }
    }
}
