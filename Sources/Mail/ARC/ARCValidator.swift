import Crypto
package import DNS

/// Validates the ARC chain of one message (RFC 8617 §5.2).
///
/// Made once a message: structure and hashes are settled then, with work that grows with the header's length alone;
/// asking for keys can be repeated with more knowledge. Sealing is left out.
package struct ARCValidator: Sendable {
    /// RFC 8617 §4.2.1.
    package static let maximumSets = 50

    private let structure: ARCChain
    /// Message signature and seal of each set, from the first.
    private let prepared: [PreparedSet]

    package init(_ message: Message) {
        if let cut = message.header.cut {
            var chain = ARCChain(.fail, reason: cut)
            chain.isCut = true
            structure = chain
            prepared = []
            return
        }
        do throws(ARCDefect) {
            let fields = try ARCFields(message)
            structure = ARCChain(fields.sets.isEmpty ? .none : .pass, sets: fields.sets)
            prepared = fields.sets.isEmpty ? [] : fields.prepared(of: message)
        } catch {
            structure = ARCChain(.fail, reason: error.reason)
            prepared = []
        }
    }

    /// The status of the chain. Keys that are not known yet become wanted.
    package func validate(
        at now: Timestamp, policy: DKIMPolicy = DKIMPolicy(), asking dns: inout Knowledge
    ) -> ARCChain {
        var chain = structure
        guard chain.result == .pass else { return chain }
        // All are asked for at once; the order of RFC 8617 §5.2 decides below.
        let outcomes = prepared.map { set in
            var message = set.message.verify(at: now, policy: policy, asking: &dns)
            if message.result == .fail, let other = set.otherwise?.verify(at: now, policy: policy, asking: &dns),
                other.result == .pass
            {
                message = other
            }
            return (message: message, seal: set.seal.verify(at: now, policy: policy, asking: &dns))
        }
        for (place, outcome) in outcomes.enumerated() {
            chain.sets[place].messageSignatureHolds = outcome.message.told
            chain.sets[place].sealHolds = outcome.seal.told
        }
        // Step 4: the latest message signature.
        if let last = outcomes.last, last.message.result != .pass {
            chain.fail(last.message, "the message signature (ARC-Message-Signature) of instance \(outcomes.count)")
            return chain
        }
        // Step 6: every seal, from the latest.
        for (place, outcome) in outcomes.enumerated().reversed() where outcome.seal.result != .pass {
            chain.fail(outcome.seal, "the seal (ARC-Seal) of instance \(place + 1)")
            return chain
        }
        // Step 5: how far back the message is as it was.
        let broken = outcomes.lastIndex { $0.message.result != .pass }
        chain.oldestPass = broken.map { $0 + 2 } ?? 0
        return chain
    }
}

extension DKIMVerification {
    /// Whether it holds; nil where the DNS did not answer.
    fileprivate var told: Bool? { result == .temperror ? nil : result == .pass }
}

extension ARCChain {
    fileprivate mutating func fail(_ verification: DKIMVerification, _ what: String) {
        result = .fail
        reason = "\(what) does not hold: \(verification.reason ?? verification.result.rawValue)"
        guard verification.result == .temperror else { return }
        unanswered = verification.lookup?.status.unanswered
        unansweredName = verification.lookup?.name
    }
}
