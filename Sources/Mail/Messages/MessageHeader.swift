/// The header section of a message (RFC 5322 §2.2): its fields from the top, the newest trace field first.
///
/// Lines may end in CRLF or LF. Lines that are no fields are skipped, and what is too much is left out with a word:
/// messages come from outside. The fields are places in the octets of the message; nothing is copied or decoded before
/// it is asked for. Bodies are left to ``Message``; what the fields mean is left to others.
package struct MessageHeader: Hashable, Sendable {
    package var fields: [Field]
    /// Why something of the header is missing here, in words; nil where all of it is here.
    package var cut: String?
    /// Octets of the header section, the empty line not counted.
    package var length: Int
    /// Lines that are neither fields nor parts of one, skipped.
    package var strayLines: Int
    /// The places of the fields that such lines stand right beneath, in order. Some readers take them for a part of it.
    package var fieldsAboveStrays: [Int] = []

    /// Octets of a header that are read: ten times what servers that are generous let pass.
    package static let maximumLength = 4 << 20
    /// Fields that are kept.
    package static let maximumFields = 20_000

    /// All fields of a name, from the top.
    package func all(_ name: String) -> [Field] { fields.filter { $0.isNamed(name) } }
    /// The first field of a name from the top.
    package func first(_ name: String) -> Field? { fields.first { $0.isNamed(name) } }
    /// The first field of a name, decoded; nil where there is none.
    package subscript(name: String) -> String? { first(name)?.decoded }

    /// The Received fields that could be read, the newest first.
    package var received: [Received] {
        fields.compactMap { $0.isNamed("Received") ? Received($0.rawValue) : nil }
    }

    /// Reads the header section at the start of `octets`; what follows an empty line is not looked at.
    package init(parsing octets: [UInt8]) {
        self = Self.parse(octets, in: octets.indices).header
    }

    /// Reads the header section at the start of `range`; gives also where in `octets` the body begins.
    static func parse(_ octets: [UInt8], in range: Range<Int>) -> (header: MessageHeader, body: Int) {
        octets.withUnsafeBufferPointer { buffer in
            var reader = HeaderReader(octets: octets, buffer: buffer, range: range)
            let body = reader.read()
            return (
                MessageHeader(
                    fields: reader.fields, cut: reader.cut, length: reader.length, strayLines: reader.strayLines,
                    fieldsAboveStrays: reader.fieldsAboveStrays), body
            )
        }
    }

    private init(fields: [Field], cut: String?, length: Int, strayLines: Int, fieldsAboveStrays: [Int]) {
        self.fields = fields
        self.cut = cut
        self.length = length
        self.strayLines = strayLines
        self.fieldsAboveStrays = fieldsAboveStrays
    }
}

/// Goes over the lines once.
private struct HeaderReader {
    let octets: [UInt8]
    let buffer: UnsafeBufferPointer<UInt8>
    let range: Range<Int>
    var fields: [MessageHeader.Field] = []
    var cut: String?
    var length = 0
    var strayLines = 0
    var fieldsAboveStrays: [Int] = []
    /// The field at hand: its name's end and its value's start.
    private var open: (start: Int, nameEnd: Int, valueStart: Int)?

    init(octets: [UInt8], buffer: UnsafeBufferPointer<UInt8>, range: Range<Int>) {
        self.octets = octets
        self.buffer = buffer
        self.range = range
        fields.reserveCapacity(32)
    }

    /// Where the body begins.
    mutating func read() -> Int {
        let end = range.upperBound
        let limit = min(end, range.lowerBound + MessageHeader.maximumLength)
        var line = range.lowerBound
        while line < end {
            if line >= limit {
                cut = "the header is longer than \(MessageHeader.maximumLength) octets: the rest was not read"
                break
            }
            let next = buffer.lineEnd(from: line, to: limit)
            let content = buffer.contentEnd(from: line, to: next)
            if content == line {
                finish(at: line)
                length = line - range.lowerBound
                return next
            }
            if buffer[line].isWSP {
                if open == nil { strayLines += 1 }
            } else if let (nameEnd, colon) = fieldName(line, content) {
                finish(at: line)
                if fields.count == MessageHeader.maximumFields {
                    cut = "the header has more than \(MessageHeader.maximumFields) fields: the rest was not read"
                    length = line - range.lowerBound
                    return bodyStart(from: line)
                }
                open = (line, nameEnd, colon + 1)
            } else {
                finish(at: line)
                // An mbox begins with “From ”: that is no part of the message.
                if line > range.lowerBound || !buffer[line..<content].hasPrefixIgnoringCase("From ") { strayLines += 1 }
                if !fields.isEmpty, fieldsAboveStrays.last != fields.count - 1 {
                    fieldsAboveStrays.append(fields.count - 1)
                }
            }
            line = next
        }
        finish(at: line)
        length = line - range.lowerBound
        return line >= end ? end : bodyStart(from: line)
    }

    /// The field at hand ends before `line`, its last line end left out.
    private mutating func finish(at line: Int) {
        guard let field = open else { return }
        open = nil
        fields.append(
            MessageHeader.Field(
                message: octets, start: field.start, nameEnd: field.nameEnd, valueStart: field.valueStart,
                end: max(field.valueStart, buffer.contentEnd(from: field.start, to: line))))
    }

    /// Where name and colon are, if the line begins with a field name: `1*ftext` of visible ASCII but ":"
    /// (RFC 5322 §3.6.8), perhaps with white space behind it (§4.5.8).
    private func fieldName(_ start: Int, _ end: Int) -> (nameEnd: Int, colon: Int)? {
        var nameEnd: Int?
        for index in start..<min(end, start + 500) {
            let octet = buffer[index]
            if octet == UInt8(ascii: ":") { return index > start ? (nameEnd ?? index, index) : nil }
            if octet.isWSP {
                if nameEnd == nil { nameEnd = index }
            } else if nameEnd != nil || !octet.isVisible {
                return nil
            }
        }
        return nil
    }

    /// Behind the first empty line from `start` on.
    private func bodyStart(from start: Int) -> Int {
        var line = start
        while line < range.upperBound {
            let next = buffer.lineEnd(from: line, to: range.upperBound)
            if buffer.contentEnd(from: line, to: next) == line { return next }
            line = next
        }
        return range.upperBound
    }
}
