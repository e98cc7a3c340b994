/// Reads a list of domains block by block: a domain a line, or a column of comma-separated values (RFC 4180).
/// What it keeps between blocks is bounded, whatever the list holds.
package struct ListParser: Sendable {
    /// How the list is written.
    package enum Form: Hashable, Sendable {
        /// A domain a line. Empty lines and those that begin with `#` are no entries.
        case lines
        /// The first record names the columns, and this is the one.
        case column(String)
        /// The column of that number, from 1; the first record is an entry as any other.
        case columnNumber(Int)

        /// What `--column` says: a number or a name.
        package init(column: String) {
            if let number = Int(column), number > 0 { self = .columnNumber(number) } else { self = .column(column) }
        }
    }

    /// The list is not of the form it should be.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    private var form: Reading
    private var isAtStart = true
    private var pending: [UInt8] = []

    private enum Reading: Sendable {
        case lines(LineReading)
        case records(RecordReading)
    }

    package init(_ form: Form) {
        self.form =
            switch form {
            case .lines: .lines(LineReading())
            case .column(let name): .records(RecordReading(.named(Array(name.utf8))))
            case .columnNumber(let number): .records(RecordReading(.number(number - 1)))
            }
    }

    /// Reads the next block; complete entries are appended.
    package mutating func read(_ block: ArraySlice<UInt8>, into entries: inout [ScanEntry]) throws(Problem) {
        var block = block
        if isAtStart {
            // A byte order mark at the very beginning is none of the list.
            pending += block
            guard pending.count >= 3 else { return }
            block = pending.starts(with: [0xEF, 0xBB, 0xBF]) ? pending.dropFirst(3) : pending[...]
            pending = []
            isAtStart = false
        }
        try feed(block, into: &entries)
    }

    /// Reads what stands behind the last line feed.
    package mutating func finish(into entries: inout [ScanEntry]) throws(Problem) {
        if isAtStart {
            isAtStart = false
            let rest = pending
            pending = []
            try feed(rest[...], into: &entries)
        }
        switch form {
        case .lines(var reading):
            reading.finish(into: &entries)
            form = .lines(reading)
        case .records(var reading):
            try reading.finish(into: &entries)
            form = .records(reading)
        }
    }

    private mutating func feed(_ block: ArraySlice<UInt8>, into entries: inout [ScanEntry]) throws(Problem) {
        switch form {
        case .lines(var reading):
            form = .lines(LineReading())
            reading.read(block, into: &entries)
            form = .lines(reading)
        case .records(var reading):
            form = .lines(LineReading())
            defer { form = .records(reading) }
            try reading.read(block, into: &entries)
        }
    }
}

/// A domain a line.
private struct LineReading: Sendable {
    /// The beginning of a line whose end has not come yet.
    private var partial: [UInt8] = []

    /// Kept of a line: enough to know that it is too long.
    private static let kept = ScanEntry.maximumLength + 64

    mutating func read(_ block: ArraySlice<UInt8>, into entries: inout [ScanEntry]) {
        var rest = block
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if partial.isEmpty {
                Self.take(rest[..<end], into: &entries)
            } else {
                keep(rest[..<end])
                Self.take(partial[...], into: &entries)
                partial.removeAll(keepingCapacity: true)
            }
            rest = rest[(end + 1)...]
        }
        keep(rest)
    }

    mutating func finish(into entries: inout [ScanEntry]) {
        Self.take(partial[...], into: &entries)
        partial = []
    }

    private mutating func keep(_ octets: ArraySlice<UInt8>) {
        partial += octets.prefix(max(0, Self.kept - partial.count))
    }

    private static func take(_ line: ArraySlice<UInt8>, into entries: inout [ScanEntry]) {
        let entry = line.withoutWhiteSpace
        guard let first = entry.first, first != UInt8(ascii: "#") else { return }
        entries.append(ScanEntry(entry))
    }
}

/// Records of fields, with quotation marks around those that hold commas, quotation marks or line ends (RFC 4180 §2).
/// Where the first record has no comma, but tabs or semicolons, those separate the fields.
private struct RecordReading: Sendable {
    enum Wanted: Sendable {
        case number(Int)
        case named([UInt8])
    }

    private enum Place: Sendable { case fieldStart, plain, quoted, quoteInQuoted }

    private var wanted: Wanted
    private var place = Place.fieldStart
    private var field: [UInt8] = []
    private var fieldNumber = 0
    private var recordIsEmpty = true
    /// The wanted field of this record, once it is through.
    private var found: [UInt8]?
    private var quotedLength = 0
    private var separator: UInt8?
    /// The first record, until its separator is known.
    private var first: [UInt8] = []

