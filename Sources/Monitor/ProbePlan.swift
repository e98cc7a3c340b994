package import DNS
package import Judgement
internal import Mail
internal import Probes

/// One thing that is probed again and again: what, how often, and how long it may take.
package struct ProbePlan: Hashable, Sendable {
    /// What there is to do.
    package enum Work: Hashable, Sendable {
        case audit(DomainName, dkimSelectors: [String])
        /// Each service on each address of the host. `port`: instead of the service's own. `requireTLS`: a connection
        /// without TLS is a failure.
        case ports(host: DomainName, services: [Service], port: UInt16? = nil, requireTLS: Bool)
        case roundTrip(Configuration.RoundTrip)
    }

    /// The metrics' label `kind`.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case audit, port
        case roundTrip = "roundtrip"
    }

    package var name: String
    package var work: Work
    package var intervalSeconds: Double
    package var timeoutSeconds: Double
    /// Somebody asked for it just now, and paces it: no bounds of ours, and nothing that was seen before.
    package var isOnRequest = false
    /// Of an audit: the addresses that the domain's mail leaves by.
    package var senderAddresses: [IPAddress] = []
    /// Of an audit: the block lists that are asked.
    package var blockLists: [BlockList] = []
    /// Findings that are accepted, and what checks weigh.
    package var baseline = Baseline()
    /// Of an audit: what is asked of the mail servers besides.
    package var questions = Configuration.Questions()

    package init(
        name: String, work: Work, intervalSeconds: Double, timeoutSeconds: Double, senderAddresses: [IPAddress] = []
    ) {
        self.name = name
        self.work = work
        self.intervalSeconds = intervalSeconds
        self.timeoutSeconds = timeoutSeconds
        self.senderAddresses = senderAddresses
    }

    package var kind: Kind {
        switch work {
        case .audit: .audit
        case .ports: .port
        case .roundTrip: .roundTrip
        }
    }

    /// A request by a module that does not ask for TLS.
    var mayLackTLS: Bool {
        if case .ports(_, _, _, requireTLS: false) = work { isOnRequest } else { false }
    }

    /// What is probed: the domain, the host, or the domain that is written to.
    package var targetName: String {
        switch work {
        case .audit(let domain, _): domain.lowercased.description
        case .ports(let host, _, _, _): host.lowercased.description
        case .roundTrip(let roundTrip): roundTrip.to.address.domain.lowercased.description
        }
    }

    /// What the rules judge.
    package var target: Target {
        switch work {
        case .audit(let domain, let selectors):
            audited(domain, selectors)
        case .ports, .roundTrip: Target(name: name)
        }
    }

    private func audited(_ domain: DomainName, _ selectors: [String]) -> Target {
        var target = Target(
            name: name, domain: domain, dkimSelectors: selectors, senderAddresses: senderAddresses,
            publicSuffix: PublicSuffixList.system?.suffix(of: domain))
        target.blockLists = blockLists
        if !questions.recipients.isEmpty { target.recipients = questions.recipients.map(\.description) }
        return target
    }

    /// What an audit looks at.
    var examination: ExaminationPlan {
        var plan = ExaminationPlan(surveys: questions.accepts.depth.map { TLSSurveys(depth: $0) })
        plan.questions = PortQuestions(
            injection: questions.behaviour, behaviour: questions.behaviour, recipients: questions.recipients)
        return plan
    }
}

extension Configuration {
    /// All probes, in the order of the configuration.
    package var plans: [ProbePlan] {
        plansAsTheyAre.map { plan in
            var plan = plan
            plan.baseline = baseline
            plan.blockLists = blockLists
            return plan
        }
    }

    private var plansAsTheyAre: [ProbePlan] {
        domains.map {
            var plan = ProbePlan(
                name: $0.name, work: .audit($0.domain, dkimSelectors: $0.dkimSelectors),
                intervalSeconds: $0.intervalSeconds, timeoutSeconds: $0.timeoutSeconds,
                senderAddresses: $0.senderAddresses)
            plan.questions = $0.questions
            return plan
        }
            + ports.map {
                ProbePlan(
                    name: $0.name, work: .ports(host: $0.host, services: $0.services, requireTLS: false),
                    intervalSeconds: $0.intervalSeconds, timeoutSeconds: $0.timeoutSeconds)
            }
            + roundTrips.map {
                ProbePlan(
                    name: $0.name, work: .roundTrip($0), intervalSeconds: $0.intervalSeconds,
                    timeoutSeconds: $0.deadlineSeconds)
            }
    }
}
