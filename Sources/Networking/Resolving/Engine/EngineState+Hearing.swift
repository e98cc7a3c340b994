internal import DNS

/// What comes back, and what it means for the question.
extension EngineState {
    /// A datagram came to a socket: the system has checked the server's address and port; id, question and form are
    /// checked here (RFC 5452 §9.1). What answers nothing is counted and ignored: keep waiting.
    /// - Parameter cut: whether it was longer than anything we asked for.
    mutating func received(_ octets: [UInt8], cut: Bool, on index: Int) {
        guard let socket = sockets[index] else { return }
        guard octets.count >= 3, octets[2] & 0x80 != 0 else { return stray(index) }
        let id = UInt16(octets[0]) << 8 | UInt16(octets[1])
        guard let slot = pending.slot(Int32(index), id) else {
            servers[socket.server].spokeUnheard(at: now, within: pace.pause)
            return stray(index)
        }
        servers[socket.server].spoke()
        let asked = flights[slot].asked
        if !cut, let interpretation = UsualResponse.read(octets, answering: asked) {
            heard(interpretation, takeSent(slot, index, id), slot)
            return
        }
        if cut { return garbled(slot, takeSent(slot, index, id), "longer than was asked for") }
        do throws(MessageError) {
            let message = try Message(parsing: octets)
            let query = Message(asking: asked, id: id)
            guard message.mismatch(with: query) == nil else {
                flights[slot].ignored &+= 1
                return
            }
            heard(message.interpreted(as: asked), takeSent(slot, index, id), slot)
        } catch {
            // Somebody who knows the id sent it: TCP can tell us more.
            garbled(slot, takeSent(slot, index, id), "\(error)")
        }
    }

    private mutating func stray(_ index: Int) { sockets[index]?.strays &+= 1 }

    private mutating func takeSent(_ slot: Int, _ socket: Int, _ id: UInt16) -> Flight.Sent? {
        guard let sent = flights[slot].takeSent(socket: Int32(socket), id: id) else { return nil }
        forget(sent)
        return sent
    }

    /// A response to a query over UDP, which is waited for no longer.
    private mutating func heard(_ interpretation: Interpretation, _ sent: Flight.Sent?, _ slot: Int) {
        guard let sent else { return }
        if case .refusesEDNS = interpretation {} else { servers[sent.server].answered(edns: sent.edns, at: now) }
        switch interpretation {
        case .answer(let answer):
            if answer.kind != .records { servers[sent.server].givesSOA = true }
            finish(slot, .success(completed(answer, slot, sent.server)))
        case .unfounded(let answer): doubt(slot, sent.server, answer, edns: sent.edns)
        case .continues(let aliases, let next, let authenticated, let proof):
            if let proof { flights[slot].proofs.append(proof) }
            goOn(slot, sent.server, aliases, next, authenticated)
        case .refusesEDNS:
            guard sent.edns else { return fail(slot, sent.server, .malformed, "FORMERR without EDNS") }
            servers[sent.server].refusedEDNS()
            if let failure = send(slot, to: sent.server, edns: false) { fail(slot, sent.server, failure) }
        case .truncated: openStream(slot, sent.server, edns: sent.edns, garbled: nil)
        case .failed(var failure):
            failure.server = servers[sent.server].text
            fail(slot, sent.server, failure)
        }
    }

    /// "No" without an SOA record (RFC 2308 §2): asked again until it was said as often as it takes, of another server
    /// where there is one. Whatever else comes in the meantime decides.
    private mutating func doubt(_ slot: Int, _ server: Int, _ answer: Answer, edns: Bool) {
        if let before = flights[slot].doubted, before != answer.kind {
            return fail(slot, server, .malformed, "now no such name, now no such record, both without an SOA record")
        }
        flights[slot].doubted = answer.kind
        flights[slot].doubts += 1
        // Who sends an SOA record otherwise has no reason to leave it out now. The numbers are ours: at three lies in a
        // hundred answers, four in a row are one in a million.
        if flights[slot].doubts >= (servers[server].givesSOA ? 4 : 2) {
            return finish(slot, .success(completed(answer, slot, server)))
        }
        if flights[slot].listening > 0 { return }
        var next = server
        for step in 1..<max(2, servers.count) {
            let other = (server + step) % servers.count
            if servers[other].isWell, flights[slot].excluded & (1 << UInt64(other)) == 0 {
                next = other
                break
            }
        }
        let wantsEDNS = next == server ? edns : wantsEDNS(slot, next)
        if let failure = send(slot, to: next, edns: wantsEDNS) { fail(slot, next, failure) }
    }

    private mutating func garbled(_ slot: Int, _ sent: Flight.Sent?, _ detail: String) {
        guard let sent else { return }
        openStream(slot, sent.server, edns: sent.edns, garbled: detail)
    }

