import DNS

/// Whether an address is there, and how much is known: what its domain's servers said to RCPT, held against what they
/// say to an address that cannot be there. Nothing was sent; a 250 promises no delivery (RFC 5321 §6.1).
package struct RecipientConclusion: Hashable, Sendable {
    package enum Result: String, Hashable, Sendable, Codable, CaseIterable {
        /// Taken, where an invented address is not.
        case accepted
        /// Taken, but so is an invented one, or that could not be found out.
        case acceptsAll = "accepts_all"
        case acceptedUnproven = "accepted_unproven"
        /// There is no such mailbox.
        case refused
        /// There is one, which is full or switched off.
        case unusable
        /// The server does not take mail for the domain.
        case notServed = "not_served"
        case greylisted, deferred
        /// The server does not like our address, our sender or our lack of TLS: that is not about the recipient.
        case refusesUs = "refuses_us"
        /// 252, or a refusal that does not say what it is about.
        case unclear
        /// Nobody could be asked.
        case notAsked = "not_asked"
    }

    package var address: String
    package var result: Result
    /// Who said so; nil where nobody was asked.
    package var endpoint: Endpoint?
    package var reply: SMTPAnswer?
    /// What the answer is worth, a sentence.
    package var worth: String

    /// Whether nobody else needs to be asked: the answer is about the mailbox and not about us or the moment.
    package var isSettled: Bool {
        switch result {
        case .accepted, .acceptsAll, .acceptedUnproven, .refused, .unusable: true
        case .notServed, .greylisted, .deferred, .refusesUs, .unclear, .notAsked: false
        }
    }

    /// From what the ports of the domain's hosts said, in the order of preference: the first settled answer, otherwise
    /// the first there is.
    package init(_ address: String, from ports: [PortObservation]) {
        var best: RecipientConclusion?
        for port in ports {
            guard let behaviour = port.behaviour, let answer = behaviour.answer(to: .recipient(address)) else {
                continue
            }
            let conclusion = RecipientConclusion(address, answer, behaviour, port.endpoint)
            if conclusion.isSettled {
                self = conclusion
                return
            }
            best = best ?? conclusion
        }
        self =
            best
            ?? RecipientConclusion(
                address: address, result: .notAsked, endpoint: nil, reply: nil,
                worth: "No mail server of the domain could be asked.")
    }

    private init(address: String, result: Result, endpoint: Endpoint?, reply: SMTPAnswer?, worth: String) {
        self.address = address
        self.result = result
        self.endpoint = endpoint
        self.reply = reply
        self.worth = worth
    }

    private init(
        _ address: String, _ answer: SMTPBehaviour.Answer, _ behaviour: SMTPBehaviour, _ endpoint: Endpoint
    ) {
        let (result, worth) = Self.read(answer, behaviour)
        self.init(address: address, result: result, endpoint: endpoint, reply: answer.reply, worth: worth)
    }

    private static func read(_ answer: SMTPBehaviour.Answer, _ behaviour: SMTPBehaviour) -> (Result, String) {
        let meaning = answer.reply.meaning
        if answer.isAboutSender {
            return meaning == .greylisted || meaning == .deferred
                ? (.deferred, "The server put our sender off, so the address was not asked for.")
                : (.refusesUs, "The server refused our sender, so the address was not asked for.")
        }
        switch meaning {
        case .accepted: return accepted(behaviour)
        case .unknownMailbox: return (.refused, "The server says that there is no such mailbox.")
        case .mailboxUnusable:
            return (.unusable, "The mailbox is known to the server, but takes nothing now: full, or switched off.")
        case .relayDenied:
            return (.notServed, "The server does not take mail for the domain, so it says nothing of the address.")
        case .greylisted:
            let second = answer.secondTry.map { "a second try \(Int($0.waited.rounded())) s later met the same" }
            return (
                .greylisted,
                "The server puts us off, as greylisting does with those it sees for the first time; "
                    + "\(second ?? "no second try was made")."
            )
        case .deferred: return (.deferred, "The server put us off; it may answer later.")
        case .refusesClient, .refusesSender, .needsTLS, .needsLogin:
            return (
                .refusesUs, "The refusal is about us, not about the address: another sender may hear something else."
            )
        case .cannotVerify, .notUnderstood, .refused:
            return (.unclear, "The reply does not say whether the mailbox is there.")
        }
    }

    private static func accepted(_ behaviour: SMTPBehaviour) -> (Result, String) {
        guard let unknown = behaviour.answer(to: .unknownRecipient), !unknown.isAboutSender else {
            return (.acceptedUnproven, "Accepted, but it is not known whether the server refuses any address at all.")
        }
        switch unknown.reply.meaning {
        case .accepted, .cannotVerify:
            return (
                .acceptsAll,
                "The server accepts an invented address of the domain as well, so that its 250 says nothing of this one."
            )
        case .unknownMailbox, .refused, .mailboxUnusable:
            return (
                .accepted,
                "An invented address of the domain is refused by the same server, so that this one is most likely there."
            )
        default:
            return (
                .acceptedUnproven, "Accepted, but what the server says to an invented address could not be found out."
            )
        }
    }
}

extension Evidence {
    /// A conclusion on each address that was asked about.
    package var recipients: [RecipientConclusion] {
        var addresses = target.recipients ?? []
        for port in ports {
            for address in port.behaviour?.recipients ?? [] where !addresses.contains(address) {
                addresses.append(address)
            }
        }
        let smtp = ports.filter { $0.service == .smtp }
        return addresses.map { RecipientConclusion($0, from: smtp) }
    }
}
