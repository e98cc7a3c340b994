import DNS
import Mail

/// Who may issue certificates for the mail hosts: `checks/caa` (RFC 8659, RFC 9495). It binds authorities, not senders.
enum CAARules {
    static let all: [Rule] = [issuer, record]

    // RFC 8659 §4.2: what is forbidden shows at the next renewal.
    static let issuer = onTransport("caa.issuer") { domain, transport, _ in
        transport.hosts.map { host in Ruling(.host(host.name), verdict(on: host)) }
    }

    private static func verdict(on host: TransportEvidence.Host) -> Verdict {
        let records: [CAA]
        let place: DomainName
        switch host.caa.status {
        case .none: return .doesNotApply("no CAA records: any authority may issue")
        case .couldNotTell(let question, let why): return .cannotTell(Failure(why, asking: question))
        case .found(let found, let at): (records, place) = (found, at)
        }
        let tls = host.endpoints.lazy.compactMap(\.port.tls).first { $0.trusted == true && !$0.chain.isEmpty }
        guard let leaf = tls?.chain.first else { return .doesNotApply("no certificate of a public authority was seen") }
        let policy = CAAPolicy(records)
        let isWildcard = leaf.names.contains {
            (try? DomainName($0)) == (try? DomainName("*").appending(host.name.parent ?? .root))
        }
        let domains = KnownAuthorities.domains(ofIssuer: leaf.issuer)
        if domains.isEmpty, policy.unknownCritical.isEmpty, policy.issue.map(\.isEmpty) != true {
            return .doesNotApply("what CAA calls the authority of the certificate is not known")
        }
        if policy.allows(anyOf: domains, isWildcard: isWildcard) { return .passes }
        let named = (isWildcard ? policy.issueWildcard ?? policy.issue : policy.issue) ?? []
        let allowed = named.isEmpty ? "nobody" : list(named.map(\.description))
        return .finds(
            Found(
                "The certificate of \(host.name) is from \(quoted(leaf.issuer, limit: 80)), but the CAA records at \(place) allow "
                    + "\(policy.unknownCritical.isEmpty ? allowed : "nobody who does not know “\(policy.unknownCritical[0])”"): it "
                    + "will not be renewed.",
                detail: [
                    .init("host", .string(host.name.description)), .init("at", .string(place.description)),
                    .init("issuer", .string(String(leaf.issuer.prefix(300)))),
                    .init("allowed", .strings(named.map(\.description))),
                ],
                remedy: domains.first.map {
                    "Add `\(place). CAA 0 issue \"\($0)\"`, or get the next certificate from one that is named."
                }
            ))
    }

    // RFC 8659 §4.
    static let record = onTransport("caa.record") { domain, transport, _ in
        var seen: Set<DomainName> = []
        return transport.hosts.compactMap { host -> Ruling? in
            switch host.caa.status {
            case .none: return Ruling(.host(host.name), .doesNotApply("no CAA records: any authority may issue"))
            case .couldNotTell(let question, let why):
                return Ruling(.host(host.name), .cannotTell(Failure(why, asking: question)))
            case .found(let records, let place):
                guard seen.insert(place).inserted else { return nil }
                let policy = CAAPolicy(records)
                let problems =
                    policy.unknownCritical.map { "“\($0)” is critical and unknown, so nobody may issue" }
                    + policy.problems
                guard let first = problems.first else { return Ruling(.host(place), .passes) }
                return Ruling(
                    .host(place),
                    .finds(
                        Found(
                            "The CAA records at \(place) do not say what was meant: \(first).",
                            detail: [.init("problems", .strings(problems))])))
            }
        }
    }
}
