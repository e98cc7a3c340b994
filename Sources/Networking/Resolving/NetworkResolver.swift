package import DNS
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Asks recursive resolvers over UDP and TCP: the product's own stub resolver.
///
/// Answers and failures are kept as long as they may be; identical questions in flight are asked once; aliases are
/// followed from response to response; every question ends by its timeout, and at once when its task is cancelled.
///
/// Left out: asking the root and on downwards itself, validating DNSSEC (the AD bit is what the server says), DNS over
/// TLS and HTTPS. Each query has a UDP socket of its own, for a random source port; a shared pool would be faster.
package final class NetworkResolver: DNS.Resolver, Sendable {
    /// Whom to ask, and how patiently.
    package struct Settings: Sendable {
        /// In the order to be asked.
        package var servers: [ResolverServer]
        /// Seconds for a question in all, its aliases and repetitions included.
        package var timeout: Double
        /// How often a silent server is asked.
        package var attempts: Int
        /// Seconds before a silent server is given company; doubles each round.
        package var pause: Double
        /// The largest response over UDP we ask for (RFC 6891 §6.2.3): 1232 passes everywhere unfragmented.
        package var udpPayload: UInt16
        /// Outcomes kept; 0 keeps none.
        package var cacheCapacity: Int
        /// Seconds that a failure is kept (RFC 2308 §7).
        package var failureTTL: Double
        /// Questions on the way at once; more wait for their turn.
        package var maximumInFlight: Int

        package init(
            servers: [ResolverServer], timeout: Double = 5, attempts: Int = 3, pause: Double = 1,
            udpPayload: UInt16 = 1232, cacheCapacity: Int = 20_000, failureTTL: Double = 5, maximumInFlight: Int = 128
        ) {
            self.servers = servers
            self.timeout = timeout
            self.attempts = attempts
            self.pause = pause
            self.udpPayload = udpPayload
            self.cacheCapacity = cacheCapacity
            self.failureTTL = failureTTL
            self.maximumInFlight = maximumInFlight
        }

        /// As the machine is configured.
        package init(_ system: SystemConfiguration, timeout: Double = 5) {
            self.init(
                servers: system.servers, timeout: timeout, attempts: system.attempts ?? 3,
                pause: Double(system.timeout ?? 1))
        }

        /// Who is asked, and how long nobody else is then: each round all servers. However long the pause is
        /// configured, there is time for three.
        var plan: [(server: ResolverServer, pause: Double)] {
            let pause = min(pause, timeout / 3)
            return (0..<max(1, attempts)).flatMap { round in
                servers.map { ($0, pause * Double(1 << min(round, 6))) }
            }
        }
    }

    package let settings: Settings
    private let deadline: Deadline
    private let randomID: @Sendable () -> UInt16
    private let onQuery: (@Sendable (Question, Outcome, Double) -> Void)?
    private let group: any EventLoopGroup
    private let state: Mutex<State>
    private let turns: Turns

    /// - Parameters:
    ///   - deadline: of everything this resolver does, as `--timeout` has it.
    ///   - randomID: the id of each query; handed in for tests.
    ///   - onQuery: called with every question that was really asked, its outcome, and the seconds it took.
    package init(
        _ settings: Settings, deadline: Deadline = .never,
        randomID: @escaping @Sendable () -> UInt16 = { UInt16.random(in: 0...UInt16.max) },
        onQuery: (@Sendable (Question, Outcome, Double) -> Void)? = nil
    ) {
        self.settings = settings
        self.deadline = deadline
        self.randomID = randomID
        self.onQuery = onQuery
        group = MultiThreadedEventLoopGroup.singleton
        state = Mutex(State(cache: AnswerCache(capacity: settings.cacheCapacity, failureTTL: settings.failureTTL)))
        turns = Turns(settings.maximumInFlight)
    }

    /// One that asks `servers` with the usual settings.
    package convenience init(
        servers: [ResolverServer], timeout: Double = 5, deadline: Deadline = .never,
        onQuery: (@Sendable (Question, Outcome, Double) -> Void)? = nil
    ) {
        self.init(Settings(servers: servers, timeout: timeout), deadline: deadline, onQuery: onQuery)
    }

    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await outcome(question, by: deadline).get()
    }

    /// The answer by an earlier deadline than the resolver's own. Who waits shorter than others for the same
    /// question leaves them waiting.
    package func answer(_ question: Question, by deadline: Deadline) async throws(Unanswered) -> Answer {
        try await outcome(question, by: deadline.sooner(of: self.deadline)).get()
    }

    /// This resolver, with an earlier deadline for each question asked through it.
    package func limited(to deadline: Deadline) -> any DNS.Resolver {
        LimitedResolver(resolver: self, deadline: deadline)
    }

    private func outcome(_ question: Question, by deadline: Deadline) async -> Outcome {
        if Task.isCancelled { return .failure(Self.cancelled) }
        if let kept = state.withLock({ $0.cache.outcome(question, at: .now) }) { return kept }
        if settings.servers.isEmpty { return .failure(Unanswered(.unreachable, detail: "no resolver is configured")) }
        if deadline.hasPassed { return .failure(Self.late) }
        return await wait(for: question, by: deadline)
    }

    static let cancelled = Unanswered(.timedOut, detail: "cancelled before an answer came")
    static let late = Unanswered(.timedOut, detail: "no answer by the deadline")
}

private struct LimitedResolver: DNS.Resolver {
    let resolver: NetworkResolver
    let deadline: Deadline

