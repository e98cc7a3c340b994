internal import DNS
internal import Judgement
internal import Networking

/// Looks for a message of ours in a mailbox, again and again until it is there or the time is up, and removes it.
///
/// It removes only what carries our field with our identifier. A report of non-delivery is read and left where it is.
/// It belongs to one task at a time.
final class MailboxSearch {
    /// A copy of the message, as found.
    struct Copy: Hashable, Sendable {
        var folder: String
        var isJunk: Bool
        var message: [UInt8]
    }

    let account: MailboxAccount
    let server: MailServer
    let sent: ProbeMessage
    let journal: Journal

    private(set) var copies: [Copy] = []
    /// What a report of non-delivery says.
    private(set) var bounce: String?
    /// Whether the mailbox was looked through at least once.
    private(set) var hasLooked = false
    /// Why the mailbox could not be looked at the last time; nil where it could.
    private(set) var blindness: Failure?
    /// When the message was seen, by the monotonic clock.
    private(set) var foundAt: Double?

    private var interval = 0.5
    /// Messages that are known not to be ours.
    private var known = KnownMessages()
    /// Copies of ours that were marked as deleted.
    private var removed: Set<[UInt8]> = []

    /// Seconds between looks: from 0.5 up to this.
    static let longestInterval = 5.0
    /// Seconds to wait, once found, for a second copy.
    static let settling = 1.0
    /// The newest messages that are looked at one by one.
    static let recent: UInt32 = 20
    /// Octets of a message that are fetched.
    static let largestMessage = 262_144

    init(_ account: MailboxAccount, server: MailServer, sent: ProbeMessage, journal: Journal) {
        self.account = account
        self.server = server
        self.sent = sent
        self.journal = journal
    }

    /// Comes back when the message was found, or a report that it will not come, or at the deadline.
    func run(by deadline: Deadline) async {
        while !deadline.hasPassed, !Task.isCancelled {
            do throws(Failure) {
                switch account.access {
                case .imap: try await lookByIMAP(by: deadline)
                case .pop3: try await lookByPOP3(by: deadline)
                }
            } catch {
                // Where only our own time was up, what the last look told still holds.
                if !deadline.hasPassed || !hasLooked { blindness = error }
                if Self.isLasting(error) { return }
            }
            if isDone { return }
            await pause(by: deadline)
        }
    }

    private var isDone: Bool { !copies.isEmpty || bounce != nil }

    /// What will not pass by itself: another wrong password might lock the account.
    private static func isLasting(_ failure: Failure) -> Bool {
        switch failure.cause {
        case .fetchLoginFailed, .certificateUntrusted, .certificateName, .certificateExpired, .starttlsMissing,
            .offline:
            true
        default: false
        }
    }

    private func pause(by deadline: Deadline, atLeast least: Double = 0) async {
        let seconds = min(max(interval, least), deadline.remainingSeconds)
        interval = min(interval * 1.5, Self.longestInterval)
        try? await Task.sleep(for: .seconds(seconds))
    }

    private func found(_ message: [UInt8], in folder: String, isJunk: Bool) {
        foundAt = foundAt ?? Means.monotonic()
        copies.append(Copy(folder: folder, isJunk: isJunk, message: message))
    }

    /// Reads a report; it is about our message where it names its Message-ID.
    private func read(report: [UInt8]) {
        guard report.offset(of: sent.id.utf8) != nil else { return }
        let lines = report.split(separator: 10)
        let diagnosis = ["Diagnostic-Code:", "Status:"].lazy
            .compactMap { name in lines.first { $0.startsWithASCII(name) } }.first
        bounce = printable(diagnosis.map(Array.init) ?? Array("a report of non-delivery came".utf8))
    }

    // MARK: IMAP

