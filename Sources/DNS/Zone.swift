/// Names and their records, read from master-file text (RFC 1035 §5) or put in one by one; it answers questions
/// as the DNS would: aliases followed, wildcards (RFC 4592), empty non-terminals, no such name and no such record
/// told apart. What tests, the pages of `checks/` and the small mail world of the demo take for the DNS.
///
/// One zone may hold names of many domains: it is one tree from the root, and nothing exists beside it. So a text
/// needs no SOA, and an alias that leads out of the text leads to no such name. Left out: delegation, and making
/// signatures: those that the text holds are sent to who asks for them.
///
/// Beside records the text may plant failures and say what counts as validated:
///
///     broken.example.org.      !timeout     every question for this name that no record answers goes unanswered
///     example.org.         MX  !servfail    only questions for MX
///     $SIGNED example.net.                  answers for this name and below carry AD
///
/// The failures: `!timeout`, `!servfail`, `!refused`, `!malformed`, `!unreachable`.
package struct Zone: Resolver, Sendable {
    struct Node: Sendable {
        var records: [Record] = []
        var failures: [RecordType: Unanswered.Reason] = [:]
        var failure: Unanswered.Reason?

        var isEmpty: Bool { records.isEmpty && failures.isEmpty && failure == nil }
    }

    /// Every name there is, those that only have names below them (empty non-terminals) too.
    private var nodes: [DomainName: Node] = [.root: Node()]
    /// Names whose answers are authenticated, with all below them.
    private var signed: [DomainName] = []

    package init() {}

    package init(records: [Record]) {
        for record in records { insert(record) }
    }

    /// Adds a record; one that is there already stays once.
    package mutating func insert(_ record: Record) {
        update(record.name) { node in
            if !node.records.contains(where: { $0.data == record.data }) { node.records.append(record) }
        }
    }

    /// Removes the records of `type` at `name`, or all of them, with the failures planted there.
    package mutating func remove(_ name: DomainName, _ type: RecordType? = nil) {
        guard var node = nodes[name] else { return }
        if let type {
            node.records.removeAll { $0.type == type }
            node.failures[type] = nil
        } else {
            node = Node()
        }
        nodes[name] = node
        prune(name)
    }

    /// Plants a failure: for questions of `type` at exactly `name`; without a type for all that no record answers.
    package mutating func plant(_ reason: Unanswered.Reason, at name: DomainName, _ type: RecordType? = nil) {
        update(name) { node in
            if let type { node.failures[type] = reason } else { node.failure = reason }
        }
    }

    /// Answers at and below `name` will be authenticated.
    package mutating func sign(_ name: DomainName) { signed.append(name) }

    /// All of `other` put in here.
    package mutating func merge(_ other: Zone) {
        for (name, node) in other.nodes where !node.isEmpty {
            for record in node.records { insert(record) }
            for (type, reason) in node.failures { plant(reason, at: name, type) }
            if let reason = node.failure { plant(reason, at: name) }
        }
        signed += other.signed
    }

    /// All records, by name in canonical order.
    package var records: [Record] {
        nodes.sorted { $0.key < $1.key }.flatMap(\.value.records)
    }

    /// The records as master-file text, one a line, absolute: what another name server can load.
    /// Planted failures are left out.
    package var text: String { records.map { $0.description + "\n" }.joined() }

    private mutating func update(_ name: DomainName, _ change: (inout Node) -> Void) {
        change(&nodes[name, default: Node()])
        var ancestor = name.parent
        while let here = ancestor, nodes[here] == nil {
            nodes[here] = Node()
            ancestor = here.parent
        }
    }

    /// Forgets `name` and what is above it where nothing is left there or below.
    private mutating func prune(_ name: DomainName) {
        var candidate: DomainName? = name
        while let here = candidate, !here.isRoot, nodes[here]?.isEmpty ?? false,
            !nodes.keys.contains(where: { $0 != here && $0.isWithin(here) })
        {
            nodes[here] = nil
            candidate = here.parent
        }
    }
}

