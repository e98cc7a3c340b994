package import DNS
package import Mail

/// What is examined and how.
package struct Target: Hashable, Sendable, Codable {
    /// The name it goes by in reports and metrics.
    package var name: String
    /// The mail domain; nil where only ports or a round trip are probed.
    package var domain: DomainName?
    /// Known selectors: a missing key is a finding. Guessed ones are never missing.
    package var dkimSelectors: [String]
    /// Addresses that the domain's mail leaves by: SPF must pass for each. nil or empty: none are known.
    package var senderAddresses: [IPAddress]?
    /// What the domain stands under, or is itself, by the Public Suffix List; nil where there is no list.
    package var publicSuffix: DomainName?
    /// Addresses whose existence is asked for; nil: none.
    package var recipients: [String]?
    /// Where chains of trust of DNSSEC begin, as master-file text; nil: with the root's keys.
    package var trustAnchors: String?
    /// Block lists and allow lists to ask; nil or empty: none.
    package var blockLists: [BlockList]?

    package init(
        name: String, domain: DomainName? = nil, dkimSelectors: [String] = [], senderAddresses: [IPAddress] = [],
        publicSuffix: DomainName? = nil
    ) {
        self.name = name
        self.domain = domain
        self.dkimSelectors = dkimSelectors
        self.senderAddresses = senderAddresses.isEmpty ? nil : senderAddresses
        self.publicSuffix = publicSuffix
    }
}

/// The judgement on a target, complete: JSON, terminal, metrics and history are made of this alone.
package struct Report: Sendable {
    /// A check that failed for one subject.
    package struct Finding: Hashable, Sendable {
        package var check: Check
        package var severity: Severity
        package var subject: Subject
        package var summary: String
        package var detail: [JSON.Member]
        package var remedy: String
    }

    /// A check that could not be told for one subject.
    package struct Unknown: Hashable, Sendable {
        package var check: Check
        package var subject: Subject
        package var failure: Failure
    }

    /// A check that had nothing to look at, and why.
    package struct NotApplicable: Hashable, Sendable {
        package var check: Check
        package var because: String
    }

    /// The worst there is: `pass` with nothing above info, `unknown` where nothing worse is known.
    package enum Overall: String, Hashable, Sendable, Codable, CaseIterable {
        case pass, notice, warning, error, critical, unknown
    }

    package var target: Target
    package var at: Timestamp
    /// How long observing took, in seconds.
    package var durationSeconds: Double
    /// The worst first, then by check and subject.
    package var findings: [Finding]
    package var unknown: [Unknown]
    /// Checks all of whose subjects passed.
    package var passed: [Check]
    package var notApplicable: [NotApplicable]
    package var evidence: Evidence
    /// Findings that a ``Baseline`` accepts: they are not among ``findings``.
    package var accepted: [Accepted] = []
    /// Findings that it accepted until a day that has passed: they are among ``findings`` again.
    package var lapsed: [Accepted] = []

    package var overall: Overall {
        switch findings.lazy.map({ $0.severity }).max() {
        case .critical: .critical
        case .error: .error
        case .warning: .warning
        case .notice: unknown.isEmpty ? .notice : .unknown
        case .info, nil: unknown.isEmpty ? .pass : .unknown
        }
    }
}

/// Judges what was observed. A function of its arguments: the same observations give the same report.
/// - Parameter durationSeconds: how long observing took, for the report.
package func judge(
    _ observations: [Observation], of target: Target, at: Timestamp, durationSeconds: Double = 0,
    by rules: [Rule] = Rule.all
) -> Report {
    judge(Evidence(observations, of: target, at: at), durationSeconds: durationSeconds, by: rules)
}

extension Report {
    /// What this machine cannot be believed in was not found, it could not be told.
    fileprivate mutating func doubt(by machine: MachineEvidence) {
        findings.removeAll { finding in
            guard let doubt = machine.doubt(of: finding.check) else { return false }
            unknown.append(.init(check: finding.check, subject: finding.subject, failure: doubt))
            return true
        }
    }

