package import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// An open TCP connection with a deadline: ``Network/withConnection(to:port:host:by:_:)`` gives it.
///
/// Every operation ends by the deadline with `timedOut`, and at once with `cancelled` where the task is cancelled:
/// both close the channel, which is what ends futures of NIO. Octets are read from the socket as they come, up to the
/// network's limit.
package final class Connection: Wire {
    /// What was dialled, after overrides.
    package let address: IPAddress
    package let port: UInt16
    /// From dialling to the connection.
    package let connectSeconds: Double
    package let deadline: Deadline
    private let channel: any Channel
    private let inbox: SharedInbox
    private let tls: TLSPolicy
    private let secured = NIOLockedValueBox(false)
    private let alarm: Scheduled<Void>?

    init(
        channel: any Channel, inbox: SharedInbox, deadline: Deadline, tls: TLSPolicy, address: IPAddress, port: UInt16,
        connectSeconds: Duration
    ) {
        self.channel = channel
        self.inbox = inbox
        self.deadline = deadline
        self.tls = tls
        self.address = address
        self.port = port
        self.connectSeconds = connectSeconds / .seconds(1)
        alarm =
            deadline.instant == nil
            ? nil
            : channel.eventLoop.scheduleTask(in: deadline.timeAmount) {
                inbox.end(.timedOut)
                channel.close(promise: nil)
            }
    }

    package var isSecured: Bool { secured.withLockedValue { $0 } }
    package var sawBareLineFeed: Bool { inbox.sawBareLineFeed }

    /// Closes the connection without waiting for the peer.
    func close() {
        alarm?.cancel()
        inbox.end(.io("the connection was closed by us"))
        channel.close(promise: nil)
    }

    package func readLine(limit: Int) async throws(WireError) -> [UInt8] { try await take(.line(limit: limit)) }

    package func readLine(limit: Int, within seconds: Double) async throws(WireError) -> [UInt8]? {
        let hasGivenUp = NIOLockedValueBox(false)
        let timer = channel.eventLoop.scheduleTask(in: Deadline.after(seconds: seconds).timeAmount) {
            [channel, inbox] in
            hasGivenUp.withLockedValue { $0 = true }
            inbox.end(.timedOut)
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        do {
            return try await readLine(limit: limit)
        } catch {
            if hasGivenUp.withLockedValue({ $0 }) { return nil }
            throw error
        }
    }

    package func read(count: Int) async throws(WireError) -> [UInt8] { try await take(.octets(count)) }

    private func take(_ wanted: Inbox.Wanted) async throws(WireError) -> [UInt8] {
        if Task.isCancelled { throw .cancelled }
        if let there = try inbox.take(wanted) { return there }
        do {
            return try await withTaskCancellationHandler {
                try await withUnsafeThrowingContinuation { reader in
                    inbox.wait(for: wanted, reader)
                }
            } onCancel: { [channel, inbox] in
                inbox.end(.cancelled)
                channel.close(promise: nil)
            }
        } catch {
            throw WireError(error)
        }
    }

    /// What is written without waiting for the system to take it, in octets: a command, which the answer follows. That it
    /// did not get through is seen by whoever reads.
    private static let unwaitedOctets = 4_096

    package func write(_ bytes: [UInt8]) async throws(WireError) {
        if bytes.count <= Self.unwaitedOctets {
            if Task.isCancelled { throw .cancelled }
            if let ending = inbox.ending, ending != .closedByPeer || inbox.isEmpty { throw ending }
            channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
            return
        }
        do throws(WireError) {
            try await wait { [channel] promise in
                channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: promise)
            }
        } catch {
            // TCP would take it as well where the peer closed a moment later; what the peer said is worth more.
            let reason = inbox.ending ?? error
            if reason == .closedByPeer, !inbox.isEmpty { return }
            throw reason
        }
    }

    package func startTLS(serverName: DomainName?) async throws(WireError) -> TLSHandshake {
        if isSecured { throw .io("TLS is up already") }
        let started = ContinuousClock.now
        let client = TLSClient(serverName: serverName, policy: tls)
        do throws(WireError) {
            try await wait { [channel, inbox] (promise: EventLoopPromise<Void>) in
                channel.eventLoop.execute {
                    // Looked at where octets arrive, so that none can slip in between this and the handshake and
                    // pass for something said inside TLS (RFC 3207 §6).
                    guard let early = inbox.takeBeforeTLS() else {
                        inbox.end(.plaintextBehindSTARTTLS)
                        promise.fail(WireError.plaintextBehindSTARTTLS)
                        return
                    }
                    inbox.awaitHandshake(promise)
                    do {
                        try client.addHandlers(to: channel)
                        if !early.isEmpty {
                            channel.pipeline.fireChannelRead(channel.allocator.buffer(bytes: early))
                            channel.pipeline.fireChannelReadComplete()
                        }
                    } catch {
                        inbox.end(WireError(error))
                        channel.close(promise: nil)
                    }
                }
            }
        } catch {
            throw client.explain(error)
        }
        secured.withLockedValue { $0 = true }
        return client.handshake(seconds: (ContinuousClock.now - started) / .seconds(1))
    }

    /// Waits for a promise that is kept or broken on the event loop, not longer than the task lives.
    private func wait<T: Sendable>(
        _ begin: @Sendable (EventLoopPromise<T>) -> Void
    ) async throws(WireError) -> T {
        if Task.isCancelled { throw .cancelled }
        let promise = channel.eventLoop.makePromise(of: T.self)
        do {
            return try await withTaskCancellationHandler {
                begin(promise)
                return try await promise.futureResult.get()
            } onCancel: { [channel, inbox] in
                inbox.end(.cancelled)
                channel.close(promise: nil)
            }
        } catch {
            throw WireError(error)
        }
    }
}
