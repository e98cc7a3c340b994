import DNS

/// How bad a finding is; `checks/README.md` says it in words.
package enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case info, notice, warning, error, critical

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int {
        switch self {
        case .info: 0
        case .notice: 1
        case .warning: 2
        case .error: 3
        case .critical: 4
        }
    }
}

/// What a rule says of one subject. Three-valued truth, and "not applicable".
package enum Verdict: Hashable, Sendable {
    case passes
    case doesNotApply(String)
    case finds(Found)
    case cannotTell(Failure)
}

/// What was found, before it is tied to a check's page.
package struct Found: Hashable, Sendable {
    /// One sentence with the facts in it. Outside text in it is escaped by those who print.
    package var summary: String
    /// Typed facts for programs.
    package var detail: [JSON.Member]
    /// Where the page's severity is not the one: nil otherwise.
    package var severity: Severity?
    /// An exact remedy where more can be said than the page says.
    package var remedy: String?

    package init(_ summary: String, detail: [JSON.Member] = [], severity: Severity? = nil, remedy: String? = nil) {
        self.summary = summary
        self.detail = detail
        self.severity = severity
        self.remedy = remedy
    }
}

/// A verdict and what it is about. A rule gives one for each subject it looked at.
package struct Ruling: Hashable, Sendable {
    package var subject: Subject
    package var verdict: Verdict

    package init(_ subject: Subject, _ verdict: Verdict) {
        self.subject = subject
        self.verdict = verdict
    }
}

