internal import DNS
internal import NIOCore
internal import NIOPosix

/// One query to one server over TCP, and what came back, with a connection of its own (RFC 7766 §5).
struct Exchange: Sendable {
    enum Result: Sendable {
        /// A response that matches the query.
        case response(Message)
        /// Something else than that, or the end.
        case garbled(String)
        case timedOut
        case unreachable(String)
        case cancelled
    }

    var query: Message
    var server: ResolverServer
    var deadline: Deadline

    /// Ends by the deadline, and at once when the task is cancelled: the promise is kept then, and what it finds
    /// open is closed.
    func run() async -> Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: Result.self)
        let alarm = loop.scheduleTask(in: deadline.timeAmount) { promise.succeed(.timedOut) }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        do {
            let address = try SocketAddress(server.address, port: server.port)
            connect(to: address, on: loop, promise)
        } catch {
            promise.succeed(.unreachable("\(error)"))
        }
        return await withTaskCancellationHandler {
            (try? await promise.futureResult.get()) ?? .cancelled
        } onCancel: {
            promise.succeed(.cancelled)
        }
    }

    private func connect(
        to address: SocketAddress, on loop: any EventLoop, _ promise: EventLoopPromise<Result>
    ) {
        let query = query
        let octets = query.encoded()
        let handle: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(StreamHandler(query, promise))
            }
        }
        ClientBootstrap(group: loop).connectTimeout(deadline.timeAmount).channelInitializer(handle)
            .connect(to: address)
            .flatMap { channel in
                var buffer = channel.allocator.buffer(capacity: octets.count + 2)
                buffer.writeInteger(UInt16(octets.count))  // RFC 1035 §4.2.2
                buffer.writeBytes(octets)
                return channel.writeAndFlush(buffer)
            }.whenFailure { error in
                promise.succeed(Result(failure: error))
            }
    }
}

extension Exchange.Result {
    /// What the system said, in our words.
    fileprivate init(failure error: any Error) {
        switch WireError(dialling: error) {
        case .timedOut: self = .timedOut
        case .refused: self = .unreachable("port closed")
        case .unreachable(let reason): self = .unreachable(reason)
        case .closedByPeer: self = .garbled("the connection was closed")
        case let other: self = .unreachable("\(other)")
        }
    }
}

/// Collects one message behind its two octets of length (RFC 1035 §4.2.2).
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let query: Message
    private let promise: EventLoopPromise<Exchange.Result>
    private var octets: [UInt8] = []

    init(_ query: Message, _ promise: EventLoopPromise<Exchange.Result>) {
        self.query = query
        self.promise = promise
    }

    /// What is kept never grows beyond one message: the promise is kept with the first, and the channel closed.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        octets += unwrapInboundIn(data).readableBytesView
        guard octets.count >= 2 else { return }
        let length = Int(octets[0]) << 8 | Int(octets[1])
        guard octets.count >= 2 + length else { return }
        do throws(MessageError) {
            let message = try Message(parsing: Array(octets[2..<(2 + length)]))
            let mismatch = message.mismatch(with: query)
            promise.succeed(mismatch.map { .garbled($0) } ?? .response(message))
        } catch {
            promise.succeed(.garbled("\(error)"))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.succeed(Exchange.Result(failure: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(.garbled("the connection was closed without an answer"))
    }
}
