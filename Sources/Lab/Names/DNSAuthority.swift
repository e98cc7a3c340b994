package import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// A name server for one zone of text, over UDP and TCP. What goes wrong on demand is planted in the ``Zone``
/// (no answer, SERVFAIL, REFUSED) or said here (truncation); the zone can be changed while it runs.
package final class DNSAuthority: Sendable {
    private struct State {
        var zone: Zone
        var truncated: Set<DomainName>
        var truncatesAll: Bool
        var loss: Double
        var chance = SplitMix(state: 1)
        var isDead = false
        var log: [Question] = []
    }

    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - truncating: names about which UDP tells nothing but "ask by TCP" (RFC 2181 §9).
    ///   - truncatingAll: the same for all names.
    ///   - loss: the part of datagrams that get lost, 0 to 1; the same ones in each run.
    package init(
        _ zone: Zone, truncating: Set<DomainName> = [], truncatingAll: Bool = false, loss: Double = 0
    ) {
        state = NIOLockedValueBox(
            State(zone: zone, truncated: truncating, truncatesAll: truncatingAll, loss: loss))
    }

    /// Says nothing any more, over UDP or TCP, as long as this is set.
    package var isDead: Bool {
        get { state.withLockedValue { $0.isDead } }
        set { state.withLockedValue { $0.isDead = newValue } }
    }

    package var zone: Zone {
        get { state.withLockedValue { $0.zone } }
        set { state.withLockedValue { $0.zone = newValue } }
    }

    /// The last 1,000 questions, oldest first.
    package var questions: [Question] { state.withLockedValue { $0.log } }

    /// What comes back for a packet; nil for silence.
    func reply(to octets: [UInt8], overTCP: Bool) -> [UInt8]? {
        guard let query = try? Message(parsing: octets), !query.isResponse else { return nil }
        let (zone, isTruncated, isLost) = state.withLockedValue { state in
            let isLost = state.isDead || (!overTCP && state.loss > 0 && state.chance.next(below: 1) < state.loss)
            if let question = query.questions.first {
                state.log.append(question)
                if state.log.count > 1_000 { state.log.removeFirst() }
                return (state.zone, state.truncatesAll || state.truncated.contains(question.name), isLost)
            }
            return (state.zone, false, isLost)
        }
        if isLost { return nil }
        guard var response = zone.message(answering: query) else { return nil }
        if overTCP { return response.encoded() }
        if isTruncated {
            response.isTruncated = true
            response.answers = []
            response.authority = []
            response.additional = []
        }
        return response.encoded(limit: query.udpLimit)
    }

    /// UDP and TCP on one free port.
    func listen(at address: IPAddress) async throws -> (TransportAddress, @Sendable () async -> Void) {
        for _ in 0..<20 {
            let datagrams = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramAnswerer(self))
                    }
                }
                .bind(to: SocketAddress(ipAddress: address.description, port: 0)).get()
            let port = UInt16(datagrams.localAddress?.port ?? 0)
            do {
                let (endpoint, runTCP) = try await openListener(
                    at: address, port: port, tls: nil, serve: serveTCP)
                return (
                    endpoint,
                    {
                        await runTCP()
                        try? await datagrams.close()
                    }
                )
            } catch {
                // Someone has this port for TCP: take another.
                try? await datagrams.close()
            }
        }
        throw NoCommonPort()
    }

    private struct NoCommonPort: Error {}

    /// Messages behind their length, one after the other (RFC 7766 §8).
    private func serveTCP(_ talk: LabConversation) async throws {
        while true {
            let length = try await talk.octets(2)
            let query = try await talk.octets(Int(length[0]) << 8 | Int(length[1]))
            guard let reply = reply(to: query, overTCP: true) else {
                while true { _ = try await talk.octets(1) }
            }
            try await talk.say(octets: [UInt8(reply.count >> 8), UInt8(reply.count & 0xFF)] + reply)
        }
    }
}

/// Numbers that look random and are the same each time (splitmix64).
private struct SplitMix {
    var state: UInt64

    mutating func next(below limit: Double) -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ z >> 31) >> 11) / Double(UInt64(1) << 53) * limit
    }
}

private final class DatagramAnswerer: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let authority: DNSAuthority

    init(_ authority: DNSAuthority) { self.authority = authority }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let packet = unwrapInboundIn(data)
        guard let reply = authority.reply(to: Array(packet.data.readableBytesView), overTCP: false) else { return }
        let answer = AddressedEnvelope(remoteAddress: packet.remoteAddress, data: ByteBuffer(bytes: reply))
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A packet that could not be sent is a packet lost: UDP lives with that.
    }
}
