internal import DNS
internal import Judgement
internal import Networking

/// Asks the second resolver, where there is one, beside all else.
func secondOpinion(on evidence: DomainEvidence, _ means: Means, _ deadline: Deadline) async -> [Observation] {
    guard let second = means.second, !means.network.offline else { return [] }
    let resolver = PunctualResolver(resolver: second, deadline: deadline.capped(seconds: secondOpinionSeconds))
    let questions = SecondOpinion.questions(on: evidence)
    return zip(questions, await resolver.outcomes(questions)).map { .secondLookup(LookupObservation($0, $1)) }
}

/// All is asked at once.
private let secondOpinionSeconds = 5.0
