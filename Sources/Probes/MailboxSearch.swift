internal import DNS
internal import Judgement
internal import Networking

/// Looks for a message of ours in a mailbox, again and again until it is there or the time is up, and removes it.
///
/// It removes only what carries our field with our identifier, or the message's own Message-ID. A report of non-delivery
/// is read and left where it is.
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

    /// When the mailbox was last looked through, by the monotonic clock.
    private var lookedAt: Double?
    /// Seconds that one connection may take; more where a server turns out to be slow.
    var patience = 60.0
    /// Whether messages can be told apart from session to session by POP3.
    var hasUniqueIDs = false
    /// What the server wants between logins.
    var loginDelay = 0.0
    private var interval = 0.5
    /// Messages that are known not to be ours.
    var known = KnownMessages()
    /// Copies of ours that were marked as deleted.
    var removed: Set<[UInt8]> = []

    /// Seconds between looks: from 0.5 up to this.
    static let longestInterval = 5.0
    /// Seconds to wait, once found, for a second copy.
    static let settling = 1.0
    /// The newest messages that are looked at one by one.
    static let recent: UInt32 = 20
    /// The oldest ones: some servers have the newest message first.
    static let first = 10
    /// Seconds before the end after which a last look may lie.
    static let longestGap = 20.0
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
        let began = Means.monotonic()
        while !deadline.hasPassed, !Task.isCancelled {
            // A connection that hangs is given up for a new one before the time is up.
            let turn = deadline.capped(seconds: patience)
            do throws(Failure) {
                switch account.access {
                case .imap: try await lookByIMAP(by: turn)
                case .pop3: try await lookByPOP3(by: turn)
                }
            } catch {
                if turn.hasPassed { patience *= 2 }
                // Where only our own time was up, what the last look told still holds.
                if !deadline.hasPassed || !hasLooked { blindness = error }
                if Self.isLasting(error) { return }
            }
            if isDone { return await lookAgainByPOP3(by: deadline) }
            await pause(by: deadline, atLeast: loginDelay)
        }
        noteGap(since: began)
    }

    /// What was last looked at long before the end tells nothing of the end: a server that was silent from then on, or
    /// that wants minutes between logins, has not shown that the message is lost.
    private func noteGap(since began: Double) {
        let now = Means.monotonic()
        guard hasLooked, blindness == nil, let lookedAt else { return }
        let gap = now - lookedAt
        guard Self.isTooLong(gap, in: now - began) else { return }
        blindness = Failure(
            .timeout, during: .fetch, "the mailbox was last looked at \(Int(gap)) s before the time was up")
    }

    static func isTooLong(_ gap: Double, in all: Double) -> Bool { gap > max(3, min(longestGap, all / 2)) }

    func noteLook() {
        hasLooked = true
        lookedAt = Means.monotonic()
        blindness = nil
    }

    var isDone: Bool { !copies.isEmpty || bounce != nil }

    /// What will not pass by itself: another wrong password might lock the account.
    private static func isLasting(_ failure: Failure) -> Bool {
        switch failure.cause {
        case .fetchLoginFailed, .certificateUntrusted, .certificateName, .certificateExpired, .starttlsMissing,
            .offline:
            true
        default: false
        }
    }

    func pause(by deadline: Deadline, atLeast least: Double = 0) async {
        let seconds = min(max(interval, least), deadline.remainingSeconds)
        interval = min(interval * 1.5, Self.longestInterval)
        try? await Task.sleep(for: .seconds(seconds))
    }

    func found(_ message: [UInt8], in folder: String, isJunk: Bool) {
        foundAt = foundAt ?? Means.monotonic()
        copies.append(Copy(folder: folder, isJunk: isJunk, message: message))
    }

    /// Reads a report; it is about our message where it names its Message-ID.
    func read(report octets: [UInt8]) {
        guard octets.offset(of: sent.id.utf8) != nil else { return }
        let report = DeliveryReport(octets)
        guard report.isOfFailure else {
            return journal.note("a report on the message does not say that it failed; looked for on")
        }
        bounce = printable(report.diagnosis ?? Array("a report of non-delivery came".utf8))
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
                    noteLook()
                    if isDone || deadline.remainingSeconds <= interval || Task.isCancelled { break }
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
                guard let octets = try await session.message(uid, limit: Self.largestMessage) else {
                    // Gone since, or kept back: the next look tells.
                    throw Failure(
                        .fetchProtocol, during: .fetch, "message \(uid) was found, and the server does not give it")
                }
                let message = ArrivedMessage(octets)
                if message.isCopy(of: sent) {
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
        let names = [ProbeMessage.field, "Message-ID", "Content-Type", "Auto-Submitted"]
        for fetched in try await session.headerFields(names, of: newest) where !uids.contains(fetched.uid) {
            let header = ArrivedMessage(fetched.octets)
            if header.isCopy(of: sent) {
                uids.append(fetched.uid)
            } else if header.isReport, known.insert(key(mailbox, fetched.uid)) {
                uids.append(fetched.uid)
            }
        }
        return uids
    }
}
