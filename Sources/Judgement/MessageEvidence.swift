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
    package var unsubscription: Unsubscription?
    /// Who handed the message to the receiver; nil where it cannot be told.
    package var client: MessageClient?
    /// Where that comes from, or why it cannot be told, in words.
    package var clientBasis: String
    private let verifier: DKIMVerifier

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
        unsubscription = Unsubscription(message.header)
        (client, clientBasis) = MessageClient.find(observation, message.header)
        verifier = DKIMVerifier(message)
    }

    /// Evaluates what needs the DNS as of a moment; what is not known yet becomes wanted.
    package func evidence(at: Timestamp, asking dns: inout Knowledge) -> MessageEvidence {
        let spf = client.map {
            SPFCheck.evaluate(
                ip: $0.ip, mailFrom: $0.mailFrom, helo: $0.helo, receiver: $0.receiver, at: at, in: &dns)
        }
        let policy = DKIMPolicy(minimumKeyBits: observation.minimumKeyBits)
        let dkim = verifier.verify(at: at, policy: policy, asking: &dns)
        let domains = Set(authors.compactMap { MessageEvidence.domain(of: $0.address) })
        var dmarc: DMARCEvaluation?
        if let domain = domains.first, domains.count == 1, header.all("From").count == 1 {
            dmarc = DMARCEvaluation.evaluate(
                from: domain, spfPass: spf?.result == .pass ? [spf?.domain].compactMap(\.self) : [],
                dkimPass: dkim.filter { $0.result == .pass }.compactMap(\.domain), asking: &dns)
            let isOpen = spf == nil || spf?.result == .temperror || dkim.contains { $0.result == .temperror }
            // RFC 9989 §5.3: what could not be told may yet be a pass.
            if dmarc?.result == .fail, isOpen { dmarc?.result = .temperror }
        }
        let reverse = observation.profile == nil ? nil : client.map { MailAddress.gather($0.ip, asking: &dns) }
        return MessageEvidence(
            reading: self, at: at, spf: spf, dkim: dkim, dmarc: dmarc, reverse: reverse,
            identities: MessageEvidence.identities(self, spf: spf, dkim: dkim, dmarc: dmarc))
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
    /// nil where From does not name one domain.
    package var dmarc: DMARCEvaluation?
    /// What the reverse zone says of the client's address; asked only where a profile is to be held against it.
    package var reverse: MailAddress?
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
}
