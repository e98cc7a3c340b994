import DNS

/// Who is taken as a recipient and as a sender on port 25: `checks/smtp` again, where it was asked
/// (`audit --behaviour`). All of it stands on replies to MAIL, RCPT, VRFY and EXPN; no message was ever begun.
///
/// A reply about us (a block list, our sender, TLS that failed) or about the moment (4xx) tells nothing about the
/// server's ways.
enum BehaviourRules {
    static let all: [Rule] =
        [
            domainServed, postmaster, postmasterBare, abuse, nullSender, unknownRecipient, ownDomainSender, verify,
            verifyAll, expand, greylisting, slowReplies,
        ] + RelayRules.all

    // The server takes no mail for the domain whose MX it is.
    static let domainServed = onAsked("smtp.domain-served") { port, seen in
        let asked = [SMTPBehaviour.Question.postmaster, .unknownRecipient, .abuse].compactMap { seen.answer(to: $0) }
            .filter { !$0.isAboutSender }
        guard let first = asked.first else { return .cannotTell(seen.whyNotAsked) }
        let denied = asked.filter { $0.reply.meaning == .relayDenied }
        if denied.count == asked.count {
            return .finds(
                Found(
                    "\(port.endpoint.host) is a mail server of \(seen.domain) but takes no mail for it: "
                        + "\(quoted(first.reply.summary)).",
                    detail: detail(port, first)))
        }
        if asked.contains(where: { [.accepted, .unknownMailbox, .mailboxUnusable].contains($0.reply.meaning) }) {
            return .passes
        }
        return .cannotTell(seen.failure(first))
    }

    // RFC 5321 §4.5.1.
    static let postmaster = onAsked("smtp.postmaster") { port, seen in
        mustAccept(.postmaster, "postmaster@\(seen.domain)", port, seen)
    }

    static let postmasterBare = onAsked("smtp.postmaster-bare") { port, seen in
        mustAccept(.barePostmaster, "<postmaster> without a domain", port, seen)
    }

    // RFC 2142 §4.
    static let abuse = onAsked("smtp.abuse") { port, seen in
        mustAccept(.abuse, "abuse@\(seen.domain)", port, seen)
    }

    private static func mustAccept(
        _ question: SMTPBehaviour.Question, _ what: String, _ port: PortObservation, _ seen: SMTPBehaviour
    ) -> Verdict {
        guard let answer = seen.answer(to: question) else { return .cannotTell(seen.whyNotAsked) }
        if answer.isAboutSender { return .cannotTell(seen.failure(answer)) }
        switch answer.reply.meaning {
        case .accepted, .cannotVerify: return .passes
        case .unknownMailbox, .notUnderstood: break
        case .relayDenied:
            if question != .barePostmaster {
                return .doesNotApply("the server takes no mail for the domain: see smtp.domain-served")
            }
        // A refusal that does not say why counts only where the server accepts something at all.
        case .refused where [.postmaster, .abuse, .recipientsAccepted(seen)].contains(where: { seen.accepts($0) }):
            break
        default: return .cannotTell(seen.failure(answer))
        }
        return .finds(
            Found(
                "\(port.endpoint.host) refuses mail to \(what): \(quoted(answer.reply.summary)).",
                detail: detail(port, answer)))
    }

    // RFC 5321 §4.5.5: notifications about mail that was not delivered come from the null sender.
    static let nullSender = onAsked("smtp.null-sender") { port, seen in
        let answers = seen.answers.filter { $0.question == .nullSender }
        guard let first = answers.first else { return .cannotTell(seen.whyNotAsked) }
        // The second, if there is one, is a recipient who was refused because of the sender.
        guard let refused = answers.first(where: { !$0.reply.isPositive }) else {
            let recipients = seen.answers.filter {
                $0.sender == "<>" && !$0.isAboutSender && $0.question != .nullSender
            }
            if recipients.contains(where: \.reply.isPositive) { return .passes }
            guard let last = recipients.first(where: { $0.reply.meaning != .unknownMailbox }) else {
                return recipients.isEmpty ? .cannotTell(seen.whyNotAsked) : .passes
            }
            return [.relayDenied, .mailboxUnusable].contains(last.reply.meaning)
                ? .passes : .cannotTell(seen.failure(last))
        }
        switch refused.reply.meaning {
        case .refusesClient, .needsTLS, .needsLogin, .greylisted, .deferred: return .cannotTell(seen.failure(refused))
        default:
            if refused.reply.isTransient { return .cannotTell(seen.failure(refused)) }
            // A server that says the same to a sender with a name refuses us, not the null sender.
            let isForAll = seen.answers.contains {
                $0.isAboutSender && $0.sender != "<>" && $0.reply.code == refused.reply.code
                    && $0.reply.summary == refused.reply.summary
            }
            if isForAll { return .cannotTell(seen.failure(refused)) }
            return .finds(
                Found(
                    "\(port.endpoint.host) refuses the null sender, which delivery notifications come from: "
                        + "\(quoted(refused.reply.summary)).",
                    detail: detail(port, first == refused ? first : refused)))
        }
    }

