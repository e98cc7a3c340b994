import DNS
import Synchronization
import Testing

@testable import Networking

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }
private let mx = Question(name("example.org"), .mx)
private let zoneText = """
    example.org. 300 MX 10 mail.example.org.
    example.org. 300 SOA ns1 hostmaster 1 3600 600 86400 600
    mail.example.org. 0 A 192.0.2.1
    www.example.org. CNAME mail.example.org.
    loop1.example.org. CNAME loop2.example.org.
    loop2.example.org. CNAME loop1.example.org.
    broken.example.org. !servfail
    closed.example.org. !refused
    silent.example.org. !timeout
    $SIGNED example.org.
    """

private func zone() -> Zone { (try? Zone(zoneText)) ?? Zone() }

/// Patient: where a test does not say so, a busy machine shall not make it ask twice.
private func resolver(
    _ servers: [ResolverServer], timeout: Double = 60, pause: Double = 20, deadline: Deadline = .never,
    cache: Int = 100, failureTTL: Double = 600, inFlight: Int = 128,
    onQuery: (@Sendable (Question, Outcome, Double) -> Void)? = nil
) -> NetworkResolver {
    NetworkResolver(
        .init(
            servers: servers, timeout: timeout, pause: pause, cacheCapacity: cache, failureTTL: failureTTL,
            maximumInFlight: inFlight), deadline: deadline, onQuery: onQuery)
}

private func reason(_ outcome: Outcome) -> Unanswered.Reason? {
    if case .failure(let failure) = outcome { failure.reason } else { nil }
}

private func seconds(_ work: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await work()
    return (ContinuousClock.now - start) / .seconds(1)
}

