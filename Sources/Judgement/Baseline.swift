package import Mail

/// What a team has decided about findings: some are accepted until a date, some checks weigh more or less than their
/// pages say, or are off. A function of a report; files are read elsewhere.
///
/// It never touches what could not be told: that stays unknown, whatever was accepted.
package struct Baseline: Hashable, Sendable {
    /// A finding that is known and borne for a time.
    package struct Acceptance: Hashable, Sendable {
        /// `spf.softfail-all`; `*` stands for any characters.
        package var check: String
        /// What it is about, as reports write it; `*` stands for any characters.
        package var subject: String
        /// The end of it; nil: without end.
        package var until: Timestamp?
        /// A finding that is worse than this is not meant.
        package var worst: Severity?
        package var reason: String

        package init(
            check: String, subject: String = "*", until: Timestamp? = nil, worst: Severity? = nil, reason: String
        ) {
            self.check = check
            self.subject = subject
            self.until = until
            self.worst = worst
            self.reason = reason
        }

        /// Whether a finding is meant, whenever that is.
        func isAbout(_ finding: Report.Finding) -> Bool {
            if let worst, finding.severity > worst { return false }
            return Wildcard.matches(check, finding.check.identifier)
                && Wildcard.matches(subject, finding.subject.description)
        }
    }

    /// What a check weighs instead of what its page and rule say.
    package enum Weight: Hashable, Sendable {
        case off
        case severity(Severity)
    }

    package var acceptances: [Acceptance]
    /// By identifier.
    package var weights: [String: Weight]

    package init(acceptances: [Acceptance] = [], weights: [String: Weight] = [:]) {
        self.acceptances = acceptances
        self.weights = weights
    }

    /// The report with these decisions carried out. Accepted findings stand apart and count no more.
    package func applied(to report: Report) -> Report {
        var report = report
        weigh(&report)
        var kept: [Report.Finding] = []
        for finding in report.findings {
            let meant = acceptances.filter { $0.isAbout(finding) }
            if let valid = meant.first(where: { $0.until.map { $0 >= report.at } ?? true }) {
                report.accepted.append(.init(finding: finding, until: valid.until, reason: valid.reason))
            } else {
                kept.append(finding)
                if let last = meant.max(by: { ($0.until ?? report.at) < ($1.until ?? report.at) }),
                    let until = last.until
                {
                    report.lapsed.append(.init(finding: finding, until: until, reason: last.reason))
                }
            }
        }
        report.findings = kept
        return report
    }

    private func weigh(_ report: inout Report) {
        if weights.isEmpty { return }
        let off = Set(weights.filter { $0.value == .off }.keys)
        let silenced = (report.findings.map(\.check) + report.unknown.map(\.check) + report.passed)
            .filter { off.contains($0.identifier) }
        report.findings.removeAll { off.contains($0.check.identifier) }
        report.unknown.removeAll { off.contains($0.check.identifier) }
        report.passed.removeAll { off.contains($0.identifier) }
        var seen: Set<String> = []
        for check in silenced where seen.insert(check.identifier).inserted {
            report.notApplicable.append(.init(check: check, because: "it is switched off"))
        }
        for index in report.findings.indices {
            if case .severity(let severity)? = weights[report.findings[index].check.identifier] {
                report.findings[index].severity = severity
            }
        }
        report.findings = Report.inOrder(report.findings)
    }

    /// Acceptances of all that was found in `reports`, each until `end`.
    package static func accepting(_ reports: [Report], until end: Timestamp, reason: String) -> Baseline {
        var acceptances: [Acceptance] = []
        var seen: Set<Acceptance> = []
        for finding in reports.flatMap(\.findings) where finding.severity > .info {
            let acceptance = Acceptance(
                check: finding.check.identifier, subject: Wildcard.escaped(finding.subject.description), until: end,
                worst: finding.severity, reason: reason)
            if seen.insert(acceptance).inserted { acceptances.append(acceptance) }
        }
        return Baseline(acceptances: acceptances)
    }
}

extension Report {
    /// A finding that somebody accepted, or had accepted until it lapsed.
    package struct Accepted: Hashable, Sendable {
        package var finding: Finding
        package var until: Timestamp?
        package var reason: String
    }
}

/// Patterns in which `*` stands for any characters, and `\*` for itself; letters of either case are alike.
package enum Wildcard {
    /// Runs over both texts once, going back to the last `*` alone: no pattern makes it slow.
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        let pattern = tokens(pattern), text = Array(text.lowercased().utf8)
        var p = 0, t = 0
        var star: Int?, resume = 0
        while t < text.count {
            if p < pattern.count, pattern[p] == .some(text[t]) {
                p += 1
                t += 1
            } else if p < pattern.count, pattern[p] == nil {
                star = p
                resume = t
                p += 1
            } else if let star {
                p = star + 1
                resume += 1
                t = resume
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == nil }
    }

    /// The pattern that matches `text` alone.
    package static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1 == "*" || $1 == "\\" ? "\\\($1)" : String($1) }
    }

    /// nil is a `*`.
    private static func tokens(_ pattern: String) -> [UInt8?] {
        var tokens: [UInt8?] = []
        var isEscaped = false
        for octet in pattern.lowercased().utf8 {
            if isEscaped {
                tokens.append(octet)
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                tokens.append(octet == UInt8(ascii: "*") ? .none : octet)
            }
        }
        if isEscaped { tokens.append(UInt8(ascii: "\\")) }
        return tokens
    }
}
