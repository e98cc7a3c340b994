@_spi(_Unicode) import Swift

/// A name of the DNS, fully qualified (RFC 1035 §3.1, RFC 2181 §11): up to 127 labels of 1 to 63 octets,
/// 255 octets in all with their lengths. Any octet may stand in a label; ASCII letters are equal in
/// either case (RFC 4343), nothing else is. The case it was written in is kept.
///
/// Left out: the tables of IDNA (RFC 5892). A label of Unicode text is mapped to lower case and composed
/// (RFC 5895 §2) and encoded; whether a registry would allow it is not asked.
package struct DomainName: Sendable {
    /// As on the wire without compression: each label behind its length, a zero at the end (RFC 1035 §3.1).
    package let wire: [UInt8]

    package static let root = DomainName(wire: [0])

    /// `wire` must be well-formed: one octet of length, the label, …, zero.
    init(wire: [UInt8]) { self.wire = wire }

    /// Fails where a label is empty or over 63 octets, or the whole over 255.
    package init(labels: [[UInt8]]) throws(DomainNameError) {
        var wire: [UInt8] = []
        for label in labels {
            if label.isEmpty { throw .emptyLabel }
            if label.count > 63 { throw .labelTooLong(Self.text(of: label)) }
            wire.append(UInt8(label.count))
            wire += label
        }
        wire.append(0)
        if wire.count > 255 { throw .nameTooLong(wire.count) }
        self.wire = wire
    }

    /// Reads a name as people and zone files write it: with or without the last dot, with `\.` and `\046`
    /// escapes (RFC 1035 §5.1), and with non-ASCII labels, which become A-labels (RFC 5890 §2.3.2.1).
    package init(_ text: String) throws(DomainNameError) {
        // Nearly all names are plain.
        if let quick = Self.root.prependingPlain(text) {
            self = quick
        } else {
            self = try Self.parse(Array(text.utf8))
        }
    }

    /// Reads the name of a host, as people type it: see ``isHostName``. With `underscores`, labels may hold
    /// them too, as names of services and policies do (RFC 8552).
    package init(hostName text: String, underscores: Bool = false) throws(DomainNameError) {
        if IPAddress(text) != nil { throw .isAddress(text) }
        let name = try DomainName(text)
        if name.isRoot { throw .empty }
        for label in name.labels where !Self.isHostLabel(label, underscores: underscores) {
            throw .notAHostLabel(Self.text(of: label))
        }
        if name.hasNumericTop { throw .numericTop(Self.text(of: name.labels.last ?? [])) }
        self = name
    }

    /// The labels, leftmost first, without the root's empty one.
    package var labels: [[UInt8]] {
        var labels: [[UInt8]] = []
        var offset = 0
        while wire[offset] != 0 {
            let end = offset + 1 + Int(wire[offset])
            labels.append(Array(wire[(offset + 1)..<end]))
            offset = end
        }
        return labels
    }

    /// How many labels there are, the root's not counted (0 to 127).
    package var labelCount: Int {
        var count = 0
        var offset = 0
        while wire[offset] != 0 {
            offset += 1 + Int(wire[offset])
            count += 1
        }
        return count
    }

    package var isRoot: Bool { wire.count == 1 }

    /// Whether a label, or the end of the name, begins at that octet of ``wire``.
    func hasLabel(at place: Int) -> Bool {
        guard place < wire.count else { return false }
        var offset = 0
        while offset < place { offset += 1 + Int(wire[offset]) }
        return offset == place
    }

    /// The name without its leftmost label; nil for the root.
    package var parent: DomainName? {
        isRoot ? nil : DomainName(wire: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// The last `count` labels of the name, or all of it.
    package func suffix(_ count: Int) -> DomainName {
        var offset = 0
        for _ in 0..<max(0, labelCount - max(0, count)) { offset += 1 + Int(wire[offset]) }
        return offset == 0 ? self : DomainName(wire: Array(wire[offset...]))
    }

    /// Whether ``wire`` stands in `octets` from `place` on, in the same case.
    func isWritten(in octets: [UInt8], at place: Int) -> Bool {
        guard place >= 0, octets.count - place >= wire.count else { return false }
        return octets.withUnsafeBytes { octets in
            wire.withUnsafeBytes { wire in
                var offset = 0
                while offset + 8 <= wire.count {
                    let there = octets.loadUnaligned(fromByteOffset: place + offset, as: UInt64.self)
                    if there != wire.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
                    offset += 8
                }
                while offset < wire.count {
                    if octets[place + offset] != wire[offset] { return false }
                    offset += 1
                }
                return true
            }
        }
    }

    /// Whether this name is `other` or stands below it.
    package func isWithin(_ other: DomainName) -> Bool {
        var offset = 0
        while wire.count - offset > other.wire.count { offset += 1 + Int(wire[offset]) }
        return Self.equal(wire[offset...], other.wire[...])
    }

    /// `prefix` put before this name: `try name.prepending("_dmarc")`. Text as in ``init(_:)``.
    package func prepending(_ prefix: String) throws(DomainNameError) -> DomainName {
        if let quick = prependingPlain(prefix) { return quick }
        return try DomainName(prefix).appending(self)
    }

    /// The same where `prefix` is labels of letters, digits, hyphens and underscores, and all fits; nil otherwise.
    private func prependingPlain(_ prefix: String) -> DomainName? {
        prefix.utf8.withContiguousStorageIfAvailable { prependingPlain($0) } ?? nil
    }

    private func prependingPlain(_ text: UnsafeBufferPointer<UInt8>) -> DomainName? {
        guard !text.isEmpty, text.count + 1 + wire.count <= 255 else { return nil }
        var isPlain = true
        let joined = [UInt8](count: text.count + 1 + wire.count) { joined in
            // Where the length of the label stands that is being copied.
            var start = 0
            for (index, octet) in text.enumerated() {
                if octet == UInt8(ascii: ".") {
                    isPlain = isPlain && (1...63).contains(index - start)
                    joined[start] = UInt8(truncatingIfNeeded: index - start)
                    start = index + 1
                } else {
                    isPlain = isPlain && Self.isPlain(octet)
                    joined[index + 1] = octet
                }
            }
            isPlain = isPlain && (1...63).contains(text.count - start)
            joined[start] = UInt8(truncatingIfNeeded: text.count - start)
            let rest = UnsafeMutableBufferPointer(rebasing: joined[(text.count + 1)...])
            wire.withUnsafeBytes { UnsafeMutableRawBufferPointer(rest).copyMemory(from: $0) }
        }
        return isPlain ? DomainName(wire: joined) : nil
    }

    /// This name with `other` behind it: `mail` and `example.org` make `mail.example.org`.
    package func appending(_ other: DomainName) throws(DomainNameError) -> DomainName {
        let joined = wire.dropLast() + other.wire
        if joined.count > 255 { throw .nameTooLong(joined.count) }
        return DomainName(wire: Array(joined))
    }

    /// Octets on the wire, the root's among them (1 to 255).
    package var wireLength: Int { wire.count }
}

/// Host names.
extension DomainName {
    /// Whether a host may bear this name: labels of letters, digits and inner hyphens (RFC 952, RFC 1123 §2.1),
    /// the last of them not all digits, so that no host name reads as an address (RFC 3696 §2).
    package var isHostName: Bool {
        !isRoot && !hasNumericTop && labels.allSatisfy { Self.isHostLabel($0, underscores: false) }
    }

    /// Whether the first label is `*` (RFC 4592 §2.1.1).
    package var isWildcard: Bool { wire.count > 1 && wire[0] == 1 && wire[1] == UInt8(ascii: "*") }

    private var hasNumericTop: Bool { labels.last?.allSatisfy { (48...57).contains($0) } ?? false }

    private static func isHostLabel(_ label: [UInt8], underscores: Bool) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return label.first != hyphen && label.last != hyphen
            && label.allSatisfy { octet in
                switch octet {
                case 48...57, 65...90, 97...122, hyphen: true
                case UInt8(ascii: "_"): underscores
                default: false
                }
            }
    }
}

/// Why text is no domain name.
package enum DomainNameError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case emptyLabel
    case labelTooLong(String)
    case nameTooLong(Int)
    case badEscape(String)
    /// Only where the name of a host is read.
    case notAHostLabel(String)
    case numericTop(String)
    case isAddress(String)

    package var description: String {
        switch self {
        case .empty: "a domain name is missing"
        case .emptyLabel: "two dots follow each other, or the name begins with a dot"
        case .labelTooLong(let label): "the label “\(label.prefix(20))…” is longer than 63 octets"
        case .nameTooLong(let length): "the name takes \(length) octets, 255 are allowed"
        case .badEscape(let escape):
            "“\(printable(Array(escape.utf8), limit: 12))” is no escape: write \\. or three digits up to \\255"
        case .notAHostLabel(let label):
            "the label “\(label)” is not one of a host name: letters, digits and inner hyphens are"
        case .numericTop(let label): "the last label “\(label)” is all digits: no host name ends so"
        case .isAddress(let text): "\(text) is an address, not a name"
        }
    }
}

