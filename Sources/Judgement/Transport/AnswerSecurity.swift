package import DNS
package import Mail

/// How secure answers are by DNSSEC: by our own validation where the signatures can be had, otherwise by the resolver's
/// word.
package enum AnswerSecurity {
    /// A function for those who ask, and for the judge over what was recorded.
    ///
    /// Where our own validation can't tell (a resolver that takes signatures out, a recording without them), the AD bit
    /// counts (RFC 4035 §3.2.3), as it does for a sender that trusts its resolver. Without it an answer is insecure only
    /// if the resolver is seen to validate at all. A zone of text knows itself what is signed.
    /// - Parameter anchors: as master-file text; nil for the root's keys. Text that can't be read is none: then our own
    ///   validation tells nothing.
    package static func of(_ knowledge: Knowledge, anchors text: String? = nil, at now: Timestamp) -> SecurityOf {
        let anchors = text.map { (try? TrustAnchors($0)) ?? TrustAnchors() } ?? .iana
        let validates = knowledge.outcomes.values.contains { (try? $0.get())?.authenticated == true }
        return { question, dns in
            let outcome = dns.outcome(question)
            guard let answer = try? outcome.get() else {
                if case .failure(let why) = outcome, why.reason != .notAsked, why.reason != .offline {
                    // A resolver that validates says SERVFAIL where signatures do not hold; with our own eyes we may see why.
                    let own = DNSSEC.validate(question, in: &dns, anchors: anchors, at: now.secondsSince1970).security
                    if case .bogus = own { return own }
                    return .indeterminate("\(question): \(why.reason.rawValue)")
                }
                return .indeterminate("\(question): not asked")
            }
            if answer.server.isEmpty { return answer.authenticated ? .secure : .insecure }
            let own = DNSSEC.validate(question, in: &dns, anchors: anchors, at: now.secondsSince1970).security
            guard case .indeterminate(let why) = own else { return own }
            if answer.authenticated { return .secure }
            return validates ? .insecure : .indeterminate(why)
        }
    }
}