    static let unknownRecipient = onAsked("smtp.unknown-recipient") { port, seen in
        guard let answer = seen.answer(to: .unknownRecipient) else { return .cannotTell(seen.whyNotAsked) }
        if answer.isAboutSender { return .cannotTell(seen.failure(answer)) }
        switch answer.reply.meaning {
        case .accepted, .cannotVerify:
            return .finds(
                Found(
                    "\(port.endpoint.host) accepts an address of \(seen.domain) at RCPT that was made up on the spot.",
                    detail: detail(port, answer)))
        case .unknownMailbox, .mailboxUnusable: return .passes
        case .refused where seen.accepts(.postmaster): return .passes
        case .relayDenied: return .doesNotApply("the server takes no mail for the domain: see smtp.domain-served")
        default: return .cannotTell(seen.failure(answer))
        }
    }

    // What SPF and DMARC say of the sender is often looked at only after DATA, which was never said.
    static let ownDomainSender = onAsked("smtp.own-domain-sender") { port, seen in
        guard let answer = seen.answer(to: .ownDomainSender) else { return .cannotTell(seen.whyNotAsked) }
        if answer.reply.isPositive, !answer.isAboutSender {
            return .finds(
                Found(
                    "\(port.endpoint.host) takes a stranger without a login at RCPT who gives a sender of \(seen.domain) "
                        + "itself. It may still refuse the message: none was sent.",
                    detail: detail(port, answer)))
        }
        switch answer.reply.meaning {
        case .greylisted, .deferred, .refusesClient, .needsTLS: return .cannotTell(seen.failure(answer))
        case .relayDenied where !answer.isAboutSender, .unknownMailbox where !answer.isAboutSender:
            return .doesNotApply("the server refuses the recipient that this was asked with")
        default: return answer.reply.isTransient ? .cannotTell(seen.failure(answer)) : .passes
        }
    }

    // RFC 5321 §7.3.
    static let verify = onAsked("smtp.vrfy") { port, seen in
        guard let known = seen.answer(to: .verify), let unknown = seen.answer(to: .verifyUnknown) else {
            return .cannotTell(seen.whyNotAsked)
        }
        if known.reply.isTransient || unknown.reply.isTransient {
            return .cannotTell(seen.failure(known.reply.isTransient ? known : unknown))
        }
        // 252 to both, or 250 to both, or a refusal of both tell nobody anything.
        guard known.reply.isPositive, unknown.reply.code / 100 == 5, unknown.reply.meaning != .notUnderstood else {
            return .passes
        }
        return .finds(
            Found(
                "\(port.endpoint.host) tells by VRFY which addresses exist: \(quoted(known.reply.summary, limit: 60)) to one "
                    + "that does, \(quoted(unknown.reply.summary, limit: 60)) to one that does not.",
                detail: detail(port, known)))
    }

