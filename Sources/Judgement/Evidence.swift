package import DNS
package import Mail

/// The observations, put in order for the rules.
package struct Evidence: Sendable {
    package var target: Target
    package var at: Timestamp
    /// What the DNS says of the target's domain, gathered anew from the recorded look-ups;
    /// nil where the target has no domain or nothing was asked.
    package var domain: DomainEvidence?
    package var ports: [PortObservation] = []
    package var roundTrips: [RoundTripObservation] = []
    /// Messages that were given to be analysed, read and checked.
    package var messages: [MessageEvidence] = []
    /// The names that servers call themselves on port 25, and what the DNS says of them.
    package var greetings: [GreetingEvidence] = []
    /// What decides how senders treat the mail hosts; nil where that was not asked for.
    package var transport: TransportEvidence?
    /// What else the DNS tells of those who take and send the domain's mail; nil where that was not asked for.
    package var surroundings: DomainSurroundings?
    /// What the name servers of the domain's zones said when asked themselves; nil where that was not asked for.
    package var authority: AuthorityEvidence?
    /// What was fetched of the domain from web servers.
    package var web: [WebObservation] = []
    /// What the domain tells mail programs of its servers; nil where that was not asked for.
    package var settings: SettingsEvidence?
    /// The recorded look-ups, for rules that need one that ``DomainEvidence`` does not hold.
    package var lookups: Knowledge
    /// Our own validation of the domain's answers; nil where signatures were not asked for.
    package var dnssec: DNSSECEvidence?
    /// What another resolver says; nil where none was asked.
    package var secondOpinion: SecondOpinion?
    /// What the machine that examined could not see.
    package var machine = MachineEvidence()

    package init(_ observations: [Observation], of target: Target, at: Timestamp) {
        self.target = target
        self.at = at
        var outcomes: [Question: Outcome] = [:]
        var received: [MessageObservation] = []
        var policies: [DomainName: PolicyObservation] = [:]
        var authorities: [AuthorityObservation] = []
        var seconds: [Question: Outcome] = [:]
        for observation in observations {
            switch observation {
            case .lookup(let lookup): outcomes[lookup.question] = lookup.outcome
            case .port(let port): ports.append(port)
            case .roundTrip(let roundTrip): roundTrips.append(roundTrip)
            case .message(let message): received.append(message)
            case .policy(let policy): policies[policy.domain] = policy
            case .authority(let seen): authorities.append(seen)
            case .web(let seen): web.append(seen)
            case .secondLookup(let lookup): seconds[lookup.question] = lookup.outcome
            }
        }
        let machine = MachineEvidence(outcomes, ports, policies.values)
        self.machine = machine
        outcomes = machine.believable(outcomes)
        ports = machine.believable(ports)
        policies = policies.filter { !machine.isInvented($0.value.tried) }
        web.removeAll { machine.isInvented($0.tried) }
        lookups = Knowledge(outcomes)
        var known = lookups
        if !seconds.isEmpty { secondOpinion = SecondOpinion(seconds, beside: &known) }
        messages = received.map { MessageEvidence.gather($0, at: at, asking: &known) }
        greetings = GreetingEvidence.gather(ports, asking: &known)
        if let domain = target.domain, !outcomes.isEmpty {
            self.domain = DomainEvidence.gather(
                domain, selectors: target.dkimSelectors, senders: target.senderAddresses ?? [],
                publicSuffix: target.publicSuffix, asking: &known)
        }
        if let domain = self.domain, let marker = DomainSurroundings.marker(of: domain.domain), outcomes[marker] != nil
        {
            surroundings = DomainSurroundings.gather(
                domain, senders: target.senderAddresses ?? [], lists: target.blockLists ?? [], asking: &known)
        }
        if let domain = self.domain, let mark = AuthorityEvidence.mark(of: domain.domain), outcomes[mark] != nil {
            authority = AuthorityEvidence.gather(domain, authorities, asking: &known)
        }
        if let domain = self.domain, let mark = SettingsEvidence.mark(of: domain.domain), outcomes[mark] != nil {
            settings = SettingsEvidence.gather(domain, web, asking: &known)
        }
        if let domain = self.domain,
            policies[domain.domain] != nil || outcomes.keys.contains(where: { $0.type == .tlsa })
        {
            transport = TransportEvidence.gather(
                domain, ports: ports, policy: policies[domain.domain], at: at, asking: &known,
                security: AnswerSecurity.of(lookups, anchors: target.trustAnchors, at: at))
        }
        if let domain = self.domain, DNSSECEvidence.wasAsked(of: domain.domain, lookups) {
            dnssec = DNSSECEvidence.gather(domain, anchors: target.trustAnchors, at: at, asking: &known)
        }
    }

    /// The same of what the DNS says alone, already gathered: `domain` has to be what `lookups` say, nothing wanted.
    package init(_ domain: DomainEvidence, lookups: Knowledge, of target: Target, at: Timestamp) {
        self.target = target
        self.at = at
        self.lookups = lookups
        self.domain = domain
    }
}
