// Monitor: what runs again and again. It holds a configuration, starts each probe when the schedule says so, judges what
// came back, and hands the result to the ledger (numbers), the history (SQLite), the log and whoever listens.
// Left out: how a probe is carried out (handed in as `ProbeRunner`), and showing anything (Server).

internal import DNS
package import Judgement
package import Logging
package import Mail
package import Networking
internal import ServiceLifecycle

/// Carries out a probe by a deadline; never throws, a failure is part of what was observed.
package typealias ProbeRunner = @Sendable (ProbePlan, Deadline) async -> Observed

/// What is remembered of a run when the rest is in the history.
package struct PastRun: Hashable, Sendable {
    package var startedAt: Timestamp
    package var durationSeconds: Double
    package var verdict: ProbeResult.Verdict
    package var reason: String?

    package init(
        startedAt: Timestamp, durationSeconds: Double, verdict: ProbeResult.Verdict, reason: String? = nil
    ) {
        self.startedAt = startedAt
        self.durationSeconds = durationSeconds
        self.verdict = verdict
        self.reason = reason
    }
}

/// The state of a probe, for a page or an API.
package struct ProbeStatus: Sendable {
    package var plan: ProbePlan
    package var isRunning: Bool
    package var nextDue: Timestamp?
    /// nil before the first run since the start.
    package var last: ProbeResult?
    /// The last runs, the oldest first, those before the start among them; at most ``Monitor/runsRemembered``.
    package var recent: [PastRun]
}

