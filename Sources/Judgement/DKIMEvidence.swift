package import DNS
package import Mail

/// A selector that was looked at: one that is known to be in use, or a guess that hit.
///
/// A class, as all rules on keys read it and none changes it.
package final class DKIMEvidence: Sendable {
    package let lookup: DKIMKeyLookup
    /// Whether the selector was given; otherwise it was guessed.
    package let isGiven: Bool
    /// Whether what stands there was meant to be a key. Where a wildcard answers every name with some TXT record,
    /// guesses hit what is none.
    package let looksLikeAKey: Bool
    /// Whether there is one record, and a key in it that can be read.
    let hasKey: Bool
    /// The record, where there is exactly one.
    package let record: Held<DKIMKeyRecord>?

    package init(lookup: DKIMKeyLookup, isGiven: Bool) {
        self.lookup = lookup
        self.isGiven = isGiven
        looksLikeAKey =
            switch lookup.status {
            case .found(let record): record.publicKey != nil || record.version == "DKIM1"
            case .multiple(let texts): texts.allSatisfy { $0.holds("p=") }
            case .none, .noSuchName, .couldNotTell: false
            }
        record = lookup.status.value.map { Held($0) }
        hasKey = record.map { $0.keyBits != nil && $0.publicKey != nil } ?? false
    }

    /// The TXT question of the selector.
    package var question: Question { Question(lookup.name ?? lookup.domain, .txt) }

    /// More guesses with one text than this, and it is a wildcard that answers.
    private static let wildcardThreshold = 5

    /// The selectors given and the guesses that hit, and the guesses that could not be told: nobody answered.
    /// - Parameter guesses: selectors that are tried besides, each once.
    static func gather(
        _ domain: DomainName, selectors: [String], guesses: [String], asking dns: inout Knowledge
    ) -> (keys: [DKIMEvidence], notTold: [String]) {
        var seen: Set<String> = []
        let given = selectors.prefix(100).filter { seen.insert($0.lowercased()).inserted }.map {
            DKIMEvidence(lookup: .look(selector: $0, domain: domain, asking: &dns), isGiven: true)
        }
        // Where the DNS says that nothing stands under _domainkey, guessing is in vain (RFC 8020 §2).
        let others = selectors.isEmpty ? guesses : guesses.filter { seen.insert($0).inserted }
        switch DKIMKeyLookup.domainKeys(of: domain, asking: &dns) {
        case .doNotExist: return (given, [])
        case .couldNotTell: return (given, others)
        case .exist: break
        }
        var guessed: [DKIMEvidence] = []
        var notTold: [String] = []
        let above = try? domain.prepending("_domainkey")
        for selector in others {
            // Most guesses miss: then there is nothing to look at.
            if let name = try? above?.prepending(selector) {
                switch dns.outcome(name, .txt) {
                case .failure:
                    notTold.append(selector)
                    continue
                case .success(let answer): if answer.records.isEmpty { continue }
                }
            }
            let key = DKIMEvidence(lookup: .look(selector: selector, domain: domain, asking: &dns), isGiven: false)
            guard key.looksLikeAKey else { continue }
            guessed.append(key)
        }
        if guessed.count < wildcardThreshold { return (given + guessed, notTold) }
        var texts: [String: Int] = [:]
        for key in guessed { texts[key.record?.text ?? "", default: 0] += 1 }
        let hits = guessed.filter { texts[$0.record?.text ?? "", default: 0] < wildcardThreshold }
        return (given + hits, notTold)
    }
}
