import DNS

/// The addresses that mail leaves by, looked at as those of mail hosts are.
extension Rule {
    /// On each address of each mail host, and on each by which mail leaves; `ground` is nil for those of hosts.
    ///
    /// Of addresses that the SPF record names by a range or by their host nobody knows whether they send: their reverse
    /// zone is their own affair. What could not be asked of one that the SPF record alone names says nothing.
    static func onMailAddresses(
        _ identifier: String,
        _ verdict: @escaping @Sendable (MailAddress, DomainEvidence, _ ground: SendingAddress.Ground?) -> Verdict
    ) -> Rule {
        @Sendable func ofSender(_ sender: SendingAddress, _ domain: DomainEvidence) -> Verdict? {
            guard sender.ground == .given || sender.ground == .named, sender.address.address.canBeListed else {
                return nil
            }
            let decided = verdict(sender.address, domain, sender.ground)
            if case .cannotTell(let why) = decided, sender.ground == .named { return .doesNotApply(why.detail) }
            return decided
        }
        return Rule(identifier, .onAddresses({ verdict($0, $1, nil) }), ofSender: ofSender)
    }
}

extension DomainEvidence {
    /// What the lack of a good name costs: a host that only receives, or an address that may not be in use, little.
    func severity(of address: IPAddress, _ ground: SendingAddress.Ground?) -> Severity? {
        switch ground {
        case .given: nil
        case .named, .range, .host: .warning
        case nil: namesAsSender(address) ? nil : .warning
        }
    }
}
