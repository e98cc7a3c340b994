internal import DNS
internal import Judgement
internal import Networking

/// Asks what shows whether the resolver tells the truth, beside all else: who waits for the ports does not wait for it.
func selfTest(_ means: Means, _ deadline: Deadline) async -> [(Question, Outcome)] {
    if means.network.offline { return [] }
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline.capped(seconds: selfTestSeconds))
    let questions = MachineEvidence.inventedQuestions
    // What nobody answered says nothing, and would look like a fault of the domain.
    return zip(questions, await resolver.outcomes(questions)).filter { if case .success = $1 { true } else { false } }
}

/// A name that cannot exist is denied at once by any resolver that knows RFC 6761.
private let selfTestSeconds = 3.0
