internal import NIOCore

/// Runs tasks on one event loop.
///
/// A request of the monitor's server is read, answered and written by tasks, and what it asks for may be a probe on the
/// network: on the loop of its connection all of it happens on one thread, and nobody is woken on the way. It must not
/// run what blocks.
final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
