import ArgumentParser
import Judgement
import Mail
import Monitor
import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a team has decided about findings: `--baseline`, `--write-baseline`.
struct BaselineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Findings accepted until a day and what checks weigh, as YAML: those do not count.", valueName: "file"))
    var baseline: String?

    @Option(
        name: .customLong("write-baseline"),
        help: ArgumentHelp(
            "Write a file for --baseline that accepts what is found now for 90 days; never over one that is there.",
            valueName: "file"))
    var writeBaseline: String?

    /// How long what is found now is accepted.
    private static let acceptedSeconds = 90.0 * 86_400

    /// What `--baseline` says; nothing without it. Read before anything is asked.
    func read() throws -> Baseline {
        if let path = writeBaseline, access(path, F_OK) == 0 {
            throw UsageError("--write-baseline: \(path) is there already; remove it, or name another file")
        }
        guard let path = baseline else { return Baseline() }
        do throws(ConfigurationProblems) {
            return try Baseline.load(path)
        } catch {
            throw UsageError(lines: error.problems.map { Escaping.visible("\($0)") })
        }
    }

    /// Writes the file of `--write-baseline`. What was accepted already is not among the findings, and is left to its
    /// own file.
    func write(_ reports: [Report]) throws {
        guard let path = writeBaseline, let at = reports.map(\.at).max() else { return }
        let baseline = Baseline.accepting(
            reports, until: at + Self.acceptedSeconds, reason: "known when this file was written")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw UsageError("--write-baseline: \(path): \(String(cString: strerror(errno)))")
        }
        Standard.write(BaselineText.yaml(baseline, of: reports), to: descriptor)
        guard close(descriptor) == 0 else {
            throw UsageError("--write-baseline: \(path): \(String(cString: strerror(errno)))")
        }
        Standard.log(
            "mailsonde: \(Wording.count(baseline.acceptances.count, "finding")) accepted in \(Escaping.visible(path))\n"
        )
    }
}
