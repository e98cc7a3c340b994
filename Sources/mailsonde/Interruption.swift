import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Does `work`; at the first Ctrl-C its task is cancelled, so that it ends with what is known, at the second the
/// process ends.
func interruptible<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
    await interruptible(by: [SIGINT], work).result
}

/// The same for other signals; tells which came first, if one did.
func interruptible<Result: Sendable>(
    by signals: [Int32], _ work: @escaping @Sendable () async -> Result
) async -> (result: Result, signal: Int32?) {
    let task = Task { await work() }
    let first = FirstSignal()
    let sources = signals.map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            if task.isCancelled { _exit(128 + number) }
            first.note(number)
            task.cancel()
        }
        source.resume()
        return source
    }
    let result = await task.value
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
    return (result, first.number)
}

/// Which signal came first.
private final class FirstSignal: Sendable {
    private let value = Atomic<Int32>(0)

    var number: Int32? {
        let number = value.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    func note(_ number: Int32) {
        _ = value.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    }
}
