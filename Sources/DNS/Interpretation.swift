/// What a response says about the question it answers. Pure: the resolver on sockets decides by this, and so do tests.
package enum Interpretation: Hashable, Sendable {
    /// The answer is all here. `server`, `seconds` and `truncatedThenTCP` of the answer are not filled in.
    case answer(Answer)
    /// "No such name" or "no such record" without the SOA record that belongs to it (RFC 2308 §2.1, §2.2; type 3 of the
    /// latter is such a one). There are servers that never send it; from others this is what is left of an answer that
    /// somebody cut or made up: it takes asking again to believe it.
    case unfounded(Answer)
    /// CNAMEs lead out of the response: ask for `next` and put `aliases` before what comes (RFC 1034 §5.3.3, 4c).
    /// `proof`: what the answer will need besides, where signatures were asked for.
    case continues(aliases: [Record], next: DomainName, authenticated: Bool, proof: Answer.Proof? = nil)
    /// TC is set: ask again over TCP (RFC 7766 §5).
    case truncated
    /// The server does not understand EDNS, or says so: ask again without it (RFC 6891 §7).
    case refusesEDNS
    case failed(Unanswered)

    /// How many aliases are followed, inside a response and from one to the next.
    package static let maximumAliases = 16
}

extension Message {
    /// Why this is no response to `query`, in words; nil where it is one. Checks QR, id, opcode, name and type
    /// (RFC 5452 §9.1); address and port are the caller's to check.
    package func mismatch(with query: Message) -> String? {
        if !isResponse { return "not a response" }
        if id != query.id { return "another id" }
        if opcode != query.opcode { return "another opcode" }
        // A server that could not read the question, or refuses to, may leave it out.
        if questions.isEmpty, rcode != .noError, rcode != .nameError { return nil }
        if questions != query.questions { return "another question" }
        return nil
    }

    /// What this response says about `question`. The caller has checked ``mismatch(with:)``.
    package func interpreted(as question: Question) -> Interpretation {
        if isTruncated { return .truncated }
        switch rcode {
        case .noError, .nameError:
            let followed = followed(from: question)
            guard question.signatures else { return followed }
            let proof = Answer.Proof(answers: answers, authority: authority)
            switch followed {
            case .answer(var answer):
                answer.proof = proof
                return .answer(answer)
            case .unfounded(var answer):
                answer.proof = proof
                return .unfounded(answer)
            case .continues(let aliases, let next, let authenticated, _):
                return .continues(aliases: aliases, next: next, authenticated: authenticated, proof: proof)
            default: return followed
            }
        case .serverFailure: return .failed(failure(.servfail))
        case .refused: return .failed(failure(.refused))
        // RFC 6891 §7: FORMERR or NOTIMP without an OPT record come from a server that does not know it.
        case .formatError where edns == nil, .notImplemented where edns == nil, .badVersion: return .refusesEDNS
        default: return .failed(failure(.malformed))
        }
    }

    /// The RCODE, and what the server added (RFC 8914).
    package func failure(_ reason: Unanswered.Reason) -> Unanswered {
        let details = [rcode.description] + (edns?.extendedErrors.map(\.description) ?? [])
        return Unanswered(reason, detail: details.joined(separator: ", "))
    }

    /// Follows CNAMEs through the answer section (RFC 1034 §3.6.2).
    private func followed(from question: Question) -> Interpretation {
        var aliases: [Record] = []
        var name = question.name
        while true {
            let here = answers.filter { $0.name == name }
            let records = unique(here.filter { question.type == .any || $0.type == question.type })
            if !records.isEmpty {
                guard rcode == .noError else {
                    return .failed(Unanswered(.malformed, detail: "\(rcode) beside the records asked for"))
                }
                // What else stands there may have been one of them: nobody can say that these are all.
                if holdsOthers(than: question, at: name, behind: aliases) {
                    return .failed(
                        Unanswered(.malformed, detail: "the answer holds other records beside those asked for"))
                }
                let ttl = (aliases + records).map(\.ttl).min() ?? 0
                return .answer(
                    Answer(.records, records: records, aliases: aliases, ttl: ttl, authenticated: authenticData))
            }
            guard let alias = here.first(where: { $0.type == .cname }), case .cname(let target) = alias.data else {
                return negative(question, aliases: aliases, end: name)
            }
            aliases.append(alias)
            if aliases.count > Interpretation.maximumAliases {
                return .failed(Unanswered(.aliasLoop, detail: "more than \(Interpretation.maximumAliases) CNAMEs"))
            }
            name = target
        }
    }

    /// Whether the answer section holds what is neither asked for nor on the way there (RFC 1035 §4.1.1, RFC 2181 §5).
    private func holdsOthers(than question: Question, at name: DomainName, behind aliases: [Record]) -> Bool {
        if question.type == .any || question.type == .cname { return false }
        if otherClasses.contains(where: { $0.section == .answers }) { return true }
        return answers.contains { record in
            if Self.accompanying.contains(record.type) { return false }
            if record.type == question.type, record.name == name { return false }
            return !(record.type == .cname && aliases.contains { $0.name == record.name })
        }
    }

    /// What may stand in an answer unasked: signatures and proofs (RFC 4035 §3.1.1), and a DNAME with its CNAME.
    private static let accompanying: Set<RecordType> = [.rrsig, .nsec, .nsec3, .dname]

    /// The chain ended at `end` without records: no such name, no such record, or: ask on there (RFC 2308 §2).
    private func negative(_ question: Question, aliases: [Record], end: DomainName) -> Interpretation {
        let soa = authority.first { $0.type == .soa && end.isWithin($0.name) }
        var ttl: UInt32 = 0
        if let soa, case .soa(let data) = soa.data {
            ttl = min(soa.ttl, data.minimum, aliases.map(\.ttl).min() ?? .max)  // RFC 2308 §5
        }
        // Records, and none of them asked for, say nothing about the question: a broken server, or one that lies. "No"
        // with an SOA record beside them is told all the same.
        // Nor do records of another class (RFC 1035 §3.2.4): none was asked for.
        let isForeign =
            answers.contains { !Self.accompanying.contains($0.type) }
            || otherClasses.contains { $0.section == .answers }
        if soa == nil, aliases.isEmpty, isForeign {
            return .failed(Unanswered(.malformed, detail: "the answer holds other records than those asked for"))
        }
        if rcode == .nameError {  // of the last name in the chain: RFC 6604 §3
            let answer = Answer(.noSuchName, aliases: aliases, ttl: ttl, authenticated: authenticData)
            return soa == nil ? .unfounded(answer) : .answer(answer)
        }
        if soa == nil, !aliases.isEmpty {
            return .continues(aliases: aliases, next: end, authenticated: authenticData)
        }
        // RFC 2308 §2.2: NS without SOA is a referral, not "no data"; a resolver that recurses does not send one.
        if soa == nil, !isAuthoritative, !recursionAvailable, let ns = authority.first(where: { $0.type == .ns }) {
            return .failed(
                Unanswered(.malformed, detail: "a referral to the name servers of \(ns.name): it does not recurse"))
        }
        let answer = Answer(.noData, aliases: aliases, ttl: ttl, authenticated: authenticData)
        return soa == nil ? .unfounded(answer) : .answer(answer)
    }

    /// RFC 2181 §5: a set of records holds no data twice.
    private func unique(_ records: [Record]) -> [Record] {
        var seen: Set<RecordData> = []
        return records.filter { seen.insert($0.data).inserted }
    }
}
