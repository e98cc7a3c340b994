import DNS
import Judgement
package import Mail

/// What the header of a received message says of its way and of what its receiver thought of it.
package struct MessageFacts: Sendable {
    package var header: MessageHeader
    package var journey: Journey
    /// As they stand, the newest first.
    package var results: [AuthenticationResults]

    /// nil where there is no header.
    package init?(header octets: [UInt8], submittedAt: Timestamp?) {
        if octets.isEmpty { return nil }
        return nil
    }

    /// What the receiver itself wrote: anyone on the way can write an Authentication-Results field, so only one whose
    /// authserv-id is the host that took the message in counts (RFC 8601 §5, §7.1).
    package var receiverResults: AuthenticationResults? {
        let receivers = journey.hops.suffix(3).compactMap(\.received.by)
        return results.first { result in receivers.contains { Self.speaks(result.server, for: $0) } }
    }

    /// The same name, a name above it, or one of the same parent: `mx.example.net` for `mx3.example.net`.
    static func speaks(_ server: String, for host: String) -> Bool {
        guard let server = try? DomainName(server), let host = try? DomainName(host) else { return false }
        if server == host { return true }
        guard server.labels.count >= 2, host.labels.count >= 2 else { return false }
        if host.isWithin(server) { return true }
        guard let parent = host.parent, parent.labels.count >= 2 else { return false }
        return server.isWithin(parent)
    }
}
