internal import DNS
internal import Judgement
internal import Networking

/// Looking for a message by POP3.
extension MailboxSearch {
    func lookByPOP3(by deadline: Deadline) async throws(Failure) {
        // A session sees the mailbox as it was at the login (RFC 1939 §4): each look is a session.
        loginDelay = try await server.converse(by: deadline, journal: journal, keepsPhases: false) {
            conversation async throws(Failure) in
            try await conversation.during(.fetch) { () async throws(Failure) in try await lookByPOP3(conversation) }
        }
        noteLook()
    }

    /// A second copy, if there is one and the server lets us look so soon. What fails here takes nothing from what was
    /// found.
    func lookAgainByPOP3(by deadline: Deadline) async {
        guard account.access == .pop3, !copies.isEmpty, hasUniqueIDs, loginDelay == 0,
            deadline.remainingSeconds > 2 * Self.settling
        else { return }
        try? await Task.sleep(for: .seconds(Self.settling))
        do throws(Failure) { try await lookByPOP3(by: deadline.capped(seconds: 20)) } catch {
            journal.note("the look for a second copy failed: \(error.detail)")
        }
    }

    /// One session; gives back the seconds that the server wants between logins.
    private func lookByPOP3(_ conversation: Conversation) async throws(Failure) -> Double {
        let session = try await logInByPOP3(conversation)
        let delay = session.loginDelay
        let listed = try await listing(session)
        known.keep(only: listed.map(\.uid))
        let unknown = listed.filter { !known.contains($0.uid) && !removed.contains($0.uid) }
        var deleted = 0
        for message in unknown.suffix(50).reversed() + unknown.dropLast(50).prefix(Self.first) {
            guard let octets = try await ours(message, session) else { continue }
            // POP3 knows one mailbox only (RFC 1939 §1).
            found(octets, in: "INBOX", isJunk: false)
            if hasUniqueIDs { removed.insert(message.uid) }
            if try await session.delete(message.number) { deleted += 1 }
        }
        // The old ones are not looked at again either.
        for message in unknown.dropLast(50) { known.insert(message.uid) }
        let isGone = await session.quit(hasDeleted: deleted > 0)
        if deleted > 0, !isGone { journal.note("the server did not confirm that the message was removed") }
        return delay
    }

    /// The message where it is ours; a report about ours is read.
    private func ours(_ message: POP3Session.Listed, _ session: POP3Session) async throws(Failure) -> [UInt8]? {
        do throws(Failure) {
            var header = try await session.header(of: message.number)
            if header == nil { header = try await session.message(message.number) }
            guard let header else { return nil }
            let seen = ArrivedMessage(header)
            if seen.isCopy(of: sent) {
                // It is there: whoever does not give it has not lost it.
                guard let octets = try await session.message(message.number) else {
                    throw Failure(
                        .fetchProtocol, during: .fetch, "the message is there, and the server does not give it")
                }
                return octets
            }
            known.insert(message.uid)
            if seen.isReport, let octets = try await session.message(message.number) { read(report: octets) }
            return nil
        } catch {
            // One that is too large to be ours must not stand in the way of ours the next time.
            if error.cause == .protocolViolation { known.insert(message.uid) }
            throw error
        }
    }

    /// The messages; where UIDL is not known, by number, so that all are looked at each time.
    private func listing(_ session: POP3Session) async throws(Failure) -> [POP3Session.Listed] {
        if let listed = try await session.uniqueIDs() {
            hasUniqueIDs = true
            return listed
        }
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