/// Runs the probes of a configuration on schedule until it is told to end.
package actor Monitor: ServiceLifecycle.Service {
    /// What a monitor needs from outside.
    package struct Dependencies: Sendable {
        /// Reads the configuration anew, for a reload.
        package var load: @Sendable () throws(ConfigurationProblems) -> Configuration
        /// Makes what carries out the probes of a configuration. Throws what makes that impossible, for a person.
        package var makeRunner: @Sendable (Configuration) throws -> ProbeRunner
        package var clock: any MonitorClock
        package var rules: [Rule]
        package var logger: Logger
        /// Called with each result as it comes, in no particular order of probes.
        package var onResult: @Sendable (ProbeResult) async -> Void

        package init(
            load: @escaping @Sendable () throws(ConfigurationProblems) -> Configuration,
            makeRunner: @escaping @Sendable (Configuration) throws -> ProbeRunner,
            clock: any MonitorClock = SystemMonitorClock(), rules: [Rule] = Rule.all, logger: Logger,
            onResult: @escaping @Sendable (ProbeResult) async -> Void = { _ in }
        ) {
            self.load = load
            self.makeRunner = makeRunner
            self.clock = clock
            self.rules = rules
            self.logger = logger
            self.onResult = onResult
        }
    }

    /// How long running probes may go on after the monitor was asked to end.
    package static let patienceSeconds = 5.0
    /// Beyond its deadline a probe that does not heed it is left behind after this.
    private static let graceSeconds = 2.0
    /// Runs of each probe in ``ProbeStatus/recent``.
    package static let runsRemembered = 30
    private static let pruneIntervalSeconds = 3_600.0

    package nonisolated let ledger: Ledger
    package nonisolated let history: History?
    private let dependencies: Dependencies
    private var configuration_: Configuration
    private var runner: ProbeRunner
    private var schedule: Schedule
    private var plans: [String: ProbePlan] = [:]
    private var order: [String] = []
    private var latest: [String: ProbeResult] = [:]
    private var recent: [String: [PastRun]] = [:]
    private var isStarted = false
    private var isEnding = false
    private var alarm: (due: Timestamp, task: Task<Void, Never>)?
    /// Where the schedule and the probes of ports run: they spend their time waiting for the network, and nobody is woken
    /// on the way. Audits and round trips read and judge for long, and leave it to the system's threads.
    private let home = LoopExecutor.next()
    private let starts: AsyncStream<Schedule.Start>
    private let toStart: AsyncStream<Schedule.Start>.Continuation

    /// - Parameters:
    ///   - history: nil keeps nothing.
    ///   - ledger: fresh.
    package init(
        _ configuration: Configuration, dependencies: Dependencies, ledger: Ledger, history: History?
    ) throws {
        configuration_ = configuration
        self.dependencies = dependencies
        self.ledger = ledger
        self.history = history
        runner = try dependencies.makeRunner(configuration)
        schedule = Schedule(maximumRunning: configuration.maximumRunning)
        (starts, toStart) = AsyncStream.makeStream()
    }

    /// The one in force.
    package var configuration: Configuration { configuration_ }
    /// Whether probes are being scheduled.
    package var isReady: Bool { isStarted && !isEnding }

    /// The wall clock of this monitor.
    package nonisolated var now: Timestamp { dependencies.clock.now() }

    package var status: [ProbeStatus] { order.compactMap(status(of:)) }

    /// The state of one probe; nil where there is none of that name.
    package func status(of probe: String) -> ProbeStatus? {
        plans[probe].map {
            ProbeStatus(
                plan: $0, isRunning: schedule.running.contains(probe), nextDue: schedule.nextDue(of: probe),
                last: latest[probe], recent: recent[probe] ?? [])
        }
    }

    /// Carries out a probe now, beside the schedule; nothing is kept.
    package func probe(_ plan: ProbePlan) async -> ProbeResult {
        let startedAt = dependencies.clock.now()
        let observed = await observe(plan)
        return await judged(plan, observed, startedAt, dependencies.clock.now() - startedAt)
    }

    // MARK: Life

    /// Runs until it is told to end: by graceful shutdown of the service group, or by cancellation.
    package func run() async throws {
        await apply(configuration_)
        await recall()
        await ledger.configurationRead(successfully: true, at: dependencies.clock.now())
        isStarted = true
        dependencies.logger.info("monitoring", metadata: ["probes": "\(order.count)"])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.pruneAgainAndAgain() }
            await withGracefulShutdownHandler {
                await withTaskCancellationHandler {
                    await pump()
                    await withTaskExecutorPreference(home) { await startProbes(in: &group) }
                } onCancel: {
                    toStart.finish()
                }
            } onGracefulShutdown: {
                self.toStart.finish()
            }
            isEnding = true
            alarm?.task.cancel()
            await letRunningProbesEnd()
            group.cancelAll()
        }
        history?.close()
        dependencies.logger.info("ended")
    }

    /// Starts what the schedule says until it is told to end.
    private func startProbes(in group: inout TaskGroup<Void>) async {
        for await start in starts {
            if plans[start.name]?.kind == .port {
                group.addTask(executorPreference: home) {
                    await TaskHome.$executor.withValue(self.home) { await self.execute(start) }
                }
            } else {
                group.addTask(executorPreference: globalConcurrentExecutor) { await self.execute(start) }
            }
        }
    }

    private func letRunningProbesEnd() async {
        let until = ContinuousClock.now + .seconds(Self.patienceSeconds)
        while !schedule.running.isEmpty, ContinuousClock.now < until, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The last runs before the start, for the pages.
    private func recall() async {
        guard let history else { return }
        do throws(History.Failed) {
            for (probe, runs) in try await history.recent(limit: Self.runsRemembered) where plans[probe] != nil {
                recent[probe] = runs
            }
        } catch {
            dependencies.logger.error("history: \(error)")
        }
    }

    private func apply(_ configuration: Configuration) async {
        configuration_ = configuration
        let all = configuration.plans
        order = all.map(\.name)
        plans = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        latest = latest.filter { plans[$0.key]?.kind == $0.value.plan.kind }
        recent = recent.filter { plans[$0.key] != nil }
        schedule.maximumRunning = configuration.maximumRunning
        schedule.set(all.map { ($0.name, $0.intervalSeconds) }, at: dependencies.clock.now())
        await ledger.configure(all)
    }

    /// Reads the configuration anew. A bad one leaves everything as it is.
    package func reload() async throws(ConfigurationProblems) {
        do throws(ConfigurationProblems) {
            let new = try dependencies.load()
            let newRunner: ProbeRunner
            do { newRunner = try dependencies.makeRunner(new) } catch {
                throw ConfigurationProblems([ConfigurationProblem(file: "configuration", "\(error)")])
            }
            if new.listen != configuration_.listen || new.history != configuration_.history {
                dependencies.logger.warning("“listen” and “history” take effect with the next start")
            }
            runner = newRunner
            await apply(new)
            await ledger.configurationRead(successfully: true, at: dependencies.clock.now())
            dependencies.logger.info("configuration read anew", metadata: ["probes": "\(order.count)"])
            await pump()
        } catch {
            await ledger.configurationRead(successfully: false, at: dependencies.clock.now())
            for problem in error.problems { dependencies.logger.error("not reloaded: \(problem)") }
            throw error
        }
    }

    // MARK: Running

    /// Starts what is due, and sets the alarm for what will be.
    private func pump() async {
        guard isStarted, !isEnding else { return }
        let (starts, skips) = schedule.advance(to: dependencies.clock.now())
        for start in starts { toStart.yield(start) }
        setAlarm()
        for skip in skips {
            dependencies.logger.warning(
                "skipped", metadata: ["probe": "\(skip.name)", "reason": "\(skip.reason.rawValue)"])
            await ledger.skipped(skip.name, skip.reason)
        }
    }

    private func setAlarm() {
        guard alarm == nil || alarm?.due != schedule.nextDue else { return }
        alarm?.task.cancel()
        alarm = nil
        guard let due = schedule.nextDue else { return }
        let task = Task(executorPreference: home) { [weak self, home, clock = dependencies.clock] in
            do { try await TaskHome.$executor.withValue(home) { try await clock.sleep(until: due) } } catch { return }
            await self?.wake(at: due)
        }
        alarm = (due, task)
    }

    private func wake(at due: Timestamp) async {
        if alarm?.due == due { alarm = nil }
        await pump()
    }

    private func execute(_ start: Schedule.Start) async {
        defer { schedule.finish(start.name) }
        guard let plan = plans[start.name] else { return }
        let startedAt = dependencies.clock.now()
        await ledger.began(start.name, lag: start.lag, running: schedule.running.count, at: startedAt)
        let observed = await observe(plan)
        let duration = dependencies.clock.now() - startedAt
        if !Task.isCancelled {
            let result = await judged(plan, observed, startedAt, duration)
            await keep(result)
        }
        schedule.finish(start.name)
        await ledger.ended(running: schedule.running.count)
        await pump()
    }

    /// The probe, or why there is nothing to see: it is left behind if it does not end by itself.
    private func observe(_ plan: ProbePlan) async -> Observed {
        await Self.observe(plan, by: runner, within: plan.timeoutSeconds)
    }

    /// Carries out one probe; comes back soon after `seconds` whatever the probe does.
    package static func observe(
        _ plan: ProbePlan, by runner: @escaping ProbeRunner, within seconds: Double
    ) async -> Observed {
        let deadline = Deadline.after(seconds: seconds)
        do {
            return try await withDeadline(.after(seconds: seconds + graceSeconds)) { await runner(plan, deadline) }
        } catch is CancellationError {
            return Observed([], failure: Failure(.cancelled))
        } catch {
            return Observed([], failure: Failure(.timeout, "the probe did not end by its deadline"))
        }
    }

    @concurrent
    private nonisolated func judged(
        _ plan: ProbePlan, _ observed: Observed, _ startedAt: Timestamp, _ duration: Double
    ) async -> ProbeResult {
        ProbeResult(plan, observed, startedAt: startedAt, durationSeconds: duration, by: dependencies.rules)
    }

    private func keep(_ result: ProbeResult) async {
        let name = result.plan.name
        if plans[name]?.kind == result.plan.kind {
            latest[name] = result
            let run = PastRun(
                startedAt: result.startedAt, durationSeconds: result.durationSeconds, verdict: result.verdict,
                reason: result.reason)
            recent[name] = ((recent[name] ?? []) + [run]).suffix(Self.runsRemembered)
        }
        await ledger.record(result)
        log(result)
        if let history {
            do throws(History.Failed) {
                try await history.add(result)
            } catch {
                if Task.isCancelled { return }
                dependencies.logger.error("history: \(error)")
                await ledger.historyWriteFailed()
            }
        }
        await dependencies.onResult(result)
    }

    private func log(_ result: ProbeResult) {
        var metadata: Logger.Metadata = [
            "probe": "\(result.plan.name)", "result": "\(result.verdict.rawValue)",
            "took": "\(Seconds.text(result.durationSeconds))",
        ]
        if let reason = result.reason { metadata["reason"] = "\(reason)" }
        dependencies.logger.info("probed", metadata: metadata)
    }

    private func pruneAgainAndAgain() async {
        guard let history else { return }
        while !Task.isCancelled {
            if let keep = configuration_.history?.keepSeconds {
                do throws(History.Failed) {
                    let count = try await history.prune(before: dependencies.clock.now() + -keep)
                    if count > 0 { dependencies.logger.info("history pruned", metadata: ["results": "\(count)"]) }
                } catch {
                    if Task.isCancelled { return }
                    dependencies.logger.error("history: \(error)")
                }
            }
            do { try await dependencies.clock.sleep(until: dependencies.clock.now() + Self.pruneIntervalSeconds) } catch
            { return }
        }
    }
}