    private func lookByIMAP(by deadline: Deadline) async throws(Failure) {
        try await server.converse(by: deadline, journal: journal, keepsPhases: false) {
            conversation async throws(Failure) in
            try await conversation.during(.fetch) { () async throws(Failure) in
                var session = try await logInByIMAP(conversation)
                let junk = try await session.junkMailbox()
                let folders = [(Array("INBOX".utf8), false)] + (junk.map { [($0, true)] } ?? [])
                var counts: [[UInt8]: UInt32] = [:]
                while true {
                    try await look(in: folders, &session, &counts)
                    hasLooked = true
                    blindness = nil
                    if isDone || deadline.hasPassed || Task.isCancelled { break }
                    await pause(by: deadline)
                }
                if !copies.isEmpty, deadline.remainingSeconds > 2 * Self.settling {
                    try? await Task.sleep(for: .seconds(Self.settling))
                    // A second copy, if there is one. Failing here takes nothing from what was found.
                    do throws(Failure) { try await look(in: folders, &session, &counts) } catch {
                        journal.note("the look for a second copy failed: \(error.detail)")
                    }
                }
                await session.logOut()
            }
        }
    }

    private func logInByIMAP(_ conversation: Conversation) async throws(Failure) -> IMAPSession {
        var session = IMAPSession(conversation)
        if account.security == .implicit {
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
        }
        let (status, line) = try await session.greeting()
        guard status.kind != .bye else { throw Failure(.greeting4xx, during: .greeting, conversation.quote(line)) }
        _ = try await session.capability()
        if account.security == .starttls {
            guard session.offers("STARTTLS"), status.kind != .preauth else {
                throw Failure(.starttlsMissing, during: .starttls, "STARTTLS is not offered, so nobody logs in")
            }
            let goAhead = try await session.askForTLS()
            guard goAhead.kind == .ok else { throw session.refusal(.starttlsRejected, goAhead) }
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
            _ = try await session.capability()
        }
        let welcome = try await session.logIn(account.credentials)
        guard welcome.kind == .ok else {
            // RFC 5530 §3: not now, which is not "no".
            let passes = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"].contains(welcome.codeName)
            throw Failure(
                passes ? .fetchProtocol : .fetchLoginFailed, during: .auth, conversation.quote(welcome.summary))
        }
        // UIDPLUS and the like are often told only now.
        _ = try await session.capability()
        return session
    }

    private func look(
        in folders: [([UInt8], Bool)], _ session: inout IMAPSession, _ counts: inout [[UInt8]: UInt32]
    ) async throws(Failure) {
        for (mailbox, isJunk) in folders {
            guard let count = try await session.select(mailbox) else {
                if isJunk { continue }
                throw Failure(.fetchProtocol, during: .fetch, "INBOX cannot be selected")
            }
            let folder = isJunk ? printable(mailbox, atMost: 100) : "INBOX"
            var ours: [UInt32] = []
            for uid in try await candidates(&session, mailbox, count, &counts)
            where !removed.contains(key(mailbox, uid)) {
                guard let octets = try await session.message(uid, limit: Self.largestMessage) else { continue }
                let message = ArrivedMessage(octets)
                if message.carries(sent.id) {
                    ours.append(uid)
                    found(octets, in: folder, isJunk: isJunk)
                } else if message.isReport {
                    read(report: octets)
                }
            }
            // Without UIDPLUS they may stay, marked as deleted: they are not to be counted twice.
            removed.formUnion(ours.map { key(mailbox, $0) })
            try await session.remove(ours)
        }
    }

    private func key(_ mailbox: [UInt8], _ uid: UInt32) -> [UInt8] { mailbox + [0] + Array("\(uid)".utf8) }

    /// What may be ours, or about ours. Searching is tried by our field and by the subject; where a server's index is
    /// behind, or knows only words, the newest messages are looked through by ourselves.
    private func candidates(
        _ session: inout IMAPSession, _ mailbox: [UInt8], _ count: UInt32, _ counts: inout [[UInt8]: UInt32]
    ) async throws(Failure) -> [UInt32] {
        var uids: [UInt32] = []
        for name in [ProbeMessage.field, "Subject"] where uids.isEmpty {
            if let matches = try await session.search(header: name, contains: sent.id) {
                uids = Array(matches.suffix(10))
            }
        }
        defer { counts[mailbox] = count }
        guard count > 0, counts[mailbox] != count else { return uids }
        let newest = (count > Self.recent ? count - Self.recent + 1 : 1)...count
        let names = [ProbeMessage.field, "Content-Type", "Auto-Submitted"]
        for fetched in try await session.headerFields(names, of: newest) where !uids.contains(fetched.uid) {
            let header = ArrivedMessage(fetched.octets)
            if header.carries(sent.id) {
                uids.append(fetched.uid)
            } else if header.isReport, known.insert(key(mailbox, fetched.uid)) {
                uids.append(fetched.uid)
            }
        }
        return uids
    }

