/// A part of a command (RFC 9051 §4).
indirect enum IMAPToken: Sendable {
    /// Unquoted text; brackets and what stands in them belong to it: `BODY.PEEK[HEADER.FIELDS (SUBJECT)]`.
    case atom(String)
    /// Quoted, or a literal.
    case string([UInt8])
    case list([IMAPToken])

    /// An astring as text.
    var text: String? {
        switch self {
        case .atom(let text): text
        case .string(let octets): String(decoding: octets, as: UTF8.self)
        case .list: nil
        }
    }
}

/// A command as received.
struct IMAPCommand {
    var tag: String
    /// Upper case; with `UID ` before it where it was said.
    var name: String
    var arguments: [IMAPToken]
}

/// What was received is no command.
struct IMAPSyntaxError: Error {
    /// The tag, where there was one.
    var tag: String?
}

/// Reads commands off a connection: a line, and the literals announced in it (RFC 9051 §4.3, RFC 7888).
struct IMAPCommandReader {
    private static let limit = 65_536
    private let talk: LabConversation

    init(_ talk: LabConversation) { self.talk = talk }

    func next() async throws -> IMAPCommand {
        var pieces: [[UInt8]] = []
        var literals: [[UInt8]] = []
        var total = 0
        while true {
            let line = try await talk.line(limit: Self.limit)
            total += line.count
            guard let announced = Self.literal(endOf: line) else {
                pieces.append(line)
                break
            }
            total += announced.count
            if total > Self.limit || literals.count >= 100 { throw Hangup.tooLong }
            pieces.append(Array(line[..<announced.at]))
            if !announced.isUnasked { try await talk.say("+ Ready") }
            literals.append(try await talk.octets(announced.count))
        }
        var parser = IMAPParser(pieces, literals)
        return try parser.command()
    }

    /// `{123}` or `{123+}` at the end of a line.
    static func literal(endOf line: [UInt8]) -> (at: Int, count: Int, isUnasked: Bool)? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        var digits = line[(open + 1)...].dropLast()
        let isUnasked = digits.last == UInt8(ascii: "+")
        if isUnasked { digits = digits.dropLast() }
        guard (1...8).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return (open, digits.reduce(0) { $0 * 10 + Int($1 - 48) }, isUnasked)
    }
}

/// Between two pieces stands a literal.
struct IMAPParser {
    private enum Unit: Equatable {
        case octet(UInt8)
        case literal(Int)
    }

    private var units: [Unit] = []
    private let literals: [[UInt8]]
    private var position = 0

    init(_ pieces: [[UInt8]], _ literals: [[UInt8]]) {
        self.literals = literals
        for (index, piece) in pieces.enumerated() {
            units += piece.map { .octet($0) }
            if index < literals.count { units.append(.literal(index)) }
        }
    }

    mutating func command() throws(IMAPSyntaxError) -> IMAPCommand {
        guard case .atom(let tag)? = try? token(), !tag.isEmpty, !tag.contains("+") else {
            throw IMAPSyntaxError(tag: nil)
        }
        do {
            var tokens = try list(untilParenthesis: false, depth: 0)
            guard case .atom(let first)? = tokens.first else { throw IMAPSyntaxError(tag: tag) }
            tokens.removeFirst()
            var name = first.uppercased()
            if name == "UID" {
                guard case .atom(let second)? = tokens.first else { throw IMAPSyntaxError(tag: tag) }
                tokens.removeFirst()
                name = "UID " + second.uppercased()
            }
            return IMAPCommand(tag: tag, name: name, arguments: tokens)
        } catch {
            throw IMAPSyntaxError(tag: tag)
        }
    }

    private func peek() -> UInt8? {
        guard position < units.count, case .octet(let octet) = units[position] else { return nil }
        return octet
    }

    private mutating func list(untilParenthesis: Bool, depth: Int) throws(IMAPSyntaxError) -> [IMAPToken] {
        if depth > 8 { throw IMAPSyntaxError() }
        var tokens: [IMAPToken] = []
        while position < units.count {
            switch peek() {
            case UInt8(ascii: " "): position += 1
            case UInt8(ascii: ")"):
                guard untilParenthesis else { throw IMAPSyntaxError() }
                position += 1
                return tokens
            case UInt8(ascii: "("):
                position += 1
                tokens.append(.list(try list(untilParenthesis: true, depth: depth + 1)))
            default: tokens.append(try token())
            }
        }
        if untilParenthesis { throw IMAPSyntaxError() }
        return tokens
    }

    private mutating func token() throws(IMAPSyntaxError) -> IMAPToken {
        if position < units.count, case .literal(let index) = units[position] {
            position += 1
            return .string(literals[index])
        }
        return peek() == UInt8(ascii: "\"") ? try quoted() : .atom(try atom())
    }

    private mutating func quoted() throws(IMAPSyntaxError) -> IMAPToken {
        position += 1
        var octets: [UInt8] = []
        while let octet = peek() {
            position += 1
            if octet == UInt8(ascii: "\"") { return .string(octets) }
            if octet == UInt8(ascii: "\\") {
                guard let escaped = peek() else { throw IMAPSyntaxError() }
                position += 1
                octets.append(escaped)
            } else {
                octets.append(octet)
            }
        }
        throw IMAPSyntaxError()
    }

    private mutating func atom() throws(IMAPSyntaxError) -> String {
        var octets: [UInt8] = []
        var brackets = 0
        while let octet = peek() {
            if octet == UInt8(ascii: "[") { brackets += 1 }
            if octet == UInt8(ascii: "]") { brackets -= 1 }
            if brackets <= 0,
                [UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\"")].contains(octet)
            {
                break
            }
            if octet < 32 || octet == 127 { throw IMAPSyntaxError() }
            octets.append(octet)
            position += 1
        }
        if octets.isEmpty { throw IMAPSyntaxError() }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// A set of numbers such as `1:4,7,9:*` (RFC 9051 §9, sequence-set).
struct SequenceSet {
    private var ranges: [ClosedRange<UInt32>] = []

    /// - Parameter last: what `*` means.
    init?(_ text: String, last: UInt32) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count) else { return nil }
            var numbers: [UInt32] = []
            for end in ends {
                guard end != "*" else {
                    numbers.append(last)
                    continue
                }
                guard end.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt32(end), number > 0 else {
                    return nil
                }
                numbers.append(number)
            }
            guard let least = numbers.min(), let most = numbers.max() else { return nil }
            ranges.append(least...most)
        }
    }

    func contains(_ number: UInt32) -> Bool { ranges.contains { $0.contains(number) } }
}
