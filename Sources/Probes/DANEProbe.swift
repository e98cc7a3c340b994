internal import DNS
package import Judgement
package import Mail
package import Networking

/// Asks for the TLSA records of the name and port that were dialled, validates them, and matches the chain seen there.
/// - Parameters:
///   - port: by the name of which records are published (`--connect-to` may have led elsewhere).
///   - anchors: as master-file text; nil for the root's keys.
package func daneVerdict(
    of seen: PortObservation, port: UInt16, with means: Means, anchors: String?, at now: Timestamp,
    by deadline: Deadline
) async -> DANEVerdict? {
    let host = seen.endpoint.host
    guard IPAddress(host.description) == nil else { return DANEVerdict(ofAddress: host) }
    let resolver = PunctualResolver(resolver: means.resolver, deadline: deadline)
    let (discovery, _) = await inWaves(of: resolver) { dns in
        let security = AnswerSecurity.of(dns, anchors: anchors, at: now)
        return DANEDiscovery.discover(host, for: nil, port: port, asking: &dns, security: security)
    }
    return DANEVerdict(discovery, seen, at: now)
}
