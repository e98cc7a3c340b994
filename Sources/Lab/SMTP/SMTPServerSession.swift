internal import DNS
internal import Mail

/// One conversation of an ``SMTPServer``, in the order it is spoken (RFC 5321 §3).
final class SMTPServerSession {
    private let server: SMTPServer
    private let talk: LabConversation
    private let greylist: Greylist
    private var helo: String?
    private var isExtended = false
    private var user: String?
    private var sender: String?
    private var recipients: [String] = []
    private var failures = 0

    private static let recipientLimit = 100

    init(_ server: SMTPServer, _ talk: LabConversation, _ greylist: Greylist) {
        self.server = server
        self.talk = talk
        self.greylist = greylist
    }

    func run() async throws {
        try await greet()
        while true {
            let line: [UInt8]
            do {
                line = try await talk.line()
            } catch .tooLong {
                try await talk.say("500 5.5.2 Line too long")
                throw Hangup.tooLong
            }
            let text = String(decoding: line, as: UTF8.self)
            let verb = text.prefix { $0 != " " }.uppercased()
            let rest = text.dropFirst(verb.count).trimmed
            switch verb {
            case "EHLO", "HELO": try await hello(rest, extended: verb == "EHLO")
            case "STARTTLS": try await startTLS()
            case "AUTH": try await authenticate(rest)
            case "MAIL": try await mail(rest)
            case "RCPT": try await recipient(rest)
            case "DATA": try await data()
            case "RSET":
                forgetMessage()
                try await talk.say("250 2.0.0 Ok")
            case "NOOP": try await talk.say("250 2.0.0 Ok")
            case "VRFY": try await talk.say("252 2.5.0 Send some mail, I'll try my best")  // RFC 5321 §3.5.3
            case "QUIT":
                try await talk.say("221 2.0.0 Bye")
                return
            default:
                failures += 1
                if failures > 20 {
                    try await talk.say("421 4.7.0 \(server.host) Error: too many errors")
                    return
                }
                try await talk.say("502 5.5.2 Error: command not recognized")
            }
        }
    }

    private func greet() async throws {
        if let refusal = server.faults.refusal {
            try await talk.say(refusal)
            if refusal.hasPrefix("421") { throw Hangup.closed }  // RFC 5321 §3.8
            return try await refuseAll()
        }
        if let seconds = server.faults.slowGreeting {
            try await talk.say("220-\(server.host) ESMTP")
            try await Task.sleep(for: .seconds(seconds))
        }
        try await talk.say(lines: ["220 \(server.host) ESMTP"], at: .greeting, more: "220-\(server.host) one moment")
    }

    /// After a 554 greeting only QUIT is worth saying (RFC 5321 §3.1).
    private func refuseAll() async throws {
        while true {
            let line = try await talk.line()
            if String(decoding: line, as: UTF8.self).uppercased() == "QUIT" {
                try await talk.say("221 2.0.0 Bye")
                throw Hangup.closed
            }
            try await talk.say("503 5.5.1 Bad sequence of commands")
        }
    }

    // MARK: EHLO, STARTTLS, AUTH

    private func hello(_ name: String, extended: Bool) async throws {
        guard !name.isEmpty, name.utf8.count <= 255 else {
            return try await talk.say("501 5.5.4 Syntax: EHLO hostname")
        }
        forgetMessage()
        helo = name
        isExtended = extended
        var lines = [server.host]
        if extended {
            lines += ["PIPELINING", "SIZE \(server.sizeLimit)"]
            if canStartTLS { lines.append("STARTTLS") }
            if canAuthenticate { lines.append("AUTH PLAIN LOGIN") }
            lines += ["ENHANCEDSTATUSCODES", "8BITMIME"]
        }
        let last = lines.count - 1
        let reply = lines.enumerated().map { "250\($0 == last ? " " : "-")\($1)" }
        try await talk.say(lines: reply, at: .capabilities, more: "250-X-MORE")
    }

    private var canStartTLS: Bool {
        server.identity != nil && !talk.isSecure && server.faults.upgrade != .notOffered
    }

    private var canAuthenticate: Bool {
        (server.role != .exchange || server.faults.authInClear) && (talk.isSecure || server.faults.authInClear)
    }

