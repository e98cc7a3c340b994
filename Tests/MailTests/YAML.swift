import Foundation

/// As much of YAML as the published suites are written in: documents of mappings, sequences, flow sequences, and
/// scalars plain, quoted and in blocks. Every scalar is text; there are no anchors, tags or flow mappings.
struct YAML {
    private var lines: [(indent: Int, text: Substring)]
    private var at = 0

    /// The documents of a file, the empty ones left out.
    static func documents(_ text: String) -> [Suites.Value] {
        var documents: [[Substring]] = [[]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "---" || line.hasPrefix("--- ") {
                documents.append([])
            } else {
                documents[documents.count - 1].append(line)
            }
        }
        return documents.compactMap { lines in
            var reader = YAML(lines)
            let value = reader.node(above: -1)
            return value.isNull ? nil : value
        }
    }

    private init(_ lines: [Substring]) {
        self.lines = lines.map { line in
            let text = line.drop { $0 == " " }
            return (line.count - text.count, text)
        }
    }

    /// Passes over what says nothing.
    private mutating func skip() {
        while at < lines.count, lines[at].text.isEmpty || lines[at].text.first == "#" { at += 1 }
    }

    private mutating func node(above indent: Int, sequencesToo: Bool = false) -> Suites.Value {
        skip()
        guard at < lines.count else { return .null }
        let isItem = lines[at].text == "-" || lines[at].text.hasPrefix("- ")
        guard lines[at].indent > indent || (sequencesToo && isItem && lines[at].indent == indent) else { return .null }
        return isItem ? sequence(at: lines[at].indent) : mapping(at: lines[at].indent)
    }

    private mutating func sequence(at indent: Int) -> Suites.Value {
        var items: [Suites.Value] = []
        while true {
            skip()
            guard at < lines.count, lines[at].indent == indent, lines[at].text.hasPrefix("-") else {
                return .array(items)
            }
            let rest = lines[at].text.dropFirst().drop { $0 == " " }
            if Self.key(of: rest) != nil {
                // A mapping that begins behind the dash, as if it began a line there.
                lines[at] = (indent + lines[at].text.count - rest.count, rest)
                items.append(mapping(at: lines[at].indent))
            } else {
                at += 1
                items.append(scalar(rest, above: indent))
            }
        }
    }

    private mutating func mapping(at indent: Int) -> Suites.Value {
        var fields: [String: Suites.Value] = [:]
        while true {
            skip()
            guard at < lines.count, lines[at].indent == indent, let (key, rest) = Self.key(of: lines[at].text) else {
                return .object(fields)
            }
            at += 1
            if rest.isEmpty || rest.first == "#" {
                fields[key] = node(above: indent, sequencesToo: true)
            } else {
                fields[key] = scalar(rest, above: indent)
            }
        }
    }

    /// `key: rest`
    private static func key(of text: Substring) -> (String, Substring)? {
        if let quote = text.first, quote == "\"" || quote == "'" {
            guard let (key, rest) = quoted(text), rest.first == ":" else { return nil }
            return (key, rest.dropFirst().drop { $0 == " " })
        }
        if text.first == "[" { return nil }
        var index = text.startIndex
        while let colon = text[index...].firstIndex(of: ":") {
            let next = text.index(after: colon)
            if next == text.endIndex || text[next] == " " {
                return (String(text[..<colon]), text[next...].drop { $0 == " " })
            }
            index = next
        }
        return nil
    }

    private mutating func scalar(_ text: Substring, above indent: Int) -> Suites.Value {
        switch text.first {
        case "\"", "'": return .string(Self.quoted(text)?.0 ?? String(text))
        case "[": return .array(Self.flow(text).map { .string($0) })
        case "|", ">": return .string(block(above: indent, isFolded: text.first == ">", keepsEnd: !text.hasSuffix("-")))
        default:
            var words = [Self.withoutComment(text)]
            while at < lines.count, lines[at].indent > indent, !lines[at].text.isEmpty {
                words.append(Self.withoutComment(lines[at].text))
                at += 1
            }
            let joined = words.joined(separator: " ")
            return joined.isEmpty ? .null : .string(joined)
        }
    }

    private static func withoutComment(_ text: Substring) -> String {
        let end = text.firstRange(of: " #")?.lowerBound ?? text.endIndex
        return text[..<end].trimmingCharacters(in: .whitespaces)
    }

    private mutating func block(above indent: Int, isFolded: Bool, keepsEnd: Bool) -> String {
        var taken: [String] = []
        var first: Int?
        while at < lines.count, lines[at].text.isEmpty || lines[at].indent > indent {
            let base = first ?? lines[at].indent
            if !lines[at].text.isEmpty { first = base }
            taken.append(String(repeating: " ", count: max(0, lines[at].indent - base)) + lines[at].text)
            at += 1
        }
        while taken.last?.isEmpty == true { taken.removeLast() }
        return taken.joined(separator: isFolded ? " " : "\n") + (keepsEnd && !taken.isEmpty ? "\n" : "")
    }

    private static func flow(_ text: Substring) -> [String] {
        var items: [String] = []
        var rest = text.dropFirst()
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            guard let first = rest.first, first != "]" else { return items }
            if first == "\"" || first == "'", let (item, behind) = quoted(rest) {
                items.append(item)
                rest = behind
            } else {
                let end = rest.firstIndex { $0 == "," || $0 == "]" } ?? rest.endIndex
                items.append(rest[..<end].trimmingCharacters(in: .whitespaces))
                rest = rest[end...]
            }
        }
    }

    /// A quoted scalar at the head of `text`, and what stands behind it. `\xHH` is the character of that number.
    private static func quoted(_ text: Substring) -> (String, Substring)? {
        guard let quote = text.first else { return nil }
        var value = String.UnicodeScalarView()
        var rest = text.unicodeScalars.dropFirst()
        while let scalar = rest.popFirst() {
            if Character(scalar) == quote {
                if quote == "'", rest.first == "'" {
                    value.append("'")
                    rest.removeFirst()
                    continue
                }
                return (String(value), Substring(rest))
            }
            guard scalar == "\\", quote == "\"", let escape = rest.popFirst() else {
                value.append(scalar)
                continue
            }
            switch escape {
            case "n": value.append("\n")
            case "r": value.append("\r")
            case "t": value.append("\t")
            case "0": value.append("\0")
            case "x", "u":
                let count = escape == "x" ? 2 : 4
                let digits = String(String.UnicodeScalarView(rest.prefix(count)))
                rest = rest.dropFirst(count)
                if let number = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(number) { value.append(scalar) }
            default: value.append(escape)
            }
        }
        return nil
    }
}
