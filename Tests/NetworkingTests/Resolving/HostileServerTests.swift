import DNS
import Synchronization
import Testing

@testable import Networking

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }
private func host(_ index: Int) -> Question { Question(name("h\(index).example.org"), .a) }

/// `h0` to `h1999`, each with an address of its own.
private let zoneText =
    "example.org. 300 SOA ns1 hostmaster 1 3600 600 86400 600\n"
    + (0..<2000).map { "h\($0).example.org. 300 A 192.0.\($0 / 250).\($0 % 250)" }.joined(separator: "\n")

private func isRight(_ outcome: Outcome, _ index: Int) -> Bool {
    guard case .success(let answer) = outcome else { return false }
    return answer.kind == .records && answer.records.map(\.data.description) == ["192.0.\(index / 250).\(index % 250)"]
}

extension Outcome {
    fileprivate var isRecords: Bool {
        if case .success(let answer) = self { answer.kind == .records } else { false }
    }
}

private func reason(_ outcome: Outcome) -> Unanswered.Reason? {
    if case .failure(let failure) = outcome { failure.reason } else { nil }
}

private func settings(_ servers: [ResolverServer], timeout: Double = 60, pause: Double = 0.3)
    -> NetworkResolver.Settings
{
    NetworkResolver.Settings(servers: servers, timeout: timeout, attempts: 30, pause: pause, maximumInFlight: 100)
}

