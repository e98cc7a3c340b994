package import NIOCore
internal import NIOPosix

/// Runs tasks on one event loop.
///
/// What a task says to a connection of the same loop, and what it hears from it, happens on one thread, and nobody is
/// woken on the way: that is most of what a short conversation costs. It must not run what blocks or computes for long.
package final class LoopExecutor: TaskExecutor {
    package let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    /// On the next in turn of the process's event loops.
    package static func next() -> LoopExecutor { LoopExecutor(MultiThreadedEventLoopGroup.singleton.next()) }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs `operation` and what it begins on one event loop: the one we are at home on, otherwise the next in turn.
package func onOneEventLoop<Value: Sendable>(_ operation: @Sendable () async -> Value) async -> Value {
    if TaskHome.executor != nil { return await operation() }
    let home = LoopExecutor.next()
    return await TaskHome.$executor.withValue(home) {
        await withTaskExecutorPreference(home) { await operation() }
    }
}

/// Waits `seconds`, by a timer of the event loop that the task is at home on: no other thread is woken for it. Elsewhere
/// as `Task.sleep` does. Throws an error as soon as the task is cancelled.
package func pause(seconds: Double) async throws {
    guard let home = TaskHome.executor as? LoopExecutor else { return try await Task.sleep(for: .seconds(seconds)) }
    let timer = home.loop.scheduleTask(in: Deadline.after(seconds: seconds).timeAmount) {}
    try await withTaskCancellationHandler {
        try await timer.futureResult.get()
    } onCancel: {
        timer.cancel()
    }
}
