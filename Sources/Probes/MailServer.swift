internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// What was said and how long it took, over all connections of a round trip. It belongs to one task at a time.
final class Journal {
    private(set) var transcript: [String] = []
    private(set) var phases: [Phase] = []
    private var omitted = 0

    func add(_ name: Phase.Name, seconds: Double) {
        if let index = phases.firstIndex(where: { $0.name == name }) {
            phases[index].seconds += seconds
        } else {
            phases.append(Phase(name, seconds: seconds))
        }
    }

    func note(_ text: String) { add(["* " + text]) }

    func add(_ lines: [String]) {
        let room = max(0, 2 * Transcript.maximumLines - transcript.count)
        transcript += lines.prefix(room)
        omitted += lines.count - min(room, lines.count)
    }

    var complete: [String] { omitted == 0 ? transcript : transcript + ["* \(omitted) more lines left out"] }
}

/// A server that we log in to: found by name or address, dialled at its addresses in turn, and trusted with a password
/// only inside TLS whose certificate is to be trusted.
struct MailServer {
    let name: DomainName
    let port: UInt16
    let means: Means
    /// Take any certificate.
    let insecure: Bool

    /// Seconds that one address may take to connect.
    static let connectLimit = 5.0

    /// Connects to the first address that answers, both families in turn, and converses; what was said goes into
    /// `journal`. Throws where no address can be connected to, and what `body` throws.
    func converse<R: Sendable>(
        by deadline: Deadline, journal: Journal, keepsPhases: Bool,
        _ body: (Conversation) async throws(Failure) -> R
    ) async throws(Failure) -> R {
        var failure = Failure(.timeout, during: .dns, "the deadline passed before the server was dialled")
        for address in try await candidates(by: deadline, journal: journal, keepsPhases: keepsPhases) {
            if deadline.hasPassed { break }
            let began = Means.monotonic()
            do {
                // A result and not an error: what happens on the connection must not make us dial the next address.
                let result: Result<R, Failure> = try await means.network.withConnection(
                    to: address, port: port, host: name, by: deadline, connectLimit: Self.connectLimit
                ) { connection in
                    let conversation = Conversation(connection, clock: Means.monotonic)
                    conversation.add(.connect, seconds: connection.connectSeconds)
                    journal.note("connected to \(name) [\(connection.address)]:\(connection.port)")
                    defer {
                        journal.add(conversation.transcript.complete)
                        if keepsPhases {
                            for phase in conversation.phases { journal.add(phase.name, seconds: phase.seconds) }
                        }
                    }
                    do throws(Failure) {
                        return .success(try await body(conversation))
                    } catch {
                        return .failure(error)
                    }
                }
                return try result.get()
            } catch let ended as Failure {
                throw ended
            } catch {
                failure = Failure((error as? WireError) ?? .io("\(error)"), during: .connect)
                if keepsPhases { journal.add(.connect, seconds: Means.monotonic() - began) }
                journal.note("\(name) [\(address)]:\(port): \(failure.detail)")
            }
        }
        throw failure
    }

    /// The addresses to dial: IPv6 first (RFC 6724 §2.1 prefers it where it works), unless one is given.
    private func candidates(
        by deadline: Deadline, journal: Journal, keepsPhases: Bool
    ) async throws(Failure) -> [IPAddress] {
        if let given = means.network.destination(host: name, port: port).address { return [given] }
        let began = Means.monotonic()
        let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline)
        let (found, knowledge) = await addresses(of: name, asking: resolver)
        if keepsPhases { journal.add(.dns, seconds: Means.monotonic() - began) }
        if !found.isEmpty { return Array(found.sorted { $0.family == .ipv6 && $1.family == .ipv4 }.prefix(8)) }
        for (question, outcome) in knowledge.outcomes {
            if case .failure(let unanswered) = outcome { throw Failure(unanswered, asking: question) }
        }
        throw Failure(.noSuchName, during: .dns, "\(name) has no address")
    }

    /// What SNI says: never an address (RFC 6066 §3).
    var serverName: DomainName? { IPAddress(name.description) == nil ? name : nil }

    /// Throws unless a password may go to whoever showed this.
    func requireTrust(in handshake: TLSHandshake) async throws(Failure) {
        if insecure { return }
        let now = means.now()
        let facts = await means.facts(of: handshake, mode: .implicit, host: name, at: now)
        func refuse(_ cause: Failure.Cause, _ detail: String) -> Failure { Failure(cause, during: .tls, detail) }
        guard facts.trusted == true else {
            throw refuse(.certificateUntrusted, facts.trustProblem ?? "the certificate is not trusted")
        }
        guard facts.nameMatches == true else {
            let names = facts.chain.first?.names.prefix(5).joined(separator: ", ") ?? ""
            throw refuse(.certificateName, "the certificate is for \(printable(names)), not for \(name)")
        }
        guard let leaf = facts.chain.first, leaf.notBefore <= now, now <= leaf.notAfter else {
            throw refuse(
                .certificateExpired, "the certificate is valid until \(facts.chain.first?.notAfter.description ?? "?")")
        }
    }
}
