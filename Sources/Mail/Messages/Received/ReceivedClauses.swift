import DNS

/// Takes the tokens of a field one by one and keeps what each clause says.
struct ClauseReader {
    private enum Clause { case from, by, via, with, id, `for`, tls, none }

    private(set) var from: String?
    private(set) var helo: String?
    private(set) var rdns: String?
    private(set) var ip: IPAddress?
    /// An address that stands where the client's name belongs.
    private(set) var literal: IPAddress?
    private(set) var by: String?
    private(set) var via: String?
    private(set) var with: String?
    private(set) var id: String?
    private(set) var `for`: String?
    private(set) var envelopeFrom: String?
    private(set) var tlsVersion: String?
    private(set) var tlsCipher: String?
    private(set) var saysTLS = false
    private(set) var saysAuthenticated = false

    private var clause = Clause.none
    private var wordsOfClause = 0
    private var sawDate = false

    mutating func take(_ token: ReceivedTokens.Token) {
        switch token {
        case .semicolon:
            clause = .none
            sawDate = true
        case .comment(let content): takeComment(content)
        case .word(let word, _):
            if !startClause(word) { takeWord(word) }
        }
    }

    /// Whether the word begins a clause; a clause that came before keeps what it said.
    private mutating func startClause(_ word: Piece) -> Bool {
        guard let next = keyword(word) else { return false }
        // “from” twice: the second may be the envelope's (XMail), or what a program writes of itself (smail).
        clause = next
        wordsOfClause = 0
        if case .tls = next { saysTLS = true }
        return true
    }

    private func keyword(_ word: Piece) -> Clause? {
        switch word.count {
        case 2:
            if word.equalsIgnoringCase("by") { return .by }
            return word.equalsIgnoringCase("id") ? .id : nil
        case 3:
            if word.equalsIgnoringCase("for") { return .for }
            if word.equalsIgnoringCase("via") { return .via }
            return word.equalsIgnoringCase("tls") ? .tls : nil
        case 4:
            if word.equalsIgnoringCase("from") { return .from }
            return word.equalsIgnoringCase("with") ? .with : nil
        default: return nil
        }
    }

    private mutating func takeWord(_ word: Piece) {
        defer { wordsOfClause += 1 }
        switch clause {
        case .from: takeFrom(word)
        case .by: if wordsOfClause == 0, by == nil { by = Self.bare(word) }
        case .via: if wordsOfClause == 0, via == nil { via = Self.bare(word) }
        case .with: takeWith(word)
        case .id: if wordsOfClause == 0, id == nil { id = Self.bare(word) }
        case .for:
            if wordsOfClause == 0, self.for == nil { self.for = Self.bare(word) }
        case .tls:
            if wordsOfClause == 0, tlsCipher == nil, TLSWords.isCipher(word) { tlsCipher = word.text }
        case .none: break
        }
    }

    private mutating func takeFrom(_ word: Piece) {
        if wordsOfClause == 0 {
            if from != nil || by != nil {
                if word.first == UInt8(ascii: "<"), envelopeFrom == nil { envelopeFrom = Self.bare(word) }
                return
            }
            if word.first == UInt8(ascii: "["), let address = AddressWords.address(word) {
                literal = address
                let close = word.index(of: UInt8(ascii: "]")) ?? word.count - 1
                from = Self.bare(Piece(rebasing: word[...close]))
            } else {
                from = Self.bare(word)
            }
            if literal == nil { literal = AddressWords.bare(word) }
        } else if wordsOfClause == 1, ip == nil, word.first == UInt8(ascii: "[") {
            ip = AddressWords.address(word)
        } else if wordsOfClause == 2, ip == nil, word.first == UInt8(ascii: "[") {
            ip = AddressWords.address(word)
        }
    }

    /// `ESMTPS`, `Microsoft SMTP Server`, `ESMTP/TLS/cipher`, `cipher encrypted SMTP`
    private mutating func takeWith(_ word: Piece) {
        if tlsCipher == nil, TLSWords.isCipher(word) { tlsCipher = word.text }
        var rest = word
        // Slash, brackets, blank.
        while let part = Pieces.next(&rest, isEnd: { $0 == 47 || $0 == 91 || $0 == 93 || $0 == 32 }) {
            if let known = ReceivedProtocols.known(part) {
                if with == nil || !withIsKnown { with = known }
                withIsKnown = true
            } else if tlsCipher == nil, TLSWords.isCipher(part) {
                tlsCipher = part.text
            }
        }
        guard !withIsKnown, !TLSWords.isCipher(word), let bare = Self.bare(word) else { return }
        if with == nil, wordsOfClause == 0 {
            with = bare
        } else if let start = with, wordsOfClause < 4 {
            with = "\(start) \(bare)"
        }
    }
    private var withIsKnown = false

