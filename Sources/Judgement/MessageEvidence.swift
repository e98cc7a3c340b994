package import DNS
package import Mail

/// What a message says by itself, read once: everything that needs no DNS.
package struct MessageReading: Sendable {
    package var observation: MessageObservation
    package var message: Mail.Message
    /// Hops, the oldest first, and their delays.
    package var journey: Journey
    /// Every Authentication-Results field, the newest first, and whether to believe it.
    package var claims: [AuthenticationResults.Claim]
    /// Every Received-SPF field likewise.
    package var spfClaims: [ReceivedSPF.Claim]
    /// Parts, links, images.
    package var contents: MessageContents
    /// What spam filters wrote, from the top, and whether to believe it.
    package var spamOpinions: [SpamOpinion]
    package var unsubscription: Unsubscription?
    /// Who handed the message to the receiver; nil where it cannot be told.
    package var client: MessageClient?
    /// Where that comes from, or why it cannot be told, in words.
    package var clientBasis: String
    private let verifier: DKIMVerifier
    private let sealer: ARCValidator

    package var header: MessageHeader { message.header }
    /// The mailboxes of the first From field.
    package var authors: [Mailbox] { header.first("From").map { Mailbox.list($0.rawValue) } ?? [] }

    package init(
        _ observation: MessageObservation, submittedAt: Timestamp? = nil, observedAt: Timestamp? = nil
    ) {
        self.observation = observation
        message = Mail.Message(parsing: observation.octets)
        journey = Journey(message.header, submittedAt: submittedAt, observedAt: observedAt)
        let beneath = observation.isOurOwn ? AuthenticationResults.BeneathReceived.believed : .doubted
        claims = AuthenticationResults.claims(in: message.header, by: observation.receivers, beneath: beneath)
        spfClaims = ReceivedSPF.claims(in: message.header, by: observation.receivers, beneath: beneath)
        contents = MessageContents(message)
        spamOpinions = SpamOpinion.claims(in: message.header, by: observation.receivers, beneath: beneath)
        unsubscription = Unsubscription(message.header)
        (client, clientBasis) = MessageClient.find(observation, message.header)
        verifier = DKIMVerifier(message)
        sealer = ARCValidator(message)
    }

    /// Evaluates what needs the DNS as of a moment; what is not known yet becomes wanted.
    package func evidence(at: Timestamp, asking dns: inout Knowledge) -> MessageEvidence {
        let spf = client.map {
            SPFCheck.evaluate(
                ip: $0.ip, mailFrom: $0.mailFrom, helo: $0.helo, receiver: $0.receiver, at: at, in: &dns)
        }
        let policy = DKIMPolicy(minimumKeyBits: observation.minimumKeyBits)
        let dkim = verifier.verify(at: at, policy: policy, asking: &dns)
        let dmarc = DMARCEvaluation.evaluate(
            header, spf: MessageEvidence.claims(spf, header), dkim: dkim.compactMap { .init($0) }, in: &dns)
        let arc = sealer.validate(at: at, policy: policy, asking: &dns)
        let path = (client?.mailFrom ?? MessageClient.returnPath(header)).flatMap(MessageEvidence.domain)
        let returnPath = path.map {
            ReturnPathDestination(domain: $0, mail: ReportDestination.mail(for: $0, asking: &dns))
        }
        let reverse = observation.profile == nil ? nil : client.map { MailAddress.gather($0.ip, asking: &dns) }
        return MessageEvidence(
            reading: self, at: at, spf: spf, dkim: dkim, dmarc: dmarc, arc: arc, reverse: reverse,
            returnPathDestination: returnPath,
            identities: MessageEvidence.identities(self, spf: spf, dkim: dkim, dmarc: dmarc.decisive))
    }
}

/// A message as received, read and checked: what rules on messages see. A function of the observation, the moment and
/// the DNS.
@dynamicMemberLookup
package struct MessageEvidence: Sendable {
    package var reading: MessageReading
    /// The moment it is judged as of.
    package var at: Timestamp
    /// nil where nobody knows who handed the message in.
    package var spf: SPFEvaluation?
    /// In the order of the signatures, the topmost first.
    package var dkim: [DKIMVerification]
    package var dmarc: DMARCEvaluation.OfMessage
    package var arc: ARCChain
    /// What the reverse zone says of the client's address; asked only where a profile is to be held against it.
    package var reverse: MailAddress?
    /// Where bounces go; nil where the reverse-path is empty or has no domain.
    package var returnPathDestination: ReturnPathDestination?
    package var identities: [MessageIdentity]

    package subscript<Value>(dynamicMember path: KeyPath<MessageReading, Value>) -> Value { reading[keyPath: path] }

    /// What the receiver itself wrote of a method: anyone on the way could have written the rest.
    package func believedResults(of method: String) -> [AuthenticationResults.Result] {
        self.claims.filter(\.isBelieved).flatMap { $0.field.results(of: method) }
    }

    /// Reads the message; what has to be asked of the DNS becomes wanted.
    package static func gather(
        _ observation: MessageObservation, at: Timestamp, asking dns: inout Knowledge
    ) -> MessageEvidence {
        MessageReading(observation).evidence(at: at, asking: &dns)
    }

    /// What SPF says of a domain. Where nobody knows who handed the message in, it may have passed for any author's.
    fileprivate static func claims(_ spf: SPFEvaluation?, _ header: MessageHeader) -> [DMARCEvaluation.Authenticated] {
        guard let spf else {
            guard case .domains(let domains) = DMARCAuthor(header) else { return [] }
            return domains.map { .init($0, .couldNotTell) }
        }
        return DMARCEvaluation.Authenticated(spf).map { [$0] } ?? []
    }
}

/// The domain of a reverse-path, and whether mail can be delivered to it.
package struct ReturnPathDestination: Sendable {
    package var domain: DomainName
    package var mail: ReportDestination.Mail
}
