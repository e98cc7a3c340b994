package import DNS

/// What else the DNS tells once it is known who takes and sends a domain's mail: what lists say of them, where mail
/// programs are sent, which names lead nowhere. An audit asks for it; a scan of many domains does not.
///
/// Like ``DomainEvidence`` it is a function of what is known, and gathered twice: by whoever asks, and by the judge.
package struct DomainSurroundings: Sendable {
    package var sending: [SendingAddress]
    package var reputation: ReputationEvidence
    package var discovery: DiscoveryEvidence
    package var mentioned: [MentionedName]
    package var danglingAliases: [DanglingAlias]
    /// Whether some of the names with aliases could be asked for.
    package var namesWereTold: Bool

    /// - Parameters:
    ///   - senders: addresses that the domain's mail is known to leave by.
    ///   - lists: block lists and allow lists to ask; none: nobody is asked.
    package static func gather(
        _ domain: DomainEvidence, senders: [IPAddress], lists: [BlockList], asking dns: inout Knowledge
    ) -> DomainSurroundings {
        _ = marker(of: domain.domain).map { dns.outcome($0) }
        let sending = SendingAddress.gather(domain, given: senders, asking: &dns)
        let aliases = DanglingAlias.gather(domain.domain, asking: &dns)
        return DomainSurroundings(
            sending: sending,
            reputation: ReputationEvidence.gather(domain, sending: sending, lists: lists, asking: &dns),
            discovery: DiscoveryEvidence.gather(domain.domain, asking: &dns),
            mentioned: MentionedName.gather(domain, asking: &dns), danglingAliases: aliases.found,
            namesWereTold: aliases.notTold.count < DanglingAlias.count)
    }

    /// The question that is asked first, and by nobody else: where it has an outcome, the surroundings were asked for.
    package static func marker(of domain: DomainName) -> Question? {
        (try? domain.prepending("_submissions._tcp")).map { Question($0, .srv) }
    }
}
