import DNS
import NIOCore
import NIOPosix
import Networking
import Synchronization

/// A name server on loopback over UDP and TCP on one port; what it does with a query is the test's to say.
final class NameServerPeer: Sendable {
    enum Transport: Sendable { case udp, tcp }

    enum Reaction: Sendable {
        case silence
        /// Truncated where it does not fit the query's limit over UDP.
        case message(Message?)
        case octets([UInt8])
        case several([Reaction])
        case after(milliseconds: Int64, Message?)
        /// The TCP connection is closed.
        case close
        /// Over TCP: these octets without a length before them, one by one at such intervals.
        case dribble([UInt8], milliseconds: Int64)
        /// The first for the first query of a TCP connection, the second for the second; the last for all later ones.
        case byTurn([Reaction])
    }

    struct Asked: Hashable, Sendable {
        var query: Message
        var transport: Transport
        var sourcePort: Int
    }

    typealias Respond = @Sendable (Message, Transport) -> Reaction

    private let log = Mutex<[Asked]>([])
    private let respond: Respond
    private let udp: any Channel
    private let tcp: any Channel

    var asked: [Asked] { log.withLock { $0 } }
    var server: ResolverServer {
        ResolverServer(.v4(IPv4Address(127, 0, 0, 1)), port: UInt16(udp.localAddress?.port ?? 0))
    }

    /// Runs `body` beside a server and ends it afterwards.
    static func with<R>(_ respond: @escaping Respond, _ body: (NameServerPeer) async throws -> R) async throws -> R {
        let peer = try await start(respond)
        do {
            let result = try await body(peer)
            try await peer.stop()
            return result
        } catch {
            try? await peer.stop()
            throw error
        }
    }

    /// One that answers from zone text.
    static func with<R>(zone text: String, _ body: (NameServerPeer) async throws -> R) async throws -> R {
        let zone = try Zone(text)
        return try await with({ query, _ in .message(zone.message(answering: query)) }, body)
    }

    private init(udp: any Channel, tcp: any Channel, respond: @escaping Respond) {
        self.udp = udp
        self.tcp = tcp
        self.respond = respond
    }

    private static func start(_ respond: @escaping Respond, port: Int = 0) async throws -> NameServerPeer {
        let group = MultiThreadedEventLoopGroup.singleton
        let box = Box()
        for _ in 0..<20 {
            let udp = try await DatagramBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramPeer(box))
                    }
                }.bind(host: "127.0.0.1", port: port).get()
            do {
                let tcp = try await ServerBootstrap(group: group)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(StreamPeer(box))
                        }
                    }.bind(host: "127.0.0.1", port: udp.localAddress?.port ?? 0).get()
                let peer = NameServerPeer(udp: udp, tcp: tcp, respond: respond)
                box.peer.withLock { $0 = peer }
                return peer
            } catch {
                try await udp.close()
            }
        }
        throw ChannelError.inappropriateOperationForState
    }

    /// Listens at `server`'s port again, after it was closed.
    static func with<R>(
        at server: ResolverServer, _ respond: @escaping Respond, _ body: (NameServerPeer) async throws -> R
    ) async throws -> R {
        let peer = try await start(respond, port: Int(server.port))
        do {
            let result = try await body(peer)
            try await peer.stop()
            return result
        } catch {
            try? await peer.stop()
            throw error
        }
    }

    private func stop() async throws {
        try await udp.close()
        try await tcp.close()
    }

    fileprivate func react(_ octets: [UInt8], _ transport: Transport, from port: Int) -> (Message, Reaction)? {
        guard let query = try? Message(parsing: octets) else { return nil }
        log.withLock { $0.append(Asked(query: query, transport: transport, sourcePort: port)) }
        return (query, respond(query, transport))
    }

    /// The octets of a reaction and when to send them; nil closes.
    fileprivate static func outputs(_ reaction: Reaction, limit: Int) -> [(milliseconds: Int64, octets: [UInt8]?)] {
        switch reaction {
        case .silence, .message(nil), .after(_, nil): []
        case .message(let message?): [(0, message.encoded(limit: limit))]
        case .octets(let octets): [(0, octets)]
        case .several(let reactions): reactions.flatMap { outputs($0, limit: limit) }
        case .after(let milliseconds, let message?): [(milliseconds, message.encoded(limit: limit))]
        case .close: [(0, nil)]
        case .dribble: []
        case .byTurn(let reactions): reactions.first.map { outputs($0, limit: limit) } ?? []
        }
    }

    fileprivate final class Box: Sendable {
        let peer = Mutex<NameServerPeer?>(nil)
        var current: NameServerPeer? { peer.withLock { $0 } }
    }
}

private final class DatagramPeer: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    let box: NameServerPeer.Box
    init(_ box: NameServerPeer.Box) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let channel = context.channel
        guard
            let (query, reaction) = box.current?.react(
                Array(envelope.data.readableBytesView), .udp, from: envelope.remoteAddress.port ?? 0)
        else { return }
        for (milliseconds, octets) in NameServerPeer.outputs(reaction, limit: query.udpLimit) {
            guard let octets else { continue }
            channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                channel.writeAndFlush(
                    AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: octets)),
                    promise: nil)
            }
        }
    }
}

private final class StreamPeer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let box: NameServerPeer.Box
    var octets: [UInt8] = []
    /// Queries that came before.
    var before = 0
    init(_ box: NameServerPeer.Box) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        octets += unwrapInboundIn(data).readableBytesView
        guard octets.count >= 2 else { return }
        let length = Int(octets[0]) << 8 | Int(octets[1])
        guard octets.count >= 2 + length else { return }
        let channel = context.channel
        let query = Array(octets[2..<(2 + length)])
        octets.removeFirst(2 + length)
        let port = context.remoteAddress?.port ?? 0
        guard var (_, reaction) = box.current?.react(query, .tcp, from: port) else { return }
        if case .byTurn(let reactions) = reaction, let last = reactions.last {
            reaction = before < reactions.count ? reactions[before] : last
        }
        before += 1
        if case .dribble(let octets, let interval) = reaction {
            for (index, octet) in octets.enumerated() {
                channel.eventLoop.scheduleTask(in: .milliseconds(interval * Int64(index))) {
                    channel.writeAndFlush(ByteBuffer(bytes: [octet]), promise: nil)
                }
            }
        }
        for (milliseconds, octets) in NameServerPeer.outputs(reaction, limit: 65535) {
            channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                guard let octets else { return channel.close(promise: nil) }
                var buffer = ByteBuffer(integer: UInt16(octets.count))
                buffer.writeBytes(octets)
                channel.writeAndFlush(buffer, promise: nil)
            }
        }
    }
}
