import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

/// What waits for deadlines or floods the machine runs one case after the other, so that the others have time.
@Suite("Probes on the network")
enum ProbesOnTheNetwork {}

/// A lab with the names, servers and means that tests of probes need.
struct LabBench {
    static let host = "mx.lab.example"
    static let name = (try? DomainName(host)) ?? .root

    let lab: Lab
    let store = MailStore()
    var network = Network()
    var zone = Zone()

    static let user = "ann@lab.example", password = "correct horse battery"

    init(_ lab: Lab) async {
        self.lab = lab
        await store.open(user: Self.user, password: Self.password, now: lab.facilities.now())
    }

    func identity(
        _ names: [String] = [host], validity: LabAuthority.Validity = .usual, chain: LabAuthority.Chain = .complete
    ) throws -> ServerIdentity {
        try lab.authority.identity(for: names, validity: validity, chain: chain)
    }

    /// A server for `service`.
    func start(
        _ service: Service, _ faults: Faults = Faults(), identity: ServerIdentity? = nil, secured: Bool = true,
        taker: (any MessageTaker)? = nil
    ) async throws -> TransportAddress {
        let identity = secured ? try identity ?? self.identity() : nil
        switch service {
        case .smtp, .submission, .submissions:
            let role: SMTPServer.Role =
                service == .smtp ? .exchange : service == .submission ? .submission : .submissions
            let delivery = LocalDelivery(
                store: store, resolver: zone, facilities: lab.facilities, fault: faults.delivery)
            return try await lab.start(
                SMTPServer(
                    host: Self.host, role: role, identity: identity, faults: faults, taker: taker ?? delivery,
                    store: store, facilities: lab.facilities))
        case .imap, .imaps:
            return try await lab.start(
                MailboxServer(
                    .imap, host: Self.host, identity: identity, isImplicit: service == .imaps, faults: faults,
                    store: store))
        case .pop3, .pop3s:
            return try await lab.start(
                MailboxServer(
                    .pop3, host: Self.host, identity: identity, isImplicit: service == .pop3s, faults: faults,
                    store: store))
        }
    }

    func means() throws -> Means {
        Means(
            resolver: zone, network: network, roots: try TrustRoots(pem: lab.authority.rootPEM),
            now: lab.facilities.now, ehloName: .loopback)
    }

    /// Dials `endpoint` for `service` of our host.
    func probe(_ service: Service, at endpoint: TransportAddress, seconds: Double = 60) async throws -> PortObservation
    {
        var means = try means()
        means.network.connectTo = [
            ConnectOverride(host: nil, port: nil, toAddress: endpoint.address, toPort: endpoint.port)
        ]
        return await PortProbe(
            endpoint: Endpoint(host: Self.name, address: endpoint.address, port: service.port), service: service,
            means: means
        ).observe(by: .after(seconds: seconds))
    }
}

/// Waits until other tests leave this one time to run, a minute at most: a deadline that is short must still leave
/// room for what shall happen before it.
func calm() async {
    let limit = ContinuousClock.now + .seconds(60)
    var smooth = 0
    while smooth < 3, ContinuousClock.now < limit {
        let started = ContinuousClock.now
        try? await Task.sleep(for: .milliseconds(50))
        smooth = ContinuousClock.now - started < .milliseconds(100) ? smooth + 1 : 0
    }
}
