import Judgement

/// Findings of one check with one remedy: said once, with all their subjects.
struct FindingGroup {
    let check: Check
    let severity: Severity
    let remedy: String
    private(set) var findings: [Report.Finding]

    /// `The title (3 times)`
    var title: String { check.title + (findings.count > 1 ? " (\(findings.count) times)" : "") }

    /// In the order of the findings: the worst first.
    static func of(_ findings: [Report.Finding]) -> [FindingGroup] {
        var groups: [FindingGroup] = []
        var places: [String: Int] = [:]
        for finding in findings {
            let key = "\(finding.severity) \(finding.check.identifier) \(finding.remedy)"
            if let index = places[key] {
                groups[index].findings.append(finding)
            } else {
                places[key] = groups.count
                groups.append(
                    FindingGroup(
                        check: finding.check, severity: finding.severity, remedy: finding.remedy, findings: [finding]))
            }
        }
        return groups
    }

    private static let firstSteps = 3

    /// What to do first: the worst, where there is more than a glance takes in; otherwise nothing.
    static func first(of report: Report) -> [FindingGroup] {
        let groups = of(report.findings.filter { $0.severity > .notice })
        guard groups.count > firstSteps, groups[0].severity >= .error else { return [] }
        return Array(groups.prefix(firstSteps))
    }
}
