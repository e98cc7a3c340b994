package import DNS
internal import Mail

/// The zones that a domain's mail records stand in, their name servers, and what these said when asked themselves.
///
/// Which servers there are is what the resolver says; it is gathered as all evidence is. It leaves out the servers above
/// (whether the parent zone names the same ones).
package struct AuthorityEvidence: Sendable {
    package struct Server: Sendable {
        package var name: DomainName
        package var a: Told<[IPv4Address]>
        package var aaaa: Told<[IPv6Address]>
        /// One for each address that was asked.
        package var seen: [AuthorityObservation]

        /// IPv4 first; two of each family at most: more would be impolite.
        package var addresses: [IPAddress] {
            (a.value ?? []).prefix(2).map(IPAddress.v4) + (aaaa.value ?? []).prefix(2).map(IPAddress.v6)
        }
    }

    package struct Zone: Sendable {
        package var name: DomainName
        /// At most ``maximumServers``.
        package var servers: [Server]
        /// What its servers are asked, the zone's SOA first.
        package var questions: [Question]

        package var seen: [AuthorityObservation] { servers.flatMap(\.seen) }
    }

    /// The zone of the domain itself, then those of its own that `_dmarc` and DKIM keys stand in.
    package var zones: [Zone]

    /// RFC 1035 has room for 13 in a packet; hardly any zone has more.
    package static let maximumServers = 13
    /// Names above the domain that are tried for its zone.
    private static let maximumParents = 6

    /// What is known of the zones, with `observations` sorted in; what is lacking becomes wanted.
    package static func gather(
        _ domain: DomainEvidence, _ observations: [AuthorityObservation], asking dns: inout Knowledge
    ) -> AuthorityEvidence {
        if domain.existence == .noSuchName { return AuthorityEvidence(zones: []) }
        guard let (apex, names) = apex(above: domain, asking: &dns) else { return AuthorityEvidence(zones: []) }
        let zones = cuts(of: domain, apex, names, asking: &dns)
        let byZone = Dictionary(grouping: observations, by: \.zone)
        return AuthorityEvidence(
            zones: zones.map { name, servers, questions in
                Zone(
                    name: name,
                    servers: servers.prefix(maximumServers).map { server in
                        Server(
                            name: server,
                            a: Told(dns.outcome(server, .a)) { data -> IPv4Address? in
                                if case .a(let address) = data { address } else { nil }
                            },
                            aaaa: Told(dns.outcome(server, .aaaa)) { data -> IPv6Address? in
                                if case .aaaa(let address) = data { address } else { nil }
                            },
                            seen: (byZone[name] ?? []).filter { $0.server == server })
                    },
                    questions: [Question(name, .soa)] + questions)
            })
    }

    /// The question that tells a recording with this evidence from one without.
    package static func mark(of domain: DomainName) -> Question? {
        (try? domain.prepending("_dmarc")).map { Question($0, .ns) }
    }

    // MARK: Zones

    /// The zone that the domain stands in: the nearest name at or above it with NS records of its own. No zone of a
    /// registry is asked about.
    private static func apex(
        above domain: DomainEvidence, asking dns: inout Knowledge
    ) -> (DomainName, [DomainName])? {
        var name = domain.domain
        for _ in 0...maximumParents {
            if name.labelCount < 2 || name == domain.publicSuffix { return nil }
            guard let servers = servers(of: name, asking: &dns) else { return nil }
            if !servers.isEmpty { return (name, servers) }
            guard let parent = name.parent else { return nil }
            name = parent
        }
        return nil
    }

    /// Empty where the name is no zone; nil where that is not known.
    private static func servers(of name: DomainName, asking dns: inout Knowledge) -> [DomainName]? {
        guard case .success(let answer) = dns.outcome(name, .ns) else { return nil }
        // What stands behind an alias are the servers of another zone.
        if !answer.aliases.isEmpty { return [] }
        let names = answer.records.compactMap { record -> DomainName? in
            if case .ns(let server) = record.data, record.name == name { server } else { nil }
        }
        return Array(Set(names)).sorted()
    }

    private static func cuts(
        of domain: DomainEvidence, _ apex: DomainName, _ servers: [DomainName], asking dns: inout Knowledge
    ) -> [(DomainName, [DomainName], [Question])] {
        let name = domain.domain
        var main = [Question(name, .mx), Question(name, .txt)]
        for host in domain.hosts.filter({ $0.name.isWithin(apex) }).prefix(3) {
            main += [Question(host.name, .a), Question(host.name, .aaaa)]
        }
        var zones: [(DomainName, [DomainName], [Question])] = []
        /// In a zone of its own, or in the main one.
        func place(_ question: Question, in candidates: [DomainName], _ dns: inout Knowledge) {
            for candidate in candidates {
                guard let own = Self.servers(of: candidate, asking: &dns), !own.isEmpty else { continue }
                if let index = zones.firstIndex(where: { $0.0 == candidate }) {
                    zones[index].2.append(question)
                } else {
                    zones.append((candidate, own, [question]))
                }
                return
            }
            if question.name.isWithin(apex) { main.append(question) }
        }
        if let dmarc = try? name.prepending("_dmarc") { place(Question(dmarc, .txt), in: [dmarc], &dns) }
        let keys = domain.dkim.filter { $0.isGiven || $0.lookup.status.value != nil }.compactMap(\.lookup.name)
        let home = keys.isEmpty ? nil : try? name.prepending("_domainkey")
        for key in keys.prefix(8) { place(Question(key, .txt), in: [key] + (home.map { [$0] } ?? []), &dns) }
        return [(apex, servers, main)] + zones.prefix(4)
    }
}

