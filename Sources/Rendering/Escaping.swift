/// Makes text from outside safe to show.
///
/// A record, a greeting, a Received field can hold anything: escape sequences that repaint a terminal, bidirectional
/// overrides that turn a name round, invisible characters that make two names look alike. Here such characters
/// become visible: `\x1b`, `\u{202e}`. Letters of any script stay what they are.
package enum Escaping {
    /// The characters shown of one piece of outside text where the caller sets no bound.
    package static let usualLimit = 1_000

    /// `text` with everything that is not plainly visible written out, cut to `limit` characters with `…` at the end.
    package static func visible(_ text: String, limit: Int = usualLimit) -> String {
        if isPlainASCII(text, limit: limit) { return text }
        var writer = VisibleWriter(limit: limit)
        for scalar in text.unicodeScalars where !writer.isFull { writer.write(scalar) }
        return writer.result
    }

    /// The same for octets that may or may not be UTF-8: those that are not are shown as `\xNN`.
    package static func visible(bytes: some Collection<UInt8>, limit: Int = usualLimit) -> String {
        var writer = VisibleWriter(limit: limit)
        // An octet makes at least a quarter of a character, so no more than these can be shown.
        var octets = Array(bytes.prefix(4 * limit + 4))[...]
        while let first = octets.first, !writer.isFull {
            if let scalar = decodeFirst(octets) {
                writer.write(scalar)
                octets = octets.dropFirst(UTF8.width(scalar))
            } else {
                writer.write(octet: first)
                octets = octets.dropFirst()
            }
        }
        return writer.result
    }

    /// For HTML and XML, in text and in quoted attributes: visible, and `& < > " '` as references.
    package static func html(_ text: String, limit: Int = usualLimit) -> String {
        replacing(visible(text, limit: limit)) { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: nil
            }
        }
    }

    /// For a label's value in the Prometheus text format, without the quotes around it: visible, and `\` and `"`
    /// escaped (a line feed is visible as `\n` by then and so becomes `\\n`: a label never breaks its line).
    package static func labelValue(_ text: String, limit: Int = usualLimit) -> String {
        if isPlainASCII(text, limit: limit), !text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 }) { return text }
        return replacing(visible(text, limit: limit)) { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : nil }
    }

    /// For Markdown, in a paragraph or a cell of a table: visible, and what Markdown or HTML would act on escaped.
    package static func markdown(_ text: String, limit: Int = usualLimit) -> String {
        replacing(visible(text, limit: limit)) { character in
            switch character {
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!": "\\" + String(character)
            case "<": "&lt;"
            case ">": "&gt;"
            case "&": "&amp;"
            default: nil
            }
        }
    }

    /// The same where what stands between two backquotes is to be shown as code, to be copied as it stands. What is
    /// outside text in it stays harmless wherever its own backquotes fall: all of it is escaped or inside code.
    /// - Parameter inCell: in a cell of a table, where `|` needs a mark even inside code.
    package static func markdownWithCode(_ text: String, inCell: Bool = false, limit: Int = usualLimit) -> String {
        codeAndText(visible(text, limit: limit)).map { piece, isCode in
            if !isCode { return markdown(piece, limit: .max) }
            return "`" + (inCell ? replacing(piece) { $0 == "|" ? "\\|" : nil } : piece) + "`"
        }.joined()
    }

    /// For HTML, what stands between two backquotes as code.
    package static func htmlWithCode(_ text: String, limit: Int = usualLimit) -> String {
        codeAndText(visible(text, limit: limit)).map { piece, isCode in
            isCode ? "<code>\(html(piece, limit: .max))</code>" : html(piece, limit: .max)
        }.joined()
    }

    /// What stands between two backquotes, without them, and what does not. A backquote with no other, or with nothing
    /// between, is one of the text.
    private static func codeAndText(_ text: String) -> [(piece: String, isCode: Bool)] {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().map { index, part in
            if index % 2 == 0 { return (String(part), false) }
            let isClosed = index + 1 < parts.count
            return isClosed && !part.isEmpty ? (String(part), true) : ("`\(part)" + (isClosed ? "`" : ""), false)
        }
    }

    /// Whether all of it is shown as it is, as most text is.
    private static func isPlainASCII(_ text: String, limit: Int) -> Bool {
        let octets = text.utf8
        return octets.count <= limit && octets.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Whether a scalar is shown as it is.
    static func isPlain(_ scalar: UnicodeScalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7E).contains(scalar.value) }
        switch scalar.value {
        // Dashes, quotation marks, dots: most of what is not ASCII in our own sentences.
        case 0x2010...0x2027: return true
        // “§” and the letters of Western languages; the soft hyphen between them shows as nothing.
        case 0xA1...0xAC, 0xAE...0xFF: return true
        // Letters by category that show as nothing: Hangul fillers, a Khmer vowel, and the joiner of graphemes.
        case 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0x034F: return false
        // Variation selectors change or hide what stands before them.
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x180B...0x180F: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            return false
        case .spaceSeparator:
            return scalar.value == 0xA0 || scalar.value == 0x3000
        default:
            return true
        }
    }

    private static func replacing(_ text: String, _ replacement: (UnicodeScalar) -> String?) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if let other = replacement(scalar) { result += other } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// The scalar that `octets` begin with; nil where they begin with none (RFC 3629 §4).
    private static func decodeFirst(_ octets: ArraySlice<UInt8>) -> UnicodeScalar? {
        var decoder = UTF8()
        var iterator = octets.prefix(4).makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator) { return scalar }
        return nil
    }
}

/// Writes scalars so that each can be seen, up to a limit.
private struct VisibleWriter {
    private(set) var result = ""
    private var length = 0
    private var marks = 0
    private let limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    var isFull: Bool { length > limit }

    mutating func write(_ scalar: UnicodeScalar) {
        guard Escaping.isPlain(scalar) else { return append(escape(scalar)) }
        // Letters carry a few marks; a tower of them paints over the lines above.
        if scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .enclosingMark {
            marks += 1
            if marks > 3 { return append(escape(scalar)) }
        } else {
            marks = 0
        }
        append(String(scalar))
    }

    mutating func write(octet: UInt8) { append(hex(octet)) }

    /// Keeps an escape whole: it is written or it is not.
    private mutating func append(_ text: String) {
        guard !isFull else { return }
        if length + text.unicodeScalars.count > limit {
            result += "…"
            length = limit + 1
        } else {
            result += text
            length += text.unicodeScalars.count
        }
    }

    private func escape(_ scalar: UnicodeScalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: scalar.value < 0x100 ? hex(UInt8(scalar.value)) : "\\u{\(String(scalar.value, radix: 16))}"
        }
    }

    private func hex(_ octet: UInt8) -> String {
        (octet < 16 ? "\\x0" : "\\x") + String(octet, radix: 16)
    }
}
