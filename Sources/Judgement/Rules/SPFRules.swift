internal import DNS
import DNS
import Mail

/// Who may send: `checks/spf` (RFC 7208).
enum SPFRules {
    static let all: [Rule] = [
        exists, multiple, syntax, unknownMechanism, badAddress, badMacro, notASCII, duplicateModifier, includeBroken,
        lookupLimit, nearLimit, voidLookups, includeWithoutRecord, loop,
        passAll, neutralAll, afterAll, redirectWithAll, ptrUsed, broadRange, privateRange, duplicateTerm,
        missingTarget, crowdedMX, noMail, softfailAll, stringSeam, answerSize, needsTCP, typeSPF, senderID, explanation,
        unregisteredTarget, hostNames, heloName, senderAddress,
    ]

    static let exists = Rule.onDomain("spf.exists") { domain in
        switch domain.spf.status {
        case .found, .multiple: return .passes
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        case .none, .noSuchName:
            let record = domain.takesNoMail ? "v=spf1 -all" : "v=spf1 mx -all"
            let lookalike = domain.spf.otherTexts.first { $0.lowercased().holds("v=spf") }
            return .finds(
                Found(
                    "\(domain.domain) has no SPF record: anyone can send in its name"
                        + (lookalike.map { "; what looks like one is none: \(quoted($0))" } ?? "") + ".",
                    remedy: "Publish `\(domain.domain). TXT \"\(record)\"`"
                        + (domain.takesNoMail
                            ? " : the domain takes no mail and should send none."
                            : " after adding every other server and service that sends in the domain's name.")))
        }
    }

    // RFC 7208 §3.2, §4.5.
    static let multiple = Rule.onDomain("spf.multiple") { domain in
        switch domain.spf.status {
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        case .none, .noSuchName: return .doesNotApply("there is no SPF record")
        case .found: return .passes
        case .multiple(let texts):
            return .finds(
                Found(
                    "\(domain.domain) has \(texts.count) SPF records: receivers use none of them.",
                    detail: [.init("records", .strings(texts))],
                    remedy: "Keep one TXT record that starts with `v=spf1` and put the terms of the others into it."))
        }
    }

    // RFC 7208 §4.6, §12. Each kind of error that has a page of its own is found there.
    static let syntax = onErrors("spf.syntax") { !told.contains($0.code) }
    private static let told: Set<RecordProblem.Code> = [
        .unknownMechanism, .badAddress, .badPrefix, .badMacro, .notASCII, .duplicate,
    ]
    static let unknownMechanism = onErrors("spf.unknown-mechanism") { $0.code == .unknownMechanism }
    static let badAddress = onErrors("spf.bad-address") { $0.code == .badAddress || $0.code == .badPrefix }
    static let notASCII = onErrors("spf.not-ascii") { $0.code == .notASCII }
    static let duplicateModifier = onErrors("spf.duplicate-modifier") { $0.code == .duplicate }

    // RFC 7208 §7: an error makes the record useless, capitals in a name only the term.
    static let badMacro = onRecord("spf.macro") { record, domain in
        let problems = record.problems.filter { $0.code == .badMacro }
        guard let first = problems.first(where: \.isError) ?? problems.first else { return .passes }
        return .finds(
            Found(
                "A macro in the SPF record of \(domain.domain) is wrong: \(first.message) (column \(first.column)).",
                detail: positions(record, problems), severity: first.isError ? nil : .warning))
    }

    /// On errors of some kind in the record at the domain.
    private static func onErrors(
        _ identifier: String, _ isOfTheKind: @escaping @Sendable (RecordProblem) -> Bool
    ) -> Rule {
        onRecord(identifier) { record, domain in
            let errors = record.problems.filter { $0.isError && isOfTheKind($0) }
            guard let first = errors.first else { return .passes }
            return .finds(
                Found(
                    "The SPF record of \(domain.domain) cannot be read: \(first.message) (column \(first.column)).",
                    detail: positions(record, errors)))
        }
    }

