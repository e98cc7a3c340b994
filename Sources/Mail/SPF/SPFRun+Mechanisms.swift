import DNS

/// The mechanisms (RFC 7208 §5), the macros (§7) and the explanation (§6.2).
extension SPFRun {
    /// Whether `mechanism` matches the client.
    mutating func matches(
        _ mechanism: SPFRecord.Mechanism, _ domain: DomainName, _ depth: Int, _ place: Int?,
        asking dns: inout Knowledge
    ) throws(Stop) -> Bool {
        switch mechanism {
        case .all: return true  // RFC 7208 §5.1
        case .ip4(let address, let prefix):
            guard case .v4(let client) = session.ip else { return false }
            return Self.agree(client, address, prefix)
        case .ip6(let address, let prefix):
            guard case .v6(let client) = session.ip else { return false }
            return Self.agree(client, address, prefix)
        case .include(let target):
            return try include(target, domain, depth, place, asking: &dns)
        case .a(let target, let cidr):
            guard let name = try name(of: target, domain, place, asking: &dns) else { return false }
            return holdsClient(try addresses(of: name, place, asking: &dns), cidr)
        case .mx(let target, let cidr):
            guard let name = try name(of: target, domain, place, asking: &dns) else { return false }
            return try mx(name, cidr, place, asking: &dns)
        case .ptr(let target):
            guard let name = try name(of: target, domain, place, asking: &dns) else { return false }
            return try names(place, countsVoid: true, asking: &dns).contains { $0.isWithin(name) }
        case .exists(let target):
            // RFC 7208 §5.7: A, even for a client of IPv6.
            guard let name = try name(of: target, domain, place, asking: &dns) else { return false }
            let answer = try answer(Question(name, .a), place, asking: &dns)
            if answer.records.isEmpty { try noteVoid(place) }
            return !answer.records.isEmpty
        }
    }

