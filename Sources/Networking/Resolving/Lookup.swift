internal import DNS
internal import NIOCore

/// One question put to the servers until one of them answers or the deadline is there: the query goes to the first;
/// while nothing comes, after a pause to the next, and so on round by round, the pauses growing. What was sent
/// before is still listened for. A server that answers with a failure is not asked again.
struct Lookup: Sendable {
    /// What a response said and how it came.
    struct Reply: Sendable {
        var interpretation: Interpretation
        var server: ResolverServer
        var overTCP = false
    }

    private enum Event: Sendable {
        case pauseIsOver
        case reply(Reply)
    }

    var question: Question
    var settings: NetworkResolver.Settings
    var deadline: Deadline
    var group: any EventLoopGroup
    var randomID: @Sendable () -> UInt16

    /// An answer or the place to ask on at; otherwise the worst of the failures.
    func run() async -> Reply {
        var tries = settings.plan
        var failures: [Reply] = []
        return await withTaskGroup(of: Event.self) { group in
            var listening = 0
            func ask() {
                guard let next = tries.first, !deadline.hasPassed else { return }
                tries.removeFirst()
                listening += 1
                group.addTask { .reply(await query(next.server)) }
                group.addTask {
                    try? await Task.sleep(for: .seconds(next.pause))
                    return .pauseIsOver
                }
            }
            ask()
            for await event in group {
                switch event {
                case .pauseIsOver: ask()
                case .reply(let reply):
                    listening -= 1
                    guard case .failed(let failure) = reply.interpretation else {
                        group.cancelAll()
                        return reply
                    }
                    failures.append(reply)
                    if failure.reason != .timedOut { tries.removeAll { $0.server == reply.server } }
                    if listening == 0 { ask() }
                }
                if listening == 0 { break }
            }
            group.cancelAll()
            return worst(of: failures)
        }
    }

    /// Most telling first: what a server said of the question comes before what we could not learn.
    private static let order: [Unanswered.Reason] = [
        .aliasLoop, .servfail, .malformed, .refused, .timedOut, .unreachable,
    ]

    private func worst(of failures: [Reply]) -> Reply {
        func failure(_ reply: Reply) -> Unanswered? {
            if case .failed(let failure) = reply.interpretation { failure } else { nil }
        }
        func rank(_ reply: Reply) -> Int {
            failure(reply).flatMap { Self.order.firstIndex(of: $0.reason) } ?? Self.order.count
        }
        let telling = failures.enumerated().min { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
        guard let telling = telling?.element, var chosen = failure(telling) else {
            return Reply(
                interpretation: .failed(Unanswered(.timedOut, detail: "there was no time left")),
                server: settings.servers.first ?? ResolverServer(.v4(IPv4Address(127, 0, 0, 1))))
        }
        var others: [String] = []
        for other in failures where other.server != telling.server {
            guard let failure = failure(other) else { continue }
            let text = "\(other.server): \(failure.detail)"
            if !others.contains(text) { others.append(text) }
        }
        chosen.detail = ([chosen.detail] + others).joined(separator: "; ")
        return Reply(interpretation: .failed(chosen), server: telling.server, overTCP: telling.overTCP)
    }

    // MARK: One server

    /// UDP with EDNS; without it where the server refuses it (RFC 6891 §7); TCP where UDP was truncated or garbled.
    private func query(_ server: ResolverServer) async -> Reply {
        let first = await exchange(server, .udp, edns: true)
        var reply = Reply(interpretation: interpret(first, server), server: server)
        var edns = true
        if case .refusesEDNS = reply.interpretation {
            edns = false
            reply.interpretation = interpret(await exchange(server, .udp, edns: false), server)
        }
        var isGarbled = false
        if case .garbled = first { isGarbled = true }
        if reply.interpretation == .truncated || isGarbled {
            let overTCP = interpret(await exchange(server, .tcp, edns: edns), server)
            reply.overTCP = !isGarbled
            reply.interpretation = isGarbled ? better(overTCP, than: reply.interpretation) : overTCP
            if case .failed(var failure) = overTCP, !isGarbled {
                failure.detail = "the answer over UDP was truncated; over TCP: \(failure.detail)"
                reply.interpretation = .failed(failure)
            }
        }
        switch reply.interpretation {
        case .truncated: reply.interpretation = .failed(failure(.malformed, server, "truncated over TCP"))
        case .refusesEDNS: reply.interpretation = .failed(failure(.malformed, server, "FORMERR without EDNS"))
        default: break
        }
        return reply
    }

    /// Where TCP told nothing either, that UDP brought garbage is what was seen.
    private func better(_ second: Interpretation, than first: Interpretation) -> Interpretation {
        if case .failed(let failure) = second, [.timedOut, .unreachable].contains(failure.reason) {
            first
        } else {
            second
        }
    }

    private func exchange(
        _ server: ResolverServer, _ transport: Exchange.Transport, edns: Bool
    ) async -> Exchange.Result {
        let payload = EDNS(payloadSize: settings.udpPayload)
        return await Exchange(
            query: Message(asking: question, id: randomID(), edns: edns ? payload : nil), server: server,
            transport: transport, deadline: deadline, group: group
        ).run()
    }

    private func failure(_ reason: Unanswered.Reason, _ server: ResolverServer, _ detail: String) -> Unanswered {
        Unanswered(reason, server: "\(server)", detail: detail)
    }

    private func interpret(_ result: Exchange.Result, _ server: ResolverServer) -> Interpretation {
        switch result {
        case .response(let message):
            let interpretation = message.interpreted(as: question)
            guard case .failed(var failure) = interpretation else { return interpretation }
            failure.server = "\(server)"
            return .failed(failure)
        case .garbled(let detail): return .failed(failure(.malformed, server, detail))
        case .unreachable(let detail): return .failed(failure(.unreachable, server, detail))
        case .cancelled: return .failed(failure(.timedOut, server, "cancelled"))
        case .timedOut(ignored: 0): return .failed(failure(.timedOut, server, "no answer"))
        case .timedOut(let ignored):
            return .failed(failure(.timedOut, server, "no answer; datagrams that were none: \(ignored)"))
        }
    }
}
