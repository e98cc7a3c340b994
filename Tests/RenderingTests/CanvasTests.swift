import Testing

@testable import Rendering

@Suite("Lines for a terminal")
struct CanvasTests {
    @Test("Words are wrapped to the width, behind their lead")
    func wrapping() {
        var canvas = Canvas(Look(width: 40))
        canvas.paragraph(behind: ["  → "], [Span("One two three four five six seven eight nine ten eleven")])
        #expect(canvas.text == "  → One two three four five six seven\n    eight nine ten eleven\n")
    }

    @Test("A word longer than a line is cut, and no line is wider than the terminal", arguments: [40, 41, 80, 200])
    func longWords(width: Int) {
        var canvas = Canvas(Look(width: width))
        let word = String(repeating: "a", count: 1_000) + String(repeating: "世", count: 500)
        canvas.paragraph(indent: 4, "x \(word) y")
        let lines = canvas.text.split(separator: "\n")
        #expect(lines.allSatisfy { Columns.of(String($0)) <= width })
        let letters = canvas.text.filter { $0 != " " && $0 != "\n" }
        #expect(letters == "x" + word + "y")
    }

    @Test(
        "Wide characters take two columns, marks none", arguments: [("abc", 3), ("世界", 4), ("e\u{301}", 1), ("→✓", 2)])
    func columns(text: String, expected: Int) {
        #expect(Columns.of(text) == expected)
    }

    @Test("Escape sequences in what is drawn stay words, with colour or without", arguments: [true, false])
    func hostile(colour: Bool) {
        var canvas = Canvas(Look(width: 80, colour: colour))
        canvas.line(Span("\u{1B}[31mred\u{202E}", .bad))
        canvas.paragraph([Span("\u{1B}]0;x\u{7} a\nb")])
        canvas.table(indent: 2, [[Span("\u{9B}1m"), Span("\u{0}")]])
        let text = canvas.text
        let own = text.split(separator: "\u{1B}[31m", omittingEmptySubsequences: false).count - 1
        #expect(own == (colour ? 1 : 0))
        #expect(!text.contains("\u{202E}") && !text.contains("\u{9B}") && !text.contains("\u{7}"))
        #expect(text.split(separator: "\n").count == 3)
    }

    @Test("Without colour there is no escape sequence at all")
    func plain() {
        var canvas = Canvas(Look(width: 80))
        for tone in [Tone.plain, .strong, .faint, .good, .notice, .warning, .bad, .critical, .unknown] {
            canvas.line(Span("x", tone))
        }
        #expect(!canvas.text.contains("\u{1B}"))
    }

    @Test("A paragraph keeps to its limit of lines and says that it was cut")
    func limit() {
        var canvas = Canvas(Look(width: 40))
        canvas.paragraph(indent: 2, String(repeating: "word ", count: 100), limit: 2)
        #expect(canvas.text.split(separator: "\n").count == 2)
        #expect(canvas.text.hasSuffix(" …\n"))
    }

    @Test("Markdown keeps its words: lists, code and strong words")
    func markdown() {
        var canvas = Canvas(Look(width: 40))
        MarkdownText.draw(
            MarkdownText.blocks(
                "Do `this`\nand **that**.\n\n- one\n  more\n- two\n\n```\nkeep  as is\n```\nEnd *here."),
            behind: "  ", on: &canvas)
        #expect(
            canvas.text == """
                  Do this and that.
                  - one more
                  - two
                    keep  as is

                  End *here.

                """)
    }
}
