internal import DNS
internal import Judgement
internal import Mail
internal import Rendering

/// The numbers of one probe.
struct ProbeLedger: Sendable {
    private(set) var plan: ProbePlan
    var store = MetricStore()
    /// Since when a round trip is under way.
    private var underWaySince: Timestamp?
    /// The records of the last audit that could be told, to notice changes; never in a label.
    var lastRecords: [String: String] = [:]
    /// What stands in the series of findings and checks; nil before the first run.
    private var told: ChecksTold?
    /// Certificates as last seen, to say at scrape time what is left of their lifetime.
    var certificates: [[String]: (notBefore: Double, notAfter: Double)] = [:]

    static let statuses = ["pass", "fail", "unknown", "not_applicable"]

    init(_ plan: ProbePlan) {
        self.plan = plan
        begin()
    }

    var name: String { plan.name }

    /// The plan has changed in what leaves the numbers valid.
    mutating func reconfigure(_ plan: ProbePlan) {
        self.plan = plan
        begin()
    }

    /// Every series that can be known beforehand.
    private mutating func begin() {
        store.set(.probeInfo, [name, plan.kind.rawValue, plan.targetName], 1)
        store.set(.interval, [name], plan.intervalSeconds)
        for metric in [Metric.success, .lastRun, .lastSuccess, .lag] { store.touch(metric, [name]) }
        for verdict in ProbeResult.Verdict.allCases {
            store.touch(.result, [name, verdict.rawValue])
            store.touch(.runs, [name, verdict.rawValue])
        }
        for reason in plan.kind.reasons { store.touch(.failures, [name, reason]) }
        for reason in Schedule.SkipReason.allCases { store.touch(.skipped, [name, reason.rawValue]) }
        for phase in plan.kind.phases { store.touch(.phaseDuration, [name, phase.metricLabel]) }
        switch plan.work {
        case .audit(let domain, let selectors):
            beginFindings()
            beginDNS(domain.lowercased.description, selectors)
        case .ports(let host, let services, let port, _):
            beginFindings()
            for service in services { beginTLS(Self.tlsLabels(name, host, port ?? service.port, service)) }
        case .roundTrip:
            beginRoundTrip()
        }
    }

    private static let serverChecks = Rule.all.filter { $0.scope == .servers }.map(\.check)
    private var checks: [Check] { Self.serverChecks }

    private mutating func beginFindings() {
        for severity in Severity.allCases { store.touch(.findings, [name, plan.targetName, severity.rawValue]) }
        // Of a port probe only the checks of ports can say anything; they come with the first run.
        guard plan.kind == .audit else { return }
        for check in checks {
            for status in Self.statuses {
                store.touch(.checkStatus, [name, plan.targetName, check.identifier, status])
            }
        }
    }

    // MARK: Runs

    mutating func began(lag: Double, at moment: Timestamp) {
        store.set(.lag, [name], lag)
        if plan.kind == .roundTrip { underWaySince = moment }
        refresh(at: moment)
    }

    /// What depends on the moment of the scrape.
    mutating func refresh(at now: Timestamp) {
        if plan.kind == .roundTrip {
            store.set(.inFlight, [name], underWaySince == nil ? 0 : 1)
            store.set(.oldestInFlight, [name], underWaySince.map { max(0, now - $0) } ?? 0)
        }
        for (labels, certificate) in certificates {
            let lifetime = certificate.notAfter - certificate.notBefore
            guard lifetime > 0 else { continue }
            store.set(.remainingRatio, labels, (certificate.notAfter - now.secondsSince1970) / lifetime)
        }
    }

    mutating func record(_ result: ProbeResult) {
        underWaySince = nil
        let ended = result.startedAt + result.durationSeconds
        let verdict = result.verdict.rawValue
        store.set(.success, [name], result.verdict == .pass ? 1 : 0)
        store.setState(.result, [name], of: ProbeResult.Verdict.allCases.map(\.rawValue), to: verdict)
        store.add(.runs, [name, verdict])
        if let reason = result.reason { store.add(.failures, [name, reason]) }
        store.set(.lastRun, [name], ended.secondsSince1970)
        if result.verdict == .pass { store.set(.lastSuccess, [name], ended.secondsSince1970) }
        recordPhases(result)
        if plan.kind != .roundTrip { recordFindings(result.report) }
        if let domain = result.report.evidence.domain { recordDNS(domain) }
        recordTLS(result)
        for roundTrip in result.report.evidence.roundTrips { recordRoundTrip(roundTrip) }
        refresh(at: ended)
    }

