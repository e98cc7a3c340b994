internal import DNS
internal import Judgement
internal import Mail

/// What the client of a transcript asks about senders and recipients, and how a server answers it that minds its own
/// mail only, but for what the transcript says.
struct ScriptedQuestions: Sendable {
    private struct Answer: Sendable {
        var command: [UInt8]
        var reply: String
        var seconds: Double
    }

    private(set) var domain: DomainName?
    private var behaviour = false
    private var recipients: [EmailAddress] = []
    private var answers: [Answer] = []

    /// The local part that nobody has.
    static let invented = "no-such-user-0"

    /// Reads an `asks` or a `when` line; false where it is none.
    mutating func read(_ text: String) -> Bool {
        let words = text.split(separator: " ").map(String.init)
        switch (words.first, words.dropFirst().first) {
        case ("asks", "behaviour") where words.count == 4 && words[2] == "of":
            domain = try? DomainName(words[3])
            behaviour = true
            return domain != nil
        case ("asks", "recipient") where words.count == 3:
            guard let address = try? EmailAddress(words[2]) else { return false }
            recipients.append(address)
            domain = domain ?? address.domain
            return true
        case ("when", _):
            let parts = text.dropFirst("when ".count).split(separator: " => ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return false }
            var reply = parts[1], seconds = 0.0
            if let after = words.dropLast().last, after == "after", let told = words.last.flatMap(ScriptedTLS.seconds) {
                seconds = told
                reply = String(reply.dropLast(" after ".count + (words.last?.count ?? 0)))
            }
            answers.append(Answer(command: Array(parts[0].utf8), reply: reply, seconds: seconds))
            return true
        default: return false
        }
    }

    /// What is asked by this transcript on its port; nil: nothing.
    func interview(_ service: Service, _ endpoint: Endpoint) -> SMTPInterview? {
        guard let domain, service.dialect == .smtp else { return nil }
        let questions = SMTPQuestions(
            domain: domain, address: endpoint.address, ehloName: .loopback, invented: Self.invented)
        let items = questions.items(on: service, PortQuestions(behaviour: behaviour, recipients: recipients))
        if items.isEmpty { return nil }
        return SMTPInterview(SMTPInquiry(domain, items: items, foreignSender: questions.foreignSender))
    }

    /// The reply to a command and how long it takes; nil where the command is none of these.
    func answer(_ line: [UInt8]) -> (String, Double)? {
        guard let domain else { return nil }
        if let answer = answers.first(where: { line.starts(with: $0.command) }) {
            return (answer.reply, answer.seconds)
        }
        let word = String(decoding: line.prefix { $0 != 32 }.uppercasedASCII, as: UTF8.self)
        switch word {
        case "VRFY": return ("252 2.0.0 send some mail", 0)
        case "EXPN": return ("502 5.5.1 not known", 0)
        case "RCPT": return (reply(toRecipient: String(decoding: line, as: UTF8.self), domain), 0)
        default: return nil
        }
    }

    private func reply(toRecipient command: String, _ domain: DomainName) -> String {
        let path = command.dropFirst("RCPT TO:<".count).dropLast()
        let known = ["postmaster", "postmaster@\(domain)", "abuse@\(domain)"] + recipients.map(\.description)
        if known.contains(String(path)) { return "250 2.1.5 ok" }
        if path.hasPrefix(Self.invented) { return "550 5.1.1 user unknown" }
        return "554 5.7.1 relay access denied"
    }
}

extension TranscriptScript {
    var interview: SMTPInterview? { asked.interview(service, endpoint) }
}
