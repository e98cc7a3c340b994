import ArgumentParser
import Judgement
import Rendering

/// `mailsonde diff BEFORE AFTER`
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What has changed between two reports: new, gone, worse, and the facts behind it.",
        discussion: """
            Reads what audit --json or --jsonl wrote, or scan: one report or many; they are compared by domain. What could \
            not be told the second time is never gone. Exit status: 0 nothing new that is a warning or worse, 1 new or \
            worse warnings, 2 new or worse errors, 3 something can no longer be told; an error counts before that, a \
            warning too.
            """)

    @Argument(help: ArgumentHelp("The earlier report; - is standard input.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The later report; - is standard input.", valueName: "after"))
    var after: String

    @OptionGroup var output: OutputOptions

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp(
            "From which severity on the exit status is not 0: warning, error or never.", valueName: "severity"))
    var failOn = ExitStatus.Threshold.warning

    /// More than the reports of a hundred thousand domains take.
    private static let maximumLength = 1 << 30

    func run() async throws {
        let format = try output.chosenFormat
        guard [.text, .json, .markdown].contains(format) else { throw UsageError("diff writes text, json or markdown") }
        if before == "-", after == "-" {
            throw UsageError("standard input cannot be both reports: name a file for one")
        }
        let differences = ReportDifference.between(try Self.reports(in: before), try Self.reports(in: after))
        switch format {
        case .json:
            Standard.print(ReportFormat.json(differences.map(DifferenceRendering.json), jsonLines: output.jsonLines))
        case .markdown: Standard.print(DifferenceRendering.markdown(differences))
        default:
            Standard.print(DifferenceRendering.text(differences, Standard.look(verbose: output.verbose)))
        }
        let status = Self.status(of: differences, failOn: failOn)
        if status != 0 { throw ExitCode(status) }
    }

    static func status(of differences: [ReportDifference], failOn threshold: ExitStatus.Threshold) -> Int32 {
        if threshold == .never { return ExitStatus.pass }
        let worst = differences.compactMap(\.worst).max() ?? .info
        if worst >= .error { return ExitStatus.errors }
        if worst == .warning, threshold == .warning { return ExitStatus.warnings }
        return differences.contains { $0.after == nil || !$0.unknownNow.isEmpty } ? ExitStatus.unknown : ExitStatus.pass
    }

    /// A report, an array of them, or one a line.
    private static func reports(in path: String) throws(UsageError) -> [JSON] {
        let octets = try Standard.contents(of: path, atMost: maximumLength)
        let name = path == "-" ? "standard input" : path
        let values: [JSON]
        do throws(JSONReadingError) {
            values = try JSON.sequence(reading: octets)
        } catch {
            throw UsageError("\(name): this is no JSON: \(error)")
        }
        let reports = values.flatMap { value in if case .array(let elements) = value { elements } else { [value] } }
        if reports.isEmpty { throw UsageError("\(name): there is no report here") }
        for report in reports {
            guard report["schema"]?.text == ReportJSON.schema, report["domain"]?.text != nil else {
                let found = report["schema"]?.text.map { "“\($0)”" } ?? "none"
                throw UsageError(
                    "\(name): reports of \(ReportJSON.schema) are compared, as audit --json writes them; the schema here is \(found)"
                )
            }
        }
        return reports
    }
}