    /// The worst first, then by check and subject.
    static func inOrder(_ findings: [Finding]) -> [Finding] {
        if findings.count < 2 { return findings }
        // Places are sorted, as findings are large; that of one check there are several is rare.
        return findings.withUnsafeBufferPointer { findings in
            findings.indices.sorted { a, b in
                if findings[a].severity != findings[b].severity { return findings[a].severity > findings[b].severity }
                if let isFirst = findings[a].check.comesFirst(before: findings[b].check) { return isFirst }
                if findings[a].subject == findings[b].subject { return a < b }
                return (findings[a].subject.description, a) < (findings[b].subject.description, b)
            }.map { findings[$0] }
        }
    }
}

/// The same over evidence that has been put in order already.
package func judge(_ evidence: Evidence, durationSeconds: Double = 0, by rules: [Rule]) -> Report {
    var sorting = Sorting(
        Report(
            target: evidence.target, at: evidence.at, durationSeconds: durationSeconds, findings: [], unknown: [],
            passed: [], notApplicable: [], evidence: evidence), room: rules.count)
    let tested = evidence.ports.reduce(UInt8(0)) { $0 | $1.service.bit }
    let (servers, messages) = (Rule.Scope.servers.isOf(evidence), Rule.Scope.messages.isOf(evidence))
    func sort(_ rules: [Rule], _ judge: (Rule) -> Void) {
        for rule in rules where rule.scope == .servers ? servers : messages {
            sorting.begin(rule.check)
            if rule.isOfDomain, evidence.domain == nil {
                sorting.leaveOut(Rule.withoutDomain)
            } else if rule.serviceBits != 0, rule.serviceBits & tested == 0 {
                sorting.leaveOut(Rule.withoutPort)
            } else {
                judge(rule)
            }
            sorting.finish()
        }
    }
    if let domain = evidence.domain {
        sort(rules) { $0.judge(domain, evidence, into: &sorting) }
    } else {
        sort(rules) { $0.judge(evidence, into: &sorting) }
    }
    sorting.end()
    return sorting.report
}

/// Puts what rules say of all their subjects where it belongs.
private struct Sorting: VerdictSink {
    private(set) var report: Report
    private let twins: UnseenTwins
    private var check: Check?
    private var hasPasses = false, hasOthers = false
    private var inapplicable: String?

    /// - Parameter room: how many rules there are.
    init(_ report: consuming Report, room: Int) {
        twins = report.evidence.machine.unseenTwins
        self.report = report
        self.report.findings.reserveCapacity(min(room, 8))
        self.report.passed.reserveCapacity(room)
        // Of a domain with mail some forty do not apply.
        self.report.notApplicable.reserveCapacity(min(room, 40))
    }

    /// What comes next is said by the rule of that check.
    mutating func begin(_ check: Check) {
        self.check = check
        hasPasses = false
        hasOthers = false
        inapplicable = nil
    }

    @inline(__always)
    mutating func take(_ verdict: consuming Verdict, on subject: () -> Subject) {
        switch verdict {
        case .passes: hasPasses = true
        case .doesNotApply(let because): if inapplicable == nil { inapplicable = because }
        case .cannotTell(let failure): add(failure, subject())
        case .finds(let found): add(found, subject())
        }
    }

    @inline(never)
    private mutating func add(_ failure: Failure, _ subject: Subject) {
        guard let check else { return }
        if let because = twins.excuse(for: failure, at: subject) {
            if inapplicable == nil { inapplicable = because }
            return
        }
        hasOthers = true
        report.unknown.append(.init(check: check, subject: subject, failure: failure))
    }

    @inline(never)
    private mutating func add(_ found: Found, _ subject: Subject) {
        guard let check else { return }
        hasOthers = true
        report.findings.append(
            .init(
                check: check, severity: found.severity ?? check.severity, subject: subject, summary: found.summary,
                detail: found.detail, remedy: found.remedy ?? check.remedy))
    }

    mutating func leaveOut(_ because: String) { inapplicable = because }

    mutating func finish() {
        guard let check, !hasOthers else { return }
        if hasPasses {
            report.passed.append(check)
        } else {
            report.notApplicable.append(.init(check: check, because: inapplicable ?? "there was nothing to look at"))
        }
    }

    mutating func end() {
        let evidence = report.evidence
        if evidence.machine.clockFailure != nil { report.doubt(by: evidence.machine) }
        report.findings = Report.inOrder(report.findings)
    }
}
