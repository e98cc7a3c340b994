import DNS
import Mail

/// The name servers of the domain's zones, asked themselves: `checks/authority`.
///
/// Nothing is said where none of a zone's servers answered as it should: the resolver has answers, so it is from here
/// that they are not reached. What one of them lacks is told as seen from here.
enum AuthorityRules {
    static let all: [Rule] =
        [unresolvable, lame, silent, tcp, edns, ipv6] + AuthorityRecordRules.all

    // RFC 1034 §4.2.2, RFC 2181 §10.3: a name server's name has an address.
    static let unresolvable = onZones("authority.unresolvable-server", evenUnseen: true) { zone in
        let hasAddress = zone.servers.contains { $0.a.value != nil || $0.aaaa.value != nil }
        guard hasAddress else { return .doesNotApply("none of the name servers has an address here") }
        let without = zone.servers.filter { $0.a.isNone && $0.aaaa.isNone }.map(\.name.description)
        if without.isEmpty { return .passes }
        return .finds(
            Found(
                "\(list(without)), named as name server\(without.count == 1 ? "" : "s") of \(zone.name), "
                    + "\(without.count == 1 ? "has" : "have") no address.",
                detail: [.init("name_servers", .strings(without))]))
    }

    static let lame = onZones("authority.lame") { zone in
        let found = zone.seen.compactMap { seen -> (AuthorityObservation, String)? in
            if case .lame(let how) = seen.standing { (seen, how) } else { nil }
        }
        guard let first = found.first else { return .passes }
        let more = found.dropFirst().map { "\(place($0.0)) \($0.1)" }
        return .finds(
            Found(
                "\(place(first.0)) is a name server of \(zone.name) and \(first.1)"
                    + (more.isEmpty ? "." : "; so it is with \(list(more))."),
                detail: [.init("servers", servers(found.map(\.0)))]))
    }

    static let silent = onZones("authority.silent") { zone in
        let found = zone.seen.compactMap { seen -> (AuthorityObservation, String)? in
            guard case .silent(let how) = seen.standing, zone.isReached(over: seen.address.family) else { return nil }
            return (seen, how)
        }
        guard let first = found.first else { return .passes }
        let more = found.dropFirst().map { "\(place($0.0)) \($0.1)" }
        return .finds(
            Found(
                "Seen from here, \(place(first.0)), a name server of \(zone.name), \(first.1), by UDP and TCP"
                    + (more.isEmpty ? "." : "; nor is it better with \(list(more))."),
                detail: [.init("servers", servers(found.map(\.0)))]))
    }

    // RFC 7766 §5: TCP is not an option.
    static let tcp = onZones("authority.tcp") { zone in
        let asked = zone.authoritative.filter { $0.overTCP != nil && $0.overUDP }
        if asked.isEmpty { return .doesNotApply("no name server was asked over TCP") }
        let without = asked.filter { $0.overTCP?.code == nil }
        if without.isEmpty { return .passes }
        let closed = without.contains { $0.overTCP?.failure?.cause == .connectRefused }
        if without.count == asked.count, !closed {
            return .doesNotApply("no name server can be reached over TCP from here")
        }
        let isNeeded = without.contains { $0.replies.contains(where: \.isTruncated) }
        return .finds(
            Found(
                "Seen from here, \(list(without.map(place))) answer\(without.count == 1 ? "s" : "") over UDP and not "
                    + "over TCP" + (isNeeded ? ", and has answers that do not fit into UDP." : "."),
                detail: [.init("servers", servers(without))], severity: isNeeded ? .error : nil))
    }

    // RFC 6891 §7: a server that does not know EDNS says so; one that is silent is broken.
    static let edns = onZones("authority.edns") { zone in
        let deaf = zone.authoritative.filter(\.isDeafToEDNS)
        let old = zone.authoritative.filter { !$0.isDeafToEDNS && $0.ignoresEDNS }
        let large = zone.authoritative.filter { seen in
            seen.replies.contains { $0.transport == .udp && $0.size > ($0.offeredEDNS ? 1232 : 512) }
        }
        if let first = deaf.first {
            return .finds(
                Found(
                    "\(place(first)) does not answer questions with EDNS, and answers the same ones without.",
                    detail: [.init("servers", servers(deaf))]))
        }
        if let first = large.first {
            return .finds(
                Found(
                    "\(place(first)) sends more in a UDP packet than it was told that there is room for: such answers "
                        + "come in fragments, which firewalls drop.", detail: [.init("servers", servers(large))]))
        }
        if let first = old.first {
            return .finds(
                Found(
                    "\(place(first)) does not know EDNS: answers over UDP end at 512 octets there.",
                    detail: [.init("servers", servers(old))], severity: .notice))
        }
        return .passes
    }

    // RFC 3901 §3: at least one name server over IPv4, and one over IPv6.
    static let ipv6 = onZones("authority.ipv6") { zone in
        let withAddress = zone.servers.filter { $0.aaaa.value != nil }
        if withAddress.isEmpty {
            if zone.servers.contains(where: { $0.aaaa.unanswered != nil }) {
                return .doesNotApply("whether the name servers have IPv6 addresses is not known")
            }
            return .finds(Found("None of the name servers of \(zone.name) has an IPv6 address."))
        }
        let asked = zone.seen.filter { $0.address.family == .ipv6 && $0.standing != .notReachable }
        if asked.isEmpty { return .doesNotApply("IPv6 cannot be used from here") }
        return .passes
    }

    // MARK: Shapes

    /// On each zone, where at least one of its servers was seen, or `evenUnseen`.
    static func onZones(
        _ identifier: String, evenUnseen: Bool = false,
        _ verdict: @escaping @Sendable (AuthorityEvidence.Zone) -> Verdict
    ) -> Rule {
        Rule.ofDomain(identifier) { _, evidence in
            guard let authority = evidence.authority, !authority.zones.isEmpty else {
                return [Rule.inapplicable("no name server was asked itself", evidence)]
            }
            return authority.zones.map { zone in
                if !evenUnseen, let why = zone.notSeen { return Ruling(.domain(zone.name), .doesNotApply(why)) }
                return Ruling(.domain(zone.name), verdict(zone))
            }
        }
    }

    /// `ns1.example.org [192.0.2.53]`
    static func place(_ seen: AuthorityObservation) -> String { "\(seen.server) [\(seen.address)]" }

    static func servers(_ seen: some Sequence<AuthorityObservation>) -> JSON { .strings(seen.map(place)) }
}

extension AuthorityObservation {
    private var toSOA: [AuthorityReply] { replies.filter { $0.question.type == .soa && $0.question.name == zone } }

    /// The reply to the SOA question over TCP; nil where it was not asked.
    var overTCP: AuthorityReply? { toSOA.first { $0.transport == .tcp } }

    var overUDP: Bool { toSOA.contains { $0.transport == .udp && $0.code != nil } }

    /// Whether it is silent when a question has an OPT record, tried more than once, and answers one that has none.
    var isDeafToEDNS: Bool {
        let overUDP = toSOA.filter { $0.transport == .udp }
        let with = overUDP.filter(\.offeredEDNS)
        return with.count > 1 && with.allSatisfy { $0.failure?.cause == .timeout }
            && overUDP.contains { !$0.offeredEDNS && $0.code != nil }
    }

    /// Whether it takes the OPT record for nothing, or for an error.
    var ignoresEDNS: Bool { toSOA.contains { $0.transport == .udp && $0.offeredEDNS && $0.code != nil && !$0.hasEDNS } }
}
