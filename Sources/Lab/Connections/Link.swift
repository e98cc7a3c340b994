internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOSSL

/// Who this side is in a TLS handshake.
enum TLSRole: Sendable {
    case server(NIOSSLContext)
    case client(NIOSSLContext, serverName: String)
}

/// A connected channel and what arrived on it.
struct Link: Sendable {
    let channel: any Channel
    private let inlet: NIOLoopBound<Inlet>
    private let cipher: NIOLockedValueBox<NIOLoopBound<CipherReader>?>

    /// Prepares a channel; call it on the channel's event loop.
    static func attach(to channel: any Channel, tls: TLSRole?) -> EventLoopFuture<Link> {
        channel.eventLoop.makeCompletedFuture {
            let inlet = Inlet()
            let link = Link(
                channel: channel, inlet: NIOLoopBound(inlet, eventLoop: channel.eventLoop),
                cipher: NIOLockedValueBox(nil))
            try channel.pipeline.syncOperations.addHandler(inlet)
            if let tls { try link.secure(tls) }
            return link
        }
    }

    /// TLS goes first in the pipeline, nearest to the network.
    private func secure(_ role: TLSRole) throws {
        let reader = CipherReader()
        let tls: any ChannelHandler =
            switch role {
            case .server(let context): NIOSSLServerHandler(context: context)
            case .client(let context, let name): try NIOSSLClientHandler(context: context, serverHostname: name)
            }
        try channel.pipeline.syncOperations.addHandlers([reader, tls], position: .first)
        cipher.withLockedValue { $0 = NIOLoopBound(reader, eventLoop: channel.eventLoop) }
    }

    /// Sends the go-ahead and starts TLS behind it in one step on the event loop, so that nothing comes in between.
    /// What had arrived before counts for nothing (RFC 3207 §4.2).
    func upgrade(_ role: TLSRole, saying goAhead: [UInt8]) async throws {
        try await channel.eventLoop.submit {
            inlet.value.forget()
            if !goAhead.isEmpty { channel.writeAndFlush(ByteBuffer(bytes: goAhead), promise: nil) }
            try secure(role)
        }.get()
    }

    /// The next octets, or nil when the connection is over. Ends at once when the task is cancelled.
    func take() async -> [UInt8]? {
        await withTaskCancellationHandler {
            try? await channel.eventLoop.flatSubmit { inlet.value.take(on: channel) }.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    func send(_ octets: [UInt8]) async throws {
        try await withTaskCancellationHandler {
            try await channel.writeAndFlush(ByteBuffer(bytes: octets)).get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    /// TLS version and cipher as a `Received:` field of Postfix has them; nil without TLS.
    func tlsDescription() async -> String? {
        guard let reader = cipher.withLockedValue({ $0 }) else { return nil }
        let version = try? await channel.nioSSL_tlsVersion().get()
        let cipher = try? await channel.eventLoop.submit { reader.value.description }.get()
        let text =
            switch version {
            case .tlsv13: "TLSv1.3"
            case .tlsv12: "TLSv1.2"
            case .tlsv11: "TLSv1.1"
            case .tlsv1: "TLSv1"
            default: "TLS"
            }
        return cipher.flatMap { $0 }.map { "\(text) with cipher \($0)" } ?? text
    }

    func close() { channel.close(promise: nil) }
}
