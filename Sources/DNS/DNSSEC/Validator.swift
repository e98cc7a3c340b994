/// One validation: what was found on the way, and how much work may still be done.
struct Validator {
    var knowledge: Knowledge
    let anchors: TrustAnchors
    let options: DNSSEC.Options
    /// Seconds since 1970, as a signature counts them.
    let now: UInt32
    var trace = Trace()
    var signatures: [Validated.Signature] = []
    var weaknesses: [Validated.Weakness] = []
    /// What stands at each name below an anchor, once it is known; nil: no zone begins there.
    var cuts: [DomainName: Place?] = [:]
    /// Signatures that may still be checked, and hashes computed: KeyTrap (CVE-2023-50387, CVE-2023-50868).
    var work = DNSSEC.mostSignatures
    var hashWork = DNSSEC.mostHashes

    init(_ knowledge: Knowledge, _ anchors: TrustAnchors, _ options: DNSSEC.Options, now: Double) {
        self.knowledge = knowledge
        self.anchors = anchors
        self.options = options
        self.now = UInt32(truncatingIfNeeded: now.isFinite && abs(now) < 1e15 ? Int(now) : 0)
    }

    /// A zone, and what is known of its trust.
    struct Place {
        var apex: DomainName
        var security: Security
        /// Why it is insecure.
        var note: String?
        /// Those that may validate; empty unless it is secure.
        var keys: [DNSKEY] = []
        /// Where its steps hang.
        var step: Int
    }

    /// What one name of the chain of aliases is worth.
    struct Link {
        var security: Security
        var note: String?
        /// How long signatures allow it to be kept.
        var ttl: UInt32?
    }

    // MARK: The whole

    mutating func run(_ question: Question) -> Validated {
        let wanted = Question(question.name, question.type, signatures: true)
        let outcome = knowledge.outcome(wanted)
        guard foresee(wanted, outcome) else { return Validated(.indeterminate("not everything was asked yet")) }
        switch outcome {
        case .failure(let why): return finished(Link(security: .indeterminate(said(wanted, why))), nil)
        case .success(let answer):
            guard let proof = answer.proof else {
                return finished(Link(security: .indeterminate("no signatures were recorded with the answer")), answer)
            }
            let link = links(wanted, answer, proof)
            return finished(link, answer)
        }
    }

    private func finished(_ link: Link, _ answer: Answer?) -> Validated {
        var answer = answer
        if let most = link.ttl, let ttl = answer?.ttl { answer?.ttl = min(ttl, most) }
        var result = Validated(
            link.security, note: link.note, answer: answer, trace: trace.steps, signatures: signatures)
        result.weaknesses = weaknesses
        return result
    }

    func said(_ question: Question, _ why: Unanswered) -> String {
        let detail = why.detail.isEmpty ? "" : " (\(why.detail.prefix(200)))"
        return why.reason == .notAsked
            ? "not everything was asked yet" : "\(question.plain) was not answered: \(why.reason.rawValue)\(detail)"
    }

    /// Each alias with its own status; the weakest counts.
    private mutating func links(_ question: Question, _ answer: Answer, _ proof: Answer.Proof) -> Link {
        var whole = Link(security: .secure)
        var name = question.name
        var seen: Set<DomainName> = []
        for _ in 0...Interpretation.maximumAliases {
            guard seen.insert(name).inserted else { break }
            let here = proof.answers.filter { $0.name == name }
            let types: [RecordType] =
                question.type == .any
                ? Array(Set(here.map(\.type)).subtracting([.rrsig])).sorted { $0.number < $1.number } : [question.type]
            let sets = types.filter { type in here.contains { $0.type == type } }
            if !sets.isEmpty {
                for type in sets { whole = weaker(whole, positive(name, type, proof)) }
                return whole
            }
            guard let alias = here.first(where: { $0.type == .cname }), case .cname(let target) = alias.data else {
                return weaker(whole, negative(name, question.type, answer.kind, proof))
            }
            whole = weaker(whole, aliasLink(name, target, proof))
            name = target
        }
        return weaker(whole, Link(security: .bogus("the aliases go round")))
    }

