internal import CDatagrams
internal import DNS

/// Whom to ask, when, and from which socket.
extension EngineState {
    /// Begins anew with the first round: who is well comes first, in the configured order or in turn.
    mutating func plan(_ slot: Int) {
        var unwell: UInt64 = 0
        if servers.count > 1 {
            for index in servers.indices where !servers[index].isWell { unwell |= 1 << UInt64(index) }
            if settings.sharesLoad {
                flights[slot].start = nextStart
                nextStart = (nextStart + 1) % servers.count
            }
        }
        flights[slot].round = 0
        flights[slot].position = 0
        flights[slot].unwell = unwell
        flights[slot].excluded = 0
    }

    /// Asks the next server; where there is none and nothing to listen for, the flight ends.
    mutating func proceed(_ slot: Int) {
        let isFirst = flights[slot].round == 0 && flights[slot].position == 0
        if askNext(slot) {
            if isFirst, flights[slot].unwell != 0 { tryAgain(slot) }
            return reschedule(slot)
        }
        flights[slot].nextTry = .max
        if flights[slot].listening == 0 { finish(slot, .failure(worst(of: slot))) } else { reschedule(slot) }
    }

    /// False where every server was asked as often as may be.
    private mutating func askNext(_ slot: Int) -> Bool {
        let count = servers.count
        while flights[slot].round < max(1, settings.attempts) {
            while flights[slot].position < 2 * count {
                let position = flights[slot].position
                let server = (flights[slot].start + position % count) % count
                let bit: UInt64 = 1 << UInt64(server)
                if flights[slot].excluded & bit != 0 || (flights[slot].unwell & bit != 0) != (position >= count) {
                    flights[slot].position += 1
                    continue
                }
                let allowed = servers[server].allowance.next(at: now)
                if allowed > now {
                    // Another that may be asked now is as good; otherwise wait for this one.
                    if position % count < count - 1, flights[slot].round == 0, flights[slot].listening == 0 {
                        flights[slot].position += 1
                        continue
                    }
                    flights[slot].nextTry = allowed
                    return true
                }
                flights[slot].position += 1
                if let failure = send(slot, to: server, edns: wantsEDNS(slot, server)) {
                    failed(slot, server, failure)
                    continue
                }
                flights[slot].latest = server
                // Not all at the same moment: what was lost together shall not be lost together again.
                let pause = pace.pause << Int64(min(flights[slot].round, 6))
                flights[slot].nextTry = now &+ pause &+ (pause >> 18) * Int64(random.next())
                return true
            }
            flights[slot].round += 1
            flights[slot].position = 0
        }
        return false
    }

    /// Nothing came in the pause that was given.
    mutating func pauseIsOver(_ slot: Int) {
        let latest = flights[slot].latest
        if flights[slot].sent?.server == latest || flights[slot].moreSent.contains(where: { $0.server == latest }) {
            servers[latest].wasSilent(at: now)
            if settings.adapts, flights[slot].round == 0 { pace.lost(started: flights[slot].started, at: now) }
        }
        proceed(slot)
    }

    /// A server that was dead is asked beside a live one, so that nobody waits for it.
    private mutating func tryAgain(_ slot: Int) {
        for index in servers.indices
        where flights[slot].unwell & (1 << UInt64(index)) != 0 && !servers[index].isWell
            && servers[index].tryAgain <= now && flights[slot].latest != index
        {
            servers[index].isTried(at: now)
            _ = send(slot, to: index, edns: wantsEDNS(slot, index))
        }
    }

    func wantsEDNS(_ slot: Int, _ server: Int) -> Bool {
        // Without it there are no signatures (RFC 4035 §3.2.1).
        if flights[slot].asked.signatures { return true }
        let isLast = settings.attempts > 1 && flights[slot].round == settings.attempts - 1
        return servers[server].takesEDNS(at: now, isLast: isLast)
    }

    private mutating func failed(_ slot: Int, _ server: Int, _ failure: Unanswered) {
        flights[slot].failures.append(Flight.Failure(server: server, failure: failure))
        flights[slot].excluded |= 1 << UInt64(server)
        servers[server].isGone(at: now)
    }

