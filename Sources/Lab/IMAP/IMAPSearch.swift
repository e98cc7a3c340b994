internal import Mail

/// The search keys that the lab knows (RFC 9051 §6.4.4); all must hold.
struct IMAPSearch {
    private indirect enum Key {
        case all
        case header(name: String, value: String)
        case flag(String, isSet: Bool)
        case uid(SequenceSet)
        case number(SequenceSet)
        /// Not looked at: dates.
        case tolerated
        case not(Key)
        case either(Key, Key)
        case every([Key])
    }

    private let keys: [Key]

    /// nil for a key that is not known.
    init?(_ tokens: [IMAPToken], _ messages: [MailStore.Message]) {
        var rest = tokens[...]
        if rest.first?.text?.uppercased() == "CHARSET" { rest = rest.dropFirst(2) }
        var keys: [Key] = []
        while !rest.isEmpty {
            guard let key = Self.key(&rest, messages, depth: 0) else { return nil }
            keys.append(key)
        }
        if keys.isEmpty { return nil }
        self.keys = keys
    }

    private static func key(
        _ rest: inout ArraySlice<IMAPToken>, _ messages: [MailStore.Message], depth: Int
    ) -> Key? {
        guard depth < 8, let token = rest.popFirst() else { return nil }
        if case .list(let inner) = token {
            var inner = inner[...]
            var keys: [Key] = []
            while !inner.isEmpty {
                guard let key = key(&inner, messages, depth: depth + 1) else { return nil }
                keys.append(key)
            }
            return .every(keys)
        }
        guard let word = token.text?.uppercased() else { return nil }
        func argument() -> String? { rest.popFirst()?.text }
        switch word {
        case "ALL": return .all
        case "SEEN", "DELETED", "FLAGGED", "ANSWERED", "DRAFT": return .flag("\\" + word.capitalizedWord, isSet: true)
        case "UNSEEN", "UNDELETED", "UNFLAGGED", "UNANSWERED", "UNDRAFT":
            return .flag("\\" + String(word.dropFirst(2)).capitalizedWord, isSet: false)
        case "HEADER":
            guard let name = argument(), let value = argument() else { return nil }
            return .header(name: name, value: value)
        case "SUBJECT", "FROM", "TO", "CC":
            guard let value = argument() else { return nil }
            return .header(name: word, value: value)
        case "SINCE", "BEFORE", "ON", "SENTSINCE", "SENTBEFORE", "SENTON":
            return argument() == nil ? nil : .tolerated
        case "UID":
            guard let set = argument().flatMap({ SequenceSet($0, last: messages.last?.uid ?? 0) }) else { return nil }
            return .uid(set)
        case "NOT": return key(&rest, messages, depth: depth + 1).map { .not($0) }
        case "OR":
            guard let one = key(&rest, messages, depth: depth + 1), let other = key(&rest, messages, depth: depth + 1)
            else { return nil }
            return .either(one, other)
        default: return SequenceSet(word, last: UInt32(messages.count)).map { .number($0) }
        }
    }

    func matches(_ message: MailStore.Message, number: UInt32) -> Bool {
        keys.allSatisfy { Self.matches($0, message, number) }
    }

    private static func matches(_ key: Key, _ message: MailStore.Message, _ number: UInt32) -> Bool {
        switch key {
        case .all, .tolerated: true
        case .header(let name, let value):
            Header.fields(of: message.octets).contains {
                $0.name.lowercased() == name.lowercased()
                    && (value.isEmpty || $0.value.lowercased().contains(value.lowercased()))
            }
        case .flag(let flag, let isSet): message.flags.contains(flag) == isSet
        case .uid(let set): set.contains(message.uid)
        case .number(let set): set.contains(number)
        case .not(let key): !matches(key, message, number)
        case .either(let one, let other): matches(one, message, number) || matches(other, message, number)
        case .every(let keys): keys.allSatisfy { matches($0, message, number) }
        }
    }
}

extension String {
    /// `SEEN` → `Seen`
    fileprivate var capitalizedWord: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
