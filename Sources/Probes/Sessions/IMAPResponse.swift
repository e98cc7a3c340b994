/// One response of an IMAP server (RFC 9051 §7), literals and all.
enum IMAPResponse: Hashable, Sendable {
    /// `+ …`: go on (§7.5).
    case continuation([UInt8])
    /// `* …`
    case untagged(IMAPData)
    /// `A1 OK …`: the end of a command.
    case tagged(tag: String, IMAPStatus)
}

/// OK, NO, BAD, BYE or PREAUTH (§7.1), the code in brackets, and words for people.
struct IMAPStatus: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable { case ok = "OK", no = "NO", bad = "BAD", bye = "BYE", preauth = "PREAUTH" }

    var kind: Kind
    /// Inside the brackets, as sent: `CAPABILITY IMAP4rev1 …`, `UNAVAILABLE`.
    var code: [UInt8]
    var text: [UInt8]

    /// The code's first word, upper case.
    var codeName: String { String(decoding: code.prefix { $0 != 32 }.uppercasedASCII, as: UTF8.self) }

    /// As people quote it.
    var summary: [UInt8] {
        Array(kind.rawValue.utf8) + (code.isEmpty ? [] : [32, 91] + code + [93]) + [32] + text
    }
}

/// What an untagged response tells.
enum IMAPData: Hashable, Sendable {
    case status(IMAPStatus)
    /// Atoms as sent (§7.2.2).
    case capability([String])
    /// Attributes with their backslash, and the name as sent, to be sent back as it is (§7.3.1).
    case list(attributes: [String], mailbox: [UInt8])
    /// Numbers found (RFC 3501 §7.2.5).
    case search([UInt32])
    case exists(UInt32)
    case expunge(UInt32)
    /// Items by name, upper case, the section of BODY as sent (§7.5.2).
    case fetch(number: UInt32, [Item])
    /// Anything else: the world may send it.
    case other([IMAPValue])

    struct Item: Hashable, Sendable {
        var name: String
        var value: IMAPValue
    }
}

/// A value of IMAP's grammar (§4).
enum IMAPValue: Hashable, Sendable {
    case atom([UInt8])
    /// Quoted or literal.
    case string([UInt8])
    case list([IMAPValue])

    /// The octets of an atom or string.
    var octets: [UInt8]? {
        switch self {
        case .atom(let octets), .string(let octets): octets
        case .list: nil
        }
    }

    /// The number an atom is (§9 `number`).
    var number: UInt32? {
        guard case .atom(let octets) = self, (1...10).contains(octets.count),
            octets.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return UInt32(String(decoding: octets, as: UTF8.self))
    }
}

/// A response as it comes in: text, and between the pieces of text the literals that were announced there.
struct IMAPPieces: Hashable, Sendable {
    var texts: [[UInt8]]
    var literals: [[UInt8]]

    init(_ line: [UInt8]) {
        texts = [line]
        literals = []
    }

    /// The octets of a literal that a line announces with its end: `literal = "{" number64 ["+"] "}" CRLF`, `~` in
    /// front with RFC 3516; nil where it announces none.
    static func announcedLiteral(_ line: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        var digits = line[(open + 1)..<(line.count - 1)]
        if digits.last == UInt8(ascii: "+") { digits.removeLast() }
        guard (1...10).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension IMAPResponse {
    /// Reads a response; nil where it is none. What is well-formed and unknown is `.other`.
    init?(_ pieces: IMAPPieces) {
        guard let line = pieces.texts.first else { return nil }
        if line.first == UInt8(ascii: "+") {
            self = .continuation(Array(line.dropFirst().drop { $0 == 32 }))
            return
        }
        guard let space = line.firstIndex(of: 32), space > 0 else { return nil }
        let tag = line[..<space]
        let rest = Array(line[(space + 1)...])
        if tag.elementsEqual([UInt8(ascii: "*")]) {
            if let status = IMAPStatus(rest) {
                self = .untagged(.status(status))
                return
            }
            var texts = pieces.texts
            texts[0] = rest
            var reader = IMAPReader(texts: texts, literals: pieces.literals)
            guard let values = reader.values() else { return nil }
            self = .untagged(IMAPData(values))
            return
        }
        guard let status = IMAPStatus(rest), tag.allSatisfy({ (33...126).contains($0) }) else { return nil }
        self = .tagged(tag: String(decoding: tag, as: UTF8.self), status)
    }
}

extension IMAPStatus {
    /// `OK [CODE more] text`: words for people follow no grammar, and are not read as if they did.
    init?(_ octets: [UInt8]) {
        let word = octets.prefix { $0 != 32 }
        guard let kind = Kind(rawValue: String(decoding: word.uppercasedASCII, as: UTF8.self)) else { return nil }
        self.kind = kind
        let rest = octets.dropFirst(word.count + 1)
        if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
            code = Array(rest[(rest.startIndex + 1)..<end])
            text = Array(rest[(end + 1)...].drop { $0 == 32 })
        } else {
            code = []
            text = Array(rest)
        }
    }
}

extension IMAPData {
    init(_ values: [IMAPValue]) {
        self = Self.known(values) ?? .other(values)
    }