@Suite(.timeLimit(.minutes(5))) struct HostileServerTests {
    @Test func `of a thousand questions with a fifth of the datagrams lost, each gets its own answer`() async throws {
        let zone = try Zone(zoneText)
        let count = Mutex(0)
        try await NameServerPeer.with({ query, _ in
            let isLost = count.withLock { count in
                count += 1
                return count % 5 == 0
            }
            return isLost ? .silence : .message(zone.message(answering: query))
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server]))
            let outcomes = await resolver.outcomes((0..<1000).map(host))
            #expect(outcomes.count == 1000)
            for (index, outcome) in outcomes.enumerated() where !isRight(outcome, index) {
                Issue.record("h\(index): \(outcome)")
            }
            #expect(peer.asked.count >= 1200)
        }
    }

    @Test func `a server that dies in the middle costs no answer where another lives, and is then left alone`()
        async throws
    {
        let zone = try Zone(zoneText)
        let count = Mutex(0)
        try await NameServerPeer.with({ query, _ in
            let lives = count.withLock { count in
                count += 1
                return count <= 300
            }
            return lives ? .message(zone.message(answering: query)) : .silence
        }) { dying in
            try await NameServerPeer.with(zone: zoneText) { living in
                let resolver = NetworkResolver(settings([dying.server, living.server]))
                let outcomes = await resolver.outcomes((0..<2000).map(host))
                for (index, outcome) in outcomes.enumerated() where !isRight(outcome, index) {
                    Issue.record("h\(index): \(outcome)")
                }
                // Those that were on their way, and now and then one that looks whether it is back.
                #expect(dying.asked.count < 800)
            }
        }
    }

    @Test func `a dead server that comes back is found to be back`() async throws {
        let zone = try Zone(zoneText)
        let isAlive = Mutex(false)
        try await NameServerPeer.with({ query, _ in
            isAlive.withLock { $0 } ? .message(zone.message(answering: query)) : .silence
        }) { reviving in
            try await NameServerPeer.with(zone: zoneText) { living in
                let resolver = NetworkResolver(settings([reviving.server, living.server], pause: 0.05))
                _ = await resolver.outcomes((0..<20).map(host))
                let before = reviving.asked.count
                isAlive.withLock { $0 = true }
                var index = 100
                let limit = ContinuousClock.now + .seconds(60)
                var answers: [String] = []
                while ContinuousClock.now < limit, answers.last != "\(reviving.server)" {
                    answers.append(try await resolver.answer(host(index)).server)
                    index += 1
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(answers.last == "\(reviving.server)")
                #expect(reviving.asked.count > before)
            }
        }
    }

    @Test func `the only server goes away and comes back: unreachable at once, then answers`() async throws {
        let zone = try Zone(zoneText)
        let respond: NameServerPeer.Respond = { query, _ in .message(zone.message(answering: query)) }
        var resolver: NetworkResolver?
        let server = try await NameServerPeer.with(respond) { peer in
            var settings = settings([peer.server])
            settings.failureTTL = 0
            resolver = NetworkResolver(settings)
            #expect(isRight(await resolver?.outcome(host(0)) ?? .failure(NetworkResolver.late), 0))
            return peer.server
        }
        let gone = try #require(resolver)
        #expect(reason(await gone.outcome(host(1))) == .unreachable)
        #expect(Set(await gone.outcomes((2..<50).map(host)).map(reason)) == [.unreachable])
        try await NameServerPeer.with(at: server, respond) { _ in
            #expect(isRight(await gone.outcome(host(1)), 1))
        }
    }

    /// What a liar may say to a query, and what may come of it: never an answer.
    @Test(arguments: [
        ("wrong id", Unanswered.Reason.timedOut), ("wrong name", .timedOut), ("wrong type", .timedOut),
        ("no question", .timedOut), ("a query", .timedOut), ("empty", .timedOut), ("two octets", .timedOut),
        ("loop", .malformed), ("huge", .malformed), ("cut", .malformed), ("counts", .malformed), ("noise", .malformed),
    ])
    func `a liar is not believed`(lie: String, expected: Unanswered.Reason) async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, transport in
            if transport == .tcp { return .octets([UInt8](repeating: 0xC0, count: 30)) }
            guard var message = zone.message(answering: query) else { return .silence }
            let octets = message.encoded()
            let head = Array(octets.prefix(12))
            switch lie {
            case "wrong id": message.id ^= 0x0100
            case "wrong name": message.questions = [Question(name("evil.example"), .a)]
            case "wrong type": message.questions = [Question(query.questions[0].name, .mx)]
            case "no question": message.questions = []
            case "a query": message.isResponse = false
            case "empty": return .octets([])
            case "two octets": return .octets(Array(octets.prefix(2)))
            case "loop": return .octets(Array(octets.prefix(4)) + [0, 1, 0, 1, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1])
            case "huge": return .octets(octets + [UInt8](repeating: 0, count: 20_000))
            case "cut": return .octets(Array(octets.dropLast(7)))
            case "counts": return .octets(Array(head.prefix(6)) + [0xFF, 0xFF] + octets.dropFirst(8))
            default: return .octets(head + (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) })
            }
            return .message(message)
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server], timeout: expected == .timedOut ? 1 : 60))
            for outcome in await resolver.outcomes((0..<50).map(host)) { #expect(reason(outcome) == expected) }
        }
    }

    /// Of a server that says "no" with an SOA record otherwise, now and then without a reason and without one.
    @Test(arguments: [ResponseCode.noError, .nameError])
    func `"no" without an SOA record is asked again and not believed beside records`(_ rcode: ResponseCode)
        async throws
    {
        let zone = try Zone(zoneText)
        let asked = Mutex<[DomainName: Int]>([:])
        try await NameServerPeer.with({ query, _ in
            guard let name = query.questions.first?.name else { return .silence }
            let count = asked.withLock { asked in
                asked[name, default: 0] += 1
                return asked[name, default: 0]
            }
            // One lies three times about each name, the other once.
            if name == host(1).name ? count <= 3 : count <= 1, zone.lookUp(query.questions[0]).isRecords {
                return .message(Message(id: query.id, isResponse: true, rcode: rcode, questions: query.questions))
            }
            return .message(zone.message(answering: query))
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server]))
            let no = await resolver.outcome(Question(host(1).name, .mx))
            if case .success(let answer) = no { #expect(answer.kind == .noData) } else { Issue.record("\(no)") }
            asked.withLock { $0 = [:] }
            for (index, outcome) in await resolver.outcomes((1..<50).map(host)).enumerated() {
                #expect(isRight(outcome, index + 1))
            }
        }
    }

    @Test(arguments: [ResponseCode.noError, .nameError])
    func `a server that never sends an SOA record is believed when it has said "no" twice`(_ rcode: ResponseCode)
        async throws
    {
        try await NameServerPeer.with({ query, _ in
            .message(Message(id: query.id, isResponse: true, rcode: rcode, questions: query.questions))
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server], pause: 20))
            let outcome = await resolver.outcome(host(1))
            guard case .success(let answer) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(answer.kind == (rcode == .noError ? .noData : .noSuchName))
            #expect(peer.asked.count == 2)
        }
    }

    @Test func `of two servers, one with nothing but empty answers, the other is heard`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, _ in .message(zone.message(answering: query)) }) { good in
            try await NameServerPeer.with({ query, _ in
                .message(Message(id: query.id, isResponse: true, questions: query.questions))
            }) { empty in
                // Nobody is taken for dead here because the machine is busy.
                let resolver = NetworkResolver(settings([empty.server, good.server], pause: 20))
                for (index, outcome) in await resolver.outcomes((1..<50).map(host)).enumerated() {
                    #expect(isRight(outcome, index + 1))
                }
            }
        }
    }

    @Test func `cut at any octet, an answer is never "no such record"`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, transport in
            guard transport == .udp, let message = zone.message(answering: query) else { return .close }
            let octets = message.encoded()
            // The number in the name says where to cut.
            let label = String(decoding: query.questions[0].name.labels[0].dropFirst(), as: UTF8.self)
            return .octets(Array(octets.prefix((Int(label) ?? 0) % octets.count)))
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server], timeout: 3))
            for outcome in await resolver.outcomes((0..<64).map(host)) {
                #expect([.malformed, .timedOut].contains(reason(outcome)))
            }
        }
    }

    @Test func `a flood of forgeries does not hide the answer`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, _ in
            // Another id with the right question, or the right id with another question. Where a question is repeated,
            // one of sixty wrong ids may by chance be that of the repetition: so only where one is asked at a time.
            let isAlone = query.questions[0].name.labels[0].count < 4
            var forged: [NameServerPeer.Reaction] = (0..<60).map { index in
                .message(
                    isAlone
                        ? Message(id: query.id &+ UInt16(index) &+ 1, isResponse: true, questions: query.questions)
                        : Message(id: query.id, isResponse: true, questions: [host(1000 + index)]))
            }
            forged.append(.message(zone.message(answering: query)))
            return .several(forged)
        }) { peer in
            let patient = NetworkResolver(settings([peer.server], pause: 10))
            for index in 0..<30 { #expect(isRight(await patient.outcome(host(index)), index)) }
            let outcomes = await NetworkResolver(settings([peer.server])).outcomes((100..<300).map(host))
            for (index, outcome) in outcomes.enumerated() where !isRight(outcome, index + 100) {
                Issue.record("h\(index + 100): \(outcome)")
            }
        }
    }

    @Test func `three hundred answers that need TCP all come over TCP`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, transport in
            var message = zone.message(answering: query)
            if transport == .udp {
                message?.isTruncated = true
                message?.answers = []
                message?.authority = []
            }
            return .message(message)
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server]))
            for (index, outcome) in await resolver.outcomes((0..<300).map(host)).enumerated() {
                #expect(isRight(outcome, index))
                #expect((try? outcome.get())?.truncatedThenTCP == true)
            }
            // Connections are used again (RFC 7766 §6.2.1), unless the machine is so busy that they are idle for long.
            let ports = Set(peer.asked.filter { $0.transport == .tcp }.map(\.sourcePort))
            #expect(ports.count <= 250)
        }
    }

    @Test(arguments: ["close", "half", "wrong", "endless", "silent", "refused"])
    func `what TCP breaks off is not taken for an answer, and ends by the timeout`(how: String) async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, transport in
            guard transport == .tcp else {
                return .message(Message(id: query.id, isResponse: true, isTruncated: true, questions: query.questions))
            }
            let octets = zone.message(answering: query)?.encoded() ?? []
            switch how {
            case "close": return .close
            case "half": return .several([.octets(Array(octets.prefix(20)))])
            case "wrong":
                return .message(Message(id: query.id ^ 1, isResponse: true, rcode: .nameError, questions: []))
            case "endless": return .dribble([0xFF, 0xFF] + octets, milliseconds: 60)
            case "refused": return .message(Message(id: query.id, isResponse: true, rcode: .refused))
            default: return .silence
            }
        }) { peer in
            let start = ContinuousClock.now
            let isSilent = ["endless", "silent"].contains(how)
            let resolver = NetworkResolver(settings([peer.server], timeout: isSilent ? 5 : 60))
            for outcome in await resolver.outcomes((0..<20).map(host)) {
                let expected: Unanswered.Reason =
                    isSilent
                    ? .timedOut : how == "refused" ? .refused : how == "close" ? .closedEarly : .malformed
                #expect(reason(outcome) == expected)
                // The patient ones have seen UDP for certain, however busy the machine is.
                if !isSilent, case .failure(let failure) = outcome { #expect(failure.detail.contains("truncated")) }
            }
            #expect(ContinuousClock.now - start < .seconds(50))
        }
    }

    /// A connection that was good for one question and is then closed, deaf, or full of nonsense.
    @Test(arguments: ["close", "silent", "wrong"])
    func `a connection that fails its second question costs no answer`(how: String) async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, transport in
            guard transport == .tcp else {
                return .message(Message(id: query.id, isResponse: true, isTruncated: true, questions: query.questions))
            }
            // By connection, not by count: who is slow to connect is asked again, and counts would be off by one.
            let first = NameServerPeer.Reaction.message(zone.message(answering: query))
            switch how {
            case "close": return .byTurn([first, .close])
            case "wrong":
                let wrong = Message(id: query.id ^ 1, isResponse: true, rcode: .nameError, questions: [])
                return .byTurn([first, .message(wrong)])
            default: return .byTurn([first, .silence])
            }
        }) { peer in
            let resolver = NetworkResolver(settings([peer.server], timeout: 60))
            // A connection is kept for two seconds: on a busy machine the next question may come later than that.
            var failed = 0
            for index in 0..<60 where failed < 2 {
                #expect(isRight(await resolver.outcome(host(index)), index))
                let ports = peer.asked.filter { $0.transport == .tcp }.map(\.sourcePort)
                failed = ports.count - Set(ports).count
            }
            #expect(failed > 0)
        }
    }

    @Test func `answers that come late, after the question was given up, are nobody's`() async throws {
        let zone = try Zone(zoneText)
        try await NameServerPeer.with({ query, _ in .after(milliseconds: 700, zone.message(answering: query)) }) {
            peer in
            var settings = settings([peer.server], timeout: 0.3)
            settings.failureTTL = 0
            let hasty = NetworkResolver(settings)
            for outcome in await hasty.outcomes((0..<100).map(host)) { #expect(reason(outcome) == .timedOut) }
            try await Task.sleep(for: .seconds(1))
            for outcome in await hasty.outcomes((100..<200).map(host)) { #expect(reason(outcome) == .timedOut) }
        }
    }
}
