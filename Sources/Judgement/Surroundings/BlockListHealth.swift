package import DNS

/// Whether a list can be believed: its self-test (RFC 5782 §5). A list has entries for 127.0.0.2 and, of domains, for
/// TEST, and none for 127.0.0.1 and INVALID. A list that is gone has the first no longer; one whose zone now belongs to
/// somebody else often answers everything.
package struct BlockListHealth: Hashable, Sendable {
    /// What may be asked of the list.
    package enum Coverage: String, Hashable, Sendable, CaseIterable { case ipv4, ipv6, domains }

    /// Why nothing can be asked of it. None of these says anything about whom one would have asked for.
    package enum Problem: Hashable, Sendable {
        /// The list does not answer this resolver.
        case refuses(IPv4Address)
        /// It has no entry for what every list has an entry for.
        case dead
        /// It has an entry for what no list has an entry for.
        case listsEverything
        case couldNotAsk(Unanswered)
    }

    package var covers: Set<Coverage> = []
    /// Of each that was tested and is not covered.
    package var problems: [Coverage: Problem] = [:]

    /// Why the list is of no use at all; nil where it is of use.
    package var problem: Problem? {
        guard covers.isEmpty else { return nil }
        // The one that says most stands first.
        let all = Coverage.allCases.compactMap { problems[$0] }
        return all.first { if case .refuses = $0 { true } else { false } } ?? all.first { $0 == .listsEverything }
            ?? all.first { if case .couldNotAsk = $0 { true } else { false } } ?? all.first
    }
}

extension BlockList {
    /// Puts the list to its self-test, of what is wanted alone; what is not known yet becomes wanted.
    package func health(
        for wanted: Set<BlockListHealth.Coverage> = Set(BlockListHealth.Coverage.allCases), asking dns: inout Knowledge
    ) -> BlockListHealth {
        var health = BlockListHealth()
        for coverage in BlockListHealth.Coverage.allCases
        where wanted.contains(coverage) && (kind == .either || (kind == .domains) == (coverage == .domains)) {
            let listed = testNames(coverage).map { entry(in: dns.outcome($0, .a)) }
            let unlisted = controlNames(coverage).map { entry(in: dns.outcome($0, .a)) }
            if let problem = Self.problem(listed, unlisted) {
                health.problems[coverage] = problem
            } else {
                health.covers.insert(coverage)
            }
        }
        return health
    }

    /// The names of which one at least must have an entry.
    private func testNames(_ coverage: BlockListHealth.Coverage) -> [DomainName] {
        switch coverage {
        case .ipv4: [name(of: .v4(IPv4Address(127, 0, 0, 2)))].compactMap(\.self)
        case .ipv6: [IPAddress("::ffff:7f00:2").flatMap { name(of: $0) }].compactMap(\.self)
        case .domains: (["test"] + testDomains).compactMap { try? zone.prepending($0) }
        }
    }

    /// The names that must have none.
    private func controlNames(_ coverage: BlockListHealth.Coverage) -> [DomainName] {
        switch coverage {
        case .ipv4: [name(of: .v4(IPv4Address(127, 0, 0, 1)))].compactMap(\.self)
        case .ipv6: [IPAddress("::ffff:7f00:1").flatMap { name(of: $0) }].compactMap(\.self)
        case .domains: [try? zone.prepending("invalid")].compactMap(\.self)
        }
    }

    private static func problem(_ listed: [Entry], _ unlisted: [Entry]) -> BlockListHealth.Problem? {
        for case .refused(let code) in listed + unlisted { return .refuses(code) }
        for entry in listed + unlisted { if case .nonsense = entry { return .listsEverything } }
        for entry in unlisted { if case .listed = entry { return .listsEverything } }
        let answers = listed.contains { if case .listed = $0 { true } else { false } }
        for case .couldNotTell(let why) in answers ? unlisted : unlisted + listed { return .couldNotAsk(why) }
        return answers ? nil : .dead
    }
}

extension BlockListHealth.Problem {
    /// For programs.
    package var word: String {
        switch self {
        case .refuses: "refuses"
        case .dead: "dead"
        case .listsEverything: "lists_everything"
        case .couldNotAsk: "could_not_ask"
        }
    }

    /// For a person: what is the matter with the list, and what to do.
    package var sentence: String {
        switch self {
        case .refuses(let code):
            "the list refuses this resolver (\(code)): ask through a resolver of your own, not a public one, or get an "
                + "account with the list"
        case .dead: "it fails its self-test: it has no entry for what every list has an entry for (RFC 5782 §5)"
        case .listsEverything: "it fails its self-test: it lists what no list has an entry for (RFC 5782 §5)"
        case .couldNotAsk(let why):
            switch why.reason {
            case .offline: "asking was forbidden (offline)"
            case .timedOut, .notAsked: "it did not answer in time"
            case .servfail: "its name servers fail (SERVFAIL)"
            case .refused: "the name server refused the question"
            case .malformed, .closedEarly, .unreachable, .aliasLoop: "it could not be asked"
            }
        }
    }
}
