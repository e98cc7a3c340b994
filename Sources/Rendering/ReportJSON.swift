import DNS
package import Judgement
import Mail

/// A report for programs. Its keys are promises: `mailsonde.report/1`.
package enum ReportJSON {
    package static let schema = "mailsonde.report/1"

    /// The report with its evidence.
    package static func json(_ report: Report) -> JSON {
        .object(head(report) + acceptances(report) + [.init("evidence", EvidenceJSON.json(report.evidence))])
    }

    private static func head(_ report: Report) -> [JSON.Member] {
        [
            .init("schema", .string(schema)),
            .init("domain", .string(report.target.domain?.description ?? report.target.name)),
            .init("at", .string(report.at.description)),
            .init("duration_seconds", .number(report.durationSeconds)),
            .init("verdict", .string(report.overall.rawValue)),
            .init("findings", .array(report.findings.map(finding))),
            .init("unknown", .array(report.unknown.map(unknown))),
            .init("passed", .array(report.passed.map { .string($0.identifier) })),
            .init(
                "not_applicable",
                .array(
                    report.notApplicable.map {
                        ["check": .string($0.check.identifier), "because": .string($0.because)]
                    })),
        ]
    }

    /// Only where something was accepted: `accepted`, and `lapsed`, whose findings are among `findings`.
    private static func acceptances(_ report: Report) -> [JSON.Member] {
        func members(_ key: String, _ list: [Report.Accepted]) -> [JSON.Member] {
            list.isEmpty ? [] : [.init(key, .array(list.map(accepted)))]
        }
        return members("accepted", report.accepted) + members("lapsed", report.lapsed)
    }

    private static func accepted(_ accepted: Report.Accepted) -> JSON {
        [
            "check": .string(accepted.finding.check.identifier),
            "severity": .string(accepted.finding.severity.rawValue),
            "subject": .string(accepted.finding.subject.description), "summary": .string(accepted.finding.summary),
            "until": accepted.until.map { .string($0.description) } ?? nil, "reason": .string(accepted.reason),
        ]
    }

    static func finding(_ finding: Report.Finding) -> JSON {
        [
            "check": .string(finding.check.identifier), "severity": .string(finding.severity.rawValue),
            "subject": .string(finding.subject.description), "summary": .string(finding.summary),
            "detail": .object(finding.detail), "remedy": .string(finding.remedy),
            "reference": .string(finding.check.reference),
        ]
    }

    static func unknown(_ unknown: Report.Unknown) -> JSON {
        [
            "check": .string(unknown.check.identifier), "subject": .string(unknown.subject.description),
            "cause": .string(unknown.failure.cause.rawValue), "summary": .string(PortText.detail(of: unknown.failure)),
        ]
    }
}
