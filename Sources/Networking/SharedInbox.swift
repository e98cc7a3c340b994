internal import NIOConcurrencyHelpers
internal import NIOCore

/// The ``Inbox`` between the event loop, which fills it, and the task that reads: a lock, so that lines that are there
/// already cost no hop to the event loop.
final class SharedInbox: Sendable {
    private struct State {
        var inbox: Inbox
        var waiting: (wanted: Inbox.Wanted, reader: UnsafeContinuation<[UInt8], any Error>)?
        var handshake: EventLoopPromise<Void>?
    }

    private let state: NIOLockedValueBox<State>

    init(octetLimit: Int) { state = NIOLockedValueBox(State(inbox: Inbox(octetLimit: octetLimit))) }

    var isEmpty: Bool { state.withLockedValue { $0.inbox.isEmpty } }
    var ending: WireError? { state.withLockedValue { $0.inbox.ending } }
    var sawBareLineFeed: Bool { state.withLockedValue { $0.inbox.sawBareLineFeed } }

    /// What is wanted if it is there; otherwise nil.
    func take(_ wanted: Inbox.Wanted) throws(WireError) -> [UInt8]? {
        try state.withLockedValue { state in
            Result { () throws(WireError) in try state.inbox.take(wanted) }
        }.get()
    }

    /// What TLS has to begin with: nothing as a rule, or what a peer said before we said anything. nil where the peer said
    /// more behind what was read of it: that came in clear, behind its go-ahead.
    func takeBeforeTLS() -> [UInt8]? {
        state.withLockedValue { $0.inbox.isEmpty ? [] : $0.inbox.takeUntouched() }
    }

    /// Resumes `reader` with what is wanted as soon as it is there, or with the end.
    func wait(for wanted: Inbox.Wanted, _ reader: UnsafeContinuation<[UInt8], any Error>) {
        let stale = state.withLockedValue { state in
            let stale = state.waiting?.reader
            state.waiting = (wanted, reader)
            return stale
        }
        stale?.resume(throwing: WireError.io("two reads at once"))
        settle()
    }

    /// Keeps `promise` when the handshake is through, or breaks it with the end.
    func awaitHandshake(_ promise: EventLoopPromise<Void>) {
        let refusal = state.withLockedValue { state -> WireError? in
            if let ending = state.inbox.ending { return ending }
            if state.handshake != nil { return .io("two handshakes at once") }
            state.handshake = promise
            return nil
        }
        if let refusal { promise.fail(refusal) }
    }

    func handshakeCompleted() {
        let promise = state.withLockedValue { state in
            defer { state.handshake = nil }
            return state.handshake
        }
        promise?.succeed(())
    }

    func append(_ octets: some Collection<UInt8>) {
        state.withLockedValue { $0.inbox.append(octets) }
        settle()
    }

    /// No more comes. What ends during a handshake is a failure of TLS.
    func end(_ reason: WireError) {
        let (handshake, ending) = state.withLockedValue { state -> (EventLoopPromise<Void>?, WireError) in
            var reason = reason
            if state.handshake != nil, reason == .closedByPeer {
                reason = .tls(TLSFailure("the peer closed the connection during the handshake"))
            }
            state.inbox.end(reason)
            defer { state.handshake = nil }
            return (state.handshake, state.inbox.ending ?? reason)
        }
        handshake?.fail(ending)
        settle()
    }

    private func settle() {
        let settled = state.withLockedValue {
            state -> (reader: UnsafeContinuation<[UInt8], any Error>, result: Result<[UInt8], WireError>)? in
            guard let waiting = state.waiting else { return nil }
            do throws(WireError) {
                guard let taken = try state.inbox.take(waiting.wanted) else { return nil }
                state.waiting = nil
                return (waiting.reader, .success(taken))
            } catch {
                state.waiting = nil
                return (waiting.reader, .failure(error))
            }
        }
        guard let settled else { return }
        switch settled.result {
        case .success(let octets): settled.reader.resume(returning: octets)
        case .failure(let error): settled.reader.resume(throwing: error)
        }
    }
}

/// The last handler of the pipeline: puts what arrives into the inbox, as it comes. Telling the system again and again
/// that we want no more for now would cost more than keeping it, and the inbox has a limit.
final class InboxHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: SharedInbox

    init(_ inbox: SharedInbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.append(unwrapInboundIn(data).readableBytesView)
        if case .tooMuch = inbox.ending { context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isHandshakeCompletion(event) { inbox.handshakeCompleted() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        inbox.end(WireError(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.end(.closedByPeer)
        context.fireChannelInactive()
    }
}
