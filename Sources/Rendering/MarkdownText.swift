/// The Markdown of the checks' pages on a terminal: paragraphs, lists, quoted code, `code` and **strong** words.
/// Nothing else of Markdown; what is not known stays as it was written.
enum MarkdownText {
    enum Block: Hashable, Sendable {
        case paragraph(String)
        case heading(String)
        /// `marker` is `-` or `1.`.
        case item(marker: String, String)
        case code([String])
    }

    static func blocks(_ markdown: String) -> [Block] {
        var blocks: [Block] = []
        var code: [String]?
        var open = false
        for line in markdown.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let trimmed = trim(line)
            if trimmed.hasPrefix("```") {
                if let lines = code {
                    blocks.append(.code(lines))
                    code = nil
                } else {
                    code = []
                }
                open = false
            } else if code != nil {
                code?.append(String(line))
            } else if trimmed.isEmpty {
                open = false
            } else if trimmed.hasPrefix("#") {
                blocks.append(.heading(trim(trimmed.drop { $0 == "#" })))
                open = false
            } else if let item = item(trimmed) {
                blocks.append(item)
                open = true
            } else if open, let last = blocks.last {
                blocks[blocks.count - 1] = last.continued(by: trimmed)
            } else {
                blocks.append(.paragraph(trimmed))
                open = true
            }
        }
        if let code { blocks.append(.code(code)) }
        return blocks
    }

    /// - Parameter lead: stands before the first line; the others are indented as far.
    static func draw(_ blocks: [Block], behind lead: String, on canvas: inout Canvas, limit: Int = .max) {
        let indent = String(repeating: " ", count: Columns.of(lead))
        for (index, block) in blocks.enumerated() {
            let lead = index == 0 ? lead : indent
            switch block {
            case .paragraph(let text):
                if index > 0 { canvas.gap() }
                canvas.paragraph(behind: [Span(lead)], spans(text), limit: limit)
            case .heading(let text):
                canvas.gap()
                canvas.line(Span(lead + text, .strong))
            case .item(let marker, let text):
                canvas.paragraph(behind: [Span("\(lead)\(marker) ")], spans(text), limit: limit)
            case .code(let lines):
                if index > 0, case .code = blocks[index - 1] { canvas.gap() }
                for line in lines { canvas.line(Span("\(indent)  \(line)", .faint)) }
            }
        }
    }

    /// `code` and **strong** in tones of their own; the marks are left out.
    static func spans(_ text: String) -> [Span] {
        var spans: [Span] = []
        var rest = Substring(text)
        while let start = rest.firstIndex(where: { $0 == "`" || $0 == "*" }) {
            let mark = rest[start] == "`" ? "`" : "**"
            let behind = rest[start...].dropFirst(mark.count)
            guard rest[start...].hasPrefix(mark), let end = behind.firstRange(of: mark), !end.isEmpty,
                behind.startIndex < end.lowerBound
            else {
                spans.append(Span(String(rest[...start])))
                rest = rest[rest.index(after: start)...]
                continue
            }
            spans.append(Span(String(rest[..<start])))
            spans.append(Span(String(behind[..<end.lowerBound]), mark == "`" ? .notice : .strong))
            rest = rest[end.upperBound...]
        }
        spans.append(Span(String(rest)))
        return spans.filter { !$0.text.isEmpty }
    }

    private static func item(_ line: String) -> Block? {
        if line.hasPrefix("- ") || line.hasPrefix("* ") { return .item(marker: "-", trim(line.dropFirst(2))) }
        let number = line.prefix { ("0"..."9").contains($0) }
        guard (1...2).contains(number.count), line.dropFirst(number.count).hasPrefix(". ") else { return nil }
        return .item(marker: number + ".", trim(line.dropFirst(number.count + 2)))
    }

    private static func trim(_ text: some StringProtocol) -> String {
        var text = text[...]
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return String(text)
    }
}

extension MarkdownText.Block {
    fileprivate func continued(by line: String) -> MarkdownText.Block {
        switch self {
        case .paragraph(let text): .paragraph(text + " " + line)
        case .item(let marker, let text): .item(marker: marker, text + " " + line)
        case .heading, .code: self
        }
    }
}
