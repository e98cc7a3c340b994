package import DNS
package import Judgement
internal import Mail
package import Networking

/// Looks at what this machine can see, for ``SelfTest``: all at once, and the network no further than the few hosts
/// that are named.
package struct SelfTestProbe: Sendable {
    package var means: Means
    package var servers: [ResolverServer]
    /// Hosts whose port 25 is tried, with the port.
    package var hosts: [(name: DomainName, port: UInt16)]
    /// A zone below which an invented name has to be no name.
    package var zone: DomainName
    /// Block lists that are put to their self-test.
    package var lists: [BlockList]
    package var deadline: Deadline

    package init(
        means: Means, servers: [ResolverServer], hosts: [(name: DomainName, port: UInt16)], zone: DomainName,
        lists: [BlockList], deadline: Deadline
    ) {
        self.means = means
        self.servers = servers
        self.hosts = hosts
        self.zone = zone
        self.lists = lists
        self.deadline = deadline
    }

    private var resolver: PunctualResolver { PunctualResolver(resolver: means.resolver, deadline: deadline) }

    /// All lines, always in the same order.
    package func lines() async -> [SelfTest.Line] {
        async let dns = resolverLines()
        async let tcp = SelfTest.overTCP(answersOverTCP())
        async let port25 = SelfTest.port25(attempts())
        async let health = healthOfLists()
        let route = SelfTest.ipv6(hasRoute: means.network.offline ? nil : Route.leadsToIPv6)
        return await dns + [await tcp, await port25, route] + (await health) + [
            SelfTest.roots(means.roots.count, problem: means.roots.problem),
            SelfTest.publicSuffixes(areThere: PublicSuffixList.system != nil),
        ]
    }

    private func resolverLines() async -> [SelfTest.Line] {
        let label = "mailsonde-" + String(means.newID().prefix(20))
        guard let invented = try? zone.prepending(label) else { return [] }
        let signed = Question(.root, .soa, signatures: true)
        let now = means.now()
        let answers = await resolver.outcomes([Question(.root, .ns), Question(invented, .a), signed])
        let security = await inWaves(of: resolver) { dns in
            DNSSEC.validate(Question(.root, .soa), in: &dns, at: now.secondsSince1970).security
        }.result
        return [
            SelfTest.reach(answers[0]), SelfTest.truth(answers[1], below: zone),
            SelfTest.validation(answers[0], security), SelfTest.signatures(answers[2]), SelfTest.clock(answers[2], now),
        ]
    }

    private func answersOverTCP() async -> Bool? {
        guard let server = servers.first else { return nil }
        let query = Message(asking: Question(.root, .ns), id: .random(in: 0...UInt16.max)).encoded()
        do {
            return try await means.network.withConnection(
                to: server.address, port: server.port, host: nil, by: deadline, connectLimit: 5
            ) { wire in
                try await wire.write([UInt8(query.count >> 8), UInt8(query.count & 255)] + query)
                let length = try await wire.read(count: 2)
                let octets = try await wire.read(count: Int(length[0]) << 8 | Int(length[1]))
                return (try? Message(parsing: octets))?.isResponse ?? false
            }
        } catch let error as WireError where error == .offline || error == .cancelled {
            return nil
        } catch {
            return false
        }
    }

    private func attempts() async -> [(place: String, result: SelfTest.Attempt)] {
        await withTaskGroup(of: (Int, SelfTest.Attempt).self) { group in
            for (index, host) in hosts.enumerated() { group.addTask { (index, await attempt(host.name, host.port)) } }
            var results = [SelfTest.Attempt](repeating: .withoutAddress, count: hosts.count)
            for await (index, result) in group { results[index] = result }
            return zip(hosts, results).map { ("\($0.name):\($0.port)", $1) }
        }
    }

    private func attempt(_ host: DomainName, _ port: UInt16) async -> SelfTest.Attempt {
        if means.network.offline { return .offline }
        // Over IPv4 where there is any: whether there is IPv6 is another question.
        guard let address = await addresses(of: host, with: means, port: port, by: deadline).first else {
            return .withoutAddress
        }
        do {
            try await means.network.withConnection(
                to: address, port: port, host: host, by: deadline, connectLimit: 8
            ) { _ in }
            return .reached
        } catch let error as WireError {
            return error == .offline ? .offline : .failed("\(error)")
        } catch {
            return .failed("not in time")
        }
    }

    private func healthOfLists() async -> [SelfTest.Line] {
        let lists = lists
        let health = await inWaves(of: resolver) { dns in lists.map { $0.health(asking: &dns) } }.result
        return zip(lists, health).map { SelfTest.blockList($0, $1) }
    }
}
