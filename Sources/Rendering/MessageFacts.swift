package import Judgement
package import Mail

/// What the header of a received message says of its way and of what its receiver thought of it.
package struct MessageFacts: Sendable {
    package var header: MessageHeader
    package var journey: Journey
    /// Every Authentication-Results field, the newest first, and whether to believe it.
    package var claims: [AuthenticationResults.Claim]

    /// Of a test message as it was found; nil where none was.
    package init?(_ roundTrip: RoundTripObservation) {
        if roundTrip.header.isEmpty { return nil }
        header = MessageHeader(parsing: roundTrip.header)
        var observedAt: Timestamp?
        if let submission = roundTrip.submissionSeconds, let delivery = roundTrip.deliverySeconds {
            observedAt = roundTrip.submittedAt + (submission + delivery)
        }
        journey = Journey(header, submittedAt: roundTrip.submittedAt, observedAt: observedAt)
        // We sent it, and we sent no such field: what bears the receiver's name is the receiver's (RFC 8601 §5).
        claims = AuthenticationResults.claims(in: header, beneath: .believed)
    }

    /// What the receiver itself wrote of a method: anyone on the way could have written the rest.
    package func results(of method: String) -> [AuthenticationResults.Result] {
        claims.filter(\.isBelieved).flatMap { $0.field.results(of: method) }
    }
}