    private mutating func recordPhases(_ result: ProbeResult) {
        store.observe(.phaseDuration, [name, Phase.Name.total.metricLabel], result.durationSeconds)
        for observation in result.observations {
            switch observation {
            case .lookup(let lookup):
                if let seconds = lookup.answer?.seconds, seconds > 0 {
                    store.observe(.phaseDuration, [name, Phase.Name.dns.metricLabel], seconds)
                }
            case .port(let port): recordPhases(port.phases)
            case .roundTrip(let trip): recordPhases(trip.phases)
            case .message, .policy, .authority, .web, .secondLookup: break
            }
        }
    }

    private mutating func recordPhases(_ phases: [Phase]) {
        for phase in phases where phase.name != .total {
            store.observe(.phaseDuration, [name, phase.name.metricLabel], phase.seconds)
        }
    }

    /// A check is in the state of its worst subject.
    private mutating func recordFindings(_ report: Report) {
        let now = ChecksTold(report)
        // Most runs come to what the one before came to.
        if now == told { return }
        told = now
        for severity in Severity.allCases {
            store.set(.findings, [name, plan.targetName, severity.rawValue], Double(now.count[severity] ?? 0))
        }
        let failed = Set(now.failed), unknown = Set(now.unknown), passed = Set(now.passed)
        for check in checks {
            let identifier = check.identifier
            let status =
                failed.contains(identifier)
                ? "fail"
                : unknown.contains(identifier) ? "unknown" : passed.contains(identifier) ? "pass" : "not_applicable"
            if plan.kind == .port, status == "not_applicable",
                store.number(.checkStatus, [name, plan.targetName, identifier, status]) == nil
            {
                continue
            }
            store.setState(.checkStatus, [name, plan.targetName, identifier], of: Self.statuses, to: status)
        }
    }
}

/// What the checks came to in one run.
private struct ChecksTold: Hashable, Sendable {
    var count: [Severity: Int] = [:]
    /// Identifiers; one with several subjects may stand several times.
    var failed, unknown, passed: [String]

    init(_ report: Report) {
        for finding in report.findings { count[finding.severity, default: 0] += 1 }
        failed = report.findings.map(\.check.identifier)
        unknown = report.unknown.map(\.check.identifier)
        passed = report.passed.map(\.identifier)
    }
}

extension ProbePlan.Kind {
    private static let dns: [Failure.Cause] = [
        .dnsTimeout, .dnsServfail, .dnsRefused, .dnsMalformed, .dnsEarlyClose, .dnsUnreachable, .dnsBogus,
        .dnsUnvalidated, .noSuchName,
    ]
    private static let connection: [Failure.Cause] = [
        .connectRefused, .connectTimeout, .unreachable, .egressBlocked, .greetingTimeout, .greeting4xx, .greeting5xx,
        .earlyClose, .ehloRejected, .starttlsMissing, .starttlsRejected, .tlsHandshake, .tlsUnsupported,
        .certificateUntrusted, .certificateName, .certificateExpired, .protocolViolation,
    ]
    private static let anywhere: [Failure.Cause] = [.timeout, .overload, .cancelled, .offline, .internal]

    /// The reasons that a probe of this kind can have not to pass.
    var reasons: [String] {
        switch self {
        case .audit:
            (Self.dns + [.noMX, .nullMX] + Self.connection + Self.anywhere).map(\.rawValue) + [
                ProbeResult.findingReason
            ]
        case .port: (Self.dns + Self.connection + Self.anywhere).map(\.rawValue) + [ProbeResult.findingReason]
        case .roundTrip: Failure.Cause.allCases.map(\.rawValue) + [ProbeResult.findingReason]
        }
    }

    var phases: [Phase.Name] {
        switch self {
        case .audit, .port: [.dns, .connect, .greeting, .capabilities, .starttls, .tls, .quit, .total]
        case .roundTrip: Phase.Name.allCases
        }
    }
}
