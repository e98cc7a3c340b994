internal import NIOConcurrencyHelpers

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
                Task {
                    do { race.finish(.success(try await operation())) } catch { race.finish(.failure(error)) }
                })
            if let instant = deadline.instant {
                race.add(
                    Task {
                        try? await Task.sleep(until: instant, clock: .continuous)
                        if !Task.isCancelled { race.finish(.failure(DeadlinePassed())) }
                    })
            }
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
        var runners: [Task<Void, Never>] = []
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
            if state.result == nil { state.runners.append(runner) }
            return state.result != nil
        }
        if late { runner.cancel() }
    }

    func finish(_ result: Result<T, any Error>) {
        let (continuation, runners) = state.withLockedValue {
            state -> (CheckedContinuation<T, any Error>?, [Task<Void, Never>]) in
            guard state.result == nil else { return (nil, []) }
            state.result = result
            defer {
                state.continuation = nil
                state.runners = []
            }
            return (state.continuation, state.runners)
        }
        for runner in runners { runner.cancel() }
        continuation?.resume(with: result)
    }
}
