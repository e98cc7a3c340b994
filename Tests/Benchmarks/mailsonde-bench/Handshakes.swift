import DNS
import Judgement
import Mail
import NIOCore
import NIOPosix
import NIOSSL
import Networking
import Probes

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// TCP, a verified TLS handshake, one line heard, good-bye, again and again: as NIOSSL does it with its own verification,
/// or as our probes do it, with the facts they gather. It prints cpu= and seconds= of all of them.
struct Handshakes {
    let port: UInt16
    let caFile: String
    let count: Int
    let atOnce: Int
    let isBare: Bool

    init(_ arguments: Arguments) throws {
        port = UInt16(try arguments.number("port", default: 0, in: 1...65_535))
        caFile = try arguments.text("ca-file")
        count = try arguments.number("count", default: 1_000, in: 1...10_000_000)
        atOnce = try arguments.number("at-once", default: 1, in: 1...1_000)
        isBare = try arguments.number("bare", default: 0, in: 0...1) == 1
    }

    func run() async throws {
        let one = isBare ? try bare() : try ours()
        try await one()
        let before = Cost.now, began = ContinuousClock.now
        let each = max(1, count / atOnce)
        let failures = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<atOnce {
                group.addTask {
                    var failures = 0
                    for _ in 0..<each {
                        do { try await one() } catch { failures += 1 }
                    }
                    return failures
                }
            }
            return await group.reduce(0, +)
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let cost = Cost.now - before
        let scale = Double(count) / Double(each * atOnce)
        print(
            "cpu=\(thousandths((cost.user + cost.system) * scale)) seconds=\(thousandths(seconds * scale)) failures=\(failures)"
        )
    }

    // MARK: As NIOSSL does it

    private func bare() throws -> @Sendable () async throws -> Void {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(caFile)
        configuration.shutdownTimeout = .milliseconds(50)
        let context = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let port = Int(port)
        return {
            let heard = loop.makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let tls = try NIOSSLClientHandler(context: context, serverHostname: "responder.test")
                        try channel.pipeline.syncOperations.addHandlers([tls, FirstOctets(heard)])
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await heard.futureResult.get()
            channel.close(promise: nil)
        }
    }

    /// Keeps its promise with the first that arrives.
    private final class FirstOctets: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let heard: EventLoopPromise<Void>

        init(_ heard: EventLoopPromise<Void>) { self.heard = heard }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { heard.succeed(()) }
        func channelInactive(context: ChannelHandlerContext) { heard.fail(ChannelError.eof) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            heard.fail(error)
            context.close(promise: nil)
        }
    }

    // MARK: As our probes do it

    private func ours() throws -> @Sendable () async throws -> Void {
        let roots = try TrustRoots(caFile: caFile)
        let network = Network()
        let name = try DomainName("responder.test")
        let address = IPAddress.v4(IPv4Address(127, 0, 0, 1))
        let port = port
        @Sendable func one() async throws {
            let (handshake, line) = try await network.withConnection(
                to: address, port: port, host: name, by: .after(seconds: 20)
            ) { connection throws -> (TLSHandshake, [UInt8]) in
                let handshake = try await connection.startTLS(serverName: name)
                let line = try await connection.readLine(limit: 512)
                return (handshake, line)
            }
            let facts = await TLSFacts(
                handshake, mode: .implicit, host: name, roots: roots, at: Timestamp(Double(time(nil))))
            guard facts.trusted == true, facts.nameMatches == true, !line.isEmpty else {
                throw Usage("the certificate is not what it should be: \(facts.trustProblem ?? "name")")
            }
        }
        return one
    }
}
