import ArgumentParser
import DNS
import Mail
import Monitor
import Networking
import Probes
import Rendering

/// From the options to what probes work with, in one place; everything is checked before anything is dialled.
extension AskingOptions {
    /// The end of the whole command, or of `usual` seconds where none was asked for. A little is kept for judging and
    /// writing, so that the answer is there by then.
    func deadline(usual: Double) throws(UsageError) -> Deadline {
        guard let timeout else { return .after(seconds: usual) }
        guard timeout > 0, timeout.isFinite else {
            throw UsageError("--timeout \(timeout): write a number of seconds above 0")
        }
        return .after(seconds: timeout - min(0.2, timeout / 10))
    }

    /// The moment to judge as of: `--now`, otherwise the wall clock's.
    func moment() throws(UsageError) -> Timestamp {
        guard let now else { return .wallClock() }
        guard now.isFinite, abs(now) < 253_402_300_800 else {
            throw UsageError("--now \(now): write the seconds since 1970-01-01T00:00:00Z, as date +%s prints them")
        }
        return Timestamp(now)
    }

    /// Whom to ask: the servers on the command line, otherwise those of a configuration, otherwise the system's.
    func resolverSettings(
        timeout: Double, otherwise configured: [ResolverServer] = []
    ) throws(UsageError) -> NetworkResolver.Settings {
        var servers = configured
        if !resolver.isEmpty {
            servers = []
            for text in resolver { servers.append(try Self.server(text)) }
        }
        return servers.isEmpty
            ? NetworkResolver.Settings(.current, timeout: timeout)
            : NetworkResolver.Settings(servers: servers, timeout: timeout)
    }

    private static func server(_ text: String) throws(UsageError) -> ResolverServer {
        do throws(ResolverServerError) {
            return try ResolverServer(text)
        } catch {
            throw UsageError("--resolver: \(error)")
        }
    }
}

/// The same for a whole command.
extension CommonOptions {
    func deadline(usual: Double) throws(UsageError) -> Deadline { try asking.deadline(usual: usual) }
    func moment() throws(UsageError) -> Timestamp { try asking.moment() }

    /// Resolver, network, roots and name as the options say.
    func means() throws(UsageError) -> Means {
        var configuration = Configuration()
        configuration.resolverTimeoutSeconds = 5
        return try means(over: configuration)
    }

    /// The same where a configuration says more: what stands on the command line counts.
    func means(over configuration: Configuration) throws(UsageError) -> Means {
        let overrides = try connectTo.map(Self.override) + configuration.connectTo
        let roots = try (caFile ?? configuration.caFile).map(Self.roots) ?? .system
        let settings = try resolverSettings(
            timeout: configuration.resolverTimeoutSeconds, otherwise: configuration.nameServers)
        return Means(
            resolver: offline ? OfflineResolver() : NetworkResolver(settings),
            network: Network(connectTo: overrides, offline: offline), roots: roots, now: { .wallClock() },
            ehloName: try chosenName(configuration.ehloName))
    }

    private func resolverSettings(
        timeout: Double, otherwise configured: [ResolverServer] = []
    ) throws(UsageError) -> NetworkResolver.Settings {
        try asking.resolverSettings(timeout: timeout, otherwise: configured)
    }

    private func chosenName(_ configured: DomainName?) throws(UsageError) -> EHLOName {
        guard let ehloName else { return configured.flatMap { EHLOName($0.description) } ?? .ofThisMachine }
        guard let name = EHLOName(ehloName) else {
            throw UsageError(
                "--ehlo-name: “\(ehloName)” is no name to give in EHLO: write mail.example.org or [192.0.2.1]")
        }
        return name
    }

    private static func override(_ text: String) throws(UsageError) -> ConnectOverride {
        do throws(ConnectOverrideError) {
            return try ConnectOverride(text)
        } catch {
            throw UsageError("--connect-to: \(error)")
        }
    }

    private static func roots(_ path: String) throws(UsageError) -> TrustRoots {
        do throws(TrustRootsError) {
            return try TrustRoots(caFile: path)
        } catch {
            throw UsageError("--ca-file: \(error)")
        }
    }
}
