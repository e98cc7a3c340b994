package import DNS
package import Mail

/// A domain's MTA-STS policy and the hosts it is held against, without a look at those hosts.
package struct PolicyCheck: Sendable {
    package var domain: DomainName
    package var record: RecordLookup<MTASTSRecord>
    package var evidence: MTASTSEvidence
    /// The hosts asked about, or those of the domain's MX records.
    package var hosts: Told<[DomainName]>

    /// - Parameter hosts: nil for the domain's own.
    package static func gather(
        _ domain: DomainName, hosts given: [DomainName]?, policy fetch: PolicyObservation?, at now: Timestamp,
        asking dns: inout Knowledge
    ) -> PolicyCheck {
        let record = MTASTSRecord.look(for: domain, asking: &dns).lookup
        var hosts: Told<[DomainName]> = .records(given ?? [])
        if given == nil {
            let mx = Told(dns.outcome(domain, .mx)) { data -> MX? in if case .mx(let mx) = data { mx } else { nil } }
                .map { $0.sorted(by: DomainEvidence.preferredFirst) }
            let found = DomainEvidence.route(domain, mx, asking: &dns)
            if case .couldNotTell(let why) = found.0 {
                hosts = .couldNotTell(why)
            } else {
                hosts = .records(found.1.prefix(DomainEvidence.maximumHosts).map(\.name))
            }
        }
        return PolicyCheck(
            domain: domain, record: record,
            evidence: MTASTSEvidence.gather(
                domain, record, hosts: hosts.value ?? [], fetch, at: now, asking: &dns), hosts: hosts)
    }

    /// Whether the policy allows every host; nil where there is no policy, its mode is `none`, or no host is known.
    package var matches: Bool? {
        guard let hosts = hosts.value, !hosts.isEmpty else { return nil }
        let allowed = hosts.map(allows)
        return allowed.contains(nil) ? nil : !allowed.contains(false)
    }

    /// Whether the policy allows a host; nil where nothing is held against it. In the mode `none` a policy needs no `mx`,
    /// and senders treat the domain as one without a policy (RFC 8461 §3.2, §5).
    package func allows(_ host: DomainName) -> Bool? {
        guard let policy = evidence.policy, policy.mode != MTASTSPolicy.Mode.none else { return nil }
        return policy.allows(host)
    }
}
