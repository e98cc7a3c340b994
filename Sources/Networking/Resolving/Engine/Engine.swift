internal import CDatagrams
internal import DNS
internal import NIOConcurrencyHelpers
internal import Synchronization

/// The thread that does the asking, and the tasks that want to run beside it.
///
/// One turn of its loop: run the tasks that are ready, do what is due, send what was asked in one batch, wait for
/// answers, take them in batches. A task that runs on this thread (it is a `TaskExecutor`) asks with no switch of
/// threads and nobody to wake; others take a lock and ring.
final class Engine: TaskExecutor, @unchecked Sendable {
    /// Touched under the lock only.
    private let state: UnsafeMutablePointer<EngineState>
    private let lock = NIOLock()
    private let waiter: cdatagrams_poll
    private let report: (@Sendable (Question, Outcome, Double) -> Void)?
    let seed: UInt64
    private let tickets = Atomic<UInt64>(1)
    /// Connections over TCP that may be used again.
    private let streams = KeptStreams()

    /// Whether the thread waits, or is about to: who brings work then has to ring.
    private let isAsleep = Atomic(false)
    private let isStarted = Atomic(false)
    private let isStopped = Atomic(false)
    /// Jobs from other threads.
    private let foreign = Mutex<[UnownedJob]>([])
    /// Jobs from the thread itself: touched by nobody else.
    private let own: UnsafeMutablePointer<[UnownedJob]>

    /// Nanoseconds that tasks may have before the sockets are looked after.
    private static let slice: Int64 = 150_000

    init(
        _ settings: NetworkResolver.Settings, deadline: Deadline,
        report: (@Sendable (Question, Outcome, Double) -> Void)?
    ) {
        var waiter = cdatagrams_poll(waiter: -1, bell: -1)
        cdatagrams_poll_open(&waiter)
        self.waiter = waiter
        self.report = report
        seed = UInt64.random(in: 0...UInt64.max)
        let now = cdatagrams_now()
        let due = deadline.nanoseconds(from: now)
        let reports = report != nil
        state = .allocate(capacity: 1)
        state.initialize(to: EngineState(settings, deadline: due, reports: reports, waiter: waiter, now: now))
        own = .allocate(capacity: 1)
        own.initialize(to: [])
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
        own.deinitialize(count: 1)
        own.deallocate()
        cdatagrams_poll_close(waiter)
    }

    @inline(__always)
    private func locked<R>(_ body: (inout EngineState) -> R) -> R {
        lock.lock()
        defer { lock.unlock() }
        return body(&state.pointee)
    }
}

// MARK: Asking

extension Engine {
    /// Whether the caller runs on the engine's thread.
    var isMine: Bool { cdatagrams_mine() == address }

    private var address: UnsafeRawPointer { unsafeBitCast(self, to: UnsafeRawPointer.self) }

