/// The chain of trust: from an anchor down, name by name, because only the parent tells where a zone begins
/// (RFC 4035 §5.2).
extension Validator {
    /// The zone that holds `target`, as far as trust leads: the last secure one, or the first that is not.
    mutating func walk(to target: DomainName) -> Place {
        guard let top = anchors.zone(above: target) else {
            return Place(
                apex: target, security: .indeterminate("there is no trust anchor above \(target.absolute)"),
                step: Trace.top)
        }
        var place: Place
        if let known = cuts[top], let known {
            place = known
        } else {
            place = anchored(top)
            cuts[top] = place
        }
        let depth = top.labelCount
        for count in depth..<max(depth, target.labelCount) {
            guard case .secure = place.security else { return place }
            let child = target.suffix(count + 1)
            // An anchor further down is one of its own: `top` is the lowest above the target.
            let found: Place?
            if let known = cuts[child] {
                found = known
            } else {
                found = cut(at: child, below: place)
                cuts[child] = .some(found)
            }
            if let found { place = found }
        }
        return place
    }

    /// The zone that an anchor is for.
    private mutating func anchored(_ apex: DomainName) -> Place {
        let records = anchors.records[apex] ?? []
        var place = Place(apex: apex, security: .secure, step: Trace.top)
        place.step = trace.add(
            "\(apex.absolute) trust anchor", nil, "keys " + tags(records).joined(separator: ", "), under: Trace.top)
        var entries: [DS] = []
        var keys: [DNSKEY] = []
        for record in records {
            if case .ds(let ds) = record { entries.append(ds) }
            if case .dnskey(let key) = record { keys.append(key) }
        }
        return zone(place, entries, trusted: keys)
    }

    private func tags(_ records: [RecordData]) -> [String] {
        records.map { record in
            switch record {
            case .ds(let ds): "\(ds.keyTag)"
            case .dnskey(let key): "\(key.keyTag)"
            default: ""
            }
        }
    }

    // MARK: Delegations

    /// What begins at `child`, a name in the zone of `parent` or right below it; nil where no zone does.
    private mutating func cut(at child: DomainName, below parent: Place) -> Place? {
        let question = Question(child, .ds, signatures: true)
        var place = Place(apex: child, security: .secure, step: parent.step)
        switch knowledge.outcome(question) {
        case .failure(let why): return failed(place, "DS", .indeterminate(said(question, why)))
        case .success(let answer):
            guard let proof = answer.proof else {
                return failed(place, "DS", .indeterminate("no signatures were recorded with the DS records"))
            }
            let here = proof.answers.filter { $0.name == child }
            let entries = here.compactMap { record -> DS? in if case .ds(let ds) = record.data { ds } else { nil } }
            guard entries.isEmpty else {
                let all = rrsigs(at: child, covering: .ds, in: proof.answers)
                switch verify(here.filter { $0.type == .ds }, all, at: child, .ds, parent) {
                case .failure(let problem): return failed(place, "DS", .bogus(problem.text))
                case .success(let rrsig) where Int(rrsig.labels) < child.labelCount:
                    return failed(place, "DS", .bogus("the DS records of \(child.absolute) come from a wildcard"))
                case .success(let rrsig):
                    place.step = trace.add(
                        "\(child.absolute) DS", .secure,
                        "keys " + entries.map { "\($0.keyTag)" }.joined(separator: ", ")
                            + ", signed by \(parent.apex.absolute), key \(rrsig.keyTag)", under: parent.step)
                    return zone(place, entries, trusted: [])
                }
            }
            // Nothing else stands beside an alias: no zone begins there (RFC 2181 §10.1).
            if here.contains(where: { $0.type == .cname }) {
                return aliasAtCut(child, here, proof, parent)
            }
            return undelegated(child, answer, proof, parent)
        }
    }

    private mutating func failed(_ place: Place, _ what: String, _ security: Security) -> Place {
        var place = place
        place.security = security
        place.step = trace.add("\(place.apex.absolute) \(what)", security, security.reason ?? "", under: place.step)
        return place
    }

