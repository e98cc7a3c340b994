import ArgumentParser
import DNS
import Judgement
import Mail
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

/// An audit kept, and judged again: `--record`, `--replay`.
struct RecordingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep everything seen in a file that --replay judges again; never over one that is there.",
            valueName: "file"))
    var record: String?

    @Option(
        help: ArgumentHelp(
            "Judge what --record kept, without a network: the same report, unless --now or a newer program sees it differently.",
            valueName: "file"))
    var replay: String?

    /// The file to write, checked before anything is asked.
    func check() throws(UsageError) {
        guard let path = record else { return }
        if replay != nil { throw UsageError("--record and --replay contradict each other: give one") }
        if access(path, F_OK) == 0 {
            throw UsageError("--record: \(path) is there already; remove it, or name another file")
        }
    }

    /// What `--replay` names; nil without it.
    func read() throws(UsageError) -> Recording? {
        guard let path = replay else { return nil }
        let octets = try Standard.contents(of: path, atMost: Recording.maximumLength)
        do throws(RecordingError) {
            return try Recording(reading: octets, in: JSONLines())
        } catch {
            throw UsageError("--replay: \(Escaping.visible(path)): \(error)")
        }
    }

    /// Writes the file of `--record`.
    func write(_ examinations: [Recording.Examination]) throws {
        guard let path = record else { return }
        let text = try Recording(examinations: examinations).text(
            by: "mailsonde \(Version.number)", in: JSONLines())
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UsageError("--record: \(path): \(String(cString: strerror(errno)))") }
        let problem = WholeWriting.write(Array(text.utf8), to: descriptor)
        guard close(descriptor) == 0, problem == nil else {
            throw UsageError("--record: \(path) could not be written whole")
        }
    }
}
