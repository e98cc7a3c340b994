internal import DNS
internal import Judgement
package import Mail
package import Rendering

/// What the monitor knows in numbers: counters, gauges and histograms of every configured probe.
///
/// Every series of a configured probe is there from the start, at 0, so that the first failure is a step from 0 to 1
/// and not a series out of nowhere. When a probe leaves the configuration its series leave too. There is no
/// input or output in here: who scrapes gets a copy and renders it elsewhere.
package actor Ledger {
    private var general = MetricStore()
    private var probes: [String: ProbeLedger] = [:]
    private var order: [String] = []
    private var buildLabels: [String]

    /// - Parameters:
    ///   - version: of this program.
    ///   - revision: of its source.
    package init(version: String, revision: String) {
        buildLabels = [version, revision]
        general.set(.buildInfo, buildLabels, 1)
        general.touch(.reloadSuccessful)
        general.touch(.reloadTimestamp)
        general.touch(.historyFailures)
        general.touch(.running)
        for type in DNSLabels.types {
            for rcode in DNSLabels.rcodes { general.touch(.queries, [type, rcode]) }
            for rcode in DNSLabels.answeredRcodes { general.touch(.queryDuration, [type, rcode]) }
        }
    }

    /// Sets which probes there are. Those that were there before with the same target keep their numbers.
    package func configure(_ plans: [ProbePlan]) {
        let before = probes
        probes = [:]
        order = []
        for plan in plans where probes[plan.name] == nil {
            var ledger = ProbeLedger(plan)
            if let old = before[plan.name], old.plan.kind == plan.kind, old.plan.targetName == plan.targetName {
                ledger = old
                ledger.reconfigure(plan)
            }
            probes[plan.name] = ledger
            order.append(plan.name)
        }
    }

    /// Notes an attempt to read the configuration.
    package func configurationRead(successfully: Bool, at moment: Timestamp) {
        general.set(.reloadSuccessful, [], successfully ? 1 : 0)
        if successfully { general.set(.reloadTimestamp, [], moment.secondsSince1970) }
    }

    /// Notes a start, `lag` seconds later than planned, with so many probes now running.
    package func began(_ probe: String, lag: Double, running: Int, at moment: Timestamp) {
        general.set(.running, [], Double(running))
        probes[probe]?.began(lag: lag, at: moment)
    }

    /// Notes that a run ended; so many probes still run.
    package func ended(running: Int) { general.set(.running, [], Double(running)) }

    /// Notes that a probe that was due did not run.
    package func skipped(_ probe: String, _ reason: Schedule.SkipReason) {
        probes[probe]?.store.add(.skipped, [probe, reason.rawValue])
    }

    /// Notes that a result could not be kept.
    package func historyWriteFailed() { general.add(.historyFailures) }

    /// Takes in a result. One of a probe that has gone meanwhile is dropped.
    package func record(_ result: ProbeResult) {
        // Only the plan is held meanwhile: whoever holds the numbers too has them copied.
        guard let plan = probes[result.plan.name]?.plan, plan.kind == result.plan.kind,
            plan.targetName == result.plan.targetName
        else { return }
        probes[result.plan.name]?.record(result)
        for case .lookup(let lookup) in result.observations { count(lookup) }
    }

    private func count(_ lookup: LookupObservation) {
        // What nobody asked, and what the rules of --offline forbade, was no question.
        if let reason = lookup.unanswered?.reason, reason == .notAsked || reason == .offline { return }
        let type = DNSLabels.type(lookup.question.type)
        let rcode = DNSLabels.rcode(lookup.outcome)
        general.add(.queries, [type, rcode])
        if let seconds = lookup.answer?.seconds, seconds > 0 {
            general.observe(.queryDuration, [type, rcode], seconds)
        }
    }

    /// A copy of everything, families in the order of ``Metric/all``, probes in the order of the configuration.
    package func families(at now: Timestamp) -> [MetricFamily] {
        for probe in order { probes[probe]?.refresh(at: now) }
        return Metric.all.map { metric in
            MetricFamily(
                metric.name, metric.kind, help: metric.help,
                series: general.series(of: metric) + order.flatMap { probes[$0]?.store.series(of: metric) ?? [] })
        }
    }
}

/// The closed lists of labels of DNS metrics.
enum DNSLabels {
    static let types = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "TLSA", "TXT", "other"]
    static let answeredRcodes = ["noerror", "nxdomain"]
    static let rcodes = answeredRcodes + ["servfail", "refused", "timeout", "malformed", "unreachable", "other"]

    static func type(_ type: RecordType) -> String {
        let name = "\(type)"
        return types.contains(name) ? name : "other"
    }

    static func rcode(_ outcome: Outcome) -> String {
        switch outcome {
        case .success(let answer): answer.kind == .noSuchName ? "nxdomain" : "noerror"
        case .failure(let why):
            switch why.reason {
            case .timedOut: "timeout"
            case .servfail: "servfail"
            case .refused: "refused"
            case .malformed, .aliasLoop: "malformed"
            case .closedEarly: "other"
            case .unreachable: "unreachable"
            case .offline, .notAsked: "other"
            }
        }
    }
}
