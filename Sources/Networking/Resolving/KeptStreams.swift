internal import NIOCore
internal import Synchronization

/// Connections to name servers that have brought their answer, kept for a moment: the next question to the same server
/// goes over one of them (RFC 7766 §6.2.1). One question at a time on each.
final class KeptStreams: Sendable {
    private struct Kept: Sendable {
        var number: UInt64
        var channel: any Channel
    }

    private struct State: Sendable {
        var idle: [ResolverServer: [Kept]] = [:]
        var next: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// RFC 7766 §6.2.3: some seconds, no more.
    private static let patience = TimeAmount.seconds(2)
    /// More to one server are closed.
    private static let most = 64

    /// One that is open, as far as we know; it is the caller's then.
    func take(_ server: ResolverServer) -> (any Channel)? {
        let (found, stale) = state.withLock { state -> ((any Channel)?, [any Channel]) in
            var stale: [any Channel] = []
            while let kept = state.idle[server]?.popLast() {
                if kept.channel.isActive { return (kept.channel, stale) }
                stale.append(kept.channel)
            }
            return (nil, stale)
        }
        for channel in stale { channel.close(promise: nil) }
        return found
    }

    /// Keeps it for the next; closes it where nobody comes.
    func keep(_ channel: any Channel, to server: ResolverServer) {
        let number = state.withLock { state -> UInt64? in
            guard !state.isClosed, state.idle[server, default: []].count < Self.most else { return nil }
            state.next += 1
            state.idle[server, default: []].append(Kept(number: state.next, channel: channel))
            return state.next
        }
        guard let number else { return channel.close(promise: nil) }
        channel.eventLoop.scheduleTask(in: Self.patience) { [weak self] in
            if self == nil || self?.giveUp(number, server) == true { channel.close(promise: nil) }
        }
    }

    private func giveUp(_ number: UInt64, _ server: ResolverServer) -> Bool {
        state.withLock { state in
            guard let index = state.idle[server]?.firstIndex(where: { $0.number == number }) else { return false }
            state.idle[server]?.remove(at: index)
            return true
        }
    }

    /// Closes all, and what is brought from now on.
    func close() {
        let all = state.withLock { state in
            defer { state.idle = [:] }
            state.isClosed = true
            return state.idle.values.flatMap { $0 }
        }
        for kept in all { kept.channel.close(promise: nil) }
    }
}
