/// The header section of a message (RFC 5322 §2.2): its fields from the top, the newest trace field first.
///
/// Lines may end in CRLF or LF. Lines that are no fields are skipped, and what is too much is left out with a word:
/// messages come from outside. Bodies are left to ``Message``; what the fields mean is left to others.
package struct MessageHeader: Hashable, Sendable {
    /// One field of the header.
    package struct Field: Hashable, Sendable {
        /// As written.
        package var name: String
        /// What stands behind the colon, as written, folds and all, without the last line end.
        package var rawValue: [UInt8]
        /// Unfolded: each line end before white space taken out (RFC 5322 §2.2.3), white space at the ends too.
        package var value: [UInt8]

        package init(name: String, rawValue: [UInt8]) {
            self.name = name
            self.rawValue = rawValue
            let unfolded =
                rawValue.contains(10) || rawValue.contains(13) ? rawValue.filter { $0 != 10 && $0 != 13 } : rawValue
            value = Array(unfolded.trimmed())
        }

        /// The value as text; what is not UTF-8 becomes U+FFFD. Encoded words stand as written.
        package var text: String { String(decoding: value, as: UTF8.self) }
        /// The value as text with encoded words decoded (RFC 2047).
        package var decoded: String { EncodedWord.decode(value) }

        /// Field names are equal in either case (RFC 5322 §1.2.2).
        package func isNamed(_ other: String) -> Bool {
            name.utf8.count == other.utf8.count && zip(name.utf8, other.utf8).allSatisfy { $0.lower == $1.lower }
        }
    }

    package var fields: [Field]
    /// Why something of the header is missing here, in words; nil where all of it is here.
    package var cut: String?
    /// Octets of the header section, the empty line not counted.
    package var length: Int
    /// Lines that are neither fields nor parts of one, skipped.
    package var strayLines: Int

    /// Octets of a header that are read.
    package static let maximumLength = 1 << 20
    /// Fields that are kept.
    package static let maximumFields = 2_000

    /// All fields of a name, from the top.
    package func all(_ name: String) -> [Field] { fields.filter { $0.isNamed(name) } }
    /// The first field of a name from the top.
    package func first(_ name: String) -> Field? { fields.first { $0.isNamed(name) } }
    /// The first field of a name, decoded; nil where there is none.
    package subscript(name: String) -> String? { first(name)?.decoded }

    /// The Received fields that could be read, the newest first.
    package var received: [Received] { all("Received").compactMap { Received($0.value) } }

    /// Reads the header section at the start of `octets`; what follows an empty line is not looked at.
    package init(parsing octets: [UInt8]) {
        self = Self.parse(octets).header
    }

    /// The header, and where the body begins.
    static func parse(_ octets: [UInt8]) -> (header: MessageHeader, body: Int) {
        var header = MessageHeader(fields: [], cut: nil, length: 0, strayLines: 0)
        let limit = min(octets.count, maximumLength)
        var name: [UInt8]?
        var value: [UInt8] = []
        func finish() {
            guard let finished = name else { return }
            header.fields.append(Field(name: finished.text, rawValue: trimmedEnd(value)))
            name = nil
        }
        var line = 0
        while line < octets.count {
            if line >= limit {
                header.cut = "the header is longer than \(maximumLength) octets: the rest was not read"
                break
            }
            let end = lineEnd(octets, from: line, limit: limit)
            let content = octets[line..<contentEnd(octets, line, end)]
            if content.isEmpty {
                finish()
                header.length = line
                return (header, end)
            }
            if content[content.startIndex].isWSP {
                if name != nil { value += octets[line..<end] } else { header.strayLines += 1 }
            } else if let colon = fieldNameEnd(content) {
                finish()
                if header.fields.count == maximumFields {
                    header.cut = "the header has more than \(maximumFields) fields: the rest was not read"
                    header.length = line
                    return (header, bodyStart(octets, from: line))
                }
                name = Array(content[..<colon].trimmed())
                value = Array(octets[(colon + 1)..<end])
            } else {
                finish()
                // An mbox begins with “From ”: that is no part of the message.
                if line > 0 || !content.starts(with: "From ".utf8) { header.strayLines += 1 }
            }
            line = end
        }
        finish()
        header.length = min(line, octets.count)
        return (header, line >= octets.count ? octets.count : bodyStart(octets, from: line))
    }

    /// One past the line's end, at most `limit`.
    private static func lineEnd(_ octets: [UInt8], from start: Int, limit: Int) -> Int {
        octets.withUnsafeBufferPointer { buffer in
            var index = start
            while index < limit {
                if buffer[index] == 10 { return index + 1 }
                index += 1
            }
            return limit
        }
    }

    private static func contentEnd(_ octets: [UInt8], _ start: Int, _ end: Int) -> Int {
        var end = end
        if end > start, octets[end - 1] == 10 { end -= 1 }
        if end > start, octets[end - 1] == 13 { end -= 1 }
        return end
    }

    /// Where the colon is, if the line begins with a field name: `1*ftext` of visible ASCII but ":" (RFC 5322 §3.6.8),
    /// perhaps with white space behind it (§4.5.8).
    private static func fieldNameEnd(_ line: ArraySlice<UInt8>) -> Int? {
        var sawSpace = false
        for index in line.indices {
            let octet = line[index]
            if octet == UInt8(ascii: ":") { return index > line.startIndex ? index : nil }
            if octet.isWSP {
                sawSpace = true
            } else if sawSpace || !octet.isVisible || index - line.startIndex > 500 {
                return nil
            }
        }
        return nil
    }

    private static func trimmedEnd(_ value: [UInt8]) -> [UInt8] {
        var end = value.count
        if end > 0, value[end - 1] == 10 { end -= 1 }
        if end > 0, value[end - 1] == 13 { end -= 1 }
        return Array(value[..<end])
    }

    /// Behind the first empty line from `start` on.
    private static func bodyStart(_ octets: [UInt8], from start: Int) -> Int {
        var line = start
        while line < octets.count {
            let end = lineEnd(octets, from: line, limit: octets.count)
            if contentEnd(octets, line, end) == line { return end }
            line = end
        }
        return octets.count
    }

    private init(fields: [Field], cut: String?, length: Int, strayLines: Int) {
        self.fields = fields
        self.cut = cut
        self.length = length
        self.strayLines = strayLines
    }
}