// MARK: What was seen

extension AuthorityObservation {
    /// How a server stands to its zone, as seen from here.
    package enum Standing: Hashable, Sendable {
        case authoritative
        /// It answers, and not as one that has the zone: how.
        case lame(String)
        /// No response, neither over UDP nor over TCP: why.
        case silent(String)
        /// There is no way there from here.
        case notReachable
    }

    package var standing: Standing {
        let soa = replies.filter { $0.question.type == .soa && $0.question.name == zone }
        if soa.contains(where: { $0.isAuthoritative && $0.code == 0 }) { return .authoritative }
        if let reply = soa.first(where: { $0.code != nil }) {
            if reply.code != 0 { return .lame("answers \(reply.codeName ?? "with an error")") }
            if reply.isReferral { return .lame("refers to other servers") }
            return .lame("answers without the AA flag")
        }
        if soa.contains(where: { $0.failure?.cause == .dnsMalformed }) {
            return .lame("answers what is no DNS message")
        }
        if soa.isEmpty || soa.allSatisfy({ $0.failure?.cause == .unreachable || $0.failure?.cause == .offline }) {
            return .notReachable
        }
        let refused = soa.allSatisfy { $0.failure?.cause == .connectRefused }
        return .silent(refused ? "has port 53 closed" : "does not answer")
    }

    /// The best response to a question: over TCP where that over UDP was cut.
    package func reply(to question: Question) -> AuthorityReply? {
        replies.first { $0.question == question && $0.isUsable }
    }

    package var soa: SOA? {
        for record in reply(to: Question(zone, .soa))?.records ?? [] {
            if case .soa(let soa) = record.data, record.name == zone { return soa }
        }
        return nil
    }
}

extension AuthorityEvidence.Zone {
    /// Those that answered as they should.
    package var authoritative: [AuthorityObservation] { seen.filter { $0.standing == .authoritative } }

    /// Why nothing can be said of the zone's servers; nil where at least one of them answered as it should. Where none
    /// does while the resolver has answers, it is us who do not reach them: a firewall here, or somebody who answers in
    /// their stead.
    package var notSeen: String? {
        if !authoritative.isEmpty { return nil }
        if seen.isEmpty { return "the name servers of \(name) were not asked" }
        if seen.contains(where: { if case .lame = $0.standing { true } else { false } }) {
            return "port 53 of the name servers of \(name) is answered, from here, by something that has not the zone"
        }
        return "the name servers of \(name) cannot be reached directly from here"
    }

    /// Whether servers can be reached from here over that family: otherwise silence says nothing of them.
    package func isReached(over family: IPAddress.Family) -> Bool {
        seen.contains { $0.address.family == family && $0.standing == .authoritative }
    }
}
