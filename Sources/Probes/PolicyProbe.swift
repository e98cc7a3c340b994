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
        for address in addresses.prefix(Self.mostAddresses) {
            seen.tried.append(address)
            seen.failure = nil
            if await attempt(address, by: deadline, &seen) { break }
            if deadline.hasPassed { break }
        }
        seen.seconds = clock() - began
        return seen
    }

    /// Whether a connection came about: then no other address is tried.
    private func attempt(_ address: IPAddress, by deadline: Deadline, _ seen: inout PolicyObservation) async -> Bool {
        let before = seen
        do {
            seen = try await means.network.withConnection(
                to: address, port: Self.port, host: host, by: deadline, connectLimit: connectLimit
            ) { connection in await converse(over: connection, before) }
            return true
        } catch {
            seen.failure = Failure((error as? WireError) ?? .io("\(error)"), during: .connect)
            return false
        }
    }

    private func converse(over connection: Connection, _ before: PolicyObservation) async -> PolicyObservation {
        var seen = before
        do throws(WireError) {
            let handshake = try await connection.startTLS(serverName: host)
            seen.tls = await means.facts(of: handshake, mode: .implicit, host: host, at: seen.at)
        } catch {
            seen.failure = Failure(error, during: .tls)
            return seen
        }
        do throws(HTTPFault) {
            let answer = try await HTTPClient(wire: connection).get(
                Self.path, host: host.description, limit: MTASTSPolicy.maximumLength)
            seen.status = answer.status
            seen.contentType = answer["content-type"].map { String($0.prefix(300)) }
            seen.location = answer["location"].map { String($0.prefix(1_000)) }
            seen.body = answer.body
            seen.isCut = answer.isCut
        } catch {
            switch error {
            case .wire(let error): seen.failure = Failure(error, during: .fetch, securedButSilent: true)
            case .violation(let what): seen.failure = Failure(.protocolViolation, during: .fetch, what)
            }
        }
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