    func hash(_ question: Question) -> UInt64 {
        question.name.hash(seed: seed) &+ UInt64(question.type.number) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Whether questions wait because as many as may be are on the way.
    var isFull: Bool { locked { $0.isFull } }

    func newTicket() -> UInt64 { tickets.add(1, ordering: .relaxed).newValue }

    /// What is kept.
    /// - Parameter isBeside: whether the caller runs on the engine's thread: ``isMine``.
    func kept(_ question: Question, _ hash: UInt64, isBeside: Bool) -> Outcome? {
        locked { state in
            if !isBeside { state.now = cdatagrams_now() }
            return state.cache.outcome(question, hash: hash, at: state.now)
        }
    }

    /// For a question of which nothing was kept a moment ago.
    func join(
        _ question: Question, _ hash: UInt64, ticket: UInt64, by deadline: Deadline, isBeside isMine: Bool,
        _ continuation: UnsafeContinuation<Outcome, Never>
    ) {
        let kept = locked { state in
            if !isMine { state.isCalled(at: cdatagrams_now()) }
            return state.join(
                question, hash: hash, isNew: isMine,
                Waiter(
                    ticket: ticket, deadline: deadline.nanoseconds(from: state.now), kind: .one(continuation),
                    isBeside: isMine))
        }
        if let kept { continuation.resume(returning: kept) }
        if !isMine { call() }
    }

    /// All of them at once, with one lock and one suspension.
    func join(
        _ questions: [Question], ticket: UInt64, by deadline: Deadline,
        _ continuation: UnsafeContinuation<[Outcome], Never>
    ) {
        let isMine = isMine
        let batch = Batch(count: questions.count)
        let isComplete = locked { state in
            if !isMine { state.isCalled(at: cdatagrams_now()) }
            let due = deadline.nanoseconds(from: state.now)
            for (index, question) in questions.enumerated() {
                let waiter = Waiter(ticket: ticket, deadline: due, kind: .member(batch, index), isBeside: isMine)
                if let kept = state.join(question, hash: hash(question), waiter) {
                    batch.outcomes[index] = kept
                    batch.missing -= 1
                }
            }
            // Until now nobody else could complete it: deliveries are made after the lock is left.
            if batch.missing > 0 { batch.continuation = continuation }
            return batch.missing == 0 && batch.continuation == nil
        }
        if isComplete { continuation.resume(returning: batch.outcomes) }
        if !isMine { call() }
    }

    func leave(_ question: Question, _ hash: UInt64, ticket: UInt64) {
        locked { state in
            state.hasNews = true
            state.leave(question, hash: hash, ticket: ticket, with: NetworkResolver.cancelled)
        }
        deliver()
    }

    func leave(_ questions: [Question], ticket: UInt64) {
        locked { state in
            state.hasNews = true
            for question in questions {
                state.leave(question, hash: hash(question), ticket: ticket, with: NetworkResolver.cancelled)
            }
        }
        deliver()
    }

    /// Gives what is owed to those outside, without the lock.
    private func deliver() {
        let (deliveries, streams) = locked { state in
            let owed = (state.deliveries, state.streamsToStart)
            state.deliveries = []
            state.streamsToStart = []
            return owed
        }
        hand(deliveries)
        for stream in streams { start(stream) }
    }

    private func hand(_ deliveries: [EngineState.Delivery]) {
        for delivery in deliveries {
            switch delivery {
            case .report(let question, let outcome, let seconds): report?(question, outcome, seconds)
            case .one(let continuation, let outcome): continuation.resume(returning: outcome)
            case .batch(let batch):
                batch.continuation?.resume(returning: batch.outcomes)
            }
        }
    }

    /// TCP is rare: a task each.
    private func start(_ stream: EngineState.StreamStart) {
        let exchange = Exchange(
            query: stream.query, server: stream.to,
            deadline: .after(seconds: Double(stream.deadline - cdatagrams_now()) / 1e9))
        let task = Task.detached {
            let result = await exchange.run(over: self.streams)
            self.locked { state in
                state.isCalled(at: cdatagrams_now())
                state.streamEnded(stream, result)
            }
            self.deliver()
            self.wake()
        }
        if !locked({ $0.adopt(task, stream) }) { task.cancel() }
    }
}

// MARK: The thread

extension Engine {
    /// Starts the thread where it is not there yet. It keeps the engine until ``stop()``.
    func start() {
        if isStarted.load(ordering: .relaxed) || isStarted.exchange(true, ordering: .sequentiallyConsistent) { return }
        let me = Unmanaged.passRetained(self)
        let began = cdatagrams_run(
            { raw in
                guard let raw else { return }
                let engine = Unmanaged<Engine>.fromOpaque(raw).takeRetainedValue()
                engine.run()
            }, me.toOpaque())
        if !began { me.release() }
    }

    /// There is something to do for the thread.
    private func call() {
        start()
        wake()
    }

    /// The thread ends when its tasks have.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        streams.close()
        wake()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isMine { return own.pointee.append(job) }
        foreign.withLock { $0.append(job) }
        call()
    }

