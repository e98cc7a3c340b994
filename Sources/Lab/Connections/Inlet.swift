internal import NIOCore

/// What has arrived on a channel and was not read yet. Lives on the channel's event loop; holds at most a little
/// more than ``enough`` octets, then lets TCP hold the peer back.
final class Inlet: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private static let enough = 65_536
    private var arrived: [UInt8] = []
    private var ended = false
    private var waiting: EventLoopPromise<[UInt8]?>?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        if let promise = waiting {
            waiting = nil
            promise.succeed(drained())
        } else if arrived.count > Self.enough {
            context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end()
        context.close(promise: nil)
    }

    private func end() {
        ended = true
        waiting?.succeed(nil)
        waiting = nil
    }

    private func drained() -> [UInt8] {
        defer { arrived = [] }
        return arrived
    }

    /// What has arrived, or the next to arrive; nil once the connection is over.
    func take(on channel: any Channel) -> EventLoopFuture<[UInt8]?> {
        if !arrived.isEmpty {
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
            return channel.eventLoop.makeSucceededFuture(drained())
        }
        if ended || !channel.isActive { return channel.eventLoop.makeSucceededFuture(nil) }
        let promise = channel.eventLoop.makePromise(of: [UInt8]?.self)
        waiting?.succeed(nil)
        waiting = promise
        return promise.futureResult
    }

    /// Forgets what has arrived: plaintext sent before TLS counts for nothing (RFC 3207 §4.2).
    func forget() { arrived = [] }
}
