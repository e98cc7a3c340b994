package import DNS
package import Judgement
package import Mail
package import Networking

/// Fetches a domain's MTA-STS policy as senders do (RFC 8461 §3.3): over HTTPS from `mta-sts.` and the domain, with that
/// name in SNI, following no redirect, a minute and 64 KiB at most.
///
/// Unlike a sender it goes on where the certificate does not hold, so that it can be told what the policy would say;
/// nothing secret is sent. It gives back an observation in every case.
package struct PolicyProbe: Sendable {
    package var domain: DomainName
    package var host: DomainName
    /// In the order they are tried.
    package var addresses: [IPAddress]
    package var means: Means
    /// Seconds for the whole (RFC 8461 §3.3: a minute is suggested).
    package var limit: Double = 60
    /// Seconds for one address to answer at all.
    package var connectLimit: Double = 5

    /// No more addresses are tried.
    static let mostAddresses = 4
    static let path = "/.well-known/mta-sts.txt"
    static let port: UInt16 = 443

    package init(domain: DomainName, host: DomainName, addresses: [IPAddress], means: Means) {
        self.domain = domain
        self.host = host
        self.addresses = addresses
        self.means = means
    }

    /// Ends by `deadline`.
    package func observe(by deadline: Deadline) async -> PolicyObservation {
        let clock = Means.monotonic
        let began = clock()
        let deadline = deadline.capped(seconds: limit)
        var seen = PolicyObservation(domain: domain, host: host, at: means.now())
        if addresses.isEmpty { seen.failure = Failure(.noSuchName, during: .dns, "\(host) has no address") }
        // RFC 8461 §3.3: redirects are not followed.
        let fetch = WebFetch(
            host: host, port: Self.port, path: Self.path, means: means, limit: MTASTSPolicy.maximumLength,
            connectLimit: connectLimit, mostAddresses: Self.mostAddresses)
        let found = await fetch.get(from: addresses, by: deadline)
        seen.tried = found.tried
        seen.tls = found.tls
        seen.status = found.status
        seen.contentType = found.contentType
        seen.location = found.location
        seen.body = found.body
        seen.isCut = found.isCut
        if !addresses.isEmpty { seen.failure = found.failure }
        seen.seconds = clock() - began
        return seen
    }
}

/// Looks up a domain's MTA-STS record, fetches the policy where one is announced, and holds the hosts against it.
/// - Parameter hosts: nil for the domain's own.
package func checkPolicy(
    of domain: DomainName, hosts: [DomainName]?, with means: Means, at now: Timestamp, by deadline: Deadline
) async -> PolicyCheck {
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline)
    let (first, knowledge) = await inWaves(of: resolver) { dns in
        PolicyCheck.gather(domain, hosts: hosts, policy: nil, at: now, asking: &dns)
    }
    var fetched: PolicyObservation?
    if case .found = first.record, let host = first.evidence.host {
        if means.network.offline {
            var observation = PolicyObservation(domain: domain, host: host, at: now)
            observation.failure = Failure(.offline, during: .connect, "the network is not to be touched (offline)")
            fetched = observation
        } else {
            fetched = await fetchPolicy(of: domain, at: host, asking: resolver, means, by: deadline)
        }
    }
    let policy = fetched
    return await inWaves(of: resolver, known: knowledge) { dns in
        PolicyCheck.gather(domain, hosts: hosts, policy: policy, at: now, asking: &dns)
    }.result
}