    /// A CNAME in answer to a question for DS. One made from a DNAME record says the same: there is nothing below it.
    private mutating func aliasAtCut(
        _ child: DomainName, _ here: [Record], _ proof: Answer.Proof, _ parent: Place
    ) -> Place? {
        let all = rrsigs(at: child, covering: .cname, in: proof.answers)
        if case .success = verify(here.filter { $0.type == .cname }, all, at: child, .cname, parent) { return nil }
        for record in proof.answers {
            guard case .dname = record.data, record.name != child, child.isWithin(record.name),
                case .success = verify(
                    proof.answers.filter { $0.name == record.name && $0.type == .dname },
                    rrsigs(at: record.name, covering: .dname, in: proof.answers), at: record.name, .dname, parent)
            else { continue }
            return nil
        }
        let place = Place(apex: child, security: .secure, step: parent.step)
        return failed(place, "DS", .bogus("the alias at \(child.absolute) is not rightly signed"))
    }

    /// No DS: an unsigned zone begins there, proven so, or none does.
    private mutating func undelegated(
        _ child: DomainName, _ answer: Answer, _ proof: Answer.Proof, _ parent: Place
    ) -> Place? {
        var place = Place(apex: child, security: .insecure, step: parent.step)
        var denial = Denial(zone: parent.apex, proof.authority, work: hashWork)
        let found = denial.finding(child, .ds) { record in verifiedInProof(record, proof.authority, parent) }
        hashWork = denial.work
        note(denial, parent.apex)
        switch found {
        case .noData(let types?) where types.contains(.ns):
            place.note = "\(child.absolute) is not signed: \(parent.apex.absolute) proves that it has no DS record"
        case .noData, .noSuchName: return nil
        case .optedOut:
            place.note = "\(child.absolute) is not signed, as far as NSEC3 with opt-out proves it (RFC 5155 §9.2)"
        case .tooManyIterations(let count):
            place.note =
                "NSEC3 of \(parent.apex.absolute) wants \(count) more iterations, and no more than "
                + "\(Denial.mostIterations) are computed (RFC 9276 §3.2)"
        case .nothing(let why):
            return failed(
                place, "DS", .bogus("\(parent.apex.absolute) does not prove that \(child.absolute) has no DS: \(why)"))
        }
        place.step = trace.add("\(child.absolute) DS", .insecure, place.note ?? "", under: parent.step)
        return place
    }

    private mutating func verifiedInProof(_ record: Record, _ authority: [Record], _ place: Place) -> Bool {
        let records = authority.filter { $0.name == record.name && $0.type == record.type }
        let all = rrsigs(at: record.name, covering: record.type, in: authority)
        guard case .success(let rrsig) = verify(records, all, at: record.name, record.type, place) else { return false }
        return Int(rrsig.labels) == record.name.labelCount - (record.name.isWildcard ? 1 : 0)
    }

    // MARK: Keys

    /// The keys of a zone, from what vouches for them: DS records or keys trusted as they are.
    private mutating func zone(_ place: Place, _ entries: [DS], trusted: [DNSKEY]) -> Place {
        var place = place
        let apex = place.apex
        let usable = usableEntries(entries)
        if usable.isEmpty, !trusted.contains(where: { supports($0.algorithm) }) {
            place.security = .insecure
            place.note = unsupported(apex, entries, trusted)
            trace.add("\(apex.absolute) DNSKEY", .insecure, place.note ?? "", under: place.step)
            return place
        }
        if !usable.isEmpty, usable.allSatisfy({ $0.digestType == 1 }) { add(.sha1Digest(zone: apex)) }
        let question = Question(apex, .dnskey, signatures: true)
        guard case .success(let answer) = knowledge.outcome(question), let proof = answer.proof else {
            if case .failure(let why) = knowledge.outcome(question) {
                return failed(place, "DNSKEY", .indeterminate(said(question, why)))
            }
            return failed(place, "DNSKEY", .indeterminate("no signatures were recorded with the keys"))
        }
        let records = proof.answers.filter { $0.name == apex && $0.type == .dnskey }
        let all = rrsigs(at: apex, covering: .dnskey, in: proof.answers)
        let keys = records.compactMap { record -> DNSKEY? in
            if case .dnskey(let key) = record.data, key.mayValidate { key } else { nil }
        }
        if all.isEmpty, anchors.records[apex] != nil {
            // The top itself without signatures: whoever passes answers on leaves them out, and nothing can be told.
            let why =
                records.isEmpty
                ? "the resolver gives no keys of \(apex.isRoot ? "the root" : apex.absolute)"
                : "the resolver leaves signatures out"
            return failed(place, "DNSKEY", .indeterminate(why))
        }
        if records.isEmpty {
            return failed(place, "DNSKEY", .bogus("\(apex.absolute) has DS records and no DNSKEY records"))
        }
        return accepted(place, records, all, keys, usable, trusted)
    }

