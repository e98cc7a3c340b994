internal import DNS
internal import Judgement
internal import Mail
internal import Monitor
internal import Rendering

/// One probe: its last report and its past.
enum ProbePage {
    static func values(_ probe: ProbeStatus, _ entries: [History.Entry], at now: Timestamp) -> [String: Any] {
        let words = StateWords.of(OverviewPage.state(of: probe))
        var values: [String: Any] = [
            "name": html(probe.plan.name, limit: 200), "path": percentEncoded(probe.plan.name), "css": words.css,
            "symbol": words.symbol, "word": words.word, "facts": facts(probe, at: now),
            "bars": Words.bars(probe.recent, at: now), "now": html(now.description),
            "entries": entries.map { self.entry($0, at: now) }, "hasEntries": !entries.isEmpty,
        ]
        if let failure = probe.last?.failure {
            values["failure"] = [
                "cause": html(failure.cause.rawValue), "meaning": html(Advice.meaning(of: failure.cause)),
                "detail": html(failure.detail), "remedy": html(Advice.remedy(of: failure.cause)),
            ]
        }
        if let report = probe.last?.report { add(report, to: &values) }
        return values
    }

    private static func facts(_ probe: ProbeStatus, at now: Timestamp) -> [[String: Any]] {
        var facts: [(String, String)] = [
            ("Kind", StateWords.of(probe.plan.kind)), ("Target", probe.plan.targetName),
            ("Every", Wording.duration(probe.plan.intervalSeconds)),
            ("At most", Wording.duration(probe.plan.timeoutSeconds)),
        ]
        if let last = probe.recent.last {
            facts.append(("Last run", Words.relative(last.startedAt, to: now)))
            facts.append(("Took", Wording.duration(last.durationSeconds)))
        }
        if probe.isRunning {
            facts.append(("Next run", "running now"))
        } else if let next = probe.nextDue {
            facts.append(("Next run", Words.relative(next, to: now)))
        }
        return facts.map { ["key": $0.0, "value": html($0.1)] }
    }

    private static func add(_ report: Report, to values: inout [String: Any]) {
        values["hasReport"] = true
        values["findings"] = report.findings.map { finding -> [String: Any] in
            [
                "css": finding.severity.rawValue, "severity": finding.severity.rawValue,
                "check": html(finding.check.identifier), "title": html(finding.check.title),
                "subject": html(finding.subject.description), "summary": html(finding.summary, limit: 2_000),
                "remedy": html(finding.remedy, limit: 4_000), "reference": html(finding.check.reference),
            ]
        }
        values["hasUnknown"] = !report.unknown.isEmpty
        values["unknown"] = report.unknown.prefix(200).map { unknown -> [String: Any] in
            [
                "check": html(unknown.check.identifier), "subject": html(unknown.subject.description),
                "cause": html(unknown.failure.cause.rawValue), "detail": html(unknown.failure.detail),
            ]
        }
        values["passedCount"] = Wording.count(report.passed.count, "check")
        values["hasPassed"] = !report.passed.isEmpty
        values["passed"] = report.passed.map { ["check": html($0.identifier), "title": html($0.title)] }
        values["hasPorts"] = !report.evidence.ports.isEmpty
        values["ports"] = report.evidence.ports.prefix(500).map(port)
        values["trips"] = report.evidence.roundTrips.map(trip)
    }

    private static func port(_ port: PortObservation) -> [String: Any] {
        var tls = "–"
        if let facts = port.tls {
            tls = [facts.version, facts.cipher].compactMap(\.self).joined(separator: ", ")
        }
        var certificate = "–"
        if let facts = port.tls, let own = facts.chain.first {
            let days = Int(((own.notAfter - port.at) / 86_400).rounded(.down))
            certificate = days < 0 ? "expired \(Wording.count(-days, "day")) ago" : Wording.count(days, "day") + " left"
            if facts.trusted == false { certificate += ", not trusted" }
            if facts.nameMatches == false { certificate += ", wrong name" }
        }
        let isGood = port.failure == nil && port.state == .open
        return [
            "host": html(port.endpoint.host.description), "address": html(port.endpoint.address.description),
            "service": html(port.service.rawValue), "port": String(port.endpoint.port),
            "css": isGood ? "pass" : "fail",
            "state": html(port.failure.map(\.cause.rawValue) ?? port.state.rawValue), "tls": html(tls),
            "certificate": html(certificate), "seconds": port.seconds(.total).map { Wording.duration($0) } ?? "",
        ]
    }

    private static func trip(_ trip: RoundTripObservation) -> [String: Any] {
        var facts: [(String, String)] = [("Outcome", trip.outcome.rawValue)]
        if let seconds = trip.submissionSeconds { facts.append(("Handed in", "in " + Wording.duration(seconds))) }
        if let seconds = trip.deliverySeconds { facts.append(("Delivered", "after " + Wording.duration(seconds))) }
        if let folder = trip.folder { facts.append(("Found in", folder)) }
        facts.append(("Identifier", trip.id))
        return ["facts": facts.map { ["key": $0.0, "value": html($0.1)] }]
    }

    private static func entry(_ entry: History.Entry, at now: Timestamp) -> [String: Any] {
        let words = StateWords.of(entry.verdict)
        return [
            "css": words.css, "symbol": words.symbol, "word": words.word, "at": html(entry.startedAt.description),
            "when": Words.relative(entry.startedAt, to: now), "duration": Wording.duration(entry.durationSeconds),
            "reason": html(entry.reason ?? ""),
        ]
    }
}