    /// What came before the last response counts too.
    private func completed(_ answer: Answer, _ slot: Int, _ server: Int) -> Answer {
        var answer = answer
        answer.server = servers[server].text
        answer.truncatedThenTCP = flights[slot].overTCP
        guard !flights[slot].aliases.isEmpty else { return answer }
        answer.ttl = flights[slot].aliases.reduce(answer.ttl) { min($0, $1.ttl) }
        answer.aliases = flights[slot].aliases + answer.aliases
        answer.authenticated = answer.authenticated && flights[slot].authenticated
        for proof in flights[slot].proofs {
            answer.proof?.answers += proof.answers
            answer.proof?.authority += proof.authority
        }
        return answer
    }

    /// Aliases led out of the response: asked on at their end (RFC 1034 §5.3.3), by the same deadline.
    private mutating func goOn(
        _ slot: Int, _ server: Int, _ aliases: [Record], _ next: DomainName, _ authenticated: Bool
    ) {
        silence(slot)
        flights[slot].aliases += aliases
        flights[slot].authenticated = flights[slot].authenticated && authenticated
        flights[slot].failures = []
        flights[slot].doubted = nil
        flights[slot].doubts = 0
        let all = flights[slot].aliases
        if all.count > Interpretation.maximumAliases || all.contains(where: { $0.name == next }) {
            let failure = Unanswered(.aliasLoop, server: servers[server].text, detail: "CNAMEs that go on or round")
            return finish(slot, .failure(failure))
        }
        flights[slot].asked = Question(
            next, flights[slot].question.type, signatures: flights[slot].question.signatures)
        plan(slot)
        proceed(slot)
    }

    private mutating func fail(_ slot: Int, _ server: Int, _ reason: Unanswered.Reason, _ detail: String) {
        fail(slot, server, Unanswered(reason, server: servers[server].text, detail: detail))
    }

    /// A server's last word for this question: it is not asked again, unless it was only late.
    private mutating func fail(_ slot: Int, _ server: Int, _ failure: Unanswered, overTCP: Bool = false) {
        flights[slot].failures.append(Flight.Failure(server: server, overTCP: overTCP, failure: failure))
        if failure.reason != .timedOut { flights[slot].excluded |= 1 << UInt64(server) }
        if flights[slot].listening == 0 { proceed(slot) }
    }

    // MARK: What the system says

    /// The socket's server is not there (ICMP): whatever was sent from it is lost.
    mutating func refused(_ index: Int, errno code: Int32) {
        guard let socket = sockets[index] else { return }
        let failure = unreachable(socket.server, errno: code)
        servers[socket.server].isGone(at: now)
        for id in pending.ids(at: Int32(index)) { lost(index, id, failure) }
    }

    /// A query could not be sent.
    mutating func couldNotSend(_ entry: Outgoing.Entry, errno code: Int32) {
        guard let socket = sockets[Int(entry.socket)], socket.descriptor == entry.descriptor else { return }
        lost(Int(entry.socket), entry.id, unreachable(socket.server, errno: code))
    }

    private mutating func lost(_ index: Int, _ id: UInt16, _ failure: Unanswered) {
        guard let slot = pending.slot(Int32(index), id), let sent = takeSent(slot, index, id) else { return }
        fail(slot, sent.server, failure)
    }

    // MARK: TCP

    /// So many connections at once; more wait for their turn.
    private static let mostStreams = 64

    private mutating func openStream(_ slot: Int, _ server: Int, edns: Bool, garbled: String?) {
        // One connection a server and question: what else it sends over UDP changes nothing.
        if flights[slot].streams.contains(where: { $0.server == server }) { return }
        flights[slot].streams.append(Flight.Stream(server: server, edns: edns, garbled: garbled))
        servers[server].allowance.take()
        streamLine.append(
            StreamStart(
                slot: slot, generation: flights[slot].generation, server: server,
                query: Message(
                    asking: flights[slot].asked, id: random.next(),
                    edns: edns ? EDNS(payloadSize: settings.udpPayload) : nil),
                to: servers[server].server, deadline: flights[slot].deadline))
        startStreams()
        reschedule(slot)
    }

    private mutating func startStreams() {
        while streaming < Self.mostStreams, !streamLine.isEmpty {
            let next = streamLine.removeFirst()
            guard isWaiting(next) else { continue }
            streaming += 1
            streamsToStart.append(next)
        }
    }

    private func isWaiting(_ start: StreamStart) -> Bool {
        flights[start.slot].generation == start.generation
            && flights[start.slot].streams.contains { $0.server == start.server }
            && flights[start.slot].asked.plain == start.query.questions.first
    }

