import Foundation
import Testing

/// README.md promises commands, options, files and numbers: they are there.
@Suite("README.md")
struct ReadmeTests {
    static let text =
        (try? String(contentsOf: HouseTests.root.appending(path: "README.md"), encoding: .utf8)) ?? ""

    @Test("Every command that it shows exists")
    func commands() async throws {
        var commands: Set<String> = []
        for match in Self.text.matches(of: /(?:mailsonde|Sources\/run) ([a-z-]+)( [a-z]+)?/) {
            commands.insert(String(match.1))
        }
        let help = try await Program.run(["--help"]).output
        let known = Set(help.matches(of: #/(?m)^  ([a-z][a-z-]*)  /#).map { String($0.1) }).subtracting(["help"])
        #expect(known.count >= 12)
        #expect(known.isSubset(of: commands), "not in the README: \(known.subtracting(commands))")
        for command in known {
            let outcome = try await Program.run([command, "--help"])
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        }
    }

    @Test("Every option in its table is an option of audit")
    func options() async throws {
        let help = try await Program.run(["audit", "--help"]).output
        let options = Self.text.matches(of: /\| `(--[a-z-]+)/).map { String($0.1) }
        #expect(options.count >= 6)
        for option in options { #expect(help.contains(option), "\(option)") }
    }

    @Test("Every file that it links to is there")
    func files() throws {
        let targets = Self.text.matches(of: /\]\(([^)#:]+)\)/).map { String($0.1) } + ["Sources/run", "Tests/run"]
        #expect(targets.count >= 4)
        for target in targets {
            #expect(FileManager.default.fileExists(atPath: HouseTests.root.appending(path: target).path), "\(target)")
        }
    }

    @Test("The configuration it shows is valid but for the accounts of its example")
    func configuration() async throws {
        let block = try #require(Self.text.firstMatch(of: /```yaml\n([^`]+)```/)).1
        let folder = try Folder()
        defer { folder.remove() }
        let password = try folder.write("probe", "secret\n")
        let text = String(block).replacing("/etc/mailsonde/probe", with: password)
        let outcome = try await Program.run(
            ["config", "check", folder.write("mailsonde.yaml", text)], environment: ["PROBE_PASSWORD": "secret"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }
}
