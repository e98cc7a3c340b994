package import DNS
package import Mail

/// The observations, put in order for the rules.
///
/// A class, as all rules read it and a report keeps it, and none changes it.
package final class Evidence: Sendable {
    package let target: Target
    package let at: Timestamp
    /// What the DNS says of the target's domain, gathered anew from the recorded look-ups;
    /// nil where the target has no domain or nothing was asked.
    package let domain: DomainEvidence?
    package let ports: [PortObservation]
    package let roundTrips: [RoundTripObservation]
    /// Messages that were given to be analysed, read and checked.
    package let messages: [MessageEvidence]
    /// The names that servers call themselves on port 25, and what the DNS says of them.
    package let greetings: [GreetingEvidence]
    /// What was fetched of the domain from web servers.
    package let web: [WebObservation]
    /// The recorded look-ups, for rules that need one that ``DomainEvidence`` does not hold.
    package let lookups: Knowledge
    /// What is known where more was asked for than usual.
    private let further: Further?
    /// What the machine that examined could not see.
    package let machine: MachineEvidence

    /// Apart, as it is large and mostly not there.
    private final class Further: Sendable {
        let transport: TransportEvidence?
        let surroundings: DomainSurroundings?
        let authority: AuthorityEvidence?
        let settings: SettingsEvidence?
        let dnssec: DNSSECEvidence?
        let secondOpinion: SecondOpinion?

        init(
            transport: TransportEvidence? = nil, surroundings: DomainSurroundings? = nil,
            authority: AuthorityEvidence? = nil, settings: SettingsEvidence? = nil, dnssec: DNSSECEvidence? = nil,
            secondOpinion: SecondOpinion?
        ) {
            self.transport = transport
            self.surroundings = surroundings
            self.authority = authority
            self.settings = settings
            self.dnssec = dnssec
            self.secondOpinion = secondOpinion
        }
    }

    /// What decides how senders treat the mail hosts; nil where that was not asked for.
    package var transport: TransportEvidence? { further?.transport }
    /// What else the DNS tells of those who take and send the domain's mail; nil where that was not asked for.
    package var surroundings: DomainSurroundings? { further?.surroundings }
    /// What the name servers of the domain's zones said when asked themselves; nil where that was not asked for.
    package var authority: AuthorityEvidence? { further?.authority }
    /// What the domain tells mail programs of its servers; nil where that was not asked for.
    package var settings: SettingsEvidence? { further?.settings }
    /// Our own validation of the domain's answers; nil where signatures were not asked for.
    package var dnssec: DNSSECEvidence? { further?.dnssec }
    /// What another resolver says; nil where none was asked.
    package var secondOpinion: SecondOpinion? { further?.secondOpinion }

    package init(_ observations: [Observation], of target: Target, at: Timestamp) {
        var outcomes: [Question: Outcome] = [:]
        var seconds: [Question: Outcome] = [:]
        var ports: [PortObservation] = []
        var roundTrips: [RoundTripObservation] = []
        var received: [MessageObservation] = []
        var policies: [DomainName: PolicyObservation] = [:]
        var authorities: [AuthorityObservation] = []
        var web: [WebObservation] = []
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
        outcomes = machine.believable(outcomes)
        ports = machine.believable(ports)
        policies = policies.filter { !machine.isInvented($0.value.tried) }
        web.removeAll { machine.isInvented($0.tried) }
        let lookups = Knowledge(outcomes)
        var known = lookups
        self.target = target
        self.at = at
        self.machine = machine
        self.lookups = lookups
        self.ports = ports
        self.roundTrips = roundTrips
        self.web = web
        let secondOpinion = seconds.isEmpty ? nil : SecondOpinion(seconds, beside: &known)
        messages = received.map { MessageEvidence.gather($0, at: at, asking: &known) }
        greetings = GreetingEvidence.gather(ports, asking: &known)
        guard let name = target.domain, !outcomes.isEmpty else {
            domain = nil
            further = secondOpinion.map { Further(secondOpinion: $0) }
            return
        }
        let domain = DomainEvidence.gather(
            name, selectors: target.dkimSelectors, senders: target.senderAddresses ?? [],
            publicSuffix: target.publicSuffix, asking: &known)
        self.domain = domain
        // Whether something was asked for is told by a question that is always among those asked then.
        func wasAsked(_ mark: Question?) -> Bool { mark.map { outcomes[$0] != nil } ?? false }
        let surroundings =
            wasAsked(DomainSurroundings.marker(of: name))
            ? DomainSurroundings.gather(
                domain, senders: target.senderAddresses ?? [], lists: target.blockLists ?? [], asking: &known) : nil
        let authority =
            wasAsked(AuthorityEvidence.mark(of: name))
            ? AuthorityEvidence.gather(domain, authorities, asking: &known) : nil
        let settings =
            wasAsked(SettingsEvidence.mark(of: name)) ? SettingsEvidence.gather(domain, web, asking: &known) : nil
        let transport =
            policies[name] != nil || outcomes.keys.contains { $0.type == .tlsa }
            ? TransportEvidence.gather(
                domain, ports: ports, policy: policies[name], at: at, asking: &known,
                security: AnswerSecurity.of(lookups, anchors: target.trustAnchors, at: at)) : nil
        let dnssec =
            DNSSECEvidence.wasAsked(of: name, lookups)
            ? DNSSECEvidence.gather(domain, anchors: target.trustAnchors, at: at, asking: &known) : nil
        further = Further(
            transport: transport, surroundings: surroundings, authority: authority, settings: settings, dnssec: dnssec,
            secondOpinion: secondOpinion)
    }

    /// The same of what the DNS says alone, already gathered: `domain` has to be what `lookups` say, nothing wanted.
    package init(_ domain: DomainEvidence, lookups: Knowledge, of target: Target, at: Timestamp) {
        self.target = target
        self.at = at
        self.lookups = lookups
        self.domain = domain
        ports = []
        roundTrips = []
        messages = []
        greetings = []
        web = []
        further = nil
        machine = MachineEvidence()
    }
}