    /// Keeps the task, so that it ends with the flight; false where the flight has ended already.
    mutating func adopt(_ task: Task<Void, Never>, _ start: StreamStart) -> Bool {
        guard isWaiting(start),
            let index = flights[start.slot].streams.firstIndex(where: { $0.server == start.server })
        else { return false }
        flights[start.slot].streams[index].task = task
        return true
    }

    /// What TCP brought.
    mutating func streamEnded(_ start: StreamStart, _ result: Exchange.Result) {
        streaming -= 1
        defer { startStreams() }
        let slot = start.slot, server = start.server
        guard isWaiting(start), let index = flights[slot].streams.firstIndex(where: { $0.server == server }) else {
            return
        }
        let stream = flights[slot].streams.remove(at: index)
        if stream.garbled == nil { flights[slot].overTCP = true }
        switch result {
        case .response(let message):
            servers[server].spoke()
            switch message.interpreted(as: flights[slot].asked) {
            case .answer(let answer): finish(slot, .success(completed(answer, slot, server)))
            case .unfounded(let answer): doubt(slot, server, answer, edns: stream.edns)
            case .continues(let aliases, let next, let authenticated, let proof):
                if let proof { flights[slot].proofs.append(proof) }
                goOn(slot, server, aliases, next, authenticated)
            case .truncated: streamFailed(slot, stream, .malformed, "truncated over TCP")
            case .refusesEDNS: streamFailed(slot, stream, .malformed, "FORMERR without EDNS")
            case .failed(let failure): streamFailed(slot, stream, failure.reason, failure.detail)
            }
        case .garbled(let detail): streamFailed(slot, stream, .malformed, detail)
        case .closed(let detail): streamFailed(slot, stream, .closedEarly, detail)
        case .unreachable(let detail): streamFailed(slot, stream, .unreachable, detail)
        case .timedOut, .cancelled: streamFailed(slot, stream, .timedOut, "no answer")
        }
    }

    private mutating func streamFailed(
        _ slot: Int, _ stream: Flight.Stream, _ reason: Unanswered.Reason, _ detail: String
    ) {
        fail(slot, stream.server, failure(of: stream, reason, detail), overTCP: stream.garbled == nil)
    }

    /// Where TCP told nothing, that UDP brought garbage is what was seen.
    private func failure(of stream: Flight.Stream, _ reason: Unanswered.Reason, _ detail: String) -> Unanswered {
        let server = servers[stream.server].text
        guard let garbled = stream.garbled else {
            return Unanswered(
                reason, server: server, detail: "the answer over UDP was truncated; over TCP: \(detail)")
        }
        if reason == .timedOut || reason == .unreachable || reason == .closedEarly {
            return Unanswered(.malformed, server: server, detail: garbled)
        }
        return Unanswered(reason, server: server, detail: detail)
    }

    // MARK: The end of waiting

    /// The time is up: what was still listened for has not come.
    mutating func expire(_ slot: Int) {
        let waiting = (flights[slot].sent.map { [$0] } ?? []) + flights[slot].moreSent
        for sent in waiting {
            let strays = (sockets[Int(sent.socket)]?.strays ?? sent.strays) &- sent.strays
            let ignored = strays &+ flights[slot].ignored
            let detail = ignored == 0 ? "no answer" : "no answer; datagrams that were none: \(ignored)"
            flights[slot].failures.append(
                Flight.Failure(
                    server: sent.server,
                    failure: Unanswered(.timedOut, server: servers[sent.server].text, detail: detail)))
        }
        for stream in flights[slot].streams {
            flights[slot].failures.append(
                Flight.Failure(
                    server: stream.server, overTCP: stream.garbled == nil,
                    failure: failure(of: stream, .timedOut, "no answer")))
        }
        finish(slot, .failure(worst(of: slot)))
    }

    /// Most telling first: what a server said of the question comes before what we could not learn.
    private static let order: [Unanswered.Reason] = [
        .aliasLoop, .servfail, .malformed, .refused, .closedEarly, .timedOut, .unreachable,
    ]

    /// The most telling of the failures, with the others in its detail.
    func worst(of slot: Int) -> Unanswered {
        let failures = flights[slot].failures
        func rank(_ failure: Flight.Failure) -> Int {
            Self.order.firstIndex(of: failure.failure.reason) ?? Self.order.count
        }
        guard let telling = failures.min(by: { rank($0) < rank($1) }) else {
            return Unanswered(
                .timedOut, server: servers.first?.text ?? "", detail: "there was no time left")
        }
        var chosen = telling.failure
        var others: [String] = []
        for other in failures where other.server != telling.server {
            let text = "\(servers[other.server].text): \(other.failure.detail)"
            if !others.contains(text) { others.append(text) }
        }
        chosen.detail = ([chosen.detail] + others).joined(separator: "; ")
        return chosen
    }
}
