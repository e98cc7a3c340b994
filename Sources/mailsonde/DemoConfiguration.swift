import DNS
import FoundationEssentials
import Judgement
import Lab
import Mail
import Monitor
import Networking
import Probes

/// What the demo monitors: the world of the lab, at intervals short enough to watch.
enum DemoConfiguration {
    /// The one check that cannot but fail here: the whole world lives on loopback addresses.
    static let leftOut = "mx.address-special"
    static let rules = Rule.all.filter { $0.check.identifier != leftOut }

    /// For 30 seconds, then again.
    private static let auditInterval = 30.0
    private static let portInterval = 20.0
    private static let journeyInterval = 30.0

    static func make(
        _ world: MailWorld, _ folder: DemoFolder, listen: TransportAddress
    ) throws -> Configuration {
        var configuration = Configuration()
        configuration.nameServers = [ResolverServer(world.resolver.address, port: world.resolver.port)]
        configuration.listen = listen
        configuration.history = .init(path: folder.history, keepSeconds: 86_400)
        configuration.ehloName = try DomainName("probe.healthy.example")
        configuration.caFile = folder.roots
        configuration.connectTo = world.overrides
        configuration.domains = [world.healthyDomain, world.brokenDomain].map { domain in
            .init(
                name: domain.description, domain: domain, dkimSelectors: world.selectors[domain] ?? [],
                intervalSeconds: auditInterval, timeoutSeconds: 15)
        }
        configuration.ports = [
            .init(
                name: "mailbox ports", host: try DomainName("mail.healthy.example"),
                services: Service.allCases.filter(\.isForUsers), intervalSeconds: portInterval, timeoutSeconds: 10)
        ]
        configuration.roundTrips = try world.journeys.map { try roundTrip($0, in: world) }
        return configuration
    }

    private static func roundTrip(_ journey: MailWorld.Journey, in world: MailWorld) throws -> Configuration.RoundTrip {
        .init(
            name: journey.name,
            from: .init(
                address: try EmailAddress(journey.from.address), server: try DomainName(journey.submissionHost),
                port: journey.submissionPort, service: journey.submissionPort == 465 ? .submissions : .submission,
                user: journey.from.address, password: Secret(journey.from.password),
                signing: .init(
                    domain: world.healthyDomain, selector: world.signingKey.selector,
                    key: Secret(world.signingKey.text))),
            to: .init(
                address: try EmailAddress(journey.recipient), server: try DomainName(journey.fetchHost),
                port: journey.fetchPort, service: journey.fetchProtocol == "pop3" ? .pop3s : .imaps,
                user: journey.to.address, password: Secret(journey.to.password)),
            intervalSeconds: journeyInterval, deadlineSeconds: journey.hold + 20)
    }
}

/// A folder of the demo's own below the temporary one: the roots to trust, and the history. Gone when the demo is.
struct DemoFolder: Sendable {
    let path: String

    var roots: String { path + "/roots.pem" }
    var history: String { path + "/history.sqlite" }

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("mailsonde-demo-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    func write(_ pem: String) throws { try Data(pem.utf8).write(to: URL(fileURLWithPath: roots)) }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
