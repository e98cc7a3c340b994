/// What is known of the DNS: outcomes by question, and the questions that someone needed and nobody has asked.
///
/// This is how rooms that decide use the DNS without touching a network. They are written as plain
/// functions over `inout Knowledge`. A question that has not been asked is answered
/// `Unanswered(.notAsked)` and noted in ``wanted``; the caller asks all wanted questions at once and runs
/// the function again, until it wants nothing more (``inWaves(of:known:_:)``). So independent questions
/// go out together, and a recording of the outcomes gives the same result tomorrow.
package struct Knowledge: Sendable {
    package private(set) var outcomes: [Question: Outcome]
    /// Questions asked of this knowledge that have no outcome yet.
    package private(set) var wanted: Set<Question> = []
    /// How often a question was needed that has no outcome yet. What was worked out without a miss is final: it is a
    /// function of outcomes that stay.
    package private(set) var misses = 0
    /// The least TTL in seconds of all outcomes that were looked up since somebody set it to `.max`; 0 where one of them
    /// was a failure. What was worked out meanwhile holds for so long.
    package var leastTTL = UInt32.max

    package init(_ outcomes: [Question: Outcome] = [:]) { self.outcomes = outcomes }

    /// The outcome, if known; otherwise `.failure(.notAsked)`, and the question becomes wanted.
    package mutating func outcome(_ question: Question) -> Outcome {
        if let outcome = outcomes[question] {
            if case .success(let answer) = outcome { leastTTL = min(leastTTL, answer.ttl) } else { leastTTL = 0 }
            return outcome
        }
        wanted.insert(question)
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
        outcomes[question] = outcome
        wanted.remove(question)
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
    while !knowledge.wanted.isEmpty, waves < maximumWaves {
        let questions = Array(knowledge.wanted)
        let outcomes = await resolver.outcomes(questions)
        for (question, outcome) in zip(questions, outcomes) { knowledge.learn(question, outcome) }
        waves += 1
        result = work(&knowledge)
    }
    return (result, knowledge)
}
