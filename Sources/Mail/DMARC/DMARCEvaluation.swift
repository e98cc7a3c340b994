package import DNS

/// What DMARC makes of a message whose SPF and DKIM results are known (RFC 9989 §5.3): whether one of the domains that
/// passed is aligned with that of From, and which policy applies if none is. What to do with the message is left to
/// the receiver.
package struct DMARCEvaluation: Hashable, Sendable {
    /// The result, by the words of Authentication-Results (RFC 8601 §2.7, RFC 9989 §9.2).
    package enum Result: String, Hashable, Sendable, Codable, CaseIterable {
        case pass, fail
        /// No policy is published: DMARC does not apply.
        case none
        /// It could not be told: the DNS did not answer.
        case temperror
        /// No author's domain can be taken from the message (RFC 9989 §5.3.1).
        case permerror
    }

    /// What authenticated a domain.
    package enum Method: String, Hashable, Sendable, Codable { case spf, dkim }

    /// What SPF or DKIM says of one domain. Anything that neither passed nor may yet pass is left out, or `.failed`.
    package struct Authenticated: Hashable, Sendable {
        package enum Outcome: String, Hashable, Sendable, Codable { case passed, couldNotTell, failed }
        package var domain: DomainName
        package var outcome: Outcome

        package init(_ domain: DomainName, _ outcome: Outcome = .passed) {
            self.domain = domain
            self.outcome = outcome
        }
    }

    /// A domain that SPF or DKIM passed for, or might have passed for if the DNS had answered.
    package struct Identifier: Hashable, Sendable {
        package var method: Method
        package var domain: DomainName
        /// By its own tree walk; nil where that was not needed, or it could not be told.
        package var organizationalDomain: DomainName?
        /// nil where it could not be told.
        package var isAligned: Bool?
        /// Whether SPF or DKIM passed; false where that could not be told.
        package var passed: Bool
    }

    package var result: Result
    package var identifiers: [Identifier]
    /// Of the domain in From: record, policy, walk.
    package var discovery: DMARCDiscovery

    /// More signatures than these do not count: a message that has them is none that anyone means well.
    package static let maximumIdentifiers = 50

    /// Evaluates; what is not known yet becomes wanted.
    /// - Parameters:
    ///   - domain: the author's, of the address in From; ``DMARCAuthor`` takes it from a message.
    ///   - spf: the domain that SPF was evaluated for, of MAIL FROM, or of HELO where that is empty.
    ///   - dkim: the "d" of each signature.
    package static func evaluate(
        from domain: DomainName, spf: [Authenticated], dkim: [Authenticated], in dns: inout Knowledge
    ) -> DMARCEvaluation {
        let discovery = DMARCDiscovery.discover(for: domain, asking: &dns)
        var evaluation = DMARCEvaluation(result: .none, identifiers: [], discovery: discovery)
        guard let record = discovery.record, record.effectivePolicy != nil else {
            // RFC 9989 §4.10.1: no usable record, no DMARC; an answer that is missing is no such word.
            if case .couldNotTell = discovery.status { evaluation.result = .temperror }
            return evaluation
        }
        for (method, claims, mode) in [
            (Method.spf, spf, record.spfAlignment), (.dkim, dkim, record.dkimAlignment),
        ] {
            for claim in claims.lazy.filter({ $0.outcome != .failed }).prefix(maximumIdentifiers) {
                evaluation.identifiers.append(align(claim, method, mode, with: discovery, asking: &dns))
            }
        }
        let identifiers = evaluation.identifiers
        if identifiers.contains(where: { $0.passed && $0.isAligned == true }) {
            evaluation.result = .pass
        } else if identifiers.contains(where: { $0.isAligned != false }) || discovery.policy == nil {
            // RFC 9989 §5.3.6: neither pass nor fail while an answer that may matter is missing.
            evaluation.result = .temperror
        } else {
            evaluation.result = .fail
        }
        return evaluation
    }

    /// RFC 9989 §4.4: strict asks for the same domain, relaxed for the same organizational domain.
    private static func align(
        _ claim: Authenticated, _ method: Method, _ mode: DMARCRecord.Alignment, with from: DMARCDiscovery,
        asking dns: inout Knowledge
    ) -> Identifier {
        let domain = claim.domain
        var identifier = Identifier(
            method: method, domain: domain, isAligned: domain == from.domain, passed: claim.outcome == .passed)
        if identifier.isAligned == true || mode == .strict { return identifier }
        // Whatever the walks find, an organizational domain is the domain or one above it: names that share no
        // label at their end are never aligned, and need no walk (RFC 9989 §4.10.2).
        guard domain.suffix(1) == from.domain.suffix(1) else { return identifier }
        let organization = DMARCDiscovery.organizationalDomain(of: domain, asking: &dns)
        identifier.organizationalDomain = organization
        identifier.isAligned = nil
        if let organization, let own = from.organizationalDomain { identifier.isAligned = organization == own }
        return identifier
    }
}
