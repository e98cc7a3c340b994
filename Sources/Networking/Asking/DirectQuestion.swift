package import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Puts one DNS message to one server, over UDP or TCP, and gives back what it answered: for asking authoritative
/// servers themselves. `--connect-to NAME:53:ADDR:PORT` applies. It leaves out what a resolver does: trying again,
/// following, remembering.
extension Network {
    /// Over UDP (RFC 1035 §4.2.1), from a port of its own; packets that are no answer to `query` are passed over.
    ///
    /// Throws ``WireError``: `refused` where the port is closed, `unreachable`, `timedOut`, `offline`, `cancelled`; `io`
    /// with a text where nothing came but what is no answer.
    package func askOverUDP(
        _ query: Message, to address: IPAddress, host: DomainName?, port: UInt16 = 53, by deadline: Deadline
    ) async throws(WireError) -> (response: Message, size: Int) {
        if offline { throw .offline }
        if Task.isCancelled { throw .cancelled }
        if deadline.hasPassed { throw .timedOut }
        let destination = destination(host: host, address: address, port: port)
        let promise = group.next().makePromise(of: (Message, Int).self)
        let listener = PacketListener(query, promise)
        let alarm = promise.futureResult.eventLoop.scheduleTask(in: deadline.timeAmount) { listener.isLate() }
        do {
            let peer = try SocketAddress(destination.address ?? address, port: destination.port)
            DatagramBootstrap(group: promise.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(listener) }
                }
                .connect(to: peer)
                .whenComplete { connected in
                    switch connected {
                    case .failure(let error): promise.fail(WireError(dialling: error))
                    case .success(let channel):
                        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
                        let packet = AddressedEnvelope(
                            remoteAddress: peer, data: channel.allocator.buffer(bytes: query.encoded()))
                        channel.writeAndFlush(packet).whenFailure { promise.fail(WireError(dialling: $0)) }
                    }
                }
        } catch {
            promise.fail(WireError(dialling: error))
        }
        do {
            defer { alarm.cancel() }
            return try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                promise.fail(WireError.cancelled)
            }
        } catch {
            throw (error as? WireError) ?? .io("\(error)")
        }
    }

    /// Over TCP (RFC 7766), on a connection of its own. Throws ``WireError``.
    package func askOverTCP(
        _ query: Message, to address: IPAddress, host: DomainName?, port: UInt16 = 53, by deadline: Deadline
    ) async throws(WireError) -> (response: Message, size: Int) {
        do {
            return try await withConnection(to: address, port: port, host: host, by: deadline) { connection in
                let octets = query.encoded()
                try await connection.write(
                    [UInt8(truncatingIfNeeded: octets.count >> 8), UInt8(truncatingIfNeeded: octets.count)] + octets)
                let length = try await connection.read(count: 2)
                let answer = try await connection.read(count: Int(length[0]) << 8 | Int(length[1]))
                return (try PacketListener.read(answer, answering: query), answer.count)
            }
        } catch {
            throw (error as? WireError) ?? .io("\(error)")
        }
    }
}

/// Keeps a promise with the first packet that answers a question.
private final class PacketListener: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let query: Message
    private let promise: EventLoopPromise<(Message, Int)>
    /// Why what came is no answer.
    private let garbled = NIOLockedValueBox<WireError?>(nil)

    init(_ query: Message, _ promise: EventLoopPromise<(Message, Int)>) {
        self.query = query
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = Array(unwrapInboundIn(data).data.readableBytesView)
        do throws(WireError) {
            promise.succeed((try Self.read(octets, answering: query), octets.count))
        } catch {
            garbled.withLockedValue { $0 = error }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(WireError(dialling: error))
    }

    func isLate() { promise.fail(garbled.withLockedValue { $0 } ?? .timedOut) }

    static func read(_ octets: [UInt8], answering query: Message) throws(WireError) -> Message {
        let message: Message
        do throws(MessageError) {
            message = try Message(parsing: octets)
        } catch {
            throw .io("no DNS message: \(error)")
        }
        if let mismatch = message.mismatch(with: query) { throw .io("no answer: \(mismatch)") }
        return message
    }
}
