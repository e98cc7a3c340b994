import ArgumentParser
import Judgement
import Mail
import Monitor
import Networking
import Probes
import Rendering

/// `mailsonde roundtrip [CONFIG] [NAME]`
struct RoundTripCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roundtrip",
        abstract: "Sends a test message now and follows it to the mailbox.",
        discussion: """
            Takes the round trips of a configuration (all of them, or the one named), hands each message in by \
            submission, finds it by IMAP or POP3, shows every hop, and removes it.
            """)

    @Argument(help: ArgumentHelp("The configuration: a YAML file, or a folder of them.", valueName: "config"))
    var path = "mailsonde.yaml"

    @Argument(help: ArgumentHelp("The name of a round trip in it.", valueName: "name"))
    var name: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("roundtrip writes text or json") }
        let configuration = try Standard.configuration([path])
        let plans = try chosen(from: configuration)
        let means = try common.means(over: configuration)
        let deadline = try common.deadline(usual: plans.map(\.deadline).max() ?? 0)
        let line = StatusLine()
        line.show("\(Wording.list(plans.map(\.name))): sent, and looked for …")
        let offline = common.offline
        let seen = await interruptible {
            await withTaskGroup(of: (Int, RoundTripObservation).self) { group in
                for (index, plan) in plans.enumerated() {
                    group.addTask {
                        if offline { return (index, .notMade(plan.name, at: means.now())) }
                        return (index, await RoundTripProbe(plan, means: means).observe(by: deadline))
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        line.clear()
        var analyses: [Report?] = seen.map { _ in nil }
        if format == .json {
            let limit = try common.deadline(usual: 10)
            for (index, trip) in seen.enumerated() {
                guard let message = MessageObservation(foundBy: trip) else { continue }
                let at = means.now()
                let known = await interruptible { await examine(message, resolver: means.resolver, at: at, by: limit) }
                analyses[index] = judge(known, of: Target(name: trip.name), at: at)
            }
        }
        write(seen, analyses, format)
        let status = ExitStatus.of(seen, failOn: common.failOn ?? .error)
        if status != 0 { throw ExitCode(status) }
    }

    private func write(_ seen: [RoundTripObservation], _ analyses: [Report?], _ format: ReportFormat) {
        if format == .json {
            let objects = zip(seen, analyses).map { RoundTripJSON.json($0, analysis: $1) }
            Standard.print(ReportFormat.json(objects, jsonLines: common.output.jsonLines))
        } else {
            let look = Standard.look(verbose: common.output.verbose)
            Standard.print(seen.map { JourneyText.text($0, look) }.joined(separator: "\n"))
        }
    }

    /// The round trip that was named, or all.
    private func chosen(from configuration: Configuration) throws -> [RoundTripPlan] {
        let all = configuration.roundTrips
        if all.isEmpty {
            throw UsageError("\(path): there is no round trip in it; “mailsonde config example” shows one")
        }
        let names = all.map(\.name)
        let wanted = name.map { name in all.filter { $0.name == name } } ?? all
        guard !wanted.isEmpty else {
            throw UsageError("\(path): no round trip is called “\(name ?? "")”: there is \(Wording.list(names))")
        }
        return try wanted.map { configured in
            do { return try RoundTripPlan(configured) } catch { throw UsageError("\(configured.name): \(error)") }
        }
    }
}

extension RoundTripObservation {
    /// `--offline`: nothing was sent.
    fileprivate static func notMade(_ name: String, at: Timestamp) -> RoundTripObservation {
        var seen = RoundTripObservation(name: name, id: "", outcome: .unknown, submittedAt: at)
        seen.failure = Failure(.offline)
        return seen
    }
}
