internal import Synchronization

/// Entries on their way from the thread that reads them to the workers, in their order, each with its number from 0;
/// a bounded number of them. Workers wait without keeping a thread; the reader may keep its own.
final class EntryQueue: Sendable {
    struct Numbered: Sendable {
        var number: Int
        var entry: ScanEntry
    }

    fileprivate typealias Waiter = CheckedContinuation<Numbered?, Never>

    fileprivate struct State: ~Copyable {
        var entries: [ScanEntry] = []
        var head = 0
        var number = 0
        var waiters: [Waiter] = []
        var isEnded = false
    }

    private let state = Mutex(State())
    private let room: Latch

    /// - Parameter capacity: the reader is held up while more wait.
    init(capacity: Int) { room = Latch(limit: capacity) }

    /// Hands entries over; waits on this thread while there are too many. False once nobody wants any more.
    func add(_ entries: [ScanEntry]) -> Bool {
        guard room.enter(entries.count) else { return false }
        let served: [(Waiter, Numbered)] = state.withLock { state in
            if state.isEnded { return [] }
            if state.head > 0 {
                state.entries.removeFirst(state.head)
                state.head = 0
            }
            state.entries += entries
            var served: [(Waiter, Numbered)] = []
            while let waiter = state.waiters.last, let next = state.next() {
                state.waiters.removeLast()
                served.append((waiter, next))
            }
            return served
        }
        room.leave(served.count)
        for (waiter, entry) in served { waiter.resume(returning: entry) }
        return true
    }

    /// The next entry; nil at the end.
    func next() async -> Numbered? {
        let (entry, isEnded) = state.withLock { ($0.next(), $0.isEnded) }
        if let entry {
            room.leave(1)
            return entry
        }
        if isEnded { return nil }
        return await withCheckedContinuation { waiter in
            let outcome: Numbered?? = state.withLock { state in
                if let next = state.next() { return .some(next) }
                if state.isEnded { return .some(nil) }
                state.waiters.append(waiter)
                return nil
            }
            guard let outcome else { return }
            if outcome != nil { room.leave(1) }
            waiter.resume(returning: outcome)
        }
    }

    /// Nothing will be added; what is there will still be given out.
    func end() {
        let waiters = state.withLock { state in
            state.isEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: nil) }
    }

    /// Nothing is given out any more.
    func abandon() {
        state.withLock { state in
            state.entries = []
            state.head = 0
        }
        room.open()
        end()
    }
}

extension EntryQueue.State {
    fileprivate mutating func next() -> EntryQueue.Numbered? {
        guard head < entries.count else { return nil }
        defer {
            head += 1
            number += 1
        }
        return EntryQueue.Numbered(number: number, entry: entries[head])
    }
}
