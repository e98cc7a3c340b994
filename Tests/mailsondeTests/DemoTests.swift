import DNS
import Judgement
import Lab
import Mail
import Monitor
import Networking
import Probes
import Testing

@testable import mailsonde

/// The demo without its text: what it configures is carried out against its world.
@Suite("The demo") struct DemoTests {
    private func withDemo<R: Sendable>(
        _ body: @Sendable (MailWorld, Configuration, Probes.Means) async throws -> R
    ) async throws -> R {
        let folder = try DemoFolder()
        defer { folder.remove() }
        return try await withMailWorld(hold: 2) { world in
            try folder.write(world.rootPEM)
            let configuration = try DemoConfiguration.make(
                world, folder, listen: .init(address: .v4(IPv4Address(127, 0, 0, 1)), port: 0))
            return try await body(world, configuration, try configuration.means())
        }
    }

    private func result(_ plan: ProbePlan, _ means: Probes.Means) async -> ProbeResult {
        let observed = await Monitor.observe(plan, by: Configuration.runner(with: means), within: plan.timeoutSeconds)
        return ProbeResult(
            plan, observed, startedAt: means.now(), durationSeconds: 0, by: DemoConfiguration.rules)
    }

    @Test("finds every defect that was planted, and tells what it could not tell") func defects() async throws {
        try await withDemo { world, configuration, means in
            let plan = try #require(configuration.plans.first { $0.name == "broken.example" })
            let report = await result(plan, means).report
            let found = Set(report.findings.map(\.check.identifier))
            for defect in world.defects { #expect(found.contains(defect.check), "\(defect.check): \(defect.what)") }
            #expect(report.unknown.contains { $0.check.identifier == "mta-sts.exists" })
            #expect(report.unknown.contains { $0.failure.cause == .greeting4xx })
        }
    }

    @Test("finds nothing wrong with the healthy domain") func healthy() async throws {
        try await withDemo { _, configuration, means in
            let plan = try #require(configuration.plans.first { $0.name == "healthy.example" })
            let result = await result(plan, means)
            let worrying = result.report.findings.filter { $0.severity > .notice }.map(\.summary)
            #expect(result.verdict == .pass)
            #expect(worrying.isEmpty, "\(worrying)")
            #expect(result.report.unknown.isEmpty)
        }
    }

    @Test(
        "follows messages to the mailbox, and shows how long the relay held them",
        arguments: [
            ("to-imap", RoundTripObservation.Outcome.delivered), ("to-pop3", .delivered), ("to-junk", .misplaced),
        ]) func journeys(name: String, outcome: RoundTripObservation.Outcome) async throws
    {
        try await withDemo { world, configuration, means in
            let plan = try #require(configuration.plans.first { $0.name == name })
            let trip = try #require(await result(plan, means).report.evidence.roundTrips.first)
            #expect(trip.outcome == outcome)
            let journey = Journey(MessageHeader(parsing: trip.header), submittedAt: trip.submittedAt)
            #expect(journey.hops.count == 3)
            let held = try #require(journey.hops.last?.correctedDelay)
            #expect(held >= 2 && held < 60)
            #expect(trip.transcript.allSatisfy { line in !world.journeys.contains { line.contains($0.to.password) } })
        }
    }
}