    func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await resolver.answer(question, by: deadline)
    }
}

// MARK: Questions in flight

extension NetworkResolver {
    private typealias Waiter = CheckedContinuation<Outcome, Never>

    private struct Flight {
        var id: Int
        var task: Task<Void, Never>?
        var waiters: [Int: Waiter] = [:]
    }

    private struct State: ~Copyable {
        var cache: AnswerCache
        var flights: [Question: Flight] = [:]
        var lastID = 0

        init(cache: AnswerCache) { self.cache = cache }

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    /// Joins the question's flight, or begins it; leaves it when cancelled or late. The last to leave ends it.
    private func wait(for question: Question, by deadline: Deadline) async -> Outcome {
        let me = state.withLock { $0.nextID() }
        let alarm = deadline.instant.map { instant in
            Task {
                try? await Task.sleep(until: instant, clock: .continuous)
                if !Task.isCancelled { leave(question, me, with: Self.late) }
            }
        }
        defer { alarm?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                join(question, me, continuation)
                // Cancellation that came before joining found nobody to wake.
                if Task.isCancelled { leave(question, me, with: Self.cancelled) }
            }
        } onCancel: {
            leave(question, me, with: Self.cancelled)
        }
    }

    private func join(_ question: Question, _ me: Int, _ waiter: Waiter) {
        let kept: Outcome? = state.withLock { state in
            // It may have landed since we looked.
            if let kept = state.cache.outcome(question, at: .now) { return kept }
            if state.flights[question] != nil {
                state.flights[question]?.waiters[me] = waiter
            } else {
                let id = state.nextID()
                state.flights[question] = Flight(
                    id: id, task: Task.detached { await self.fly(question, id) }, waiters: [me: waiter])
            }
            return nil
        }
        if let kept { waiter.resume(returning: kept) }
    }

    private func leave(_ question: Question, _ me: Int, with failure: Unanswered) {
        let (waiter, task): (Waiter?, Task<Void, Never>?) = state.withLock { state in
            guard let waiter = state.flights[question]?.waiters.removeValue(forKey: me) else { return (nil, nil) }
            guard state.flights[question]?.waiters.isEmpty ?? false else { return (waiter, nil) }
            return (waiter, state.flights.removeValue(forKey: question)?.task)
        }
        task?.cancel()
        waiter?.resume(returning: .failure(failure))
    }

    /// Asks, keeps the outcome and tells all who wait.
    private func fly(_ question: Question, _ id: Int) async {
        guard await turns.take() else { return }
        let started = ContinuousClock.now
        var outcome = await resolve(question)
        turns.giveBack()
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        outcome = outcome.map { answer in
            var answer = answer
            answer.seconds = seconds
            return answer
        }
        let waiters = state.withLock { state -> [Waiter] in
            // Where all have left, the flight is another's or nobody's: what came of it is not worth keeping.
            guard state.flights[question]?.id == id else { return [] }
            state.cache.keep(outcome, for: question, at: .now)
            return state.flights.removeValue(forKey: question).map { Array($0.waiters.values) } ?? []
        }
        if !Task.isCancelled { onQuery?(question, outcome, seconds) }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }
}

// MARK: Asking

extension NetworkResolver {
    /// Follows aliases from response to response (RFC 1034 §5.3.3).
    private func resolve(_ question: Question) async -> Outcome {
        let deadline = deadline.capped(seconds: settings.timeout)
        var asked = question
        var aliases: [Record] = []
        var authenticated = true
        var overTCP = false
        while true {
            let reply = await Lookup(
                question: asked, settings: settings, deadline: deadline, group: group, randomID: randomID
            ).run()
            overTCP = overTCP || reply.overTCP
            switch reply.interpretation {
            case .answer(var answer):
                answer.ttl = (aliases.map(\.ttl) + [answer.ttl]).min() ?? answer.ttl
                answer.aliases = aliases + answer.aliases
                answer.authenticated = answer.authenticated && authenticated
                answer.server = "\(reply.server)"
                answer.truncatedThenTCP = overTCP
                return .success(answer)
            case .continues(let more, let next, let isAuthenticated):
                aliases += more
                authenticated = authenticated && isAuthenticated
                asked = Question(next, question.type)
                if aliases.count > Interpretation.maximumAliases || aliases.contains(where: { $0.name == next }) {
                    return .failure(
                        Unanswered(.aliasLoop, server: "\(reply.server)", detail: "CNAMEs that go on or round"))
                }
            case .failed(let failure): return .failure(failure)
            case .truncated, .refusesEDNS:
                return .failure(Unanswered(.malformed, server: "\(reply.server)", detail: "no usable response"))
            }
        }
    }
}

/// So many may be at it at once; the others wait in line.
private final class Turns: Sendable {
    private struct State {
        var free: Int
        var lastID = 0
        var line: [(id: Int, waiter: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// False where the task was cancelled before its turn came: then nothing has to be given back.
    func take() async -> Bool {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isMyTurn = state.withLock { state in
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.line.append((id, continuation))
                    return false
                }
                if isMyTurn { continuation.resume(returning: true) } else if Task.isCancelled { leave(id) }
            }
        } onCancel: {
            leave(id)
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.line.isEmpty {
                state.free += 1
                return nil
            }
            return state.line.removeFirst().waiter
        }
        next?.resume(returning: true)
    }

    private func leave(_ id: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let index = state.line.firstIndex(where: { $0.id == id }) else { return nil }
            return state.line.remove(at: index).waiter
        }
        waiter?.resume(returning: false)
    }
}
