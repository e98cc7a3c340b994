/// A server that answers SMTP by a list: what a command begins with, and what is said to it. For servers whose oddity is
/// in what they say and how; ``SMTPServer`` is the one that works.
package struct OddSMTPServer: LabServer {
    /// What is done where a command begins so.
    package struct Answer: Sendable {
        /// In either case; empty: at the greeting.
        package var command: String
        package var actions: [Action]

        package init(_ command: String, _ actions: Action...) {
            self.command = command
            self.actions = actions
        }
    }

    package enum Action: Hashable, Sendable {
        /// A line, with CRLF.
        case says(String)
        /// Octets as they are.
        case sends(String)
        case waits(seconds: Double)
        case closes
        /// Says nothing any more.
        case fallsSilent
        /// A line that never ends; a reply that never ends.
        case unendingLine
        case unendingReply
        case startsTLS
    }

    package var host: String
    package var identity: ServerIdentity?
    /// The first that fits counts. What fits none is answered by a plain server that takes everybody.
    package var answers: [Answer]
    /// Hangs up behind so many commands.
    package var commandLimit: Int

    package init(host: String, identity: ServerIdentity? = nil, commandLimit: Int = .max, _ answers: [Answer]) {
        self.host = host
        self.identity = identity
        self.answers = answers
        self.commandLimit = commandLimit
    }

    package func service() -> LabService {
        LabService(identity, isImplicit: false, faults: Faults()) { talk in try await converse(talk) }
    }

    private func converse(_ talk: LabConversation) async throws {
        try await act(answer(to: "") ?? Answer("", .says("220 \(host) ESMTP")), talk)
        var count = 0
        while true {
            let line = String(decoding: try await talk.line(), as: UTF8.self)
            count += 1
            if count > commandLimit { throw Hangup.closed }
            if let answer = answer(to: line) {
                try await act(answer, talk)
            } else {
                try await answerPlainly(line, talk)
            }
        }
    }

    private func answer(to line: String) -> Answer? {
        answers.first {
            line.isEmpty
                ? $0.command.isEmpty : !$0.command.isEmpty && line.uppercased().hasPrefix($0.command.uppercased())
        }
    }

    private func act(_ answer: Answer, _ talk: LabConversation) async throws {
        for action in answer.actions {
            switch action {
            case .says(let line): try await talk.say(line)
            case .sends(let text): try await talk.say(octets: Array(text.utf8))
            case .waits(let seconds): try await Task.sleep(for: .seconds(seconds))
            case .closes: throw Hangup.closed
            case .fallsSilent: try await misbehave(.silent, talk)
            case .unendingLine: try await misbehave(.unendingLine, talk)
            case .unendingReply: try await misbehave(.unendingReply, talk)
            case .startsTLS:
                guard let identity else { return try await talk.say("454 4.7.0 no TLS here") }
                try await talk.startTLS(.server(identity.context), goAhead: "220 2.0.0 go ahead")
            }
        }
    }

    private func misbehave(_ how: Faults.Misbehaviour, _ talk: LabConversation) async throws {
        talk.faults[.recipient] = how
        try await talk.say(octets: [], at: .recipient, more: "250-more")
    }

    private func answerPlainly(_ line: String, _ talk: LabConversation) async throws {
        switch line.prefix(while: { $0 != " " }).uppercased() {
        case "EHLO":
            let offers = identity != nil && !talk.isSecure ? ["250-STARTTLS"] : []
            try await talk.say(lines: ["250-\(host)"] + offers + ["250 SIZE 10485760"])
        case "STARTTLS": try await act(Answer("", .startsTLS), talk)
        case "QUIT":
            try await talk.say("221 2.0.0 bye")
            throw Hangup.closed
        default: try await talk.say("250 2.0.0 ok")
        }
    }
}
