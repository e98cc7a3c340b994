import DNS

/// Mail for elsewhere from elsewhere: `checks/smtp/open-relay`, `checks/submission/without-login`.
enum RelayRules {
    static let all: [Rule] = [openRelay, withoutLogin]

    // RFC 5321 §7.9, RFC 2505 §2.
    static let openRelay = BehaviourRules.onAsked("smtp.open-relay") { port, seen in
        let asked = seen.answers.filter { $0.form != nil }
        let accepted = asked.filter { isRelayed($0, seen) }
        if !accepted.isEmpty { return .finds(found(accepted, port, seen)) }
        // An accepted form that may as well name a local mailbox tells nothing either way, and the others decide.
        let plain = asked.filter { $0.form?.control == RelayForm.Control.none }
        guard let first = plain.first(where: { $0.form == .foreign }) else { return .cannotTell(seen.whyNotAsked) }
        for answer in plain {
            switch answer.reply.meaning {
            case .greylisted, .deferred, .refusesClient, .needsTLS: return .cannotTell(seen.failure(answer))
            default: continue
            }
        }
        let told: Set<RelayForm> = [.foreign, .nullSender, .ownDomainSender]
        if !told.isSubset(of: Set(plain.compactMap(\.form))) { return .cannotTell(seen.whyNotAsked) }
        return first.reply.isTransient && first.reply.meaning != .relayDenied
            ? .cannotTell(seen.failure(first)) : .passes
    }

    /// RCPT was accepted, and the recipient can only be one elsewhere.
    private static func isRelayed(_ answer: SMTPBehaviour.Answer, _ seen: SMTPBehaviour) -> Bool {
        // Any 2yz takes the recipient (RFC 5321 §4.2.1); 252 promises to try.
        guard let form = answer.form, !answer.isAboutSender, answer.reply.isPositive else { return false }
        switch form.control {
        case .none: return true
        case .unknownRecipient: return seen.refusesUnknown
        case .unknownWithoutDomain:
            return seen.answer(to: .unknownWithoutDomain)?.reply.meaning == .unknownMailbox
        }
    }

    private static func found(
        _ accepted: [SMTPBehaviour.Answer], _ port: PortObservation, _ seen: SMTPBehaviour
    ) -> Found {
        let forms = accepted.compactMap(\.form)
        let commands = accepted.prefix(3).map { "MAIL FROM:\($0.sender ?? "<>"), \($0.command)" }
        var summary =
            "\(port.endpoint.host) accepts recipients elsewhere from a stranger (\(list(commands, limit: 3)))."
        var severity: Severity?
        if port.endpoint.address.isNearby {
            summary += " It was asked from its own network, for which servers relay on purpose: ask it from outside."
            severity = .warning
        } else if seen.accepts(.unknownRecipient), forms.contains(.foreign) {
            summary += " It accepts every recipient, so that it may decide only after DATA, which was not sent."
            severity = .error
        } else {
            summary += " Whether it would deliver shows only after DATA, which was not sent."
        }
        return Found(
            summary,
            detail: endpoint(port) + [
                .init("forms", .strings(forms.map(\.rawValue))), .init("commands", .strings(commands)),
                .init("reply", .string(accepted[0].reply.summary)),
            ], severity: severity)
    }

    // RFC 6409 §4.3.
    static let withoutLogin = Rule.onPorts("submission.without-login", of: [.submission, .submissions]) { port, _ in
        guard let seen = port.behaviour else {
            return .doesNotApply("servers were not asked how they behave (--behaviour)")
        }
        guard let answer = seen.answer(to: .relay(.foreign)) else { return .cannotTell(seen.whyNotAsked) }
        if answer.reply.isPositive, !answer.isAboutSender {
            return .finds(
                Found(
                    "\(port.endpoint.host) takes mail on port \(port.endpoint.port) from anyone without a login, to "
                        + "recipients elsewhere: \(quoted(answer.reply.summary)).",
                    detail: BehaviourRules.detail(port, answer),
                    severity: port.endpoint.address.isNearby ? .warning : nil))
        }
        switch answer.reply.meaning {
        case .greylisted, .deferred, .refusesClient: return .cannotTell(seen.failure(answer))
        default: return .passes
        }
    }
}

extension SMTPBehaviour.Answer {
    /// The form of relaying that was asked for; nil for another question.
    var form: RelayForm? { if case .relay(let form) = question { form } else { nil } }
}

extension IPAddress {
    /// Whether the address is of this machine or of a private network (RFC 1918, RFC 4193, RFC 3927): who dials it is
    /// likely to be among those it relays for.
    var isNearby: Bool {
        let octets = self.octets
        switch self {
        case .v4:
            return octets[0] == 10 || octets[0] == 127 || (octets[0] == 172 && (16...31).contains(octets[1]))
                || (octets[0] == 192 && octets[1] == 168) || (octets[0] == 169 && octets[1] == 254)
        case .v6:
            return octets[0] & 0xFE == 0xFC || (octets[0] == 0xFE && octets[1] & 0xC0 == 0x80)
                || octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1
        }
    }
}
