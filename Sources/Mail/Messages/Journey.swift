/// The way of a message as its Received fields tell it, with what delays can be made of their clocks.
package struct Journey: Hashable, Sendable {
    package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
        /// Handed in by its author's program or a local process.
        case submission
        case relay
        /// Through a content filter on the same host.
        case filter
        /// Into the mailbox: LMTP, or the last hop.
        case delivery
    }

    package struct Hop: Hashable, Sendable {
        package var received: Received
        package var role: Role
        /// Seconds since the date of the hop before (or `submittedAt`); may be negative. nil where a date is missing.
        package var delay: Double?
        /// The same with the clocks put right; never negative.
        package var correctedDelay: Double?
        /// How far this hop's clock is ahead, in seconds, where that can be told; 0 otherwise.
        package var skew: Double
        /// Why the correction, in a sentence.
        package var explanation: String?
    }

    /// Oldest first.
    package var hops: [Hop]
    /// Seconds from the first to the last trusted date; nil with fewer than two.
    package var transit: Double?
    package var submittedAt: Timestamp?
    package var observedAt: Timestamp?
}
