import DNS
import Judgement
import Mail
import Probes
import Testing

/// The conversations in the pages of `checks/`, played to the probe and judged. Zones alone are judged in JudgementTests.
@Suite struct PageTranscriptTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var identifier: String
        var example: CheckPage.Example
        var testDescription: String { "\(identifier), line \(example.line), \(example.expectation)" }
    }

    static let cases: [Case] = CheckPage.all.flatMap { page in
        page.examples.map { Case(identifier: page.check.identifier, example: $0) }
    }.filter { if case .transcript = $0.example.kind { true } else { false } }

    @Test func `There are conversations in the pages`() { #expect(Self.cases.count > 60) }

    @Test(arguments: cases) func `Each conversation gives what its heading says`(example: Case) async throws {
        let report = try await judged(example.example.kind, by: Rule.all)
        let own = report.findings.filter { $0.check.identifier == example.identifier }
        let unknown = report.unknown.contains { $0.check.identifier == example.identifier }
        switch example.example.expectation {
        case .fires:
            #expect(!own.isEmpty, "\(report.notApplicable.filter { $0.check.identifier == example.identifier })")
        case .staysQuiet: #expect(own.isEmpty && !unknown)
        case .cannotTell: #expect(own.isEmpty && unknown)
        }
        #expect(own.allSatisfy { $0.summary.hasSuffix(".") && $0.summary.count < 600 && !$0.remedy.isEmpty })
        guard example.example.expectation == .fires else { return }
        let without = try await judged(
            example.example.kind, by: Rule.all.filter { $0.check.identifier != example.identifier })
        #expect(!without.findings.contains { $0.check.identifier == example.identifier })
    }

    private func judged(_ kind: CheckPage.Example.Kind, by rules: [Rule]) async throws -> Report {
        guard case .transcript(let service, let host, let address, let number, let text, let zone) = kind else {
            throw PageError(identifier: "none", line: 0, problem: "no transcript")
        }
        let now = Timestamp(year: 2026, month: 11, day: 22, hour: 12)
        let shown = address.contains(":") ? "[\(address)]" : address
        let ports = try await PortObservation.playingAll(
            transcript: "\(service.rawValue) \(host) \(shown):\(number)\n\(text)", at: now)
        guard let zone else { return judge(ports.map(Observation.port), of: Target(name: host), at: now, by: rules) }
        let domain = try DomainName(zone.domain)
        let (_, knowledge) = await inWaves(of: try Zone(zone.text)) { dns in
            let evidence = DomainEvidence.gather(domain, selectors: zone.selectors, asking: &dns)
            _ = GreetingEvidence.gather(ports, asking: &dns)
            _ = DomainSurroundings.gather(evidence, senders: [], lists: [], asking: &dns)
        }
        let observations = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        let target = Target(name: zone.domain, domain: domain, dkimSelectors: zone.selectors)
        return judge(observations + ports.map(Observation.port), of: target, at: now, by: rules)
    }
}
