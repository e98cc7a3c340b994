internal import DNS
internal import Judgement
internal import Networking

/// A client's side of IMAP (RFC 9051, and RFC 3501 where servers are older), in the order it is spoken: greeting,
/// CAPABILITY, STARTTLS, LOGIN or AUTHENTICATE PLAIN, LIST, SELECT, SEARCH, FETCH, STORE, EXPUNGE, LOGOUT.
///
/// One command at a time. What a server sends besides is heard and left aside. It leaves out IDLE, and every
/// mechanism but PLAIN and LOGIN.
struct IMAPSession {
    let conversation: Conversation
    /// Atoms as sent; nil before they were told and after STARTTLS (RFC 9051 §6.2.1: forgotten).
    private(set) var capabilities: [String]?
    private var commands = 0

    /// A line of a response, which may be a long list of numbers.
    static let maximumLine = 65_536
    /// All literals of one response.
    static let maximumLiteral = 524_288
    /// Responses to one command.
    static let maximumResponses = 20_000

    init(_ conversation: Conversation) { self.conversation = conversation }

    /// What came of a command: what was told on the way, and the tagged end.
    struct Completion {
        var data: [IMAPData]
        var status: IMAPStatus
    }

    // MARK: Responses

    private func response() async throws(Failure) -> IMAPResponse {
        var pieces = IMAPPieces(try await conversation.hear(limit: Self.maximumLine))
        var octets = 0
        while let last = pieces.texts.last, let count = IMAPPieces.announcedLiteral(last) {
            octets += count
            guard octets <= Self.maximumLiteral, pieces.literals.count < 64 else {
                throw conversation.violation("literals of more than \(Self.maximumLiteral) octets")
            }
            pieces.literals.append(try await conversation.hear(count: count))
            pieces.texts.append(try await conversation.hear(limit: Self.maximumLine))
        }
        guard let response = IMAPResponse(pieces) else {
            // What a server sends of its own accord, and whatever else nobody can read, is no answer to us.
            if pieces.texts[0].starts(with: Array("* ".utf8)) { return .untagged(.other([])) }
            throw conversation.violation("this is no response of IMAP", quoting: pieces.texts[0])
        }
        return response
    }

    // MARK: Commands

    /// Sends a command and hears the server out. Literals wait for the server's go-ahead (§4.3).
    private mutating func perform(_ parts: [IMAPPart]) async throws(Failure) -> Completion {
        commands += 1
        let tag = "A\(commands)"
        var heard: [IMAPData] = []
        for (index, line) in IMAPPart.lines(Array("\(tag) ".utf8), parts).enumerated() {
            if index > 0, let end = try await hear(until: tag, &heard) { return Completion(data: heard, status: end) }
            try await conversation.say(line.octets, shown: line.shown)
        }
        guard let end = try await hear(until: tag, &heard) else {
            throw conversation.violation("the server waits for more of a complete command")
        }
        return Completion(data: heard, status: end)
    }

    /// Hears until the command's end, which is returned, or a go-ahead: nil.
    private func hear(until tag: String, _ heard: inout [IMAPData]) async throws(Failure) -> IMAPStatus? {
        while heard.count < Self.maximumResponses {
            switch try await response() {
            case .continuation: return nil
            case .tagged(tag, let status): return status
            case .tagged(let other, _):
                throw conversation.violation("the server ends a command that was not given", quoting: other.utf8)
            case .untagged(let data):
                heard.append(data)
                if case .status(let status) = data, status.kind == .bye {
                    throw conversation.failure(.earlyClose, conversation.quote(status.summary))
                }
            }
        }
        throw conversation.violation("more than \(Self.maximumResponses) responses to one command")
    }

    /// The failure that a refused command is.
    func refusal(_ cause: Failure.Cause, _ status: IMAPStatus) -> Failure {
        conversation.failure(cause, conversation.quote(status.summary))
    }

    private func expectOK(_ completion: Completion, _ cause: Failure.Cause) throws(Failure) -> [IMAPData] {
        guard completion.status.kind == .ok else { throw refusal(cause, completion.status) }
        return completion.data
    }

    // MARK: In the order of the conversation

    /// `* OK`, `* PREAUTH` or `* BYE` (§7.1).
    func greeting() async throws(Failure) -> (status: IMAPStatus, line: [UInt8]) {
        try await conversation.during(.greeting) { () async throws(Failure) in
            let line = try await conversation.hear(limit: Self.maximumLine)
            guard case .untagged(.status(let status))? = IMAPResponse(IMAPPieces(line)),
                [.ok, .preauth, .bye].contains(status.kind)
            else { throw conversation.violation("this is no greeting of IMAP", quoting: line) }
            return (status, line)
        }
    }

