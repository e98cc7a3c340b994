package import DNS

/// One Received field: what RFC 5321 §4.4 lets a server write, and what servers really write.
///
/// What is read is what the field says. Whether to believe it is left to others: only the fields of one's own
/// servers are more than a claim.
package struct Received: Hashable, Sendable {
    /// The name that the client gave in EHLO, or what the server wrote in its place; brackets left out.
    package var from: String?
    /// The name given in EHLO where a comment says it: `(HELO x)`, `helo=x`.
    package var helo: String?
    /// The name that was found for the client's address.
    package var rdns: String?
    package var ip: IPAddress?
    package var by: String?
    package var via: String?
    /// The protocol in capitals where it is a known one (`ESMTPS`, `LMTP`, `HTTP`), otherwise as written.
    package var with: String?
    package var id: String?
    /// The recipient, brackets left out.
    package var `for`: String?
    package var envelopeFrom: String?
    /// `TLSv1.0` to `TLSv1.3`, `SSLv3`, however the server wrote it.
    package var tlsVersion: String?
    package var tlsCipher: String?
    /// TLS is said to have been there, with a version or without (`with SMTP with TLS`).
    package var saysTLS = false
    /// A comment says that the client gave a name and a password: `(Authenticated sender: x)`, `(authenticated bits=0)`.
    package var saysAuthenticated = false
    package var date: Timestamp?
    /// With spaces for line ends, at most ``maximumLength`` octets of it.
    private let octets: [UInt8]

    /// Unfolded, at most ``maximumLength`` octets of it.
    package var text: String { octets.trimmed().text }

    /// No more octets of a field are read.
    package static let maximumLength = 8_000

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    /// Reads the field's value, folded or not. nil where nothing of it can be read.
    ///
    ///     Time-stamp-line  = "Received:" FWS Stamp <CRLF>
    ///     Stamp            = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    ///     Opt-info         = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
    package init?(_ value: some Collection<UInt8>) {
        let count = min(value.count, Self.maximumLength)
        octets = Array(unsafeUninitializedCapacity: count) { buffer, filled in
            _ = buffer.initialize(fromContentsOf: value.prefix(count))
            let written = Piece(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            for end: UInt8 in [10, 13] {
                var place = written.index(of: end)
                while let found = place {
                    buffer[found] = 32
                    place = written.index(of: end, from: found + 1)
                }
            }
            filled = count
        }
        var reader = ClauseReader()
        date = octets.withUnsafeBufferPointer { buffer in
            var places = DatePlaces()
            Self.read(buffer, &reader, &places, isOuter: true)
            return places.date(in: buffer)
        }
        from = reader.from
        helo = reader.helo
        rdns = reader.rdns
        ip = reader.ip ?? reader.literal
        by = reader.by
        via = reader.via
        with = reader.with
        id = reader.id
        `for` = reader.for
        envelopeFrom = reader.envelopeFrom
        tlsVersion = reader.tlsVersion
        tlsCipher = reader.tlsCipher
        saysAuthenticated = reader.saysAuthenticated
        saysTLS = reader.saysTLS || tlsVersion != nil || tlsCipher != nil
        if from == nil, by == nil, with == nil, id == nil, `for` == nil, ip == nil, date == nil { return nil }
    }

    /// Gives the tokens of the field to the reader. Some put the first clause in parentheses:
    /// `(from localhost [192.0.2.1]) by host.example …`
    private static func read(
        _ buffer: Piece, _ reader: inout ClauseReader, _ places: inout DatePlaces, isOuter: Bool
    ) {
        var tokens = ReceivedTokens(buffer)
        var isFirst = isOuter
        while let token = tokens.next() {
            if isFirst, case .comment(let content) = token, content.hasPrefixIgnoringCase("from ") {
                read(content, &reader, &places, isOuter: false)
            } else {
                if isOuter { places.note(token) }
                reader.take(token)
            }
            isFirst = false
        }
    }
}

/// Octets that belong to the field at hand.
private typealias Piece = UnsafeBufferPointer<UInt8>

/// The date stands behind the last “;” outside comments; where there is none, or no date behind it, it may stand behind
/// an earlier one, or still end the field.
private struct DatePlaces {
    private var last: Int?

    mutating func note(_ token: ReceivedTokens.Token) {
        if case .semicolon(let offset) = token { last = offset }
    }

    func date(in octets: Piece) -> Timestamp? {
        if let last, let date = MailDate.parse(Piece(rebasing: octets[(last + 1)...])) { return date.timestamp }
        return Self.search(octets)
    }

    private static func search(_ octets: Piece) -> Timestamp? {
        var semicolons: [Int] = [], words: [Int] = []
        var tokens = ReceivedTokens(octets)
        while let token = tokens.next() {
            switch token {
            case .semicolon(let offset): semicolons.append(offset)
            case .word(_, let offset): words.append(offset)
            case .comment: break
            }
        }
        for offset in semicolons.reversed().prefix(10) {
            if let date = MailDate.parse(Piece(rebasing: octets[(offset + 1)...])) { return date.timestamp }
        }
        for offset in words.suffix(9) {
            if let date = MailDate.parse(Piece(rebasing: octets[offset...])),
                date.timestamp > Timestamp(year: 1980, month: 1, day: 1)
            {
                return date.timestamp
            }
        }
        return nil
    }
}

/// A Received field cut into words, comments and semicolons.
private struct ReceivedTokens {
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

/// Takes the tokens of a field one by one and keeps what each clause says.
private struct ClauseReader {
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
            if let known = Protocols.known(part) {
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

/// A word cut into pieces without making a list of them.
private enum Pieces {
    /// The next piece that is not empty; nil at the end.
    @inline(__always)
    static func next(_ rest: inout Piece, isEnd: (UInt8) -> Bool) -> Piece? {
        var start = 0
        while start < rest.count, isEnd(rest[start]) { start += 1 }
        guard start < rest.count else { return nil }
        var end = start
        while end < rest.count, !isEnd(rest[end]) { end += 1 }
        let piece = Piece(rebasing: rest[start..<end])
        rest = Piece(rebasing: rest[end...])
        return piece
    }
}

/// Words inside a comment: between spaces, quotes, commas, “=” and inner parentheses; brackets keep theirs.
private enum CommentWords {
    /// White space, “"”, “(”, “)”, “,” and “=”.
    private static let splitting: UInt64 =
        1 << 9 | 1 << 10 | 1 << 13 | 1 << 32 | 1 << 34 | 1 << 40 | 1 << 41 | 1 << 44 | 1 << 61

    static func split(_ content: Piece) -> [Piece] {
        var words: [Piece] = []
        words.reserveCapacity(12)
        var start = 0
        var index = 0
        func end(at index: Int) {
            if start < index { words.append(Piece(rebasing: content[start..<index])) }
        }
        while index < content.count, words.count < 100 {
            let octet = content[index]
            if octet == UInt8(ascii: "["), let close = content.index(of: UInt8(ascii: "]"), from: index) {
                end(at: index)
                words.append(Piece(rebasing: content[index...close]))
                index = close + 1
                start = index
                // A port behind it says nothing.
                if index < content.count, content[index] == UInt8(ascii: ":") {
                    while index < content.count, content[index] == UInt8(ascii: ":") || content[index].isDigit {
                        index += 1
                    }
                    start = index
                }
            } else if octet.isOne(of: splitting) {
                end(at: index)
                index += 1
                start = index
            } else {
                index += 1
            }
        }
        end(at: index)
        return words
    }
}

/// Addresses as Received fields have them: `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `192.0.2.1:25`, `fe80::1%6`.
private enum AddressWords {
    static func address(_ word: Piece) -> IPAddress? {
        guard word.count <= 80, let first = word.first,
            first == UInt8(ascii: "[") || isPart(first) || first.lower == 105
        else { return nil }
        var rest = word[...]
        if first == UInt8(ascii: "[") {
            guard let close = word.index(of: UInt8(ascii: "]")) else { return nil }
            rest = rest[1..<close].drop { $0 == UInt8(ascii: "[") }
            // MDaemon writes `[(192.0.2.1)]`.
            if rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")") { rest = rest.dropFirst().dropLast() }
        }
        if rest.hasPrefixIgnoringCase("ipv6:") { rest = rest.dropFirst(5) }
        if let percent = rest.firstIndex(of: UInt8(ascii: "%")) { rest = rest[..<percent] }
        if let address = plain(rest) { return address }
        guard let colon = rest.lastIndex(of: UInt8(ascii: ":")), rest[(colon + 1)...].allSatisfy(\.isDigit),
            let address = plain(rest[..<colon]), case .v4 = address
        else { return nil }
        return address
    }

    /// `root@192.0.2.1`, `@192.0.2.1`: with what the client's ident server said.
    static func behindUser(_ word: Piece) -> IPAddress? {
        guard word.count <= 120, let at = word.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return plain(word[(at + 1)...])
    }

    /// A word that is an address and nothing else.
    static func bare(_ word: Piece) -> IPAddress? {
        var rest = word[...]
        if rest.first == UInt8(ascii: "<"), rest.last == UInt8(ascii: ">"), rest.count > 1 {
            rest = rest.dropFirst().dropLast()
        }
        if rest.last == UInt8(ascii: ",") { rest = rest.dropLast() }
        return plain(rest)
    }

    private static func isPart(_ octet: UInt8) -> Bool { octet == UInt8(ascii: ":") || hexadecimal(octet) != nil }

    private static func plain(_ octets: Slice<Piece>) -> IPAddress? {
        guard octets.count < 50, octets.allSatisfy({ isPart($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        if let v4 = quad(octets) { return .v4(v4) }
        guard octets.contains(UInt8(ascii: ":")) else { return nil }
        return IPAddress(Piece(rebasing: octets).text)
    }

    /// As ``IPv4Address`` reads it: four numbers without leading zeros.
    private static func quad(_ octets: Slice<Piece>) -> IPv4Address? {
        var value: UInt32 = 0, part: UInt32 = 0, digits = 0, parts = 0
        for octet in octets {
            if octet.isDigit {
                if digits == 1, part == 0 { return nil }
                part = part * 10 + UInt32(octet - 48)
                digits += 1
                if digits > 3 || part > 255 { return nil }
            } else {
                guard octet == UInt8(ascii: "."), digits > 0, parts < 3 else { return nil }
                value = value << 8 | part
                (part, digits, parts) = (0, 0, parts + 1)
            }
        }
        return parts == 3 && digits > 0 ? IPv4Address(value << 8 | part) : nil
    }
}

/// The values of “with” that IANA or custom knows (RFC 3848, RFC 4954, RFC 6531), whatever stands around them.
private enum Protocols {
    private static let names: Set<String> = [
        "SMTP", "ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA", "LMTP", "LMTPA", "LMTPS", "LMTPSA", "UTF8SMTP", "UTF8SMTPA",
        "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA", "HTTP", "HTTPS", "HTTPREST",
        "LOCAL", "MAPI", "IMAP", "POP3", "ASMTP", "BSMTP", "UUCP", "MMS", "QMQP", "QMTP", "SMTPS", "SMTPSVC",
        "ESMTP-TLS",
    ]
    /// What Microsoft, Google and CommuniGate write for the same.
    private static let aliases = ["SMTPSVC": "SMTP", "HTTPREST": "HTTP", "ESMTP-TLS": "ESMTPS"]

    static func known(_ word: Piece) -> String? {
        guard (3..<20).contains(word.count) else { return nil }
        let name = word.hasPrefixIgnoringCase("local-") ? Piece(rebasing: word.dropFirst(6)) : word
        let upper = String(unsafeUninitializedCapacity: name.count) { buffer in
            for (index, octet) in name.enumerated() {
                buffer.initializeElement(at: index, to: (97...122).contains(octet) ? octet & 0xDF : octet)
            }
            return name.count
        }
        guard names.contains(upper) else { return nil }
        return aliases[upper] ?? upper
    }
}

/// TLS version and cipher, in any of the ways servers write them.
private enum TLSWords {
    /// Whether it is worth looking: “TLS”, “SSL” or “encrypted” is in every form.
    static func mayStand(in content: Piece) -> Bool {
        guard content.count >= 3 else { return false }
        for index in 0..<(content.count - 2) {
            switch content[index].lower {
            case 116: if content[index + 1].lower == 108, content[index + 2].lower == 115 { return true }  // tls
            case 115: if content[index + 1].lower == 115, content[index + 2].lower == 108 { return true }  // ssl
            case 99: if content[index + 1].lower == 105 || content[index + 1].lower == 114 { return true }  // ci, cr
            default: break
            }
        }
        return false
    }

    static func read(_ words: [Piece], _ version: inout String?, _ cipher: inout String?) {
        if version != nil, cipher != nil { return }
        var saysTLS = false
        for word in words.prefix(40) {
            var rest = word
            while let part = Pieces.next(&rest, isEnd: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }) {
                if let found = self.version(part) {
                    if version == nil { version = found }
                    saysTLS = true
                } else if part.equalsIgnoringCase("cipher") || part.equalsIgnoringCase("tls_cipher")
                    || part.equalsIgnoringCase("encrypted")
                {
                    saysTLS = true
                } else if saysTLS, cipher == nil, isCipher(part) {
                    cipher = part.text
                }
            }
        }
        // `(AES256-SHA encrypted)`
        if cipher == nil, words.count == 2, words[1].equalsIgnoringCase("encrypted"), isCipher(words[0]) {
            cipher = words[0].text
        }
    }

    /// `TLSv1.3`, `TLS1.3`, `TLS1_2`, `TLS-1.0`, `TLSv1`, `SSLv3`
    private static func version(_ word: Piece) -> String? {
        guard (4...8).contains(word.count) else { return nil }
        let isTLS = word.hasPrefixIgnoringCase("tls")
        guard isTLS || word.hasPrefixIgnoringCase("ssl") else { return nil }
        var digits = 0, number = 0
        for octet in word.dropFirst(word[word.startIndex + 3].lower == UInt8(ascii: "v") ? 4 : 3) {
            if octet.isDigit {
                digits += 1
                number = number * 10 + Int(octet) - 48
            } else if octet != UInt8(ascii: "."), octet != UInt8(ascii: "_"), octet != UInt8(ascii: "-") {
                return nil
            }
        }
        switch (isTLS, digits, number) {
        case (false, 1, 3): return "SSLv3"
        case (true, 1, 1), (true, 2, 10): return "TLSv1.0"
        case (true, 2, 11): return "TLSv1.1"
        case (true, 2, 12): return "TLSv1.2"
        case (true, 2, 13): return "TLSv1.3"
        default: return nil
        }
    }

    private static let beginnings: [StaticString] = [
        "TLS_", "TLS13_", "ECDHE", "ECDH", "DHE", "EDH", "AECDH", "ADH", "RSA_", "RSA-", "AES", "DES", "CHACHA20",
        "CAMELLIA", "RC4", "PSK", "SRP", "ARIA", "EXP", "IDEA", "NULL-",
    ]

    /// Names of OpenSSL (`ECDHE-RSA-AES256-GCM-SHA384`), IANA and GnuTLS: capitals, digits, with a joint.
    static func isCipher(_ word: some Collection<UInt8>) -> Bool {
        guard (6...100).contains(word.count),
            word.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }),
            word.allSatisfy({ $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return false }
        return beginnings.contains { word.hasPrefixIgnoringCase($0) }
    }
}
