internal import DNS
internal import Judgement
internal import Networking

/// A client's side of POP3 (RFC 1939), in the order it is spoken: greeting, CAPA, STLS, USER and PASS or AUTH PLAIN,
/// UIDL, TOP, RETR, DELE, QUIT.
///
/// A mailbox is seen as it was at the login, and what is deleted is gone only after QUIT (§6). It leaves out APOP and
/// every mechanism of AUTH but PLAIN.
struct POP3Session {
    let conversation: Conversation
    /// Lines as sent; nil before they were told, where CAPA is not known, and after STLS.
    private(set) var capabilities: [String]?

    /// §3 has 512 octets; servers exceed it.
    static let maximumLine = 4_096
    static let maximumCapabilities = 128
    /// Lines of a listing of messages.
    static let maximumListing = 20_000
    /// Octets of one message or header.
    static let maximumMessage = 524_288

    init(_ conversation: Conversation) { self.conversation = conversation }

    /// `+OK …` or `-ERR …` (§3).
    struct Reply: Hashable, Sendable {
        var isOK: Bool
        /// The whole line.
        var line: [UInt8]

        /// `+OK` and `-ERR` must be in upper case (§3); the case is not held against a server.
        init?(_ line: [UInt8]) {
            if line.startsWithASCII("+OK") {
                isOK = true
            } else if line.startsWithASCII("-ERR") {
                isOK = false
            } else {
                return nil
            }
            self.line = line
        }

        /// The response code (RFC 2449 §8) of an error in upper case: `IN-USE`, `SYS/TEMP`, `SYS/PERM`, `AUTH`.
        var code: String? {
            let text = line.drop { $0 != 32 }.dropFirst()
            guard text.first == UInt8(ascii: "["), let end = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            return String(decoding: text[(text.startIndex + 1)..<end].uppercasedASCII, as: UTF8.self)
        }
    }

    // MARK: Replies

    func reply() async throws(Failure) -> Reply {
        let line = try await conversation.hear(limit: Self.maximumLine)
        guard let reply = Reply(line) else {
            throw conversation.violation("this is no reply of POP3", quoting: line)
        }
        return reply
    }

