package import DNS
internal import Mail

/// What the machine that examined could not see, as the examination itself shows. What it keeps from being told becomes
/// unknown, never wrong: ``Evidence`` takes the answers and the ports from here.
///
/// Left out: what only a test of its own can tell (``SelfTest``, for `mailsonde doctor`).
package struct MachineEvidence: Sendable {
    /// What limits the examination; empty on a machine that sees everything.
    package var limits: [SelfTest.Line] = []
    /// The addresses that the resolver gives names that nobody has, and where aliases of its own lead to.
    private var invented: Set<RecordData> = []
    /// Why this machine is taken to be kept from port 25; nil where nothing says so.
    private(set) var closedPort25: Failure?
    private(set) var unseenTwins = UnseenTwins()
    /// Why nothing can be said of dates; nil where nothing speaks against the clock.
    private(set) var clockFailure: Failure?

    init() {}

    init(_ outcomes: [Question: Outcome], _ ports: [PortObservation], _ policies: some Collection<PolicyObservation>) {
        let lies = Self.inventedQuestions.compactMap { try? outcomes[$0]?.get() }.filter { $0.kind == .records }
        if !lies.isEmpty {
            invented = Set(lies.flatMap { ($0.records + $0.aliases).map(\.data) })
            limits.append(SelfTest.inventing(lies.flatMap(\.records), below: Self.nowhere))
        }
        if let why = WayToPort25(ports, somethingElseAnswers: policies.contains { $0.status != nil }).closed {
            closedPort25 = Failure(.egressBlocked, during: .connect, why)
            limits.append(SelfTest.closed(why))
        }
        let distant = ports.filter { $0.endpoint.address.family == .ipv6 && $0.failure?.cause != .offline }
        if !distant.isEmpty, distant.allSatisfy({ $0.state == .unreachable }) {
            limits.append(SelfTest.noIPv6Reached)
            unseenTwins = UnseenTwins(of: distant, among: ports)
        }
        if let doubt = ClockDoubt(ports) {
            limits.append(doubt.line)
            clockFailure = Failure(.internal, doubt.line.summary)
        }
    }

    // MARK: The resolver

    /// A name that nobody has and nobody can have (RFC 6761 §6.4).
    private static let nowhere = (try? DomainName("invalid")) ?? .root

    /// What is asked to see whether the resolver makes up answers.
    package static let inventedQuestions: [Question] =
        (try? nowhere.prepending("mailsonde-self-test")).map { name in
            [Question(name, .a), Question(name, .aaaa)]
        } ?? []

    /// The answers without those that the resolver would have given for any name.
    func believable(_ outcomes: [Question: Outcome]) -> [Question: Outcome] {
        if invented.isEmpty { return outcomes }
        return outcomes.mapValues { outcome in
            guard case .success(let answer) = outcome, isInvented(answer) else { return outcome }
            return .failure(
                Unanswered(
                    .malformed, server: answer.server,
                    detail: "the resolver gives this answer for names that do not exist as well"))
        }
    }

    private func isInvented(_ answer: Answer) -> Bool {
        let isAddress = answer.records.allSatisfy { $0.type == .a || $0.type == .aaaa }
        guard answer.kind == .records, isAddress else { return false }
        return answer.records.allSatisfy { invented.contains($0.data) }
            || answer.aliases.contains { invented.contains($0.data) }
    }

    // MARK: Ports

    /// The ports without those that were dialled for a made-up address; what the way to port 25 keeps from being seen is
    /// not the host's fault.
    func believable(_ ports: [PortObservation]) -> [PortObservation] {
        if invented.isEmpty, closedPort25 == nil { return ports }
        return ports.compactMap { port in
            if isInvented(port.endpoint.address) { return nil }
            // Silence is unknown as it is; a refusal would be held against the host.
            guard let closedPort25, port.service == .smtp, port.state == .refused else { return port }
            var port = port
            port.state = .unreachable
            port.failure = closedPort25
            return port
        }
    }

    /// Whether what answered was somebody at a made-up address.
    func isInvented(_ tried: [IPAddress]) -> Bool {
        !invented.isEmpty && !tried.isEmpty && tried.allSatisfy { isInvented($0) }
    }

    private func isInvented(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): invented.contains(.a(address))
        case .v6(let address): invented.contains(.aaaa(address))
        }
    }
}

/// Endpoints at IPv6 addresses that a machine without IPv6 could not look at, where it has looked at the same host's port
/// at an IPv4 address. Small, so that whoever judges holds this and not all of the evidence.
struct UnseenTwins: Sendable {
    private var endpoints: Set<Endpoint> = []

    init() {}

    init(of distant: [PortObservation], among ports: [PortObservation]) {
        let seen = ports.filter { $0.endpoint.address.family == .ipv4 && $0.state != .unreachable }.map(\.endpoint)
        endpoints = Set(
            distant.map(\.endpoint).filter { far in
                seen.contains { $0.host == far.host && $0.port == far.port }
            })
    }

    /// Why a check that could not tell does not apply instead; nil where it remains unknown. Without IPv6 here, a host that
    /// was looked at over IPv4 is not called unknown for its other address: what is said of the machine says that.
    func excuse(for failure: Failure, at subject: Subject) -> String? {
        guard !endpoints.isEmpty, failure.cause == .unreachable, case .endpoint(let endpoint) = subject,
            endpoints.contains(endpoint)
        else { return nil }
        return "this machine cannot reach IPv6 addresses"
    }
}
