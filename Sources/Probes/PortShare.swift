internal import Judgement
internal import Mail
internal import Networking
internal import Synchronization

/// What was seen of ports, for all who want to see the same: many domains have their mail at the same hosts, and those
/// need not be dialled for each of them.
///
/// Shared is what belongs to the host alone: the same name, address, port and service, asked the same. What was seen too
/// long ago, or came to nothing because of the time of whoever looked, is looked at again.
package final class PortShare: Sendable {
    /// Shares nothing: each looks for themselves.
    package static let nothing = PortShare(seconds: 0)

    private struct Key: Hashable {
        var endpoint: Endpoint
        var service: Service
        var injection: Bool
    }

    private struct Entry {
        var looking: Task<PortObservation, Never>
        var began: Double
        var deadline: Deadline
    }

    /// Seconds for which what was seen serves; infinite: for ever.
    private let seconds: Double
    private let clock: @Sendable () -> Double
    private let entries = Mutex<[Key: Entry]>([:])

    package init(seconds: Double, clock: @escaping @Sendable () -> Double = Manners.monotonic) {
        self.seconds = seconds
        self.clock = clock
    }

    /// What `probe` sees, or another like it has seen.
    func observe(_ probe: PortProbe, by deadline: Deadline) async -> PortObservation {
        guard seconds > 0 else { return await probe.observe(by: deadline) }
        let key = Key(endpoint: probe.endpoint, service: probe.service, injection: probe.questions.injection)
        let now = clock()
        let (entry, isOwn) = entries.withLock { entries -> (Entry, Bool) in
            if let entry = entries[key], now - entry.began < seconds { return (entry, false) }
            if entries.count > 256 { entries = entries.filter { now - $0.value.began < seconds } }
            let looking = Task(executorPreference: TaskHome.executor) { await probe.observe(by: deadline) }
            let entry = Entry(looking: looking, began: now, deadline: deadline)
            entries[key] = entry
            return (entry, true)
        }
        do {
            let seen = try await withDeadline(deadline) { await entry.looking.value }
            if isOwn || seen.tells { return seen }
            return await probe.observe(by: deadline)
        } catch is CancellationError {
            if isOwn { entry.looking.cancel() }
            return .notDialled(
                probe.endpoint, probe.service, at: probe.means.now(), .cancelled, "cancelled while it was dialled")
        } catch {
            // The probe ends by its deadline by itself, with what it has seen until then.
            return isOwn
                ? await entry.looking.value
                : .notDialled(
                    probe.endpoint, probe.service, at: probe.means.now(), .timeout,
                    "the time was up before another probe of the same port had ended")
        }
    }
}

extension PortObservation {
    /// Whether it says something of the port, and not only of the time or the turn of whoever looked.
    fileprivate var tells: Bool {
        switch failure?.cause {
        case .timeout, .connectTimeout, .greetingTimeout, .cancelled, .overload: false
        default: true
        }
    }
}
