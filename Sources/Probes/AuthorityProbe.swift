internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// Asks the name servers of zones themselves, over UDP and TCP, without recursion. Bounded and polite: at most two
/// addresses of each family a server, at most some ten questions each, a few seconds for all.
///
/// Servers that do not react at first are asked again, without EDNS and over TCP as well; where none reacts at all it is
/// left at that, as then nothing is said of them anyway.
struct AuthorityProbe: Sendable {
    var means: Means
    /// Seconds for the first question, and for all that follow.
    var firstLimit = 1.0
    var limit = 2.0

    /// Addresses asked for one zone.
    private static let mostAddresses = 26
    /// Questions under way at one server.
    private static let atOnce = 4

    private struct Job: Sendable {
        var zone: AuthorityEvidence.Zone
        var server: DomainName
        var address: IPAddress
        var seen: AuthorityObservation
    }

    /// Ends by `deadline`. Gives back an observation for each address of each server.
    func observe(_ authority: AuthorityEvidence, by deadline: Deadline) async -> [AuthorityObservation] {
        if means.network.offline { return [] }
        let asked: [Job] = authority.zones.flatMap { zone -> [Job] in
            Array(zone.servers.flatMap { server in jobs(zone, server) }.prefix(Self.mostAddresses))
        }
        let first: [Job] = await crowd(asked, atOnce: 64, perKey: 4, key: \.address) { job -> Job in
            var job = job
            let soa = Question(job.zone.name, .soa)
            job.seen.replies = [await ask(soa, job, over: .udp, by: deadline.capped(seconds: firstLimit))]
            return job
        }
        let isAnybodyThere = first.contains { $0.seen.replies.contains { $0.code != nil } }
        if !isAnybodyThere { return first.map(\.seen) }
        return await crowd(first, atOnce: 32, perKey: 4, key: \.address) { job -> AuthorityObservation in
            await goOn(job, by: deadline)
        }
    }

    /// Where an address to dial is given for the name, it stands for all of the server's.
    private func jobs(_ zone: AuthorityEvidence.Zone, _ server: AuthorityEvidence.Server) -> [Job] {
        let given = means.network.destination(host: server.name, port: 53).address
        let addresses = given.map { given in server.addresses.first.map { [$0] } ?? [given] } ?? server.addresses
        return addresses.map { address in
            Job(
                zone: zone, server: server.name, address: address,
                seen: AuthorityObservation(zone: zone.name, server: server.name, address: address, at: means.now()))
        }
    }

    private func goOn(_ job: Job, by deadline: Deadline) async -> AuthorityObservation {
        var seen = job.seen
        let soa = Question(job.zone.name, .soa)
        let deadline = deadline.capped(seconds: limit * 2)
        let limit = deadline.capped(seconds: limit)
        let first = seen.replies.first
        // No way there: asking again would not find one.
        if first?.failure?.cause == .unreachable || first?.failure?.cause == .offline { return seen }
        async let overTCP = ask(soa, job, over: .tcp, by: limit)
        let responds = first?.code != nil
        // FORMERR and NOTIMP are what a server says that knows no EDNS (RFC 6891 §7).
        let refusesEDNS = first?.code == 1 || first?.code == 4
        if !responds || refusesEDNS {
            async let again = responds ? nil : ask(soa, job, over: .udp, by: limit)
            async let plain = ask(soa, job, over: .udp, edns: false, by: limit)
            if let again = await again { seen.replies.append(again) }
            seen.replies.append(await plain)
        }
        seen.replies.append(await overTCP)
        guard seen.standing == .authoritative else { return seen }
        let useEDNS = seen.replies.contains { $0.transport == .udp && $0.offeredEDNS && $0.code == 0 }
        let overUDP = seen.replies.contains { $0.transport == .udp && $0.code == 0 }
        let further = job.zone.questions.filter { $0 != soa }
        let settled: [[AuthorityReply]] = await crowd(
            further, atOnce: Self.atOnce, perKey: 64, key: { question in question.type }
        ) { question in
            await settle(question, job, edns: useEDNS, overUDP: overUDP, by: deadline)
        }
        seen.replies += settled.joined()
        return seen
    }

    /// Asks once, again where there is no answer, and over TCP where it was cut.
    private func settle(
        _ question: Question, _ job: Job, edns: Bool, overUDP: Bool, by deadline: Deadline
    ) async -> [AuthorityReply] {
        guard overUDP else { return [await ask(question, job, over: .tcp, by: deadline)] }
        var replies = [
            await ask(question, job, over: .udp, edns: edns, by: deadline.capped(seconds: firstLimit))
        ]
        if replies[0].failure?.cause == .timeout {
            replies.append(await ask(question, job, over: .udp, edns: edns, by: deadline.capped(seconds: firstLimit)))
        }
        if replies.contains(where: \.isTruncated) { replies.append(await ask(question, job, over: .tcp, by: deadline)) }
        return replies
    }

    private func ask(
        _ question: Question, _ job: Job, over transport: AuthorityReply.Transport, edns: Bool = true,
        by deadline: Deadline
    ) async -> AuthorityReply {
        var reply = AuthorityReply(question, over: transport, offeredEDNS: edns)
        var query = DNS.Message(
            asking: question, id: UInt16.random(in: 0...UInt16.max), edns: edns ? EDNS() : nil)
        query.recursionDesired = false
        query.authenticData = false
        let clock = Means.monotonic
        let began = clock()
        do throws(WireError) {
            let (response, size) =
                switch transport {
                case .udp: try await means.network.askOverUDP(query, to: job.address, host: job.server, by: deadline)
                case .tcp: try await means.network.askOverTCP(query, to: job.address, host: job.server, by: deadline)
                }
            reply.take(response, size: size)
        } catch {
            reply.failure = Failure(asking: error)
        }
        reply.seconds = clock() - began
        return reply
    }
}

extension Failure {
    /// Why a name server gave no answer.
    fileprivate init(asking error: WireError) {
        let cause: Cause =
            switch error {
            case .timedOut, .heldBack, .cancelled: .timeout
            case .refused: .connectRefused
            case .unreachable: .unreachable
            case .offline: .offline
            case .closedByPeer: .earlyClose
            default: .dnsMalformed
            }
        self.init(cause, during: .dns, String("\(error)".prefix(200)))
    }
}