extension DomainName: Hashable {
    private static func lower(_ octet: UInt8) -> UInt8 { (65...90).contains(octet) ? octet | 0x20 : octet }

    /// Eight octets at once: the bit that makes a letter small is set where an octet is a capital ASCII letter.
    /// Octets of length are at most 63, below every letter: they can be lowered with the rest.
    @inline(__always)
    private static func lower(_ word: UInt64) -> UInt64 {
        let low7 = word & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = low7 &+ 0x3F3F_3F3F_3F3F_3F3F  // 0x80 - "A": the top bit is set from A on
        let beyondZ = low7 &+ 0x2525_2525_2525_2525  // 0x7F - "Z": the top bit is set behind Z
        let capital = (fromA ^ beyondZ) & ~word & 0x8080_8080_8080_8080
        return word | capital >> 2
    }

    /// The octets in lower case, eight at a time: the same words for names that are equal. Fewer are filled with zeros.
    @inline(__always)
    private static func forEachWord(_ octets: UnsafeBufferPointer<UInt8>, _ body: (UInt64) -> Void) {
        let raw = UnsafeRawBufferPointer(octets)
        var offset = 0
        while offset + 8 <= raw.count {
            body(lower(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))))
            offset += 8
        }
        if offset == raw.count { return }
        if raw.count >= 8 {
            // The last eight, of which some were seen: names of one length are cut the same way.
            let last = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
            return body(lower(UInt64(littleEndian: last)))
        }
        var last: UInt64 = 0
        for octet in raw.reversed() { last = last << 8 | UInt64(octet) }
        body(lower(last))
    }

    /// Both as many octets.
    private static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        let x = UnsafeRawBufferPointer(a), y = UnsafeRawBufferPointer(b)
        guard x.count == y.count else { return false }
        var offset = 0
        while offset + 8 <= x.count {
            let left = x.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let right = y.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if left != right, lower(left) != lower(right) { return false }
            offset += 8
        }
        if offset < x.count, x.count >= 8 {
            let left = x.loadUnaligned(fromByteOffset: x.count - 8, as: UInt64.self)
            let right = y.loadUnaligned(fromByteOffset: x.count - 8, as: UInt64.self)
            return left == right || lower(left) == lower(right)
        }
        while offset < x.count {
            if x[offset] != y[offset], lower(x[offset]) != lower(y[offset]) { return false }
            offset += 1
        }
        return true
    }

    private static func equal(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { b in equal(a, b) } }
    }

    package static func == (a: DomainName, b: DomainName) -> Bool {
        a.wire.withUnsafeBufferPointer { a in b.wire.withUnsafeBufferPointer { b in equal(a, b) } }
    }

    package func hash(into hasher: inout Hasher) {
        wire.withUnsafeBufferPointer { octets in Self.forEachWord(octets) { hasher.combine($0) } }
    }

    /// A hash for tables of our own, equal for equal names; `seed` is secret where others choose the names.
    package func hash(seed: UInt64) -> UInt64 {
        wire.withUnsafeBufferPointer { octets in
            var state = seed ^ UInt64(truncatingIfNeeded: octets.count)
            Self.forEachWord(octets) { word in
                let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15 ^ seed << 1)
                state = product.high ^ product.low ^ seed
            }
            return state
        }
    }

    /// The same name in lower case.
    package var lowercased: DomainName { DomainName(wire: wire.map(Self.lower)) }
}

