import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

/// What this machine can see from where it stands: `mailsonde doctor`. It is about the machine, not about a domain.
///
/// Left out: mending anything, and the network beyond the few hosts that are asked.
struct SelfTest: Sendable {
    enum State: String, Sendable { case ok, cannot, unknown }

    /// One thing looked at.
    struct Line: Sendable {
        var key: String
        var state: State
        var summary: String
        /// What it means for results.
        var means = ""
        /// What to do; empty where there is nothing to do.
        var remedy = ""
    }

    var means: Means
    var servers: [ResolverServer]
    /// Hosts whose port 25 is tried, with the port.
    var hosts: [(name: DomainName, port: UInt16)]
    /// A zone below which an invented name has to be no name.
    var zone: DomainName
    /// Block lists whose test entry is asked for (RFC 5782 §5).
    var lists: [DomainName]
    var deadline: Deadline

    /// All lines, in one order; everything is looked at at once.
    func lines() async -> [Line] {
        async let dns = resolverLines()
        async let tcp = overTCP()
        async let port25 = port25()
        async let lists = listLines()
        return await dns + [await tcp, await port25, ipv6()] + (await lists) + [roots(), suffixes()]
    }

    // MARK: The resolver

    private func resolverLines() async -> [Line] {
        let resolver = means.resolver
        let label = "mailsonde-" + String(means.newID().prefix(20))
        guard let invented = try? zone.prepending(label) else { return [] }
        let signed = Question(.root, .soa, signatures: true)
        let answers = await resolver.outcomes([Question(.root, .ns), Question(invented, .a), signed])
        let now = means.now()
        let security = await inWaves(of: resolver, maximumWaves: 40) { dns in
            DNSSEC.validate(Question(.root, .soa), in: &dns, at: now.secondsSince1970).security
        }.result
        return [
            reach(answers[0]), truth(answers[1]), validation(answers[0], security), signatures(answers[2]),
            clock(answers[2], now),
        ]
    }

    private func reach(_ outcome: Outcome) -> Line {
        switch outcome {
        case .success(let answer):
            Line(key: "resolver", state: .ok, summary: "the resolver answers (\(answer.server))")
        case .failure(let why):
            Line(
                key: "resolver", state: why.reason == .offline ? .unknown : .cannot,
                summary: "the resolver does not answer: \(why.reason.rawValue)",
                means: "nothing can be told of any domain",
                remedy: "look at /etc/resolv.conf, or name another server by --resolver")
        }
    }

    private func truth(_ outcome: Outcome) -> Line {
        let key = "resolver_truthful"
        switch outcome {
        case .success(let answer) where answer.kind == .noSuchName:
            return Line(key: key, state: .ok, summary: "an invented name below \(zone) does not exist")
        case .success(let answer) where answer.kind == .records:
            return Line(
                key: key, state: .cannot,
                summary: "the resolver invents addresses for names below \(zone) that nobody registered",
                means: "what does not exist is taken for there: missing records are not seen",
                remedy: "use another resolver, by --resolver")
        case .success:
            return Line(
                key: key, state: .unknown, summary: "an invented name below \(zone) exists without addresses",
                means: "whether the resolver rewrites could not be told",
                remedy: "name a zone without wildcards by --zone")
        case .failure(let why):
            return Line(
                key: key, state: .unknown, summary: "an invented name could not be asked for: \(why.reason.rawValue)")
        }
    }

    private func validation(_ plain: Outcome, _ own: Security) -> Line {
        let key = "resolver_validates"
        guard case .success(let answer) = plain else {
            return Line(key: key, state: .unknown, summary: "the resolver did not answer")
        }
        let ours =
            switch own {
            case .secure: "our own validation holds"
            case .insecure: "our own validation sees no signatures"
            case .bogus(let why): "our own validation fails: \(why)"
            case .indeterminate(let why): "our own validation cannot tell: \(why)"
            }
        if answer.authenticated {
            return Line(key: key, state: .ok, summary: "the resolver says that it validates DNSSEC (AD); \(ours)")
        }
        return Line(
            key: key, state: .cannot, summary: "the resolver does not say that it validates DNSSEC; \(ours)",
            means: own == .secure
                ? "results rest on our own validation, as DANE does" : "TLSA records count for nothing from here",
            remedy: "use a validating resolver, such as unbound on this machine")
    }

    private func signatures(_ outcome: Outcome) -> Line {
        let key = "edns"
        guard case .success(let answer) = outcome, let proof = answer.proof else {
            return Line(key: key, state: .unknown, summary: "no answer to a question for signatures")
        }
        if proof.answers.contains(where: { $0.type == .rrsig }) {
            return Line(key: key, state: .ok, summary: "EDNS passes: signatures come with answers")
        }
        return Line(
            key: key, state: .cannot, summary: "signatures are taken out of answers, or EDNS does not pass",
            means: "DNSSEC and DANE cannot be judged by ourselves", remedy: "use a resolver that passes EDNS and DO")
    }

    /// By the validity of the root's signature, which is renewed every day: right to about a day.
    private func clock(_ outcome: Outcome, _ now: Timestamp) -> Line {
        let key = "clock"
        let signature = (try? outcome.get())?.proof?.answers.lazy
            .compactMap { record -> RRSIG? in if case .rrsig(let data) = record.data { data } else { nil } }
            .first { $0.typeCovered == .soa }
        guard let signature else {
            return Line(
                key: key, state: .unknown, summary: "nothing signed was seen to hold the clock against",
                means: "where the clock is wrong, so are dates of certificates and signatures")
        }
        // Serial arithmetic (RFC 4034 §3.1.5).
        let second = UInt32(truncatingIfNeeded: Int64(now.secondsSince1970))
        let since = Int32(bitPattern: second &- signature.inception)
        let left = Int32(bitPattern: signature.expiration &- second)
        // The signature is made some hours before it begins to count; two days late is still usual.
        if since >= 0, left >= 0 {
            return Line(
                key: key, state: .ok,
                summary:
                    "the clock (\(now)) is within the validity of the root's signature: right to within days, not finer"
            )
        }
        return Line(
            key: key, state: .cannot,
            summary: "the clock (\(now)) is \(since < 0 ? "behind" : "ahead of") the validity of the root's signature",
            means: "dates of certificates and signatures are judged wrongly", remedy: "set the clock, as by chrony")
    }

