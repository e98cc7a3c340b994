internal import Judgement
package import Mail
internal import Networking
internal import Synchronization
internal import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A list of domains, examined, a line each.
package struct Scan: Sendable {
    package var examination: DomainExamination
    package var line: ScanLine
    /// Domains examined at once.
    package var inFlight: Int
    /// Whether lines come in the order of the list.
    package var isOrdered: Bool
    /// The moment to judge as of; nil: when each domain is begun.
    package var at: Timestamp?
    /// Seconds for the whole; infinite where there is time.
    package var seconds: Double
    /// Where the list comes from and how it is written.
    package var input: Int32
    package var form: ListParser.Form
    /// Where lines go to.
    package var output: Int32
    /// What an earlier run has done.
    package var finished: FinishedLines?

    package init(
        examination: DomainExamination, line: ScanLine, inFlight: Int, isOrdered: Bool, at: Timestamp?,
        seconds: Double, input: Int32, form: ListParser.Form, output: Int32, finished: FinishedLines?
    ) {
        self.examination = examination
        self.line = line
        self.inFlight = inFlight
        self.isOrdered = isOrdered
        self.at = at
        self.seconds = seconds
        self.input = input
        self.form = form
        self.output = output
        self.finished = finished
    }

    /// How a scan came to its end.
    package enum End: Sendable {
        /// All of the list is done.
        case complete
        /// It was cancelled; lines that were not finished are left out.
        case cancelled
        /// The time was up: what was on its way has a line that says so, the rest of the list has none.
        case outOfTime
        /// Nobody reads what we write.
        case readerGone
        case cannotWrite(String)
        case cannotRead(String)
        case badList(ListParser.Problem)
        case otherList(FinishedLines.Mismatch)
    }

    /// How far a scan is.
    package struct Progress: Sendable {
        package var summary: ScanSummary
        package var seconds: Double
        /// The part of the list that has been read, where its size is known (0 to 1).
        package var part: Double?
    }

    /// Runs to the end of the list. `report` is called about every `interval` seconds.
    package func run(
        every interval: Double, _ report: @escaping @Sendable (Progress) -> Void
    ) async -> (end: End, summary: ScanSummary, seconds: Double) {
        let began = ContinuousClock.now
        let queue = EntryQueue(capacity: max(2 * inFlight, 1_024))
        let sink = LineSink(descriptor: output, isOrdered: isOrdered)
        let reading = Reading(size: Self.size(of: input))
        let stop = Flag()
        startReader(into: queue, reading)
        await withTaskCancellationHandler {
            await examination.beside {
                await withTaskGroup(of: Event.self) { group in
                    // Not all at once: so many first questions together would drown a name server's socket. A line
                    // that is done makes room for two, as long as no questions wait for others to be answered.
                    var working = min(inFlight, Self.beginners)
                    for _ in 0..<working { group.addTask { await work(queue, sink, stop) } }
                    group.addTask { await watch(sink, queue, reading, began, stop, interval, report) }
                    for await event in group {
                        switch event {
                        case .hasWorked:
                            group.addTask { await work(queue, sink, stop) }
                            if working < inFlight, !examination.isFull {
                                working += 1
                                group.addTask { await work(queue, sink, stop) }
                            }
                        case .hasEnded:
                            working -= 1
                            if working == 0 { group.cancelAll() }
                        case .mustEnd: group.cancelAll()
                        }
                    }
                }
            }
        } onCancel: {
            queue.abandon()
        }
        await sink.close()
        let seconds = began.duration(to: .now) / .seconds(1)
        return (end(sink, reading, isOutOfTime: stop.isRaised), sink.summary, seconds)
    }

    private func end(_ sink: LineSink, _ reading: Reading, isOutOfTime: Bool) -> End {
        if let failure = sink.failure {
            return failure == EPIPE ? .readerGone : .cannotWrite(OutputFile.reason(failure))
        }
        if let problem = reading.problem { return problem }
        if Task.isCancelled { return .cancelled }
        return isOutOfTime ? .outOfTime : .complete
    }

    /// Raised once.
    private final class Flag: Sendable {
        private let value = Atomic(false)

        var isRaised: Bool { value.load(ordering: .relaxed) }
        func raise() { value.store(true, ordering: .relaxed) }
    }

    // MARK: Workers

    private enum Event: Sendable { case hasWorked, hasEnded, mustEnd }

    /// Domains that the scan begins with.
    private static let beginners = 32

    /// One line.
    private func work(_ queue: EntryQueue, _ sink: LineSink, _ outOfTime: Flag) async -> Event {
        guard let next = await queue.next() else { return .hasEnded }
        let draft = await self.draft(of: next.entry)
        // What was cut short by an interruption is left for the next run; what was cut short by --timeout is told.
        if Task.isCancelled, !outOfTime.isRaised { return .hasEnded }
        await sink.put(draft, number: next.number)
        return .hasWorked
    }

    private func draft(of entry: ScanEntry) async -> LineSink.Draft {
        let at = at ?? Self.wallClock(), line = line
        switch entry.content {
        case .unusable(let text, let reason):
            return { octets in
                line.append(unusable: text, reason: reason, at: at, to: &octets)
                return .unusable
            }
        case .domain(let domain):
            let seen = await examination.look(at: domain, at)
            return { octets in
                let report = seen.report
                line.append(report, to: &octets)
                return LineFacts(report, questions: seen.questions)
            }
        }
    }

    /// Looks after the time, the reader of our output and the progress; ends when there is no use in going on.
    private func watch(
        _ sink: LineSink, _ queue: EntryQueue, _ reading: Reading, _ began: ContinuousClock.Instant,
        _ outOfTime: Flag, _ interval: Double, _ report: @Sendable (Progress) -> Void
    ) async -> Event {
        var next = interval
        while true {
            let elapsed = began.duration(to: .now) / .seconds(1)
            if elapsed >= seconds {
                outOfTime.raise()
                queue.abandon()
                return .mustEnd
            }
            if sink.failure != nil || reading.problem != nil {
                queue.abandon()
                return .mustEnd
            }
            if elapsed >= next {
                next = elapsed + interval
                report(Progress(summary: sink.summary, seconds: elapsed, part: reading.part))
            }
            do {
                try await Task.sleep(for: .seconds(max(0.001, min(0.1, seconds - elapsed))))
            } catch {
                return .mustEnd
            }
        }
    }

    // MARK: Reading

    /// What the thread that reads tells the others.
    private final class Reading: Sendable {
        private let state = Mutex<(read: Int, problem: End?)>((0, nil))
        private let size: Int?

        init(size: Int?) { self.size = size }

        func note(_ octets: Int) { state.withLock { $0.read += octets } }
        func fail(_ problem: End) { state.withLock { $0.problem = problem } }
        var problem: End? { state.withLock { $0.problem } }
        var part: Double? { size.map { min(1, Double(state.withLock { $0.read }) / Double(max(1, $0))) } }
    }

    private func startReader(into queue: EntryQueue, _ reading: Reading) {
        let input = input, form = form, finished = finished
        DispatchQueue(label: "mailsonde.list").async {
            defer { queue.end() }
            do {
                try Self.read(input, form, finished, into: queue, reading)
            } catch let problem as ListParser.Problem {
                reading.fail(.badList(problem))
            } catch let mismatch as FinishedLines.Mismatch {
                reading.fail(.otherList(mismatch))
            } catch {
                reading.fail(.cannotRead("\(error)"))
            }
        }
    }

    private struct ReadFailure: Error, CustomStringConvertible { var description: String }

    private static func read(
        _ input: Int32, _ form: ListParser.Form, _ finished: FinishedLines?, into queue: EntryQueue, _ reading: Reading
    ) throws {
        var parser = ListParser(form)
        var finished = finished
        var isAtEnd = false
        while !isAtEnd {
            let block = try readBlock(input)
            reading.note(block.count)
            var entries: [ScanEntry] = []
            if block.isEmpty {
                isAtEnd = true
                try parser.finish(into: &entries)
            } else {
                try parser.read(block[...], into: &entries)
            }
            if finished != nil { entries = try entries.filter { try finished?.take($0) != true } }
            // In portions, so that what waits stays little.
            var rest = entries[...]
            while !rest.isEmpty {
                guard queue.add(Array(rest.prefix(256))) else { return }
                rest = rest.dropFirst(256)
            }
        }
    }

    private static func readBlock(_ input: Int32) throws -> [UInt8] {
        let size = 64 << 10
        while true {
            var failure: Int32 = 0
            let block = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                let octets = systemRead(input, buffer.baseAddress, size)
                if octets < 0 { failure = errno }
                count = max(0, octets)
            }
            if failure == 0 { return block }
            if failure == EAGAIN {
                var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
                poll(&ready, 1, 1_000)
            } else if failure != EINTR {
                throw ReadFailure(description: OutputFile.reason(failure))
            }
        }
    }

    private static func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer, count)
        #elseif canImport(Musl)
            Musl.read(descriptor, buffer, count)
        #elseif canImport(Darwin)
            Darwin.read(descriptor, buffer, count)
        #endif
    }

    /// The size of a regular file; nil of what has none.
    private static func size(of descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    private static func wallClock() -> Timestamp {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Timestamp(Double(now.tv_sec))
    }
}
