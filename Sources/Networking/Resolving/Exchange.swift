internal import DNS
internal import NIOCore
internal import NIOPosix

/// One query to one server over TCP, and what came back (RFC 7766 §5), over a connection that was used before where
/// there is one (§6.2.1).
struct Exchange: Sendable {
    enum Result: Sendable {
        /// A response that matches the query.
        case response(Message)
        /// Something else than that.
        case garbled(String)
        /// The end, before a response was whole.
        case closed(String)
        case timedOut
        case unreachable(String)
        case cancelled
    }

    var query: Message
    var server: ResolverServer
    var deadline: Deadline

    /// What became of one connection.
    fileprivate enum Ending: Sendable {
        case told(Result)
        /// Closed without an answer, or broken.
        case closed
    }

    /// Ends by the deadline, and at once when the task is cancelled: the promise is kept then, and what it finds
    /// open is closed.
    func run(over kept: KeptStreams) async -> Result {
        if let channel = kept.take(server) {
            let promise = channel.eventLoop.makePromise(of: Ending.self)
            send(over: channel, promise)
            // The server may close what it finds idle at any time, and there are some that hear only the first query:
            // then it goes out again over a connection of its own (RFC 7766 §6.2.4).
            switch await ending(of: promise, seconds: min(2, deadline.remainingSeconds / 3)) {
            case .told(.response(let message)): return .response(message)
            case .told(.cancelled): return .cancelled
            case .told, .closed: break
            }
        }
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Ending.self)
        do {
            let address = try SocketAddress(server.address, port: server.port)
            connect(to: address, promise, keptBy: kept)
        } catch {
            promise.succeed(.told(.unreachable("\(error)")))
        }
        switch await ending(of: promise, seconds: deadline.remainingSeconds) {
        case .told(let result): return result
        case .closed: return .closed("the connection was closed without an answer")
        }
    }

    private func ending(of promise: EventLoopPromise<Ending>, seconds: Double) async -> Ending {
        let loop = promise.futureResult.eventLoop
        let time = Deadline.after(seconds: seconds).timeAmount
        let alarm = loop.scheduleTask(in: time) { promise.succeed(.told(.timedOut)) }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        return await withTaskCancellationHandler {
            (try? await promise.futureResult.get()) ?? .told(.cancelled)
        } onCancel: {
            promise.succeed(.told(.cancelled))
        }
    }

    private func connect(to address: SocketAddress, _ promise: EventLoopPromise<Ending>, keptBy kept: KeptStreams) {
        let server = server
        ClientBootstrap(group: promise.futureResult.eventLoop).connectTimeout(deadline.timeAmount)
            .channelInitializer { channel in
                promise.futureResult.whenComplete { ending in
                    if case .success(.told(.response)) = ending { return }
                    channel.close(promise: nil)
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamHandler(server, keptBy: kept))
                }
            }
            .connect(to: address)
            .whenComplete { connected in
                switch connected {
                case .success(let channel): send(over: channel, promise)
                case .failure(let error): promise.succeed(.told(Result(failure: error)))
                }
            }
    }

    /// The handler of `channel` keeps the promise.
    private func send(over channel: any Channel, _ promise: EventLoopPromise<Ending>) {
        let query = query
        channel.eventLoop.execute {
            guard channel.isActive,
                let handler = try? channel.pipeline.syncOperations.handler(type: StreamHandler.self)
            else { return promise.succeed(.closed) }
            handler.begin(query, promise)
            let octets = query.encoded()
            var buffer = channel.allocator.buffer(capacity: octets.count + 2)
            buffer.writeInteger(UInt16(octets.count))  // RFC 1035 §4.2.2
            buffer.writeBytes(octets)
            channel.writeAndFlush(buffer).whenFailure { _ in promise.succeed(.closed) }
        }
        promise.futureResult.whenComplete { ending in
            if case .success(.told(.response)) = ending { return }
            channel.close(promise: nil)
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
        case .closedByPeer: self = .closed("the connection was closed")
        case let other: self = .unreachable("\(other)")
        }
    }
}

/// Collects messages behind their two octets of length (RFC 1035 §4.2.2), one for each query.
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let server: ResolverServer
    private let kept: KeptStreams
    private var waiting: (query: Message, promise: EventLoopPromise<Exchange.Ending>)?
    private var octets: [UInt8] = []

    init(_ server: ResolverServer, keptBy kept: KeptStreams) {
        self.server = server
        self.kept = kept
    }

    func begin(_ query: Message, _ promise: EventLoopPromise<Exchange.Ending>) { waiting = (query, promise) }

    /// What is kept never grows beyond one message and what came with it: with the first the promise is kept. A
    /// connection that brings more than was asked for is not used again.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let (query, promise) = waiting else { return context.close(promise: nil) }
        octets += unwrapInboundIn(data).readableBytesView
        guard octets.count >= 2 else { return }
        let length = Int(octets[0]) << 8 | Int(octets[1])
        guard octets.count >= 2 + length else { return }
        let isAll = octets.count == 2 + length
        let message = Array(octets[2..<(2 + length)])
        octets = []
        waiting = nil
        do throws(MessageError) {
            let message = try Message(parsing: message)
            if let mismatch = message.mismatch(with: query) {
                return promise.succeed(.told(.garbled(mismatch)))
            }
            if isAll { kept.keep(context.channel, to: server) } else { context.close(promise: nil) }
            promise.succeed(.told(.response(message)))
        } catch {
            promise.succeed(.told(.garbled("\(error)")))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let (promise, hasBegun) = (waiting?.promise, !octets.isEmpty)
        waiting = nil
        promise?.succeed(hasBegun ? .told(Exchange.Result(failure: error)) : .closed)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting?.promise.succeed(
            octets.isEmpty ? .closed : .told(.closed("the connection was closed within the answer")))
        waiting = nil
    }
}
