package import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// The means of dialling, handed to everybody who needs it. A value: cheap to copy.
package struct Network: Sendable {
    /// The first that matches counts.
    package var connectTo: [ConnectOverride]
    /// Never touch the network: every dialling throws ``WireError/offline``.
    package var offline: Bool
    /// What is offered in TLS.
    package var tls: TLSPolicy
    /// The most octets one connection may send us, decrypted; more is ``WireError/tooMuch(limit:)``.
    package var octetLimit: Int
    /// Bounds the connections to one address; shared by all copies of this value. nil: no bounds.
    package var manners: Manners?
    let group: any EventLoopGroup

    package init(
        connectTo: [ConnectOverride] = [], offline: Bool = false, tls: TLSPolicy = TLSPolicy(),
        octetLimit: Int = 1_000_000, manners: Manners? = nil
    ) {
        self.connectTo = connectTo
        self.offline = offline
        self.tls = tls
        self.octetLimit = octetLimit
        self.manners = manners
        group = MultiThreadedEventLoopGroup.singleton
    }

    /// Where `host` and `port` are dialled, by ``connectTo``: `address` is nil where it has to be looked up.
    package func destination(
        host: DomainName?, address: IPAddress? = nil, port: UInt16
    ) -> (address: IPAddress?, port: UInt16) {
        for override in connectTo where override.matches(host: host, address: address, port: port) {
            return (override.toAddress ?? address, override.toPort ?? port)
        }
        return (address, port)
    }

    /// Dials and hands the connection to `body`; closes it in every case. Overrides apply to what is dialled.
    ///
    /// Throws a ``WireError`` where no connection comes about (refused, unreachable, timedOut, offline, cancelled), and
    /// what `body` throws.
    /// - Parameters:
    ///   - host: the name the address was found by, for overrides.
    ///   - deadline: for dialling and for everything done with the connection.
    ///   - connectLimit: seconds that dialling may take at most, where that is sooner.
    package func withConnection<R: Sendable>(
        to address: IPAddress, port: UInt16, host: DomainName?, by deadline: Deadline, connectLimit: Double = .infinity,
        _ body: (Connection) async throws -> R
    ) async throws -> R {
        let leave = try await admit(address, port: port, host: host, by: deadline)
        defer { leave() }
        let connection = try await dial(address, port: port, host: host, by: deadline, connectLimit: connectLimit)
        defer { connection.close() }
        return try await body(connection)
    }

    /// Waits for our turn where there are bounds; what is given back ends it.
    private func admit(
        _ address: IPAddress, port: UInt16, host: DomainName?, by deadline: Deadline
    ) async throws(WireError) -> @Sendable () -> Void {
        guard let manners, !offline else { return {} }
        let destination = destination(host: host, address: address, port: port)
        return try await manners.admit(destination.address ?? address, port: destination.port, by: deadline)
    }

    private func dial(
        _ address: IPAddress, port: UInt16, host: DomainName?, by deadline: Deadline, connectLimit: Double
    ) async throws(WireError) -> Connection {
        if offline { throw .offline }
        if Task.isCancelled { throw .cancelled }
        if deadline.hasPassed { throw .timedOut }
        let destination = destination(host: host, address: address, port: port)
        let peer = destination.address ?? address
        let started = ContinuousClock.now
        let inbox = SharedInbox(octetLimit: octetLimit)
        let dialling = Dialling()
        do {
            let socket = try SocketAddress(peer, port: destination.port)
            let channel = try await withTaskCancellationHandler {
                // Where we are on an event loop already, the connection stays with it: no other thread is woken.
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.currentEventLoop ?? group)
                    .connectTimeout(deadline.capped(seconds: connectLimit).timeAmount)
                    .channelOption(.maxMessagesPerRead, value: 1)
                    .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16_384))
                    .channelInitializer { channel in
                        guard dialling.began(channel) else {
                            return channel.eventLoop.makeFailedFuture(WireError.cancelled)
                        }
                        return channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(InboxHandler(inbox))
                        }
                    }
                    .connect(to: socket).get()
            } onCancel: {
                dialling.cancel()
            }
            // Cancellation may have closed the channel between connecting and here: that was not the peer.
            if Task.isCancelled {
                channel.close(promise: nil)
                throw WireError.cancelled
            }
            return Connection(
                channel: channel, inbox: inbox, deadline: deadline, tls: tls, address: peer, port: destination.port,
                connectSeconds: ContinuousClock.now - started)
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw WireError(dialling: error)
        }
    }
}

/// The channel that is being connected, so that cancellation can close it.
private final class Dialling: Sendable {
    private let state = NIOLockedValueBox<(channel: (any Channel)?, isCancelled: Bool)>((nil, false))

    /// False where it was cancelled already.
    func began(_ channel: any Channel) -> Bool {
        state.withLockedValue {
            $0.channel = channel
            return !$0.isCancelled
        }
    }

    func cancel() {
        let channel = state.withLockedValue {
            $0.isCancelled = true
            return $0.channel
        }
        channel?.close(promise: nil)
    }
}

extension SocketAddress {
    /// An address of ours and a port.
    init(_ address: IPAddress, port: UInt16) throws {
        try self.init(packedIPAddress: ByteBuffer(bytes: address.octets), port: Int(port))
    }
}

extension Deadline {
    /// What is left of it, for NIO's timers: at most a day.
    var timeAmount: TimeAmount { .nanoseconds(Int64(min(remainingSeconds, 86_400) * 1e9)) }
}

extension WireError {
    /// What the system said when dialling, in our words.
    init(dialling error: any Error) {
        switch error {
        case let error as WireError: self = error
        case ChannelError.connectTimeout: self = .timedOut
        case let error as IOError:
            switch Errno(error.errnoCode) {
            case .refused: self = .refused
            case .unreachable(let reason): self = .unreachable(reason)
            case .timedOut: self = .timedOut
            case .reset: self = .closedByPeer
            case .other(let reason): self = .io(reason)
            }
        default: self = .io("dialling failed: \(error)")
        }
    }

    /// What happened to an open connection, in our words.
    init(_ error: any Error) {
        switch error {
        case let error as WireError: self = error
        case is CancellationError: self = .cancelled
        case ChannelError.eof, ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.outputClosed,
            ChannelError.inputClosed, NIOSSLError.uncleanShutdown:
            // Many servers close TLS without saying so (close_notify).
            self = .closedByPeer
        case let error as IOError:
            switch Errno(error.errnoCode) {
            case .refused, .reset: self = .closedByPeer
            case .unreachable(let reason): self = .unreachable(reason)
            case .timedOut: self = .timedOut
            case .other(let reason): self = .io(reason)
            }
        default: self = TLSFailure(of: error).map(WireError.tls) ?? .io("\(error)")
        }
    }
}
