import Testing

@Suite("Help shows what has an effect")
struct HelpTests {
    private static let dialling = ["--connect-to", "--ca-file", "--ehlo-name"]
    private static let asking = ["--resolver", "--timeout", "--offline", "--now"]

    @Test(
        "An option without effect on a command is not shown there",
        arguments: [
            (["scan"], asking + ["--fail-on"], dialling + ["--format", "--json ", "--verbose"]),
            (["record", "check"], ["--fail-on", "--format", "--json", "--verbose"], dialling + asking),
            (["audit"], asking + dialling + ["--fail-on", "--format"], []),
        ])
    func help(command: [String], shown: [String], hidden: [String]) async throws {
        let outcome = try await Program.run(command + ["--help"])
        #expect(outcome.status == 0)
        for option in shown {
            #expect(outcome.output.contains("  " + option) || outcome.output.contains(", " + option), "\(option)")
        }
        for option in hidden { #expect(!outcome.output.contains(option), "\(option)") }
    }

    @Test("Who gives every command the same options is not refused")
    func accepted() async throws {
        let outcome = try await Program.run([
            "scan", "/dev/null", "--offline", "--json", "--ehlo-name", "mail.example.org", "--connect-to",
            ":25:127.0.0.1:2525",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
