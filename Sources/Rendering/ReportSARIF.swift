package import Judgement
import DNS
import Mail

/// Reports as SARIF 2.1.0 (OASIS), in the part of it that GitHub's code scanning reads: a rule a check with its page as
/// help, a result a finding, with a fingerprint that stays the same from run to run.
///
/// A domain has no file, so its name stands for one, and the thing itself is a logical location. What could not be told
/// is no result, which would be an alert: it is a notification of the run. Accepted findings are results that are
/// suppressed.
package enum ReportSARIF {
    /// One log with one run for all reports, with a line feed at the end.
    /// - Parameter version: the program's.
    package static func text(_ reports: [Report], version: String? = nil) -> String {
        JSONWriter.text(json(reports, version: version), .indented) + "\n"
    }

    static func json(_ reports: [Report], version: String? = nil) -> JSON {
        var driver: [JSON.Member] = [.init("name", "mailsonde")]
        if let version { driver.append(.init("semanticVersion", .string(version))) }
        var checks: [Check] = []
        var places: [Check: Int] = [:]
        for check in reports.flatMap({ $0.findings.map(\.check) + $0.accepted.map(\.finding.check) })
        where places[check] == nil {
            places[check] = checks.count
            checks.append(check)
        }
        driver.append(.init("rules", .array(checks.map(rule))))
        var results: [JSON] = []
        var prints = Fingerprints()
        for report in reports {
            for finding in report.findings { results.append(result(finding, of: report, places, &prints)) }
            for accepted in report.accepted {
                let end = accepted.until.map { " (until \($0))" } ?? ""
                let suppression: JSON = [
                    "kind": "external", "status": "accepted", "justification": .string(accepted.reason + end),
                ]
                results.append(result(accepted.finding, of: report, places, &prints, suppression))
            }
        }
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
            "runs": [
                [
                    "tool": ["driver": .object(driver)],
                    "automationDetails": ["id": "mailsonde/"],
                    "invocations": .array(reports.map(invocation)),
                    "results": .array(results),
                ]
            ],
        ]
    }

    // MARK: Rules

    /// GitHub shows so many characters of a description.
    private static let descriptionLimit = 1_000

    private static func rule(_ check: Check) -> JSON {
        let reference = check.reference.isEmpty ? "" : "\n\nSee \(check.reference)."
        let help = "\(check.meaning)\n\n## What to do\n\n\(check.remedy)\(reference)"
        return [
            "id": .string(check.identifier), "name": .string(camelCase(check.identifier)),
            "shortDescription": ["text": .string(Escaping.visible(check.title, limit: descriptionLimit))],
            "fullDescription": [
                "text": .string(Escaping.visible(firstParagraph(check.meaning), limit: descriptionLimit))
            ],
            "help": ["text": .string(help), "markdown": .string(help)],
            "defaultConfiguration": ["level": .string(level(check.severity))],
            "properties": [
                "tags": ["mail", .string(String(check.identifier.prefix { $0 != "." }))], "precision": "very-high",
                "problem.severity": .string(problemSeverity(check.severity)),
            ],
        ]
    }

    /// `spf.lookup-limit` as `SpfLookupLimit`: the form that §3.49.7 asks of a name.
    private static func camelCase(_ identifier: String) -> String {
        identifier.split { $0 == "." || $0 == "-" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func firstParagraph(_ markdown: String) -> String {
        let lines = markdown.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        return lines.joined(separator: " ")
    }

    private static func level(_ severity: Severity) -> String {
        switch severity {
        case .critical, .error: "error"
        case .warning: "warning"
        case .notice, .info: "note"
        }
    }

    private static func problemSeverity(_ severity: Severity) -> String {
        switch severity {
        case .critical, .error: "error"
        case .warning: "warning"
        case .notice, .info: "recommendation"
        }
    }

    // MARK: Results

    private static func result(
        _ finding: Report.Finding, of report: Report, _ places: [Check: Int], _ prints: inout Fingerprints,
        _ suppression: JSON? = nil
    ) -> JSON {
        let subject = finding.subject.description
        let print = prints.next(finding.check.identifier, name(of: report), subject)
        let remedy = finding.remedy == finding.check.remedy ? finding.remedy : Escaping.markdown(finding.remedy)
        var members: [JSON.Member] = [
            .init("ruleId", .string(finding.check.identifier)),
            .init("ruleIndex", .integer(places[finding.check] ?? 0)),
            .init("level", .string(level(finding.severity))),
            .init(
                "message",
                [
                    "text": .string("\(Escaping.visible(finding.summary)) (\(Escaping.visible(subject)))"),
                    "markdown": .string("\(Escaping.markdown(finding.summary))\n\n\(remedy)"),
                ]),
            .init("locations", [location(report, subject)]),
            // GitHub goes by the first, and wants the form HASH:NUMBER.
            .init(
                "partialFingerprints",
                ["primaryLocationLineHash": .string(print), "mailsonde/v1": .string(print)]),
            .init("properties", ["severity": .string(finding.severity.rawValue), "detail": .object(finding.detail)]),
        ]
        if let suppression { members.append(.init("suppressions", [suppression])) }
        return .object(members)
    }

    private static func name(of report: Report) -> String { report.target.domain?.description ?? report.target.name }

    private static func location(_ report: Report, _ subject: String) -> JSON {
        let name = name(of: report)
        return [
            "physicalLocation": [
                "artifactLocation": ["uri": .string(uri(name))], "region": ["startLine": 1, "startColumn": 1],
            ],
            "logicalLocations": [
                [
                    "name": .string(Escaping.visible(subject)),
                    "fullyQualifiedName": .string(Escaping.visible(subject == name ? name : "\(name)/\(subject)")),
                    "kind": "resource",
                ]
            ],
        ]
    }

    /// A relative reference (RFC 3986 §4.2): everything but unreserved characters is written in percent.
    private static func uri(_ name: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var octets: [UInt8] = []
        for octet in name.utf8 {
            switch octet {
            case 48...57, 65...90, 97...122, 0x2D, 0x2E, 0x5F, 0x7E: octets.append(octet)
            default: octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func invocation(_ report: Report) -> JSON {
        [
            "executionSuccessful": true, "startTimeUtc": .string(report.at.description),
            "properties": ["domain": .string(name(of: report)), "verdict": .string(report.overall.rawValue)],
            "toolExecutionNotifications": .array(
                report.unknown.map { unknown in
                    [
                        "level": "warning",
                        "message": [
                            "text": .string(
                                "could not tell \(unknown.check.identifier) of \(Escaping.visible(unknown.subject.description)): "
                                    + Escaping.visible(PortText.detail(of: unknown.failure)))
                        ],
                        "locations": [location(report, unknown.subject.description)],
                        "properties": [
                            "check": .string(unknown.check.identifier),
                            "cause": .string(unknown.failure.cause.rawValue),
                        ],
                    ]
                }),
        ]
    }

    /// The same for the same check, domain and subject, whatever else was found; the second of them ends in `:2`.
    private struct Fingerprints {
        private var counts: [UInt64: Int] = [:]

        mutating func next(_ parts: String...) -> String {
            // FNV-1a of 64 bits; a zero octet ends each part.
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for part in parts {
                for octet in Array(part.utf8) + [0] { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
            }
            counts[hash, default: 0] += 1
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits + ":\(counts[hash] ?? 1)"
        }
    }
}
