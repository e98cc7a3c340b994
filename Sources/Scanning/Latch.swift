internal import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Holds a thread up while too much is on its way. For the threads that read and write, which are ours to keep: tasks
/// never wait here.
final class Latch: Sendable {
    private struct State: ~Copyable {
        var inside = 0
        var isOpen = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Waits until less than the limit is inside, then lets `count` in, at once even if that is more.
    /// False where it was opened for good.
    func enter(_ count: Int) -> Bool {
        var pause: UInt32 = 200
        while true {
            let entered: Bool? = state.withLock { state in
                if state.isOpen { return false }
                guard state.inside < limit else { return nil }
                state.inside += count
                return true
            }
            if let entered { return entered }
            usleep(pause)
            pause = min(pause * 2, 5_000)
        }
    }

    func leave(_ count: Int) { state.withLock { $0.inside -= count } }

    /// Lets everybody through, from now on.
    func open() { state.withLock { $0.isOpen = true } }
}
