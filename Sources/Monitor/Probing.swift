internal import DNS
internal import Judgement
package import Mail
internal import Networking
package import Probes

extension Configuration {
    /// What the probes of this configuration work with: resolver, network, roots.
    ///
    /// Throws a `TrustRootsError` where `ca_file` holds no certificates.
    package func means(now: @escaping @Sendable () -> Timestamp = { .wallClock() }) throws -> Means {
        let settings =
            nameServers.isEmpty
            ? NetworkResolver.Settings(.current, timeout: resolverTimeoutSeconds)
            : NetworkResolver.Settings(servers: nameServers, timeout: resolverTimeoutSeconds)
        return Means(
            resolver: NetworkResolver(settings), network: Network(connectTo: connectTo),
            roots: try caFile.map { try TrustRoots(caFile: $0) } ?? .system, now: now,
            ehloName: ehloName.flatMap { EHLOName($0.description) } ?? .ofThisMachine)
    }

    /// How long what was seen of a mail host serves other domains, in seconds.
    private static let sharedSeconds = 30.0

    /// Carries out this configuration's probes on the real network, or on what `means` lead to.
    ///
    /// Connections to one address are bounded over all probes; round trips are not held back, as they keep connections
    /// open while they wait. Domains with the same mail hosts share what was seen of them for a while.
    package static func runner(with means: Means) -> ProbeRunner {
        var polite = means
        polite.network.manners = Manners()
        let bounded = polite
        polite.shared = PortShare(seconds: sharedSeconds)
        let sharing = polite
        return { plan, deadline in
            switch plan.work {
            case .audit:
                return Observed(
                    await examine(
                        plan.target, with: plan.isOnRequest ? means : sharing, plan: plan.examination, by: deadline))
            case .ports(let host, let services, let port, _):
                return Observed(
                    await examine(
                        host: host, with: plan.isOnRequest ? means : bounded,
                        plan: ExaminationPlan(services: services, port: port), by: deadline))
            case .roundTrip(let roundTrip):
                do {
                    let probe = RoundTripProbe(try RoundTripPlan(roundTrip), means: means)
                    return Observed([.roundTrip(await probe.observe(by: deadline))])
                } catch {
                    return Observed([], failure: Failure(.internal, "\(error)"))
                }
            }
        }
    }
}

extension RoundTripPlan {
    /// From a configured round trip.
    package init(_ configured: Configuration.RoundTrip) throws(Credentials.Unusable) {
        self.init(
            name: configured.name,
            from: SubmissionAccount(
                address: configured.from.address, server: configured.from.server, port: configured.from.port,
                security: configured.from.service.hasImplicitTLS ? .implicit : .starttls,
                credentials: try configured.from.credentials, signer: configured.from.signing?.signer),
            to: MailboxAccount(
                address: configured.to.address, access: configured.to.service.dialect == .pop3 ? .pop3 : .imap,
                server: configured.to.server, port: configured.to.port,
                security: configured.to.service.hasImplicitTLS ? .implicit : .starttls,
                credentials: try configured.to.credentials),
            deadline: configured.deadlineSeconds, lateAfter: configured.lateAfterSeconds)
    }
}

extension Configuration.Account {
    fileprivate var credentials: Credentials {
        get throws(Credentials.Unusable) { try Credentials(user: user, password: password) }
    }
}
