/// A Received field cut into words, comments and semicolons.
struct ReceivedTokens {
    enum Token {
        case word(Piece, offset: Int)
        /// Without the outer parentheses.
        case comment(Piece)
        case semicolon(offset: Int)
    }

    private let octets: Piece
    private var comments = Comments()
    private var index = 0
    private var count = 0

    init(_ octets: Piece) { self.octets = octets }

    mutating func next() -> Token? {
        while index < octets.count, octets[index].isSpace { index += 1 }
        guard index < octets.count, count < 500 else { return nil }
        count += 1
        let start = index
        switch octets[start] {
        case UInt8(ascii: "("):
            if let end = comments.end(octets, from: start) {
                index = end
                return .comment(Piece(rebasing: octets[(start + 1)..<(end - 1)]))
            }
        case UInt8(ascii: ";"):
            index += 1
            return .semicolon(offset: start)
        default: break
        }
        index = wordEnd(from: start)
        return .word(Piece(rebasing: octets[start..<index]), offset: start)
    }

    /// A word ends at white space, “;” or a comment; brackets, angles and quotes keep theirs.
    private mutating func wordEnd(from start: Int) -> Int {
        var index = start
        while index < octets.count {
            let octet = octets[index]
            guard octet.isOne(of: Self.telling) || octet == UInt8(ascii: "[") else {
                index += 1
                continue
            }
            if octet.isSpace || octet == UInt8(ascii: ";") { return index }
            if octet == UInt8(ascii: "("), index > start, comments.end(octets, from: index) != nil {
                return index
            }
            if let closing = Self.closing(octet),
                let end = octets.index(of: closing, from: index + 1, to: min(octets.count, index + 501))
            {
                index = end + 1
            } else {
                index += 1
            }
        }
        return octets.count
    }

    /// White space, “"”, “(”, “;” and “<”.
    private static let telling: UInt64 = 1 << 9 | 1 << 10 | 1 << 13 | 1 << 32 | 1 << 34 | 1 << 40 | 1 << 59 | 1 << 60

    private static func closing(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "["): UInt8(ascii: "]")
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        case UInt8(ascii: "\""): UInt8(ascii: "\"")
        default: nil
        }
    }
}