    /// A quotation mark that is not closed within so many octets was none.
    private static let longestQuoted = 65_536
    private static let longestFirst = 65_536
    private static let kept = ScanEntry.maximumLength + 64

    init(_ wanted: Wanted) { self.wanted = wanted }

    mutating func read(
        _ block: ArraySlice<UInt8>, into entries: inout [ScanEntry]
    ) throws(ListParser.Problem) {
        var block = block
        if separator == nil {
            let end = block.firstIndex(of: UInt8(ascii: "\n"))
            first += block[..<(end.map { $0 + 1 } ?? block.endIndex)]
            if first.count > Self.longestFirst {
                throw ListParser.Problem(description: "the first line is longer than \(Self.longestFirst) octets")
            }
            guard let end else { return }
            block = block[(end + 1)...]
            try begin(into: &entries)
        }
        for octet in block { try read(octet, into: &entries) }
    }

    mutating func finish(into entries: inout [ScanEntry]) throws(ListParser.Problem) {
        if separator == nil { try begin(into: &entries) }
        if place == .quoted {
            entries.append(.unusable(field[...], "a quotation mark is not closed"))
            return
        }
        try endRecord(into: &entries)
    }

    /// Chooses the separator and reads the first record.
    private mutating func begin(into entries: inout [ScanEntry]) throws(ListParser.Problem) {
        let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\t"), UInt8(ascii: ";")]
        separator = candidates.first { first.contains($0) } ?? UInt8(ascii: ",")
        let record = first
        first = []
        for octet in record { try read(octet, into: &entries) }
    }

    private mutating func read(_ octet: UInt8, into entries: inout [ScanEntry]) throws(ListParser.Problem) {
        switch (place, octet) {
        case (.quoted, UInt8(ascii: "\"")): place = .quoteInQuoted
        case (.quoted, _):
            keep(octet)
            quotedLength += 1
            guard quotedLength > Self.longestQuoted else { return }
            entries.append(.unusable(field[...], "a quotation mark is not closed within \(Self.longestQuoted) octets"))
            startRecord()
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            keep(octet)
            place = .quoted
        case (.fieldStart, UInt8(ascii: "\"")):
            recordIsEmpty = false
            quotedLength = 0
            place = .quoted
        case (_, UInt8(ascii: "\n")): try endRecord(into: &entries)
        case (_, separator): endField()
        default:
            if place == .fieldStart { place = .plain }
            keep(octet)
            if octet != 13 { recordIsEmpty = false }
        }
    }

    private mutating func keep(_ octet: UInt8) {
        if field.count < Self.kept { field.append(octet) }
    }

    private mutating func endField() {
        recordIsEmpty = false
        switch wanted {
        case .number(let number): if number == fieldNumber { found = field }
        case .named(let name):
            if field[...].withoutWhiteSpace.elementsEqual(name[...].withoutWhiteSpace, by: Self.isSameLetter) {
                found = [UInt8(ascii: "x")]
                columnFound = columnFound ?? fieldNumber
            }
        }
        fieldNumber += 1
        field.removeAll(keepingCapacity: true)
        place = .fieldStart
    }

    /// Where the name was found in the first record.
    private var columnFound: Int?

    private static func isSameLetter(_ a: UInt8, _ b: UInt8) -> Bool {
        a == b || ((65...90).contains(a & 0xDF) && a & 0xDF == b & 0xDF)
    }

    private mutating func endRecord(into entries: inout [ScanEntry]) throws(ListParser.Problem) {
        defer { startRecord() }
        if recordIsEmpty { return }
        endField()
        if case .named(let name) = wanted {
            guard let columnFound else {
                let name = String(decoding: name.prefix(100), as: UTF8.self)
                throw ListParser.Problem(description: "the first line names no column “\(name)”")
            }
            wanted = .number(columnFound)
            return
        }
        guard let found else {
            entries.append(.unusable([], "the record has only \(fieldNumber) columns"))
            return
        }
        let entry = found[...].withoutWhiteSpace
        entries.append(entry.isEmpty ? .unusable([], "the column is empty") : ScanEntry(entry))
    }

    private mutating func startRecord() {
        place = .fieldStart
        field.removeAll(keepingCapacity: true)
        fieldNumber = 0
        recordIsEmpty = true
        found = nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withoutWhiteSpace: ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else {
            return self[startIndex..<startIndex]
        }
        return self[start...end]
    }
}
