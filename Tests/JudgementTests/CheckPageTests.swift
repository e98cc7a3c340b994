import Judgement
import Testing

@Suite struct CheckPageTests {
    static let good = """
        # A title

        - Severity: warning
        - Reference: RFC 1 §2

        ## What it means

        It means something:

            indented text stays

        ## Remedy

        Mend it.

        ```
        # not a title
        ```

        ## Fires

        ```zone example.org selectors=s1,s2
        example.org. MX 0 .
        ```

        ## Stays quiet

        ```transcript smtp mx.example.org [2001:db8::25]:25
        S: 220 hello
        ```

        ```zone example.org
        example.org. A 192.0.2.1
        ```

        ```transcript smtp mx.example.org 192.0.2.25:2525 in-zone
        S: 220 hello
        ```

        ## Cannot tell

        ```header outcome=lost seconds=1.5
        Subject: x
        ```
        """

    @Test func `A page gives its check and its examples`() throws {
        let page = try CheckPage(identifier: "mx.some-thing", text: Self.good)
        #expect(page.check.title == "A title")
        #expect(page.check.severity == .warning)
        #expect(page.check.reference == "RFC 1 §2")
        #expect(page.check.meaning == "It means something:\n\n    indented text stays")
        #expect(page.check.remedy == "Mend it.\n\n```\n# not a title\n```")
        #expect(page.examples.map(\.expectation) == [.fires, .staysQuiet, .staysQuiet, .cannotTell])
        #expect(
            page.examples[0].kind
                == .zone(.init(domain: "example.org", selectors: ["s1", "s2"], text: "example.org. MX 0 .\n")))
        #expect(
            page.examples[1].kind
                == .transcript(
                    service: .smtp, host: "mx.example.org", address: "2001:db8::25", port: 25, text: "S: 220 hello\n",
                    in: nil))
        #expect(
            page.examples[2].kind
                == .transcript(
                    service: .smtp, host: "mx.example.org", address: "192.0.2.25", port: 2525, text: "S: 220 hello\n",
                    in: .init(domain: "example.org", selectors: [], text: "example.org. A 192.0.2.1\n")))
        #expect(page.examples[3].kind == .header(outcome: .lost, seconds: 1.5, text: "Subject: x\n"))
    }

    @Test func `CRLF line ends make no difference`() throws {
        let crlf = Self.good.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        #expect(try CheckPage(identifier: "a.b", text: crlf).check.title == "A title")
        #expect(try CheckPage(identifier: "a.b", text: crlf).examples.count == 4)
    }

    @Test(arguments: [
        ("# A title\n", "title"), ("- Severity: warning\n", "Severity"), ("- Severity: warning", "- Severity: bad"),
        ("- Reference: RFC 1 §2\n", "Reference"), ("Mend it.\n\n```\n# not a title\n```\n", "Remedy"),
        ("## Fires", "## Feuert"), ("```zone example.org selectors=s1,s2", "```"), ("```zone", "```zoone"),
        ("transcript smtp mx.example.org [2001:db8::25]:25", "transcript smtp mx.example.org"),
        ("```header outcome=lost seconds=1.5", "```header outcome=eaten"),
        ("```transcript smtp mx.example.org [2001:db8::25]:25", "```transcript smtp a 192.0.2.1:25 in-zone"),
        ("## Stays quiet", "## Fires"), ("Subject: x\n```", "Subject: x\n"),
    ]) func `A page that lacks or garbles something is refused`(change: (old: String, new: String)) throws {
        let broken =
            change.old.hasSuffix("\n") && !change.new.hasSuffix("\n") && !change.new.contains("`")
            ? Self.good.replacing(change.old, with: "") : Self.good.replacing(change.old, with: change.new)
        #expect(broken != Self.good)
        #expect(throws: PageError.self) { try CheckPage(identifier: "a.b", text: broken) }
    }

    @Test(arguments: [
        ("spf.lookup-limit", true), ("tls-rpt.exists", true), ("a.b", true), ("", false), ("a", false), ("a.", false),
        (".b", false), ("a.b.c", false), ("A.b", false), ("a.b-", false), ("a._b", false), ("a.b c", false),
        ("a/b.c", false), ("1a.b", false),
    ]) func `Identifiers have the form area.what`(text: String, isOne: Bool) {
        #expect(CheckPage.isIdentifier(text) == isOne)
    }

    @Test func `A check without a page still has a name`() {
        #expect(Check.page(of: "no.such").title == "no.such")
    }

    @Test func `Any text is read or refused, never more`() async {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let octets = Array(Self.good.utf8)
        for round in 0..<400 {
            if round.isMultiple(of: 10) { await Task.yield() }
            var mutated = octets
            for _ in 0..<4 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let at = Int(state >> 33) % mutated.count
                if state & 1 == 0 {
                    mutated.remove(at: at)
                } else {
                    mutated[at] = UInt8(truncatingIfNeeded: state >> 8)
                }
            }
            _ = try? CheckPage(identifier: "a.b", text: String(decoding: mutated, as: UTF8.self))
        }
    }
}
