package import DNS
package import Judgement
internal import Mail
package import Networking

/// What is examined of a target besides what the DNS says, and how many things at once.
package struct ExaminationPlan: Sendable {
    /// The services that are tried on each address of each mail host; none: ports are left alone.
    package var services: [Service]
    /// Dialled instead of each service's own port; nil: that one.
    package var port: UInt16?
    /// Seconds for one port at most. Servers may greet late on purpose: postscreen after 6 s, tarpits after 30.
    package var portTimeout: Double
    /// Connections at once, over all and to one address. Many to one server make it answer 421.
    package var atOnce: Int
    package var atOncePerAddress: Int
    /// Ports dialled at most; more are reported as left out. A domain may name hundreds of hosts to have us dial them.
    package var maximumPorts: Int
    /// Whether what senders go by is looked at as well: TLSA and CAA records, the MTA-STS policy.
    package var transport: Bool
    /// Whether the zones' name servers are asked themselves, and logo and client settings looked at.
    package var further = true
    /// What is asked of the ports beyond what every conversation shows.
    package var questions = PortQuestions.none
    /// Asks each port that speaks TLS what it accepts besides; nil: it is not asked.
    package var surveys: TLSSurveys?
    /// Looks at TLS alone, and asks nothing of the service inside it.
    package var onlyTLS = false

    package init(
        services: [Service] = Service.allCases, port: UInt16? = nil, portTimeout: Double = 40, atOnce: Int = 16,
        atOncePerAddress: Int = 2,
        maximumPorts: Int = 700, transport: Bool = true, surveys: TLSSurveys? = nil
    ) {
        self.services = services
        self.port = port
        self.portTimeout = portTimeout
        self.atOnce = atOnce
        self.atOncePerAddress = atOncePerAddress
        self.maximumPorts = maximumPorts
        self.transport = transport
        self.surveys = surveys
    }
}

/// How far an examination is, for whoever waits.
package enum Progress: Sendable {
    /// The DNS has been asked: so many questions, so many ports to dial.
    case looked(questions: Int, ports: Int)
    /// A port is being tried.
    case dialling(Endpoint)
    /// A port has been observed, one of so many.
    case observed(PortObservation, done: Int, of: Int)
    /// The ports have been tried: what was asked beside them is waited for, and what follows from them asked.
    case concluding
}

/// Examines a target, by `deadline` whatever the world does: the DNS first, which names the hosts, in waves of what the
/// analysis of a domain asks for; then the ports, on every address of every mail host. What there was no time for is an
/// observation that says so.
///
/// Without MX the domain is its own host (RFC 5321 §5.1); with a null MX there is none (RFC 7505).
package func examine(
    _ target: Target, with means: Means, plan: ExaminationPlan = ExaminationPlan(), by deadline: Deadline,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
) async -> [Observation] {
    guard let domain = target.domain else { return [] }
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline)
    let (evidence, knowledge) = await inWaves(of: resolver) { dns in
        DomainEvidence.gather(
            domain, selectors: target.dkimSelectors, senders: target.senderAddresses ?? [],
            publicSuffix: target.publicSuffix, asking: &dns)
    }
    let hosts = evidence.hosts.map { host in (host.name, host.addresses.map(\.address)) }
    let sooner = deadline.leavingTimeForQuestions
    async let tested = selfTest(means, sooner)
    async let second = secondOpinion(on: evidence, means, sooner)
    async let around = surroundings(of: evidence, target, knowledge, means, plan, sooner)
    async let beside = further(evidence, knowledge, resolver, means, plan, sooner)
    async let fetched = policy(of: evidence, resolver, means, plan, sooner)
    let seen = await ports(
        of: hosts, domain: domain, questions: knowledge.outcomes.count, means, plan, sooner, progress)
    progress(.concluding)
    let policy = await fetched
    // The names that servers call themselves, and those in the policy, are known only now.
    let ports = seen.compactMap { if case .port(let port) = $0 { port } else { nil } }
    let now = means.now()
    let (further, asked) = await beside
    var known = await around
    for (question, outcome) in asked.outcomes { known.learn(question, outcome) }
    for (question, outcome) in await tested { known.learn(question, outcome) }
    let (_, all) = await inWaves(of: resolver, known: known) { dns in
        _ = GreetingEvidence.gather(ports, asking: &dns)
        if plan.transport {
            let security = AnswerSecurity.of(dns, anchors: target.trustAnchors, at: now)
            _ = TransportEvidence.gather(
                evidence, ports: ports, policy: policy, at: now, asking: &dns, security: security)
            if DNSSECEvidence.isWorthAsking(of: evidence) {
                _ = DNSSECEvidence.gather(evidence, anchors: target.trustAnchors, at: now, asking: &dns)
            }
        }
    }
    return observations(of: all) + seen + (policy.map { [.policy($0)] } ?? []) + further + (await second)
}