    /// Lays a query out for sending; what hindered it otherwise.
    mutating func send(_ slot: Int, to server: Int, edns: Bool) -> Unanswered? {
        let before = flights[slot].sent?.socket
        switch pickSocket(server, besides: before) {
        case .failure(let failure): return failure
        case .success(let index):
            guard let id = pickID(index) else {
                return Unanswered(.unreachable, server: servers[server].text, detail: "too many questions at once")
            }
            guard let socket = sockets[Int(index)] else { return nil }
            pending.insert(index, id, slot)
            sockets[Int(index)]?.waiting += 1
            sockets[Int(index)]?.sent += 1
            servers[server].allowance.take()
            flights[slot].add(
                Flight.Sent(socket: index, id: id, server: server, edns: edns, strays: socket.strays))
            outgoing.append(
                flights[slot].asked, id: id, payload: edns ? settings.udpPayload : nil, socket: index,
                descriptor: socket.descriptor)
            return nil
        }
    }

    /// What was sent is no longer waited for.
    mutating func forget(_ sent: Flight.Sent) {
        let index = Int(sent.socket)
        guard let socket = sockets[index] else { return }
        pending.remove(sent.socket, sent.id)
        sockets[index]?.waiting -= 1
        if socket.isRetired, socket.waiting == 1 { close(index) }
    }

    // MARK: Sockets

    /// An id nobody on this socket waits for.
    private mutating func pickID(_ index: Int32) -> UInt16? {
        guard let socket = sockets[Int(index)], socket.waiting < 60_000 else { return nil }
        var id = random.next()
        while pending.slot(index, id) != nil { id = random.next() }
        return id
    }

    /// The socket of this turn; where a question is repeated, another than before.
    private mutating func pickSocket(_ server: Int, besides before: Int32?) -> Result<Int32, Unanswered> {
        if servers[server].sockets.count < settings.socketsPerServer {
            // One after the other, as they are needed: few questions need few.
            let opened = openSocket(server)
            if case .success(let index) = opened {
                servers[server].sockets.append(index)
                servers[server].cursor = servers[server].sockets.count - 1
                return opened
            }
            if servers[server].sockets.isEmpty { return opened }
        }
        var cursor = servers[server].cursor % servers[server].sockets.count
        var index = servers[server].sockets[cursor]
        if index == before {
            cursor = (cursor + 1) % servers[server].sockets.count
            index = servers[server].sockets[cursor]
        }
        guard let socket = sockets[Int(index)] else { return .success(index) }
        if socket.sent >= Socket.mostSent || now - socket.opened > Socket.longest,
            case .success(let fresh) = openSocket(server)
        {
            servers[server].sockets[cursor] = fresh
            sockets[Int(index)]?.isRetired = true
            if socket.waiting == 0 { close(Int(index)) }
            index = fresh
        }
        return .success(index)
    }

    /// The next queries go out from other sockets: called when a batch has been handed over.
    mutating func rotate() {
        for index in servers.indices { servers[index].cursor += 1 }
    }

    private mutating func openSocket(_ server: Int) -> Result<Int32, Unanswered> {
        let target = servers[server].server
        let octets = target.address.octets
        let descriptor = octets.withUnsafeBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            return cdatagrams_open(base, Int32(buffer.count), target.port, settings.receiveBuffer)
        }
        guard descriptor >= 0 else { return .failure(unreachable(server, errno: -descriptor)) }
        let place: Int32
        if let free = freeSockets.popLast() {
            place = free
        } else {
            place = Int32(sockets.count)
            sockets.append(nil)
        }
        let error = cdatagrams_poll_add(waiter, descriptor, UInt32(place) + 1)
        guard error == 0 else {
            cdatagrams_close(descriptor)
            freeSockets.append(place)
            return .failure(unreachable(server, errno: 0 - error))
        }
        sockets[Int(place)] = Socket(descriptor: descriptor, server: server, opened: now)
        return .success(place)
    }

    /// Closed by the engine's thread, which may just be waiting for it.
    private mutating func close(_ index: Int) {
        guard let socket = sockets[index] else { return }
        descriptorsToClose.append(socket.descriptor)
        sockets[index] = nil
        freeSockets.append(Int32(index))
    }

    func unreachable(_ server: Int, errno code: Int32) -> Unanswered {
        let detail: String =
            switch Errno(code) {
            case .refused: "port closed"
            case .unreachable(let reason): reason
            case .timedOut: "timed out"
            case .reset: "reset"
            case .other(let reason): reason
            }
        return Unanswered(.unreachable, server: servers[server].text, detail: detail)
    }
}
