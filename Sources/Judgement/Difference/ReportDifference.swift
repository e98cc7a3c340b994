/// What has changed between two reports on one domain, as they were written in JSON: findings that are new, gone, worse
/// or milder, what can no longer be told, and the facts behind it.
///
/// What could not be told in the second report is never gone, and what was not looked at there neither.
package struct ReportDifference: Hashable, Sendable {
    /// A finding, or a thing that could not be told.
    package struct Entry: Hashable, Sendable {
        package var check: String
        package var subject: String
        /// nil where it could not be told.
        package var severity: Severity?
        /// What it was before; nil where it was not found.
        package var earlier: Severity?
        package var summary: String
        /// What to do; empty where that is not known.
        package var remedy: String
        /// What else is to be said: that it could not be told before, or was accepted.
        package var note: String?
    }

    /// One side of it.
    package struct Side: Hashable, Sendable {
        package var at: String
        package var verdict: String
    }

    /// How the second report compares.
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case same, better, changed, worse, unknown
    }

    package var domain: String
    /// nil where only the other report has the domain.
    package var before: Side?
    package var after: Side?
    package var new: [Entry] = []
    package var worse: [Entry] = []
    package var milder: [Entry] = []
    package var gone: [Entry] = []
    /// Found before, or told to be in order, and not told now.
    package var unknownNow: [Entry] = []
    /// Could not be told before, and are in order now.
    package var toldNow: [Entry] = []
    /// Found before, accepted by a baseline now.
    package var acceptedNow: [Entry] = []
    package var facts: [FactChange] = []

    /// The worst of what is new or has become worse; nil where nothing has.
    package var worst: Severity? { (new + worse).compactMap(\.severity).max() }

    package var outcome: Outcome {
        if let worst, worst >= .warning { return .worse }
        if after == nil || !unknownNow.isEmpty { return .unknown }
        if !gone.isEmpty || !milder.isEmpty { return .better }
        return new.isEmpty && worse.isEmpty && toldNow.isEmpty && acceptedNow.isEmpty && facts.isEmpty
            ? .same : .changed
    }
}

extension ReportDifference {
    /// Between two reports of `mailsonde.report/1` on one domain; either may be missing.
    package init(domain: String, before: JSON?, after: JSON?) {
        self.domain = domain
        self.before = before.map(Side.init)
        self.after = after.map(Side.init)
        let old = Judged(before), now = Judged(after)
        for (key, finding) in now.findings {
            var entry = finding
            if let earlier = old.finding(key) {
                entry.earlier = earlier.severity
                guard let severity = entry.severity, let was = earlier.severity, severity != was else { continue }
                if severity > was { worse.append(entry) } else { milder.append(entry) }
            } else {
                if old.unknown(key) {
                    entry.note = "could not be told before"
                } else if old.accepted.contains(key) {
                    entry.note = "was accepted before"
                } else if before != nil, !old.looked(at: key.check) {
                    entry.note = "was not looked at before"
                }
                new.append(entry)
            }
        }
        if after != nil {
            for (key, finding) in old.findings where now.finding(key) == nil { leave(key, finding, now) }
            for (key, entry) in now.unknowns where old.finding(key) == nil && !old.unknown(key) && before != nil {
                unknownNow.append(entry)
            }
            for (key, entry) in old.unknowns
            where now.passed.contains(key.check) && !now.unknown(key) && now.finding(key) == nil {
                toldNow.append(entry)
            }
        }
        if let before, let after { facts = FactChange.between(before["evidence"], after["evidence"]) }
    }

    /// A finding that the second report does not have: why not?
    private mutating func leave(_ key: Judged.Key, _ finding: Entry, _ now: Judged) {
        var entry = finding
        entry.earlier = finding.severity
        if now.accepted.contains(key) {
            acceptedNow.append(entry)
        } else if now.unknown(key) || now.strayUnknown(of: key.check) {
            entry.note = "could not be told"
            entry.severity = nil
            unknownNow.append(entry)
        } else if !now.looked(at: key.check) {
            entry.note = "was not looked at"
            entry.severity = nil
            unknownNow.append(entry)
        } else {
            entry.note = now.inapplicable[key.check].map { "does not apply any more: \($0)" }
            gone.append(entry)
        }
    }

