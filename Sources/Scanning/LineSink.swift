internal import Dispatch
internal import Synchronization

/// Whole lines on their way to a file descriptor, in the order of their numbers or as they come. A thread of its own
/// writes them, so that a slow reader of ours keeps nobody else waiting but the workers, and those without a thread.
final class LineSink: Sendable {
    /// A line with its line feed, and what the summary counts of it.
    struct Line: Sendable {
        var octets: [UInt8]
        var facts: LineFacts
    }

    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State: ~Copyable {
        /// The number of the line that is due, where the order is kept.
        var due = 0
        var early: [Int: Line] = [:]
        var earlyLength = 0
        var ready: [UInt8] = []
        var summary = ScanSummary()
        var waiters: [Waiter] = []
        var isClosed = false
        var failure: Int32?

        mutating func release(_ line: consuming Line) {
            ready += line.octets
            summary.count(line.facts)
        }

        /// Those who may go on; none while there is too much.
        mutating func freed() -> [Waiter] {
            guard failure != nil || isClosed || earlyLength + ready.count < LineSink.limit else { return [] }
            defer { waiters = [] }
            return waiters
        }
    }

    /// Octets that wait to be written, and for those before them, at most: then workers wait too.
    private static let limit = 12 << 20
    /// Written at once from so many octets on; fewer wait for company, but not for long.
    private static let worthwhile = 256 << 10
    private static let patience = DispatchTimeInterval.milliseconds(20)

    private let descriptor: Int32
    private let isOrdered: Bool
    private let state = Mutex(State())
    private let call = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)

    init(descriptor: Int32, isOrdered: Bool) {
        self.descriptor = descriptor
        self.isOrdered = isOrdered
        let thread = DispatchQueue(label: "mailsonde.lines")
        thread.async { self.write() }
    }

    /// Takes the line of that number. Waits while there is too much to write.
    func put(_ line: consuming Line, number: Int) async {
        let line = line
        let (isWorthwhile, mustWait, freed) = state.withLock { state -> (Bool, Bool, [Waiter]) in
            let before = state.ready.count
            if !isOrdered {
                state.release(line)
            } else if number == state.due {
                state.release(line)
                state.due += 1
                while let next = state.early.removeValue(forKey: state.due) {
                    state.earlyLength -= next.octets.count
                    state.release(next)
                    state.due += 1
                }
            } else {
                state.earlyLength += line.octets.count
                state.early[number] = line
            }
            let isWorthwhile = before < Self.worthwhile && state.ready.count >= Self.worthwhile
            let freed = state.freed()
            let mustWait =
                state.failure == nil && !state.isClosed && state.earlyLength + state.ready.count >= Self.limit
            return (isWorthwhile, mustWait, freed)
        }
        if isWorthwhile { call.signal() }
        for waiter in freed { waiter.resume() }
        if mustWait { await waitForRoom() }
    }

    private func waitForRoom() async {
        await withCheckedContinuation { waiter in
            let freed = state.withLock { state in
                state.waiters.append(waiter)
                return state.freed()
            }
            for waiter in freed { waiter.resume() }
        }
    }

    /// What has been counted of the lines handed on so far.
    var summary: ScanSummary { state.withLock { $0.summary } }

    /// The number of the error that ended the writing, where one did.
    var failure: Int32? { state.withLock { $0.failure } }

    /// Writes what is ready and ends. Lines that still wait for those before them are dropped.
    func close() async {
        let waiters = state.withLock { state in
            state.isClosed = true
            state.early = [:]
            state.earlyLength = 0
            return state.freed()
        }
        for waiter in waiters { waiter.resume() }
        call.signal()
        await withCheckedContinuation { ended in
            DispatchQueue.global().async {
                self.done.wait()
                ended.resume()
            }
        }
    }

    // MARK: On the thread that writes

    private func write() {
        defer { done.signal() }
        while true {
            _ = call.wait(timeout: .now() + Self.patience)
            let (octets, isClosed) = state.withLock { state in
                let octets = state.ready
                state.ready = []
                return (octets, state.isClosed)
            }
            if !octets.isEmpty, let failure = WholeWriting.write(octets, to: descriptor) {
                state.withLock { $0.failure = failure }
            }
            let (freed, hasFailed) = state.withLock { ($0.freed(), $0.failure != nil) }
            for waiter in freed { waiter.resume() }
            if hasFailed || (isClosed && octets.isEmpty) { return }
        }
    }
}