extension DomainName: Comparable {
    /// Canonical order (RFC 4034 §6.1): by label from the right, octets in lower case.
    package static func < (a: DomainName, b: DomainName) -> Bool {
        let starts = (a.labelStarts, b.labelStarts)
        for (x, y) in zip(starts.0.reversed(), starts.1.reversed()) {
            let left = a.wire[(x + 1)...(x + Int(a.wire[x]))], right = b.wire[(y + 1)...(y + Int(b.wire[y]))]
            if equal(left, right) { continue }
            return left.lazy.map(lower).lexicographicallyPrecedes(right.lazy.map(lower))
        }
        return starts.0.count < starts.1.count
    }
}

extension DomainName {
    /// Where the octet of length of each label stands, leftmost first.
    private var labelStarts: [Int] {
        var starts: [Int] = []
        var offset = 0
        while wire[offset] != 0 {
            starts.append(offset)
            offset += 1 + Int(wire[offset])
        }
        return starts
    }
}

extension DomainName: CustomStringConvertible {
    /// Without the last dot; `.` for the root. What is not a visible ASCII character is escaped as `\DDD`,
    /// so that the text is safe to print, and reads back as the same name.
    package var description: String {
        plainText ?? (isRoot ? "." : labels.map(Self.text(of:)).joined(separator: "."))
    }