    private static func positions(_ record: Held<SPFRecord>, _ errors: [RecordProblem]) -> [JSON.Member] {
        [.init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems(errors))]
    }

    static let includeBroken = onTree("spf.include-broken") { spf, _ in
        guard let node = spf.brokenRecords.first else { return complete(spf) }
        let message = node.status.value?.problems.first(where: \.isError)?.message ?? "it cannot be read"
        return .finds(
            Found(
                "The record of \(node.domain), which is drawn in, cannot be read: \(message).",
                detail: [.init("domains", .strings(spf.brokenRecords.map(\.domain.description)))]))
    }

    // RFC 7208 §4.6.4.
    static let lookupLimit = onTree("spf.lookup-limit") { spf, domain in
        if spf.lookups <= 10 { return complete(spf) }
        let costly = spf.root.costs.enumerated().filter { $0.element.lookups > 1 }
            .sorted { ($0.element.lookups, $1.offset) > ($1.element.lookups, $0.offset) }.prefix(3)
            .map { "`\($0.element.term.text.prefix(100))` (\($0.element.lookups))" }
        return .finds(
            Found(
                "The SPF record of \(domain.domain) needs \(spf.isComplete ? "" : "at least ")\(spf.lookups) DNS "
                    + "lookups; ten are allowed."
                    + (costly.isEmpty ? "" : " Most are spent on \(list(Array(costly)))."),
                detail: [
                    .init("lookups", .integer(spf.lookups)), .init("limit", 10),
                    .init("complete", .bool(spf.isComplete)), .init("terms", costs(spf)),
                ]))
    }

    /// What each term costs that costs something.
    private static func costs(_ spf: Held<SPFAnalysis>) -> JSON {
        .array(
            spf.root.costs.filter { $0.lookups > 0 }.prefix(50).map {
                ["term": .string(String($0.term.text.prefix(255))), "lookups": .integer($0.lookups)]
            })
    }

    static let nearLimit = onTree("spf.near-limit") { spf, domain in
        if spf.lookups > 10 { return .doesNotApply("the limit is exceeded: see spf.lookup-limit") }
        if spf.lookups < 8 { return complete(spf) }
        return .finds(
            Found(
                "The SPF record of \(domain.domain) needs \(spf.lookups) of the ten DNS lookups allowed.",
                detail: [
                    .init("lookups", .integer(spf.lookups)), .init("limit", 10), .init("terms", costs(spf)),
                ]))
    }

    // RFC 7208 §4.6.4: two void lookups.
    static let voidLookups = onTree("spf.void-lookups") { spf, domain in
        if spf.voidLookups <= 2 { return complete(spf) }
        return .finds(
            Found(
                "\(spf.voidLookups) DNS lookups of the SPF record of \(domain.domain) find nothing; two are allowed: "
                    + "\(terms(spf.voids)).",
                detail: [.init("void_lookups", .integer(spf.voidLookups)), .init("terms", placed(spf.voids))],
                remedy: "Remove the terms that lead nowhere: \(terms(spf.voids))."))
    }

    // RFC 7208 §5.2, §6.1.
    static let includeWithoutRecord = onTree("spf.include-without-record") { spf, _ in
        guard spf.hasFailingTargets else { return complete(spf) }
        let without = spf.targetsWithoutRecord, several = spf.targetsWithSeveralRecords
        var said: [String] = [], mended: [String] = []
        if !without.isEmpty {
            said.append("\(terms(without, "leads", "lead")) to a domain without an SPF record")
            mended.append("Remove \(terms(without)), or ask the service it names for the right domain.")
        }
        if !several.isEmpty {
            said.append("\(terms(several, "leads", "lead")) to a domain with more than one SPF record")
            mended.append(
                "Whoever runs the target of \(terms(several)) has to keep one of its records; remove the term till then."
            )
        }
        return .finds(
            Found(
                "\(said.joined(separator: ", ")): the whole check fails there.",
                detail: [.init("terms", placed(without + several))], remedy: mended.joined(separator: " ")))
    }

    static let loop = onTree("spf.loop") { spf, _ in
        guard !spf.loops.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.loops, "leads", "lead")) back to a record that is already being read.",
                detail: [.init("terms", placed(spf.loops))], remedy: "Remove \(terms(spf.loops))."))
    }

    static let passAll = onTree("spf.pass-all") { spf, domain in
        // RFC 7208 §5.2: an include matches where the check of its target passes.
        if let placed = spf.drawnInPassAll, let target = placed.target {
            return .finds(
                Found(
                    "By `\(placed.term.text.prefix(80))`, the SPF record of \(domain.domain) lets every server in the "
                        + "world send in its name: \(target) lets everyone pass.",
                    detail: [.init("terms", SPFRules.placed([placed]))],
                    remedy: "Remove \(terms([placed])), or have `+all` taken out of the record it draws in."))
        }
        // What an include holds that was not seen, nobody knows.
        guard let all = spf.all else { return complete(spf) }
        guard all == .pass else { return spf.isComplete ? .passes : complete(spf) }
        return .finds(
            Found(
                "The SPF record of \(domain.domain) ends in `+all`: it lets every server in the world send in its name.",
                remedy: "Replace `+all` (or a bare `all`) by `-all`."))
    }

    // RFC 7208 §4.7: without all and redirect the result is neutral.
    static let neutralAll = onTree("spf.neutral-all") { spf, domain in
        switch spf.all {
        case .neutral:
            return .finds(
                Found(
                    "The SPF record of \(domain.domain) ends in `?all`: it says nothing about servers it does not name.",
                    remedy: "Replace `?all` by `-all`, or by `~all` while you look for senders you forgot."))
        case nil
        where spf.isComplete && !spf.isCut && !spf.hasFailingTargets && spf.loops.isEmpty
            && spf.status.value?.redirect == nil:
            return .finds(
                Found(
                    "The SPF record of \(domain.domain) has no `all` at its end: it says nothing about servers it does "
                        + "not name.",
                    remedy: "Add `-all` at the end, or `~all` while you look for senders you forgot."))
        case nil where spf.status.value?.redirect != nil && spf.isComplete:
            return .doesNotApply("what the record says at its end depends on where it redirects to")
        case nil: return complete(spf)
        case .pass, .fail, .softfail: return .passes
        }
    }

    // RFC 7208 §5.1.
    static let afterAll = onTree("spf.after-all") { spf, domain in
        guard !spf.termsAfterAll.isEmpty else { return .passes }
        let words = spf.termsAfterAll.map { "`\($0.text.prefix(80))`" }
        return .finds(
            Found(
                "Behind `all`, the SPF record of \(domain.domain) has \(list(words)), which no receiver looks at.",
                detail: [.init("terms", .strings(spf.termsAfterAll.map(\.text)))],
                remedy: "Move \(list(words)) in front of `all`, or remove it."))
    }

    // RFC 7208 §6.1.
    static let redirectWithAll = onTree("spf.redirect-with-all") { spf, domain in
        guard let term = spf.ignoredRedirect else { return .passes }
        return .finds(
            Found(
                "The SPF record of \(domain.domain) has `\(term.text.prefix(100))` and `all`: the redirect is ignored.",
                detail: [.init("term", .string(String(term.text.prefix(255))))],
                remedy: "Remove `all` if the other record shall decide, or remove `\(term.text.prefix(100))`."))
    }

    // RFC 7208 §5.5.
    static let ptrUsed = onTree("spf.ptr-used") { spf, _ in
        guard !spf.ptrTerms.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.ptrTerms, "is", "are")) used, which is slow, unreliable and should not be published.",
                detail: [.init("terms", placed(spf.ptrTerms))],
                remedy: "Replace `ptr` by `a`, `mx` or `ip4:` and `ip6:` ranges that name the servers."))
    }

    static let broadRange = onTree("spf.broad-range") { spf, _ in
        // A large private range lets nobody in: that is spf.private-range.
        let broad = spf.broadRanges.filter { !spf.privateRanges.contains($0) }
        guard !broad.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(broad, "lets", "let")) a very large part of the Internet send.",
                detail: [.init("terms", placed(broad))],
                remedy: "Replace \(terms(broad)) by the ranges that really send."))
    }

    static let privateRange = onTree("spf.private-range") { spf, _ in
        guard !spf.privateRanges.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.privateRanges, "names", "name")) addresses from which no mail can come over the Internet.",
                detail: [.init("terms", placed(spf.privateRanges))],
                remedy: "Remove \(terms(spf.privateRanges)); name the public address that your mail leaves by."))
    }

    static let duplicateTerm = onTree("spf.duplicate-term") { spf, _ in
        guard !spf.duplicates.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.duplicates, "stands", "stand")) there more than once.",
                detail: [.init("terms", placed(spf.duplicates))], remedy: "Remove the second \(terms(spf.duplicates)).")
        )
    }

    static let missingTarget = onTree("spf.missing-target") { spf, _ in
        guard !spf.missingTargets.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.missingTargets, "finds", "find")) no host.",
                detail: [.init("terms", placed(spf.missingTargets))], remedy: "Remove \(terms(spf.missingTargets))."))
    }

    // RFC 7208 §4.6.4: an mx term with more than ten hosts is a permerror.
    static let crowdedMX = onTree("spf.crowded-mx") { spf, _ in
        guard !spf.crowdedMX.isEmpty else { return complete(spf) }
        return .finds(
            Found(
                "\(terms(spf.crowdedMX, "leads", "lead")) to more than ten mail hosts: receivers give up with an error.",
                detail: [.init("terms", placed(spf.crowdedMX))],
                remedy: "Replace \(terms(spf.crowdedMX)) by `ip4:` and `ip6:` ranges."))
    }

    // RFC 7505 §4.2: who takes no mail should send none.
    static let noMail = Rule.onDomain("spf.no-mail") { domain in
        guard domain.takesNoMail else { return .doesNotApply("the domain takes mail") }
        switch domain.spf.status {
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        case .none, .noSuchName, .multiple: return .doesNotApply("there is not one SPF record")
        case .found(let record):
            let terms = record.directives
            if terms.count == 1, terms[0].mechanism == .all, terms[0].qualifier == .fail { return .passes }
            return .finds(
                Found(
                    "\(domain.domain) takes no mail, but its SPF record lets servers send in its name: "
                        + "\(quoted(record.text)).",
                    detail: [.init("record", .string(String(record.text.prefix(1000))))],
                    remedy: "Publish `\(domain.domain). TXT \"v=spf1 -all\"`."))
        }
    }

    // MARK: Shapes

    /// On the one record at the domain.
    static func onRecord(
        _ identifier: String, _ verdict: @escaping @Sendable (Held<SPFRecord>, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule.onDomain(identifier) { domain in
            if let record = domain.spfRecord { return verdict(record, domain) }
            return switch domain.spf.status {
            case .found(let record): verdict(Held(record), domain)
            case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
            case .none, .noSuchName: .doesNotApply("there is no SPF record")
            case .multiple: .doesNotApply("there are several SPF records: see spf.multiple")
            }
        }
    }

    /// On the record and all it draws in.
    static func onTree(
        _ identifier: String, _ verdict: @escaping @Sendable (Held<SPFAnalysis>, DomainEvidence) -> Verdict
    ) -> Rule {
        onRecord(identifier) { _, domain in verdict(domain.spf, domain) }
    }

    /// Nothing was found: a pass only if everything could be looked at.
    static func complete(_ spf: Held<SPFAnalysis>) -> Verdict {
        if let lookup = spf.unknown.first { return .cannotTell(Failure(lookup.why, asking: lookup.question)) }
        if spf.isCut {
            return .cannotTell(Failure(.overload, during: .dns, "the SPF record draws in too much to follow"))
        }
        return .passes
    }

    /// The terms and what they do, in the right number.
    static func terms(_ terms: [SPFAnalysis.PlacedTerm], _ one: String, _ many: String) -> String {
        "\(Self.terms(terms)) \(terms.count == 1 ? one : many)"
    }

    static func terms(_ terms: [SPFAnalysis.PlacedTerm]) -> String {
        list(terms.map { "`\($0.term.text.prefix(100))`" })
    }

    static func placed(_ terms: [SPFAnalysis.PlacedTerm]) -> JSON {
        .array(
            terms.prefix(30).map {
                ["domain": .string($0.domain.description), "term": .string(String($0.term.text.prefix(255)))]
            })
    }
}

/// Problems of a record as a program reads them.
func problems(_ problems: [RecordProblem]) -> JSON {
    .array(
        problems.prefix(20).map {
            [
                "column": .integer($0.column), "code": .string($0.code.rawValue),
                "message": .string(String($0.message.prefix(300))),
            ]
        })
}
