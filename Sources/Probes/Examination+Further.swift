internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// What is looked at beside the ports, while they are tried: it names its own servers.
struct FurtherExamination: Sendable {
    var evidence: DomainEvidence
    /// What is known when it begins.
    var knowledge: Knowledge
    var resolver: any Resolver
    var means: Means

    /// Seconds for all of it, where the deadline is not sooner.
    private static let limit = 8.0

    /// The observations, with the look-ups that led to them.
    func observations(by deadline: Deadline) async -> (seen: [Observation], knowledge: Knowledge) {
        let deadline = deadline.capped(seconds: Self.limit)
        let punctual = PunctualResolver(resolver: resolver, deadline: deadline)
        let evidence = evidence
        let (authority, known) = await inWaves(of: punctual, known: knowledge) { dns in
            AuthorityEvidence.gather(evidence, [], asking: &dns)
        }
        let servers = await AuthorityProbe(means: means).observe(authority, by: deadline)
        return (servers.map(Observation.authority), known)
    }
}
