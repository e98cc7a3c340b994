package import Judgement

/// The pages of the checks, for `explain`.
package enum CheckText {
    /// One check: what it means, why it matters, what to do; `-v` adds the examples of its page.
    package static func text(_ check: Check, _ look: Look) -> String {
        var canvas = Canvas(look)
        let words = VerdictWords.of(check.severity)
        canvas.paragraph([Span(check.title, .strong)])
        canvas.paragraph([
            Span(check.identifier), Span("  "), Span(words.text, words.tone), Span("  \(check.reference)", .faint),
        ])
        canvas.gap()
        canvas.line(Span("What it means", .strong))
        MarkdownText.draw(MarkdownText.blocks(check.meaning), behind: "  ", on: &canvas)
        canvas.gap()
        canvas.line(Span("What to do", .strong))
        MarkdownText.draw(MarkdownText.blocks(check.remedy), behind: "  ", on: &canvas)
        if look.verbose, let page = CheckPage.named(check.identifier)?.text,
            let start = page.firstRange(of: "\n## \(CheckPage.Example.Expectation.fires.rawValue)")
        {
            canvas.gap()
            MarkdownText.draw(MarkdownText.blocks(String(page[start.lowerBound...])), behind: "", on: &canvas)
        }
        return canvas.text
    }

    /// All of them, by area: identifier, severity, title.
    package static func list(_ checks: [Check], _ look: Look) -> String {
        var canvas = Canvas(look)
        let sorted = checks.sorted { $0.identifier < $1.identifier }
        let width = sorted.map(\.identifier.utf8.count).max() ?? 0
        var area = ""
        for check in sorted {
            let own = check.identifier.prefix { $0 != "." }
            if own != area {
                canvas.gap()
                area = String(own)
            }
            let words = VerdictWords.of(check.severity)
            canvas.paragraph(
                behind: [
                    Span(check.identifier.padded(to: width + 2)), Span(words.word.padded(to: 10), words.tone),
                ], [Span(check.title)])
        }
        canvas.gap()
        canvas.line(Span("\(Wording.count(sorted.count, "check")); mailsonde explain CHECK tells more of one", .faint))
        return canvas.text
    }

    /// A check without its page.
    package static func json(_ check: Check) -> JSON {
        [
            "check": .string(check.identifier), "title": .string(check.title),
            "severity": .string(check.severity.rawValue), "reference": .string(check.reference),
            "meaning": .string(check.meaning), "remedy": .string(check.remedy),
        ]
    }

    /// Identifiers that someone who wrote `text` may have meant, the nearest first, at most `limit`.
    package static func near(_ text: String, among identifiers: [String], limit: Int = 3) -> [String] {
        let asked = Array(text.lowercased().utf8.prefix(80))
        guard !asked.isEmpty else { return [] }
        let scored = identifiers.map { identifier -> (score: Int, identifier: String) in
            let whole = Array(identifier.utf8)
            let parts = whole.split(separator: UInt8(ascii: ".")).map { Array($0) }
            let best = ([whole] + parts).map { distance(asked, $0) }.min() ?? .max
            // A piece of the name, or all of an area, is as good as one wrong letter.
            return (identifier.contains(text.lowercased()) ? min(best, 1) : best, identifier)
        }
        let bound = max(2, asked.count / 3)
        return scored.filter { $0.score <= bound }
            .sorted { ($0.score, $0.identifier) < ($1.score, $1.identifier) }
            .prefix(limit).map(\.identifier)
    }

    /// How many octets must be put in, taken out or changed to make one of the other (Levenshtein).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = x == y ? diagonal : min(diagonal, above, row[j]) + 1
                diagonal = above
            }
        }
        return row[b.count]
    }
}

extension String {
    /// With blanks behind it up to so many columns.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - Columns.of(self))) }
}
