package import DNS

/// Lab is a small but real mail world on loopback: a DNS authority, SMTP servers, relays that hold messages for a
/// known time, mailboxes behind IMAP and POP3, certificates of an own authority, and faults on demand.
/// `mailsonde demo` runs it and tests talk to it, so that what is tested is a conversation and not an imagination.
///
/// It leaves out what only a mail server for the world needs: nothing is written to disk, nothing is delivered
/// beyond loopback, no DKIM signing by servers, no filters, no extensions beyond those the probes meet.
package actor Lab {
    package nonisolated let authority: LabAuthority
    package nonisolated let facilities: Facilities
    private var running: [Task<Void, Never>] = []
    private var stopped = false

    init(authority: LabAuthority, facilities: Facilities) {
        self.authority = authority
        self.facilities = facilities
    }

    /// Starts a server on a free port of `address` (a loopback address); it runs until the lab ends.
    package func start(_ server: some LabServer, at address: IPAddress = .loopback) async throws -> TransportAddress {
        let service = server.service()
        let (endpoint, run) = try await openListener(at: address, tls: service.implicitTLS, serve: service.serve)
        keep(run)
        return endpoint
    }

    /// Starts a name server; UDP and TCP share one free port of `address`.
    package func start(_ names: DNSAuthority, at address: IPAddress = .loopback) async throws -> TransportAddress {
        let (endpoint, run) = try await names.listen(at: address)
        keep(run)
        return endpoint
    }

    /// Runs a relay's queue until the lab ends; what is queued then is dropped.
    package func start(_ relay: Relay) {
        keep { await relay.run() }
    }

    /// A port where nobody listens, reserved until the lab ends: whoever dials it is refused.
    package func closedPort(at address: IPAddress = .loopback) throws -> TransportAddress {
        let reservation = try ReservedPort(at: address)
        keep {
            _ = try? await Task.sleep(for: .seconds(1 << 31))
            reservation.release()
        }
        return reservation.endpoint
    }

    private func keep(_ run: @escaping @Sendable () async -> Void) {
        let task = Task { await run() }
        if stopped { task.cancel() }
        running.append(task)
    }

    func stop() async {
        stopped = true
        for task in running { task.cancel() }
        for task in running { await task.value }
        running = []
    }
}

/// Runs `body` in a lab; whatever it started has ended when this returns or throws.
package func withLab<Result: Sendable>(
    facilities: Facilities = Facilities(), _ body: (Lab) async throws -> Result
) async throws -> Result {
    let lab = Lab(authority: try LabAuthority(now: facilities.now()), facilities: facilities)
    do {
        let result = try await body(lab)
        await lab.stop()
        return result
    } catch {
        await lab.stop()
        throw error
    }
}

/// What a server of the lab is made of: whether TLS comes first, and what it says on a connection.
package struct LabService: Sendable {
    var implicitTLS: TLSRole?
    var serve: @Sendable (LabConversation) async throws -> Void

    /// TLS at once where `isImplicit`, unless the handshake is to break; then `converse`, with the faults of its stages.
    init(
        _ identity: ServerIdentity?, isImplicit: Bool, faults: Faults,
        _ converse: @escaping @Sendable (LabConversation) async throws -> Void
    ) {
        let breaksHandshake = isImplicit && faults.stages[.handshake] != nil
        implicitTLS = isImplicit && !breaksHandshake ? identity.map { TLSRole.server($0.context) } : nil
        serve = { talk in
            talk.faults = faults.stages
            talk.obeysPlaintext = faults.upgrade == .obeysPlaintext
            if breaksHandshake { try await talk.refuseHandshake() }
            try await converse(talk)
        }
    }
}

/// A server that the lab can start. Each start has a state of its own (grey lists, counters).
package protocol LabServer: Sendable {
    func service() -> LabService
}
