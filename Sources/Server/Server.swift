// Server: HTTP in front of a monitor. Metrics and probes for Prometheus, an API, and pages for people.
// Left out: logins and TLS. It listens on loopback unless it is told otherwise; a proxy in front does the rest.

package import DNS
internal import HTTPTypes
internal import Hummingbird
package import Logging
package import Monitor
internal import Networking
internal import NIOCore
internal import ServiceLifecycle

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The HTTP server of a monitor: a service that runs beside it.
package struct Server: ServiceLifecycle.Service {
    let monitor: Monitor
    private let listen: TransportAddress
    private let logger: Logger
    private let unreadSeconds: Double
    private let onListening: @Sendable (UInt16) async -> Void

    /// - Parameters:
    ///   - listen: port 0 takes any free one.
    ///   - unreadSeconds: a client that leaves its answer unread for so long is let go.
    ///   - onListening: called once connections are accepted, with the port.
    package init(
        monitor: Monitor, listen: TransportAddress, logger: Logger, unreadSeconds: Double = 30,
        onListening: @escaping @Sendable (UInt16) async -> Void = { _ in }
    ) {
        self.monitor = monitor
        self.listen = listen
        self.logger = logger
        self.unreadSeconds = unreadSeconds
        self.onListening = onListening
    }

    /// Why the server did not start, for a person.
    package struct CannotListen: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// Serves until graceful shutdown. Throws ``CannotListen`` where the address cannot be had.
    package func run() async throws {
        let home = LoopExecutor.next()
        let application = application(on: home.loop)
        do {
            try await TaskHome.$executor.withValue(home) {
                try await withTaskExecutorPreference(home) { try await application.run() }
            }
        } catch let error as IOError {
            throw CannotListen(description: Self.explanation(of: error.errnoCode, listen))
        }
    }

    static func explanation(of code: CInt, _ listen: TransportAddress) -> String {
        let why =
            switch code {
            case EADDRINUSE:
                "another program listens there (another mailsonde?); “listen” in the configuration chooses another port"
            case EADDRNOTAVAIL: "this machine has no such address"
            case EACCES: "ports below 1024 need a privilege; choose a higher one"
            default: "error \(code) of the system"
            }
        return "cannot listen on \(listen): \(why)"
    }

    /// All of it on one event loop: it spends its time waiting, and a probe costs least where nobody is woken for it.
    func application(
        on loop: any EventLoop = EventLoopGroupProvider.singleton.eventLoopGroup.next()
    ) -> some ApplicationProtocol {
        // Hummingbird tells of every request and of its own life; what matters of that the monitor says itself.
        var quiet = logger
        quiet.logLevel = .error
        let onListening = onListening
        let unread = TimeAmount.nanoseconds(Int64(unreadSeconds * 1e9))
        return Application(
            router: router(),
            // A client that sends nothing, or half a request, is let go, and one that does not read; one that waits for
            // its answer is not.
            server: .http1(
                configuration: .init(additionalChannelHandlers: [UnreadLimit(unread)], idleTimeout: .seconds(120))),
            configuration: ApplicationConfiguration(
                address: .hostname("\(listen.address)", port: Int(listen.port)), serverName: "mailsonde"),
            onServerRunning: { channel in
                await onListening(UInt16(truncatingIfNeeded: channel.localAddress?.port ?? 0))
            },
            eventLoopGroupProvider: .shared(loop),
            logger: quiet)
    }

    func router() -> Router<ServerContext> {
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SafetyHeaders())
        MetricsRoutes(monitor: monitor).add(to: router)
        ProbeRoute(monitor: monitor).add(to: router)
        ControlRoutes(monitor: monitor).add(to: router)
        APIRoutes(monitor: monitor).add(to: router)
        PageRoutes(monitor: monitor).add(to: router)
        return router
    }
}

/// What a handler knows of a request besides the request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The other end of the connection; nil where there is no connection.
    let peer: IPAddress?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
    }
}

/// For every answer: nothing is guessed, framed, cached or told to other sites.
struct SafetyHeaders: RouterMiddleware {
    func handle(
        _ request: Request, context: ServerContext, next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        response.headers[.referrerPolicy] = "no-referrer"
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
