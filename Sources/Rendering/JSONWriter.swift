package import Judgement

/// Writes a ``JSON`` value as text (RFC 8259).
///
/// What cannot be seen or would act on a terminal is written as `\uNNNN`, which is the same value to a reader.
package struct JSONWriter: Sendable {
    /// How the text is laid out.
    package enum Form: Hashable, Sendable {
        /// One line without a space: for JSON Lines.
        case compact
        /// Two spaces a level; what holds no more than a few plain values stays on one line: for people.
        case indented
    }

    private let form: Form
    private var text = ""

    /// The text of `value`, without a line feed at the end.
    package static func text(_ value: JSON, _ form: Form = .compact) -> String {
        var writer = JSONWriter(form: form)
        writer.write(value, depth: 0)
        return writer.text
    }

    private init(form: Form) { self.form = form }

    private mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number): text += Self.number(number)
        case .string(let string): writeString(string)
        case .array(let elements):
            writeList("[", "]", elements, depth: depth, onOneLine: fitsOnOneLine(value, depth)) { writer, element in
                writer.write(element, depth: depth + 1)
            }
        case .object(let members):
            writeList("{", "}", members, depth: depth, onOneLine: fitsOnOneLine(value, depth)) { writer, member in
                writer.writeString(member.key)
                writer.text += writer.form == .compact ? ":" : ": "
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func writeList<Element>(
        _ open: String, _ close: String, _ elements: [Element], depth: Int, onOneLine: Bool,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if onOneLine {
                if index > 0, form == .indented { text += " " }
            } else {
                newLine(depth + 1)
            }
            write(&self, element)
        }
        if !onOneLine { newLine(depth) }
        text += close
    }

    private mutating func newLine(_ depth: Int) { text += "\n" + String(repeating: "  ", count: depth) }

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

    private mutating func writeString(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default:
                if scalar.value == 0xFFFD || Escaping.isPlain(scalar) {
                    text.unicodeScalars.append(scalar)
                } else {
                    for unit in UTF16.encode(scalar) ?? .init() { text += Self.escape(unit) }
                }
            }
        }
        text += "\""
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
