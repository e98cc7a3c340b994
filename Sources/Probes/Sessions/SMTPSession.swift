internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// A client's side of SMTP (RFC 5321) and submission (RFC 6409), in the order it is spoken: greeting, EHLO, STARTTLS,
/// EHLO again, AUTH, MAIL, RCPT, DATA, QUIT.
///
/// It says what it is told to say and gives back what was answered; whether that is good is for its callers. It leaves
/// out pipelining, chunking, internationalized addresses and every mechanism of AUTH but PLAIN and LOGIN.
struct SMTPSession {
    let conversation: Conversation
    /// What the last EHLO told; nil before it, after HELO, and after STARTTLS (RFC 3207 §4.2: forgotten).
    private(set) var extensions: SMTPExtensions?

    /// RFC 5321 §4.5.3.1.5 has 512 octets for a reply line; servers exceed it.
    static let maximumLine = 4_096
    static let maximumLines = 128

    init(_ conversation: Conversation) { self.conversation = conversation }

    // MARK: Replies

    /// Reads a whole reply. Its lines have one code (§4.2.1).
    func reply() async throws(Failure) -> SMTPReply {
        try await reply(beginningWith: try await conversation.hear(limit: Self.maximumLine))
    }

    /// The same, where the server has begun to answer within `seconds`; throws `timeout` otherwise.
    func reply(within seconds: Double) async throws(Failure) -> SMTPReply {
        guard let first = try await conversation.hear(limit: Self.maximumLine, within: seconds) else {
            let time = seconds < 10 ? "\((seconds * 10).rounded() / 10)" : "\(Int(seconds))"
            throw conversation.failure(.timeout, "no answer within \(time) s")
        }
        return try await reply(beginningWith: first)
    }

    private func reply(beginningWith first: [UInt8]) async throws(Failure) -> SMTPReply {
        var lines: [[UInt8]] = []
        var code: Int?
        var octets = first
        while lines.count < Self.maximumLines {
            guard let line = SMTPReply.Line(octets) else {
                throw conversation.violation("this is no reply of SMTP", quoting: octets)
            }
            if let code, code != line.code {
                throw conversation.violation("the reply begins with \(code) and goes on", quoting: octets)
            }
            code = line.code
            lines.append(line.text)
            if line.isLast {
                return SMTPReply(
                    code: line.code, enhancedCode: SMTPReply.enhancedCode(in: lines.first ?? []), lines: lines)
            }
            octets = try await conversation.hear(limit: Self.maximumLine)
        }
        throw conversation.violation("the reply has more than \(Self.maximumLines) lines")
    }

    /// Says a command and hears the whole reply.
    func ask(_ command: String) async throws(Failure) -> SMTPReply {
        try await conversation.say(command)
        return try await reply()
    }

    /// The failure that a refusing reply is.
    func refusal(_ cause: Failure.Cause, _ reply: SMTPReply) -> Failure {
        conversation.failure(cause, conversation.quote(reply.summary))
    }

    // MARK: In the order of the conversation

    /// The first reply, whatever its code (§3.1): 220, or 554 and 421 and what else servers say.
    func greeting() async throws(Failure) -> SMTPReply {
        try await conversation.during(.greeting) { () async throws(Failure) in try await reply() }
    }

    /// EHLO (§4.1.1.1). A positive reply sets ``extensions``.
    mutating func ehlo(_ name: EHLOName) async throws(Failure) -> SMTPReply {
        extensions = nil
        let reply = try await conversation.during(.capabilities) { () async throws(Failure) in
            try await ask("EHLO \(name)")
        }
        if reply.kind == .positive { extensions = SMTPExtensions(reply) }
        return reply
    }

    /// HELO, for servers that do not know EHLO (§3.2).
    func helo(_ name: EHLOName) async throws(Failure) -> SMTPReply {
        try await conversation.during(.capabilities) { () async throws(Failure) in try await ask("HELO \(name)") }
    }

    /// STARTTLS (RFC 3207 §4): the reply; 220 is the go-ahead.
    func askForTLS() async throws(Failure) -> SMTPReply {
        try await conversation.during(.starttls) { () async throws(Failure) in try await ask("STARTTLS") }
    }

    /// The handshake, behind the go-ahead or at once.
    mutating func startTLS(as host: DomainName?) async throws(Failure) -> TLSHandshake {
        extensions = nil
        return try await conversation.startTLS(as: host)
    }

