import DNS
import Judgement

/// The examples of the pages of `checks/`, judged by all rules: reports of every kind.
enum PageReports {
    /// An example with its report.
    struct Judged: Sendable {
        var place: String
        var check: String
        var expectation: CheckPage.Example.Expectation
        /// The zone that is all of the DNS there; nil without one.
        var zone: CheckPage.Example.ZoneText?
        var delivery: CheckPage.Example.Delivery?
        var report: Report
    }

    /// All but transcripts, which need a probe; judged once for all tests.
    static let all = Task {
        try await withThrowingTaskGroup(of: [Judged].self) { group in
            let pages = CheckPage.all
            for start in stride(from: 0, to: pages.count, by: 16) {
                group.addTask { try await judged(pages[start..<min(start + 16, pages.count)]) }
            }
            return try await group.reduce(into: [Judged]()) { $0 += $1 }.sorted { $0.place < $1.place }
        }
    }

    private static func judged(_ pages: ArraySlice<CheckPage>) async throws -> [Judged] {
        var judged: [Judged] = []
        for page in pages {
            for example in page.examples {
                guard let (report, zone, delivery) = try await report(on: example.kind) else { continue }
                judged.append(
                    Judged(
                        place: "\(page.check.identifier), line \(example.line)", check: page.check.identifier,
                        expectation: example.expectation, zone: zone, delivery: delivery, report: report))
            }
            await Task.yield()
        }
        return judged
    }

    private static func report(
        on kind: CheckPage.Example.Kind
    ) async throws -> (Report, CheckPage.Example.ZoneText?, CheckPage.Example.Delivery?)? {
        switch kind {
        case .zone(let zone): return (try await report(on: zone), zone, nil)
        case .delivery(let delivery, let zone): return (try await report(on: zone, meeting: delivery), zone, delivery)
        case .message(let message, let at, let zone):
            let resolver: any Resolver = if let zone { try Zone(zone.text) } else { Deaf() }
            let at = at ?? Sample.at
            let (_, known) = await inWaves(of: resolver) { MessageEvidence.gather(message, at: at, asking: &$0) }
            let lookups = known.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
            return (judge(lookups + [.message(message)], of: Target(name: message.name), at: at), zone, nil)
        case .authority(let authority, let zone):
            return (try await report(on: zone, servedBy: authority), nil, nil)
        case .web(let web, let zone): return (try await report(on: zone, fetching: web), nil, nil)
        case .second(let second, let zone): return (try await report(on: zone, beside: second), nil, nil)
        case .header, .transcript: return nil
        }
    }

    /// What an audit sees where `zone`, or the `other` in its place, is all of the DNS.
    static func report(
        on zone: CheckPage.Example.ZoneText, meeting delivery: CheckPage.Example.Delivery? = nil, in other: Zone? = nil,
        servedBy authority: CheckPage.Example.Authority? = nil,
        fetching web: CheckPage.Example.Web? = nil, beside second: CheckPage.Example.Second? = nil
    ) async throws -> Report {
        let resolver = try other ?? Zone(zone.text)
        let name = try DomainName(zone.domain)
        let suffix = try zone.suffix.map { try DomainName($0) }
        let (evidence, first) = await inWaves(of: resolver) { dns in
            DomainEvidence.gather(
                name, selectors: zone.selectors, senders: zone.senders, publicSuffix: suffix, asking: &dns)
        }
        var seen = delivery?.observations(of: evidence, at: Sample.at) ?? []
        let ports = seen.compactMap { if case .port(let port) = $0 { port } else { nil } }
        let policy = seen.lazy.compactMap { if case .policy(let policy) = $0 { policy } else { nil } }.first
        var (_, known) = await inWaves(of: resolver, known: first) { dns in
            _ = GreetingEvidence.gather(ports, asking: &dns)
            _ = DomainSurroundings.gather(evidence, senders: zone.senders, lists: zone.blockLists, asking: &dns)
            if delivery != nil {
                let security = AnswerSecurity.of(dns, at: Sample.at)
                _ = TransportEvidence.gather(
                    evidence, ports: ports, policy: policy, at: Sample.at, asking: &dns, security: security)
            }
        }
        if authority != nil || web != nil {
            let fetched = web?.observations(of: name, at: Sample.at) ?? []
            let (servers, more) = await inWaves(of: resolver, known: known) { dns in
                _ = SettingsEvidence.gather(evidence, fetched, asking: &dns)
                return AuthorityEvidence.gather(evidence, [], asking: &dns)
            }
            known = more
            seen += try (authority?.observations(of: servers, in: resolver, at: Sample.at) ?? []).map(
                Observation.authority)
            seen += fetched.map(Observation.web)
        }
        if let second { seen += try second.observations(of: evidence, in: resolver) }
        var target = Target(
            name: zone.domain, domain: name, dkimSelectors: zone.selectors, senderAddresses: zone.senders,
            publicSuffix: suffix)
        target.blockLists = zone.blockLists
        let lookups = known.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
        return judge(lookups + seen, of: target, at: Sample.at)
    }
}

/// Nothing can be asked.
private struct Deaf: Resolver {
    func answer(_ question: Question) async throws(Unanswered) -> Answer { throw Unanswered(.offline) }
}