    /// Reports by domain, in the order of the first list, then those that only the second has. Of several on one domain
    /// the last counts.
    package static func between(_ before: [JSON], _ after: [JSON]) -> [ReportDifference] {
        func byDomain(_ reports: [JSON]) -> [String: JSON] {
            Dictionary(reports.map { ($0["domain"]?.text ?? "", $0) }) { $1 }
        }
        let old = byDomain(before), now = byDomain(after)
        var seen: Set<String> = []
        return (before + after).compactMap { $0["domain"]?.text }.filter { seen.insert($0).inserted }.map {
            ReportDifference(domain: $0, before: old[$0], after: now[$0])
        }
    }
}

extension ReportDifference.Side {
    fileprivate init(_ report: JSON) {
        at = report["at"]?.text ?? ""
        verdict = report["verdict"]?.text ?? ""
    }
}

/// A report's judgement, opened for questions.
private struct Judged {
    /// A finding is known by its check and subject; the second of one check on one subject by its number.
    struct Key: Hashable {
        var check: String
        var subject: String
        var number = 1
    }

    var findings: [(key: Key, entry: ReportDifference.Entry)] = []
    var unknowns: [(key: Key, entry: ReportDifference.Entry)] = []
    var passed: Set<String>
    var inapplicable: [String: String]
    var accepted: Set<Key>
    private var found: [Key: ReportDifference.Entry] = [:]
    private var untold: Set<Key> = []
    private var untoldSubjects: [String: Set<String>] = [:]
    private var checks: Set<String>

    init(_ report: JSON?) {
        func list(_ key: String) -> [JSON] { report?[key]?.elements ?? [] }
        passed = Set(list("passed").compactMap(\.text))
        inapplicable = Dictionary(
            list("not_applicable").map { ($0["check"]?.text ?? "", $0["because"]?.text ?? "") }
        ) { first, _ in first }
        accepted = Set(list("accepted").map { Key(check: $0["check"]?.text ?? "", subject: $0["subject"]?.text ?? "") })
        var counts: [Key: Int] = [:]
        for finding in list("findings") {
            let entry = Judged.entry(finding)
            var key = Key(check: entry.check, subject: entry.subject)
            counts[key, default: 0] += 1
            key.number = counts[key] ?? 1
            findings.append((key, entry))
            found[key] = entry
        }
        for unknown in list("unknown") {
            let entry = Judged.entry(unknown)
            let key = Key(check: entry.check, subject: entry.subject)
            guard untold.insert(key).inserted else { continue }
            unknowns.append((key, entry))
            untoldSubjects[key.check, default: []].insert(key.subject)
        }
        checks = passed.union(inapplicable.keys).union(findings.map(\.key.check)).union(untold.map(\.check))
            .union(accepted.map(\.check))
    }

    private static func entry(_ json: JSON) -> ReportDifference.Entry {
        ReportDifference.Entry(
            check: json["check"]?.text ?? "", subject: json["subject"]?.text ?? "",
            severity: json["severity"]?.text.flatMap(Severity.init(rawValue:)), summary: json["summary"]?.text ?? "",
            remedy: json["remedy"]?.text ?? "")
    }

    func finding(_ key: Key) -> ReportDifference.Entry? { found[key] }
    func unknown(_ key: Key) -> Bool { untold.contains(Key(check: key.check, subject: key.subject)) }

    /// Whether something was not told of a check that none of its findings is about: it may be about any of them.
    func strayUnknown(of check: String) -> Bool {
        guard let subjects = untoldSubjects[check], !subjects.isEmpty else { return false }
        let others = Set(findings.lazy.filter { $0.key.check == check }.map(\.key.subject))
        return !subjects.isSubset(of: others)
    }

    /// Whether the report says anything of a check.
    func looked(at check: String) -> Bool { checks.contains(check) }
}
