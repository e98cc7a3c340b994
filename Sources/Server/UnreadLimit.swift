internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Lets a client go that asks and does not read: what was written for it has not moved for so long. Its answer would be
/// kept for it as long as it likes, and so would those of its many friends.
final class UnreadLimit: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    /// Pieces that were written and have not left.
    private var waiting = 0
    private var clock: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        waiting += 1
        if clock == nil { wind(context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.waiting -= 1
            handler.wind(context)
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { clock?.cancel() }

    /// A piece has moved, or the first one waits: the time begins anew.
    private func wind(_ context: ChannelHandlerContext) {
        clock?.cancel()
        clock = nil
        if waiting == 0 || !context.channel.isActive { return }
        let channel = context.channel
        clock = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }
}
