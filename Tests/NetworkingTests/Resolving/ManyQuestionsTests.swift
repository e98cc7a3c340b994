import DNS
import Synchronization
import Testing

@testable import Networking

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }
private func host(_ index: Int) -> Question { Question(name("h\(index).example.org"), .a) }
private let zoneText = "*.example.org. 300 A 192.0.2.7\nexample.org. 300 SOA ns1 hostmaster 1 3600 600 86400 600"

private func reason(_ outcome: Outcome) -> Unanswered.Reason? {
    if case .failure(let failure) = outcome { failure.reason } else { nil }
}

@Suite(.timeLimit(.minutes(5))) struct ManyQuestionsTests {
    @Test func `outcomes come in the order of the questions, the same question twice too`() async throws {
        try await NameServerPeer.with(zone: "a.example. A 192.0.2.1\nb.example. A 192.0.2.2\n. SOA a b 1 2 3 4 5") {
            peer in
            let resolver = NetworkResolver(servers: [peer.server], timeout: 60)
            let names = ["a.example", "b.example", "a.example", "A.EXAMPLE", "c.example", "b.example"]
            let outcomes = await resolver.outcomes(names.map { Question(name($0), .a) })
            let texts = outcomes.map { (try? $0.get())?.records.first?.data.description ?? "none" }
            #expect(texts == ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1", "none", "192.0.2.2"])
            #expect(peer.asked.count == 3)
            #expect(await resolver.outcomes([]).isEmpty)
            // All kept by now.
            #expect(await resolver.outcomes([Question(name("a.example"), .a)]).map(reason) == [nil])
            #expect(peer.asked.count == 3)
        }
    }

    @Test func `tasks beside the resolver ask as others do, and their children run there too`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            var settings = NetworkResolver.Settings(servers: [peer.server], timeout: 60)
            settings.maximumInFlight = 200
            settings.cacheCapacity = 100
            let resolver = NetworkResolver(settings)
            let answered = try await resolver.runBeside {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for task in 0..<100 {
                        group.addTask {
                            var records = 0
                            for step in 0..<20 {
                                records += try await resolver.answer(host(task * 20 + step)).records.count
                                if step % 5 == 0 { await Task.yield() }
                            }
                            return records
                        }
                    }
                    return try await group.reduce(0, +)
                }
            }
            #expect(answered == 2000)
            // And from elsewhere afterwards.
            #expect(try await resolver.answer(host(5000)).records.count == 1)
        }
    }

    @Test func `what is cancelled beside the resolver ends at once`() async throws {
        try await NameServerPeer.with({ _, _ in .silence }) { peer in
            let resolver = NetworkResolver(servers: [peer.server], timeout: 600)
            let start = ContinuousClock.now
            let task = Task {
                await resolver.runBeside {
                    await withTaskGroup(of: [Outcome].self) { group in
                        for index in 0..<50 {
                            group.addTask { [await resolver.outcome(host(index))] }
                            group.addTask { await resolver.outcomes([host(index), host(index + 1), host(1000)]) }
                        }
                        return await group.reduce(into: []) { $0 += $1 }
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            let outcomes = await task.value
            #expect(outcomes.count == 200)
            #expect(outcomes.allSatisfy { $0 == .failure(NetworkResolver.cancelled) })
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }

    @Test func `a deadline ends a batch, with what had come by then`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, _ in
            query.questions.first == host(1) ? .silence : .message(zone.message(answering: query))
        }) { peer in
            let resolver = NetworkResolver(servers: [peer.server], timeout: 600).limited(to: .after(seconds: 3))
            let outcomes = await resolver.outcomes((0..<3).map(host))
            #expect(outcomes.map(reason) == [nil, .timedOut, nil])
        }
    }

    @Test func `waves ask what they need at once`() async throws {
        let text = "example.org. MX 10 a.example.org.\nexample.org. MX 20 b.example.org.\n*.example.org. A 192.0.2.1"
        try await NameServerPeer.with(zone: text) { peer in
            let resolver = NetworkResolver(servers: [peer.server], timeout: 60)
            let (addresses, knowledge) = await inWaves(of: resolver) { knowledge in
                guard case .success(let answer) = knowledge.outcome(name("example.org"), .mx) else { return 0 }
                return answer.records.reduce(0) { sum, record in
                    guard case .mx(let mx) = record.data,
                        case .success(let found) = knowledge.outcome(mx.exchange, .a)
                    else { return sum }
                    return sum + found.records.count
                }
            }
            #expect(addresses == 2 && knowledge.outcomes.count == 3)
        }
    }

    @Test func `no more are sent in a second than may be`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            for perServer in [false, true] {
                var settings = NetworkResolver.Settings(servers: [peer.server], timeout: 60)
                if perServer { settings.queriesPerSecondAndServer = 100 } else { settings.queriesPerSecond = 100 }
                let resolver = NetworkResolver(settings)
                let start = ContinuousClock.now
                let outcomes = await resolver.outcomes((0..<105).map(host))
                #expect(outcomes.allSatisfy { reason($0) == nil })
                // Five at once, then a hundred in a second.
                #expect(ContinuousClock.now - start > .milliseconds(950))
            }
        }
    }

    @Test func `servers share the load where they are to, otherwise the first has it`() async throws {
        try await NameServerPeer.with(zone: zoneText) { first in
            try await NameServerPeer.with(zone: zoneText) { second in
                var settings = NetworkResolver.Settings(servers: [first.server, second.server], timeout: 60, pause: 20)
                _ = await NetworkResolver(settings).outcomes((0..<100).map(host))
                #expect(first.asked.count == 100 && second.asked.isEmpty)
                settings.sharesLoad = true
                _ = await NetworkResolver(settings).outcomes((0..<100).map(host))
                #expect(first.asked.count == 150 && second.asked.count == 50)
            }
        }
    }

    @Test func `a limit for each server fills the first and goes on to the next`() async throws {
        try await NameServerPeer.with(zone: zoneText) { first in
            try await NameServerPeer.with(zone: zoneText) { second in
                var settings = NetworkResolver.Settings(servers: [first.server, second.server], timeout: 60, pause: 20)
                settings.queriesPerSecondAndServer = 100
                let start = ContinuousClock.now
                _ = await NetworkResolver(settings).outcomes((0..<110).map(host))
                #expect(first.asked.count + second.asked.count == 110)
                #expect(min(first.asked.count, second.asked.count) > 30)
                #expect(ContinuousClock.now - start > .milliseconds(450))
            }
        }
    }

    @Test func `ports and ids change all the time`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let resolver = NetworkResolver(.init(servers: [peer.server], timeout: 60, attempts: 30))
            _ = await resolver.outcomes((0..<1000).map(host))
            #expect(Set(peer.asked.map(\.query.id)).count > 950)
            #expect(Set(peer.asked.map(\.sourcePort)).count == resolver.settings.socketsPerServer)
        }
    }

    @Test func `resolvers come and go with their threads`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            for index in 0..<200 {
                let resolver = NetworkResolver(servers: [peer.server], timeout: 60)
                let answer = try await resolver.answer(host(index))
                #expect(answer.kind == .records)
            }
        }
    }
}
