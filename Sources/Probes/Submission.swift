internal import DNS
internal import Judgement
internal import Networking

/// Hands a message in (RFC 6409), logged in, inside TLS.
struct Submission {
    let account: SubmissionAccount
    let recipient: SMTPPath
    let sender: SMTPPath
    let server: MailServer

    /// How it ended.
    enum Ending: Sendable {
        /// Taken over, at this moment by the monotonic clock.
        case accepted(at: Double)
        /// The server may have it or not: it was sent at this moment, and no answer came.
        case inDoubt(Failure, sentAt: Double)
        /// Refused for good (5xx).
        case rejected(Failure)
        /// Refused for now (4xx).
        case deferred(Failure)
        /// It never came to a refusal.
        case failed(Failure)
    }

    /// RFC 5321 §4.5.3.2.6: seconds to wait for the answer to a message.
    private static let longestPatience = 600.0

    func handIn(_ message: ProbeMessage, by deadline: Deadline, journal: Journal) async -> Ending {
        do throws(Failure) {
            return try await server.converse(by: deadline, journal: journal, keepsPhases: true) {
                conversation async throws(Failure) in
                try await converse(conversation, message, by: deadline)
            }
        } catch {
            return .failed(error)
        }
    }

    private func converse(
        _ conversation: Conversation, _ message: ProbeMessage, by deadline: Deadline
    ) async throws(Failure) -> Ending {
        var session = SMTPSession(conversation)
        func ended(_ cause: Failure.Cause, _ phase: Phase.Name, _ reply: SMTPReply) async -> Ending {
            let failure = Failure(cause, during: phase, conversation.quote(reply.summary))
            await session.quit()
            return reply.kind == .transient ? .deferred(failure) : .rejected(failure)
        }
        if account.security == .implicit {
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
        }
        let greeting = try await session.greeting()
        guard greeting.code == 220 else {
            return await ended(greeting.kind == .transient ? .greeting4xx : .greeting5xx, .greeting, greeting)
        }
        let hello = try await session.ehlo(server.means.ehloName)
        guard hello.kind == .positive else { return await ended(.ehloRejected, .capabilities, hello) }
        if account.security == .starttls {
            guard session.extensions?.offers("STARTTLS") == true else {
                await session.quit()
                throw Failure(.starttlsMissing, during: .starttls, "STARTTLS is not offered, so nobody logs in")
            }
            let goAhead = try await session.askForTLS()
            guard goAhead.code == 220 else { return await ended(.starttlsRejected, .starttls, goAhead) }
            try await server.requireTrust(in: try await session.startTLS(as: server.serverName))
            let again = try await session.ehlo(server.means.ehloName)
            guard again.kind == .positive else { return await ended(.ehloRejected, .capabilities, again) }
        }
        let welcome = try await session.authenticate(account.credentials)
        guard welcome.code == 235 else { return await ended(.authFailed, .auth, welcome) }
        let mail = try await session.mail(from: sender, size: message.octets.count)
        guard mail.kind == .positive else { return await ended(.mailRejected, .mail, mail) }
        let rcpt = try await session.rcpt(to: recipient)
        guard rcpt.kind == .positive else { return await ended(Self.cause(ofRefusedRecipient: rcpt), .rcpt, rcpt) }
        // A server may take the message and say nothing: half of the time remains for looking whether it came.
        let patience = min(Self.longestPatience, deadline.remainingSeconds / 2)
        switch try await session.data(message.octets, patience: patience) {
        case .inDoubt(let failure, let sentAt): return .inDoubt(failure, sentAt: sentAt)
        case .answered(let reply) where reply.kind == .positive:
            // A slow good-bye is no part of the way.
            let now = Means.monotonic()
            await session.quit()
            return .accepted(at: now)
        case .answered(let reply): return await ended(.dataRejected, .data, reply)
        }
    }

    /// Greylisting has no code of its own: it says so in words.
    private static func cause(ofRefusedRecipient reply: SMTPReply) -> Failure.Cause {
        let text = reply.summary.uppercasedASCII
        let isGreylisted = ["GREYLIST", "GRAYLIST", "GREY-LIST"].contains { text.offset(of: $0.utf8) != nil }
        return reply.kind == .transient && isGreylisted ? .greylisted : .rcptRejected
    }
}
