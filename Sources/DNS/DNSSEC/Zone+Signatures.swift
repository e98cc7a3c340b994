/// Answering from a text that holds signed zones, as a name server does that was asked with DO (RFC 4035 §3.1): with
/// the signatures, and with the NSEC or NSEC3 records that the text holds, never with any made here.
///
/// One text may hold a parent and its child. Of what stands twice at the child's name, the record is taken that the
/// zone signed which answers: a DS comes from the parent (RFC 4035 §3.1.4.1).
extension Zone {
    /// What to send besides, for what was found.
    func proof(of found: Found, _ question: Question) -> Answer.Proof {
        var proof = Answer.Proof(answers: [], authority: [])
        for alias in found.aliases {
            if let dname = found.dnames.first(where: { alias.name != $0.name && alias.name.isWithin($0.name) }) {
                if !proof.answers.contains(dname) {
                    proof.answers += [dname] + rrsigs(at: dname.name, source: dname.name, covering: .dname)
                }
                proof.answers.append(alias)
            } else {
                add([alias], at: alias.name, .cname, to: &proof)
            }
        }
        if !found.records.isEmpty {
            add(found.records, at: found.name, question.type, to: &proof)
        } else if case .answered = found.end {
            addDenial(of: found.name, question.type, to: &proof)
        }
        return proof
    }

    private func add(_ records: [Record], at name: DomainName, _ type: RecordType, to proof: inout Answer.Proof) {
        let source = source(of: name) ?? name
        proof.answers += records
        let types = type == .any ? Set(records.map(\.type)).subtracting([.rrsig]) : [type]
        for type in types { proof.answers += rrsigs(at: name, source: source, covering: type) }
        guard source != name, let encloser = source.parent, let apex = apex(of: name, type) else { return }
        var used: [Record] = []
        var denial = denial(in: apex)
        _ = denial.provesExpansion(name, from: encloser) { record in
            used.append(record)
            return true
        }
        add(used, of: apex, to: &proof)
    }

    private func addDenial(of name: DomainName, _ type: RecordType, to proof: inout Answer.Proof) {
        guard let apex = apex(of: name, type) else {
            proof.authority.append(authority(for: name))
            return
        }
        proof.authority.append(authority(for: apex))
        proof.authority += rrsigs(at: apex, source: apex, covering: .soa)
        var used: [Record] = []
        var denial = denial(in: apex)
        _ = denial.finding(name, type) { record in
            used.append(record)
            return true
        }
        add(used, of: apex, to: &proof)
    }

    private func add(_ used: [Record], of apex: DomainName, to proof: inout Answer.Proof) {
        for record in used where !proof.authority.contains(record) {
            proof.authority.append(record)
            proof.authority += rrsigs(at: record.name, source: record.name, covering: record.type).filter {
                if case .rrsig(let rrsig) = $0.data { rrsig.signer == apex } else { false }
            }
        }
    }

    /// The zone that answers: the nearest above that has an SOA record; for a DS the one above that.
    private func apex(of name: DomainName, _ type: RecordType) -> DomainName? {
        var here = type == .ds && !name.isRoot ? name.parent : name
        while let candidate = here {
            if node(exactly: candidate)?.records.contains(where: { $0.type == .soa }) ?? false { return candidate }
            here = candidate.parent
        }
        return nil
    }

    /// The NSEC and NSEC3 records of one zone.
    private func denial(in apex: DomainName) -> Denial {
        let records = records.filter { record in
            guard record.name.isWithin(apex) else { return false }
            switch record.data {
            // Only the zone's own record at its apex says that there is an SOA.
            case .nsec(let nsec):
                return nsec.types.contains(.soa) ? record.name == apex : self.apex(of: record.name, .ds) == apex
            case .nsec3: return record.name.parent == apex
            default: return false
            }
        }
        return Denial(zone: apex, records, work: .max, most: .max)
    }

    /// The signatures of one set, with the owner it is sent with.
    private func rrsigs(at name: DomainName, source: DomainName, covering type: RecordType) -> [Record] {
        (node(exactly: source)?.records ?? []).compactMap { record in
            guard case .rrsig(let rrsig) = record.data, rrsig.typeCovered == type else { return nil }
            // At a cut the parent signs DS, and the child what else there is.
            if type == .ds, rrsig.signer == source, !source.isRoot { return nil }
            return Record(name, ttl: record.ttl, record.data)
        }
    }
}
