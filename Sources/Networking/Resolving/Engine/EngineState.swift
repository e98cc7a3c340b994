internal import CDatagrams
internal import DNS

/// All that a resolver knows and has on the way: flights by slot, the cache, the servers and their sockets. Nothing here
/// waits or calls the system but to open sockets; what is to be done outside the lock is left in ``outgoing``,
/// ``deliveries``, ``streamsToStart`` and ``descriptorsToClose``.
struct EngineState: ~Copyable {
    /// What is owed to those outside, in this order.
    enum Delivery: Sendable {
        case report(Question, Outcome, Double)
        case one(UnsafeContinuation<Outcome, Never>, Outcome)
        case batch(Batch)
    }

    struct StreamStart: Sendable {
        var slot: Int
        var generation: UInt32
        var server: Int
        var query: Message
        var to: ResolverServer
        var deadline: Int64
    }

    let settings: NetworkResolver.Settings
    /// The resolver's own.
    let deadline: Int64
    let reports: Bool
    let waiter: cdatagrams_poll
    var now: Int64

    var servers: [Server]
    var nextStart = 0
    var allowance: Allowance
    var sockets: [Socket?] = []
    var freeSockets: [Int32] = []
    var pending = PendingTable()
    var random = RandomPool()

    var flights: UnsafeMutablePointer<Flight>
    var capacity = 0
    var freeFlights: [Int32] = []
    var table = QuestionTable()
    var wheel: TimerWheel
    var cache: AnswerCache
    var flying = 0
    /// Those that wait for their turn, from `lineHead` on; who left is still there, with an old generation.
    var line: [(slot: Int32, generation: UInt32)] = []
    var lineHead = 0
    /// When the rate allows the next of them to go; `.max`: the rate is not what they wait for.
    var lineDue = Int64.max

    var outgoing = Outgoing()
    var deliveries: [Delivery] = []
    var streaming = 0
    var streamLine: [StreamStart] = []
    var streamsToStart: [StreamStart] = []
    var descriptorsToClose: [Int32] = []
    var due: [Int32] = []
    var pace: Pace
    /// Another thread was here since the last turn.
    var hasNews = false

    init(_ settings: NetworkResolver.Settings, deadline: Int64, reports: Bool, waiter: cdatagrams_poll, now: Int64) {
        self.settings = settings
        self.deadline = deadline
        self.reports = reports
        self.waiter = waiter
        self.now = now
        servers = settings.servers.prefix(NetworkResolver.Settings.mostServers).map {
            Server($0, perSecond: settings.queriesPerSecondAndServer, now: now)
        }
        pace = Pace(settings)
        allowance = Allowance(perSecond: settings.queriesPerSecond, now: now)
        flights = .allocate(capacity: 1)
        wheel = TimerWheel(now: now)
        cache = AnswerCache(
            capacity: settings.cacheCapacity, octetCapacity: settings.cacheOctets, failureTTL: settings.failureTTL)
    }

    deinit {
        flights.deinitialize(count: capacity)
        flights.deallocate()
        for case let socket? in sockets { cdatagrams_close(socket.descriptor) }
        for descriptor in descriptorsToClose { cdatagrams_close(descriptor) }
    }

    // MARK: Joining and leaving

    /// What is known already; otherwise the waiter joins the question's flight, or begins it.
    /// - Parameter isNew: nothing is kept: the caller has just looked.
    mutating func join(_ question: Question, hash: UInt64, isNew: Bool = false, _ waiter: Waiter) -> Outcome? {
        if !isNew, let kept = cache.outcome(question, hash: hash, at: now) { return kept }
        if let slot = find(question, hash) {
            flights[slot].add(waiter)
            if waiter.deadline < .max { reschedule(slot) }
            return nil
        }
        let slot = takeSlot()
        flights[slot].question = question
        flights[slot].hash = hash
        flights[slot].add(waiter)
        flights[slot].state = .inLine
        table.insert(hash, slot)
        if lineHead == line.count, mayBegin() {
            begin(slot)
        } else {
            line.append((Int32(slot), flights[slot].generation))
            if waiter.deadline < .max { reschedule(slot) }
        }
        return nil
    }

    func find(_ question: Question, _ hash: UInt64) -> Int? {
        table.find(hash) { flights[$0].question == question }
    }

    private mutating func takeSlot() -> Int {
        if let slot = freeFlights.popLast() { return Int(slot) }
        let wider = max(64, capacity * 2)
        let moved = UnsafeMutablePointer<Flight>.allocate(capacity: wider)
        moved.moveInitialize(from: flights, count: capacity)
        flights.deallocate()
        flights = moved
        for slot in capacity..<wider { (flights + slot).initialize(to: Flight()) }
        freeFlights.append(contentsOf: ((capacity + 1)..<wider).reversed().map(Int32.init))
        wheel.grow(to: wider)
        defer { capacity = wider }
        return capacity
    }

    /// The waiter is told `failure`; the last one to leave ends the flight.
    mutating func leave(_ question: Question, hash: UInt64, ticket: UInt64, with failure: Unanswered) {
        guard let slot = find(question, hash) else { return }
        let leaving = flights[slot].takeWaiters { $0.ticket == ticket }
        for waiter in leaving { tell(waiter, .failure(failure)) }
        if leaving.isEmpty { return }
        if flights[slot].hasWaiters { reschedule(slot) } else { drop(slot) }
    }

