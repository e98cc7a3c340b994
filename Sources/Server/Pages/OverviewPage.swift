internal import Judgement
internal import Mail
internal import Monitor
internal import Rendering

/// The table of all probes.
enum OverviewPage {
    static func values(_ probes: [ProbeStatus], at now: Timestamp) -> [String: Any] {
        func count(_ verdict: ProbeResult.Verdict?) -> Int { probes.count { state(of: $0) == verdict } }
        let tiles: [[String: Any]] = [
            (count(.fail), StateWords.of(.fail)), (count(.unknown), StateWords.of(.unknown)),
            (count(.pass), StateWords.of(.pass)), (count(nil), StateWords.of(nil)),
        ].map { ["count": $0.0, "css": $0.0 == 0 ? "zero" : $0.1.css, "word": $0.1.word] }
        return [
            "tiles": tiles, "now": html(now.description), "hasProbes": !probes.isEmpty,
            "probes": sorted(probes).map { row($0, at: now) },
        ]
    }

    /// As the last run came out; before the first run since the start as the one before.
    static func state(of probe: ProbeStatus) -> ProbeResult.Verdict? {
        probe.last?.verdict ?? probe.recent.last?.verdict
    }

    /// What fails stands first, then what could not be told; the order of the configuration otherwise.
    private static func sorted(_ probes: [ProbeStatus]) -> [ProbeStatus] {
        func rank(_ probe: ProbeStatus) -> Int {
            switch state(of: probe) {
            case .fail: 0
            case .unknown: 1
            case .pass, nil: 2
            }
        }
        return probes.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }

    private static func row(_ probe: ProbeStatus, at now: Timestamp) -> [String: Any] {
        let words = StateWords.of(state(of: probe))
        let last = probe.recent.last
        var row: [String: Any] = [
            "name": html(probe.plan.name, limit: 200), "path": percentEncoded(probe.plan.name),
            "kind": StateWords.of(probe.plan.kind), "target": html(probe.plan.targetName), "css": words.css,
            "symbol": words.symbol, "word": words.word, "running": probe.isRunning,
            "bars": Words.bars(probe.recent, at: now),
            "findings": severities(probe.last?.report).map { ["css": $0.severity.rawValue, "text": $0.text] },
        ]
        if probe.plan.targetName == probe.plan.name { row["target"] = "" }
        if let reason = probe.last?.reason, reason != ProbeResult.findingReason { row["reason"] = html(reason) }
        if let last {
            row["when"] = Words.relative(last.startedAt, to: now)
            row["at"] = html(last.startedAt.description)
            row["duration"] = Wording.duration(last.durationSeconds)
        }
        return row
    }

    /// `2 errors`, `1 warning`: the worst first, without what is only information.
    static func severities(_ report: Report?) -> [(severity: Severity, text: String)] {
        Severity.allCases.reversed().filter { $0 >= .notice }.compactMap { severity in
            let count = report?.findings.count { $0.severity == severity } ?? 0
            return count == 0
                ? nil
                : (severity, severity == .critical ? "\(count) critical" : Wording.count(count, severity.rawValue))
        }
    }
}
