import Testing

@testable import Rendering

@Suite("Outside text is made visible")
struct EscapingTests {
    @Test(
        "What acts on a terminal or hides is written out",
        arguments: [
            ("\u{1B}[2J\u{1B}]0;owned\u{07}", #"\x1b[2J\x1b]0;owned\x07"#),
            ("a\r\nb\tc\u{0}", #"a\r\nb\tc\x00"#),
            ("\u{7F}\u{9B}31m", #"\x7f\x9b31m"#),
            ("paypal\u{202E}moc.evil", #"paypal\u{202e}moc.evil"#),
            ("\u{2066}x\u{2069}\u{61C}\u{200E}", #"\u{2066}x\u{2069}\u{61c}\u{200e}"#),
            ("ex\u{200B}ample\u{200D}\u{FEFF}\u{AD}", #"ex\u{200b}ample\u{200d}\u{feff}\xad"#),
            ("\u{E0041}\u{3164}\u{2028}\u{FE0F}", #"\u{e0041}\u{3164}\u{2028}\u{fe0f}"#),
            ("Grüße, 世界, привет, עברית", "Grüße, 世界, привет, עברית"),
            (#"plain \x1b text"#, #"plain \x1b text"#),
            ("e\u{301}\u{302}\u{303}\u{304}\u{305}", "e\u{301}\u{302}\u{303}\\u{304}\\u{305}"),
        ])
    func visible(text: String, expected: String) {
        #expect(Escaping.visible(text) == expected)
    }

    @Test(
        "Octets that are no UTF-8 are shown as such",
        arguments: [
            ([0x61, 0xFF, 0x62], #"a\xffb"#),
            ([0xC3, 0xA4, 0xC3], #"ä\xc3"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#),
            ([0xF0, 0x9F], #"\xf0\x9f"#),
            ([0xC0, 0xAF], #"\xc0\xaf"#),
            ([0x1B, 0x5B], #"\x1b["#),
        ] as [([UInt8], String)])
    func octets(bytes: [UInt8], expected: String) {
        #expect(Escaping.visible(bytes: bytes) == expected)
    }

    @Test(
        "In Markdown, code stays code, and what is outside of it is escaped wherever the backquotes fall",
        arguments: [
            (#"Publish `a.example. TXT "v=spf1 -all"`."#, #"Publish `a.example. TXT "v=spf1 -all"`."#),
            ("`_dmarc.a|b` and a_b", "`_dmarc.a\\|b` and a\\_b"),
            ("one ` alone <b>", "one \\` alone &lt;b&gt;"),
            ("a `` b <i>", "a \\`\\` b &lt;i&gt;"),
            ("`x` ` <b>", "`x` \\` &lt;b&gt;"),
            ("`a\nb`", "`a\\nb`"), ("", ""), ("`", "\\`"),
        ])
    func code(text: String, expected: String) {
        #expect(Escaping.markdownWithCode(text, inCell: true) == expected)
    }

    @Test(
        "In HTML, what stands between two backquotes is code, and all of it is escaped",
        arguments: [
            ("Publish `a TXT \"<b>\"`.", "Publish <code>a TXT &quot;&lt;b&gt;&quot;</code>."),
            ("`x` and `y`", "<code>x</code> and <code>y</code>"), ("one ` alone <b>", "one ` alone &lt;b&gt;"),
            ("a `` b", "a `` b"), ("`<", "`&lt;"), ("", ""),
            ("`</code><script>`", "<code>&lt;/code&gt;&lt;script&gt;</code>"),
        ])
    func codeInHTML(text: String, expected: String) {
        #expect(Escaping.htmlWithCode(text) == expected)
    }

    @Test("Every octet and pair of octets comes out plainly visible")
    func everyPair() {
        for first in UInt8.min...UInt8.max {
            for second in stride(from: UInt8.min, through: 250, by: 7) {
                let text = Escaping.visible(bytes: [first, second])
                #expect(text.unicodeScalars.allSatisfy(Escaping.isPlain))
            }
        }
    }

    @Test("Text is cut at the limit, and never within an escape", arguments: [1, 2, 5, 6, 7, 100])
    func cut(limit: Int) {
        let text = Escaping.visible(String(repeating: "\u{1B}ab", count: 10_000), limit: limit)
        #expect(text.unicodeScalars.count <= limit + 1)
        #expect(text.hasSuffix("…"))
        let escapes = text.dropLast().split(separator: "\\", omittingEmptySubsequences: true)
        #expect(escapes.allSatisfy { $0.hasPrefix("x1b") })
    }

    @Test("A hundred megabytes of text cost no more than what is shown of them")
    func long() {
        #expect(Escaping.visible(bytes: [UInt8](repeating: 0x41, count: 5_000_000), limit: 10) == "AAAAAAAAAA…")
    }

    @Test("Nothing gets out of HTML text or an attribute")
    func html() {
        #expect(
            Escaping.html("<script>alert('x')</script> & \"q\"\u{1B}")
                == "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot;\\x1b")
    }

    @Test("Nothing gets out of a label's value")
    func label() {
        #expect(Escaping.labelValue("a\"} 1\nevil{x=\"\\") == #"a\"} 1\\nevil{x=\"\\"#)
    }

    @Test("Nothing gets out of a cell of a Markdown table")
    func markdown() {
        #expect(Escaping.markdown("a|b `c` <img> [x](y)\n# h") == ##"a\|b \`c\` &lt;img&gt; \[x\](y)\\n\# h"##)
    }
}