    // MARK: Taking turns

    private mutating func mayBegin() -> Bool {
        guard flying < pace.window else {
            lineDue = .max
            pace.isFull()
            return false
        }
        let next = max(allowance.next(at: now), soonestServer(), pace.next(at: now))
        lineDue = next > now ? next : .max
        return next <= now
    }

    /// Whether questions wait because as many as may be are on the way.
    var isFull: Bool { lineHead < line.count && lineDue == .max }

    /// When some server may be asked.
    private mutating func soonestServer() -> Int64 {
        if settings.queriesPerSecondAndServer == nil { return now }
        var soonest = Int64.max
        for index in servers.indices { soonest = min(soonest, servers[index].allowance.next(at: now)) }
        return soonest
    }

    /// Lets those in line begin, as far as there is room and the rate allows.
    mutating func admit() {
        while lineHead < line.count {
            let (slot, generation) = line[lineHead]
            let isThere = flights[Int(slot)].generation == generation && flights[Int(slot)].state == .inLine
            if isThere, !mayBegin() { break }
            lineHead += 1
            if isThere { begin(Int(slot)) }
        }
        if lineHead == line.count {
            line.removeAll(keepingCapacity: line.count < 100_000)
            lineHead = 0
            lineDue = .max
        } else if lineHead > 4096, lineHead > line.count / 2 {
            line.removeFirst(lineHead)
            lineHead = 0
        }
    }

    private mutating func begin(_ slot: Int) {
        flying += 1
        allowance.take()
        pace.took()
        flights[slot].state = .flying
        flights[slot].started = now
        flights[slot].deadline = min(deadline, now &+ settings.timeoutNanoseconds)
        flights[slot].asked = flights[slot].question
        plan(slot)
        proceed(slot)
    }

    // MARK: Time

    /// Does what is due by now; gives when to come again.
    mutating func turn(at now: Int64) -> Int64 {
        self.now = now
        wheel.takeDue(at: now, into: &due)
        for slot in due { fire(Int(slot)) }
        due.removeAll(keepingCapacity: true)
        admit()
        return min(wheel.nextLook, lineDue)
    }

    private mutating func fire(_ slot: Int) {
        guard flights[slot].state != .free else { return }
        if flights[slot].waiterDue <= now {
            let now = now
            for waiter in flights[slot].takeWaiters(where: { $0.deadline <= now }) {
                tell(waiter, .failure(NetworkResolver.late))
            }
            guard flights[slot].hasWaiters else { return drop(slot) }
        }
        if flights[slot].state == .flying {
            if flights[slot].deadline <= now { return expire(slot) }
            if flights[slot].nextTry <= now { return pauseIsOver(slot) }
        }
        reschedule(slot)
    }

    mutating func reschedule(_ slot: Int) {
        let due =
            flights[slot].state == .flying
            ? min(flights[slot].nextTry, flights[slot].deadline, flights[slot].waiterDue) : flights[slot].waiterDue
        wheel.set(slot, due: due)
    }

    // MARK: Ending

    /// The flight has landed: the outcome is kept and told.
    mutating func finish(_ slot: Int, _ result: Outcome) {
        var outcome = result
        let seconds = Double(max(1, now - flights[slot].started)) / 1e9
        if case .success(var answer) = result {
            answer.seconds = seconds
            outcome = .success(answer)
        }
        if settings.adapts, flights[slot].round == 0, case .success = outcome {
            pace.answered(after: now - flights[slot].started, started: flights[slot].started)
        }
        cache.keep(outcome, for: flights[slot].question, hash: flights[slot].hash, at: now)
        if reports { deliveries.append(.report(flights[slot].question, outcome, seconds)) }
        if let waiter = flights[slot].first { tell(waiter, outcome) }
        for waiter in flights[slot].others { tell(waiter, outcome) }
        drop(slot)
    }

    private mutating func tell(_ waiter: Waiter, _ outcome: Outcome) {
        switch waiter.kind {
        case .one(let continuation):
            // Who waits on the engine's thread does not run before it has done: nothing is won by waiting.
            if waiter.isBeside, !reports { return continuation.resume(returning: outcome) }
            deliveries.append(.one(continuation, outcome))
        case .member(let batch, let index):
            batch.outcomes[index] = outcome
            batch.missing -= 1
            if batch.missing == 0 { deliveries.append(.batch(batch)) }
        }
    }

    /// Forgets the flight, whatever is on the way for it.
    mutating func drop(_ slot: Int) {
        wheel.cancel(slot)
        table.remove(flights[slot].hash, slot)
        silence(slot)
        if flights[slot].state == .flying { flying -= 1 }
        flights[slot].clear()
        freeFlights.append(Int32(slot))
    }

    /// Nothing more is listened for.
    mutating func silence(_ slot: Int) {
        if let sent = flights[slot].sent { forget(sent) }
        for sent in flights[slot].moreSent { forget(sent) }
        for stream in flights[slot].streams { stream.task?.cancel() }
        flights[slot].sent = nil
        if !flights[slot].moreSent.isEmpty { flights[slot].moreSent = [] }
        if !flights[slot].streams.isEmpty { flights[slot].streams = [] }
    }
}