    private func startTLS() async throws {
        guard canStartTLS, let identity = server.identity else {
            return try await talk.say("502 5.5.1 STARTTLS is not available")
        }
        if server.faults.upgrade == .refused {
            return try await talk.say("454 4.7.0 TLS not available due to local problem")
        }
        if server.faults.upgrade == .enforcesOrder, talk.hasHeardMore {
            try await talk.say("554 5.5.0 Error: SMTP protocol synchronization")
            throw Hangup.closed
        }
        let injected = server.faults.upgrade == .injectsPlaintext ? "250-injected.example\r\n250 AUTH PLAIN\r\n" : ""
        try await talk.startTLS(
            .server(identity.context), goAhead: "220 2.0.0 Ready to start TLS", injecting: injected)
        // RFC 3207 §4.2: everything said before is forgotten.
        helo = nil
        user = nil
        forgetMessage()
    }

    private func authenticate(_ argument: String) async throws {
        guard helo != nil, user == nil, sender == nil else { return try await talk.say("503 5.5.1 Bad sequence") }
        guard canAuthenticate else {
            return try await talk.say(
                talk.isSecure ? "503 5.5.1 AUTH is not available" : "530 5.7.0 Must issue a STARTTLS command first")
        }
        let words = argument.split(separator: " ", maxSplits: 1)
        let credentials: (user: String, password: String)?
        switch words.first?.uppercased() {
        case "PLAIN":  // RFC 4616
            credentials = SASL.plain(try await response(initial: words.dropFirst().first, prompt: ""))
        case "LOGIN":
            let name = try await response(initial: words.dropFirst().first, prompt: "VXNlcm5hbWU6")
            let password = try await response(initial: nil, prompt: "UGFzc3dvcmQ6")
            credentials = SASL.login(name, password)
        default:
            return try await talk.say("504 5.5.4 Unrecognized authentication type")
        }
        guard let credentials else { return try await talk.say("501 5.5.2 Cannot decode response") }
        if await server.store.admits(user: credentials.user, password: credentials.password) {
            user = credentials.user.lowercased()
            try await talk.say(
                lines: ["235 2.7.0 Authentication successful"], at: .login, more: "235-2.7.0 one moment")
        } else {
            try await Task.sleep(for: .milliseconds(500))
            try await talk.say(
                lines: ["535 5.7.8 Error: authentication failed"], at: .login, more: "535-5.7.8 one moment")
        }
    }

    private func response(initial: Substring?, prompt: String) async throws -> [UInt8]? {
        if let initial { return initial == "=" ? [] : SASL.decoded(Array(initial.utf8)) }  // RFC 4954 §4
        try await talk.say("334 \(prompt)")
        return SASL.decoded(try await talk.line(limit: 12_288))
    }

    // MARK: MAIL, RCPT, DATA

    private func mail(_ argument: String) async throws {
        guard helo != nil else { return try await talk.say("503 5.5.1 Error: send HELO/EHLO first") }
        guard sender == nil else { return try await talk.say("503 5.5.1 Error: nested MAIL command") }
        if server.role != .exchange, user == nil {
            return try await talk.say(
                canAuthenticate
                    ? "530 5.7.0 Authentication required" : "530 5.7.0 Must issue a STARTTLS command first")
        }
        guard let path = Path(argument, after: "FROM:") else {
            return try await talk.say("501 5.1.7 Syntax: MAIL FROM:<address>")
        }
        if let size = path.parameters["SIZE"].flatMap({ Int($0) }), size > server.sizeLimit {
            return try await talk.say("552 5.3.4 Message size exceeds fixed limit")  // RFC 1870 §6.1
        }
        if let unknown = path.parameters.keys.first(where: { !["SIZE", "BODY"].contains($0) }) {
            _ = unknown
            return try await talk.say("555 5.5.4 Unsupported option")
        }
        sender = path.address
        try await talk.say(lines: ["250 2.1.0 Ok"], at: .sender, more: "250-2.1.0 one moment")
    }

    private func recipient(_ argument: String) async throws {
        guard let sender else { return try await talk.say("503 5.5.1 Error: need MAIL command") }
        guard let path = Path(argument, after: "TO:"), !path.address.isEmpty else {
            return try await talk.say("501 5.1.3 Syntax: RCPT TO:<address>")
        }
        guard recipients.count < Self.recipientLimit else {
            return try await talk.say("452 4.5.3 Error: too many recipients")
        }
        let refusal = await self.refusal(of: path.address, from: sender)
        if refusal == nil { recipients.append(path.address) }
        try await talk.say(
            lines: [(refusal ?? SMTPAnswer(250, "2.1.5 Ok")).description], at: .recipient,
            more: "250-2.1.5 one moment")
    }