    /// The lines of a multi-line reply behind its first (§3), up to the dot; stuffed dots taken away.
    private func lines(atMost limit: Int, octets: Int, isConversation: Bool) async throws(Failure) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var total = 0
        while true {
            var line =
                isConversation
                ? try await conversation.hear(limit: Self.maximumLine)
                : try await conversation.hearData(limit: Self.maximumMessage)
            if line == [UInt8(ascii: ".")] { break }
            if line.first == UInt8(ascii: ".") { line.removeFirst() }
            total += line.count + 2
            guard lines.count < limit, total <= octets else {
                throw conversation.violation("a reply of more than \(limit) lines or \(octets) octets")
            }
            lines.append(line)
        }
        if !isConversation { conversation.transcript.note("\(lines.count) lines of data") }
        return lines
    }

    private func ask(_ command: String) async throws(Failure) -> Reply {
        try await conversation.say(command)
        return try await reply()
    }

    func refusal(_ cause: Failure.Cause, _ reply: Reply) -> Failure {
        conversation.failure(cause, conversation.quote(reply.line))
    }

    // MARK: In the order of the conversation

    func greeting() async throws(Failure) -> Reply {
        try await conversation.during(.greeting) { () async throws(Failure) in try await reply() }
    }

    /// CAPA (RFC 2449 §5): the capabilities, a line each; nil where the server does not know the command.
    mutating func capa() async throws(Failure) -> [String]? {
        capabilities = try await conversation.during(.capabilities) { () async throws(Failure) -> [String]? in
            guard try await ask("CAPA").isOK else { return nil }
            return try await lines(atMost: Self.maximumCapabilities, octets: 65_536, isConversation: true)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return capabilities
    }

    /// STLS (RFC 2595 §4); +OK is the go-ahead.
    func askForTLS() async throws(Failure) -> Reply {
        try await conversation.during(.starttls) { () async throws(Failure) in try await ask("STLS") }
    }

    mutating func startTLS(as host: DomainName?) async throws(Failure) -> TLSHandshake {
        capabilities = nil
        return try await conversation.startTLS(as: host)
    }

    /// The parameters of a capability, nil where it is not told.
    static func parameters(of keyword: String, in capabilities: [String]) -> [String]? {
        for line in capabilities {
            let words = line.uppercasedASCII.split(separator: " ").map(String.init)
            if words.first == keyword.uppercasedASCII { return Array(words.dropFirst()) }
        }
        return nil
    }

    /// Seconds that must lie between logins (RFC 2449 §6.5); 0 where nothing is told.
    var loginDelay: Double {
        let told = Self.parameters(of: "LOGIN-DELAY", in: capabilities ?? [])?.first
        return told.flatMap { UInt32($0) }.map { Double(min($0, 86_400)) } ?? 0
    }

    /// AUTH PLAIN (RFC 5034 §4) where SASL says so, USER and PASS (RFC 1939 §7) otherwise; the last reply.
    func logIn(_ credentials: Credentials) async throws(Failure) -> Reply {
        credentials.hide(in: &conversation.transcript)
        let mechanisms = Self.parameters(of: "SASL", in: capabilities ?? []) ?? []
        return try await conversation.during(.auth) { () async throws(Failure) -> Reply in
            if mechanisms.contains("PLAIN") {
                // Without initial response: a command line has room for 255 octets (RFC 2449 §4).
                try await conversation.say("AUTH PLAIN")
                let challenge = try await conversation.hear(limit: Self.maximumLine)
                guard challenge.first == UInt8(ascii: "+"), !challenge.startsWithASCII("+OK") else {
                    guard let reply = Reply(challenge) else {
                        throw conversation.violation("this is no challenge of POP3", quoting: challenge)
                    }
                    return reply
                }
                try await conversation.say(credentials.plain, shown: "***")
                return try await reply()
            }
            try await conversation.say("USER \(credentials.user)")
            let forUser = try await reply()
            guard forUser.isOK else { return forUser }
            try await conversation.say(Array("PASS ".utf8) + credentials.password.reveal(), shown: "PASS ***")
            return try await reply()
        }
    }

    /// A message of this session.
    struct Listed: Hashable, Sendable {
        var number: Int
        /// Lasts from session to session (§7).
        var uid: [UInt8]
    }

    /// UIDL (§7); nil where the server does not know it.
    func uniqueIDs() async throws(Failure) -> [Listed]? {
        guard try await ask("UIDL").isOK else { return nil }
        return try await lines(atMost: Self.maximumListing, octets: 1_000_000, isConversation: false).compactMap {
            line in
            let words = line.split(separator: 32)
            guard words.count >= 2, let number = Self.number(words[0]) else { return nil }
            return Listed(number: number, uid: Array(words[1]))
        }
    }

    /// STAT (§5): how many messages there are.
    func count() async throws(Failure) -> Int {
        let reply = try await ask("STAT")
        let words = reply.line.split(separator: 32)
        guard reply.isOK, words.count >= 2, let count = Self.number(words[1]) else {
            throw refusal(.fetchProtocol, reply)
        }
        return count
    }

    /// TOP n 0 (§7): the header, lines ended by CRLF; nil where the server refuses.
    func header(of number: Int) async throws(Failure) -> [UInt8]? { try await content("TOP \(number) 0") }

    /// RETR (§5): the message; nil where the server refuses.
    func message(_ number: Int) async throws(Failure) -> [UInt8]? { try await content("RETR \(number)") }

    private func content(_ command: String) async throws(Failure) -> [UInt8]? {
        guard try await ask(command).isOK else { return nil }
        return try await lines(atMost: 50_000, octets: Self.maximumMessage, isConversation: false)
            .flatMap { $0 + [13, 10] }
    }

    /// DELE (§5): marks for removal at QUIT.
    func delete(_ number: Int) async throws(Failure) -> Bool { try await ask("DELE \(number)").isOK }

    /// QUIT (§6): the session's end, and after a login the moment when what is marked is removed; whether the server
    /// said that it went well.
    @discardableResult
    func quit(hasDeleted: Bool = false) async -> Bool {
        // Removing may take a server a while.
        let answer = await conversation.farewell("QUIT", within: hasDeleted ? 15 : 3)
        return answer.flatMap(Reply.init)?.isOK == true
    }

    private static func number(_ word: ArraySlice<UInt8>) -> Int? {
        guard (1...9).contains(word.count), word.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(String(decoding: word, as: UTF8.self))
    }
}
