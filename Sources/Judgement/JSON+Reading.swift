/// Why a text is no JSON: what was expected, and where.
package struct JSONReadingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    /// From 1, in octets.
    package var column: Int
    package var problem: String

    package var description: String { "line \(line), column \(column): \(problem)" }
}

extension JSON {
    /// Values may stand in each other so deep.
    package static let maximumDepth = 128

    /// Reads one value (RFC 8259), with nothing but white space around it. Keys keep their order; a key that stands
    /// twice in one object is refused, as readers do not agree on which counts.
    package init(reading octets: [UInt8]) throws(JSONReadingError) {
        let values = try JSON.sequence(reading: octets)
        guard let first = values.first else {
            throw JSONReadingError(line: 1, column: 1, problem: "there is nothing here")
        }
        guard values.count == 1 else {
            throw JSONReadingError(line: 1, column: 1, problem: "one value was expected, and \(values.count) are here")
        }
        self = first
    }

    /// Reads any number of values one after another, as in JSON Lines.
    package static func sequence(reading octets: [UInt8]) throws(JSONReadingError) -> [JSON] {
        var reader = JSONReader(octets)
        var values: [JSON] = []
        while reader.hasMore() { values.append(try reader.value(depth: 0)) }
        return values
    }
}

/// Walks over the octets once.
private struct JSONReader {
    private let octets: [UInt8]
    private var place: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        // A byte order mark is not JSON's, and some programs write it (RFC 8259 §8.1 lets readers ignore it).
        place = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private func failure(_ problem: String, at place: Int? = nil) -> JSONReadingError {
        let before = octets[..<min(place ?? self.place, octets.count)]
        let line = before.reduce(1) { $1 == 10 ? $0 + 1 : $0 }
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return JSONReadingError(line: line, column: before.count - start + 1, problem: problem)
    }

    private mutating func skipBlanks() {
        while place < octets.count, [0x20, 0x09, 0x0A, 0x0D].contains(octets[place]) { place += 1 }
    }

    mutating func hasMore() -> Bool {
        skipBlanks()
        return place < octets.count
    }

    private mutating func take(_ octet: UInt8) -> Bool {
        guard place < octets.count, octets[place] == octet else { return false }
        place += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONReadingError) -> JSON {
        skipBlanks()
        guard place < octets.count else { throw failure("the text ends where a value was expected") }
        guard depth <= JSON.maximumDepth else { throw failure("more than \(JSON.maximumDepth) values in each other") }
        switch octets[place] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), 48...57: return try number()
        default:
            for (word, value) in [("true", JSON.bool(true)), ("false", .bool(false)), ("null", .null)]
            where octets[place...].starts(with: word.utf8) {
                place += word.utf8.count
                return value
            }
            throw failure("a value was expected")
        }
    }

    private mutating func array(_ depth: Int) throws(JSONReadingError) -> JSON {
        place += 1
        var elements: [JSON] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure("“,” or “]” was expected") }
        }
    }

    private mutating func object(_ depth: Int) throws(JSONReadingError) -> JSON {
        place += 1
        var members: [JSON.Member] = []
        var keys: Set<String> = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipBlanks()
            let start = place
            guard place < octets.count, octets[place] == UInt8(ascii: "\"") else { throw failure("a key was expected") }
            let key = try string()
            guard keys.insert(key).inserted else { throw failure("this key stands twice in one object", at: start) }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw failure("“:” was expected") }
            members.append(.init(key, try value(depth: depth + 1)))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("“,” or “}” was expected") }
        }
    }

    /// RFC 8259 §6: no leading zeros, a digit on each side of the point.
    private mutating func number() throws(JSONReadingError) -> JSON {
        let start = place
        func digits(_ from: Int) -> Int { octets[from...].prefix { (48...57).contains($0) }.count }
        _ = take(UInt8(ascii: "-"))
        let whole = digits(place)
        guard whole > 0, whole == 1 || octets[place] != 48 else { throw failure("this is no number", at: start) }
        place += whole
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            let count = digits(place)
            guard count > 0 else { throw failure("this is no number", at: start) }
            place += count
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            let count = digits(place)
            guard count > 0 else { throw failure("this is no number", at: start) }
            place += count
        }
        let text = String(decoding: octets[start..<place], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure("this number is too large", at: start) }
        return .number(number)
    }

    private mutating func string() throws(JSONReadingError) -> String {
        let start = place
        place += 1
        var text: [UInt8] = []
        while place < octets.count {
            let octet = octets[place]
            switch octet {
            case UInt8(ascii: "\""):
                place += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("this string is no UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"): text += UTF8.encode(try escaped()) ?? .init()
            case ..<0x20: throw failure("a control character stands in a string")
            default:
                text.append(octet)
                place += 1
            }
        }
        throw failure("this string has no end", at: start)
    }

    private mutating func escaped() throws(JSONReadingError) -> UnicodeScalar {
        place += 1
        guard place < octets.count else { throw failure("the text ends in a string") }
        let octet = octets[place]
        place += 1
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UnicodeScalar(octet)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let first = try unit()
            if let scalar = UnicodeScalar(first) { return scalar }
            // A pair stands for one character; half of one for none.
            guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { return "\u{FFFD}" }
            let second = try unit()
            guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
            return UnicodeScalar(0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00)) ?? "\u{FFFD}"
        default: throw failure("“\\” stands before a character that needs none", at: place - 2)
        }
    }

    private mutating func unit() throws(JSONReadingError) -> UInt16 {
        guard place + 4 <= octets.count else { throw failure("four hexadecimal digits were expected") }
        var unit: UInt16 = 0
        for octet in octets[place..<place + 4] {
            guard let digit = Self.digit(octet) else { throw failure("four hexadecimal digits were expected") }
            unit = unit << 4 | digit
        }
        place += 4
        return unit
    }

    private static func digit(_ octet: UInt8) -> UInt16? {
        switch octet {
        case 48...57: UInt16(octet - 48)
        case 65...70: UInt16(octet - 55)
        case 97...102: UInt16(octet - 87)
        default: nil
        }
    }
}

extension JSON {
    /// The value of a key; nil where this is no object or has no such key.
    package subscript(_ key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The elements of an array; none where this is none.
    package var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
    /// The text of a string; nil where this is none.
    package var text: String? { if case .string(let text) = self { text } else { nil } }
    package var isNull: Bool { self == .null }
}
