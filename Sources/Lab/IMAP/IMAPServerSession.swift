internal import Mail

/// One conversation of a ``MailboxServer`` in IMAP.
final class IMAPServerSession {
    private let server: MailboxServer
    private let talk: LabConversation
    private let reader: IMAPCommandReader
    private var user: String?
    private var selected: (name: String, isReadOnly: Bool)?
    /// The messages as this session knows them: sequence numbers count in here (RFC 9051 §2.3.1.2).
    private var messages: [MailStore.Message] = []
    private var failures = 0

    init(_ server: MailboxServer, _ talk: LabConversation) {
        self.server = server
        self.talk = talk
        reader = IMAPCommandReader(talk)
    }

    func run() async throws {
        try await talk.say(
            lines: ["* OK [CAPABILITY \(capabilities)] \(server.host) ready."], at: .greeting, more: "* OK one moment")
        while true {
            do {
                let command = try await reader.next()
                if try await !answer(command) { return }
            } catch let error as IMAPSyntaxError {
                failures += 1
                if failures > 20 {
                    try await talk.say("* BYE Too many errors")
                    return
                }
                try await talk.say("\(error.tag ?? "*") BAD Error in IMAP command")
            } catch Hangup.tooLong {
                try await talk.say("* BYE Command too long")
                return
            }
        }
    }

    private var canStartTLS: Bool {
        server.identity != nil && !talk.isSecure && server.faults.upgrade != .notOffered
    }

    private var canLogIn: Bool { talk.isSecure || server.faults.authInClear }

    private var capabilities: String {
        var names = ["IMAP4rev1", "SASL-IR", "LITERAL+", "UIDPLUS", "SPECIAL-USE", "ID"]
        if canStartTLS { names.append("STARTTLS") }
        names.append(canLogIn ? "AUTH=PLAIN" : "LOGINDISABLED")  // RFC 9051 §6.2.3
        return names.joined(separator: " ")
    }

    /// False when the conversation is over.
    private func answer(_ command: IMAPCommand) async throws -> Bool {
        switch command.name {
        case "CAPABILITY":
            try await talk.say(
                lines: ["* CAPABILITY \(capabilities)", "\(command.tag) OK Capability completed."], at: .capabilities,
                more: "* OK one moment")
        case "NOOP", "CHECK":
            try await refresh()
            try await ok(command)
        case "LOGOUT":
            try await talk.say("* BYE Logging out", "\(command.tag) OK Logout completed.")
            return false
        case "ID":
            try await talk.say("* ID (\"name\" \"mailsonde lab\")")
            try await ok(command)
        case "STARTTLS": try await startTLS(command)
        case "LOGIN": try await login(command)
        case "AUTHENTICATE": try await authenticate(command)
        default: try await answerToUser(command)
        }
        return true
    }

    private func answerToUser(_ command: IMAPCommand) async throws {
        guard let user else { return try await bad(command, "Please log in first") }
        switch command.name {
        case "LIST": try await list(command, of: user)
        case "SELECT", "EXAMINE": try await select(command, of: user)
        case "STATUS": try await status(command, of: user)
        default:
            guard let selected else { return try await bad(command, "No mailbox selected") }
            switch command.name {
            case "CLOSE", "UNSELECT":
                if command.name == "CLOSE", !selected.isReadOnly { _ = await removeDeleted(nil, of: user) }
                self.selected = nil
                messages = []
                try await ok(command)
            case "SEARCH", "UID SEARCH": try await search(command)
            case "FETCH", "UID FETCH": try await fetch(command, of: user)
            case "STORE", "UID STORE": try await storeFlags(command, of: user)
            case "EXPUNGE", "UID EXPUNGE": try await expunge(command, of: user)
            default: try await bad(command, "Unknown command")
            }
        }
    }

    private func ok(_ command: IMAPCommand, _ text: String = "Completed.") async throws {
        try await talk.say("\(command.tag) OK \(text)")
    }

    private func no(_ command: IMAPCommand, _ text: String) async throws {
        try await talk.say("\(command.tag) NO \(text)")
    }

    private func bad(_ command: IMAPCommand, _ text: String) async throws {
        failures += 1
        if failures > 20 { throw Hangup.closed }
        try await talk.say("\(command.tag) BAD \(text)")
    }

    // MARK: TLS and login

    private func startTLS(_ command: IMAPCommand) async throws {
        guard canStartTLS, let identity = server.identity else {
            return try await bad(command, "STARTTLS is not available")
        }
        if server.faults.upgrade == .refused { return try await no(command, "TLS is not available at the moment") }
        let injected = server.faults.upgrade == .injectsPlaintext ? "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" : ""
        try await talk.startTLS(
            .server(identity.context), goAhead: "\(command.tag) OK Begin TLS negotiation now.", injecting: injected)
    }