    private func refusal(of recipient: String, from sender: String) async -> SMTPAnswer? {
        switch server.faults.recipient {
        case .rejected:
            return SMTPAnswer(550, "5.1.1 <\(recipient)>: Recipient address rejected")
        case .greylisted(let times):
            let attempt = greylist.attempt(client: talk.peer.description, sender: sender, recipient: recipient)
            if attempt <= times {
                return SMTPAnswer(451, "4.7.1 <\(recipient)>: Recipient address rejected: Greylisted, try again later")
            }
        case nil: break
        }
        return await server.taker.refusal(of: recipient, from: await client())
    }

    private func data() async throws {
        guard let sender, !recipients.isEmpty else {
            return try await talk.say(
                sender == nil ? "503 5.5.1 Error: need MAIL command" : "554 5.5.1 Error: no valid recipients")
        }
        try await talk.say("354 End data with <CR><LF>.<CR><LF>")
        guard let octets = try await message() else {
            forgetMessage()
            return try await talk.say("552 5.3.4 Error: message file too big")
        }
        let id = server.facilities.makeID()
        let client = await client()
        let envelope = Envelope(
            sender: sender, recipients: recipients, octets: received(client, id: id) + octets, client: client, id: id)
        let answer = await server.taker.take(envelope, by: server.host)
        forgetMessage()
        try await talk.say(lines: [answer.description], at: .message, more: "250-2.0.0 one moment")
    }

    /// Lines up to the lone dot, dots unstuffed (RFC 5321 §4.5.2); nil where they are more than the limit.
    private func message() async throws -> [UInt8]? {
        var octets: [UInt8] = []
        var isTooBig = false
        while true {
            let line = try await talk.line(limit: 65_536, strictly: true)
            if line == [UInt8(ascii: ".")] { return isTooBig ? nil : octets }
            if octets.count + line.count > server.sizeLimit {
                isTooBig = true
                octets = []
            }
            if isTooBig { continue }
            octets += line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]
            octets += [13, 10]
        }
    }

    private func client() async -> Envelope.Client {
        Envelope.Client(
            address: talk.peer, helo: helo ?? "", name: await server.facilities.reverseName(talk.peer),
            tls: talk.isSecure ? await talk.link.tlsDescription() : nil, user: user)
    }

    /// The trace field (RFC 5321 §4.4) in Postfix's form. What the client says of itself is made harmless.
    private func received(_ client: Envelope.Client, id: String) -> [UInt8] {
        let helo = String(
            client.helo.unicodeScalars.map {
                ("!"..."~").contains($0) && !"()<>\\".unicodeScalars.contains($0) ? Character($0) : "?"
            })
        let literal = client.address.family == .ipv6 ? "IPv6:\(client.address)" : "\(client.address)"
        // RFC 3848
        let with =
            (isExtended ? "ESMTP" : "SMTP") + (isExtended && client.tls != nil ? "S" : "")
            + (isExtended && client.user != nil ? "A" : "")
        var lines = ["Received: from \(helo) (\(client.name ?? "unknown") [\(literal)])"]
        if let tls = client.tls { lines.append("\t(using \(tls))") }
        if client.user != nil { lines.append("\t(Authenticated sender)") }
        lines.append("\tby \(server.host) (mailsonde lab) with \(with) id \(id)")
        if recipients.count == 1, let only = recipients.first {
            lines.append("\tfor <\(only)>; \(server.facilities.now().headerDate)")
        } else {
            lines[lines.count - 1] += ";"
            lines.append("\t\(server.facilities.now().headerDate)")
        }
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }

    private func forgetMessage() {
        sender = nil
        recipients = []
    }
}

/// `FROM:<address> KEY=value …` (RFC 5321 §4.1.1.2).
struct Path {
    var address: String
    /// Keys in upper case.
    var parameters: [String: String] = [:]

    /// Only what may stand in a header field later: visible ASCII without angle brackets, at most 254 octets.
    init?(_ argument: String, after keyword: String) {
        guard argument.uppercased().hasPrefix(keyword) else { return nil }
        let rest = argument.dropFirst(keyword.count).trimmed
        guard rest.hasPrefix("<"), let end = rest.firstIndex(of: ">") else { return nil }
        address = String(rest[rest.index(after: rest.startIndex)..<end])
        guard address.utf8.count <= 254, address.utf8.allSatisfy({ (33...126).contains($0) && $0 != 60 }) else {
            return nil
        }
        if !address.isEmpty, !address.contains("@") { return nil }
        for parameter in rest[rest.index(after: end)...].split(separator: " ") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            parameters[parts[0].uppercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at the ends.
    var trimmed: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
