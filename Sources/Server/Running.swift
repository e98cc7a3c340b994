internal import Logging
package import Monitor
internal import ServiceLifecycle
internal import UnixSignals

/// A monitor with its server, from start to end: what the commands `monitor` and `demo` run.
package struct Running: Sendable {
    package var configuration: Configuration
    package var dependencies: Monitor.Dependencies
    /// Shown in `mailsonde_build_info`.
    package var version: String
    package var revision: String
    /// Called once the server accepts connections, with its port.
    package var onListening: @Sendable (UInt16) async -> Void

    package init(
        _ configuration: Configuration, dependencies: Monitor.Dependencies, version: String, revision: String = "",
        onListening: @escaping @Sendable (UInt16) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.dependencies = dependencies
        self.version = version
        self.revision = revision
        self.onListening = onListening
    }

    /// Probes and serves until SIGTERM or SIGINT, or until its task is cancelled; SIGHUP reads the configuration anew.
    ///
    /// Throws `History.Failed` where the history cannot be opened, ``Server/CannotListen`` where the address cannot be
    /// had, and what `dependencies.makeRunner` throws.
    package func run() async throws {
        let history = try configuration.history.map { try History(path: $0.path) }
        let monitor = try Monitor(
            configuration, dependencies: dependencies, ledger: Ledger(version: version, revision: revision),
            history: history)
        let server = Server(
            monitor: monitor, listen: configuration.listen, logger: dependencies.logger, onListening: onListening)
        var quiet = dependencies.logger
        quiet.logLevel = .error
        // The server goes last: what the monitor knows can be scraped until then.
        var group = ServiceGroupConfiguration(
            services: [.init(service: server), .init(service: monitor), .init(service: HangUps(monitor: monitor))],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        group.maximumGracefulShutdownDuration = .seconds(Monitor.patienceSeconds + 5)
        try await ServiceGroup(configuration: group).run()
    }
}

/// Each SIGHUP reads the configuration anew; a bad one is logged by the monitor.
private struct HangUps: ServiceLifecycle.Service {
    let monitor: Monitor

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            try? await monitor.reload()
        }
    }
}