/// What the plan asks for beside ports and policy.
private func further(
    _ evidence: DomainEvidence, _ knowledge: Knowledge, _ resolver: any Resolver, _ means: Means,
    _ plan: ExaminationPlan, _ deadline: Deadline
) async -> ([Observation], Knowledge) {
    guard plan.further, !means.network.offline else { return ([], knowledge) }
    return await FurtherExamination(evidence: evidence, knowledge: knowledge, resolver: resolver, means: means)
        .observations(by: deadline)
}

/// Fetches the domain's MTA-STS policy where a record announces one, or its host is there all the same; nil otherwise.
private func policy(
    of evidence: DomainEvidence, _ resolver: any Resolver, _ means: Means, _ plan: ExaminationPlan,
    _ deadline: Deadline
) async -> PolicyObservation? {
    guard plan.transport, !means.network.offline, evidence.routing != .null,
        let host = PolicyObservation.host(of: evidence.domain)
    else { return nil }
    return await fetchPolicy(of: evidence.domain, at: host, asking: resolver, means, by: deadline)
}

extension Deadline {
    /// Somewhat sooner, for what goes before the last questions: a server that keeps silent until the end must not make
    /// what those ask for, DANE and CAA among it, unknown.
    fileprivate var leavingTimeForQuestions: Deadline {
        let remaining = remainingSeconds
        return remaining.isFinite ? capped(seconds: remaining - min(5, remaining / 5)) : self
    }
}

/// Looks up the policy's host and fetches the policy; nil where the host has no address.
package func fetchPolicy(
    of domain: DomainName, at host: DomainName, asking resolver: any Resolver, _ means: Means, by deadline: Deadline
) async -> PolicyObservation? {
    let given = means.network.destination(host: host, port: PolicyProbe.port).address
    let found = given == nil ? await addresses(of: host, asking: resolver).0 : []
    let addresses = given.map { [$0] } ?? found
    if addresses.isEmpty { return nil }
    return await PolicyProbe(domain: domain, host: host, addresses: addresses, means: means).observe(by: deadline)
}

/// Examines a host: its addresses and its ports.
/// - Parameter host: a name, or an address as text.
package func examine(
    host: DomainName, with means: Means, plan: ExaminationPlan = ExaminationPlan(), by deadline: Deadline,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
) async -> [Observation] {
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline)
    let (found, knowledge) = await addresses(of: host, asking: resolver)
    return observations(of: knowledge)
        + (await ports(
            of: [(host, found)], domain: nil, questions: knowledge.outcomes.count, means, plan, deadline, progress))
}

