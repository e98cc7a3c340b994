package import NIOCore
internal import NIOPosix

/// Runs tasks on one event loop.
///
/// What a task says to a connection of the same loop, and what it hears from it, happens on one thread, and nobody is
/// woken on the way: that is most of what a short conversation costs. It must not run what blocks or computes for long.
package final class LoopExecutor: TaskExecutor {
    package let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Runs `operation` and what it begins on one event loop: the one we are at home on, otherwise the next in turn.
package func onOneEventLoop<Value: Sendable>(_ operation: @Sendable () async -> Value) async -> Value {
    if TaskHome.executor != nil { return await operation() }
    let home = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())
    return await TaskHome.$executor.withValue(home) {
        await withTaskExecutorPreference(home) { await operation() }
    }
}
