import ArgumentParser
import DNS
import Judgement
import Lab
import Logging
import Monitor
import Networking
import Rendering
import Server
import ServiceLifecycle
import UnixSignals

/// `mailsonde demo`
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "The whole thing against a small mail world on loopback: nothing to install or configure.",
        discussion: """
            Starts a name server, mail servers, a relay that holds messages and mailboxes on loopback addresses, with \
            one healthy and one badly configured domain; monitors them, and prints the results as they come. \
            Ctrl-C ends it. Nothing leaves this machine.
            """)

    @Option(
        help: ArgumentHelp(
            "Where pages and metrics are served (default: 127.0.0.1:9725, or a free port where that is taken).",
            valueName: "host:port"))
    var listen: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("End by itself after so long.", valueName: "seconds"))
    var duration: Double?

    @Option(help: ArgumentHelp("How long the relay holds each message.", valueName: "seconds"))
    var hold = 3.0

    func run() async throws {
        if let duration, !(duration > 0 && duration < 1e9) {
            throw UsageError("--for \(duration): write a number of seconds above 0")
        }
        guard hold >= 0, hold <= 60 else {
            throw UsageError("--hold \(hold): write a number of seconds from 0 to 60")
        }
        let listen = try chosenListen()
        let folder = try DemoFolder()
        defer { folder.remove() }
        let failure = try await withMailWorld(hold: hold) { world -> String? in
            try folder.write(world.rootPEM)
            let configuration = try DemoConfiguration.make(world, folder, listen: listen)
            return await show(world, configuration)
        }
        if let failure { throw UsageError(failure) }
    }

    /// Runs monitor and server until Ctrl-C or `--for`; gives what went wrong, for a person.
    private func show(_ world: MailWorld, _ configuration: Configuration) async -> String? {
        let teller = DemoTeller(look: Standard.look(verbose: false), configuration, world)
        let logger = Logger(label: "mailsonde.demo") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .error
            return handler
        }
        do {
            let monitor = try Monitor(
                configuration,
                dependencies: Monitor.Dependencies(
                    load: { () throws(ConfigurationProblems) in configuration },
                    makeRunner: { Configuration.runner(with: try $0.means()) },
                    rules: DemoConfiguration.rules, logger: logger, onResult: { await teller.tell($0) }),
                ledger: Ledger(version: Version.number, revision: ""),
                history: try configuration.history.map { try History(path: $0.path) })
            let server = Server(
                monitor: monitor, listen: configuration.listen, logger: logger, onListening: { await teller.begin($0) })
            let group = ServiceGroup(
                services: [server, monitor], gracefulShutdownSignals: [.sigint, .sigterm], logger: logger)
            let end = Task { [duration] in
                guard let duration else { return }
                try await Task.sleep(for: .seconds(duration))
                await group.triggerGracefulShutdown()
            }
            defer { end.cancel() }
            try await group.run()
            await teller.end()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func chosenListen() throws(UsageError) -> TransportAddress {
        if let listen { return try Standard.listen(listen) }
        let usual = Configuration().listen
        return isPortFree(usual.port, at: usual.address) ? usual : TransportAddress(address: usual.address, port: 0)
    }
}