    private mutating func takeComment(_ content: Piece) {
        if content.hasPrefixIgnoringCase("authenticated") { saysAuthenticated = true }
        let saysTLS = TLSWords.mayStand(in: content)
        let namesClient = clause == .from && by == nil
        // The names of programs and zones say nothing more.
        guard saysTLS || namesClient || content.count > 14 else { return }
        let words = CommentWords.split(content)
        if saysTLS { TLSWords.read(words, &tlsVersion, &tlsCipher) }
        readEnvelopeFrom(content)
        if namesClient { takeFromComment(words) }
    }

    /// `(envelope-from <a@b>)`, `(envelope-sender a@b)`; in angles an address may hold anything: `<"x y"@b>`, `<a-c=d@b>`.
    private mutating func readEnvelopeFrom(_ content: Piece) {
        guard envelopeFrom == nil, content.count > 14 else { return }
        var dash = content.index(of: UInt8(ascii: "-"))
        while let found = dash {
            dash = content.index(of: UInt8(ascii: "-"), from: found + 1)
            guard found >= 8, Piece(rebasing: content[(found - 8)..<found]).equalsIgnoringCase("envelope") else {
                continue
            }
            let rest = Piece(rebasing: content[(found + 1)...])
            let length = rest.hasPrefixIgnoringCase("from") ? 4 : rest.hasPrefixIgnoringCase("sender") ? 6 : 0
            guard length > 0 else { continue }
            var start = length
            while start < rest.count, rest[start].isSpace || rest[start] == UInt8(ascii: "=") { start += 1 }
            guard start > length, start < rest.count else { continue }
            var end = start
            if rest[start] == UInt8(ascii: "<"), let close = rest.index(of: UInt8(ascii: ">"), from: start) {
                end = close + 1
            } else {
                while end < rest.count, !rest[end].isSpace, !",;()".utf8.contains(rest[end]) { end += 1 }
            }
            envelopeFrom = Self.bare(Piece(rebasing: rest[start..<end]))
            return
        }
    }

    /// What servers write of the client in parentheses: `rdns [192.0.2.1]`, `HELO name`, `[192.0.2.1]:25 helo=name`,
    /// `192.0.2.1`, `user@host [192.0.2.1]`, `using TLSv1.3 with cipher …`.
    private mutating func takeFromComment(_ words: [Piece]) {
        if let first = words.first, first.equalsIgnoringCase("using") || first.equalsIgnoringCase("no") { return }
        var nameless = true
        var previous: Piece?
        var candidate: Piece?
        for (index, word) in words.prefix(12).enumerated() {
            defer { previous = word }
            if let previous, isHelo(previous) {
                if helo == nil { helo = Self.bare(word) }
                continue
            }
            if isHelo(word) { continue }
            if let address = AddressWords.address(word) ?? AddressWords.behindUser(word) {
                if ip == nil, word.first == UInt8(ascii: "[") || index < 2 { ip = address }
                continue
            }
            if index == 0, nameless {
                nameless = false
                candidate = word
            }
        }
        guard rdns == nil, let candidate else { return }
        let isAlone = words.count == 1 || words[1].first == UInt8(ascii: "[")
        let name = candidate.last == UInt8(ascii: ".") ? candidate.dropLast() : candidate[...]
        let user = name.lastIndex(of: UInt8(ascii: "@")).map { name[($0 + 1)...] } ?? name
        if ip != nil || isAlone, user.contains(UInt8(ascii: ".")) || user.equalsIgnoringCase("localhost"),
            user.allSatisfy({ $0.isAlphanumeric || "-._".utf8.contains($0) }),
            !user.allSatisfy({ $0.isDigit || $0 == 46 })
        {
            rdns = user.text
        }
    }

    private func isHelo(_ word: Piece) -> Bool {
        word.equalsIgnoringCase("helo") || word.equalsIgnoringCase("ehlo") || word.equalsIgnoringCase("lhlo")
    }

    /// Without the brackets or angles around it; nil for nothing.
    private static func bare(_ word: Piece) -> String? {
        var rest = word[...]
        while rest.count > 1, let first = rest.first, let last = rest.last,
            (first == UInt8(ascii: "<") && last == UInt8(ascii: ">"))
                || (first == UInt8(ascii: "[") && last == UInt8(ascii: "]"))
        {
            rest = rest.dropFirst().dropLast()
        }
        if rest.last == UInt8(ascii: ",") { rest = rest.dropLast() }
        return rest.isEmpty ? nil : Piece(rebasing: rest).text
    }
}
