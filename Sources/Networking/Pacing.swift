internal import DNS
internal import NIOConcurrencyHelpers

/// How many connections to one key may be open at once, and how many may begin within a minute: a rule without a clock
/// of its own. Whoever uses it says what time it is.
package struct Pacing<Key: Hashable & Sendable>: Sendable {
    /// What to do with one who wants to connect.
    package enum Decision: Hashable, Sendable {
        /// Admitted; ``end(_:)`` is due when the connection has ended.
        case now
        /// Ask again at that moment.
        case at(Double)
        /// Ask again when one of the connections has ended.
        case whenOneEnds
    }

    /// Seconds in which ``aMinute`` begin at most.
    package static var window: Double { 60 }
    /// Keys that are remembered; beyond, those without a connection within the window are forgotten.
    static var maximumKeys: Int { 10_000 }

    package let atOnce: Int
    package let aMinute: Int
    private var open: [Key: Int] = [:]
    /// When the last connections began, the earliest first; at most ``aMinute`` of each key.
    private var begun: [Key: [Double]] = [:]

    /// Less than 1 counts as 1.
    package init(atOnce: Int, aMinute: Int) {
        self.atOnce = max(1, atOnce)
        self.aMinute = max(1, aMinute)
    }

    /// - Parameters:
    ///   - now: seconds since any fixed moment, monotonic.
    ///   - isFree: the minute does not count for this key.
    package mutating func decide(_ key: Key, at now: Double, isFree: Bool = false) -> Decision {
        if open[key, default: 0] >= atOnce { return .whenOneEnds }
        if !isFree {
            var times = (begun[key] ?? []).filter { $0 > now - Self.window }
            if times.count >= aMinute {
                begun[key] = times
                return .at(times[times.count - aMinute] + Self.window)
            }
            times.append(now)
            begun[key] = times
            if begun.count > Self.maximumKeys { forget(at: now) }
        }
        open[key, default: 0] += 1
        return .now
    }

    /// A connection that was admitted has ended.
    package mutating func end(_ key: Key) {
        guard let count = open[key] else { return }
        open[key] = count > 1 ? count - 1 : nil
    }

    /// Connections open to a key.
    package func open(to key: Key) -> Int { open[key] ?? 0 }

    private mutating func forget(at now: Double) {
        begun = begun.filter { open[$0.key] != nil || ($0.value.last ?? 0) > now - Self.window }
    }
}

/// Keeps us polite: bounds the connections to one address, at once and a minute, for all who dial through one
/// ``Network``, whatever they dial for.
///
/// On loopback each port is a server of its own, and the minute does not count there: nobody is bothered.
package final class Manners: Sendable {
    private struct Peer: Hashable {
        var address: IPAddress
        /// nil: all ports of the address together.
        var port: UInt16?
    }

    private struct State {
        var pacing: Pacing<Peer>
    }

    private let state: NIOLockedValueBox<State>
    private let clock: @Sendable () -> Double
    /// Seconds between two looks at whether a place is free.
    private static let patience = 0.02

    /// - Parameter clock: seconds since any fixed moment, monotonic.
    package init(
        atOnce: Int = 4, aMinute: Int = 120, clock: @escaping @Sendable () -> Double = Manners.monotonic
    ) {
        state = NIOLockedValueBox(State(pacing: Pacing(atOnce: atOnce, aMinute: aMinute)))
        self.clock = clock
    }

    package static let monotonic: @Sendable () -> Double = {
        let beginning = ContinuousClock.now
        return { beginning.duration(to: .now) / .seconds(1) }
    }()

    /// Waits until `address` may be dialled, not longer than `deadline`: then `heldBack` is thrown. What is given back
    /// has to be called when the connection has ended.
    func admit(
        _ address: IPAddress, port: UInt16, by deadline: Deadline
    ) async throws(WireError) -> @Sendable () -> Void {
        let peer = Peer(address: address, port: address.isLoopback ? port : nil)
        while true {
            let now = clock()
            let decision = state.withLockedValue {
                $0.pacing.decide(peer, at: now, isFree: address.isLoopback)
            }
            let wait: Double
            switch decision {
            case .now: return { [state] in state.withLockedValue { $0.pacing.end(peer) } }
            case .at(let moment): wait = max(Self.patience, min(moment - now, 1))
            case .whenOneEnds: wait = Self.patience
            }
            if deadline.remainingSeconds <= 0 { throw .heldBack }
            do { try await pause(seconds: min(wait, deadline.remainingSeconds)) } catch { throw .cancelled }
        }
    }
}

extension IPAddress {
    /// 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        switch self {
        case .v4: octets.first == 127
        case .v6: octets.dropLast().allSatisfy { $0 == 0 } && octets.last == 1
        }
    }
}