    private func weaker(_ a: Link, _ b: Link) -> Link {
        let ttl = [a.ttl, b.ttl].compactMap { $0 }.min()
        let security = a.security.weaker(of: b.security)
        let note = security == a.security ? a.note ?? (b.security == security ? b.note : nil) : b.note
        return Link(security: security, note: note, ttl: ttl)
    }

    /// A CNAME record, signed itself or made from a DNAME record that is (RFC 6672 §5.3.1).
    private mutating func aliasLink(_ name: DomainName, _ target: DomainName, _ proof: Answer.Proof) -> Link {
        let isSigned = !rrsigs(at: name, covering: .cname, in: proof.answers).isEmpty
        guard !isSigned else { return positive(name, .cname, proof) }
        for record in proof.answers {
            guard case .dname(let base) = record.data, record.name != name, name.isWithin(record.name) else { continue }
            let prefix = name.labels.prefix(name.labelCount - record.name.labelCount)
            guard let made = try? DomainName(labels: Array(prefix)).appending(base), made == target else { continue }
            return positive(record.name, .dname, proof)
        }
        return positive(name, .cname, proof)
    }

    // MARK: Records

    /// Records that are there.
    mutating func positive(_ name: DomainName, _ type: RecordType, _ proof: Answer.Proof) -> Link {
        let records = proof.answers.filter { $0.name == name && $0.type == type }
        let all = rrsigs(at: name, covering: type, in: proof.answers)
        let subject = "\(name.absolute) \(type)"
        var problem: String?
        for signer in signers(all, name, type) {
            let place = walk(to: signer)
            guard case .secure = place.security else { return link(subject, place) }
            guard place.apex == signer else {
                problem = problem ?? "signed by \(signer.absolute), which is no zone"
                continue
            }
            switch verify(records, all, at: name, type, place) {
            case .failure(let why): problem = why.text
            case .success(let rrsig):
                return expansion(name, type, rrsig, proof, place, subject, ttl: records.map(\.ttl).min() ?? 0)
            }
        }
        let place = walk(to: type == .ds ? name.parent ?? name : name)
        guard case .secure = place.security else { return link(subject, place) }
        let why = problem ?? "\(subject) has no signature, and \(place.apex.absolute) is signed"
        return link(subject, place, .bogus(why))
    }

    /// Who signed, by what they say, the lowest first; only zones at or above the name may (RFC 4035 §5.3.1).
    private func signers(_ all: [RRSIG], _ name: DomainName, _ type: RecordType) -> [DomainName] {
        var signers: [DomainName] = []
        for rrsig in all where name.isWithin(rrsig.signer) && !signers.contains(rrsig.signer) {
            // The parent signs a DS (RFC 4035 §2.4).
            if type == .ds, rrsig.signer == name, !name.isRoot { continue }
            signers.append(rrsig.signer)
        }
        return Array(signers.sorted { $0.labelCount > $1.labelCount }.prefix(3))
    }

    /// The signature holds; where a wildcard was expanded, no closer name may exist (RFC 4035 §5.3.4).
    private mutating func expansion(
        _ name: DomainName, _ type: RecordType, _ rrsig: RRSIG, _ proof: Answer.Proof, _ place: Place,
        _ subject: String, ttl: UInt32
    ) -> Link {
        let left = UInt32(max(0, Int32(bitPattern: rrsig.expiration &- now)))
        let kept = min(ttl, rrsig.originalTTL, left)  // RFC 4035 §5.3.3
        let by = "signed by \(place.apex.absolute), key \(rrsig.keyTag), \(DNSSEC.algorithmName(rrsig.algorithm))"
        let labels = name.labelCount - (name.isWildcard ? 1 : 0)
        guard Int(rrsig.labels) < labels else {
            trace.add(subject, .secure, by, under: place.step)
            return Link(security: .secure, ttl: kept)
        }
        let encloser = name.suffix(Int(rrsig.labels))
        var denial = Denial(zone: place.apex, proof.authority, work: hashWork)
        let found = denial.provesExpansion(name, from: encloser) { verified($0, proof.authority, place) }
        hashWork = denial.work
        var link = proven(found, "the wildcard *.\(encloser.absolute)", place, expected: .noSuchName)
        link.ttl = kept
        trace.add(subject, link.security, "from the wildcard *.\(encloser.absolute), \(by)", under: place.step)
        return link
    }

