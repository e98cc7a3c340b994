package import DNS

/// The chain of custody of a message: what came of validating its ARC sets (RFC 8617 §5.2).
package struct ARCChain: Hashable, Sendable {
    /// The Chain Validation Status.
    package enum Result: String, Hashable, Sendable, Codable {
        /// There are no ARC fields.
        case none
        case pass
        case fail
    }

    package var result: Result
    /// Why it fails, in a sentence without its stop.
    package var reason: String?
    /// The sets from the first handler to the last; empty where the fields make no sets.
    package var sets: [ARCSet]
    /// The lowest instance whose message signature, and all above it, still holds; 0 where all do (RFC 8617 §5.2 step 5).
    /// Nil where the chain does not pass.
    package var oldestPass: Int?
    /// The DNS did not answer. The standard makes that a failure (RFC 8617 §5.2), which says nothing of the message.
    package var unanswered: Unanswered?
    /// What was asked for in vain.
    package var unansweredName: DomainName?
    /// Part of the header was not read, so that nothing can be told.
    package var isCut = false

    /// Whether it fails for want of knowledge, and may pass another time.
    package var couldNotTell: Bool { unanswered != nil || isCut }

    package init(_ result: Result, reason: String? = nil, sets: [ARCSet] = []) {
        self.result = result
        self.reason = reason
        self.sets = sets
    }

    /// Validates the chain of a message. Who asks more than once makes an ``ARCValidator`` and keeps it.
    package static func validate(
        _ message: Message, at now: Timestamp, policy: DKIMPolicy = DKIMPolicy(), asking dns: inout Knowledge
    ) -> ARCChain {
        ARCValidator(message).validate(at: now, policy: policy, asking: &dns)
    }
}
