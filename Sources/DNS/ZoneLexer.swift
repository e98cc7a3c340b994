/// Master-file text cut into entries (RFC 1035 §5.1): words and quotations; comments gone, parentheses resolved.
struct ZoneLexer {
    struct Token {
        /// As written, escapes not resolved; without the quotation marks.
        var raw: ArraySlice<UInt8>
        var isQuoted: Bool
        var line: Int
        /// Where in the text it begins.
        var offset: Int
        /// A comment begins right behind it, without a space.
        var touchesComment = false
        /// Where in the text a quotation begins within it: `key="value"` (RFC 9460 §2.1). Its marks are not in `raw`,
        /// and what it holds needs no escapes.
        var quotation: Int?

        var text: String { String(decoding: raw, as: UTF8.self) }
    }

    /// What belongs together: one line, or several held together by parentheses.
    struct Entry {
        /// It began with a space: the owner is the last one (RFC 1035 §5.1, "blank").
        var inheritsOwner: Bool
        var tokens: [Token]
    }

    let text: [UInt8]
    private var position = 0
    private var line = 1

    init(_ text: String) { self.text = Array(text.utf8) }

    /// The next entry that holds anything; nil at the end.
    mutating func next() throws(ZoneError) -> Entry? {
        while position < text.count {
            let entry = try readEntry()
            if !entry.tokens.isEmpty { return entry }
        }
        return nil
    }

    private mutating func readEntry() throws(ZoneError) -> Entry {
        var entry = Entry(inheritsOwner: isBlank(text[position]), tokens: [])
        var open: [(line: Int, offset: Int)] = []
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\n"):
                position += 1
                line += 1
                if open.isEmpty { return entry }
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
            case UInt8(ascii: ";"): skipComment(&entry)
            case UInt8(ascii: "("):
                open.append((line, position))
                position += 1
            case UInt8(ascii: ")"):
                guard open.popLast() != nil else {
                    throw error(line, position, "a parenthesis is closed that was not opened", "write ( before it")
                }
                position += 1
            case UInt8(ascii: "\""): entry.tokens.append(try readQuotation())
            default: entry.tokens.append(try readWord())
            }
        }
        if let (line, offset) = open.last {
            throw error(line, offset, "this parenthesis is not closed", "write ) behind the last part of the record")
        }
        return entry
    }

    private func isBlank(_ octet: UInt8) -> Bool { octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t") }

    private mutating func skipComment(_ entry: inout Entry) {
        if let last = entry.tokens.last, !last.isQuoted, last.raw.endIndex == position {
            entry.tokens[entry.tokens.count - 1].touchesComment = true
        }
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
    }

    private mutating func readQuotation() throws(ZoneError) -> Token {
        let start = position
        position += 1
        while position < text.count, text[position] != UInt8(ascii: "\n") {
            if text[position] == UInt8(ascii: "\"") {
                position += 1
                return Token(raw: text[(start + 1)..<(position - 1)], isQuoted: true, line: line, offset: start)
            }
            position += text[position] == UInt8(ascii: "\\") && position + 1 < text.count ? 2 : 1
        }
        throw error(line, start, "this quotation is not closed on its line", "write \" at its end")
    }

    private mutating func readWord() throws(ZoneError) -> Token {
        let start = position
        scan: while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ";"),
                UInt8(ascii: "("), UInt8(ascii: ")"):
                break scan
            case UInt8(ascii: "\""):
                guard position > start, text[position - 1] == UInt8(ascii: "=") else {
                    throw misplacedQuotation(line, position)
                }
                return try readQuotation(endingWord: start)
            case UInt8(ascii: "\\") where position + 1 < text.count && text[position + 1] != UInt8(ascii: "\n"):
                position += 2
            default: position += 1
            }
        }
        return Token(raw: text[start..<position], isQuoted: false, line: line, offset: start)
    }

    /// The value of `key="value"`, which ends the word.
    private mutating func readQuotation(endingWord start: Int) throws(ZoneError) -> Token {
        let mark = position
        let value = try readQuotation().raw
        if position < text.count, !" \t\r\n;()".utf8.contains(text[position]) { throw misplacedQuotation(line, mark) }
        let raw = Array(text[start..<mark]) + value
        return Token(raw: raw[...], isQuoted: false, line: line, offset: start, quotation: mark)
    }

    func misplacedQuotation(_ line: Int, _ offset: Int) -> ZoneError {
        error(line, offset, "a quotation mark inside a word", "write \\\" or quote the whole text")
    }

    /// An error at an offset of the text, with its line and column.
    func error(_ line: Int, _ offset: Int, _ problem: String, _ remedy: String) -> ZoneError {
        let newline = UInt8(ascii: "\n")
        let start = text[..<min(offset, text.count)].lastIndex(of: newline).map { $0 + 1 } ?? 0
        let end = text[start...].firstIndex(of: newline) ?? text.count
        let before = String(decoding: text[start..<max(start, min(offset, text.count))], as: UTF8.self)
        var whole = String(decoding: text[start..<end], as: UTF8.self)
        if whole.hasSuffix("\r") { whole.removeLast() }
        return ZoneError(
            line: line, column: before.unicodeScalars.count + 1, problem: problem, remedy: remedy, text: whole)
    }
}
