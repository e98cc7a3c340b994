package import DNS

/// Asks recursive resolvers over UDP and TCP: the product's own stub resolver, for one question or for millions.
///
/// Answers and failures are kept as long as they may be; identical questions in flight are asked once; aliases are
/// followed from response to response; every question ends by its timeout, and at once when its task is cancelled.
/// A server that is dead is remembered and tried again beside a live one.
///
/// **For many questions.** One thread does the asking. Any task may ask; one that runs elsewhere pays for two switches
/// of threads with each question. Who has many questions runs the tasks that ask on that thread,
///
///     await resolver.runBeside { await withTaskGroup(of: Void.self) { group in … } }
///
/// and asks what belongs together in one call of ``outcomes(_:)``. Such a task should not work for long between two
/// questions (some 100 µs): others wait meanwhile. `maximumInFlight` says how many are on the way at once.
///
/// Left out: asking the root and on downwards itself, validating DNSSEC (the AD bit is what the server says), DNS over
/// TLS and HTTPS.
package final class NetworkResolver: DNS.Resolver, Sendable {
    package let settings: Settings
    private let deadline: Deadline
    private let engine: Engine

    /// - Parameters:
    ///   - deadline: of everything this resolver does, as `--timeout` has it.
    ///   - onQuery: called with every question that was really asked, its outcome, and the seconds it took; on the
    ///     resolver's thread, so it must not take long.
    package init(
        _ settings: Settings, deadline: Deadline = .never,
        onQuery: (@Sendable (Question, Outcome, Double) -> Void)? = nil
    ) {
        self.settings = settings
        self.deadline = deadline
        engine = Engine(settings, deadline: deadline, report: onQuery)
    }

    /// One that asks `servers` with the usual settings.
    package convenience init(
        servers: [ResolverServer], timeout: Double = 5, deadline: Deadline = .never,
        onQuery: (@Sendable (Question, Outcome, Double) -> Void)? = nil
    ) {
        self.init(Settings(servers: servers, timeout: timeout), deadline: deadline, onQuery: onQuery)
    }

    deinit { engine.stop() }

    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        switch await outcome(question, by: deadline) {
        case .success(let answer): return answer
        case .failure(let failure): throw failure
        }
    }

    package func outcome(_ question: Question) async -> Outcome { await outcome(question, by: deadline) }

    package func outcomes(_ questions: [Question]) async -> [Outcome] { await outcomes(questions, by: deadline) }

    /// The answer by an earlier deadline than the resolver's own. Who waits shorter than others for the same
    /// question leaves them waiting.
    package func answer(_ question: Question, by deadline: Deadline) async throws(Unanswered) -> Answer {
        try await outcome(question, by: deadline.sooner(of: self.deadline)).get()
    }

    /// This resolver, with an earlier deadline for each question asked through it.
    package func limited(to deadline: Deadline) -> any DNS.Resolver {
        LimitedResolver(resolver: self, deadline: deadline.sooner(of: self.deadline))
    }

    /// Runs `body`, and the child tasks it begins, on the resolver's own thread: there a question costs no switch of
    /// threads. Tasks that are no children (`Task { }`) run where they always do.
    package func runBeside<R: Sendable>(_ body: @Sendable () async throws -> R) async rethrows -> R {
        engine.start()
        return try await withTaskExecutorPreference(engine) { try await body() }
    }

    /// Whether questions wait because as many as may be are on the way: more of them at once would gain nothing.
    package var isFull: Bool { engine.isFull }

    static let cancelled = Unanswered(.timedOut, detail: "cancelled before an answer came")
    static let late = Unanswered(.timedOut, detail: "no answer by the deadline")
    private static let nobody = Unanswered(.unreachable, detail: "no resolver is configured")

    fileprivate func outcome(_ question: Question, by deadline: Deadline) async -> Outcome {
        if Task.isCancelled { return .failure(Self.cancelled) }
        let engine = engine
        let hash = engine.hash(question)
        let isBeside = engine.isMine
        if let kept = engine.kept(question, hash, isBeside: isBeside) { return kept }
        if settings.servers.isEmpty { return .failure(Self.nobody) }
        if deadline.hasPassed { return .failure(Self.late) }
        let ticket = engine.newTicket()
        var outcome = Outcome.failure(Self.cancelled)
        await withTaskCancellationHandler {
            outcome = await withUnsafeContinuation { continuation in
                engine.join(question, hash, ticket: ticket, by: deadline, isBeside: isBeside, continuation)
                // Cancellation that came before joining found nobody to wake.
                if Task.isCancelled { engine.leave(question, hash, ticket: ticket) }
            }
        } onCancel: {
            engine.leave(question, hash, ticket: ticket)
        }
        return outcome
    }

    fileprivate func outcomes(_ questions: [Question], by deadline: Deadline) async -> [Outcome] {
        if questions.count == 1 { return [await outcome(questions[0], by: deadline)] }
        func all(_ failure: Unanswered) -> [Outcome] { questions.map { _ in .failure(failure) } }
        if Task.isCancelled || questions.isEmpty { return all(Self.cancelled) }
        if settings.servers.isEmpty { return all(Self.nobody) }
        if deadline.hasPassed { return all(Self.late) }
        let engine = engine
        let ticket = engine.newTicket()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                engine.join(questions, ticket: ticket, by: deadline, continuation)
                if Task.isCancelled { engine.leave(questions, ticket: ticket) }
            }
        } onCancel: {
            engine.leave(questions, ticket: ticket)
        }
    }
}

private struct LimitedResolver: DNS.Resolver {
    let resolver: NetworkResolver
    let deadline: Deadline

    func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await resolver.outcome(question, by: deadline).get()
    }

    func outcome(_ question: Question) async -> Outcome { await resolver.outcome(question, by: deadline) }

    func outcomes(_ questions: [Question]) async -> [Outcome] { await resolver.outcomes(questions, by: deadline) }
}
