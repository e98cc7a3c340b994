import ArgumentParser
import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads the arguments, runs the command, and ends with a status that scripts can rely on.
@main
enum Main {
    static func main() async {
        // A reader that has seen enough (`| head`) is no accident: writing to it fails, and that is all.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(await status(of: arguments))
    }

    private static func status(of arguments: [String]) async -> Int32 {
        do {
            var command = try Mailsonde.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch let error as UsageError {
            for line in error.lines { Standard.complain(line) }
            return ExitStatus.usage
        } catch {
            return explain(error, arguments)
        }
    }

    /// What ArgumentParser throws: help and version asked for, or an argument it does not understand.
    private static func explain(_ error: any Error, _ arguments: [String]) -> Int32 {
        switch Mailsonde.exitCode(for: error) {
        case .success:
            Standard.print(Mailsonde.fullMessage(for: error) + "\n")
            return 0
        case .validationFailure:
            Standard.complain(
                "\(misunderstood(arguments) ?? sentence(Mailsonde.message(for: error))) (see \(helpFor(arguments)))")
            return ExitStatus.usage
        default:
            Standard.complain(sentence(Mailsonde.message(for: error)))
            return ExitStatus.unknown
        }
    }

    /// The command that does not exist, and those it may have been meant for.
    private static func misunderstood(_ arguments: [String]) -> String? {
        guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
        let names = Mailsonde.configuration.subcommands.map { $0._commandName }
        if names.contains(first) || first == "help" { return nil }
        let near = CheckText.near(first, among: names)
        return "there is no command “\(first)”" + (near.isEmpty ? "" : ": did you mean \(Wording.list(near, "or"))?")
    }

    /// On one line, without the full stop.
    private static func sentence(_ message: String) -> String {
        var words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if words.hasPrefix("Error: ") { words.removeFirst(7) }
        if words.hasSuffix(".") { words.removeLast() }
        return words
    }

    /// `mailsonde audit --help`, by the commands that the arguments begin with.
    private static func helpFor(_ arguments: [String]) -> String {
        var type: any ParsableCommand.Type = Mailsonde.self
        var path = ["mailsonde"]
        for argument in arguments {
            guard let next = type.configuration.subcommands.first(where: { $0._commandName == argument }) else { break }
            type = next
            path.append(argument)
        }
        return (path + ["--help"]).joined(separator: " ")
    }
}

/// Something that the user wrote cannot be meant: what, and what would be right, in a line each. Status 64.
struct UsageError: Error {
    var lines: [String]
    init(_ message: String) { lines = [message] }
    init(lines: [String]) { self.lines = lines }
}
