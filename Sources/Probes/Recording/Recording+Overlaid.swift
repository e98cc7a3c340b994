package import DNS
package import Judgement
package import Networking

extension Recording.Examination {
    /// The same as if `overlay` were published: every look-up answered anew, those that are needed now made, and ports
    /// that were seen before taken over.
    /// - Parameters:
    ///   - means: with the resolver to ask for what was not looked up before.
    ///   - isReplay: nothing is asked then; what the recording does not have is unknown.
    package func overlaid(
        with overlay: Overlay, _ means: Means, plan: ExaminationPlan, isReplay: Bool, by deadline: Deadline
    ) async -> Recording.Examination {
        var before: [Question: Outcome] = [:]
        var ports: [PortObservation] = []
        var others: [Observation] = []
        for observation in observations {
            switch observation {
            case .lookup(let lookup): before[lookup.question] = lookup.outcome
            case .port(let port): ports.append(port)
            default: others.append(observation)
            }
        }
        let behind = RecordedResolver(before, before: isReplay ? nil : means.resolver)
        var means = means, plan = plan
        means.resolver = OverlaidResolver(overlay, before: behind)
        if isReplay {
            means.network.offline = true
            plan.services = Service.allCases.filter { service in ports.contains { $0.service == service } }
            plan.questions = .none
            plan.transport = before.keys.contains { $0.type == .tlsa }
        }
        var after: [Question: Outcome] = [:]
        let questions = Array(before.keys)
        for (question, outcome) in zip(questions, await means.resolver.outcomes(questions)) {
            after[question] = outcome
        }
        var seen: [Observation] = []
        var taken: Set<Int> = []
        var hasPolicy = false
        for observation in await examine(target, with: means, plan: plan, by: deadline) {
            switch observation {
            case .lookup(let lookup): after[lookup.question] = lookup.outcome
            case .port(let port) where isReplay:
                let known = ports.indices.filter {
                    ports[$0].service == port.service && ports[$0].endpoint.host == port.endpoint.host
                }
                if let same = known.first(where: { ports[$0].endpoint == port.endpoint }) {
                    if taken.insert(same).inserted { seen.append(.port(ports[same])) }
                } else if !known.isEmpty, Self.hasSameAddresses(port.endpoint.host, before, after) {
                    // It was dialled elsewhere on purpose (--connect-to).
                    seen += known.filter { taken.insert($0).inserted }.map { .port(ports[$0]) }
                } else {
                    seen.append(observation)
                }
            case .policy:
                hasPolicy = true
                seen.append(observation)
            default: seen.append(observation)
            }
        }
        if isReplay, !hasPolicy { seen += others }
        var overlaid = self
        overlaid.observations =
            after.sorted { a, b in (a.key.name, a.key.type.number) < (b.key.name, b.key.type.number) }
            .map { .lookup(LookupObservation($0.key, $0.value)) } + seen
        return overlaid
    }

    private static func hasSameAddresses(
        _ host: DomainName, _ before: [Question: Outcome], _ after: [Question: Outcome]
    ) -> Bool {
        [RecordType.a, .aaaa].allSatisfy { before[Question(host, $0)] == after[Question(host, $0)] }
    }
}
