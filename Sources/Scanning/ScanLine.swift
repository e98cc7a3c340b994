package import Judgement
package import Mail
package import Rendering

/// A line of the output: a report in the shape of `mailsonde.report/1`, with the evidence of the DNS alone.
package struct ScanLine: Sendable {
    /// nil: all there is.
    private let selection: FieldSelection?
    /// Whether the moment was given: then nothing stands in a line that differs from run to run.
    private let isFixed: Bool

    package init(selection: FieldSelection?, isFixed: Bool) {
        self.selection = selection
        self.isFixed = isFixed
    }

    /// Appends the line of a domain, with its line feed.
    package func append(_ report: Report, to octets: inout GrowingOctets) {
        guard let selection else {
            ReportJSON.append(report, isFixed: isFixed, to: &octets)
            octets.append(lineFeed)
            return
        }
        var json = ReportJSON.json(report)
        if case .object(var members) = json {
            if isFixed { members.removeAll { $0.key == "duration_seconds" } }
            for (index, member) in members.enumerated() where member.key == "evidence" {
                guard case .object(let evidence) = member.value else { continue }
                // Nothing was tried that could fill these.
                members[index].value = .object(evidence.filter { $0.key != "dane" && $0.key != "ports" })
            }
            json = .object(members)
        }
        finish(selection.applied(to: json), &octets)
    }

    /// Appends the line of an entry that is no domain: never lost, never mistaken for one.
    package func append(unusable text: String, reason: String, at: Timestamp, to octets: inout GrowingOctets) {
        let json: JSON = [
            "schema": .string(ReportJSON.schema), "domain": .string(text), "at": .string(at.description),
            "verdict": .string(Report.Overall.unknown.rawValue), "error": .string("no mail domain: \(reason)"),
            "findings": [], "unknown": [], "passed": [], "not_applicable": [], "evidence": [:],
        ]
        finish(selection?.applied(to: json) ?? json, &octets)
    }

    private var lineFeed: UInt8 { UInt8(ascii: "\n") }

    private func finish(_ json: JSON, _ octets: inout GrowingOctets) {
        JSONWriter.append(json, to: &octets)
        octets.append(lineFeed)
    }

}