    // MARK: "No"

    /// Records that are not there: the name has none of the type, or does not exist.
    private mutating func negative(
        _ name: DomainName, _ type: RecordType, _ kind: Answer.Kind, _ proof: Answer.Proof
    ) -> Link {
        let subject = "\(name.absolute) \(type)"
        var problem: String?
        for signer in denialSigners(name, type, proof) {
            let place = walk(to: signer)
            guard case .secure = place.security else { return link(subject, place) }
            guard place.apex == signer else { continue }
            var denial = Denial(zone: signer, proof.authority, work: hashWork)
            let found = denial.finding(name, type) { verified($0, proof.authority, place) }
            hashWork = denial.work
            note(denial, signer)
            let what = kind == .noSuchName ? "the name does not exist" : "there is no \(type) record"
            let link = proven(found, what, place, expected: kind)
            if case .bogus(let why) = link.security {
                problem = why
                continue
            }
            trace.add(subject, link.security, link.note ?? "proven: \(what)", under: place.step)
            return link
        }
        let place = walk(to: type == .ds ? name.parent ?? name : name)
        guard case .secure = place.security else { return link(subject, place) }
        let what = kind == .noSuchName ? "\(name.absolute) does not exist" : "\(name.absolute) has no \(type) record"
        return link(
            subject, place, .bogus(problem ?? "nothing proves that \(what), and \(place.apex.absolute) is signed"))
    }

    /// The zones whose NSEC or NSEC3 records came, the lowest first.
    func denialSigners(_ name: DomainName, _ type: RecordType, _ proof: Answer.Proof) -> [DomainName] {
        var rrsigs: [RRSIG] = []
        for record in proof.authority {
            if case .rrsig(let rrsig) = record.data, [.nsec, .nsec3].contains(rrsig.typeCovered) {
                rrsigs.append(rrsig)
            }
        }
        return signers(rrsigs, name, type)
    }

    /// What a proof makes of the answer. A proof of the one "no" is none of the other: who changed the response code
    /// shall not be believed.
    private func proven(_ found: Denial.Finding, _ what: String, _ place: Place, expected: Answer.Kind) -> Link {
        switch (found, expected) {
        case (.noSuchName, .noSuchName), (.noData, .noData): return Link(security: .secure)
        // RFC 9824 §3.1: the name does not exist, and an NSEC record made up for it says so by NXNAME.
        case (.noData(let types?), .noSuchName) where types.contains(.other(128)): return Link(security: .secure)
        case (.optedOut, _):
            return Link(
                security: .insecure, note: "\(what): only so far as NSEC3 with opt-out proves it (RFC 5155 §9.2)")
        case (.tooManyIterations(let count), _):
            return Link(
                security: .insecure,
                note: "NSEC3 of \(place.apex.absolute) wants \(count) more iterations, and no more than "
                    + "\(Denial.mostIterations) are computed (RFC 9276 §3.2)")
        case (.nothing(let why), _): return Link(security: .bogus(why))
        case (.noData, _): return Link(security: .bogus("the answer says that the name does not exist; it does"))
        case (.noSuchName, _): return Link(security: .bogus("the answer says that the name exists; it does not"))
        }
    }

    /// Iterations and salt of what was used.
    mutating func note(_ denial: Denial, _ zone: DomainName) {
        guard let parameters = denial.parameters, parameters.iterations > 0 else { return }
        add(.nsec3Iterations(zone: zone, Int(parameters.iterations)))
    }

    mutating func add(_ weakness: Validated.Weakness) {
        if !weaknesses.contains(weakness) { weaknesses.append(weakness) }
    }

    /// As its zone is, or as said.
    private mutating func link(_ subject: String, _ place: Place, _ security: Security? = nil) -> Link {
        let security = security ?? place.security
        let text: String =
            switch security {
            case .bogus(let why), .indeterminate(let why): why
            case .insecure: "not signed, and need not be"
            case .secure: ""
            }
        trace.add(subject, security, text, under: place.step)
        return Link(security: security, note: place.note)
    }

    // MARK: Signatures