    /// CAPABILITY (§6.1.1); nil where the server refuses to tell.
    mutating func capability() async throws(Failure) -> [String]? {
        capabilities = nil
        let completion = try await conversation.during(.capabilities) { () async throws(Failure) in
            try await perform([.text("CAPABILITY")])
        }
        guard completion.status.kind == .ok else { return nil }
        for case .capability(let atoms) in completion.data { capabilities = atoms }
        return capabilities
    }

    /// STARTTLS (§6.2.1); OK is the go-ahead.
    mutating func askForTLS() async throws(Failure) -> IMAPStatus {
        try await conversation.during(.starttls) { () async throws(Failure) in
            try await perform([.text("STARTTLS")]).status
        }
    }

    mutating func startTLS(as host: DomainName?) async throws(Failure) -> TLSHandshake {
        capabilities = nil
        return try await conversation.startTLS(as: host)
    }

    func offers(_ capability: String) -> Bool {
        (capabilities ?? []).contains { $0.uppercasedASCII == capability.uppercasedASCII }
    }

    /// SASL mechanisms in upper case: `AUTH=PLAIN` (§7.2.2).
    static func mechanisms(in capabilities: [String]) -> [String] {
        var found: [String] = []
        for atom in capabilities.map(\.uppercasedASCII) where atom.hasPrefix("AUTH=") {
            let name = String(atom.dropFirst("AUTH=".count))
            if !name.isEmpty, !found.contains(name) { found.append(name) }
        }
        return found
    }

    /// AUTHENTICATE PLAIN (§6.2.2) with an initial response where SASL-IR is offered (RFC 4959); LOGIN (§6.2.3)
    /// otherwise.
    mutating func logIn(_ credentials: Credentials) async throws(Failure) -> IMAPStatus {
        credentials.hide(in: &conversation.transcript)
        return try await conversation.during(.auth) { () async throws(Failure) -> IMAPStatus in
            if offers("AUTH=PLAIN") {
                let response = IMAPPart.secret(credentials.plain)
                let isInitial = offers("SASL-IR")
                return try await perform(
                    [.text("AUTHENTICATE PLAIN"), isInitial ? .text(" ") : .goAhead, response]
                ).status
            }
            return try await perform([
                .text("LOGIN "), .string(Array(credentials.user.utf8)), .text(" "),
                .secretString(credentials.password.reveal()),
            ]).status
        }
    }

    /// The mailbox marked `\Junk` (RFC 6154 §2), or, where none is marked, one that goes by a usual name; as the
    /// server names it. nil where there is none, and where the server does not list them: the inbox is there all the same.
    mutating func junkMailbox() async throws(Failure) -> [UInt8]? {
        let listing = try await perform([.text("LIST \"\" \"*\"")])
        var named: [UInt8]?
        for case .list(let attributes, let mailbox) in listing.data {
            let marks = attributes.map(\.uppercasedASCII)
            guard !marks.contains("\\NOSELECT"), !marks.contains("\\NONEXISTENT"), IMAPPart.isSendable(mailbox) else {
                continue
            }
            if marks.contains("\\JUNK") { return mailbox }
            let last = String(decoding: mailbox, as: UTF8.self).uppercasedASCII.split(whereSeparator: {
                "/.".contains($0)
            }).last
            if named == nil, let last, ["JUNK", "SPAM", "JUNK E-MAIL", "JUNK EMAIL", "BULK MAIL"].contains(last) {
                named = mailbox
            }
        }
        return named
    }

    /// SELECT (§6.3.2): how many messages there are; nil where the mailbox cannot be selected.
    mutating func select(_ mailbox: [UInt8]) async throws(Failure) -> UInt32? {
        let completion = try await perform([.text("SELECT "), .string(mailbox)])
        guard completion.status.kind == .ok else { return nil }
        var count: UInt32 = 0
        for case .exists(let number) in completion.data { count = number }
        return count
    }

    /// UID SEARCH HEADER (§6.4.4): the messages with `text` in the field `name`; nil where the server will not search.
    mutating func search(header name: String, contains text: String) async throws(Failure) -> [UInt32]? {
        let completion = try await perform([
            .text("UID SEARCH HEADER "), .string(Array(name.utf8)), .text(" "), .string(Array(text.utf8)),
        ])
        guard completion.status.kind == .ok else { return nil }
        var found: Set<UInt32> = []
        for case .search(let numbers) in completion.data { found.formUnion(numbers) }
        return found.sorted()
    }

    /// A message that was fetched in part.
    struct Fetched: Hashable {
        var uid: UInt32
        var octets: [UInt8]
    }