    private mutating func accepted(
        _ place: Place, _ records: [Record], _ all: [RRSIG], _ keys: [DNSKEY], _ entries: [DS], _ trusted: [DNSKEY]
    ) -> Place {
        var place = place
        let apex = place.apex
        let vouched = keys.filter { key in
            trusted.contains(key) || entries.contains { vouches($0, for: key, at: apex) }
        }
        guard !vouched.isEmpty else {
            let what = anchors.records[apex] == nil ? "DS record" : "trust anchor"
            return failed(place, "DNSKEY", .bogus("no key of \(apex.absolute) fits a \(what)" + why(records, entries)))
        }
        place.keys = Array(vouched.prefix(DNSSEC.mostKeys))
        switch verify(records, all, at: apex, .dnskey, place) {
        case .failure(let problem):
            place.keys = []
            return failed(place, "DNSKEY", .bogus(problem.text + ", checked by the keys that are vouched for"))
        case .success(let rrsig):
            place.keys = Array(keys.prefix(DNSSEC.mostKeys))
            place.security = .secure
            place.step = trace.add(
                "\(apex.absolute) DNSKEY", .secure,
                "\(keys.count) \(keys.count == 1 ? "key" : "keys"), signed by key \(rrsig.keyTag), "
                    + DNSSEC.algorithmName(rrsig.algorithm), under: place.step)
            return place
        }
    }

    private func supports(_ algorithm: UInt8) -> Bool {
        DNSSEC.supports(algorithm: algorithm, sha1: options.acceptsSHA1)
    }

    /// Those whose algorithms are known; SHA-1 counts only where there is nothing better (RFC 4509 §3).
    private func usableEntries(_ entries: [DS]) -> [DS] {
        let known = entries.filter { supports($0.algorithm) && DNSSEC.supports(digest: $0.digestType) }
        let better = known.filter { $0.digestType != 1 }
        return Array((better.isEmpty ? known : better).prefix(DNSSEC.mostKeys))
    }

    private func vouches(_ ds: DS, for key: DNSKEY, at apex: DomainName) -> Bool {
        ds.algorithm == key.algorithm && ds.keyTag == key.keyTag
            && DNSSEC.digest(ds.digestType, of: key, at: apex) == ds.digest
    }

    /// Keys that would fit but for a flag.
    private func why(_ records: [Record], _ entries: [DS]) -> String {
        for record in records {
            guard case .dnskey(let key) = record.data, !key.mayValidate,
                entries.contains(where: { vouches($0, for: key, at: record.name) || $0.keyTag == key.keyTag })
            else { continue }
            if key.isRevoked { return ": key \(key.keyTag) is revoked" }
            return key.isZoneKey ? ": key \(key.keyTag) is not of protocol 3" : ": key \(key.keyTag) is no zone key"
        }
        return ""
    }

    private func unsupported(_ apex: DomainName, _ entries: [DS], _ trusted: [DNSKEY]) -> String {
        let algorithms = Set(entries.map(\.algorithm) + trusted.map(\.algorithm)).sorted()
        if algorithms.allSatisfy({ [5, 7].contains($0) }) {
            return "\(apex.absolute) is signed by RSA/SHA-1 alone, which counts as unsigned (RFC 9905 §2)"
        }
        let known = entries.filter { supports($0.algorithm) }
        if !known.isEmpty {
            let digests = Set(known.map(\.digestType)).sorted().map(DNSSEC.digestName)
            return "\(apex.absolute) has DS records of \(digests.joined(separator: ", ")), \(Validated.unchecked)"
        }
        let names = algorithms.map(DNSSEC.algorithmName).joined(separator: ", ")
        return "\(apex.absolute) is signed by \(names), \(Validated.unchecked)"
    }
}
