import Foundation
import Judgement
import Logging
import Mail
import Monitor
import Networking
import Rendering
import Synchronization
import Testing

/// A world of probes that do what they are told to.
private final class Stage: Sendable {
    struct State {
        var text = ""
        var runs: [String] = []
        var running = 0
        var mostRunning = 0
        var held: Set<String> = []
        var failing: Set<String> = []
        var results: [ProbeResult] = []
    }

    let state: Mutex<State>
    let clock = FakeClock()
    let logs = LogKeeper.Lines()

    init(_ text: String) { state = Mutex(State(text: text)) }

    var runs: [String] { state.withLock { $0.runs } }
    var results: [ProbeResult] { state.withLock { $0.results } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func load() throws(ConfigurationProblems) -> Configuration {
        try Configuration.parse(state.withLock { $0.text }, file: "c.yaml", environment: ["SECRET": "hunter2"])
    }

    func observe(_ plan: ProbePlan) async -> Observed {
        state.withLock { state in
            state.runs.append(plan.name)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        while state.withLock({ $0.held.contains(plan.name) }), !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
        let isFailing = state.withLock { state in
            state.running -= 1
            return state.failing.contains(plan.name)
        }
        return Observed([.port(openPort(failure: isFailing ? Failure(.connectRefused) : nil))])
    }

    func monitor(history: History? = nil) throws -> Monitor {
        try Monitor(
            try load(),
            dependencies: Monitor.Dependencies(
                load: { () throws(ConfigurationProblems) in try self.load() },
                makeRunner: { _ in { plan, _ in await self.observe(plan) } }, clock: clock, rules: [],
                logger: LogKeeper.logger(logs),
                onResult: { result in self.change { $0.results.append(result) } }),
            ledger: Ledger(version: "1", revision: ""), history: history)
    }
}

private func metrics(_ monitor: Monitor) async -> String {
    String(decoding: Exposition.text.render(await monitor.ledger.families(at: monitor.now)), as: UTF8.self)
}

@Suite struct `The monitor` {
    private let two = """
        defaults: {interval: 60s, timeout: 59s}
        ports:
          - {name: a, host: a.example, services: [smtp]}
          - {name: b, host: b.example, services: [smtp]}
        """

    /// Runs a monitor while `body` looks at it.
    private func with(_ stage: Stage, history: History? = nil, _ body: (Monitor) async throws -> Void) async throws {
        let monitor = try stage.monitor(history: history)
        let running = Task { try await monitor.run() }
        #expect(await eventually { await monitor.isReady })
        try await body(monitor)
        running.cancel()
        try await running.value
        #expect(await monitor.isReady == false)
    }

    @Test func `runs probes on schedule, keeps what came of them and tells who listens`() async throws {
        let stage = Stage(two)
        let history = try History()
        try await with(stage, history: history) { monitor in
            stage.clock.advance(by: 1)
            #expect(await eventually { stage.results.count == 2 })
            #expect(Set(stage.runs) == ["a", "b"])
            #expect(await monitor.status.map(\.plan.name) == ["a", "b"])
            #expect(await monitor.status(of: "a")?.last?.verdict == .pass)
            #expect(try await history.entries(of: "a").count == 1)
            #expect(await metrics(monitor).contains(#"mailsonde_probe_runs_total{probe="a",result="pass"} 1"#))
            stage.change { $0.failing = ["a"] }
            for _ in 0..<10 {
                stage.clock.advance(by: 10)
                try await Task.sleep(for: .milliseconds(30))
            }
            #expect(await eventually { await monitor.status(of: "a")?.last?.verdict == .fail })
            #expect(await monitor.status(of: "a")?.recent.map(\.verdict).first == .pass)
            #expect(
                await metrics(monitor).contains(#"mailsonde_probe_failures_total{probe="a",reason="connect_refused"}"#))
        }
        #expect(stage.logs.all.contains { $0.contains("probed") && $0.contains("connect_refused") })
    }

    @Test func `leaves out a run while the one before lasts, and runs no more than it may at once`() async throws {
        let stage = Stage("max_running: 1\n" + two)
        stage.change { $0.held = ["a", "b"] }
        try await with(stage) { monitor in
            stage.clock.advance(by: 1)
            #expect(await eventually { stage.runs.count == 1 })
            let held = stage.runs[0]
            let none = "mailsonde_probes_skipped_total{probe=\"\(held)\",reason=\"still_running\"} 0"
            var shown = await metrics(monitor)
            for _ in 0..<3_000 where shown.contains(none) {
                stage.clock.advance(by: 60)
                try await Task.sleep(for: .milliseconds(10))
                shown = await metrics(monitor)
            }
            #expect(!shown.contains(none))
            #expect(shown.contains("mailsonde_probes_running 1"))
            #expect(stage.runs.count == 1)
            stage.change { $0.held = [] }
            #expect(await eventually { Set(stage.runs) == ["a", "b"] })
            #expect(stage.state.withLock { $0.mostRunning } == 1)
        }
    }

    @Test func `keeps the old configuration when the new one is bad`() async throws {
        let stage = Stage(two)
        try await with(stage) { monitor in
            stage.clock.advance(by: 1)
            #expect(await eventually { stage.results.count == 2 })
            stage.change { $0.text = "ports: [{hst: x}]" }
            await #expect(throws: ConfigurationProblems.self) { try await monitor.reload() }
            #expect(await monitor.status.count == 2)
            var shown = await metrics(monitor)
            #expect(shown.contains("mailsonde_config_last_reload_successful 0"))
            #expect(shown.contains(#"mailsonde_probe_runs_total{probe="a",result="pass"} 1"#))
            #expect(stage.logs.all.contains { $0.contains("c.yaml:1:10: unknown key") })

            stage.change {
                $0.text = """
                    defaults: {interval: 60s, timeout: 59s}
                    ports:
                      - {name: a, host: a.example, services: [smtp]}
                      - {name: c, host: c.example, services: [smtp]}
                    """
            }
            let due = await monitor.status(of: "a")?.nextDue
            try await monitor.reload()
            #expect(await monitor.status.map(\.plan.name) == ["a", "c"])
            #expect(await monitor.status(of: "a")?.nextDue == due)
            #expect(await monitor.status(of: "b") == nil)
            shown = await metrics(monitor)
            #expect(shown.contains("mailsonde_config_last_reload_successful 1"))
            #expect(shown.contains(#"mailsonde_probe_runs_total{probe="a",result="pass"} 1"#))
            #expect(!shown.contains(#"probe="b""#))
            #expect(await eventually { stage.runs.contains("c") })
        }
    }

    @Test func `ends soon though a probe does not, and keeps nothing of what it cut off`() async throws {
        let stage = Stage(two)
        stage.change { $0.held = ["a", "b"] }
        let monitor = try stage.monitor()
        let running = Task { try await monitor.run() }
        #expect(await eventually { await monitor.isReady })
        stage.clock.advance(by: 1)
        #expect(await eventually { stage.runs.count == 2 })
        let began = ContinuousClock.now
        running.cancel()
        try await running.value
        #expect(ContinuousClock.now - began < .seconds(Monitor.patienceSeconds + 30))
        #expect(stage.results.isEmpty)
    }

    @Test func `goes on probing when the history cannot be written, and counts it`() async throws {
        let stage = Stage(two)
        let history = try History()
        history.close()
        try await with(stage, history: history) { monitor in
            stage.clock.advance(by: 1)
            #expect(await eventually { stage.results.count == 2 })
            #expect(await metrics(monitor).contains("mailsonde_history_write_failures_total 2"))
        }
    }

    @Test func `remembers the runs before its start`() async throws {
        let stage = Stage(two)
        let history = try History()
        try await history.add(
            result(portPlan("a"), Observed([.port(openPort(failure: Failure(.earlyClose)))]), at: 500))
        try await with(stage, history: history) { monitor in
            #expect(await monitor.status(of: "a")?.recent.first?.reason == "early_close")
        }
    }

    @Test func `comes back when a probe heeds neither deadline nor cancellation`() async {
        let began = ContinuousClock.now
        let observed = await Monitor.observe(
            portPlan("a"),
            by: { _, _ in
                await withCheckedContinuation { continuation in
                    Task.detached {
                        try? await Task.sleep(for: .seconds(60))
                        continuation.resume()
                    }
                }
                return Observed([])
            }, within: 0.2)
        #expect(observed.failure?.cause == .timeout)
        #expect(ContinuousClock.now - began < .seconds(120))
    }

    @Test func `never logs a secret`() async throws {
        let stage = Stage(
            """
            roundtrips:
              - name: t
                interval: 5m
                from: {address: a@example.org, server: mail.example.org, user: u, password_env: SECRET}
                to: {address: b@example.net, server: imap.example.net, user: u, password_env: SECRET}
            """)
        try await with(stage) { monitor in
            stage.clock.advance(by: 1)
            #expect(await eventually { stage.results.count == 1 })
            #expect(!(await metrics(monitor)).contains("hunter2"))
        }
        #expect(!stage.logs.all.joined().contains("hunter2"))
    }
}