    // RFC 5321 §3.5.3: 250 only where the address was verified; 252 where it was not.
    static let verifyAll = onAsked("smtp.vrfy-all") { port, seen in
        guard let known = seen.answer(to: .verify), let unknown = seen.answer(to: .verifyUnknown) else {
            return .cannotTell(seen.whyNotAsked)
        }
        if known.reply.isTransient || unknown.reply.isTransient {
            return .cannotTell(seen.failure(known.reply.isTransient ? known : unknown))
        }
        guard [250, 251].contains(known.reply.code), [250, 251].contains(unknown.reply.code) else { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) answers \(unknown.reply.code) to VRFY of every name, also of one that was made up "
                    + "on the spot: it tells nothing about addresses.",
                detail: detail(port, unknown),
                // Where mail to every name is taken, every name may have been verified.
                severity: seen.accepts(.unknownRecipient) ? .info : nil))
    }

    static let expand = onAsked("smtp.expn") { port, seen in
        guard let answer = seen.answer(to: .expand) else { return .cannotTell(seen.whyNotAsked) }
        if answer.reply.isTransient { return .cannotTell(seen.failure(answer)) }
        guard answer.reply.code == 250 else { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) shows by EXPN who stands behind an address: \(quoted(answer.reply.summary)).",
                detail: detail(port, answer)))
    }

    // RFC 6647.
    static let greylisting = onAsked("smtp.greylisting") { port, seen in
        // Of those that were asked for again, one that was taken tells most.
        let puttingOff = seen.greylisted
        if let answer = puttingOff.first(where: \.reply.isPositive) ?? puttingOff.first {
            let first = answer.secondTry?.first ?? answer.reply
            return .finds(
                Found(
                    "\(port.endpoint.host) puts us off, as servers do with senders whom they do not know yet: "
                        + "\(quoted(first.summary)). \(outcome(answer))",
                    detail: detail(port, answer)
                        + (answer.secondTry.map { [.init("second_try_seconds", .number($0.waited))] } ?? [])))
        }
        return seen.answers.contains { $0.reply.isPositive && $0.command.hasPrefix("RCPT") }
            ? .passes : .cannotTell(seen.stopped ?? seen.answers.first.map(seen.failure) ?? seen.whyNotAsked)
    }

    /// What a second try brought.
    private static func outcome(_ answer: SMTPBehaviour.Answer) -> String {
        guard let second = answer.secondTry else { return "No second try was made." }
        let waited = seconds(second.waited)
        if answer.reply.isPositive { return "It is greylisting, passed after \(waited)." }
        return answer.reply.meaning == .greylisted
            ? "It still did so after \(waited)."
            : "Asked again after \(waited), it said \(quoted(answer.reply.summary))."
    }

    /// Seconds for a reply to MAIL, RCPT or VRFY, half of all replies or more, that are no accident.
    private static let tarpitSeconds = 2.0

    static let slowReplies = onAsked("smtp.slow-replies") { port, seen in
        let times = seen.answers.map(\.seconds).sorted()
        guard let median = times.isEmpty ? nil : times[times.count / 2] else { return .cannotTell(seen.whyNotAsked) }
        if median < tarpitSeconds { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) takes \(seconds(median)) for a reply, as a tarpit does.",
                detail: endpoint(port) + [.init("median_seconds", .number(median))]))
    }

    // MARK: Shapes

    /// On each port 25 whose server was asked.
    static func onAsked(
        _ identifier: String, _ verdict: @escaping @Sendable (PortObservation, SMTPBehaviour) -> Verdict
    ) -> Rule {
        Rule(identifier) { evidence in
            let asked = evidence.ports.filter { $0.service == .smtp && $0.behaviour?.isWhole == true }
            if asked.isEmpty {
                return [Rule.inapplicable("servers were not asked how they behave (--behaviour)", evidence)]
            }
            return asked.compactMap { port in
                port.behaviour.map { Ruling(.endpoint(port.endpoint), verdict(port, $0)) }
            }
        }
    }

    static func detail(_ port: PortObservation, _ answer: SMTPBehaviour.Answer) -> [JSON.Member] {
        endpoint(port) + [
            .init("sender", answer.sender.map { .string($0) } ?? nil), .init("command", .string(answer.command)),
            .init("reply", .string(answer.reply.summary)),
        ]
    }

    static func seconds(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension SMTPBehaviour.Question {
    /// Any question: what `seen` accepts first, as a question to ask ``SMTPBehaviour/accepts(_:)``.
    fileprivate static func recipientsAccepted(_ seen: SMTPBehaviour) -> Self {
        seen.answers.first { !$0.isAboutSender && $0.reply.isPositive && $0.command.hasPrefix("RCPT") }?.question
            ?? .unknownRecipient
    }
}

extension SMTPBehaviour {
    /// Why a question has no answer.
    var whyNotAsked: Failure {
        stopped ?? Failure(.timeout, during: .rcpt, "the conversation ended before this was asked")
    }

    /// A reply that tells nothing of what was asked.
    func failure(_ answer: Answer) -> Failure {
        let cause: Failure.Cause =
            switch answer.reply.meaning {
            case .greylisted: .greylisted
            case _ where answer.isAboutSender: .mailRejected
            default: .rcptRejected
            }
        return Failure(cause, during: answer.isAboutSender ? .mail : .rcpt, quoted(answer.reply.summary, limit: 200))
    }
}
