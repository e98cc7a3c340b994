/// Small words for octets of mail and DNS text, which is ASCII unless it says otherwise.
extension UInt8 {
    var isDigit: Bool { (48...57).contains(self) }
    var isUpper: Bool { (65...90).contains(self) }
    var isAlpha: Bool { isUpper || (97...122).contains(self) }
    var isAlphanumeric: Bool { isDigit || isAlpha }
    /// Space or tab (RFC 5234 §B.1).
    var isWSP: Bool { self == 32 || self == 9 }
    /// White space of any kind that text is folded with.
    var isSpace: Bool { isOne(of: 1 << 9 | 1 << 10 | 1 << 13 | 1 << 32) }
    /// Whether it is one of the octets below 64 whose bits are set: many are told apart at the cost of one.
    @inline(__always)
    func isOne(of bits: UInt64) -> Bool { self < 64 && bits >> UInt64(self) & 1 != 0 }
    var isVisible: Bool { (33...126).contains(self) }
    var lower: UInt8 { isUpper ? self | 0x20 : self }
}

extension Collection<UInt8> {
    /// Equal to ASCII text in either case.
    func equalsIgnoringCase(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefixIgnoringCase(text)
    }

    /// Begins with ASCII text in either case.
    func hasPrefixIgnoringCase(_ text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        let start = text.utf8Start, length = text.utf8CodeUnitCount
        var index = 0
        for octet in self {
            if index == length { break }
            if octet.lower != start[index].lower { return false }
            index += 1
        }
        return true
    }

    var lowercasedText: String { String(decoding: map(\.lower), as: UTF8.self) }
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
    /// With ASCII letters in lower case; the text itself where they are.
    var lowercasedASCII: String { utf8.contains(where: \.isUpper) ? utf8.lowercasedText : self }
}

extension RandomAccessCollection<UInt8> {
    /// Without white space at both ends.
    func trimmed() -> SubSequence {
        var start = startIndex, end = endIndex
        while start < end, self[start].isSpace { start = index(after: start) }
        while end > start, self[index(before: end)].isSpace { end = index(before: end) }
        return self[start..<end]
    }

    /// A number in decimal digits alone, at most `maximum`; nil for anything else.
    func decimal(atMost maximum: Int) -> Int? {
        guard !isEmpty, count <= 10, allSatisfy(\.isDigit) else { return nil }
        let number = reduce(0) { $0 * 10 + Int($1 - 48) }
        return number <= maximum ? number : nil
    }
}

/// Octets with each `%` and two hexadecimal digits as the octet they stand for (RFC 3986 §2.1); nil where an escape is
/// broken.
package func percentDecoded(_ octets: ArraySlice<UInt8>) -> [UInt8]? {
    var decoded: [UInt8] = []
    var rest = octets
    while let octet = rest.popFirst() {
        guard octet == UInt8(ascii: "%") else {
            decoded.append(octet)
            continue
        }
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ $0.isDigit || (97...102).contains($0.lower) }),
            let value = UInt8(digits.text, radix: 16)
        else { return nil }
        decoded.append(value)
        rest = rest.dropFirst(2)
    }
    return decoded
}

/// Outside text as it may stand in a message to a person: in quotes, short, control characters made visible.
func quoted(_ octets: some Sequence<UInt8>) -> String {
    let limit = 60
    let start = Array(octets.prefix(limit * 4))
    var text = ""
    var count = 0
    for scalar in String(decoding: start, as: UTF8.self).unicodeScalars {
        if count == limit { return "“\(text)…”" }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            text += "\\u{\(String(scalar.value, radix: 16))}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return "“\(text)”"
}

func quoted(_ text: String) -> String { quoted(text.utf8) }

/// Offsets in octets turned into columns in characters, from 1.
struct Columns {
    /// The column of each octet and of the end; empty for ASCII, where a column is an octet.
    private let columns: [Int32]

    init(_ octets: [UInt8]) {
        if octets.allSatisfy({ $0 < 128 }) {
            columns = []
            return
        }
        var columns: [Int32] = [1]
        columns.reserveCapacity(octets.count + 1)
        for octet in octets { columns.append(columns[columns.count - 1] + (octet & 0xC0 == 0x80 ? 0 : 1)) }
        self.columns = columns
    }

    subscript(offset: Int) -> Int {
        columns.isEmpty ? offset + 1 : Int(columns[Swift.min(Swift.max(offset, 0), columns.count - 1)])
    }
}

/// Problems as they are found: bounded, so that a hostile record makes no mountain of them.
struct Problems {
    static let maximum = 50
    private let columns: Columns
    private(set) var list: [RecordProblem] = []

    init(_ octets: [UInt8]) { columns = Columns(octets) }

    mutating func add(
        at offset: Int, _ code: RecordProblem.Code, _ message: String, _ severity: RecordProblem.Severity = .error
    ) {
        if list.count == Self.maximum {
            list.append(
                RecordProblem(
                    column: columns[offset], .cut, "there are more problems than are listed here", severity: severity))
        }
        if list.count > Self.maximum {
            // What is not listed still counts: an error among many notices makes the record invalid.
            if severity == .error { list[Self.maximum].severity = .error }
            return
        }
        list.append(RecordProblem(column: columns[offset], code, message, severity: severity))
    }

    func column(_ offset: Int) -> Int { columns[offset] }

    var sorted: [RecordProblem] { list.sorted { ($0.column, $0.message) < ($1.column, $1.message) } }
}

/// The nearest of `words` to what was written, if it is near enough to have been meant.
func nearest(to written: some Sequence<UInt8>, of words: [String]) -> String? {
    let written = Array(written.prefix(24)).map(\.lower)
    guard written.count > 1, written.count < 24 else { return nil }
    let limit = written.count > 3 ? 2 : 1
    return words.map { ($0, editDistance(written, Array($0.utf8))) }.filter { $0.1 <= limit && $0.1 < written.count }
        .min { $0.1 < $1.1 }?.0
}

/// Letters put in, left out, replaced or swapped with their neighbour (the restricted Damerau distance).
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var rows = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count { rows[i][0] = i }
    for j in 0...b.count { rows[0][j] = j }
    for i in 1...a.count {
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            rows[i][j] = Swift.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                rows[i][j] = Swift.min(rows[i][j], rows[i - 2][j - 2] + 1)
            }
        }
    }
    return rows[a.count][b.count]
}