    func rrsigs(at name: DomainName, covering type: RecordType, in records: [Record]) -> [RRSIG] {
        records.compactMap { record in
            guard record.name == name, case .rrsig(let rrsig) = record.data, rrsig.typeCovered == type else {
                return nil
            }
            return rrsig
        }
    }

    /// Whether a record of a proof is rightly signed by the zone. Wildcards prove nothing of other names.
    private mutating func verified(_ record: Record, _ authority: [Record], _ place: Place) -> Bool {
        let records = authority.filter { $0.name == record.name && $0.type == record.type }
        let rrsigs = rrsigs(at: record.name, covering: record.type, in: authority)
        guard case .success(let rrsig) = verify(records, rrsigs, at: record.name, record.type, place) else {
            return false
        }
        return Int(rrsig.labels) == record.name.labelCount - (record.name.isWildcard ? 1 : 0)
    }

    struct Problem: Error {
        var text: String
        /// The greater tells more.
        var rank: Int
    }

    /// Looks for one signature of the zone that holds (RFC 4035 §5.3): more are not needed (RFC 6840 §5.4).
    mutating func verify(
        _ records: [Record], _ rrsigs: [RRSIG], at name: DomainName, _ type: RecordType, _ place: Place
    ) -> Result<RRSIG, Problem> {
        let subject = "\(name.absolute) \(type)"
        var problem = Problem(text: "\(subject) has no signature of \(place.apex.absolute)", rank: 0)
        func note(_ rank: Int, _ text: String) {
            if rank > problem.rank { problem = Problem(text: "the signature of \(subject) \(text)", rank: rank) }
        }
        var tries = 0
        for rrsig in rrsigs where rrsig.signer == place.apex {
            guard let owner = DNSSEC.signedOwner(rrsig, name) else {
                note(1, "has more labels than the name")
                continue
            }
            guard DNSSEC.supports(algorithm: rrsig.algorithm, sha1: options.acceptsSHA1) else {
                note(1, "is of \(DNSSEC.algorithmName(rrsig.algorithm)), which is not checked")
                continue
            }
            // RFC 4034 §3.1.5: serial arithmetic (RFC 1982).
            if Int32(bitPattern: rrsig.expiration &- now) < 0 {
                note(4, "has expired: \(DNSSEC.time(rrsig.expiration, near: now))")
                continue
            }
            if Int32(bitPattern: now &- rrsig.inception) < 0 {
                note(4, "is not valid before \(DNSSEC.time(rrsig.inception, near: now))")
                continue
            }
            let keys = place.keys.filter { $0.algorithm == rrsig.algorithm && $0.keyTag == rrsig.keyTag }
            if keys.isEmpty { note(3, "is by key \(rrsig.keyTag), which \(place.apex.absolute) does not have") }
            let data = DNSSEC.signedData(rrsig, records, owner: owner)
            for key in keys {
                tries += 1
                work -= 1
                guard tries <= DNSSEC.mostTries, work >= 0 else {
                    return .failure(Problem(text: "\(subject) takes too many signatures to check", rank: 9))
                }
                if DNSSEC.holds(rrsig.signature, of: data, by: key) {
                    remember(rrsig, key, name, place.apex)
                    return .success(rrsig)
                }
                note(5, "does not fit: records or signature were changed, or another key \(rrsig.keyTag) made it")
            }
        }
        return .failure(problem)
    }

    private mutating func remember(_ rrsig: RRSIG, _ key: DNSKEY, _ name: DomainName, _ zone: DomainName) {
        let signature = Validated.Signature(
            name: name, type: rrsig.typeCovered, signer: rrsig.signer, keyTag: rrsig.keyTag,
            algorithm: rrsig.algorithm, inception: DNSSEC.seconds(rrsig.inception, near: now),
            expiration: DNSSEC.seconds(rrsig.expiration, near: now))
        if !signatures.contains(signature) { signatures.append(signature) }
        if [5, 7, 10].contains(rrsig.algorithm) { add(.algorithm(zone: zone, rrsig.algorithm)) }
        if let rsa = [5, 7, 8, 10].contains(key.algorithm) ? RSAKey(key) : nil, rsa.bits < 1_024 + 256 {
            add(.shortKey(zone: zone, keyTag: rrsig.keyTag, bits: rsa.bits))
        }
    }
}
