package import Judgement

/// Reports as JUnit's XML, for a build server: a suite a domain, a case a check and subject. Errors and worse are
/// failures, what could not be told is an error, what did not apply is skipped; lesser findings pass with a word.
package enum ReportJUnit {
    /// One document for all reports.
    package static func text(_ reports: [Report]) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mailsonde\">\n"
        for report in reports { text += suite(report) }
        return text + "</testsuites>\n"
    }

    private static func suite(_ report: Report) -> String {
        let safe = { (text: String) in Escaping.html(text) }
        var cases: [String] = []
        var failures = 0
        func add(_ check: Check, _ subject: String, _ body: String) {
            let area = check.identifier.prefix { $0 != "." }
            let name = subject.isEmpty ? check.identifier : "\(check.identifier) \(subject)"
            cases.append(
                "    <testcase classname=\"\(safe(String(area)))\" name=\"\(safe(name))\"\(body.isEmpty ? "/>" : ">\(body)</testcase>")\n"
            )
        }
        for finding in report.findings {
            let subject = finding.subject.description
            if finding.severity >= .error {
                failures += 1
                add(
                    finding.check, subject,
                    "<failure type=\"\(finding.severity.rawValue)\" message=\"\(safe(finding.summary))\">\(Escaping.html(finding.remedy, limit: 4_000))</failure>"
                )
            } else {
                add(
                    finding.check, subject,
                    "<system-out>\(finding.severity.rawValue): \(safe(finding.summary))</system-out>")
            }
        }
        for entry in report.unknown {
            add(
                entry.check, entry.subject.description,
                "<error type=\"\(entry.failure.cause.rawValue)\" message=\"\(safe(PortText.detail(of: entry.failure)))\"/>"
            )
        }
        for check in report.passed { add(check, "", "") }
        for entry in report.notApplicable { add(entry.check, "", "<skipped message=\"\(safe(entry.because))\"/>") }
        return "  <testsuite name=\"\(safe(report.target.name))\" tests=\"\(cases.count)\" failures=\"\(failures)\""
            + " errors=\"\(report.unknown.count)\" skipped=\"\(report.notApplicable.count)\""
            + " time=\"\(Wording.fixed(report.durationSeconds, digits: 3))\" timestamp=\"\(report.at)\">\n"
            + cases.joined() + "  </testsuite>\n"
    }
}
