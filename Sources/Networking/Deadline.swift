internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// The moment by which an answer has to be there. One deadline is passed down instead of many timeouts.
package struct Deadline: Hashable, Sendable {
    /// nil: never.
    package let instant: ContinuousClock.Instant?

    package init(_ instant: ContinuousClock.Instant?) { self.instant = instant }

    /// Waits as long as it takes.
    package static let never = Deadline(nil)

    /// `seconds` from now: negative and NaN count as 0, a century and more as never.
    package static func after(seconds: Double) -> Deadline {
        guard seconds < 3_155_760_000 else { return seconds.isNaN ? Deadline(.now) : .never }
        return Deadline(.now + .seconds(max(0, seconds)))
    }

    /// Seconds left: 0 once it has passed, infinite for ``never``.
    package var remainingSeconds: Double {
        guard let instant else { return .infinity }
        return max(0, ContinuousClock.now.duration(to: instant) / .seconds(1))
    }

    package var hasPassed: Bool { instant.map { $0 <= .now } ?? false }

    /// The earlier of the two.
    package func sooner(of other: Deadline) -> Deadline {
        switch (instant, other.instant) {
        case (let a?, let b?): Deadline(min(a, b))
        case (let a?, nil): Deadline(a)
        case (nil, let b): Deadline(b)
        }
    }

    /// This deadline, or `seconds` from now where that is sooner.
    package func capped(seconds: Double) -> Deadline { sooner(of: .after(seconds: seconds)) }
}

/// Where tasks that leave their parent's side go on.
///
/// A task executor is inherited by child tasks and not by others; whoever serves requests on one event loop says so here,
/// so that what is begun on the way does not go to another thread and back.
package enum TaskHome {
    /// nil: the system's threads.
    @TaskLocal package static var executor: (any TaskExecutor)?
}

/// What ``withDeadline(_:operation:)`` throws when the time is up.
package struct DeadlinePassed: Error, Hashable, CustomStringConvertible {
    package init() {}
    package var description: String { "the deadline passed" }
}

/// Runs `operation` and comes back with what it gave, or with ``DeadlinePassed`` at the deadline, or with
/// `CancellationError` as soon as the caller is cancelled, whether `operation` heeds its cancellation or not: one
/// that does not is left behind, cancelled, to end by itself, and what it gives is dropped.
///
/// A task group would wait for both of its children, and cancellation does not reach futures of NIO.
package func withDeadline<T: Sendable>(
    _ deadline: Deadline, operation: @escaping @Sendable () async throws -> T
) async throws -> T {
    if deadline.hasPassed { throw DeadlinePassed() }
    try Task.checkCancellation()
    let race = Race<T>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            race.begin(continuation)
            race.add(
                Task(executorPreference: TaskHome.executor) {
                    do { race.finish(.success(try await operation())) } catch { race.finish(.failure(error)) }
                })
            if deadline.instant != nil { race.add(alarmAt: deadline) }
        }
    } onCancel: {
        race.finish(.failure(CancellationError()))
    }
}

/// The first to finish resumes the one who waits; the other runners are cancelled.
private final class Race<T: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<T, any Error>?
        var result: Result<T, any Error>?
        var runner: Task<Void, Never>?
        var alarm: Scheduled<Void>?
    }

    private let state = NIOLockedValueBox(State())

    func begin(_ continuation: CheckedContinuation<T, any Error>) {
        let early = state.withLockedValue { state in
            if state.result == nil { state.continuation = continuation }
            return state.result
        }
        if let early { continuation.resume(with: early) }
    }

    func add(_ runner: Task<Void, Never>) {
        let late = state.withLockedValue { state in
            if state.result == nil { state.runner = runner }
            return state.result != nil
        }
        if late { runner.cancel() }
    }

    /// A timer of an event loop, of the one we are on where there is one: cheaper than a sleeping task.
    func add(alarmAt deadline: Deadline) {
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        let alarm = loop.scheduleTask(in: .nanoseconds(Int64(deadline.remainingSeconds * 1e9))) {
            self.finish(.failure(DeadlinePassed()))
        }
        let late = state.withLockedValue { state in
            if state.result == nil { state.alarm = alarm }
            return state.result != nil
        }
        if late { alarm.cancel() }
    }

    func finish(_ result: Result<T, any Error>) {
        let ended = state.withLockedValue { state -> State? in
            guard state.result == nil else { return nil }
            let before = state
            state = State(result: result)
            return before
        }
        guard let ended else { return }
        ended.runner?.cancel()
        ended.alarm?.cancel()
        ended.continuation?.resume(with: result)
    }
}
