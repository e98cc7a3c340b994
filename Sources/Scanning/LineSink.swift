internal import Dispatch
internal import Rendering
internal import Synchronization

/// Lines on their way to a file descriptor, in the order of their numbers or as they come. A thread of its own judges
/// what was seen, writes it down and writes it out, many lines at a time: waking a thread for each would cost as much
/// as some rules do. A slow reader of ours keeps nobody else waiting but the workers, and those without a thread.
final class LineSink: Sendable {
    /// What will be a line: appends it with its line feed to the octets before it, and says what the summary counts.
    typealias Draft = @Sendable (_ octets: inout GrowingOctets) -> LineFacts

    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State: ~Copyable {
        var drafts: [(number: Int, draft: Draft)] = []
        /// Drafts that have become lines, to be let go of where they were made: memory that one thread takes and another
        /// gives back costs both of them more.
        var spent: [(number: Int, draft: Draft)] = []
        /// Octets of lines that are written down and not out.
        var length = 0
        var summary = ScanSummary()
        var waiters: [Waiter] = []
        var isClosed = false
        var failure: Int32?

        var isFull: Bool {
            failure == nil && !isClosed && (length >= LineSink.limit || drafts.count >= LineSink.mostDrafts)
        }

        /// Those who may go on; none while there is too much.
        mutating func freed() -> [Waiter] {
            if isFull { return [] }
            defer { waiters = [] }
            return waiters
        }
    }

    /// Octets that wait to be written, and for those before them, at most: then workers wait too.
    private static let limit = 12 << 20
    /// As many drafts may wait.
    private static let mostDrafts = 256
    /// The thread is woken for so many drafts; fewer wait for company, but not for long.
    private static let worthwhile = 24
    private static let patience = DispatchTimeInterval.milliseconds(20)
    /// Written out at once from so many octets on.
    private static let block = 256 << 10

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
    func put(_ draft: @escaping Draft, number: Int) async {
        let (isWorthwhile, mustWait) = state.withLock { state in
            state.drafts.append((number, draft))
            return (state.drafts.count == Self.worthwhile, state.isFull)
        }
        letGoOfSpent()
        if isWorthwhile { call.signal() }
        if mustWait { await waitForRoom() }
    }

    private func letGoOfSpent() {
        let spent = state.withLock { state in
            defer { state.spent = [] }
            return state.spent
        }
        _ = consume spent
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

    /// What has been counted of the lines written down so far.
    var summary: ScanSummary { state.withLock { $0.summary } }

    /// The number of the error that ended the writing, where one did.
    var failure: Int32? { state.withLock { $0.failure } }

    /// Writes what is there and ends. Lines that still wait for those before them are dropped.
    func close() async {
        let waiters = state.withLock { state in
            state.isClosed = true
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
        var lines = Lines(isOrdered: isOrdered)
        while true {
            _ = call.wait(timeout: .now() + Self.patience)
            let (drafts, isClosed) = state.withLock { state in
                defer { state.drafts = [] }
                return (state.drafts, state.isClosed)
            }
            for (number, draft) in drafts {
                lines.add(draft, number)
                if lines.readyLength >= Self.block, !writeOut(&lines) { return }
            }
            guard writeOut(&lines) else { return }
            if isClosed { return }
            state.withLock { $0.spent += drafts }
        }
    }

    /// Writes out what is ready; false where that is of no use any more.
    private func writeOut(_ lines: inout Lines) -> Bool {
        let failure = lines.writeReady(to: descriptor)
        let waiters = state.withLock { state in
            for facts in lines.facts { state.summary.count(facts) }
            state.length = lines.earlyLength
            state.failure = failure
            return state.freed()
        }
        lines.facts.removeAll(keepingCapacity: true)
        for waiter in waiters { waiter.resume() }
        return failure == nil
    }
}

extension LineSink {
    /// Lines written down, in their order.
    private struct Lines {
        let isOrdered: Bool
        private var ready: [GrowingOctets] = []
        private(set) var readyLength = 0
        /// What the summary counts of the lines in `ready`.
        var facts: [LineFacts] = []
        /// Octets of lines that wait for one before them.
        private(set) var earlyLength = 0
        private var early: [Int: (octets: GrowingOctets, facts: LineFacts)] = [:]
        /// The number of the line that is due, where the order is kept.
        private var due = 0
        /// Room of lines that are out, for those to come: a line is made in one place and written out from there.
        private var spare: [GrowingOctets] = []

        init(isOrdered: Bool) { self.isOrdered = isOrdered }

        mutating func add(_ draft: Draft, _ number: Int) {
            var octets = spare.popLast() ?? GrowingOctets()
            let facts = draft(&octets)
            if isOrdered, number != due {
                earlyLength += octets.count
                early[number] = (octets, facts)
                return
            }
            take(octets, facts)
            while !early.isEmpty, let next = early.removeValue(forKey: due) {
                earlyLength -= next.octets.count
                take(next.octets, next.facts)
            }
        }

        private mutating func take(_ octets: GrowingOctets, _ facts: LineFacts) {
            ready.append(octets)
            readyLength += octets.count
            self.facts.append(facts)
            due += 1
        }

        /// Writes the lines that are ready; gives the number of the error that ended it.
        mutating func writeReady(to descriptor: Int32) -> Int32? {
            let failure = WholeWriting.write(ready, to: descriptor)
            for var octets in ready where octets.capacity <= Self.usualRoom {
                octets.cut(to: 0)
                spare.append(octets)
            }
            ready.removeAll(keepingCapacity: true)
            readyLength = 0
            return failure
        }

        /// Room of more octets than these is given back: few lines need as much.
        private static let usualRoom = 32 << 10
    }
}
