package import Judgement

/// Writes a ``JSON`` value as text (RFC 8259).
///
/// What cannot be seen or would act on a terminal is written as `\uNNNN`, which is the same value to a reader.
package struct JSONWriter {
    /// How the text is laid out.
    package enum Form: Hashable, Sendable {
        /// One line without a space: for JSON Lines.
        case compact
        /// Two spaces a level; what holds no more than a few plain values stays on one line: for people.
        case indented
    }

    private let form: Form
    var octets: GrowingOctets

    /// The text of `value`, without a line feed at the end.
    package static func text(_ value: JSON, _ form: Form = .compact) -> String {
        var writer = JSONWriter(form)
        writer.write(value, depth: 0)
        return writer.octets.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends the text of `value` on one line to `octets`, without a line feed at the end.
    package static func append(_ value: JSON, to octets: inout GrowingOctets) {
        var writer = JSONWriter(.compact, behind: octets)
        writer.write(value, depth: 0)
        octets = writer.octets
    }

    init(_ form: Form, behind octets: GrowingOctets = GrowingOctets()) {
        self.form = form
        self.octets = octets
    }

    /// A whole value.
    mutating func write(_ value: JSON) { write(value, depth: 0) }

    mutating func add(_ text: StaticString) { octets.append(text) }

    mutating func add(_ text: String) { octets.append(contentsOf: text.utf8) }

    private mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: add("null" as StaticString)
        case .bool(let bool): add(bool ? "true" : "false" as StaticString)
        case .integer(let integer): add(String(integer))
        case .number(let number): add(Self.number(number))
        case .string(let string): writeString(string)
        case .array(let elements):
            writeList(
                UInt8(ascii: "["), UInt8(ascii: "]"), elements, depth: depth, onOneLine: fitsOnOneLine(value, depth)
            ) { writer, element in
                writer.write(element, depth: depth + 1)
            }
        case .object(let members):
            writeList(
                UInt8(ascii: "{"), UInt8(ascii: "}"), members, depth: depth, onOneLine: fitsOnOneLine(value, depth)
            ) { writer, member in
                writer.writeString(member.key)
                writer.add(writer.form == .compact ? ":" : ": " as StaticString)
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func writeList<Element>(
        _ open: UInt8, _ close: UInt8, _ elements: [Element], depth: Int, onOneLine: Bool,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        octets.append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { octets.append(UInt8(ascii: ",")) }
            if onOneLine {
                if index > 0, form == .indented { octets.append(UInt8(ascii: " ")) }
            } else {
                newLine(depth + 1)
            }
            write(&self, element)
        }
        if !onOneLine { newLine(depth) }
        octets.append(close)
    }

    private mutating func newLine(_ depth: Int) {
        octets.append(UInt8(ascii: "\n"))
        octets.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    /// Plain values on less than a hundred columns.
    private func fitsOnOneLine(_ value: JSON, _ depth: Int) -> Bool {
        if form == .compact { return true }
        let parts: [JSON]
        switch value {
        case .array(let elements): parts = elements
        case .object(let members): parts = members.map(\.value)
        default: return true
        }
        if parts.isEmpty { return true }
        if parts.contains(where: \.isContainer) { return false }
        return depth > 0 && JSONWriter.text(value).unicodeScalars.count + 2 * depth + 2 * parts.count < 100
    }

    /// Rounded to six digits after the point, as seconds are; what is no number is `null`.
    private static func number(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        let rounded = (number * 1_000_000).rounded() / 1_000_000
        if rounded == 0 { return "0.0" }
        return rounded.isFinite && abs(rounded) < 1e15 ? decimal(rounded) : number.description
    }

    /// Without an exponent: `0.000012`, not `1.2e-05`.
    private static func decimal(_ number: Double) -> String {
        let plain = number.description
        guard plain.utf8.contains(UInt8(ascii: "e")) else { return plain }
        let millionths = String(Int((abs(number) * 1_000_000).rounded()))
        let padded = String(repeating: "0", count: max(0, 7 - millionths.count)) + millionths
        var digits = padded.dropLast(6) + "." + padded.suffix(6)
        while digits.last == "0" { digits.removeLast() }
        return (number < 0 ? "-" : "") + digits
    }

    mutating func writeString(_ string: String) {
        if string.utf8.withContiguousStorageIfAvailable({ writeString($0) }) == nil {
            var string = string
            string.withUTF8 { writeString($0) }
        }
    }

    /// Text of which it is known that nothing in it has to be escaped.
    mutating func writeWord(_ word: String) {
        if word.utf8.withContiguousStorageIfAvailable({ octets.appendQuoted($0) }) == nil { writeString(word) }
    }

    private mutating func writeString(_ text: UnsafeBufferPointer<UInt8>) {
        // Nearly all strings are plain ASCII: those are copied as they are.
        if Self.isPlain(text) { octets.appendQuoted(text) } else { writeQuotedEscaped(text) }
    }

    /// Apart, so that plain strings do not pay for what it needs.
    @inline(never)
    private mutating func writeQuotedEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        octets.append(UInt8(ascii: "\""))
        writeEscaped(text)
        octets.append(UInt8(ascii: "\""))
    }

    /// Whether every octet stands for itself in a string; looks at eight at once.
    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(text)
        if raw.count < 8 { return text.allSatisfy(isPlain) }
        // The last eight first, some of which are seen again.
        var odd = isOdd(raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self))
        var offset = 0
        while offset + 8 <= raw.count {
            odd |= isOdd(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return odd & 0x8080_8080_8080_8080 == 0
    }

    /// The top bit of some octet is set where one of eight does not stand for itself. What is borrowed from the next octet,
    /// or carried to it, comes from one that does not.
    @inline(__always)
    private static func isOdd(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = (word ^ 0x2222_2222_2222_2222) &- ones
        let backslash = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- ones
        let control = word &- 0x2020_2020_2020_2020
        let delete = word &+ ones
        return word | quote | backslash | control | delete
    }

    /// Whether an octet stands for itself in a string.
    private static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x20 && octet < 0x7F && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    }

    /// Runs of plain octets as they are, and what stands between them.
    private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0, index = 0
        let raw = UnsafeRawBufferPointer(text)
        while index < text.count {
            // Between what has to be looked at there are whole words that have not.
            if index + 8 <= raw.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if Self.isOdd(word) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            if Self.isPlain(text[index]) {
                index += 1
                continue
            }
            let (scalar, width) = Self.scalar(text, at: index)
            if scalar.value < 0x80 || scalar.value != 0xFFFD && !Escaping.isPlain(scalar) {
                octets.append(UnsafeBufferPointer(rebasing: text[start..<index]))
                writeEscaped(scalar)
                start = index + width
            }
            index += width
        }
        octets.append(UnsafeBufferPointer(rebasing: text[start...]))
    }

    /// The scalar that begins there, and its octets. The text of a string is UTF-8 always (RFC 3629 §3).
    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (Unicode.Scalar, width: Int) {
        let first = text[index]
        let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard index + width <= text.count else { return ("\u{FFFD}", text.count - index) }
        var value = width == 1 ? UInt32(first) : UInt32(first) & (0x7F >> UInt32(width))
        for octet in text[(index + 1)..<(index + width)] { value = value << 6 | UInt32(octet & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
    }

    private mutating func writeEscaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": add("\\\"" as StaticString)
        case "\\": add("\\\\" as StaticString)
        case "\n": add("\\n" as StaticString)
        case "\r": add("\\r" as StaticString)
        case "\t": add("\\t" as StaticString)
        default: for unit in UTF16.encode(scalar) ?? .init() { add(Self.escape(unit)) }
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension JSON {
    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