@Suite(.timeLimit(.minutes(3))) struct NetworkResolverTests {
    @Test func `an answer arrives with who gave it, how long it took, and whether it was validated`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let answer = try await resolver([peer.server]).answer(mx)
            #expect(answer.records.map(\.data.description) == ["10 mail.example.org."])
            #expect(answer.server == "\(peer.server)")
            #expect(answer.seconds > 0 && answer.seconds < 60)
            #expect(answer.authenticated && !answer.truncatedThenTCP)
            #expect(answer.ttl == 300)
        }
    }

    @Test(arguments: [
        ("nowhere.example.org", Answer.Kind.noSuchName), ("mail.example.org", .noData), ("www.example.org", .noData),
    ])
    func `no such name and no such record stay two things`(owner: String, kind: Answer.Kind) async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let answer = try await resolver([peer.server]).answer(Question(name(owner), .mx))
            #expect(answer.kind == kind)
        }
    }

    @Test(arguments: [
        ("broken.example.org", Unanswered.Reason.servfail, 60), ("closed.example.org", .refused, 60),
        ("silent.example.org", .timedOut, 2), ("loop1.example.org", .aliasLoop, 60),
    ])
    func `failures stay different things`(owner: String, expected: Unanswered.Reason, timeout: Double) async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            if timeout < 60 { await calm() }
            let outcome = await resolver([peer.server], timeout: timeout).outcome(Question(name(owner), .mx))
            #expect(reason(outcome) == expected)
            if case .failure(let failure) = outcome { #expect(failure.server == "\(peer.server)") }
        }
    }

    @Test func `a closed port is unreachable at once`() async throws {
        let gone = try await NameServerPeer.with(zone: zoneText) { $0.server }
        let took = await seconds {
            #expect(reason(await resolver([gone]).outcome(mx)) == .unreachable)
        }
        #expect(took < 20, "no pause was waited for")
    }

    @Test func `a silent server is asked again, then given up by the timeout`() async throws {
        try await NameServerPeer.with({ _, _ in .silence }) { peer in
            await calm()
            let took = await seconds {
                #expect(reason(await resolver([peer.server], timeout: 5, pause: 0.1).outcome(mx)) == .timedOut)
            }
            #expect(took >= 4.9)
            #expect(peer.asked.count == 3)
            #expect(Set(peer.asked.map(\.sourcePort)).count == 3)
        }
    }

    @Test func `a lost datagram costs a pause, not the answer`() async throws {
        let zone = zone()
        let count = Mutex(0)
        try await NameServerPeer.with({ query, _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst ? .silence : .message(zone.message(answering: query))
        }) { peer in
            let answer = try await resolver([peer.server], pause: 0.1).answer(mx)
            #expect(answer.kind == .records)
            #expect(peer.asked.count >= 2)
        }
    }

    @Test func `a slow answer to the first query is still heard`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in .after(milliseconds: 3_000, zone.message(answering: query)) }) {
            peer in
            await calm()
            let answer = try await resolver([peer.server], pause: 0.2).answer(mx)
            #expect(answer.seconds >= 2.9 && peer.asked.count >= 2)
        }
    }

    @Test func `the second server is asked when the first is silent, fails, refuses or is not there`() async throws {
        let gone = try await NameServerPeer.with(zone: zoneText) { $0.server }
        try await NameServerPeer.with(zone: zoneText) { good in
            for rcode in [nil, ResponseCode.serverFailure, .refused] {
                try await NameServerPeer.with({ query, _ in
                    guard let rcode else { return .silence }
                    return .message(Message(id: query.id, isResponse: true, rcode: rcode, questions: query.questions))
                }) { bad in
                    let answer = try await resolver([bad.server, good.server], pause: 0.1).answer(mx)
                    #expect(answer.server == "\(good.server)")
                }
            }
            let answer = try await resolver([gone, good.server]).answer(mx)
            #expect(answer.server == "\(good.server)")
        }
    }

    @Test func `where all fail, the most telling failure is reported, and the others in its detail`() async throws {
        let gone = try await NameServerPeer.with(zone: zoneText) { $0.server }
        try await NameServerPeer.with(zone: zoneText) { peer in
            let question = Question(name("broken.example.org"), .mx)
            guard case .failure(let failure) = await resolver([gone, peer.server]).outcome(question) else {
                Issue.record("an answer from nowhere")
                return
            }
            #expect(
                failure == Unanswered(.servfail, server: "\(peer.server)", detail: "SERVFAIL; \(gone): port closed"))
        }
    }

    @Test func `a forged answer is ignored, and the true one taken`() async throws {
        let zone = zone()
        let forged = Record(name("example.org"), .mx(MX(preference: 1, exchange: name("evil.example"))))
        try await NameServerPeer.with({ query, transport in
            var wrongID = zone.message(answering: query)
            wrongID?.id ^= 1
            wrongID?.answers = [forged]
            var wrongQuestion = zone.message(answering: query)
            wrongQuestion?.questions = [Question(name("example.org"), .a)]
            var wrongName = zone.message(answering: query)
            wrongName?.questions = [Question(name("evil.example"), .mx)]
            var notAResponse = zone.message(answering: query)
            notAResponse?.isResponse = false
            return .several([
                .message(wrongID), .message(wrongQuestion), .message(wrongName), .message(notAResponse), .octets([1]),
                .octets([]), .message(zone.message(answering: query)),
            ])
        }) { peer in
            let answer = try await resolver([peer.server]).answer(mx)
            #expect(answer.records.map(\.data.description) == ["10 mail.example.org."])
        }
    }

    @Test func `only forged answers are no answer`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in
            var wrong = zone.message(answering: query)
            wrong?.id ^= 0x5555
            return .message(wrong)
        }) { peer in
            await calm()
            guard case .failure(let failure) = await resolver([peer.server], timeout: 3).outcome(mx) else {
                Issue.record("took a forgery")
                return
            }
            #expect(failure.reason == .timedOut)
            #expect(failure.detail.contains("datagrams that were none: "))
        }
    }

    @Test func `a truncated answer is asked again over TCP`() async throws {
        let long = (0..<60).map { "big.example.org. TXT \"\(String(repeating: "x", count: 60))\($0)\"" }
        try await NameServerPeer.with(zone: long.joined(separator: "\n")) { peer in
            let answer = try await resolver([peer.server]).answer(Question(name("big.example.org"), .txt))
            #expect(answer.records.count == 60 && answer.truncatedThenTCP)
            #expect(peer.asked.map(\.transport) == [.udp, .tcp])
        }
    }

    @Test func `truncated over UDP and closed over TCP is closed early, not missing`() async throws {
        try await NameServerPeer.with({ query, transport in
            if transport == .tcp { return .close }
            return .message(Message(id: query.id, isResponse: true, isTruncated: true, questions: query.questions))
        }) { peer in
            guard case .failure(let failure) = await resolver([peer.server]).outcome(mx) else {
                Issue.record("an empty truncated answer counted")
                return
            }
            #expect(failure.reason == .closedEarly)
            #expect(failure.detail.contains("truncated"))
        }
    }

    @Test func `garbage over UDP is asked again over TCP`() async throws {
        let zone = zone()
        let garbage: @Sendable (Message) -> NameServerPeer.Reaction = { query in
            .octets([
                UInt8(query.id >> 8), UInt8(query.id & 255), 0x84, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0xC0, 12,
            ])
        }
        try await NameServerPeer.with({ query, transport in
            transport == .udp ? garbage(query) : .message(zone.message(answering: query))
        }) { peer in
            let answer = try await resolver([peer.server]).answer(mx)
            #expect(answer.kind == .records)
        }
        try await NameServerPeer.with({ query, transport in
            transport == .udp ? garbage(query) : .octets(Array(repeating: 7, count: 40))
        }) { peer in
            #expect(reason(await resolver([peer.server]).outcome(mx)) == .malformed)
        }
    }

    @Test func `a server that does not know EDNS is asked without`() async throws {
        let zone = zone()
        for echoesQuestion in [true, false] {
            try await NameServerPeer.with({ query, _ in
                if query.edns == nil { return .message(zone.message(answering: query)) }
                return .message(
                    Message(
                        id: query.id, isResponse: true, rcode: .formatError,
                        questions: echoesQuestion ? query.questions : []))
            }) { peer in
                let answer = try await resolver([peer.server]).answer(mx)
                #expect(answer.kind == .records)
                #expect(peer.asked.map { $0.query.edns?.payloadSize } == [1232, nil])
            }
        }
    }

    @Test func `a server that refuses EDNS is asked without from then on`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in
            if query.edns == nil { return .message(zone.message(answering: query)) }
            return .message(Message(id: query.id, isResponse: true, rcode: .notImplemented, questions: query.questions))
        }) { peer in
            let resolver = resolver([peer.server], cache: 0)
            for _ in 0..<3 {
                let answer = try await resolver.answer(mx)
                #expect(answer.kind == .records)
            }
            #expect(peer.asked.map { $0.query.edns?.payloadSize } == [1232, nil, nil, nil])
        }
    }

    @Test func `a server that is silent to EDNS is asked without in the end, and from then on`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in
            query.edns == nil ? .message(zone.message(answering: query)) : .silence
        }) { peer in
            let resolver = resolver([peer.server], pause: 0.05, cache: 0)
            for _ in 0..<3 {
                let answer = try await resolver.answer(mx)
                #expect(answer.kind == .records)
            }
            let asked = peer.asked.map { $0.query.edns != nil }
            // With it first, and once without, never with it again.
            let plain = asked.firstIndex(of: false) ?? asked.count
            #expect(plain > 0)
            #expect(asked[plain...].count >= 3)
            #expect(!asked[plain...].contains(true))
        }
    }

    @Test func `queries ask for recursion and for the AD bit, with ids that differ`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let resolver = resolver([peer.server], cache: 0)
            for _ in 0..<8 { _ = try await resolver.answer(mx) }
            #expect(peer.asked.allSatisfy { $0.query.recursionDesired && $0.query.authenticData })
            #expect(Set(peer.asked.map(\.query.id)).count > 5)
            #expect(Set(peer.asked.map(\.sourcePort)).count > 5)
        }
    }

    @Test func `aliases are followed from response to response`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in
            var response = zone.message(answering: query)
            // Only what stands at the very name, as a server of one zone would answer.
            response?.answers.removeAll { $0.name != query.questions.first?.name }
            response?.authority = []
            return .message(response)
        }) { peer in
            let answer = try await resolver([peer.server]).answer(Question(name("www.example.org"), .a))
            #expect(answer.records.map(\.data.description) == ["192.0.2.1"])
            #expect(answer.canonicalName == name("mail.example.org"))
            #expect(answer.authenticated)
            #expect(
                reason(await resolver([peer.server]).outcome(Question(name("loop1.example.org"), .a))) == .aliasLoop)
        }
    }

    @Test func `a chain without end is given up`() async throws {
        try await NameServerPeer.with({ query, _ in
            guard let question = query.questions.first, let next = try? question.name.prepending("x") else {
                return .silence
            }
            return .message(
                Message(
                    id: query.id, isResponse: true, recursionAvailable: true, questions: [question],
                    answers: [Record(question.name, .cname(next))]))
        }) { peer in
            #expect(reason(await resolver([peer.server]).outcome(mx)) == .aliasLoop)
            #expect(peer.asked.count <= Interpretation.maximumAliases + 1)
        }
    }

    @Test func `answers are kept by their TTL, failures for a while, and the kept take no time`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let resolver = resolver([peer.server])
            _ = try await resolver.answer(mx)
            #expect(try await resolver.answer(Question(name("EXAMPLE.ORG"), .mx)).seconds == 0)
            #expect(peer.asked.count == 1)
            // A TTL of 0 is not kept.
            for _ in 0..<2 { _ = try await resolver.answer(Question(name("mail.example.org"), .a)) }
            #expect(peer.asked.count == 3)
            // Negative: by the SOA's minimum.
            for _ in 0..<2 { _ = try await resolver.answer(Question(name("no.example.org"), .a)) }
            #expect(peer.asked.count == 4)
            for _ in 0..<2 { _ = await resolver.outcome(Question(name("broken.example.org"), .a)) }
            #expect(peer.asked.count == 5)
        }
    }

    @Test func `a failure that was kept long enough is asked about again`() async throws {
        try await NameServerPeer.with(zone: zoneText) { peer in
            let resolver = resolver([peer.server], failureTTL: 0.1)
            _ = await resolver.outcome(Question(name("broken.example.org"), .a))
            try await Task.sleep(for: .seconds(0.2))
            _ = await resolver.outcome(Question(name("broken.example.org"), .a))
            #expect(peer.asked.count == 2)
        }
    }

    @Test func `identical questions in flight are asked once`() async throws {
        let zone = zone()
        let asked = Mutex(0)
        try await NameServerPeer.with({ query, _ in .after(milliseconds: 100, zone.message(answering: query)) }) {
            peer in
            let resolver = resolver([peer.server]) { _, _, _ in asked.withLock { $0 += 1 } }
            await withTaskGroup(of: Outcome.self) { group in
                for _ in 0..<50 { group.addTask { await resolver.outcome(mx) } }
                for await outcome in group { #expect((try? outcome.get())?.kind == .records) }
            }
            #expect(peer.asked.count == 1)
            #expect(asked.withLock { $0 } == 1)
        }
    }

    @Test func `who is cancelled leaves at once, and leaves the others waiting`() async throws {
        let zone = zone()
        try await NameServerPeer.with({ query, _ in .after(milliseconds: 6_000, zone.message(answering: query)) }) {
            peer in
            await calm()
            let resolver = resolver([peer.server])
            let patient = Task { await resolver.outcome(mx) }
            let impatient = Task { await resolver.outcome(mx) }
            try await Task.sleep(for: .milliseconds(100))
            impatient.cancel()
            // Not the timeout, which is far.
            #expect(await impatient.value == .failure(NetworkResolver.cancelled))
            #expect(try await patient.value.get().kind == .records)
            #expect(peer.asked.count == 1)
        }
    }

    @Test func `the last to be cancelled ends the question, and it can be asked anew`() async throws {
        let zone = zone()
        let count = Mutex(0)
        try await NameServerPeer.with({ query, _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst ? .silence : .message(zone.message(answering: query))
        }) { peer in
            let resolver = resolver([peer.server])
            let task = Task { await resolver.outcome(mx) }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            #expect(await task.value == .failure(NetworkResolver.cancelled))
            #expect(try await resolver.answer(mx).kind == .records)
        }
    }

    @Test func `a deadline ends waiting in time, whatever the timeout`() async throws {
        try await NameServerPeer.with({ _, _ in .silence }) { peer in
            let took = await seconds {
                let outcome = await resolver([peer.server], deadline: .after(seconds: 0.3)).outcome(mx)
                #expect(reason(outcome) == .timedOut)
            }
            #expect(took < 30)
            let shorter = await seconds {
                let limited = resolver([peer.server]).limited(to: .after(seconds: 0.2))
                #expect(reason(await limited.outcome(mx)) == .timedOut)
            }
            #expect(shorter < 30)
        }
    }

    @Test func `hundreds of questions at once wait for their turn and are all answered`() async throws {
        try await NameServerPeer.with(zone: "*.example.org. A 192.0.2.7") { peer in
            let resolver = resolver([peer.server], cache: 50, inFlight: 20)
            await withTaskGroup(of: Outcome.self) { group in
                for index in 0..<500 {
                    group.addTask { await resolver.outcome(Question(name("h\(index).example.org"), .a)) }
                }
                for await outcome in group { #expect((try? outcome.get())?.kind == .records) }
            }
        }
    }

    @Test func `what was asked is told to who counts`() async throws {
        let seen = Mutex<[String]>([])
        try await NameServerPeer.with(zone: zoneText) { peer in
            let resolver = resolver([peer.server]) { question, outcome, seconds in
                let kind = (try? outcome.get())?.kind.rawValue ?? "failure"
                seen.withLock { $0.append("\(question) \(kind) \(seconds > 0)") }
            }
            _ = await resolver.outcome(mx)
            _ = await resolver.outcome(mx)
            _ = await resolver.outcome(Question(name("broken.example.org"), .a))
        }
        #expect(seen.withLock { $0 } == ["example.org MX records true", "broken.example.org A failure true"])
    }

    @Test func `without a server, and offline, nothing is asked`() async {
        #expect(reason(await resolver([]).outcome(mx)) == .unreachable)
        #expect(reason(await OfflineResolver().outcome(mx)) == .offline)
    }
}
