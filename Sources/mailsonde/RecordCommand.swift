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
            Exit status: 0 where the record is valid, 2 where it is not; with --fail-on warning 1 for warnings. \
            Nothing is looked up.
            """)

    @Option(
        help: ArgumentHelp(
            "Which kind of record: \(RecordKind.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "kind"))
    var kind: RecordKind

    @OptionGroup var common: CommonOptions

    /// More than any record or policy may have.
    private static let maximumLength = 1 << 20

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("record check writes text or json") }
        guard var octets = Self.standardInput() else {
            throw UsageError("standard input is longer than any record: \(Self.maximumLength) octets are read")
        }
        if !kind.isFile {
            while let last = octets.last, last == 10 || last == 13 { octets.removeLast() }
        }
        let problems = kind.problems(of: octets)
        Standard.print(
            format == .json
                ? ReportFormat.json([RecordRendering.json(kind, problems)], jsonLines: common.output.jsonLines)
                : RecordRendering.text(
                    kind, String(decoding: octets, as: UTF8.self), problems,
                    Standard.look(verbose: common.output.verbose)))
        let threshold = common.failOn ?? .error
        if threshold == .never { return }
        if problems.contains(where: \.isError) { throw ExitCode(ExitStatus.errors) }
        if threshold == .warning, problems.contains(where: { $0.severity == .warning }) {
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
