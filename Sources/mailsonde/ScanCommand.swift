import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering
import Scanning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `mailsonde scan [FILE|-]`
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Examines many domains by the DNS alone: one JSON object a line.",
        discussion: """
            Reads a domain a line (empty lines and those that begin with # are left out) or a column of a CSV file, and \
            writes one report a line in the shape of audit --json, with the evidence and findings that the DNS alone \
            can give. Each entry makes exactly one line; what is no domain makes one with "error". Memory does not \
            grow with the list. Block lists, SRV records, DNSSEC and the name servers themselves are asked by audit alone.

            --timeout ends the whole scan: domains on their way then have a line that says so, the rest of the list \
            has none. --domain-timeout is for one domain.

            With --output and --resume a scan goes on after it was stopped or killed: a last line without its end is \
            cut off, and entries that have their line already are passed over. In the order of the list they are \
            counted off and held against it; with --unordered they are known by their domain. Give the same list and \
            options again.

            With --now nothing stands in a line that differs from run to run: duration_seconds is left out.

            Exit status: 0 once the whole list is done, whatever was found; with --fail-on as the other commands. \
            3 where it came to no end (--timeout, a list or output that fails), 130 after Ctrl-C, 64 for wrong usage.
            """)

    @Argument(help: "The list; - or nothing is standard input.")
    var file = "-"

    @Option(
        help: ArgumentHelp(
            "The list is CSV: take the column of this name in the first line, or of this number (then the first line "
                + "is an entry too).", valueName: "name|number"))
    var column: String?

    @Option(help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Go on where an earlier scan into --output was stopped.")
    var resume = false

    @Flag(help: "Write each line as soon as it is there, not in the order of the list.")
    var unordered = false

    @Option(
        help: ArgumentHelp(
            "Fields to write, such as domain,verdict,evidence.spf.record,findings.check; they keep their places.",
            valueName: "paths"))
    var select: String?

    @Flag(name: .customLong("findings-only"), help: "Leave out the evidence and what passed or did not apply.")
    var findingsOnly = false

    @Option(name: .customLong("in-flight"), help: ArgumentHelp("Domains examined at once.", valueName: "n"))
    var inFlight = 500

    @Option(
        help: ArgumentHelp(
            "Queries a second at most, over all name servers (default: as fast as they answer).", valueName: "n"))
    var rate: Double?

    @Option(
        name: .customLong("domain-timeout"),
        help: ArgumentHelp("After so long, ask nothing more about a domain.", valueName: "seconds"))
    var domainTimeout = 30.0

    @Option(
        help: ArgumentHelp(
            "A DKIM selector in use: its key must be there in every domain; repeatable.", valueName: "selector"))
    var selector: [String] = []

    @Option(
        help: ArgumentHelp(
            "DKIM selectors to try where a domain has keys: none, likely (ten) or all (as audit does).",
            valueName: "which"))
    var guesses = Guesses.likely

    @Option(help: ArgumentHelp("Write the summary to this file too, as JSON.", valueName: "file"))
    var summary: String?

    @Flag(help: "Progress every ten seconds where standard error is no terminal (on one it is always shown).")
    var progress = false

    @Flag(name: .shortAndLong, help: "No summary and no progress on standard error.")
    var quiet = false

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp(
            "From which severity on, in any domain, the exit status is not 0: warning, error or never (the default).",
            valueName: "severity"))
    var failOn: ExitStatus.Threshold?

    @OptionGroup var asking: AskingOptions
    // Lines are always JSON, and nothing is dialled but name servers.
    @OptionGroup(visibility: .hidden) var form: OutputOptions
    @OptionGroup(visibility: .hidden) var dialling: DiallingOptions

    /// The values of `--guesses`.
    enum Guesses: String, CaseIterable, ExpressibleByArgument {
        case none, likely, all

        var selectors: [String] {
            switch self {
            case .none: []
            case .likely: DKIMKeyLookup.likelyGuesses
            case .all: DKIMKeyLookup.guesses
            }
        }
    }

    func run() async throws {
        let selection = try chosenFields()
        try checkNumbers(selection)
        let selectors = try selector.map(Arguments.selector)
        let at = asking.now == nil ? nil : try asking.moment()
        let resolver = try chosenResolver()
        let list = try openList()
        let target = try openOutput()
        let finished =
            resume
            ? target.map {
                FinishedLines(in: $0, isOrdered: !unordered, namesDomain: selection?.holdsDomain ?? true)
            } : nil
        let scan = Scan(
            examination: DomainExamination(
                resolver: resolver, selectors: selectors, guesses: guesses.selectors,
                suffixes: PublicSuffixList.system, seconds: domainTimeout),
            line: ScanLine(selection: selection, isFixed: at != nil), inFlight: inFlight, isOrdered: !unordered,
            at: at, seconds: try asking.deadline(usual: .infinity).remainingSeconds, input: list,
            form: column.map { ListParser.Form(column: $0) } ?? .lines,
            output: target?.descriptor ?? STDOUT_FILENO, finished: finished)
        let teller = ScanTeller(
            isShown: !quiet, isWanted: progress, isBesideOutput: target == nil, earlier: finished?.count ?? 0)
        let (outcome, signal) = await interruptible(by: [SIGINT, SIGTERM]) {
            await scan.run(every: teller.interval) { teller.show($0) }
        }
        target?.end()
        teller.end(outcome.end, outcome.summary, seconds: outcome.seconds)
        try writeSummary(outcome, earlier: finished?.count ?? 0)
        let status = status(outcome.end, outcome.summary, signal: signal)
        if status != 0 { throw ExitCode(status) }
    }

    // MARK: What was asked for

    private func chosenFields() throws -> FieldSelection? {
        if form.format != nil, try form.chosenFormat != .json {
            throw UsageError("scan writes JSON Lines: leave --format out")
        }
        guard let select else { return findingsOnly ? .findingsOnly : nil }
        if findingsOnly { throw UsageError("--select and --findings-only contradict each other: give one") }
        do throws(FieldSelection.Problem) {
            return try FieldSelection(select)
        } catch {
            throw UsageError(
                "--select: there is no field “\(error.path)”"
                    + (error.known.isEmpty
                        ? ": nothing stands below it" : "; there are \(Wording.list(error.known))"))
        }
    }

    private func checkNumbers(_ selection: FieldSelection?) throws {
        guard (1...100_000).contains(inFlight) else {
            throw UsageError("--in-flight \(inFlight): write a number from 1 to 100000")
        }
        guard domainTimeout > 0, domainTimeout.isFinite else {
            throw UsageError("--domain-timeout \(domainTimeout): write a number of seconds above 0")
        }
        if let rate, !(rate > 0 && rate.isFinite) {
            throw UsageError("--rate \(rate): write a number of queries a second above 0")
        }
        if resume, output == nil { throw UsageError("--resume needs --output: the file to go on with") }
        if resume, unordered, selection?.holdsDomain == false {
            throw UsageError("--resume with --unordered finds what is done by its domain: add domain to --select")
        }
    }

    private func chosenResolver() throws -> any Resolver {
        if asking.offline { return OfflineResolver() }
        // More patience than for one domain: under this much work answers are late before they are lost.
        var settings = try asking.resolverSettings(timeout: 8)
        settings.attempts = max(7, settings.attempts)
        settings.adapts = true
        // A domain has some ten questions on the way at first, then few; those that are too many wait for their turn.
        settings.maximumInFlight = max(64, min(20_000, inFlight * 4))
        settings.cacheOctets = 32 << 20
        settings.queriesPerSecond = rate
        settings.sharesLoad = true
        return NetworkResolver(settings)
    }

    private func openList() throws -> Int32 {
        if file == "-" { return STDIN_FILENO }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("\(file): \(OutputFile.reason(errno))") }
        return descriptor
    }

    private func openOutput() throws -> OutputFile? {
        guard let output else { return nil }
        do throws(OutputFile.Problem) {
            return try OutputFile(path: output, continuing: resume)
        } catch {
            throw UsageError("--output: \(error)")
        }
    }

    // MARK: The end

    private func writeSummary(
        _ outcome: (end: Scan.End, summary: ScanSummary, seconds: Double), earlier: Int
    ) throws {
        guard let summary else { return }
        var isComplete = false
        if case .complete = outcome.end { isComplete = true }
        let json = outcome.summary.json(seconds: outcome.seconds, earlier: earlier, isComplete: isComplete)
        let text = JSONWriter.text(json, .indented) + "\n"
        let descriptor = open(summary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw UsageError("--summary: \(summary): \(OutputFile.reason(errno))") }
        defer { close(descriptor) }
        Standard.write(text, to: descriptor)
    }

    private func status(_ end: Scan.End, _ summary: ScanSummary, signal: Int32?) -> Int32 {
        switch end {
        case .cancelled: return 128 + (signal ?? SIGINT)
        case .badList, .otherList: return ExitStatus.usage
        case .cannotRead, .cannotWrite: return ExitStatus.unknown
        case .readerGone: return ExitStatus.pass
        case .outOfTime, .complete: break
        }
        let found = failOn.map { ExitStatus.of(summary, failOn: $0) } ?? ExitStatus.pass
        if case .outOfTime = end, found == ExitStatus.pass { return ExitStatus.unknown }
        return found
    }
}

extension ExitStatus {
    /// The status for all lines together.
    static func of(_ summary: ScanSummary, failOn threshold: Threshold) -> Int32 {
        if threshold == .never { return pass }
        let verdicts = summary.verdicts
        if (verdicts[.error] ?? 0) + (verdicts[.critical] ?? 0) > 0 { return errors }
        if (verdicts[.warning] ?? 0) > 0, threshold == .warning { return warnings }
        return summary.withUnknown > 0 ? unknown : pass
    }
}
