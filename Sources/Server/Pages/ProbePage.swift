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
            ("Every", Words.length(probe.plan.intervalSeconds)),
            ("At most", Words.length(probe.plan.timeoutSeconds)),
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
        values["findings"] = cards(report.findings)
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

    /// A card a check: what is wrong in several places is mended in one way.
    private static func cards(_ findings: [Report.Finding]) -> [[String: Any]] {
        var order: [String] = []
        var groups: [String: [Report.Finding]] = [:]
        for finding in findings {
            let key = "\(finding.severity.rawValue) \(finding.check.identifier) \(finding.remedy)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(finding)
        }
        return order.compactMap { key in
            guard let group = groups[key], let first = group.first else { return nil }
            var card: [String: Any] = [
                "css": first.severity.rawValue, "severity": first.severity.rawValue,
                "check": html(first.check.identifier), "remedy": prose(first.remedy),
                "reference": html(first.check.reference),
            ]
            if group.count == 1 {
                card["headline"] = prose(first.summary, limit: 2_000)
                card["subject"] = html(first.subject.description)
            } else {
                card["headline"] = prose(first.check.title)
                card["places"] = group.prefix(100).map { ["summary": prose($0.summary, limit: 2_000)] }
            }
            return card
        }
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
        var values: [String: Any] = ["facts": facts.map { ["key": $0.0, "value": html($0.1)] }]
        if let journey = MessageFacts(trip)?.journey, !journey.hops.isEmpty {
            let longest = journey.hops.compactMap { $0.correctedDelay ?? $0.delay }.max() ?? 0
            values["hasHops"] = true
            values["hops"] = journey.hops.map { hop($0, longest: longest) }
        }
        return values
    }

    private static func hop(_ hop: Journey.Hop, longest: Double) -> [String: Any] {
        let received = hop.received
        let delay = hop.correctedDelay ?? hop.delay
        var how = [received.with, received.tlsVersion].compactMap(\.self).joined(separator: ", ")
        if let isPlain = received.isPlaintextOverNetwork, isPlain { how += how.isEmpty ? "no TLS" : ", no TLS" }
        var values: [String: Any] = [
            "role": hop.role.rawValue, "from": html(received.from ?? "–", limit: 100),
            "by": html(received.by ?? "–", limit: 100), "how": html(how, limit: 100),
            "delay": delay.map { Wording.duration(max(0, $0)) } ?? "unknown",
        ]
        if let delay, longest > 0 {
            let width = max(2, Int((160 * max(0, delay) / longest).rounded()))
            values["bar"] =
                "<svg class=\"bars\" width=\"160\" height=\"10\" aria-hidden=\"true\"><rect class=\"hop\" width=\"\(width)\" "
                + "height=\"10\" rx=\"2\"/></svg>"
        }
        if let explanation = hop.explanation { values["explanation"] = html(explanation) }
        return values
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
