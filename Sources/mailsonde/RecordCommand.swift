import ArgumentParser
import Mail
import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension RecordKind: ExpressibleByArgument {}

/// `mailsonde record check --kind KIND`
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Checks the text of a record before it is published.",
        subcommands: [RecordCheckCommand.self])
}

struct RecordCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "The text of one record on standard input: is it right, and where not?",
        discussion: """
            A record is valid where a receiver that follows the standard uses it; parts of it may be wrong all the same. \
            Text in double quotes is read as zone files and dig write it: several strings make one record. \
            Exit status: 0 without errors, 2 with; with --fail-on warning 1 for warnings. Nothing is looked up.
            """)

    @Option(
        help: ArgumentHelp(
            "Which kind of record: \(RecordKind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
    var kind: RecordKind

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp(
            "From which severity on the exit status is not 0: warning, error or never (default: error).",
            valueName: "severity"))
    var failOn: ExitStatus.Threshold?

    @OptionGroup var output: OutputOptions
    // Nothing is looked up.
    @OptionGroup(visibility: .hidden) var asking: AskingOptions
    @OptionGroup(visibility: .hidden) var dialling: DiallingOptions

    /// More than any record or policy may have.
    private static let maximumLength = 1 << 20

    func run() async throws {
        let format = try output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("record check writes text or json") }
        guard var octets = Self.standardInput() else {
            throw UsageError("standard input is longer than any record: \(Self.maximumLength) octets are read")
        }
        if !kind.isFile {
            while let last = octets.last, last == 10 || last == 13 { octets.removeLast() }
            octets = QuotedStrings.joined(octets) ?? octets
        }
        let check = kind.check(octets)
        let text = String(decoding: octets, as: UTF8.self)
        Standard.print(
            format == .json
                ? ReportFormat.json([RecordRendering.json(kind, text, check)], jsonLines: output.jsonLines)
                : RecordRendering.text(kind, text, check, Standard.look(verbose: output.verbose)))
        let threshold = failOn ?? .error
        if threshold == .never { return }
        if !check.isValid || check.problems.contains(where: \.isError) { throw ExitCode(ExitStatus.errors) }
        if threshold == .warning, check.problems.contains(where: { $0.severity == .warning }) {
            throw ExitCode(ExitStatus.warnings)
        }
    }

    /// All of standard input; nil where it is too long.
    private static func standardInput() -> [UInt8]? {
        var octets: [UInt8] = []
        while octets.count <= maximumLength {
            var isAtEnd = false
            let piece = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let got = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                isAtEnd = got == 0 || (got < 0 && errno != EINTR)
                count = max(0, got)
            }
            octets += piece
            if isAtEnd { return octets }
        }
        return nil
    }
}
