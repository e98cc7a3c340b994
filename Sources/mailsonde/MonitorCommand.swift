import ArgumentParser
import DNS
import FoundationEssentials
import Logging
import Monitor
import Networking
import Probes
import Rendering
import Server

/// `mailsonde monitor [CONFIG…]`
struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor",
        abstract: "Probes on schedule, keeps the results and serves metrics and pages.",
        discussion: """
            CONFIG is a YAML file or a folder of *.yaml files; without it mailsonde.yaml here, or else \
            /etc/mailsonde. SIGHUP or POST /-/reload reads it anew, SIGTERM or Ctrl-C ends. \
            'mailsonde config example' prints a configuration to begin with.
            """)

    @Argument(help: "YAML files or folders of them, read as one configuration.")
    var config: [String] = []

    @Option(
        help: ArgumentHelp("Listen here instead of where the configuration says.", valueName: "address:port"))
    var listen: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let paths = try chosenPaths()
        let listen = try self.listen.map(Standard.listen)
        let load = { @Sendable () throws(ConfigurationProblems) in
            var configuration = try Configuration.load(paths, environment: Standard.environment)
            if let listen { configuration.listen = listen }
            return configuration
        }
        let configuration: Configuration
        do { configuration = try load() } catch {
            throw UsageError(lines: error.problems.map { Escaping.visible("\($0)") })
        }
        let common = self.common
        let logger = LineLog.logger()
        let running = Running(
            configuration,
            dependencies: Monitor.Dependencies(
                load: load, makeRunner: { Configuration.runner(with: try common.means(over: $0)) }, logger: logger),
            version: Version.number
        ) { port in
            let place = TransportAddress(address: configuration.listen.address, port: port)
            logger.info("listening", metadata: ["url": "http://\(place)/"])
        }
        do {
            try await running.run()
        } catch let error as Server.CannotListen {
            throw UsageError(error.description)
        } catch let error as History.Failed {
            throw UsageError(error.description)
        }
    }

    private func chosenPaths() throws(UsageError) -> [String] {
        if !config.isEmpty { return config }
        guard let usual = ["mailsonde.yaml", "/etc/mailsonde"].first(where: FileManager.default.fileExists) else {
            throw UsageError(
                "no configuration: neither mailsonde.yaml nor /etc/mailsonde is there; "
                    + "mailsonde config example > mailsonde.yaml makes one")
        }
        return [usual]
    }
}