    /// RFC 7208 §5.2: the table at its end.
    private mutating func include(
        _ target: MacroString, _ domain: DomainName, _ depth: Int, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> Bool {
        guard let name = try name(of: target, domain, place, asking: &dns) else {
            if beyondASCII(target) { return false }  // RFC 8616 §4: such a term matches nothing
            // check_host() of a malformed domain is none (§4.3), and that is a permerror here.
            throw .permerror("“include:\(target.text.prefix(200))” of \(domain) leads to no name")
        }
        let verdict = try check(name, depth: depth + 1, asking: &dns)
        switch verdict.result {
        case .pass: return true
        case .fail, .softfail, .neutral:
            end(place, .cannotMatch("\(name) gives \(verdict.result.rawValue)"))
            return false
        case .none: throw .permerror("\(name), which \(domain) includes, has no SPF record")
        // Both end the evaluation where they occur and never come this far.
        case .permerror, .temperror: throw .permerror(verdict.reason)
        }
    }

    /// RFC 7208 §5.4.
    private mutating func mx(
        _ name: DomainName, _ cidr: SPFRecord.DualCIDR, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> Bool {
        let hosts = try answer(Question(name, .mx), place, asking: &dns).records.compactMap { record in
            if case .mx(let mx) = record.data { mx } else { nil }
        }
        // The name itself is not tried instead.
        if hosts.isEmpty { try noteVoid(place) }
        if hosts.count > SPFCheck.maximumNames {
            throw .permerror("\(name) has more than \(SPFCheck.maximumNames) mail hosts")  // RFC 7208 §4.6.4
        }
        // RFC 7208 §5.4: one after the other in order of preference. A host that matches ends it, and so does one that
        // nobody could tell of (§5). They are asked for all at once.
        var isWanting = false
        var stopped: Stop?
        var isVoid = false
        var seen: Set<DomainName> = []
        for host in hosts.enumerated().sorted(by: {
            ($0.element.preference, $0.offset) < ($1.element.preference, $1.offset)
        })
        .map(\.element) where !host.isNull && seen.insert(host.exchange).inserted {
            do throws(Stop) {
                let records = try answer(addressQuestion(host.exchange), place, asking: &dns).records
                if records.isEmpty { isVoid = true }
                // What is wanted of a host before it may yet end it otherwise.
                if stopped == nil, !isWanting, holdsClient(records, cidr) { return true }
            } catch {
                if case .wanting = error { isWanting = true } else if !isWanting { stopped = stopped ?? error }
            }
        }
        if isWanting { throw .wanting }
        if let stopped { throw stopped }
        if isVoid { try noteVoid(place) }
        return false
    }

    /// The names of the client that lead back to it (RFC 7208 §5.5).
    private mutating func names(
        _ place: Int?, countsVoid: Bool, asking dns: inout Knowledge
    ) throws(Stop) -> [DomainName] {
        if let validatedNames {
            if hasNoNames, countsVoid { try noteVoid(place) }
            return validatedNames
        }
        let question = Question(session.ip.reverseName, .ptr)
        var names: [DomainName] = []
        switch note(question, place, asking: &dns) {
        case .failure(let why):
            if why.reason == .notAsked { throw .wanting }
            return []  // an error while asking for the names: no match
        case .success(let answer):
            names = answer.records.compactMap { if case .ptr(let name) = $0.data { name } else { nil } }
            hasNoNames = names.isEmpty
            if hasNoNames, countsVoid { try noteVoid(place) }
        }
        var validated: [DomainName] = []
        var isWanting = false
        for name in names.prefix(SPFCheck.maximumNames) where !name.isRoot {
            switch note(addressQuestion(name), place, asking: &dns) {
            // An error while asking for addresses: this name is passed over.
            case .failure(let why): isWanting = isWanting || why.reason == .notAsked
            case .success(let answer):
                if holdsClient(answer.records, SPFRecord.DualCIDR()) { validated.append(name) }
            }
        }
        if isWanting { throw .wanting }
        validatedNames = validated
        return validated
    }

    // MARK: Addresses

    /// RFC 7208 §5: A for a client of IPv4, AAAA for one of IPv6.
    private func addressQuestion(_ name: DomainName) -> Question {
        Question(name, session.ip.family == .ipv4 ? .a : .aaaa)
    }

    private mutating func addresses(
        of name: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> [Record] {
        let records = try answer(addressQuestion(name), place, asking: &dns).records
        if records.isEmpty { try noteVoid(place) }
        return records
    }

    private func holdsClient(_ records: [Record], _ cidr: SPFRecord.DualCIDR) -> Bool {
        records.contains { record in
            switch (record.data, session.ip) {
            case (.a(let address), .v4(let client)): Self.agree(client, address, cidr.ipv4)
            case (.aaaa(let address), .v6(let client)): Self.agree(client, address, cidr.ipv6)
            default: false
            }
        }
    }

    /// Whether the first `prefix` bits are the same; 0 agrees with all.
    static func agree(_ a: IPv4Address, _ b: IPv4Address, _ prefix: Int) -> Bool {
        (a.value ^ b.value) >> (32 - UInt32(prefix)) == 0
    }

    static func agree(_ a: IPv6Address, _ b: IPv6Address, _ prefix: Int) -> Bool {
        prefix <= 64
            ? (a.high ^ b.high) >> (64 - UInt64(prefix)) == 0
            : a.high == b.high && (a.low ^ b.low) >> (128 - UInt64(prefix)) == 0
    }

    // MARK: Macros

    /// The name that a term leads to; nil, which matches nothing, where expansion gives none (RFC 7208 §4.8).
    mutating func name(
        of string: MacroString?, _ domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> DomainName? {
        guard let string else { return domain }
        if let name = string.domainName {
            if let place { evaluation.trace[place].target = name }
            return name
        }
        if string.hasMacros, beyondASCII(string) {
            end(place, .cannotMatch("the local part is not ASCII: terms that use it match nothing"))
            return nil
        }
        let octets = try expandedEnd(string, domain, place, asking: &dns)
        let name = SPFName.name(SPFName.truncated(octets))
        if let place { evaluation.trace[place].target = name }
        if name == nil { end(place, .cannotMatch("\(quoted(octets)) is no domain name")) }
        return name
    }

    private func beyondASCII(_ string: MacroString) -> Bool {
        string.parts.contains { if case .macro(let macro) = $0 { session.isBeyondASCII(macro.letter) } else { false } }
    }

    /// What a piece of a macro-string becomes (RFC 7208 §7.3).
    private mutating func expand(
        _ part: MacroString.Part, _ domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> [UInt8] {
        switch part {
        case .literal(let literal): return literal
        case .macro(let macro):
            return macro.transformed(
                macro.letter == UInt8(ascii: "p")
                    ? try validatedName(for: domain, place, asking: &dns) : session.value(of: macro.letter, in: domain))
        }
    }

    /// The end of a name, from which all that is too long is cut off at the left: what stands further left is not
    /// expanded at all.
    private mutating func expandedEnd(
        _ string: MacroString, _ domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> [UInt8] {
        if string.parts.count == 1 { return try expand(string.parts[0], domain, place, asking: &dns) }
        var pieces: [[UInt8]] = []
        var count = 0
        for part in string.parts.reversed() where count <= 2 * SPFName.maximumLength {
            let octets = try expand(part, domain, place, asking: &dns)
            count += octets.count
            pieces.append(octets)
        }
        return Array(pieces.reversed().joined())
    }

    /// The start of a text, as far as it is kept.
    private mutating func expandedStart(
        _ string: MacroString, _ domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> [UInt8] {
        var octets: [UInt8] = []
        for part in string.parts where octets.count < Self.maximumExplanation {
            octets += try expand(part, domain, place, asking: &dns)
        }
        return Array(octets.prefix(Self.maximumExplanation))
    }

    /// `%{p}`: the domain itself, else one below it, else any, else “unknown” (RFC 7208 §7.3).
    private mutating func validatedName(
        for domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> [UInt8] {
        let names = try names(place, countsVoid: false, asking: &dns)
        let chosen = names.first { $0 == domain } ?? names.first { $0.isWithin(domain) } ?? names.first
        return chosen.map(SPFName.octets) ?? Array("unknown".utf8)
    }

    // MARK: The explanation

    /// An explanation is cut at this length: it is meant to fit a reply line.
    private static var maximumExplanation: Int { 4_096 }

    /// RFC 7208 §6.2: any trouble on the way, and there is none.
    mutating func explain(_ record: SPFRecord, in domain: DomainName, asking dns: inout Knowledge) {
        guard let target = record.explanation, let term = record.terms.first(where: \.isExplanation) else { return }
        let place = begin(.explanation(term), domain, 0)
        func drop(_ why: String) { evaluation.setExplanation(nil, why, place) }
        do throws(Stop) {
            guard let name = try name(of: target, domain, place, asking: &dns) else {
                return drop("it leads to no name")
            }
            let texts = try answer(Question(name, .txt), place, asking: &dns).records.compactMap { record in
                if case .txt(let txt) = record.data { txt.joined } else { nil }
            }
            guard let text = texts.first else { return drop("\(name) has no text") }
            guard texts.count == 1 else { return drop("\(name) has \(texts.count) texts") }
            guard text.allSatisfy({ $0 == 32 || $0.isVisible }) else { return drop("the text is not ASCII") }
            var problems = Problems(text)
            let string = MacroString(reading: text[...], inExplanation: true, problems: &problems)
            if let problem = problems.list.first { return drop("the text has an error: \(problem.message)") }
            let octets = try expandedStart(string, domain, place, asking: &dns)
            guard octets.allSatisfy({ $0 == 32 || $0.isVisible }) else { return drop("what it becomes is not ASCII") }
            evaluation.setExplanation(octets.text, "", place)
        } catch {
            switch error {
            case .wanting: evaluation.isComplete = false
            case .temperror(let question, _): drop("nobody could tell \(question)")
            case .permerror(let why): drop(why)
            }
        }
    }
}

extension SPFEvaluation {
    fileprivate mutating func setExplanation(_ text: String?, _ why: String, _ place: Int?) {
        explanation = text
        if let place { trace[place].outcome = .explains(text, why) }
    }
}

extension SPFRecord.Term {
    package var isExplanation: Bool { if case .modifier(.exp) = kind { true } else { false } }
}
