internal import DNS
internal import Judgement
package import Mail

/// What is asked of the ports of a target beyond what every conversation shows.
package struct PortQuestions: Hashable, Sendable {
    /// Whether a command behind STARTTLS is obeyed inside TLS: one more connection to each port with STARTTLS.
    package var injection: Bool
    /// Whom port 25 takes as sender and recipient, and whether the submission ports take mail without a login.
    package var behaviour: Bool
    /// Addresses whose existence is asked for.
    package var recipients: [EmailAddress]
    /// Seconds to wait at most until those whom greylisting put off on port 25 are asked for again; 0: they are not.
    package var greylistWait: Double

    package init(
        injection: Bool = false, behaviour: Bool = false, recipients: [EmailAddress] = [], greylistWait: Double = 0
    ) {
        self.injection = injection
        self.behaviour = behaviour
        self.recipients = recipients
        self.greylistWait = greylistWait
    }

    /// The conversation that every audit has, and nothing else.
    package static let none = PortQuestions()
}

/// The questions to one server, in words: who is asked what, with which sender.
struct SMTPQuestions: Sendable {
    /// The domain whose mail server it is.
    var domain: DomainName
    /// The address that was dialled.
    var address: IPAddress
    var ehloName: EHLOName
    /// The local part that nobody can have made: letters, digits, hyphens.
    var invented: String

    /// Names that RFC 2606 §3 keeps for examples: nobody's mail goes there, and none is sent.
    private static let examples = ["example.com", "example.net", "example.org"]

    /// Two names that are neither the domain nor below it nor above it.
    private var elsewhere: (recipient: String, sender: String) {
        let names = Self.examples.filter { name in
            guard let other = try? DomainName(name) else { return false }
            return !domain.isWithin(other) && !other.isWithin(domain)
        }
        return (names.first ?? "example.com", names.dropFirst().first ?? "example.net")
    }

    /// The sender who is a stranger: the postmaster of the name we give in EHLO, where that is a name and not the
    /// domain's own.
    var foreignSender: String {
        let name = ehloName.description
        guard name.contains("."), !name.hasPrefix("["), let own = try? DomainName(name), !own.isWithin(domain) else {
            return "<probe@\(elsewhere.sender)>"
        }
        return "<postmaster@\(name)>"
    }

    private func rcpt(
        _ question: SMTPBehaviour.Question, _ path: String, from sender: String,
        after: [SMTPBehaviour.Question] = []
    ) -> SMTPInquiry.Item {
        SMTPInquiry.Item(question: question, sender: sender, command: "RCPT TO:\(path)", after: after)
    }

    /// All that is asked on a port of `service`.
    func items(on service: Service, _ wanted: PortQuestions) -> [SMTPInquiry.Item] {
        guard service == .smtp else { return wanted.behaviour && service.dialect == .smtp ? submission : [] }
        let single = items(recipients: wanted.recipients)
        guard wanted.behaviour else { return single }
        // What single addresses are held against is asked once.
        return single.filter { $0.question != .unknownRecipient } + behaviour
    }

    /// Whether these addresses are there, each once; an invented one tells what an answer is worth.
    func items(recipients: [EmailAddress]) -> [SMTPInquiry.Item] {
        let asked = recipients.filter { $0.domain == domain }.compactMap { address in
            SMTPPath(address).map { rcpt(.recipient(address.description), $0.description, from: "<>") }
        }
        return asked.isEmpty ? [] : asked + [rcpt(.unknownRecipient, "<\(invented)@\(domain)>", from: "<>")]
    }

    /// All that shows how a server behaves; what most depends on comes first.
    var behaviour: [SMTPInquiry.Item] {
        let stranger = foreignSender
        return [
            rcpt(.unknownRecipient, "<\(invented)@\(domain)>", from: "<>"),
            rcpt(.postmaster, "<postmaster@\(domain)>", from: "<>"),
            rcpt(.abuse, "<abuse@\(domain)>", from: "<>"),
            rcpt(.barePostmaster, "<postmaster>", from: "<>"),
            relay(.nullSender, from: "<>"),
            relay(.foreign, from: stranger),
            relay(.sourceRoute, from: stranger),
            relay(.percentHack, from: stranger),
            relay(.quotedLocalPart, from: stranger),
            rcpt(.ownDomainSender, "<postmaster@\(domain)>", from: "<postmaster@\(domain)>"),
            relay(.ownDomainSender, from: "<postmaster@\(domain)>"),
            relay(.addressLiteralSender, from: "<probe@\(literal)>"),
            relay(.localhostSender, from: "<probe@localhost>"),
            SMTPInquiry.Item(question: .verify, sender: nil, command: "VRFY postmaster@\(domain)"),
            SMTPInquiry.Item(question: .verifyUnknown, sender: nil, command: "VRFY \(invented)@\(domain)"),
            SMTPInquiry.Item(question: .expand, sender: nil, command: "EXPN postmaster"),
            relay(.bangPath, from: stranger),
            relay(.doubleAt, from: stranger),
            relay(.quotedAlone, from: stranger),
            relay(.bangAlone, from: stranger),
            rcpt(
                .unknownWithoutDomain, "<\(invented)>", from: stranger,
                after: [.relay(.quotedAlone), .relay(.bangAlone)]),
        ]
    }

    /// Whether a submission port carries mail of anyone.
    var submission: [SMTPInquiry.Item] { [relay(.foreign, from: foreignSender)] }

    private var literal: String {
        address.family == .ipv6 ? "[IPv6:\(address)]" : "[\(address)]"
    }

    /// RFC 5321 appendix C and §3.6.1, and what mailers before it understood.
    private func relay(_ form: RelayForm, from sender: String) -> SMTPInquiry.Item {
        let there = elsewhere.recipient
        let path =
            switch form {
            case .foreign, .nullSender, .ownDomainSender, .addressLiteralSender, .localhostSender:
                "<probe-test@\(there)>"
            case .sourceRoute: "<@\(domain):probe-test@\(there)>"
            case .percentHack: "<probe-test%\(there)@\(domain)>"
            case .quotedLocalPart: "<\"probe-test@\(there)\"@\(domain)>"
            case .bangPath: "<\(there)!probe-test@\(domain)>"
            case .doubleAt: "<probe-test@\(there)@\(domain)>"
            case .quotedAlone: "<\"probe-test@\(there)\">"
            case .bangAlone: "<\(there)!probe-test>"
            }
        return rcpt(.relay(form), path, from: sender)
    }
}