    /// AUTH with PLAIN (RFC 4616) or, where only that is offered, LOGIN; the last reply: 235 is success
    /// (RFC 4954 §6). Throws `auth_failed` where neither is offered.
    func authenticate(_ credentials: Credentials) async throws(Failure) -> SMTPReply {
        credentials.hide(in: &conversation.transcript)
        let mechanisms = extensions?.mechanisms ?? []
        return try await conversation.during(.auth) { () async throws(Failure) -> SMTPReply in
            if mechanisms.contains("PLAIN") { return try await plain(credentials) }
            if mechanisms.contains("LOGIN") { return try await login(credentials) }
            throw conversation.failure(
                .authFailed,
                mechanisms.isEmpty
                    ? "the server offers no authentication"
                    : "the server offers neither PLAIN nor LOGIN, but \(printable(mechanisms.joined(separator: " ")))")
        }
    }

    private func plain(_ credentials: Credentials) async throws(Failure) -> SMTPReply {
        let response = credentials.plain
        let command = Array("AUTH PLAIN ".utf8) + response
        // RFC 4954 §4: where the command would exceed 512 octets, the response waits for the challenge.
        if command.count <= 510 {
            try await conversation.say(command, shown: "AUTH PLAIN ***")
            return try await reply()
        }
        let challenge = try await ask("AUTH PLAIN")
        guard challenge.code == 334 else { return challenge }
        try await conversation.say(response, shown: "***")
        return try await reply()
    }

    private func login(_ credentials: Credentials) async throws(Failure) -> SMTPReply {
        let forUser = try await ask("AUTH LOGIN")
        guard forUser.code == 334 else { return forUser }
        try await conversation.say(credentials.loginUser, shown: "***")
        let forPassword = try await reply()
        guard forPassword.code == 334 else { return forPassword }
        try await conversation.say(credentials.loginPassword, shown: "***")
        return try await reply()
    }

    /// MAIL (§4.1.1.2), with SIZE (RFC 1870) and BODY=8BITMIME (RFC 6152) where they are offered.
    /// - Parameter size: of the message, in octets.
    func mail(from sender: SMTPPath, size: Int) async throws(Failure) -> SMTPReply {
        var command = "MAIL FROM:\(sender)"
        if extensions?.offers("SIZE") == true { command += " SIZE=\(size)" }
        if extensions?.offers("8BITMIME") == true { command += " BODY=8BITMIME" }
        let whole = command
        return try await conversation.during(.mail) { () async throws(Failure) in try await ask(whole) }
    }

    /// RCPT (§4.1.1.3).
    func rcpt(to recipient: SMTPPath) async throws(Failure) -> SMTPReply {
        try await conversation.during(.rcpt) { () async throws(Failure) in try await ask("RCPT TO:\(recipient)") }
    }

    /// What came of DATA.
    enum Handover: Hashable, Sendable {
        /// The server's word on the message: 250 means that it has taken it over (§6.1).
        case answered(SMTPReply)
        /// The whole message was sent, at this moment by the conversation's clock, and no answer came: the server may
        /// have it or not (§4.5.3.2.6 would wait ten minutes).
        case inDoubt(Failure, sentAt: Double)
    }

    /// DATA (§4.1.1.4) and the message.
    /// - Parameter patience: seconds in which the server has to begin its answer to the message.
    func data(_ message: [UInt8], patience: Double) async throws(Failure) -> Handover {
        try await conversation.during(.data) { () async throws(Failure) -> Handover in
            let goAhead = try await ask("DATA")
            guard goAhead.code == 354 else { return .answered(goAhead) }
            try await conversation.send(Self.stuffed(message), shown: "(\(message.count) octets of message)")
            let sentAt = conversation.clock()
            do throws(Failure) {
                return .answered(try await reply(within: patience))
            } catch {
                return .inDoubt(error, sentAt: sentAt)
            }
        }
    }

    /// QUIT (§4.1.1.10). What is answered, and whether anything is, does not matter.
    func quit() async {
        await conversation.farewell("QUIT")
    }

    /// As DATA carries it: lines end in CRLF whatever they ended in, a dot that begins one is doubled (§4.5.2),
    /// and a dot alone ends it.
    static func stuffed(_ message: [UInt8]) -> [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(message.count + message.count / 32 + 5)
        var atStart = true
        var index = 0
        while index < message.count {
            let octet = message[index]
            index += 1
            switch octet {
            case 13, 10:
                if octet == 13, index < message.count, message[index] == 10 { index += 1 }
                wire += [13, 10]
                atStart = true
            default:
                if atStart, octet == UInt8(ascii: ".") { wire.append(octet) }
                wire.append(octet)
                atStart = false
            }
        }
        if !atStart { wire += [13, 10] }
        return wire + Array(".\r\n".utf8)
    }
}