    private func overTCP() async -> Line {
        let key = "resolver_tcp"
        guard let server = servers.first else {
            return Line(key: key, state: .unknown, summary: "no resolver is known")
        }
        let query = Message(asking: Question(.root, .ns), id: .random(in: 0...UInt16.max)).encoded()
        do {
            let ok = try await means.network.withConnection(
                to: server.address, port: server.port, host: nil, by: deadline, connectLimit: 5
            ) { wire in
                try await wire.write([UInt8(query.count >> 8), UInt8(query.count & 255)] + query)
                let length = try await wire.read(count: 2)
                let octets = try await wire.read(count: Int(length[0]) << 8 | Int(length[1]))
                return (try? Message(parsing: octets))?.isResponse ?? false
            }
            if ok { return Line(key: key, state: .ok, summary: "the resolver answers over TCP") }
        } catch let error as WireError where error == .offline {
            return Line(key: key, state: .unknown, summary: "not tried (offline)")
        } catch {}
        return Line(
            key: key, state: .cannot, summary: "the resolver does not answer over TCP",
            means: "long answers (keys, many TXT records) are unknown", remedy: "open TCP port 53 towards the resolver")
    }

    // MARK: Ways out

    private func port25() async -> Line {
        let key = "port25"
        let resolver = means.resolver
        var words: [String] = []
        var isOffline = false, tried = false
        for host in hosts {
            let given = means.network.destination(host: host.name, port: host.port).address
            let found = (try? await resolver.outcome(Question(host.name, .a)).get())?.records ?? []
            let literal = IPAddress(host.name.description)
            let address =
                given ?? literal
                ?? found.lazy.compactMap { record -> IPAddress? in
                    if case .a(let address) = record.data { .v4(address) } else { nil }
                }.first
            guard let address else {
                words.append("\(host.name) has no address")
                continue
            }
            tried = true
            do {
                try await means.network.withConnection(
                    to: address, port: host.port, host: host.name, by: deadline, connectLimit: 8
                ) { _ in }
                return Line(key: key, state: .ok, summary: "\(host.name):\(host.port) can be reached")
            } catch let error as WireError {
                if error == .offline { isOffline = true }
                words.append("\(host.name):\(host.port) \(error)")
            } catch {
                words.append("\(host.name):\(host.port) not in time")
            }
        }
        return Line(
            key: key, state: isOffline || !tried ? .unknown : .cannot,
            summary: "no connection out to port 25: " + words.joined(separator: "; "),
            means: "what servers do on port 25 is unknown; that says nothing about the domains",
            remedy: "ask the provider to open port 25 outwards, or run from another machine")
    }

    private func ipv6() -> Line {
        let key = "ipv6"
        if means.network.offline { return Line(key: key, state: .unknown, summary: "not tried (offline)") }
        if Route.leadsToIPv6 { return Line(key: key, state: .ok, summary: "there is a route to IPv6") }
        return Line(
            key: key, state: .cannot, summary: "this machine has no route to IPv6",
            means: "IPv6 addresses of mail hosts cannot be dialled: what is there is unknown",
            remedy: "give the machine IPv6, or run from another")
    }

    private func listLines() async -> [Line] {
        var lines: [Line] = []
        let resolver = means.resolver
        for list in lists {
            guard let name = try? DomainName("2.0.0.127.\(list)") else { continue }
            var line = Line(
                key: "dnsbl", state: .unknown, summary: "\(list) was not asked",
                means: "whether addresses are listed there cannot be told from here",
                remedy: "use a resolver of your own; public resolvers are turned away")
            switch await resolver.outcome(Question(name, .a)) {
            case .success(let answer):
                let codes = answer.records.map { "\($0.data)" }
                if codes.contains(where: { $0.hasPrefix("127.255.255.") }) {
                    line.state = .cannot
                    line.summary = "\(list) turns our resolver away (\(codes.joined(separator: ", ")))"
                } else if !codes.isEmpty, codes.allSatisfy({ $0.hasPrefix("127.") }) {
                    line = Line(key: "dnsbl", state: .ok, summary: "\(list) answers us")
                } else {
                    line.state = .cannot
                    line.summary = "\(list) does not have its test entry (RFC 5782 §5)"
                }
            case .failure(let why): line.summary = "\(list) could not be asked: \(why.reason.rawValue)"
            }
            lines.append(line)
        }
        return lines
    }

    // MARK: What is installed

    private func roots() -> Line {
        if !means.roots.isEmpty {
            return Line(key: "trusted_roots", state: .ok, summary: "\(means.roots.count) trusted roots")
        }
        return Line(
            key: "trusted_roots", state: .cannot, summary: "no trusted roots: \(means.roots.problem ?? "none found")",
            means: "whether certificates are trusted is unknown", remedy: "install ca-certificates, or give --ca-file")
    }

    private func suffixes() -> Line {
        if PublicSuffixList.system != nil {
            return Line(key: "public_suffixes", state: .ok, summary: "there is a public suffix list")
        }
        return Line(
            key: "public_suffixes", state: .cannot, summary: "there is no public suffix list",
            means: "organizational domains are found by the DNS tree walk alone", remedy: "install publicsuffix")
    }
}