    // MARK: POP3

    private func lookByPOP3(by deadline: Deadline) async throws(Failure) {
        // A session sees the mailbox as it was at the login (RFC 1939 §4): each look is a session.
        let delay = try await server.converse(by: deadline, journal: journal, keepsPhases: false) {
            conversation async throws(Failure) in
            try await conversation.during(.fetch) { () async throws(Failure) in try await lookByPOP3(conversation) }
        }
        hasLooked = true
        blindness = nil
        if !isDone, delay > interval { await pause(by: deadline, atLeast: delay) }
    }

    /// One session; gives back the seconds that the server wants between logins.
    private func lookByPOP3(_ conversation: Conversation) async throws(Failure) -> Double {
        let session = try await logInByPOP3(conversation)
        let delay = session.loginDelay
        let listed = try await listing(session)
        known.keep(only: listed.map(\.uid))
        var deleted = 0
        for message in listed.reversed().prefix(50) where !known.contains(message.uid) {
            var header = try await session.header(of: message.number)
            if header == nil { header = try await session.message(message.number) }
            guard let header else { continue }
            let seen = ArrivedMessage(header)
            if seen.carries(sent.id) {
                guard let octets = try await session.message(message.number) else { continue }
                // POP3 knows one mailbox only (RFC 1939 §1).
                found(octets, in: "INBOX", isJunk: false)
                if try await session.delete(message.number) { deleted += 1 }
            } else {
                known.insert(message.uid)
                if seen.isReport, let octets = try await session.message(message.number) { read(report: octets) }
            }
        }
        // The old ones are not looked at again either.
        for message in listed.dropLast(50) { known.insert(message.uid) }
        let isGone = await session.quit(hasDeleted: deleted > 0)
        if deleted > 0, !isGone { journal.note("the server did not confirm that the message was removed") }
        return delay
    }

    /// The messages; where UIDL is not known, by number, so that all are looked at each time.
    private func listing(_ session: POP3Session) async throws(Failure) -> [POP3Session.Listed] {
        if let listed = try await session.uniqueIDs() { return listed }
        known.forget()
        let count = min(try await session.count(), 100_000)
        return count == 0 ? [] : (1...count).map { .init(number: $0, uid: Array("\($0)".utf8)) }
    }

    private func logInByPOP3(_ conversation: Conversation) async throws(Failure) -> POP3Session {
        var session = POP3Session(conversation)
        if account.security == .implicit {
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
        }
        let greeting = try await session.greeting()
        guard greeting.isOK else {
            throw Failure(.greeting4xx, during: .greeting, conversation.quote(greeting.line))
        }
        let offered = try await session.capa()
        if account.security == .starttls {
            if let offered, POP3Session.parameters(of: "STLS", in: offered) == nil {
                throw Failure(.starttlsMissing, during: .starttls, "STLS is not offered, so nobody logs in")
            }
            let goAhead = try await session.askForTLS()
            guard goAhead.isOK else { throw session.refusal(.starttlsMissing, goAhead) }
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
            _ = try await session.capa()
        }
        let welcome = try await session.logIn(account.credentials)
        guard welcome.isOK else {
            // RFC 2449 §8.1, RFC 3206 §4: locked, too soon, or broken for now, which is not "no".
            let passes = ["IN-USE", "LOGIN-DELAY", "SYS/TEMP"].contains(welcome.code ?? "")
            throw Failure(passes ? .fetchProtocol : .fetchLoginFailed, during: .auth, conversation.quote(welcome.line))
        }
        return session
    }
}
