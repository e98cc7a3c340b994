package import Mail
internal import Networking

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What time it is, and waiting: handed in, so that tests pass a day in a moment.
package protocol MonitorClock: Sendable {
    /// Never goes back.
    func now() -> Timestamp
    /// Returns at `moment`, or throws `CancellationError`.
    func sleep(until moment: Timestamp) async throws
}

/// The wall clock as it was at the start, and from there on a clock that nobody sets: an administrator who turns the
/// clock back does not stop the probes.
package struct SystemMonitorClock: MonitorClock {
    private let start: ContinuousClock.Instant
    private let wallAtStart: Double

    package init() {
        start = .now
        wallAtStart = Timestamp.wallClock().secondsSince1970
    }

    package func now() -> Timestamp { Timestamp(wallAtStart + start.duration(to: .now) / .seconds(1)) }

    package func sleep(until moment: Timestamp) async throws {
        let wait = min(max(0, moment - now()), 86_400)
        try await pause(seconds: wait)
    }
}

extension Timestamp {
    /// What the system's clock says now.
    package static func wallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }
}
