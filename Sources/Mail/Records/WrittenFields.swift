/// RDATA as zone files write it (RFC 1035 §5.1), for kinds of records that are no text: words and strings in quotation
/// marks, with the place of each. Parentheses around them are left out.
struct WrittenFields {
    struct Field {
        /// Without quotation marks and escapes.
        var octets: [UInt8]
        /// Where it begins in the record, the quotation mark included.
        var offset: Int
        var isQuoted: Bool
        /// For each of ``octets``, where it stands in the record.
        fileprivate(set) var places: [Int]

        /// Where an octet stands in the record; at the end of the field for what is behind it.
        func place(_ index: Int) -> Int { places.indices.contains(index) ? places[index] : (places.last ?? offset) + 1 }
    }

    private(set) var fields: [Field] = []
    var problems: Problems
    /// One past the last octet: where something is missing.
    let end: Int

    /// More fields are left out: no record has as many.
    static let maximumFields = 2_000

    init(_ octets: [UInt8]) {
        let record = Array(octets.prefix(TagList.maximumLength))
        problems = Problems(record)
        end = record.count
        if octets.count > record.count {
            problems.add(at: end, .cut, "the record is longer than a DNS record can be")
        }
        if let bad = record.firstIndex(where: { $0 > 126 || ($0 < 32 && !$0.isSpace) }) {
            problems.add(at: bad, .notASCII, "only visible ASCII characters may stand here")
        }
        var index = 0
        while index < record.count, fields.count < Self.maximumFields {
            switch record[index] {
            case let octet where octet.isSpace: index += 1
            case UInt8(ascii: "("), UInt8(ascii: ")"): index += 1
            default: index = read(record, from: index)
            }
        }
    }

    /// Gives where to go on.
    private mutating func read(_ record: [UInt8], from start: Int) -> Int {
        var field = Field(octets: [], offset: start, isQuoted: record[start] == UInt8(ascii: "\""), places: [])
        var index = field.isQuoted ? start + 1 : start
        var isClosed = false
        scan: while index < record.count {
            let octet = record[index]
            switch octet {
            case UInt8(ascii: "\"") where field.isQuoted:
                isClosed = true
                index += 1
                break scan
            case _ where !field.isQuoted && (octet.isSpace || octet == UInt8(ascii: "(") || octet == UInt8(ascii: ")")):
                break scan
            case UInt8(ascii: "\\") where index + 1 < record.count:
                field.places.append(index)
                let digits = record[(index + 1)...].prefix(3)
                if digits.count == 3, digits.allSatisfy(\.isDigit), let value = UInt8(digits.text) {
                    field.octets.append(value)
                    index += 4
                } else {
                    field.octets.append(record[index + 1])
                    index += 2
                }
            default:
                field.places.append(index)
                field.octets.append(octet)
                index += 1
            }
        }
        if field.isQuoted, !isClosed {
            problems.add(at: start, .badSyntax, "this quotation is not closed")
        }
        fields.append(field)
        return index
    }

    /// A field of 0 to 255 at a place of the record; nil, and a problem, where none stands there.
    mutating func number(_ index: Int, _ what: String) -> UInt8? {
        guard fields.indices.contains(index) else {
            problems.add(at: end, .missing, "the \(what) is missing")
            return nil
        }
        let field = fields[index]
        guard !field.isQuoted, let number = field.octets.decimal(atMost: 255) else {
            problems.add(at: field.offset, .badValue, "the \(what) \(quoted(field.octets)) is no number from 0 to 255")
            return nil
        }
        return UInt8(number)
    }
}
