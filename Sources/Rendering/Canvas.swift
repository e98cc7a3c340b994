/// Lines of text for a terminal, wrapped to its width and made safe as they are added.
package struct Canvas: Sendable {
    package let look: Look
    private var lines: [[Span]] = []

    package init(_ look: Look) { self.look = look }

    /// All lines, each with a line feed at its end.
    package var text: String {
        var text = ""
        for line in lines {
            var line = line
            // No blanks at the end of a line.
            while let last = line.last, last.text.isEmpty || last.text.hasSuffix(" ") {
                if last.text.isEmpty { line.removeLast() } else { line[line.count - 1].text.removeLast() }
            }
            text += line.map { $0.painted(look.colour) }.joined() + "\n"
        }
        return text
    }

    package var isEmpty: Bool { lines.isEmpty }

    /// How many lines there are.
    package var count: Int { lines.count }

    /// Leaves so many lines; where there were more, the last says how many are left out.
    package mutating func cut(to limit: Int) {
        guard lines.count > max(limit, 1) else { return }
        let left = lines.count - (limit - 1)
        lines.removeLast(left)
        lines.append([Span("  … and \(left) more lines: -v shows them", .faint)])
    }

    /// An empty line, unless one is there already or nothing stands before it.
    package mutating func gap() {
        if let last = lines.last, !last.isEmpty { lines.append([]) }
    }

    /// A line as it is: not wrapped.
    package mutating func line(_ spans: [Span]) { lines.append(spans.map(Self.safe)) }

    /// The same with its spans one by one.
    package mutating func line(_ spans: Span...) { line(spans) }

    /// A heading with a gap before it.
    package mutating func heading(_ text: String, _ tone: Tone = .strong) {
        gap()
        line(Span(text, tone))
    }

    /// Words wrapped to the width: the first line behind `first`, the others behind as many blanks.
    /// - Parameter limit: lines beyond so many are left out, and the last one ends in `…`.
    package mutating func paragraph(behind first: [Span] = [], _ spans: [Span], limit: Int = .max) {
        let lead = first.map(Self.safe)
        let indent = min(lead.reduce(0) { $0 + $1.columns }, look.width / 2)
        var rows = Self.wrap(spans.map(Self.safe), to: look.width - indent)
        if rows.count > limit {
            rows = Array(rows.prefix(max(1, limit)))
            rows[rows.count - 1].append(Span(" …", .faint))
        }
        for (index, row) in rows.enumerated() {
            lines.append((index == 0 ? lead : [Span(String(repeating: " ", count: indent))]) + row)
        }
        if rows.isEmpty { lines.append(lead) }
    }

    /// Words wrapped to the width behind so many blanks.
    package mutating func paragraph(indent: Int, _ spans: [Span], limit: Int = .max) {
        paragraph(behind: [Span(String(repeating: " ", count: indent))], spans, limit: limit)
    }

    /// The same for words of one tone.
    package mutating func paragraph(indent: Int, _ text: String, _ tone: Tone = .plain, limit: Int = .max) {
        paragraph(indent: indent, [Span(text, tone)], limit: limit)
    }

    /// Rows of cells in columns as wide as their widest cell, two blanks between them; the last cell of a row is wrapped.
    package mutating func table(indent: Int, _ rows: [[Span]]) {
        let safe = rows.map { $0.map(Self.safe) }
        let count = safe.map(\.count).max() ?? 0
        guard count > 0 else { return }
        let widest = look.width / 2
        let widths = (0..<count - 1).map { column in
            min(safe.map { $0.count - 1 > column ? $0[column].columns : 0 }.max() ?? 0, widest)
        }
        for row in safe {
            var lead = [Span(String(repeating: " ", count: indent))]
            for (cell, width) in zip(row.dropLast(), widths) {
                lead.append(cell)
                lead.append(Span(String(repeating: " ", count: max(0, width - cell.columns) + 2)))
            }
            paragraph(behind: lead, row.last.map { [$0] } ?? [])
        }
    }

    /// Everything but what is plainly visible is written out. Runs twice over text that was safe already without harm.
    private static func safe(_ span: Span) -> Span {
        Span(Escaping.visible(span.text, limit: 4_000), span.tone)
    }

    /// Greedy: breaks at blanks only, unless a word is longer than a line. Blanks between words of one line are kept.
    static func wrap(_ spans: [Span], to width: Int) -> [[Span]] {
        let width = max(width, 10)
        var rows: [[Span]] = []
        var row: [Span] = []
        var used = 0
        for word in words(of: spans) {
            let columns = word.parts.reduce(0) { $0 + $1.columns }
            if used > 0, used + word.blanks + columns > width {
                rows.append(row)
                (row, used) = ([], 0)
            } else if used > 0 {
                row.append(Span(String(repeating: " ", count: word.blanks), word.parts[0].tone))
                used += word.blanks
            }
            for part in word.parts {
                var text = part.text[...]
                while Columns.of(String(text)) > width - used {
                    let head = prefix(of: text, columns: width - used)
                    rows.append(row + [Span(String(head), part.tone)])
                    (row, used) = ([], 0)
                    text = text.dropFirst(head.count)
                }
                if !text.isEmpty {
                    row.append(Span(String(text), part.tone))
                    used += Columns.of(String(text))
                }
            }
        }
        if !row.isEmpty { rows.append(row) }
        return rows.map(joined)
    }

    /// Parts without a blank between them are one word, also where they differ in tone.
    private static func words(of spans: [Span]) -> [(blanks: Int, parts: [Span])] {
        var words: [(blanks: Int, parts: [Span])] = []
        var blanks = 0
        for span in spans {
            for (index, piece) in span.text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
                if index > 0 { blanks += 1 }
                if piece.isEmpty { continue }
                let part = Span(String(piece), span.tone)
                if blanks == 0, !words.isEmpty {
                    words[words.count - 1].parts.append(part)
                } else {
                    words.append((blanks, [part]))
                }
                blanks = 0
            }
        }
        return words
    }

    /// At least one character, so that wrapping always gets on.
    private static func prefix(of text: Substring, columns: Int) -> Substring {
        var used = 0
        var end = text.startIndex
        for index in text.indices {
            used += Columns.of(text[index])
            if used > columns, end > text.startIndex { break }
            end = text.index(after: index)
        }
        return text[..<end]
    }

    /// Neighbours of one tone become one span.
    private static func joined(_ row: [Span]) -> [Span] {
        row.reduce(into: []) { result, span in
            if let last = result.last, last.tone == span.tone {
                result[result.count - 1].text += span.text
            } else {
                result.append(span)
            }
        }
    }
}
