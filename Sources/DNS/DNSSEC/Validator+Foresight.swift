/// What will be needed, as far as it can be seen without computing anything: so that questions go out together, and
/// signatures are checked once. It decides nothing.
extension Validator {
    /// How many questions for DS at a time, from the top: names below most mail domains' take three.
    private static let width = 4

    /// Whether all that can be foreseen is known; what is not becomes wanted.
    mutating func foresee(_ question: Question, _ outcome: Outcome) -> Bool {
        var isComplete = true
        if case .failure(let why) = outcome, why.reason == .notAsked { isComplete = false }
        var names = [question.name]
        var proof = Answer.Proof(answers: [], authority: [])
        if case .success(let answer) = outcome {
            names += answer.aliases.prefix(Interpretation.maximumAliases).compactMap { record in
                if case .cname(let target) = record.data { target } else { nil }
            }
            if let all = answer.proof { proof = all }
        }
        for name in names {
            let bottom = question.type == .ds && name == names.last ? name.parent ?? name : name
            if !foresee(chainTo: lowestSigner(name, bottom, proof)) { isComplete = false }
        }
        return isComplete
    }

    /// The lowest zone that says it signed something at or above the name.
    private func lowestSigner(_ name: DomainName, _ bottom: DomainName, _ proof: Answer.Proof) -> DomainName {
        var lowest: DomainName?
        for record in proof.answers + proof.authority {
            guard case .rrsig(let rrsig) = record.data, bottom.isWithin(rrsig.signer) else { continue }
            // Of a positive answer its own signatures tell; of a "no" those of the proof.
            if lowest.map({ rrsig.signer.labelCount > $0.labelCount }) ?? true { lowest = rrsig.signer }
        }
        return lowest ?? bottom
    }

    private mutating func foresee(chainTo target: DomainName) -> Bool {
        guard let top = anchors.zone(above: target) else { return true }
        var missing = 0
        if isMissing(top, .dnskey) { missing += 1 }
        for count in top.labelCount..<max(top.labelCount, target.labelCount) {
            let child = target.suffix(count + 1)
            guard missing < Self.width else { break }
            switch knowledge.outcome(Question(child, .ds, signatures: true)) {
            case .failure(let why): if why.reason == .notAsked { missing += 1 } else { return missing == 0 }
            case .success(let answer):
                if answer.kind == .records {
                    if isMissing(child, .dnskey) { missing += 1 }
                } else if looksUndelegated(child, answer.proof) {
                    return missing == 0
                }
            }
        }
        return missing == 0
    }

    private mutating func isMissing(_ name: DomainName, _ type: RecordType) -> Bool {
        if case .failure(let why) = knowledge.outcome(Question(name, type, signatures: true)) {
            return why.reason == .notAsked
        }
        return false
    }

    /// Whether an unsigned zone seems to begin there: below it nothing needs to be asked.
    private func looksUndelegated(_ child: DomainName, _ proof: Answer.Proof?) -> Bool {
        guard let proof else { return true }
        return proof.authority.contains { record in
            switch record.data {
            case .nsec(let nsec): record.name == child && nsec.types.contains(.ns)
            case .nsec3(let nsec3):
                nsec3.isOptOut || (nsec3.types.contains(.ns) && !nsec3.types.contains(.soa))
            default: false
            }
        } || !proof.authority.contains { $0.type == .rrsig }
    }
}
