import DNS

/// A TLSA record as a person writes it, `3 1 1 8ce1f10b…` (RFC 6698 §2.2), and what a sender of mail makes of it.
struct TLSAText {
    private(set) var problems: [RecordProblem] = []

    init(_ octets: [UInt8]) {
        var fields = WrittenFields(octets)
        let numbers = ["usage", "selector", "matching type"].enumerated().map { fields.number($0.offset, $0.element) }
        let data = Self.readData(&fields)
        if let usage = numbers[0], let selector = numbers[1], let type = numbers[2], let data {
            let record = TLSA(usage: usage, selector: selector, matchingType: type, association: data)
            let places = fields.fields.map(\.offset)
            for fault in Set([record.fault, record.formFault].compactMap { $0 }) {
                fields.problems.add(at: places[Self.field(of: fault)], .badValue, "\(fault)")
            }
            if record.fault == nil { Self.advise(on: record, places, &fields.problems) }
        }
        problems = fields.problems.sorted
    }

    /// Hexadecimal, which may be written in pieces.
    private static func readData(_ fields: inout WrittenFields) -> [UInt8]? {
        let pieces = fields.fields.dropFirst(3)
        guard !pieces.isEmpty else {
            fields.problems.add(at: fields.end, .missing, "the data are missing: a digest in hexadecimal")
            return nil
        }
        var digits: [UInt8] = []
        for piece in pieces {
            if piece.isQuoted {
                fields.problems.add(at: piece.offset, .badSyntax, "write the digits without quotation marks")
                return nil
            }
            for (index, octet) in piece.octets.enumerated() {
                guard let digit = hexadecimalDigit(octet) else {
                    let hint =
                        octet == UInt8(ascii: ":") ? ": write the digits without colons" : ""
                    fields.problems.add(
                        at: piece.place(index), .badSyntax, "\(quoted([octet])) is no hexadecimal digit\(hint)")
                    return nil
                }
                digits.append(digit)
            }
        }
        guard digits.count.isMultiple(of: 2) else {
            fields.problems.add(at: fields.end, .badSyntax, "an odd number of digits: two make an octet")
            return nil
        }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func hexadecimalDigit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 48...57: octet - 48
        case 65...70: octet - 55
        case 97...102: octet - 87
        default: nil
        }
    }

    /// Which of the fields a fault is in.
    private static func field(of fault: TLSA.Fault) -> Int {
        switch fault {
        case .publicAuthority, .unknownUsage: 0
        case .unknownSelector: 1
        case .unknownMatchingType: 2
        case .wrongLength, .empty, .noCertificate, .noPublicKey: 3
        }
    }

    /// What works, and could be better.
    private static func advise(on record: TLSA, _ places: [Int], _ problems: inout Problems) {
        if record.usage == 3, record.selector == 0 {
            // RFC 7671 §5.1.
            problems.add(
                at: places[1], .badValue,
                "of the certificate, which every renewal changes: `3 1 1` is of its key, which may stay", .notice)
        }
        if record.matchingType == 0 {
            // RFC 7671 §10.1.2.
            problems.add(at: places[2], .badValue, "all of it instead of a digest makes the answer large", .notice)
        }
    }
}