    private func login(_ command: IMAPCommand) async throws {
        guard user == nil else { return try await bad(command, "Already logged in") }
        guard canLogIn else {
            return try await no(command, "[PRIVACYREQUIRED] Plaintext authentication disallowed without TLS.")
        }
        guard command.arguments.count == 2, let name = command.arguments[0].text,
            let password = command.arguments[1].text
        else { return try await bad(command, "LOGIN takes a user and a password") }
        try await admit(command, (name, password))
    }

    private func authenticate(_ command: IMAPCommand) async throws {
        guard user == nil else { return try await bad(command, "Already logged in") }
        guard canLogIn else {
            return try await no(command, "[PRIVACYREQUIRED] Plaintext authentication disallowed without TLS.")
        }
        guard command.arguments.first?.text?.uppercased() == "PLAIN" else {
            return try await no(command, "Unsupported authentication mechanism")
        }
        let response: [UInt8]?
        if command.arguments.count > 1, let initial = command.arguments[1].text {  // RFC 4959
            response = SASL.decoded(Array(initial.utf8))
        } else {
            try await talk.say("+ ")
            response = SASL.decoded(try await talk.line(limit: 12_288))
        }
        guard let credentials = SASL.plain(response) else { return try await bad(command, "Cannot decode response") }
        try await admit(command, credentials)
    }

    private func admit(_ command: IMAPCommand, _ credentials: (user: String, password: String)) async throws {
        if await server.store.admits(user: credentials.user, password: credentials.password) {
            user = credentials.user.lowercased()
            try await talk.say(
                lines: ["\(command.tag) OK [CAPABILITY \(capabilities)] Logged in"], at: .login,
                more: "* OK one moment")
        } else {
            try await Task.sleep(for: .milliseconds(500))
            try await talk.say(
                lines: ["\(command.tag) NO [AUTHENTICATIONFAILED] Authentication failed."], at: .login,
                more: "* OK one moment")
        }
    }

    // MARK: Mailboxes

    private func list(_ command: IMAPCommand, of user: String) async throws {
        let texts = command.arguments.compactMap(\.text)
        guard texts.count >= 2 else { return try await bad(command, "LIST takes a reference and a pattern") }
        let pattern = texts[1].uppercased()
        if pattern.isEmpty {
            try await talk.say("* LIST (\\Noselect) \"/\" \"\"")
            return try await ok(command)
        }
        for mailbox in await server.store.mailboxes(of: user) {
            let name = mailbox.name.uppercased()
            guard pattern == "*" || pattern == "%" || pattern == name else { continue }
            let use = mailbox.name == "Junk" ? " \\Junk" : ""  // RFC 6154 §2
            try await talk.say("* LIST (\\HasNoChildren\(use)) \"/\" \(mailbox.name)")
        }
        try await ok(command)
    }

    private func select(_ command: IMAPCommand, of user: String) async throws {
        selected = nil
        messages = []
        guard let name = command.arguments.first?.text,
            let mailbox = await server.store.mailbox(name, of: user)
        else { return try await no(command, "[NONEXISTENT] Mailbox doesn't exist") }
        let isReadOnly = command.name == "EXAMINE"
        selected = (mailbox.name, isReadOnly)
        messages = mailbox.messages
        try await talk.say(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            "* OK [PERMANENTFLAGS (\(isReadOnly ? "" : "\\Answered \\Flagged \\Deleted \\Seen \\Draft"))] Flags.",
            "* \(messages.count) EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY \(mailbox.uidValidity)] UIDs valid",
            "* OK [UIDNEXT \(mailbox.uidNext)] Predicted next UID",
            "\(command.tag) OK [\(isReadOnly ? "READ-ONLY" : "READ-WRITE")] Completed.")
    }

    private func status(_ command: IMAPCommand, of user: String) async throws {
        guard let name = command.arguments.first?.text,
            let mailbox = await server.store.mailbox(name, of: user)
        else { return try await no(command, "[NONEXISTENT] Mailbox doesn't exist") }
        let unseen = mailbox.messages.count { !$0.flags.contains("\\Seen") }
        try await talk.say(
            "* STATUS \(mailbox.name) (MESSAGES \(mailbox.messages.count) UIDNEXT \(mailbox.uidNext) "
                + "UIDVALIDITY \(mailbox.uidValidity) UNSEEN \(unseen))")
        try await ok(command)
    }

    /// Tells what has changed in the mailbox since (RFC 9051 §7.4, §7.5).
    private func refresh() async throws {
        guard let selected, let user, let mailbox = await server.store.mailbox(selected.name, of: user) else { return }
        let present = Set(mailbox.messages.map(\.uid))
        for index in messages.indices.reversed() where !present.contains(messages[index].uid) {
            try await talk.say("* \(index + 1) EXPUNGE")
        }
        let grew = mailbox.messages.contains { message in !messages.contains { $0.uid == message.uid } }
        messages = mailbox.messages
        if grew { try await talk.say("* \(messages.count) EXISTS") }
    }

    // MARK: Messages