    /// The header fields `names` of the messages numbered `numbers`, by FETCH (§6.4.5); nothing is marked as seen.
    mutating func headerFields(_ names: [String], of numbers: ClosedRange<UInt32>) async throws(Failure) -> [Fetched] {
        let list = names.joined(separator: " ")
        return try await fetch(
            "FETCH \(numbers.lowerBound):\(numbers.upperBound) (UID BODY.PEEK[HEADER.FIELDS (\(list))])"
        )
    }

    /// The whole message, at most `limit` octets of it; nil where it is gone.
    mutating func message(_ uid: UInt32, limit: Int) async throws(Failure) -> [UInt8]? {
        try await fetch("UID FETCH \(uid) (UID BODY.PEEK[]<0.\(limit)>)").first { $0.uid == uid }?.octets
    }

    private mutating func fetch(_ command: String) async throws(Failure) -> [Fetched] {
        let data = try expectOK(try await perform([.text(command)]), .fetchProtocol)
        return data.compactMap { data in
            guard case .fetch(_, let items) = data, let uid = items.first(where: { $0.name == "UID" })?.value.number,
                let body = items.first(where: { $0.name.hasPrefix("BODY[") })?.value.octets
            else { return nil }
            return Fetched(uid: uid, octets: body)
        }
    }

    /// Removes these messages and no others: UID STORE +FLAGS (\Deleted), then UID EXPUNGE (RFC 4315 §2.1). Without
    /// UIDPLUS, EXPUNGE would take whatever else is marked as deleted along, so it is said only where a search finds
    /// nothing else so marked; otherwise the messages stay marked, for their owner's next EXPUNGE.
    mutating func remove(_ uids: [UInt32]) async throws(Failure) {
        guard !uids.isEmpty else { return }
        let set = uids.map(String.init).joined(separator: ",")
        _ = try expectOK(try await perform([.text("UID STORE \(set) +FLAGS.SILENT (\\Deleted)")]), .fetchProtocol)
        if offers("UIDPLUS") || offers("IMAP4rev2") {
            _ = try expectOK(try await perform([.text("UID EXPUNGE \(set)")]), .fetchProtocol)
            return
        }
        let data = try expectOK(try await perform([.text("UID SEARCH DELETED")]), .fetchProtocol)
        var marked: Set<UInt32> = []
        for case .search(let numbers) in data { marked.formUnion(numbers) }
        if marked.isSubset(of: uids) { _ = try await perform([.text("EXPUNGE")]) }
    }

    /// LOGOUT (§6.1.3). What is answered does not matter.
    mutating func logOut() async {
        commands += 1
        await conversation.farewell("A\(commands) LOGOUT")
    }
}

/// A part of a command. Only ``text(_:)`` goes out as written, and only literals of this file's make one.
enum IMAPPart: Hashable, Sendable {
    case text(String)
    /// A string: quoted where it can be (§4.3), otherwise a literal.
    case string([UInt8])
    case secretString([UInt8])
    /// Sent as it is, shown as `***`: base64.
    case secret([UInt8])
    /// Ends the line and waits for the server's `+`.
    case goAhead

    struct Line: Hashable {
        var octets: [UInt8]
        var shown: String
    }

    /// Whether a string can be sent at all: NUL never (§4.3), line ends not by us.
    static func isSendable(_ string: [UInt8]) -> Bool { !string.contains { $0 == 0 || $0 == 13 || $0 == 10 } }

    private static func isQuotable(_ string: [UInt8]) -> Bool { string.allSatisfy { (32...126).contains($0) } }

    private static func quoted(_ string: [UInt8]) -> [UInt8] {
        [34] + string.flatMap { $0 == 34 || $0 == 92 ? [92, $0] : [$0] } + [34]
    }

    /// The lines of a command: each but the last ends where the server's go-ahead is due.
    static func lines(_ tag: [UInt8], _ parts: [IMAPPart]) -> [Line] {
        var lines: [Line] = []
        var line = Line(octets: tag, shown: String(decoding: tag, as: UTF8.self))
        func add(_ octets: [UInt8], shown: String? = nil) {
            line.octets += octets
            line.shown += shown ?? String(decoding: octets, as: UTF8.self)
        }
        func breakLine() {
            lines.append(line)
            line = Line(octets: [], shown: "")
        }
        func addString(_ string: [UInt8], shown: String?) {
            if isQuotable(string) { return add(quoted(string), shown: shown) }
            add(Array("{\(string.count)}".utf8))
            breakLine()
            add(string, shown: shown)
        }
        for part in parts {
            switch part {
            case .text(let text): add(Array(text.utf8))
            case .string(let string): addString(string, shown: nil)
            case .secretString(let string): addString(string, shown: "***")
            case .secret(let octets): add(octets, shown: "***")
            case .goAhead: breakLine()
            }
        }
        return lines + [line]
    }
}