/// Answering.
extension Zone {
    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try lookUp(question).get()
    }

    /// The same at once.
    package func lookUp(_ question: Question) -> Outcome {
        let found = find(question)
        let ttls = (found.aliases + found.records).map(\.ttl)
        let isSigned = found.names.allSatisfy(isSigned)
        switch found.end {
        case .answered(.records):
            return .success(
                Answer(
                    .records, records: found.records, aliases: found.aliases, ttl: ttls.min() ?? 0,
                    authenticated: isSigned, proof: question.signatures ? proof(of: found, question) : nil))
        case .answered(let kind):
            let soa = authority(for: found.name)
            return .success(
                Answer(
                    kind, aliases: found.aliases, ttl: min(negativeTTL(soa), ttls.min() ?? .max),
                    authenticated: isSigned, proof: question.signatures ? proof(of: found, question) : nil))
        case .failed(let reason):
            return .failure(Unanswered(reason, detail: reason == .aliasLoop ? "more than 16 CNAMEs" : "planted"))
        }
    }

    /// What is at the end of the chain that begins at the question's name.
    struct Found {
        enum End {
            case answered(Answer.Kind)
            case failed(Unanswered.Reason)
        }
        var aliases: [Record] = []
        var records: [Record] = []
        /// The DNAME records that some of the aliases were made from (RFC 6672 §3.1).
        var dnames: [Record] = []
        /// The name the chain has led to.
        var name: DomainName
        var end: End = .answered(.noSuchName)

        var names: [DomainName] { aliases.map(\.name) + [name] }
    }

    func find(_ question: Question) -> Found {
        var found = Found(name: question.name)
        while true {
            guard let node = node(for: found.name) else {
                guard let (dname, target) = substitution(for: found.name) else { return found }
                guard found.aliases.count < Interpretation.maximumAliases else {
                    found.end = .failed(.aliasLoop)
                    return found
                }
                found.dnames.append(dname)
                found.aliases.append(Record(found.name, ttl: dname.ttl, .cname(target)))
                found.name = target
                continue
            }
            if let reason = node.failures[question.type] {
                found.end = .failed(reason)
                return found
            }
            let records = node.records.filter { question.type == .any || $0.type == question.type }
            if !records.isEmpty {
                found.records = records.map { Record(found.name, ttl: $0.ttl, $0.data) }
                found.end = .answered(.records)
                return found
            }
            guard let alias = node.records.first(where: { $0.type == .cname }), case .cname(let target) = alias.data
            else {
                found.end = node.failure.map { .failed($0) } ?? .answered(.noData)
                return found
            }
            guard found.aliases.count < Interpretation.maximumAliases else {
                found.end = .failed(.aliasLoop)
                return found
            }
            found.aliases.append(Record(found.name, ttl: alias.ttl, alias.data))
            found.name = target
        }
    }

    /// The node of a name that exists, or of the wildcard at its closest encloser (RFC 4592 §3.3.1).
    private func node(for name: DomainName) -> Node? {
        if let node = nodes[name] { return node }
        return source(of: name).flatMap { nodes[$0] }
    }

    /// The name whose records answer: itself, or a wildcard.
    func source(of name: DomainName) -> DomainName? {
        if nodes[name] != nil { return name }
        let wildcard = closestEncloser(of: name)?.wildcard
        return wildcard.flatMap { nodes[$0] == nil ? nil : $0 }
    }

    /// The closest name above that exists.
    private func closestEncloser(of name: DomainName) -> DomainName? {
        var encloser = name.parent
        while let here = encloser {
            if nodes[here] != nil { return here }
            encloser = here.parent
        }
        return nil
    }

    /// Where a DNAME record above leads a name that does not exist (RFC 6672 §2.2).
    private func substitution(for name: DomainName) -> (dname: Record, target: DomainName)? {
        guard let encloser = closestEncloser(of: name),
            let dname = nodes[encloser]?.records.first(where: { $0.type == .dname }),
            case .dname(let base) = dname.data,
            let target = try? DomainName(labels: Array(name.labels.dropLast(encloser.labelCount))).appending(base)
        else { return nil }
        return (dname, target)
    }

    /// Without wildcards.
    func node(exactly name: DomainName) -> Node? { nodes[name] }

    private func isSigned(_ name: DomainName) -> Bool { signed.contains { name.isWithin($0) } }

    /// The SOA record of the nearest name above that has one; where the text has none, one at the root.
    func authority(for name: DomainName) -> Record {
        var here: DomainName? = name
        while let candidate = here {
            if let soa = nodes[candidate]?.records.first(where: { $0.type == .soa }) { return soa }
            here = candidate.parent
        }
        let soa = SOA(
            primary: .root, mailbox: .root, serial: 1, refresh: 3600, retry: 600, expire: 86400, minimum: 60)
        return Record(.root, ttl: 60, .soa(soa))
    }

    /// RFC 2308 §5.
    private func negativeTTL(_ record: Record) -> UInt32 {
        if case .soa(let soa) = record.data { min(record.ttl, soa.minimum) } else { record.ttl }
    }
}

/// Answering as a name server.
extension Zone {
    /// The response to `query`; nil where the answer is silence: a planted timeout, or what is no query.
    /// It is authoritative, and offers recursion, because nothing exists beside the zone.
    /// To be sent over UDP it is encoded with `query.udpLimit`.
    package func message(answering query: Message) -> Message? {
        if query.isResponse { return nil }
        var response = Message(
            id: query.id, isResponse: true, opcode: query.opcode, recursionDesired: query.recursionDesired,
            recursionAvailable: true, checkingDisabled: query.checkingDisabled, questions: query.questions,
            edns: query.edns.map { EDNS(dnssecOK: $0.dnssecOK) })
        if let edns = query.edns, edns.version > 0 {
            response.rcode = .badVersion  // RFC 6891 §6.1.3
        } else if query.opcode != 0 {
            response.rcode = .notImplemented
        } else if let question = query.questions.first, query.questions.count == 1 {
            return answer(question, in: response, authenticated: query.authenticData || (query.edns?.dnssecOK ?? false))
        } else {
            response.rcode = query.otherClasses.isEmpty ? .formatError : .refused  // RFC 1035 §4.1.1
        }
        return response
    }

    private func answer(_ question: Question, in response: Message, authenticated: Bool) -> Message? {
        var response = response
        let found = find(question)
        switch found.end {
        case .failed(.timedOut), .failed(.unreachable): return nil
        case .failed(.servfail): response.rcode = .serverFailure
        case .failed(.refused): response.rcode = .refused
        case .failed(.aliasLoop):
            response.isAuthoritative = true
            response.answers = found.aliases
        case .failed: response.rcode = .notImplemented
        case .answered(let kind):
            response.isAuthoritative = true
            response.authenticData = authenticated && found.names.allSatisfy(isSigned)  // RFC 6840 §5.8
            response.rcode = kind == .noSuchName ? .nameError : .noError
            response.answers = found.aliases + found.records
            if kind != .records { response.authority = [authority(for: found.name)] }  // RFC 2308 §3
            if response.edns?.dnssecOK ?? false {  // RFC 4035 §3.1
                let proof = proof(of: found, question)
                response.answers = proof.answers
                response.authority = proof.authority
            } else if let dname = found.dnames.first {
                response.answers.insert(dname, at: 0)  // RFC 6672 §3.2
            }
        }
        return response
    }
}