    private func search(_ command: IMAPCommand) async throws {
        try await refreshSilently()
        guard let criteria = IMAPSearch(command.arguments, messages) else {
            return try await bad(command, "Unknown search key")
        }
        let isUID = command.name.hasPrefix("UID")
        let isDeaf = server.faults.searchKnowsOnlyWords && command.arguments.first?.text?.uppercased() == "HEADER"
        let found =
            isDeaf
            ? []
            : messages.enumerated().filter { criteria.matches($0.element, number: UInt32($0.offset + 1)) }
                .map { isUID ? String($0.element.uid) : String($0.offset + 1) }
        try await talk.say("* SEARCH" + found.map { " " + $0 }.joined())
        try await ok(command)
    }

    /// New messages become known, removed ones stay in their places until a command may say EXPUNGE.
    private func refreshSilently() async throws {
        guard let selected, let user, let mailbox = await server.store.mailbox(selected.name, of: user) else { return }
        let last = messages.last?.uid ?? 0
        let new = mailbox.messages.filter { $0.uid > last }
        if new.isEmpty { return }
        messages += new
        try await talk.say("* \(messages.count) EXISTS")
    }

    /// Indices of the messages that a command names; nil for no set of numbers.
    private func named(_ command: IMAPCommand) -> [Int]? {
        let isUID = command.name.hasPrefix("UID")
        let last = isUID ? messages.last?.uid ?? 0 : UInt32(messages.count)
        guard let text = command.arguments.first?.text, let set = SequenceSet(text, last: last) else { return nil }
        return messages.indices.filter { set.contains(isUID ? messages[$0].uid : UInt32($0 + 1)) }
    }

    private func fetch(_ command: IMAPCommand, of user: String) async throws {
        guard let selected, let indices = named(command), command.arguments.count >= 2,
            var items = IMAPFetch.items(command.arguments[1])
        else { return try await bad(command, "Syntax of FETCH") }
        if command.name.hasPrefix("UID"), !items.contains("UID") { items.insert("UID", at: 0) }
        for index in indices {
            if !selected.isReadOnly, items.contains(where: IMAPFetch.marksAsSeen) {
                messages[index].flags.insert("\\Seen")
                await server.store.setFlags(
                    messages[index].flags, of: messages[index].uid, in: selected.name, of: user)
            }
            guard let reply = IMAPFetch.reply(items, of: messages[index]) else {
                return try await bad(command, "Unknown fetch item")
            }
            try await talk.say(
                octets: Array("* \(index + 1) FETCH (".utf8) + reply + Array(")\r\n".utf8), at: .fetch,
                more: "* OK one moment")
        }
        try await ok(command)
    }

    private func storeFlags(_ command: IMAPCommand, of user: String) async throws {
        guard let selected, let indices = named(command), command.arguments.count >= 3,
            let item = command.arguments[1].text?.uppercased()
        else { return try await bad(command, "Syntax of STORE") }
        if selected.isReadOnly { return try await no(command, "Mailbox is read-only") }
        var flags: Set<String> = []
        for token in command.arguments[2...] {
            if case .list(let inner) = token {
                flags.formUnion(inner.compactMap(\.text).map(IMAPFetch.flag))
            } else if let text = token.text {
                flags.insert(IMAPFetch.flag(text))
            }
        }
        for index in indices {
            switch item.split(separator: ".").first {
            case "+FLAGS": messages[index].flags.formUnion(flags)
            case "-FLAGS": messages[index].flags.subtract(flags)
            case "FLAGS": messages[index].flags = flags
            default: return try await bad(command, "Syntax of STORE")
            }
            await server.store.setFlags(messages[index].flags, of: messages[index].uid, in: selected.name, of: user)
            if !item.hasSuffix(".SILENT") {
                let uid = command.name.hasPrefix("UID") ? "UID \(messages[index].uid) " : ""
                try await talk.say("* \(index + 1) FETCH (\(uid)FLAGS (\(IMAPFetch.list(messages[index].flags))))")
            }
        }
        try await ok(command)
    }

    private func expunge(_ command: IMAPCommand, of user: String) async throws {
        guard let selected else { return }
        if selected.isReadOnly { return try await no(command, "Mailbox is read-only") }
        var among: Set<UInt32>?
        if command.name == "UID EXPUNGE" {  // RFC 4315 §2.1
            guard let indices = named(command) else { return try await bad(command, "Syntax of UID EXPUNGE") }
            among = Set(indices.map { messages[$0].uid })
        }
        let removed = await removeDeleted(among, of: user)
        for index in messages.indices.reversed() where removed.contains(messages[index].uid) {
            messages.remove(at: index)
            try await talk.say("* \(index + 1) EXPUNGE")
        }
        try await ok(command)
    }

    /// Removes the messages marked `\Deleted`, of those in `among` where it is given.
    private func removeDeleted(_ among: Set<UInt32>?, of user: String) async -> Set<UInt32> {
        guard let selected else { return [] }
        let doomed = Set(
            messages.filter { $0.flags.contains("\\Deleted") && among?.contains($0.uid) != false }.map(\.uid))
        await server.store.remove(doomed, from: selected.name, of: user)
        return doomed
    }
}