/// The addresses of a host, IPv4 first, each once; none are asked for where the host is an address as text.
func addresses(of host: DomainName, asking resolver: any Resolver) async -> ([IPAddress], Knowledge) {
    if let literal = IPAddress(host.description) { return ([literal], Knowledge()) }
    return await inWaves(of: resolver) { dns in
        var seen: Set<IPAddress> = []
        return [RecordType.a, .aaaa].flatMap { type in (try? dns.outcome(host, type).get())?.records ?? [] }
            .compactMap { record -> IPAddress? in
                switch record.data {
                case .a(let address): .v4(address)
                case .aaaa(let address): .v6(address)
                default: nil
                }
            }.filter { seen.insert($0).inserted }
    }
}

/// All outcomes, in the order of names and types.
private func observations(of knowledge: Knowledge) -> [Observation] {
    knowledge.outcomes
        .sorted { a, b in
            a.key.name == b.key.name ? a.key.type.number < b.key.type.number : a.key.name < b.key.name
        }
        .map { .lookup(LookupObservation($0.key, $0.value)) }
}

private struct PortJob: Sendable {
    /// Its place in the report: host, address, service.
    var place: [Int]
    /// Its place in the queue.
    var rank: Int
    var endpoint: Endpoint
    var service: Service
    /// The domain whose mail host it is, and what is asked of it.
    var domain: DomainName?
    var questions = PortQuestions.none
}

private func ports(
    of hosts: [(DomainName, [IPAddress])], domain: DomainName?, questions: Int, _ means: Means,
    _ plan: ExaminationPlan, _ deadline: Deadline, _ progress: @escaping @Sendable (Progress) -> Void
) async -> [Observation] {
    let jobs = jobs(of: hosts, domain, means, plan)
    progress(.looked(questions: questions, ports: jobs.count))
    let done = Counter()
    var seen = await crowd(
        jobs, atOnce: plan.atOnce, perKey: plan.atOncePerAddress, key: \.endpoint.address
    ) { job -> (place: [Int], seen: PortObservation) in
        progress(.dialling(job.endpoint))
        let observation = await onOneEventLoop { await observe(job, means, plan, by: deadline) }
        progress(.observed(observation, done: done.next(), of: jobs.count))
        return (job.place, observation)
    }
    if let domain, !plan.questions.recipients.isEmpty {
        await ask(furtherHostsOf: jobs, of: domain, about: plan.questions.recipients, &seen, means, plan, deadline)
    }
    return seen.sorted { $0.place.lexicographicallyPrecedes($1.place) }.map { .port($0.seen) }
}

/// Addresses are asked for at the most preferred host, and where that tells nothing at the next, as a sender goes from
/// one to the next (RFC 5321 §5.1): one after the other, a few at most.
private func ask(
    furtherHostsOf jobs: [PortJob], of domain: DomainName, about recipients: [EmailAddress],
    _ seen: inout [(place: [Int], seen: PortObservation)], _ means: Means, _ plan: ExaminationPlan,
    _ deadline: Deadline
) async {
    for job in jobs.filter({ $0.service == .smtp }).dropFirst().prefix(4) {
        let ports = jobs.compactMap { job in
            job.service == .smtp ? seen.first { $0.place == job.place }?.seen : nil
        }
        let open = recipients.filter { !RecipientConclusion($0.description, from: ports).isSettled }
        guard !open.isEmpty, !deadline.hasPassed, let index = seen.firstIndex(where: { $0.place == job.place }),
            seen[index].seen.greetingCode == 220
        else { continue }
        var next = job
        next.domain = domain
        next.questions = PortQuestions(recipients: open)
        let answered = await observe(next, means, plan, by: deadline).behaviour
        seen[index].seen.behaviour = seen[index].seen.behaviour.map { $0.joined(by: answered) } ?? answered
    }
}

