package import DNS

/// What a receiver that still follows RFC 7489 and its public suffix list makes of a message, beside the verdict of
/// RFC 9989. It knows no tree walk, and of the tags neither "np", "psd" nor "t"; it knows "pct".
package struct LegacyDMARC: Hashable, Sendable {
    package var result: DMARCEvaluation.Result
    /// The registrable domain; the domain itself where that is no more than a public suffix (RFC 7489 §3.2).
    package var organizationalDomain: DomainName
    /// Where the record was found that applies; nil where none does, or it could not be told.
    package var recordDomain: DomainName?
    package var record: DMARCRecord?
    /// "p" or "sp" of that record; nil where none applies, or it could not be told.
    package var policy: DMARCRecord.Policy?
    package var policyTag: String?
    /// The part of the mail that the policy is asked for, in percent (RFC 7489 §6.6.4).
    package var percentage: Int
    /// Several records at one name end the search (RFC 7489 §6.6.3).
    package var hasSeveralRecords: Bool
    /// Why it could not be told which record applies.
    package var unanswered: Unanswered?

    /// Finds the policy (RFC 7489 §6.6.3). What is not known yet becomes wanted.
    /// - Parameter suffix: the public suffix that `domain` stands under, or is itself, by the list.
    package static func discover(
        for domain: DomainName, under suffix: DomainName, in dns: inout Knowledge
    ) -> LegacyDMARC {
        let organization = domain.suffix(suffix.labelCount + 1)
        var legacy = LegacyDMARC(
            result: .none, organizationalDomain: organization, percentage: 100, hasSeveralRecords: false)
        for name in organization == domain ? [domain] : [domain, organization] {
            switch TXTSearch(at: "_dmarc", of: name, asking: &dns, DMARCRecord.isDMARC).lookup {
            case .found(let txt):
                legacy.take(DMARCRecord.readBefore(txt.joined), at: name, isOwn: name == domain)
                return legacy
            case .none, .noSuchName: continue
            case .multiple:
                legacy.hasSeveralRecords = true
                return legacy
            case .couldNotTell(let why):
                legacy.unanswered = why
                legacy.result = .temperror
                return legacy
            }
        }
        return legacy
    }

    private mutating func take(_ record: DMARCRecord, at name: DomainName, isOwn: Bool) {
        self.record = record
        recordDomain = name
        percentage = record.percentage ?? 100
        // RFC 7489 §6.6.3 step 6: a wrong "p" or "sp" counts as p=none if there is somewhere to report to.
        let isSound = record.policy != nil && !record.hasInvalidLegacyPolicy
        guard isSound, let main = record.policy else {
            if !record.aggregateReports.isEmpty { (policy, policyTag) = (DMARCRecord.Policy.none, "p") }
            return
        }
        (policy, policyTag) = (main, "p")
        if !isOwn, let below = record.subdomainPolicy { (policy, policyTag) = (below, "sp") }
    }

    /// Evaluates a message as RFC 7489 §6.6.2 has it. What is not known yet becomes wanted.
    package static func evaluate(
        from domain: DomainName, spf: [DMARCEvaluation.Authenticated], dkim: [DMARCEvaluation.Authenticated],
        by suffixes: PublicSuffixList, in dns: inout Knowledge
    ) -> LegacyDMARC {
        var legacy = discover(for: domain, under: suffixes.suffix(of: domain), in: &dns)
        guard let record = legacy.record, legacy.policy != nil else { return legacy }
        var mayPass = false
        for (claims, mode) in [(spf, record.spfAlignment), (dkim, record.dkimAlignment)] {
            for claim in claims.prefix(DMARCEvaluation.maximumIdentifiers) where claim.outcome != .failed {
                let organization = suffixes.registrableDomain(of: claim.domain) ?? claim.domain
                guard claim.domain == domain || (mode == .relaxed && organization == legacy.organizationalDomain)
                else { continue }
                if claim.outcome == .passed {
                    legacy.result = .pass
                    return legacy
                }
                mayPass = true
            }
        }
        legacy.result = mayPass ? .temperror : .fail
        return legacy
    }

    /// Whether this verdict is another than that of RFC 9989, nil where one of them could not be told: the record that
    /// applies, or the organization that relaxed alignment goes by. What new and removed tags change is left aside:
    /// that is no surprise of the walk.
    package func differs(from new: DMARCDiscovery) -> Bool? {
        if unanswered != nil { return nil }
        if case .couldNotTell = new.status { return nil }
        let applies = policy != nil, appliesNow = new.record?.effectivePolicy != nil
        if !applies, !appliesNow { return false }
        if applies != appliesNow || recordDomain != new.recordDomain { return true }
        guard let organization = new.organizationalDomain else { return nil }
        return organization != organizationalDomain
    }

    /// Whether both go by the record at the same name, whatever the organization may be.
    package func agreesOnPolicy(with new: DMARCDiscovery) -> Bool {
        unanswered == nil && policy != nil && new.record?.effectivePolicy != nil && recordDomain == new.recordDomain
    }
}
