internal import DNS

/// Who waits for an answer.
struct Waiter {
    enum Kind {
        case one(UnsafeContinuation<Outcome, Never>)
        case member(Batch, Int)
    }

    /// By this it is cancelled.
    let ticket: UInt64
    /// When it has waited long enough; `.max`: as long as it takes.
    let deadline: Int64
    let kind: Kind
    /// Whether it runs on the engine's thread.
    let isBeside: Bool
}

/// Questions that were asked together. Touched only under the engine's lock, until it is complete.
final class Batch: @unchecked Sendable {
    var outcomes: [Outcome]
    var missing: Int
    var continuation: UnsafeContinuation<[Outcome], Never>?

    init(count: Int) {
        outcomes = Array(repeating: .failure(NetworkResolver.cancelled), count: count)
        missing = count
    }
}

/// A question on its way: who waits, whom it was put to, what came so far. Lives in a slot, and the slot is used again.
struct Flight {
    /// A query over UDP that may still be answered.
    struct Sent {
        var socket: Int32
        var id: UInt16
        var server: Int
        var edns: Bool
        /// The socket's when it was sent.
        var strays: UInt32
    }

    /// A query over TCP, waiting for its turn or on the way.
    struct Stream {
        var server: Int
        var edns: Bool
        /// What was wrong with the datagram; nil where it was truncated.
        var garbled: String?
        var task: Task<Void, Never>?
    }

    struct Failure {
        var server: Int
        var overTCP = false
        var failure: Unanswered
    }

    enum State { case free, inLine, flying }

    /// Counts the uses of the slot.
    var generation: UInt32 = 0
    var state = State.free
    var question = Question(.root, .a)
    var hash: UInt64 = 0
    var first: Waiter?
    var others: [Waiter] = []
    /// The soonest of the waiters' deadlines.
    var waiterDue = Int64.max

    var started: Int64 = 0
    var deadline = Int64.max
    var nextTry = Int64.max

    /// At the end of the aliases so far.
    var asked = Question(.root, .a)
    var aliases: [Record] = []
    var authenticated = true
    /// Of the responses that led on, where signatures are wanted.
    var proofs: [Answer.Proof] = []
    var overTCP = false

    // Whom to ask next: round by round, those that are well first.
    var round = 0
    var position = 0
    var start = 0
    var unwell: UInt64 = 0
    /// Servers that failed: not asked again.
    var excluded: UInt64 = 0
    /// Whom the last query went to.
    var latest = 0

    var sent: Sent?
    var moreSent: [Sent] = []
    var streams: [Stream] = []
    var failures: [Failure] = []
    /// Datagrams with the right id and another question.
    var ignored: UInt32 = 0

    /// What was said without the SOA record that belongs to it, and how often.
    var doubted: Answer.Kind?
    var doubts = 0

    var listening: Int { (sent == nil ? 0 : 1) + moreSent.count + streams.count }

    mutating func add(_ query: Sent) {
        if sent == nil { sent = query } else { moreSent.append(query) }
    }

    mutating func takeSent(socket: Int32, id: UInt16) -> Sent? {
        if let only = sent, only.socket == socket, only.id == id {
            sent = moreSent.popLast()
            return only
        }
        guard let index = moreSent.firstIndex(where: { $0.socket == socket && $0.id == id }) else { return nil }
        return moreSent.remove(at: index)
    }

    mutating func add(_ waiter: Waiter) {
        if first == nil { first = waiter } else { others.append(waiter) }
        waiterDue = min(waiterDue, waiter.deadline)
    }

    var hasWaiters: Bool { first != nil || !others.isEmpty }

    /// Takes those out that `condition` says.
    mutating func takeWaiters(where condition: (Waiter) -> Bool) -> [Waiter] {
        var taken: [Waiter] = []
        if let waiter = first, condition(waiter) {
            taken.append(waiter)
            first = nil
        }
        taken += others.filter(condition)
        others.removeAll(where: condition)
        waiterDue = others.reduce(first?.deadline ?? .max) { min($0, $1.deadline) }
        return taken
    }

    /// The slot is free for the next.
    mutating func clear() {
        generation &+= 1
        state = .free
        first = nil
        if !others.isEmpty { others = [] }
        waiterDue = .max
        nextTry = .max
        if !aliases.isEmpty { aliases = [] }
        if !proofs.isEmpty { proofs = [] }
        authenticated = true
        overTCP = false
        if !failures.isEmpty { failures = [] }
        ignored = 0
        doubted = nil
        doubts = 0
    }
}