/// What is dialled, the most wanted service of all hosts first: time may run out.
private func jobs(
    of hosts: [(DomainName, [IPAddress])], _ domain: DomainName?, _ means: Means, _ plan: ExaminationPlan
) -> [PortJob] {
    var jobs: [PortJob] = []
    for (serviceIndex, service) in plan.services.enumerated() {
        for (hostIndex, (host, addresses)) in hosts.enumerated() {
            // Where an address to dial is given, it stands for all of the host's.
            let port = plan.port ?? service.port
            let given = means.network.destination(host: host, port: port).address
            for (addressIndex, address) in (given.map { [$0] } ?? addresses).enumerated() {
                var questions = plan.questions
                // Single addresses are asked for at the first host; at others only where that tells nothing.
                if service != .smtp || jobs.contains(where: { $0.service == .smtp }) { questions.recipients = [] }
                jobs.append(
                    PortJob(
                        place: [hostIndex, addressIndex, serviceIndex], rank: jobs.count,
                        endpoint: Endpoint(host: host, address: address, port: port), service: service,
                        domain: domain, questions: questions))
            }
        }
    }
    return jobs
}

private func observe(
    _ job: PortJob, _ means: Means, _ plan: ExaminationPlan, by deadline: Deadline
) async -> PortObservation {
    func leftOut(_ cause: Failure.Cause, _ detail: String) -> PortObservation {
        .notDialled(job.endpoint, job.service, at: means.now(), cause, detail)
    }
    if means.network.offline { return leftOut(.offline, "the network is not to be touched (offline)") }
    if Task.isCancelled { return leftOut(.cancelled, "cancelled before it was dialled") }
    if deadline.hasPassed { return leftOut(.timeout, "the time was up before it was dialled") }
    if job.rank >= plan.maximumPorts {
        return leftOut(.overload, "no more than \(plan.maximumPorts) ports are dialled for one target")
    }
    var probe = PortProbe(endpoint: job.endpoint, service: job.service, means: means)
    probe.domain = job.domain
    probe.questions = job.questions
    probe.onlyTLS = plan.onlyTLS
    // Questions take their time: a server may answer each with a pause.
    let asksMuch = job.service.dialect == .smtp && (job.questions.behaviour || !job.questions.recipients.isEmpty)
    let limit = deadline.capped(
        seconds: asksMuch ? plan.portTimeout * 3 + job.questions.greylistWait : plan.portTimeout)
    var seen =
        asksMuch || plan.onlyTLS ? await probe.observe(by: limit) : await means.shared.observe(probe, by: limit)
    await askWhatIsAccepted(&seen, means, plan, by: deadline)
    return seen
}

/// Where that is asked for, and the port speaks TLS. A handshake that fails may be one that only an old client makes.
private func askWhatIsAccepted(
    _ seen: inout PortObservation, _ means: Means, _ plan: ExaminationPlan, by deadline: Deadline
) async {
    guard let surveys = plan.surveys else { return }
    let hidesTLS = seen.service.hasImplicitTLS && seen.state == .open
    guard seen.tls != nil || seen.failure?.phase == .tls || hidesTLS else { return }
    seen.accepts = await surveys.acceptance(of: seen.endpoint, seen.service, with: means, by: deadline)
}

/// One port, as `plan` has it: the connection made, and what is accepted besides where that is asked for.
package func observe(
    _ endpoint: Endpoint, _ service: Service, with means: Means, plan: ExaminationPlan, by deadline: Deadline
) async -> PortObservation {
    var probe = PortProbe(endpoint: endpoint, service: service, means: means)
    probe.onlyTLS = plan.onlyTLS
    var seen = await probe.observe(by: deadline.capped(seconds: plan.portTimeout))
    await askWhatIsAccepted(&seen, means, plan, by: deadline)
    return seen
}

/// What is dialled for a host: its addresses, or the one that stands for them (`--connect-to`).
package func addresses(
    of host: DomainName, with means: Means, port: UInt16?, by deadline: Deadline
) async -> [IPAddress] {
    if let given = means.network.destination(host: host, port: port ?? 0).address { return [given] }
    return await addresses(of: host, asking: PunctualResolver(resolver: means.resolver, deadline: deadline)).0
}
