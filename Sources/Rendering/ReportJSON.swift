import DNS
package import Judgement
import Mail

/// A report for programs. Its keys are promises: `mailsonde.report/1`.
package enum ReportJSON {
    package static let schema = "mailsonde.report/1"

    /// The report with its evidence.
    package static func json(_ report: Report) -> JSON {
        var tree = JSONTree()
        tree.object { tree in
            write(report, isFixed: false, into: &tree)
            tree.key("evidence")
            tree.json(EvidenceJSON.json(report.evidence))
        }
        return tree.value
    }

    /// Appends the report on one line, with the evidence of the DNS alone.
    /// - Parameter isFixed: whether `duration_seconds` is left out, which differs from run to run.
    package static func append(_ report: Report, isFixed: Bool, to octets: inout GrowingOctets) {
        var line = JSONLine(behind: octets)
        line.object { line in
            write(report, isFixed: isFixed, into: &line)
            line.key("evidence")
            if let domain = report.evidence.domain {
                line.object { EvidenceJSON.write(domain, into: &$0) }
            } else {
                line.json(.object(EvidenceJSON.nothing))
            }
        }
        octets = line.octets
    }

    /// All but the evidence.
    private static func write<Sink: JSONSink>(_ report: Report, isFixed: Bool, into sink: inout Sink) {
        sink.member("schema", word: schema)
        sink.key("domain")
        if let domain = report.target.domain { sink.name(domain) } else { sink.string(report.target.name) }
        sink.member("at", word: report.at.description)
        if !isFixed {
            sink.key("duration_seconds")
            sink.json(.number(report.durationSeconds))
        }
        sink.member("verdict", word: report.overall.rawValue)
        if !report.evidence.machine.limits.isEmpty {
            sink.key("machine")
            sink.json(.array(report.evidence.machine.limits.map(SelfTestRendering.json)))
        }
        sink.key("findings")
        sink.array { sink in for finding in report.findings { sink.object { write(finding, into: &$0) } } }
        sink.key("unknown")
        sink.array { sink in for unknown in report.unknown { sink.object { write(unknown, into: &$0) } } }
        sink.key("passed")
        sink.array { sink in for check in report.passed { sink.word(check.identifier) } }
        sink.key("not_applicable")
        sink.array { sink in
            for other in report.notApplicable {
                sink.object { sink in
                    sink.member("check", word: other.check.identifier)
                    sink.member("because", other.because)
                }
            }
        }
        // Only where something was accepted: `lapsed`, too, whose findings are among `findings`.
        for (key, list) in [("accepted" as StaticString, report.accepted), ("lapsed", report.lapsed)]
        where !list.isEmpty {
            sink.key(key)
            sink.array { sink in for accepted in list { sink.object { write(accepted, into: &$0) } } }
        }
    }

    private static func write<Sink: JSONSink>(_ accepted: Report.Accepted, into sink: inout Sink) {
        sink.member("check", accepted.finding.check.identifier)
        sink.member("severity", accepted.finding.severity.rawValue)
        sink.member("subject", accepted.finding.subject.description)
        sink.member("summary", accepted.finding.summary)
        sink.key("until")
        sink.optional(accepted.until?.description)
        sink.member("reason", accepted.reason)
    }

    static func finding(_ finding: Report.Finding) -> JSON {
        var tree = JSONTree()
        tree.object { write(finding, into: &$0) }
        return tree.value
    }

    static func unknown(_ unknown: Report.Unknown) -> JSON {
        var tree = JSONTree()
        tree.object { write(unknown, into: &$0) }
        return tree.value
    }

    private static func write<Sink: JSONSink>(_ finding: Report.Finding, into sink: inout Sink) {
        sink.member("check", word: finding.check.identifier)
        sink.member("severity", word: finding.severity.rawValue)
        sink.member("subject", finding.subject.description)
        sink.member("summary", finding.summary)
        sink.key("detail")
        sink.json(.object(finding.detail))
        func tell(_ sink: inout Sink) {
            sink.member("remedy", finding.remedy)
            sink.member("reference", finding.check.reference)
        }
        if finding.remedy == finding.check.remedy {
            sink.shared(finding.check.rendition, tell)
        } else {
            tell(&sink)
        }
    }

    private static func write<Sink: JSONSink>(_ unknown: Report.Unknown, into sink: inout Sink) {
        sink.member("check", word: unknown.check.identifier)
        sink.member("subject", unknown.subject.description)
        sink.member("cause", word: unknown.failure.cause.rawValue)
        sink.member("summary", PortText.detail(of: unknown.failure))
    }
}
