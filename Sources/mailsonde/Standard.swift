import DNS
import FoundationEssentials
import Monitor
import Rendering
import Scanning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The streams of the process: data on standard output, everything else on standard error.
enum Standard {
    /// Writes all of it, unless the reader has gone.
    static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

    static func log(_ text: String) { write(text, to: STDERR_FILENO) }

    /// One line on standard error, whatever the message quotes.
    static func complain(_ message: String) { log("mailsonde: \(Escaping.visible(message))\n") }

    /// How text on standard output is to look: colour on a terminal only, and never with `NO_COLOR` (no-color.org).
    static func look(verbose: Bool) -> Look {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let colour = isTerminal && (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
        return Look(width: (isTerminal ? columns : nil) ?? 80, colour: colour, verbose: verbose)
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb" }

    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Reads a configuration; a bad one is refused with each of its problems on a line.
    static func configuration(_ paths: [String]) throws -> Configuration {
        do throws(ConfigurationProblems) {
            return try Configuration.load(paths, environment: environment)
        } catch {
            let lines = error.problems.map { Escaping.visible("\($0)") }
            throw UsageError(lines: lines)
        }
    }

    /// Reads the value of `--listen`.
    static func listen(_ text: String) throws(UsageError) -> TransportAddress {
        do throws(TransportAddressError) {
            return try TransportAddress(text)
        } catch {
            throw UsageError("--listen: “\(text)” is no address and port: write 127.0.0.1:9725 or [::1]:9725")
        }
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static var columns: Int? { columns(of: STDOUT_FILENO) }

    /// How wide a terminal is; nil where it is none, or does not say.
    static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    static func write(_ text: String, to descriptor: Int32) { _ = WholeWriting.write(Array(text.utf8), to: descriptor) }
}

/// One line on standard error that says what is going on, rewritten in place; nothing where that is no terminal.
struct StatusLine: Sendable {
    private let isShown = Standard.errorIsTerminal

    func show(_ text: String) {
        // A line that is broken in two could not be rewritten.
        let width = max(10, (Standard.columns(of: STDERR_FILENO) ?? 80) - 4)
        if isShown { Standard.log("\r\u{1B}[K\(Escaping.visible(text, limit: min(width, 120)))") }
    }

    func clear() {
        if isShown { Standard.log("\r\u{1B}[K") }
    }
}
