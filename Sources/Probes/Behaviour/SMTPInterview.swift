internal import DNS
internal import Judgement

/// Carries an inquiry through one or a few conversations with the same server, one after the other.
final class SMTPInterview {
    /// Connections at most, the first among them.
    static let maximumConnections = 3

    private(set) var inquiry: SMTPInquiry
    /// Connections there may be by now.
    private var connectionLimit = SMTPInterview.maximumConnections
    /// When somebody was put off first, by the clock of the conversation.
    private var putOffSince: Double?

    init(_ inquiry: SMTPInquiry) { self.inquiry = inquiry }

    /// What was heard so far.
    var behaviour: SMTPBehaviour { inquiry.behaviour }

    /// Whether another connection would bring more.
    var wantsMore: Bool {
        !inquiry.isOver && behaviour.connections > 0 && behaviour.connections < connectionLimit
    }

    /// How long to wait until those whom greylisting put off are asked for again: as long as the server wants, at most
    /// `limit` seconds. nil where there is nobody.
    func waitBeforeSecondTry(atMost limit: Double) -> Double? {
        guard inquiry.isPutOff, limit > 0 else { return nil }
        // A second more than was said: servers count whole ones.
        return min(limit, inquiry.retrySeconds.map { $0 + 1 } ?? limit)
    }

    /// The time has come.
    func askAgain(at now: Double) {
        inquiry.askAgain(waited: now - (putOffSince ?? now))
        connectionLimit = behaviour.connections + Self.maximumConnections
    }

    /// Asks what may be asked on this connection. Nothing is thrown: what the server does here is what was seen.
    func run(in session: SMTPSession) async {
        inquiry.begin()
        let conversation = session.conversation
        while let command = inquiry.next() {
            let began = conversation.clock()
            do throws(Failure) {
                let reply = try await conversation.during(command.hasPrefix("MAIL") ? .mail : .rcpt) {
                    () async throws(Failure) in try await session.ask(command)
                }
                inquiry.take(SMTPAnswer(reply), seconds: conversation.clock() - began)
                if putOffSince == nil, !behaviour.greylisted.isEmpty { putOffSince = conversation.clock() }
            } catch {
                inquiry.stop(error)
                return
            }
        }
    }

    /// No conversation came about, or it ended before questions could be asked.
    func cameToNothing(_ failure: Failure) { inquiry.stop(failure) }
}

extension SMTPAnswer {
    init(_ reply: SMTPReply) {
        self.init(
            code: reply.code, enhancedCode: reply.enhancedCode,
            text: String(decoding: Array(reply.lines.prefix(10).joined(separator: [32])), as: UTF8.self))
    }
}