    /// The text where nothing has to be escaped, as in nearly all names; nil otherwise, and for the root.
    private var plainText: String? {
        guard wire.count > 2 else { return nil }
        var isPlain = true
        let text = String(unsafeUninitializedCapacity: wire.count) { buffer in
            var count = 0
            var end = Int(wire[0])
            for index in 1..<(wire.count - 1) {
                let octet = wire[index]
                if index == end + 1 {
                    buffer[count] = UInt8(ascii: ".")
                    end = index + Int(octet)
                } else {
                    if !Self.isPlain(octet) { isPlain = false }
                    buffer[count] = isPlain ? octet : UInt8(ascii: "?")
                }
                count += 1
            }
            return count
        }
        return isPlain ? text : nil
    }

    /// Writes the octets of ``description`` where nothing has to be escaped, as in nearly all names, and gives their number;
    /// nil otherwise, and where they are more than there is room for: ``wireLength`` is always enough.
    package func writePlainText(to text: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        guard wire.count > 2, text.count >= wire.count - 2 else { return nil }
        return wire.withUnsafeBufferPointer { wire in
            var end = Int(wire[0])
            for index in 1..<(wire.count - 1) {
                let octet = wire[index]
                if index == end + 1 {
                    end = index + Int(octet)
                    text[index - 1] = UInt8(ascii: ".")
                } else if Self.isPlain(octet) {
                    text[index - 1] = octet
                } else {
                    return nil
                }
            }
            return wire.count - 2
        }
    }

    /// Letters, digits, hyphens and underscores.
    @inline(__always)
    private static func isPlain(_ octet: UInt8) -> Bool {
        // A bit for each octet from 0 and from 64.
        let below: UInt64 = 0x03FF_2000_0000_0000, above: UInt64 = 0x07FF_FFFE_87FF_FFFE
        return octet < 128 && (octet < 64 ? below : above) >> UInt64(octet & 63) & 1 != 0
    }

    /// With the last dot, as a zone file needs it.
    package var absolute: String { isRoot ? "." : description + "." }

