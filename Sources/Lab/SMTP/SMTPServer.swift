internal import NIOConcurrencyHelpers

/// A server that speaks SMTP: between servers as on port 25, or for users as on ports 587 and 465.
package struct SMTPServer: LabServer {
    /// What the server is there for.
    package enum Role: Hashable, Sendable {
        /// Port 25: takes mail for its own recipients from anyone (RFC 5321).
        case exchange
        /// Port 587: STARTTLS, then a login (RFC 6409).
        case submission
        /// Port 465: TLS at once, then a login (RFC 8314 §3.3).
        case submissions
    }

    /// Its name in the greeting, in the reply to EHLO and in `Received:`.
    package var host: String
    package var role: Role
    /// nil: no TLS at all.
    package var identity: ServerIdentity?
    package var faults: Faults
    /// Octets (RFC 1870).
    package var sizeLimit = 10_485_760
    let taker: any MessageTaker
    let store: MailStore
    let facilities: Facilities

    package init(
        host: String, role: Role = .exchange, identity: ServerIdentity?, faults: Faults = Faults(),
        taker: any MessageTaker, store: MailStore, facilities: Facilities
    ) {
        self.host = host
        self.role = role
        self.identity = identity
        self.faults = faults
        self.taker = taker
        self.store = store
        self.facilities = facilities
    }

    package func service() -> LabService {
        let greylist = Greylist()
        return LabService(identity, isImplicit: role == .submissions, faults: faults) { talk in
            try await SMTPServerSession(self, talk, greylist).run()
        }
    }
}

/// How often a client has tried to send from one address to another.
final class Greylist: Sendable {
    private struct Triplet: Hashable { var client, sender, recipient: String }
    private let tries = NIOLockedValueBox<[Triplet: Int]>([:])

    /// The number of this try, from 1; bounded memory: beyond 10,000 triplets it starts afresh.
    func attempt(client: String, sender: String, recipient: String) -> Int {
        tries.withLockedValue { tries in
            if tries.count > 10_000 { tries = [:] }
            tries[Triplet(client: client, sender: sender, recipient: recipient), default: 0] += 1
            return tries[Triplet(client: client, sender: sender, recipient: recipient)] ?? 1
        }
    }
}
