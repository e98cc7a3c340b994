internal import Mail

/// What FETCH can tell of a message (RFC 9051 §6.4.5).
enum IMAPFetch {
    /// The items of a FETCH in upper case, macros written out; nil for what is none.
    static func items(_ token: IMAPToken) -> [String]? {
        switch token {
        case .list(let tokens):
            let items = tokens.compactMap(\.text)
            return items.count == tokens.count && !items.isEmpty ? items.map { $0.uppercased() } : nil
        case .atom(let text):
            return switch text.uppercased() {
            case "ALL", "FULL", "FAST": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]
            default: [text.uppercased()]
            }
        case .string: return nil
        }
    }

    /// Whether an item marks the message as read: BODY without PEEK.
    static func marksAsSeen(_ item: String) -> Bool {
        item.hasPrefix("BODY[") || item == "RFC822" || item == "RFC822.TEXT"
    }

    /// The inside of the parentheses; nil for an item that is not known.
    static func reply(_ items: [String], of message: MailStore.Message) -> [UInt8]? {
        var reply: [UInt8] = []
        for item in items {
            if !reply.isEmpty { reply.append(UInt8(ascii: " ")) }
            guard let part = part(item, of: message) else { return nil }
            reply += part
        }
        return reply
    }

    private static func part(_ item: String, of message: MailStore.Message) -> [UInt8]? {
        switch item {
        case "UID": return Array("UID \(message.uid)".utf8)
        case "FLAGS": return Array("FLAGS (\(list(message.flags)))".utf8)
        case "INTERNALDATE": return Array("INTERNALDATE \"\(message.received.internalDate)\"".utf8)
        case "RFC822.SIZE": return Array("RFC822.SIZE \(message.octets.count)".utf8)
        case "RFC822": return literal("RFC822", message.octets)
        case "RFC822.HEADER": return literal("RFC822.HEADER", Header.section(of: message.octets))
        default: break
        }
        guard let open = item.firstIndex(of: "["), let close = item.lastIndex(of: "]"), open < close else { return nil }
        guard item[..<open] == "BODY" || item[..<open] == "BODY.PEEK" else { return nil }
        let section = String(item[item.index(after: open)..<close])
        let partial = item[item.index(after: close)...]
        let octets: [UInt8]
        switch section {
        case "": octets = message.octets
        case "HEADER": octets = Header.section(of: message.octets)
        case "TEXT": octets = Array(message.octets[Header.end(of: message.octets)...])
        default:
            guard section.hasPrefix("HEADER.FIELDS ("), section.hasSuffix(")") else { return nil }
            let names = section.dropFirst(15).dropLast().lowercased().split(separator: " ").map(String.init)
            octets =
                Header.fields(of: message.octets).filter { names.contains($0.name.lowercased()) }
                .flatMap { message.octets[$0.range] } + [13, 10]
        }
        if partial.isEmpty { return literal("BODY[\(section)]", octets) }
        guard let range = Partial(partial) else { return nil }
        return literal("BODY[\(section)]<\(range.first)>", Array(octets.dropFirst(range.first).prefix(range.count)))
    }

    /// `<first.count>` behind a section: so many octets from there on (RFC 9051 §6.4.5.1).
    private struct Partial {
        var first: Int
        var count: Int

        init?(_ text: Substring) {
            guard text.hasPrefix("<"), text.hasSuffix(">") else { return nil }
            let numbers = text.dropFirst().dropLast().split(separator: ".", omittingEmptySubsequences: false)
            guard numbers.count == 2,
                numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
                let first = Int(numbers[0]), let count = Int(numbers[1]), count > 0
            else { return nil }
            (self.first, self.count) = (first, count)
        }
    }

    private static func literal(_ name: String, _ octets: [UInt8]) -> [UInt8] {
        Array("\(name) {\(octets.count)}\r\n".utf8) + octets
    }

    /// System flags in the case they are written in (RFC 9051 §2.3.2).
    static func flag(_ text: String) -> String {
        ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"].first { $0.lowercased() == text.lowercased() }
            ?? text
    }

    static func list(_ flags: Set<String>) -> String { flags.sorted().joined(separator: " ") }
}
