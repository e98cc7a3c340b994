package import DNS

/// What DMARC makes of a message whose SPF and DKIM results are known (RFC 9989 §5.3): whether one of the domains that
/// passed is aligned with that of From, and which policy applies if none is. What to do with the message is left to
/// the receiver.
package struct DMARCEvaluation: Hashable, Sendable {
    /// The result, by the words of Authentication-Results.
    package enum Result: String, Hashable, Sendable, Codable, CaseIterable {
        case pass, fail
        /// No policy is published: DMARC does not apply.
        case none
        /// It could not be told: the DNS did not answer.
        case temperror
    }

    /// What authenticated a domain.
    package enum Method: String, Hashable, Sendable, Codable { case spf, dkim }

    /// A domain that SPF or DKIM passed for.
    package struct Identifier: Hashable, Sendable {
        package var method: Method
        package var domain: DomainName
        /// By its own tree walk; nil where that was not needed, or it could not be told.
        package var organizationalDomain: DomainName?
        /// nil where it could not be told.
        package var isAligned: Bool?
    }

    package var result: Result
    package var identifiers: [Identifier]
    /// Of the domain in From: record, policy, walk.
    package var discovery: DMARCDiscovery

    /// Evaluates; what is not known yet becomes wanted.
    /// - Parameters:
    ///   - spfPass: the domain that SPF passed for, if any (of MAIL FROM, otherwise of HELO).
    ///   - dkimPass: the "d" of each signature that passed.
    package static func evaluate(
        from domain: DomainName, spfPass: [DomainName], dkimPass: [DomainName], asking dns: inout Knowledge
    ) -> DMARCEvaluation {
        let discovery = DMARCDiscovery.discover(for: domain, asking: &dns)
        var evaluation = DMARCEvaluation(result: .none, identifiers: [], discovery: discovery)
        guard let record = discovery.record, record.effectivePolicy != nil else {
            if case .couldNotTell = discovery.status { evaluation.result = .temperror }
            return evaluation
        }
        let maximum = 50  // a message with more signatures is none that anyone means well
        for spf in spfPass.prefix(maximum) {
            evaluation.identifiers.append(
                align(spf, .spf, record.spfAlignment, with: discovery, asking: &dns))
        }
        for dkim in dkimPass.prefix(maximum) {
            evaluation.identifiers.append(
                align(dkim, .dkim, record.dkimAlignment, with: discovery, asking: &dns))
        }
        let aligned = evaluation.identifiers.map(\.isAligned)
        if aligned.contains(true) {
            evaluation.result = .pass
        } else if aligned.contains(nil) || discovery.policy == nil {
            evaluation.result = .temperror
        } else {
            evaluation.result = .fail
        }
        return evaluation
    }

    /// RFC 9989 §4.4: strict asks for the same domain, relaxed for the same organizational domain.
    private static func align(
        _ domain: DomainName, _ method: Method, _ mode: DMARCRecord.Alignment, with from: DMARCDiscovery,
        asking dns: inout Knowledge
    ) -> Identifier {
        var identifier = Identifier(method: method, domain: domain, isAligned: domain == from.domain)
        if identifier.isAligned == true || mode == .strict { return identifier }
        let organization = DMARCDiscovery.discover(for: domain, asking: &dns).organizationalDomain
        identifier.organizationalDomain = organization
        identifier.isAligned = nil
        if let organization, let own = from.organizationalDomain { identifier.isAligned = organization == own }
        return identifier
    }
}
