internal import DNS
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One query to one server, and what came back. Every exchange has a socket of its own: over UDP the system chooses
/// a random source port each time (RFC 5452 §9.2) and lets through only what comes from that server's address and port.
struct Exchange: Sendable {
    enum Transport: Sendable { case udp, tcp }

    enum Result: Sendable {
        /// A response that matches the query.
        case response(Message)
        /// The id matches and the rest can't be read, or a stream that is none of DNS.
        case garbled(String)
        /// Nothing that matches; so many datagrams came that did not.
        case timedOut(ignored: Int)
        case unreachable(String)
        case cancelled
    }

    var query: Message
    var server: ResolverServer
    var transport: Transport
    var deadline: Deadline
    var group: any EventLoopGroup

    /// Ends by the deadline, and at once when the task is cancelled: the promise is kept then, and what it finds
    /// open is closed.
    func run() async -> Result {
        let loop = group.next()
        let promise = loop.makePromise(of: Result.self)
        let ignored = Count()
        let alarm = loop.scheduleTask(in: deadline.timeAmount) { promise.succeed(.timedOut(ignored: ignored.value)) }
        promise.futureResult.whenComplete { _ in alarm.cancel() }
        do {
            let address = try SocketAddress(server.address, port: server.port)
            connect(to: address, on: loop, promise, ignored)
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
        to address: SocketAddress, on loop: any EventLoop, _ promise: EventLoopPromise<Result>, _ ignored: Count
    ) {
        let query = query
        let transport = transport
        let octets = query.encoded()
        let handle: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            return channel.eventLoop.makeCompletedFuture {
                switch transport {
                case .udp: try channel.pipeline.syncOperations.addHandler(DatagramHandler(query, promise, ignored))
                case .tcp: try channel.pipeline.syncOperations.addHandler(StreamHandler(query, promise))
                }
            }
        }
        let connected: EventLoopFuture<any Channel> =
            switch transport {
            case .udp:
                DatagramBootstrap(group: loop)
                    .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
                    .channelInitializer(handle).connect(to: address)
            case .tcp:
                ClientBootstrap(group: loop).connectTimeout(deadline.timeAmount).channelInitializer(handle)
                    .connect(to: address)
            }
        connected.flatMap { channel in
            var buffer = channel.allocator.buffer(capacity: octets.count + 2)
            if transport == .tcp { buffer.writeInteger(UInt16(octets.count)) }  // RFC 1035 §4.2.2
            buffer.writeBytes(octets)
            return transport == .tcp
                ? channel.writeAndFlush(buffer)
                : channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: buffer))
        }.whenFailure { error in
            promise.succeed(Result(failure: error))
        }
    }
}

extension Exchange.Result {
    /// What the system said, in our words.
    fileprivate init(failure error: any Error) {
        switch WireError(dialling: error) {
        case .timedOut: self = .timedOut(ignored: 0)
        case .refused: self = .unreachable("port closed")
        case .unreachable(let reason): self = .unreachable(reason)
        case .closedByPeer: self = .garbled("the connection was closed")
        case let other: self = .unreachable("\(other)")
        }
    }
}

/// How many datagrams were ignored, counted by the channel and read by the alarm.
private final class Count: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
}

/// Waits for the datagram that answers the query. What does not is ignored, as a forgery would have to be
/// (RFC 5452 §9.1): keep waiting.
private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let query: Message
    private let promise: EventLoopPromise<Exchange.Result>
    private let ignored: Count

    init(_ query: Message, _ promise: EventLoopPromise<Exchange.Result>, _ ignored: Count) {
        self.query = query
        self.promise = promise
        self.ignored = ignored
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = Array(unwrapInboundIn(data).data.readableBytesView)
        do throws(MessageError) {
            let message = try Message(parsing: octets)
            if message.mismatch(with: query) == nil {
                promise.succeed(.response(message))
            } else {
                ignored.increment()
            }
        } catch {
            // Somebody who knows the id sent it: TCP can tell us more.
            if octets.count >= 3, UInt16(octets[0]) << 8 | UInt16(octets[1]) == query.id, octets[2] & 0x80 != 0 {
                promise.succeed(.garbled("\(error)"))
            } else {
                ignored.increment()
            }
        }
        // Whoever floods us with wrong ones shall not keep us busy until the deadline.
        if ignored.value > 1000 { promise.succeed(.timedOut(ignored: ignored.value)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.succeed(Exchange.Result(failure: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(.unreachable("the socket was closed"))
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