    private func wake() {
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
            cdatagrams_poll_ring(waiter)
        }
    }

    private func run() {
        cdatagrams_set_mine(address)
        defer { cdatagrams_set_mine(nil) }
        var work = LoopWork()
        while true {
            runTasks(&work)
            let next = locked { state in
                let next = state.turn(at: cdatagrams_now())
                work.take(&state)
                return next
            }
            settle(&work)
            let isBusy = !own.pointee.isEmpty || !work.isSettled
            if !isBusy, isStopped.load(ordering: .sequentiallyConsistent), foreign.withLock({ $0.isEmpty }) { return }
            wait(isBusy ? 0 : next, &work)
        }
    }

    /// Runs what is ready, for a slice of time.
    private func runTasks(_ work: inout LoopWork) {
        let others = foreign.withLock { jobs in
            defer { jobs.removeAll(keepingCapacity: true) }
            return jobs
        }
        own.pointee.append(contentsOf: others)
        if own.pointee.isEmpty { return }
        swap(&work.jobs, &own.pointee)
        let end = cdatagrams_now() + Self.slice
        let executor = asUnownedTaskExecutor()
        var done = 0
        while done < work.jobs.count {
            work.jobs[done].runSynchronously(on: executor)
            done += 1
            if done & 7 == 0, cdatagrams_now() > end { break }
        }
        if done < work.jobs.count {
            // The rest comes first in the next turn.
            own.pointee.insert(contentsOf: work.jobs[done...], at: 0)
        }
        work.jobs.removeAll(keepingCapacity: true)
    }

    /// Does what the state left to be done outside the lock.
    private func settle(_ work: inout LoopWork) {
        if !work.outgoing.isEmpty {
            let failed = work.outgoing.send()
            work.outgoing.removeAll()
            if !failed.isEmpty {
                locked { state in
                    for (entry, error) in failed { state.couldNotSend(entry, errno: error) }
                }
                work.isSettled = false
            }
        }
        // Only now: what is still to be sent goes by the descriptors.
        for descriptor in work.closing { cdatagrams_close(descriptor) }
        work.closing.removeAll(keepingCapacity: true)
        hand(work.deliveries)
        work.deliveries.removeAll(keepingCapacity: true)
        for stream in work.streams { start(stream) }
        work.streams.removeAll(keepingCapacity: true)
    }

    private func wait(_ until: Int64, _ work: inout LoopWork) {
        work.isSettled = true
        var duration: Int64 = 0
        if until > 0 {
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            // Whoever came since the turn, before we said that we sleep, has not rung.
            let isQuiet = foreign.withLock { $0.isEmpty } && locked { $0.isQuiet }
            if isQuiet, !isStopped.load(ordering: .sequentiallyConsistent) {
                duration = until == .max ? -1 : max(0, until - cdatagrams_now())
            }
        }
        let ready = cdatagrams_poll_wait(waiter, work.tokens, Int32(LoopWork.mostTokens), duration)
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        for index in 0..<Int(max(0, ready)) { receive(Int(work.tokens[index]) - 1, &work) }
    }

    /// Takes what has come to a socket, some batches at most: others wait too.
    private func receive(_ socket: Int, _ work: inout LoopWork) {
        guard let descriptor = locked({ $0.sockets[socket]?.descriptor }) else { return }
        var refusal: Int32?
        for _ in 0..<8 {
            let count = work.incoming.receive(descriptor)
            if count < 0, Errno(-count) == .refused {
                refusal = -count
                continue
            }
            if count <= 0 { break }
            locked { state in
                state.now = cdatagrams_now()
                for index in 0..<Int(count) {
                    let cut = work.incoming.copy(index, into: &work.scratch)
                    state.received(work.scratch, cut: cut, on: socket)
                }
            }
            if count < CDATAGRAMS_BATCH { break }
        }
        // What had come before that was taken first.
        if let refusal { locked { $0.refused(socket, errno: refusal) } }
    }
}

extension EngineState {
    /// Somebody beside the engine's thread has something: the thread shall look before it sleeps.
    mutating func isCalled(at now: Int64) {
        self.now = max(self.now, now)
        hasNews = true
    }

    /// Nobody has left anything for the engine's thread to do.
    var isQuiet: Bool {
        outgoing.isEmpty && deliveries.isEmpty && streamsToStart.isEmpty && descriptorsToClose.isEmpty && !hasNews
    }
}

extension Deadline {
    /// As a time of the engine's clock; `.max` for never.
    func nanoseconds(from now: Int64) -> Int64 {
        guard instant != nil else { return .max }
        return now &+ Int64(min(remainingSeconds, 3_155_760_000) * 1e9)
    }
}
