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
        var all = AllRulings()
        judge(evidence, into: &all)
        return all.rulings
    }

    private struct AllRulings: VerdictSink {
        var rulings: [Ruling] = []

        mutating func take(_ verdict: consuming Verdict, on subject: () -> Subject) {
            rulings.append(Ruling(subject(), verdict))
        }
    }

    /// Gives each verdict with what it is about.
    func judge<Sink: VerdictSink>(_ evidence: Evidence, into sink: inout Sink) {
        if let domain = evidence.domain { return judge(domain, evidence, into: &sink) }
        if case .free(let rulings) = way {
            for ruling in rulings(evidence) { sink.take(ruling.verdict) { ruling.subject } }
        } else {
            sink.take(.doesNotApply(Self.withoutDomain)) { .domain(evidence.target.domain ?? .root) }
        }
    }

    /// - Parameter domain: that of the evidence.
    @inline(__always)
    func judge<Sink: VerdictSink>(_ domain: DomainEvidence, _ evidence: Evidence, into sink: inout Sink) {
        judgeItsOwn(domain, evidence, into: &sink)
        guard let ofSender, let sending = evidence.surroundings?.sending else { return }
        for sender in sending {
            guard let verdict = ofSender(sender, domain) else { continue }
            sink.take(verdict) { .address(sender.address.address, of: domain.domain) }
        }
    }

    @inline(__always)
    private func judgeItsOwn<Sink: VerdictSink>(
        _ domain: DomainEvidence, _ evidence: Evidence, into sink: inout Sink
    ) {
        if case .free(let rulings) = way {
            for ruling in rulings(evidence) { sink.take(ruling.verdict) { ruling.subject } }
            return
        }
        if domain.isNowhere {
            return sink.take(.doesNotApply("the domain does not exist")) { .domain(domain.domain) }
        }
        switch way {
        case .free: break
        case .onDomain(let verdict): sink.take(verdict(domain)) { .domain(domain.domain) }
        case .onHosts(let verdict):
            if let none = domain.withoutHosts { return sink.take(none) { .domain(domain.domain) } }
            for host in domain.hosts { sink.take(verdict(host, domain)) { .host(host.name) } }
        case .onAddresses(let verdict):
            if let none = domain.withoutHosts { return sink.take(none) { .domain(domain.domain) } }
            var isThere = false
            for host in domain.hosts {
                for address in host.addresses {
                    isThere = true
                    sink.take(verdict(address, domain)) { .address(address.address, of: host.name) }
                }
            }
            if isThere { return }
            for host in domain.hosts {
                guard let failure = host.addressFailure else { continue }
                return sink.take(.cannotTell(failure)) { .host(host.name) }
            }
            sink.take(.doesNotApply("no mail host has an address")) { .domain(domain.domain) }
        case .onKeys(let givenOnly, let verdict):
            var isThere = false
            for key in domain.dkim where key.isGiven || (!givenOnly && key.looksLikeAKey) {
                isThere = true
                sink.take(verdict(key)) { .host(key.question.name) }
            }
            if !isThere { sink.take(.doesNotApply("no key is known")) { .domain(domain.domain) } }
        }
    }
}

/// Where a rule says what it thinks.
protocol VerdictSink {
    /// - Parameter subject: what the verdict is about; who does not ask does not pay for it.
    mutating func take(_ verdict: consuming Verdict, on subject: () -> Subject)
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
