internal import DNS
internal import Judgement
internal import Networking

/// STARTTLS with a NOOP in the same segment (CVE-2011-0411 and its kin): a server that keeps what stood behind
/// STARTTLS obeys it inside TLS, and answers. NOOP changes nothing; to a server that checks that clients keep to the
/// order it is an error, and it hangs up, which is well.
///
/// It needs a connection of its own, since such a server leaves no other use for it.
struct InjectionTrial {
    let service: Service
    let ehloName: EHLOName
    let serverName: DomainName?
    let conversation: Conversation

    /// nil where the conversation ended before it could be tried, or nothing could be told.
    func run() async -> InjectionOutcome? {
        do throws(Failure) {
            switch service.dialect {
            case .smtp: return try await smtp()
            case .imap: return try await imap()
            case .pop3: return try await pop3()
            }
        } catch {
            return nil
        }
    }

    /// Sends both commands at once and hears the answer to the first; nil: the server broke off.
    private func say(_ first: String, and second: String) async -> [UInt8]? {
        do throws(Failure) {
            try await conversation.send(
                Array("\(first)\r\n\(second)\r\n".utf8), shown: "\(first) (with \(second) behind it)")
            return try await conversation.hear(limit: SMTPSession.maximumLine)
        } catch {
            return nil
        }
    }

    /// The handshake succeeded on the connection before: where it fails now, the server took the NOOP for part of it.
    private func begin() async -> Bool {
        do throws(Failure) {
            _ = try await conversation.startTLS(as: serverName)
            return true
        } catch {
            return false
        }
    }

    /// Says `farewell` inside TLS and hears what comes, at most `limit` lines.
    private func lines(after farewell: String, atMost limit: Int) async throws(Failure) -> [[UInt8]] {
        try await conversation.say(farewell)
        var lines: [[UInt8]] = []
        do throws(Failure) {
            while lines.count < limit { lines.append(try await conversation.hear(limit: SMTPSession.maximumLine)) }
        } catch {
            if lines.isEmpty { throw error }
        }
        return lines
    }

    // RFC 5321: NOOP is answered with 250, QUIT with 221.
    private func smtp() async throws(Failure) -> InjectionOutcome? {
        var session = SMTPSession(conversation)
        guard try await session.greeting().code == 220 else { return nil }
        guard try await session.ehlo(ehloName).kind == .positive else { return nil }
        guard session.extensions?.offers("STARTTLS") == true else {
            await session.quit()
            return .notOffered
        }
        guard let line = await say("STARTTLS", and: "NOOP"), let reply = SMTPReply.Line(line) else { return .refused }
        guard reply.code == 220, reply.isLast else {
            await session.quit()
            return .refused
        }
        guard await begin() else { return .refused }
        let first = try await lines(after: "QUIT", atMost: 1).first.flatMap { SMTPReply.Line($0) }
        return first?.code == 250 ? .answered : first == nil ? nil : .discarded
    }

    private func imap() async throws(Failure) -> InjectionOutcome? {
        var session = IMAPSession(conversation)
        guard try await session.greeting().status.kind == .ok, try await session.capability() != nil else { return nil }
        guard session.offers("STARTTLS") else {
            await session.logOut()
            return .notOffered
        }
        guard let line = await say("S1 STARTTLS", and: "S2 NOOP") else { return .refused }
        guard line.startsWithASCII("S1 OK") else {
            await session.logOut()
            return .refused
        }
        guard await begin() else { return .refused }
        let answers = try await lines(after: "S3 LOGOUT", atMost: 4)
        if answers.contains(where: { $0.startsWithASCII("S2 ") }) { return .answered }
        return answers.contains { $0.startsWithASCII("S3 ") || $0.startsWithASCII("* BYE") } ? .discarded : nil
    }

    // RFC 1939: before a login NOOP is an error, and QUIT is answered with +OK. A server that answers both has obeyed.
    private func pop3() async throws(Failure) -> InjectionOutcome? {
        var session = POP3Session(conversation)
        guard try await session.greeting().isOK else { return nil }
        if let offered = try await session.capa(), POP3Session.parameters(of: "STLS", in: offered) == nil {
            await session.quit()
            return .notOffered
        }
        guard let line = await say("STLS", and: "NOOP") else { return .refused }
        guard line.startsWithASCII("+OK") else {
            await session.quit()
            return .refused
        }
        guard await begin() else { return .refused }
        let answers = try await lines(after: "QUIT", atMost: 2).filter { POP3Session.Reply($0) != nil }
        return answers.isEmpty ? nil : answers.count > 1 ? .answered : .discarded
    }
}
