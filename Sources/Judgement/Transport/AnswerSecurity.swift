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
        let anchors = anchors(text)
        let validates = knowledge.outcomes.values.contains { (try? $0.get())?.authenticated == true }
        return { question, dns in
            let outcome = dns.outcome(question)
            guard let answer = try? outcome.get() else {
                if case .failure(let why) = outcome, why.reason != .notAsked, why.reason != .offline {
                    // A resolver that validates says SERVFAIL where signatures do not hold; with our own eyes we may see why.
                    let own = validate(question, in: &dns, anchors, at: now).security
                    if case .bogus = own { return own }
                    return .indeterminate("\(question): \(why.reason.rawValue)")
                }
                return .indeterminate("\(question): not asked")
            }
            if answer.server.isEmpty { return answer.authenticated ? .secure : .insecure }
            let own = validate(question, in: &dns, anchors, at: now).security
            guard case .indeterminate(let why) = own else { return own }
            if answer.authenticated { return .secure }
            return validates ? .insecure : .indeterminate(why)
        }
    }

    /// Anchors given as text, otherwise IANA's.
    static func anchors(_ text: String?) -> TrustAnchors {
        text.map { (try? TrustAnchors($0)) ?? TrustAnchors() } ?? .iana
    }

    /// Our own validation; `indeterminate` where the tree of names that the resolver shows is not the one whose anchors
    /// we have.
    static func validate(
        _ question: Question, in dns: inout Knowledge, _ anchors: TrustAnchors, at now: Timestamp
    ) -> Validated {
        var own = DNSSEC.validate(question, in: &dns, anchors: anchors, at: now.secondsSince1970)
        if case .bogus = own.security, let why = otherTree(question.name, in: &dns, anchors, at: now) {
            own.security = .indeterminate(why)
        }
        return own
    }

    /// Why the resolver's names are not those below the public root, which nobody chose to trust for them; nil where
    /// they are, or anchors were named. A world of its own (a laboratory, a company) is not to be called forged.
    static func otherTree(
        _ name: DomainName, in dns: inout Knowledge, _ anchors: TrustAnchors, at now: Timestamp
    ) -> String? {
        guard anchors == .iana else { return nil }
        // RFC 6761, RFC 6762 §3, RFC 7686, RFC 9476, and what ICANN keeps for private use: none is delegated.
        let kept: Set<String> = ["test", "example", "invalid", "localhost", "local", "onion", "alt", "internal"]
        let top = name.suffix(1).lowercased.description
        if kept.contains(top) {
            return "names below \(top) are not in the public tree; --trust-anchor names the keys of another"
        }
        let keys = DNSSEC.validate(
            Question(.root, .dnskey), in: &dns, anchors: anchors, at: now.secondsSince1970)
        guard case .bogus = keys.security else { return nil }
        return "the root that the resolver shows is not the one whose keys IANA publishes; "
            + "--trust-anchor names the keys of another"
    }
}
