/// A name of the DNS, fully qualified (RFC 1035 §3.1, RFC 2181 §11): up to 127 labels of 1 to 63 octets,
/// 255 octets in all with their lengths. Any octet may stand in a label; ASCII letters are equal in
/// either case (RFC 4343). The case it was written in is kept.
package struct DomainName: Sendable {
    /// The labels, leftmost first, without the root's empty one.
    package let labels: [[UInt8]]

    package static let root = DomainName(unchecked: [])

    private init(unchecked labels: [[UInt8]]) { self.labels = labels }

    /// Fails where a label is empty or over 63 octets, or the whole over 255.
    package init(labels: [[UInt8]]) throws(DomainNameError) {
        var length = 1
        for label in labels {
            if label.isEmpty { throw .emptyLabel }
            if label.count > 63 { throw .labelTooLong(Self.text(of: label)) }
            length += label.count + 1
        }
        if length > 255 { throw .nameTooLong(length) }
        self.labels = labels
    }

    /// Reads a name as people and zone files write it: with or without the last dot, with `\.` and `\046`
    /// escapes (RFC 1035 §5.1), and with non-ASCII labels, which become A-labels (RFC 5890 §2.3.2.1).
    package init(_ text: String) throws(DomainNameError) {
        self = try Self.parse(text)
    }

    package var isRoot: Bool { labels.isEmpty }

    /// The name without its leftmost label; nil for the root.
    package var parent: DomainName? {
        isRoot ? nil : DomainName(unchecked: Array(labels.dropFirst()))
    }

    /// The last `count` labels of the name, or all of it.
    package func suffix(_ count: Int) -> DomainName { DomainName(unchecked: labels.suffix(count)) }

    /// Whether this name is `other` or stands below it.
    package func isWithin(_ other: DomainName) -> Bool {
        labels.count >= other.labels.count && suffix(other.labels.count) == other
    }

    /// `prefix` put before this name: `try name.prepending("_dmarc")`. Text as in ``init(_:)``.
    package func prepending(_ prefix: String) throws(DomainNameError) -> DomainName {
        try DomainName(labels: DomainName(prefix).labels + labels)
    }

    /// Octets on the wire, the root's among them (1 to 255).
    package var wireLength: Int { labels.reduce(1) { $0 + $1.count + 1 } }
}

/// Why text is no domain name.
package enum DomainNameError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case emptyLabel
    case labelTooLong(String)
    case nameTooLong(Int)
    case badEscape(String)

    package var description: String {
        switch self {
        case .empty: "a domain name is missing"
        case .emptyLabel: "two dots follow each other, or the name begins with a dot"
        case .labelTooLong(let label): "the label “\(label.prefix(20))…” is longer than 63 octets"
        case .nameTooLong(let length): "the name takes \(length) octets, 255 are allowed"
        case .badEscape(let escape): "“\(escape)” is no escape: write \\. or three digits up to \\255"
        }
    }
}

extension DomainName: Hashable {
    private static func lower(_ octet: UInt8) -> UInt8 { (65...90).contains(octet) ? octet | 0x20 : octet }

    package static func == (a: DomainName, b: DomainName) -> Bool {
        a.labels.count == b.labels.count
            && zip(a.labels, b.labels).allSatisfy { x, y in
                x.count == y.count && zip(x, y).allSatisfy { lower($0) == lower($1) }
            }
    }

    package func hash(into hasher: inout Hasher) {
        for label in labels {
            hasher.combine(UInt8(truncatingIfNeeded: label.count))
            for octet in label { hasher.combine(Self.lower(octet)) }
        }
    }

    /// The same name in lower case.
    package var lowercased: DomainName { DomainName(unchecked: labels.map { $0.map(Self.lower) }) }
}

extension DomainName: Comparable {
    /// Canonical order (RFC 4034 §6.1): by label from the right, octets in lower case.
    package static func < (a: DomainName, b: DomainName) -> Bool {
        for (x, y) in zip(a.labels.reversed(), b.labels.reversed()) {
            let x = x.map(lower), y = y.map(lower)
            if x != y { return x.lexicographicallyPrecedes(y) }
        }
        return a.labels.count < b.labels.count
    }
}

extension DomainName: CustomStringConvertible {
    /// Without the last dot; `.` for the root. What is not a visible ASCII character is escaped as `\DDD`,
    /// so that the text is safe to print.
    package var description: String {
        isRoot ? "." : labels.map(Self.text(of:)).joined(separator: ".")
    }

    static func text(of label: [UInt8]) -> String {
        var text = ""
        for octet in label {
            switch octet {
            case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "("),
                UInt8(ascii: ")"), UInt8(ascii: "@"), UInt8(ascii: "$"):
                text += "\\" + String(UnicodeScalar(octet))
            case 33...126: text.unicodeScalars.append(UnicodeScalar(octet))
            default:
                let digits = String(octet)
                text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }
        return text
    }

    private static func parse(_ text: String) throws(DomainNameError) -> DomainName {
        if text.isEmpty { throw .empty }
        if text == "." { return .root }
        var labels: [[UInt8]] = []
        var label: [UInt8] = []
        let octets = Array(text.utf8)
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            index += 1
            if octet == UInt8(ascii: ".") {
                if label.isEmpty { throw .emptyLabel }
                labels.append(try asALabel(label))
                label = []
            } else if octet == UInt8(ascii: "\\") {
                let rest = octets[index...].prefix(3)
                if let first = rest.first, !(48...57).contains(first) {
                    label.append(first)
                    index += 1
                } else if rest.count == 3, rest.allSatisfy({ (48...57).contains($0) }),
                    let value = UInt8(String(decoding: rest, as: UTF8.self))
                {
                    label.append(value)
                    index += 3
                } else {
                    throw .badEscape("\\" + String(decoding: rest, as: UTF8.self))
                }
            } else {
                label.append(octet)
            }
        }
        if !label.isEmpty { labels.append(try asALabel(label)) }
        return try DomainName(labels: labels)
    }

    /// A label of ASCII stays; one of UTF-8 becomes `xn--…`.
    private static func asALabel(_ label: [UInt8]) throws(DomainNameError) -> [UInt8] {
        if label.allSatisfy({ $0 < 128 }) { return label }
        guard let text = String(validating: label, as: UTF8.self) else { return label }
        return Array("xn--".utf8) + Punycode.encode(text.lowercased())
    }
}

extension DomainName: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            self = try DomainName(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no domain name: \(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
