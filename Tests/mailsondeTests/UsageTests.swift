import Foundation
import Testing

@Suite("Wrong usage is refused in one line, with status 64")
struct UsageTests {
    @Test(
        arguments: [
            (["audit"], "no domains"), (["audit", "x.org", "--recipient", "ann"], "“ann” is no address"),
            (["audit", "x.org", "--recipient", "ann@y.org"], "y.org is not among the domains"),
            (["audit", "--recipient", "é@x.org"], "not ASCII"),
            (["audit", "--recipient", "a@192.0.2.1"], "is no address"),
            (["audit", "exa mple.org"], "is no mail domain"),
            (["audit", "probe@example.org"], "behind the @: example.org"),
            (["audit", "192.0.2.1"], "it is an address"),
            (["audit", "[2001:db8::1]"], "it is an address"), (["audit", "https://example.org/"], "it is a URL"),
            (["audit", "a..b"], "two dots"), (["audit", "."], "such as example.org"), (["audit", ""], "missing"),
            (["audit", "a-.example"], "hyphen"), (["audit", "a\r\nb.example"], "\\r"),
            (["audit", "\u{1B}[31mx.example"], "\\x1b"), (["audit", String(repeating: "a", count: 64) + ".org"], "63"),
            (["audit", "x.org", "--ports", "smtp,gopher"], "“gopher” is no service"),
            (["audit", "x.org", "--resolver", "nowhere"], "--resolver"),
            (["audit", "x.org", "--resolver", "127.0.0.1:70000"], "--resolver"),
            (["audit", "x.org", "--connect-to", "a:b"], "HOST:PORT:ADDR:PORT"),
            (["audit", "x.org", "--ca-file", "/nonexistent.pem"], "/nonexistent.pem"),
            (["audit", "x.org", "--timeout", "soon"], "'soon'"), (["audit", "x.org", "--timeout=0"], "above 0"),
            (["audit", "x.org", "--timeout=nan"], "above 0"), (["audit", "x.org", "--now=inf"], "seconds since 1970"),
            (["audit", "x.org", "--fail-on", "sometimes"], "'warning', 'error' or 'never'"),
            (["audit", "x.org", "--format", "pdf"], "nagios"),
            (["audit", "x.org", "--json", "--format", "html"], "html"),
            (["audit", "x.org", "--selector", "a b"], "DKIM selector"),
            (["audit", "x.org", "--ehlo-name", "a\r\nMAIL"], "--ehlo-name"), (["audit", "x.org", "--frob"], "--frob"),
            (["audti", "x.org"], "did you mean audit?"),
            (["explain", "spf.lookup-limt"], "did you mean spf.lookup-limit"),
            (["explain", "\u{202E}x"], "\\u{202e}"), (["explain", "--format", "html"], "text or json"),
            (["config", "check", "/nonexistent.yaml"], "/nonexistent.yaml"), (["config", "frob"], "frob"),
            (["roundtrip", "/nonexistent.yaml"], "/nonexistent.yaml"),
        ])
    func refused(arguments: [String], message: String) async throws {
        let outcome = try await Program.run(arguments, within: 120)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("\n") && outcome.errors.dropLast().allSatisfy { $0 != "\n" })
        #expect(outcome.errors.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 || $0 == "\n" })
    }

    @Test(
        "Help and version are asked for, so they are no failure",
        arguments: [["--help"], ["audit", "--help"], ["--version"]])
    func help(arguments: [String]) async throws {
        let outcome = try await Program.run(arguments, within: 120)
        #expect(outcome.status == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.errors.isEmpty)
    }

    @Test("A reader that goes away early is no crash")
    func head() async throws {
        let shell = try #require(Tool("sh"))
        let outcome = try await shell.run(
            ["-c", "\"$0\" explain | head -n 1; echo \"${PIPESTATUS:-ended}\"", Program.tool.path], within: 120)
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.split(separator: "\n").count == 2)
    }
}