/// A check's decision, as a function of the evidence.
///
/// A class, as every judgement goes through all rules and none changes one.
package final class Rule: Sendable {
    package let check: Check
    let way: Way
    /// What kind of thing it looks at.
    package let scope: Scope
    /// Whether it looks at the domain, and so has nothing to say where none was looked up.
    package let isOfDomain: Bool
    /// The services whose ports alone it looks at; empty where it looks at more.
    package let services: Set<Service>
    let serviceBits: UInt8
    /// What it says of an address by which mail leaves, where it looks at those too; nil: nothing of this one.
    let ofSender: (@Sendable (SendingAddress, DomainEvidence) -> Verdict?)?

    /// Rules on messages say nothing where no message was given, and the others nothing where only messages were:
    /// not even that they do not apply.
    package enum Scope: Hashable, Sendable {
        case servers, messages

        func isOf(_ evidence: Evidence) -> Bool {
            switch self {
            case .messages: !evidence.messages.isEmpty
            case .servers:
                evidence.messages.isEmpty || evidence.target.domain != nil || !evidence.ports.isEmpty
                    || !evidence.roundTrips.isEmpty
            }
        }
    }

    /// What a rule of domains says where there is none, in every case.
    static let withoutDomain = "no mail domain was looked up"

    /// What a rule of ports says where none of its services was tested.
    static let withoutPort = "no such port was tested"

    /// How it comes to its verdicts. What nearly all rules have in common is done in one place, without making lists.
    enum Way: Sendable {
        case free(@Sendable (Evidence) -> [Ruling])
        /// Once, where there is a domain.
        case onDomain(@Sendable (DomainEvidence) -> Verdict)
        /// On each host that mail goes to.
        case onHosts(@Sendable (MailHost, DomainEvidence) -> Verdict)
        /// On each address of each host that mail goes to.
        case onAddresses(@Sendable (MailAddress, DomainEvidence) -> Verdict)
        /// On each signing key whose selector was given, and on those that were guessed unless `givenOnly`.
        case onKeys(givenOnly: Bool, @Sendable (DKIMEvidence) -> Verdict)

        var isOfDomain: Bool { if case .free = self { false } else { true } }
    }

    /// `identifier` must have a page in `checks/`: a test holds both together.
    package convenience init(
        _ identifier: String, on scope: Scope = .servers, _ rulings: @escaping @Sendable (Evidence) -> [Ruling]
    ) {
        self.init(identifier, on: scope, .free(rulings))
    }

    /// - Parameter isOfDomain: nil: whether its way leads by the domain alone.
    init(
        _ identifier: String, on scope: Scope = .servers, _ way: Way, isOfDomain: Bool? = nil,
        of services: Set<Service> = [],
        ofSender: (@Sendable (SendingAddress, DomainEvidence) -> Verdict?)? = nil
    ) {
        self.check = Check.page(of: identifier)
        self.scope = scope
        self.way = way
        self.isOfDomain = isOfDomain ?? way.isOfDomain
        self.services = services
        serviceBits = services.reduce(0) { $0 | $1.bit }
        self.ofSender = ofSender
    }

    /// What it says, one for each subject it looked at.
    package func rulings(_ evidence: Evidence) -> [Ruling] {
        var rulings: [Ruling] = []
        judge(evidence, evidence.domain) { verdict, subject in rulings.append(Ruling(subject(), verdict)) }
        return rulings
    }

    /// Gives each verdict with what it is about; who does not ask for a subject does not pay for it.
    /// - Parameter domain: that of the evidence, which is looked up once for all rules.
    func judge(_ evidence: Evidence, _ domain: DomainEvidence?, _ give: (Verdict, () -> Subject) -> Void) {
        judgeItsOwn(evidence, domain, give)
        guard let ofSender, let domain, let sending = evidence.surroundings?.sending else { return }
        for sender in sending {
            guard let verdict = ofSender(sender, domain) else { continue }
            give(verdict) { .address(sender.address.address, of: domain.domain) }
        }
    }

    private func judgeItsOwn(
        _ evidence: Evidence, _ domain: DomainEvidence?, _ give: (Verdict, () -> Subject) -> Void
    ) {
        if case .free(let rulings) = way {
            for ruling in rulings(evidence) { give(ruling.verdict) { ruling.subject } }
            return
        }
        func whole() -> Subject { .domain(domain?.domain ?? evidence.target.domain ?? .root) }
        guard let domain else {
            return give(.doesNotApply(Self.withoutDomain), whole)
        }
        if domain.isNowhere { return give(.doesNotApply("the domain does not exist"), whole) }
        switch way {
        case .free: break
        case .onDomain(let verdict): give(verdict(domain), whole)
        case .onHosts(let verdict):
            if let none = domain.withoutHosts { return give(none, whole) }
            domain.hosts.withUnsafeBufferPointer { hosts in
                for index in hosts.indices { give(verdict(hosts[index], domain)) { .host(hosts[index].name) } }
            }
        case .onAddresses(let verdict):
            if let none = domain.withoutHosts { return give(none, whole) }
            if giveOnAddresses(of: domain, verdict, give) { return }
            for index in domain.hosts.indices {
                guard let failure = domain.hosts[index].addressFailure else { continue }
                return give(.cannotTell(failure)) { .host(domain.hosts[index].name) }
            }
            give(.doesNotApply("no mail host has an address"), whole)
        case .onKeys(let givenOnly, let verdict):
            var isThere = false
            for key in domain.dkim where key.isGiven || (!givenOnly && key.looksLikeAKey) {
                isThere = true
                give(verdict(key)) { .host(key.question.name) }
            }
            if !isThere { give(.doesNotApply("no key is known"), whole) }
        }
    }

    /// False where there are none. Hosts and addresses are looked at in place: a copy counts a dozen references.
    private func giveOnAddresses(
        of domain: DomainEvidence, _ verdict: (MailAddress, DomainEvidence) -> Verdict,
        _ give: (Verdict, () -> Subject) -> Void
    ) -> Bool {
        var isThere = false
        domain.hosts.withUnsafeBufferPointer { hosts in
            for host in hosts.indices {
                hosts[host].addresses.withUnsafeBufferPointer { addresses in
                    for index in addresses.indices {
                        isThere = true
                        give(verdict(addresses[index], domain)) {
                            .address(addresses[index].address, of: hosts[host].name)
                        }
                    }
                }
            }
        }
        return isThere
    }
}

extension Service {
    /// One of eight, for sets that are looked into often.
    var bit: UInt8 {
        switch self {
        case .smtp: 1
        case .submission: 2
        case .submissions: 4
        case .imap: 8
        case .imaps: 16
        case .pop3: 32
        case .pop3s: 64
        }
    }
}
