import ArgumentParser
import Judgement
import Monitor
import Rendering

/// `mailsonde config check CONFIG…` and `mailsonde config example`
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks a configuration, or writes one to begin with.",
        subcommands: [Check.self, Example.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Is this configuration valid? Line and column of what is not.")

        @Argument(help: ArgumentHelp("YAML files, or folders of them.", valueName: "config"))
        var paths: [String]

        @Flag(help: "Write the result as JSON.")
        var json = false

        func run() async throws {
            do throws(ConfigurationProblems) {
                let configuration = try Configuration.load(paths, environment: Standard.environment)
                let summary = Self.summary(of: configuration)
                Standard.print(json ? Self.text(true, []) : "\(paths.joined(separator: ", ")): valid: \(summary)\n")
            } catch {
                if json {
                    Standard.print(Self.text(false, error.problems))
                } else {
                    for problem in error.problems { Standard.log(Escaping.visible("\(problem)") + "\n") }
                }
                throw ExitCode(ExitStatus.usage)
            }
        }

        private static func summary(of configuration: Configuration) -> String {
            Wording.list([
                Wording.count(configuration.domains.count, "domain"),
                Wording.count(configuration.ports.count, "host", "hosts") + " whose ports are tried",
                Wording.count(configuration.roundTrips.count, "round trip"),
            ])
        }

        private static func text(_ isValid: Bool, _ problems: [ConfigurationProblem]) -> String {
            let value: JSON = [
                "valid": .bool(isValid),
                "problems": .array(
                    problems.map {
                        [
                            "file": .string($0.file), "line": .integer($0.line), "column": .integer($0.column),
                            "message": .string($0.message),
                        ]
                    }),
            ]
            return JSONWriter.text(value, .indented) + "\n"
        }
    }

    struct Example: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "example", abstract: "Writes a commented configuration to begin with.")

        func run() async throws {
            let text = Configuration.example
            Standard.print(text.hasSuffix("\n") ? text : text + "\n")
        }
    }
}
