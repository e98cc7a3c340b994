package import DNS
package import Mail

/// A message as received, read: what rules on messages see. A function of the observation, the moment and the DNS.
package struct MessageEvidence: Sendable {
    package var observation: MessageObservation
    package var message: Mail.Message
    /// Hops, the oldest first, and their delays.
    package var journey: Journey
    /// Every Authentication-Results field, the newest first, and whether to believe it.
    package var claims: [AuthenticationResults.Claim]
    /// The moment it is judged as of.
    package var at: Timestamp

    package var header: MessageHeader { message.header }

    /// What the receiver itself wrote of a method: anyone on the way could have written the rest.
    package func believedResults(of method: String) -> [AuthenticationResults.Result] {
        claims.filter(\.isBelieved).flatMap { $0.field.results(of: method) }
    }

    /// Reads the message; what has to be asked of the DNS becomes wanted.
    package static func gather(
        _ observation: MessageObservation, at: Timestamp, asking dns: inout Knowledge
    ) -> MessageEvidence {
        let message = Mail.Message(parsing: observation.octets)
        return MessageEvidence(
            observation: observation, message: message, journey: Journey(message.header),
            claims: AuthenticationResults.claims(
                in: message.header, by: observation.receivers, beneath: observation.isOurOwn ? .believed : .doubted),
            at: at)
    }
}