    static func text(of label: [UInt8]) -> String {
        var text = ""
        for octet in label {
            switch octet {
            case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "("),
                UInt8(ascii: ")"), UInt8(ascii: "@"), UInt8(ascii: "$"):
                text += "\\" + String(UnicodeScalar(octet))
            case 33...126: text.unicodeScalars.append(UnicodeScalar(octet))
            default: text += decimalEscape(octet)
            }
        }
        return text
    }

    /// Three digits behind a backslash (RFC 1035 §5.1).
    static func decimalEscape(_ octet: UInt8) -> String {
        let digits = String(octet)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}

/// Reading.
extension DomainName {
    /// A label being read, and whether an escape named one of its octets: such a label is octets, not text.
    private struct LabelInProgress {
        var octets: [UInt8] = []
        var isEscaped = false

        /// A label of ASCII stays; one of Unicode text becomes `xn--…`.
        func finished() throws(DomainNameError) -> [UInt8] {
            if octets.isEmpty { throw .emptyLabel }
            if isEscaped || octets.allSatisfy({ $0 < 128 }) { return octets }
            guard let text = String(validating: octets, as: UTF8.self) else { return octets }
            return DomainName.aLabel(text)
        }
    }

    static func parse(_ octets: [UInt8]) throws(DomainNameError) -> DomainName {
        if octets.isEmpty { throw .empty }
        if octets == [UInt8(ascii: ".")] { return .root }
        var labels: [[UInt8]] = []
        var label = LabelInProgress()
        var index = 0
        while index < octets.count {
            if let length = dotLength(octets[index...]) {
                labels.append(try label.finished())
                label = LabelInProgress()
                index += length
            } else if octets[index] == UInt8(ascii: "\\") {
                let (octet, length) = try escape(octets[index...])
                label.octets.append(octet)
                label.isEscaped = label.isEscaped || octet >= 128
                index += length
            } else {
                label.octets.append(octets[index])
                index += 1
            }
        }
        if !label.octets.isEmpty { labels.append(try label.finished()) }
        return try DomainName(labels: labels)
    }

    /// How many octets of a dot `rest` begins with, nil for none. U+3002, U+FF0E and U+FF61 are dots too (RFC 3490 §3.1).
    private static func dotLength(_ rest: ArraySlice<UInt8>) -> Int? {
        switch rest.first {
        case UInt8(ascii: "."): 1
        case 0xE3 where rest.starts(with: [0xE3, 0x80, 0x82]): 3
        case 0xEF where rest.starts(with: [0xEF, 0xBC, 0x8E]) || rest.starts(with: [0xEF, 0xBD, 0xA1]): 3
        default: nil
        }
    }

    /// The octet that the escape at the head of `rest` stands for, and the escape's length (RFC 1035 §5.1).
    static func escape(_ rest: ArraySlice<UInt8>) throws(DomainNameError) -> (octet: UInt8, length: Int) {
        let behind = rest.dropFirst().prefix(3)
        guard let first = behind.first else { throw .badEscape("\\") }
        guard (48...57).contains(first) else { return (first, 2) }
        let value = behind.reduce(0) { (48...57).contains($1) ? $0 * 10 + Int($1 - 48) : 1000 }
        guard behind.count == 3, value < 256 else {
            throw .badEscape("\\" + String(decoding: behind, as: UTF8.self))
        }
        return (UInt8(value), 4)
    }

    /// The A-label of Unicode text: lower case, composed (RFC 5895 §2), Punycode behind `xn--` (RFC 5890 §2.3.2.1).
    /// Text that the mapping makes ASCII (a Kelvin sign becomes `k`) needs no Punycode.
    private static func aLabel(_ text: String) -> [UInt8] {
        var mapped = String.UnicodeScalarView()
        mapped.append(contentsOf: text.lowercased()._nfc)
        let label = String(mapped)
        return label.utf8.allSatisfy { $0 < 128 } ? Array(label.utf8) : Array("xn--".utf8) + Punycode.encode(label)
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
