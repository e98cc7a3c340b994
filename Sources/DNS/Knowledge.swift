/// What is known of the DNS: outcomes by question, and the questions that someone needed and nobody has asked.
///
/// This is how rooms that decide use the DNS without touching a network. They are written as plain
/// functions over `inout Knowledge`. A question that has not been asked is answered
/// `Unanswered(.notAsked)` and noted in ``wanted``; the caller asks all wanted questions at once and runs
/// the function again, until it wants nothing more (``inWaves(of:known:_:)``). So independent questions
/// go out together, and a recording of the outcomes gives the same result tomorrow.
///
/// A table of its own, as whoever looks at a hundred thousand domains looks things up here more often than anywhere.
package struct Knowledge: Sendable {
    /// In the order in which they came up; beside the outcomes, so that who looks for one sees many at once.
    private var questions: ContiguousArray<Question> = []
    /// For each question; nil: somebody needed it, and nobody has asked.
    private var known: ContiguousArray<Outcome?> = []
    /// Places in `questions` by hash, -1 where there is none; a power of two of them, at least twice as many as questions.
    private var places: ContiguousArray<Int32> = []
    /// The places in `questions` of those that have no outcome, in order.
    private var unknown: ContiguousArray<Int32> = []
    /// How often a question was needed that has no outcome yet. What was worked out without a miss is final: it is a
    /// function of outcomes that stay.
    package private(set) var misses = 0
    /// The least TTL in seconds of all outcomes that were looked up since somebody set it to `.max`; 0 where one of them
    /// was a failure. What was worked out meanwhile holds for so long.
    package var leastTTL = UInt32.max

    /// Secret, as others choose the names.
    private static let seed = UInt64.random(in: 0...UInt64.max)

    package init() {}

    package init(_ outcomes: [Question: Outcome]) {
        for (question, outcome) in outcomes { learn(question, outcome) }
    }

    /// What is known, all of it.
    package var outcomes: [Question: Outcome] {
        var outcomes: [Question: Outcome] = [:]
        for (question, outcome) in zip(questions, known) { if let outcome { outcomes[question] = outcome } }
        return outcomes
    }

    /// How many outcomes are known.
    package var count: Int { questions.count - unknown.count }

    /// Questions asked of this knowledge that have no outcome yet.
    package var wanted: Set<Question> { Set(wantedInOrder) }

    /// The same in the order in which they came up, each once.
    package var wantedInOrder: [Question] {
        unknown.map { questions[Int($0)] }
    }

    /// Whether nothing is wanted.
    package var isSettled: Bool { unknown.isEmpty }

    /// The outcome, if known; otherwise `.failure(.notAsked)`, and the question becomes wanted.
    package mutating func outcome(_ question: Question) -> Outcome {
        let place = find(question)
        if let place, let outcome = known[place] {
            if case .success(let answer) = outcome { leastTTL = min(leastTTL, answer.ttl) } else { leastTTL = 0 }
            return outcome
        }
        if place == nil {
            if unknown.isEmpty { unknown.reserveCapacity(12) }
            unknown.append(Int32(questions.count))
            add(question, nil)
        }
        misses += 1
        leastTTL = 0
        return .failure(Unanswered(.notAsked))
    }

    /// The same for a name and a type.
    package mutating func outcome(_ name: DomainName, _ type: RecordType) -> Outcome {
        outcome(Question(name, type))
    }

    /// Adds what was learnt; the question is no longer wanted.
    package mutating func learn(_ question: Question, _ outcome: Outcome) {
        if let place = find(question) {
            if let rank = unknown.firstIndex(of: Int32(place)) { unknown.remove(at: rank) }
            known[place] = outcome
        } else {
            add(question, outcome)
        }
    }

    /// Adds what was learnt about all of ``wantedInOrder``, in its order. Nothing may have been looked up meanwhile.
    package mutating func learn(wanted outcomes: [Outcome]) {
        for (place, outcome) in zip(unknown, outcomes) { known[Int(place)] = outcome }
        unknown.removeFirst(min(unknown.count, outcomes.count))
    }

    // MARK: The table

    private static func hash(_ question: Question) -> Int {
        let hash = question.name.hash(seed: seed &+ UInt64(question.type.number) &* 0x9E37_79B9_7F4A_7C15)
        return Int(truncatingIfNeeded: hash ^ hash >> 32 ^ (question.signatures ? 1 : 0))
    }

    private func find(_ question: Question) -> Int? {
        if places.isEmpty { return nil }
        var place = Self.hash(question) & (places.count - 1)
        while places[place] >= 0 {
            let index = Int(places[place])
            if questions[index] == question { return index }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    private mutating func add(_ question: Question, _ outcome: Outcome?) {
        if questions.isEmpty {
            // A domain's questions are some twenty.
            questions.reserveCapacity(20)
            known.reserveCapacity(20)
        }
        questions.append(question)
        known.append(outcome)
        if 2 * questions.count <= places.count { return settle(questions.count - 1) }
        places = ContiguousArray(repeating: -1, count: max(64, 2 * places.count))
        for index in questions.indices { settle(index) }
    }

    /// Gives an entry its place.
    private mutating func settle(_ index: Int) {
        var place = Self.hash(questions[index]) & (places.count - 1)
        while places[place] >= 0 { place = (place + 1) & (places.count - 1) }
        places[place] = Int32(index)
    }
}

/// Runs `work` over what is known, asks everything it lacked at once, and runs it again,
/// until it lacks nothing (or `maximumWaves` are through: then what is missing stays `.notAsked`).
///
/// `work` must be a function of the knowledge alone. Returns its last result and all that was learnt.
package func inWaves<Result: Sendable>(
    of resolver: any Resolver, known: Knowledge = Knowledge(), maximumWaves: Int = 40,
    _ work: (inout Knowledge) -> Result
) async -> (result: Result, knowledge: Knowledge) {
    var knowledge = known
    var result = work(&knowledge)
    var waves = 0
    while !knowledge.isSettled, waves < maximumWaves {
        let questions = knowledge.wantedInOrder
        let outcomes = await resolver.outcomes(questions)
        knowledge.learn(wanted: outcomes)
        waves += 1
        result = work(&knowledge)
    }
    return (result, knowledge)
}
