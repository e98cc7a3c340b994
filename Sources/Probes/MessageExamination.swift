package import DNS
package import Judgement
package import Mail
package import Networking

/// Asks the DNS what judging a message needs, and comes back by the deadline: what nobody answered until then is not
/// known. The message itself is the last observation.
package func examine(
    _ message: MessageObservation, resolver: any Resolver, at moment: Timestamp, by deadline: Deadline
) async -> [Observation] {
    let reading = MessageReading(message)
    let punctual = PunctualResolver(resolver: resolver, deadline: deadline)
    let (_, knowledge) = await inWaves(of: punctual) { reading.evidence(at: moment, asking: &$0) }
    let lookups = knowledge.outcomes.sorted { "\($0.key)" < "\($1.key)" }
    return lookups.map { .lookup(LookupObservation($0.key, $0.value)) } + [.message(message)]
}
