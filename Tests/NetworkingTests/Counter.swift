import Synchronization

/// Counts on any thread.
final class Counter: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock { $0 } }
    func add(_ more: Int = 1) { number.withLock { $0 += more } }
}

/// Keeps names in the order they came.
final class Names: Sendable {
    private let names = Mutex<[String?]>([])
    var all: [String?] { names.withLock { $0 } }
    func add(_ name: String?) { names.withLock { $0.append(name) } }
}
