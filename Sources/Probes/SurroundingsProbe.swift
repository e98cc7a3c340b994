internal import DNS
internal import Judgement
internal import Networking

/// Asks what the DNS tells besides: block lists above all. It goes on beside the tries of the ports, and lists that are
/// gone do not hold an examination up: what has not been answered in a few seconds counts as not answered.
///
/// - Returns: what is known then.
func surroundings(
    of evidence: DomainEvidence, _ target: Target, _ known: Knowledge, _ means: Means, _ plan: ExaminationPlan,
    _ deadline: Deadline
) async -> Knowledge {
    // Where nobody answers for the domain, nobody will answer for the rest.
    if case .couldNotTell = evidence.existence { return known }
    if evidence.existence == .noSuchName { return known }
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline.capped(seconds: surroundingsSeconds))
    return await inWaves(of: resolver, known: known) { dns in
        DomainSurroundings.gather(
            evidence, senders: target.senderAddresses ?? [], lists: target.blockLists ?? [], asking: &dns)
    }.knowledge
}

/// Two waves, the self-tests and the entries, have this long together.
private let surroundingsSeconds = 4.0
