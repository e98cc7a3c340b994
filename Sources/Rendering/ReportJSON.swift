package import Judgement
import DNS
import Mail

/// A report for programs. Its keys are promises: `mailsonde.report/1`.
package enum ReportJSON {
    package static let schema = "mailsonde.report/1"

    package static func json(_ report: Report) -> JSON {
        .object([
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
            .init("evidence", EvidenceJSON.json(report.evidence)),
        ])
    }

    private static func finding(_ finding: Report.Finding) -> JSON {
        [
            "check": .string(finding.check.identifier), "severity": .string(finding.severity.rawValue),
            "subject": .string(finding.subject.description), "summary": .string(finding.summary),
            "detail": .object(finding.detail), "remedy": .string(finding.remedy),
            "reference": .string(finding.check.reference),
        ]
    }

    private static func unknown(_ unknown: Report.Unknown) -> JSON {
        [
            "check": .string(unknown.check.identifier), "subject": .string(unknown.subject.description),
            "cause": .string(unknown.failure.cause.rawValue), "summary": .string(PortText.detail(of: unknown.failure)),
        ]
    }
}

/// `evidence` of a report. What could not be told is absent here and stands under `unknown`.
package enum EvidenceJSON {
    package static func json(_ evidence: Evidence) -> JSON {
        let domain = evidence.domain
        return .object([
            .init("mx", domain.map(mx) ?? []),
            .init("addresses", domain.map(addresses) ?? []),
            .init("ptr", domain.map(ptr) ?? []),
            .init("spf", [:]),
            .init("dkim", []),
            .init("dmarc", [:]),
            .init("mta_sts", [:]),
            .init("tls_rpt", [:]),
            .init("dane", []),
            .init("ports", .array(evidence.ports.map { PortJSON.json($0, at: evidence.at) })),
        ])
    }

    private static func mx(_ domain: DomainEvidence) -> JSON {
        .array(
            (domain.mx.value ?? []).map {
                ["preference": .integer(Int($0.preference)), "host": .string($0.exchange.description)]
            })
    }

    private static func addresses(_ domain: DomainEvidence) -> JSON {
        .array(
            domain.hosts.flatMap { host in
                host.addresses.map { address in
                    [
                        "host": .string(host.name.description), "address": .string(address.address.description),
                        "family": .string(address.address.family.rawValue),
                    ]
                }
            })
    }

    private static func ptr(_ domain: DomainEvidence) -> JSON {
        var seen: Set<IPAddress> = []
        return .array(
            domain.hosts.flatMap(\.addresses).filter { seen.insert($0.address).inserted }.map { address in
                var members: [JSON.Member] = [.init("address", .string(address.address.description))]
                if address.ptr.unanswered == nil {
                    members.append(.init("names", .array(address.names.map { .string($0.name.description) })))
                }
                switch address.forwardConfirmed {
                case .yes: members.append(.init("forward_confirmed", true))
                case .no: members.append(.init("forward_confirmed", false))
                case .couldNotTell: members.append(.init("forward_confirmed", nil))
                }
                return .object(members)
            })
    }
}
