/// One conversation of a ``MailboxServer`` in POP3.
final class POP3ServerSession {
    private let server: MailboxServer
    private let talk: LabConversation
    private var name: String?
    private var user: String?
    /// The mailbox as it was at login (RFC 1939 §4).
    private var messages: [MailStore.Message] = []
    private var deleted: Set<UInt32> = []
    private var failures = 0

    init(_ server: MailboxServer, _ talk: LabConversation) {
        self.server = server
        self.talk = talk
    }

    func run() async throws {
        try await talk.say(lines: ["+OK \(server.host) ready."], at: .greeting, more: "+OK one moment")
        while true {
            let text = String(decoding: try await talk.line(limit: 12_288), as: UTF8.self)
            let verb = text.prefix { $0 != " " }.uppercased()
            let rest = text.dropFirst(verb.count).trimmed
            switch verb {
            case "CAPA": try await capabilities()
            case "NOOP" where user != nil: try await talk.say("+OK")
            case "QUIT":
                if let user { await server.store.remove(deleted, from: "INBOX", of: user) }  // UPDATE state, §6
                try await talk.say("+OK Logging out.")
                return
            default:
                let isDone = user == nil ? try await introduce(verb, rest) : try await serve(verb, rest)
                if !isDone {
                    failures += 1
                    if failures > 20 { throw Hangup.closed }
                    try await talk.say("-ERR Unknown command, or not now.")
                }
            }
        }
    }

    private var canStartTLS: Bool {
        server.identity != nil && !talk.isSecure && server.faults.upgrade != .notOffered
    }

    private var canLogIn: Bool { talk.isSecure || server.faults.authInClear }

    private func capabilities() async throws {
        var names = ["TOP", "UIDL", "RESP-CODES", "PIPELINING"]
        if canStartTLS { names.append("STLS") }
        if canLogIn, user == nil { names += ["USER", "SASL PLAIN"] }
        try await talk.say(lines: ["+OK"] + names + ["."], at: .capabilities, more: "X-MORE")
    }

    // MARK: AUTHORIZATION (RFC 1939 §4)

    private func introduce(_ verb: String, _ argument: String) async throws -> Bool {
        switch verb {
        case "STLS":
            guard canStartTLS, let identity = server.identity else { return false }
            if server.faults.upgrade == .refused {
                try await talk.say("-ERR TLS is not available at the moment.")
                return true
            }
            let injected = server.faults.upgrade == .injectsPlaintext ? "+OK injected\r\n" : ""
            try await talk.startTLS(
                .server(identity.context), goAhead: "+OK Begin TLS negotiation now.", injecting: injected)
            name = nil
        case "USER", "PASS", "AUTH":
            guard canLogIn else {
                try await talk.say("-ERR [AUTH] Plaintext authentication disallowed without TLS.")
                return true
            }
            return try await logIn(verb, argument)
        default: return false
        }
        return true
    }

    private func logIn(_ verb: String, _ argument: String) async throws -> Bool {
        switch verb {
        case "USER":
            name = argument
            try await talk.say("+OK")
        case "PASS":
            guard let name else { return false }
            try await admit((name, argument))
        default:
            if argument.isEmpty {  // RFC 5034 §4: which mechanisms there are
                try await talk.say("+OK", "PLAIN", ".")
                return true
            }
            let words = argument.split(separator: " ", maxSplits: 1)
            guard words.first?.uppercased() == "PLAIN" else { return false }
            let response: [UInt8]
            if words.count > 1 {
                response = Array(words[1].utf8)
            } else {
                try await talk.say("+ ")
                response = try await talk.line(limit: 12_288)
            }
            guard let credentials = SASL.plain(SASL.decoded(response)) else {
                try await talk.say("-ERR Cannot decode response.")
                return true
            }
            try await admit(credentials)
        }
        return true
    }

    private func admit(_ credentials: (user: String, password: String)) async throws {
        guard await server.store.admits(user: credentials.user, password: credentials.password) else {
            try await Task.sleep(for: .milliseconds(500))
            return try await talk.say(
                lines: ["-ERR [AUTH] Authentication failed."], at: .login, more: "+OK one moment")
        }
        user = credentials.user.lowercased()
        messages = await server.store.mailbox("INBOX", of: credentials.user)?.messages ?? []
        try await talk.say(lines: ["+OK Logged in."], at: .login, more: "+OK one moment")
    }

    // MARK: TRANSACTION (RFC 1939 §5)

    private func serve(_ verb: String, _ argument: String) async throws -> Bool {
        let words = argument.split(separator: " ")
        switch verb {
        case "STAT":
            let left = messages.filter { !deleted.contains($0.uid) }
            try await talk.say("+OK \(left.count) \(left.reduce(0) { $0 + $1.octets.count })")
        case "LIST": try await table(words.first) { String($0.octets.count) }
        case "UIDL": try await table(words.first) { "lab\($0.uid)" }
        case "RSET":
            deleted = []
            try await talk.say("+OK")
        case "RETR", "TOP", "DELE":
            guard let message = words.first.flatMap({ message($0) }) else {
                try await talk.say("-ERR There's no such message.")
                return true
            }
            if verb == "DELE" {
                deleted.insert(message.uid)
                try await talk.say("+OK Marked to be deleted.")
            } else {
                let lines = verb == "TOP" ? words.dropFirst().first.flatMap { Int($0) } : nil
                if verb == "TOP", lines == nil { return false }
                try await send(message, bodyLines: lines)
            }
        default: return false
        }
        return true
    }

    private func message(_ number: Substring) -> MailStore.Message? {
        guard number.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(number),
            messages.indices.contains(number - 1), !deleted.contains(messages[number - 1].uid)
        else { return nil }
        return messages[number - 1]
    }

    private func table(_ number: Substring?, _ value: (MailStore.Message) -> String) async throws {
        if let number {
            guard let message = message(number) else { return try await talk.say("-ERR There's no such message.") }
            return try await talk.say("+OK \(number) \(value(message))")
        }
        let lines = messages.enumerated().filter { !deleted.contains($0.element.uid) }
            .map { "\($0.offset + 1) \(value($0.element))" }
        try await talk.say(lines: ["+OK \(lines.count) messages:"] + lines + ["."])
    }

    private func send(_ message: MailStore.Message, bodyLines: Int?) async throws {
        var octets = message.octets
        if let bodyLines {
            var end = Header.end(of: octets)
            var left = bodyLines
            while left > 0, let feed = octets[end...].firstIndex(of: 10) {
                end = feed + 1
                left -= 1
            }
            octets = Array(octets[..<end])
        }
        // The dots of RFC 1939 §3 are those of SMTP.
        try await talk.say(
            octets: Array("+OK \(octets.count) octets\r\n".utf8) + SMTPClient.stuffed(octets), at: .fetch,
            more: "one moment")
    }
}
