import DNS
import Judgement
import Mail
import Testing

/// The moment that tests judge at, unless they say otherwise: 22 November 2026, noon.
let noon = Timestamp(year: 2026, month: 11, day: 22, hour: 12)

/// What an audit of `domain` sees where `zone` is all of the DNS, judged.
func report(
    on domain: String, in zone: Zone, selectors: [String] = [], senders: [IPAddress] = [], suffix: String? = nil,
    lists: [BlockList] = [], anchor: String? = nil, ports: [PortObservation] = [],
    meeting delivery: CheckPage.Example.Delivery? = nil, servedBy authority: CheckPage.Example.Authority? = nil,
    fetching web: CheckPage.Example.Web? = nil, beside second: CheckPage.Example.Second? = nil,
    by rules: [Rule] = Rule.all
) async throws -> Report {
    let name = try DomainName(domain)
    let publicSuffix = try suffix.map { try DomainName($0) }
    let gather = { @Sendable (dns: inout Knowledge) in
        DomainEvidence.gather(name, selectors: selectors, senders: senders, publicSuffix: publicSuffix, asking: &dns)
    }
    let (evidence, known) = await inWaves(of: zone, gather)
    let anchors = try anchor.map { text in
        let name = try DomainName(text)
        return TrustAnchors(zone.records.filter { $0.name == name && $0.type == .dnskey }).text
    }
    var seen = (delivery?.observations(of: evidence, at: noon) ?? []) + ports.map(Observation.port)
    let all = seen.compactMap { if case .port(let port) = $0 { port } else { nil } }
    let policy = seen.lazy.compactMap { if case .policy(let policy) = $0 { policy } else { nil } }.first
    var (_, knowledge) = await inWaves(of: zone, known: known) { dns in
        _ = GreetingEvidence.gather(all, asking: &dns)
        _ = DomainSurroundings.gather(evidence, senders: senders, lists: lists, asking: &dns)
        if let anchors { _ = DNSSECEvidence.gather(evidence, anchors: anchors, at: noon, asking: &dns) }
        if delivery != nil {
            let security = AnswerSecurity.of(dns, at: noon)
            _ = TransportEvidence.gather(
                evidence, ports: all, policy: policy, at: noon, asking: &dns, security: security)
        }
    }
    if authority != nil || web != nil {
        let fetched = web?.observations(of: name, at: noon) ?? []
        let (servers, more) = await inWaves(of: zone, known: knowledge) { dns in
            _ = SettingsEvidence.gather(evidence, fetched, asking: &dns)
            return AuthorityEvidence.gather(evidence, [], asking: &dns)
        }
        knowledge = more
        seen += try (authority?.observations(of: servers, in: zone, at: noon) ?? []).map(Observation.authority)
        seen += fetched.map(Observation.web)
    }
    if let second { seen += try second.observations(of: evidence, in: zone) }
    let observations = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) } + seen
    var target = Target(
        name: domain, domain: name, dkimSelectors: selectors, senderAddresses: senders, publicSuffix: publicSuffix)
    target.blockLists = lists
    target.trustAnchors = anchors
    return judge(observations, of: target, at: noon, by: rules)
}

func report(
    on domain: String = "example.org", zone text: String, selectors: [String] = [], senders: [IPAddress] = [],
    suffix: String? = nil, lists: [BlockList] = [], anchor: String? = nil, ports: [PortObservation] = [],
    by rules: [Rule] = Rule.all
) async throws -> Report {
    try await report(
        on: domain, in: Zone(text), selectors: selectors, senders: senders, suffix: suffix, lists: lists,
        anchor: anchor, ports: ports, by: rules)
}

extension Report {
    /// What became of a check: `fires`, `unknown`, `passed`, `n/a`, or `?` where it is nowhere.
    func fate(of check: String) -> String {
        if findings.contains(where: { $0.check.identifier == check }) { return "fires" }
        if unknown.contains(where: { $0.check.identifier == check }) { return "unknown" }
        if passed.contains(where: { $0.identifier == check }) { return "passed" }
        if notApplicable.contains(where: { $0.check.identifier == check }) { return "n/a" }
        return "?"
    }

    func finding(_ check: String) -> Finding? { findings.first { $0.check.identifier == check } }
}

/// A port as the tests want it: open, with the greeting of a server that can do everything.
func port(
    _ service: Service = .smtp, host: String = "mx.example.org", _ address: String = "192.0.2.25",
    state: PortObservation.State = .open, _ change: (inout PortObservation) -> Void = { _ in }
) throws -> PortObservation {
    let endpoint = Endpoint(
        host: try DomainName(host), address: try #require(IPAddress(address)), port: service.port)
    var port = PortObservation(endpoint: endpoint, service: service, at: noon, state: state)
    if state == .open {
        port.greeting = ["ready"]
        if service.dialect == .smtp { port.greetingCode = 220 }
    }
    change(&port)
    return port
}

/// A message judged where `text` is all of the DNS; without it, nothing can be asked.
func report(
    on message: MessageObservation, at: Timestamp = noon, zone text: String? = nil, by rules: [Rule] = Rule.all
) async throws -> Report {
    let resolver: any Resolver = if let text { try Zone(text) } else { Deaf() }
    let (_, knowledge) = await inWaves(of: resolver) { MessageEvidence.gather(message, at: at, asking: &$0) }
    let lookups = knowledge.outcomes.map { Observation.lookup(LookupObservation($0.key, $0.value)) }
    return judge(lookups + [.message(message)], of: Target(name: message.name), at: at, by: rules)
}

/// Nothing can be asked.
private struct Deaf: Resolver {
    func answer(_ question: Question) async throws(Unanswered) -> Answer { throw Unanswered(.offline) }
}