    private static func known(_ values: [IMAPValue]) -> IMAPData? {
        func word(_ index: Int) -> String? {
            guard index < values.count, case .atom(let octets) = values[index] else { return nil }
            return String(decoding: octets.uppercasedASCII, as: UTF8.self)
        }
        let rest = values.dropFirst()
        if let number = values.first?.number {
            switch word(1) {
            case "EXISTS"?: return .exists(number)
            case "EXPUNGE"?: return .expunge(number)
            case "FETCH"?:
                guard values.count >= 3, case .list(let found) = values[2] else { return nil }
                return .fetch(number: number, items(found))
            default: return nil
            }
        }
        switch word(0) {
        case "CAPABILITY"?:
            return .capability(rest.compactMap(\.octets).map { String(decoding: $0, as: UTF8.self) })
        case "SEARCH"?: return .search(rest.compactMap(\.number))
        case "LIST"?:
            guard values.count >= 4, case .list(let attributes) = values[1], let name = values[3].octets else {
                return nil
            }
            return .list(
                attributes: attributes.compactMap(\.octets).map { String(decoding: $0, as: UTF8.self) }, mailbox: name)
        default: return nil
        }
    }

    private static func items(_ values: [IMAPValue]) -> [Item] {
        stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            guard let name = values[index].octets else { return nil }
            return Item(name: String(decoding: name.uppercasedASCII, as: UTF8.self), value: values[index + 1])
        }
    }
}

/// Reads values from text and literals. Nesting is bounded: a server must not choose our depth of recursion.
private struct IMAPReader {
    let texts: [[UInt8]]
    let literals: [[UInt8]]
    private var text = 0
    private var index = 0
    private static let maximumDepth = 16

    init(texts: [[UInt8]], literals: [[UInt8]]) {
        self.texts = texts
        self.literals = literals
    }

    private var current: UInt8? { text < texts.count && index < texts[text].count ? texts[text][index] : nil }

    mutating func values() -> [IMAPValue]? {
        guard let values = list(depth: 0) else { return nil }
        return current == nil && text == texts.count - 1 ? values : nil
    }

    /// Values up to a closing parenthesis or the end; nil where they are malformed.
    private mutating func list(depth: Int) -> [IMAPValue]? {
        guard depth < Self.maximumDepth else { return nil }
        var values: [IMAPValue] = []
        while let octet = current {
            switch octet {
            case 32: index += 1
            case UInt8(ascii: ")"): return depth > 0 ? values : nil
            case UInt8(ascii: "("):
                index += 1
                guard let inner = list(depth: depth + 1), current == UInt8(ascii: ")") else { return nil }
                index += 1
                values.append(.list(inner))
            case UInt8(ascii: "\""):
                guard let string = quoted() else { return nil }
                values.append(.string(string))
            case UInt8(ascii: "{") where isLiteral, UInt8(ascii: "~") where isLiteral:
                values.append(.string(literals[text]))
                text += 1
                index = 0
            default: values.append(.atom(atom()))
            }
        }
        return depth == 0 ? values : nil
    }

    /// Whether the announcement of a literal stands here: that a literal follows this piece of text was seen when it was
    /// read, and it is announced by the last brace.
    private var isLiteral: Bool {
        guard text < literals.count, let open = texts[text].lastIndex(of: UInt8(ascii: "{")) else { return false }
        return index == open || (index + 1 == open && texts[text][index] == UInt8(ascii: "~"))
    }

    /// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`; from the opening quote.
    private mutating func quoted() -> [UInt8]? {
        var string: [UInt8] = []
        index += 1
        while let octet = current {
            index += 1
            if octet == UInt8(ascii: "\"") { return string }
            if octet == UInt8(ascii: "\\") {
                guard let escaped = current else { return nil }
                index += 1
                string.append(escaped)
            } else {
                string.append(octet)
            }
        }
        return nil
    }

    /// An atom; brackets in it hold what they hold, as in `BODY[HEADER.FIELDS (SUBJECT)]`.
    private mutating func atom() -> [UInt8] {
        var atom: [UInt8] = []
        var bracketed = false
        while let octet = current {
            if !bracketed, [32, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\"")].contains(octet), !atom.isEmpty
            {
                break
            }
            if octet == UInt8(ascii: "[") { bracketed = true }
            if octet == UInt8(ascii: "]") { bracketed = false }
            atom.append(octet)
            index += 1
        }
        return atom
    }
}
