package import Judgement

/// Reports as JUnit's XML, for a build server: a suite a domain, a case a check and subject. Errors and worse are
/// failures, what could not be told is an error, what did not apply or was accepted is skipped; lesser findings pass
/// with a word.
package enum ReportJUnit {
    /// One document for all reports.
    package static func text(_ reports: [Report]) -> String {
        let suites = reports.map(Suite.init)
        let sum = { (count: KeyPath<Suite, Int>) in suites.reduce(0) { $0 + $1[keyPath: count] } }
        let seconds = reports.reduce(0) { $0 + $1.durationSeconds }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mailsonde\" tests=\"\(sum(\.count))\""
            + " failures=\"\(sum(\.failures))\" errors=\"\(sum(\.errors))\" skipped=\"\(sum(\.skipped))\""
            + " time=\"\(Wording.fixed(seconds, digits: 3))\">\n" + suites.map(\.text).joined() + "</testsuites>\n"
    }

    private struct Suite {
        private let report: Report
        private var cases: [String] = []
        private var names: [String: Int] = [:]
        private(set) var failures = 0
        private(set) var skipped = 0
        var errors: Int { report.unknown.count }
        var count: Int { cases.count }

        init(_ report: Report) {
            self.report = report
            for finding in report.findings { add(finding) }
            for entry in report.unknown {
                add(
                    entry.check, entry.subject.description,
                    "<error type=\"\(entry.failure.cause.rawValue)\" message=\"\(Suite.safe(PortText.detail(of: entry.failure)))\"/>"
                )
            }
            for check in report.passed { add(check, "", "") }
            for accepted in report.accepted {
                let end = accepted.until.map { " until \($0)" } ?? ""
                skip(
                    accepted.finding.check, accepted.finding.subject.description,
                    "accepted\(end): \(accepted.reason): \(accepted.finding.summary)")
            }
            for entry in report.notApplicable { skip(entry.check, "", entry.because) }
        }

        private static func safe(_ text: String) -> String { Escaping.html(text) }

        private mutating func add(_ finding: Report.Finding) {
            let subject = finding.subject.description
            guard finding.severity >= .error else {
                let word = "\(finding.severity.rawValue): \(finding.summary)"
                return add(finding.check, subject, "<system-out>\(Suite.safe(word))</system-out>")
            }
            failures += 1
            let reference = finding.check.reference.isEmpty ? "" : "\n\nSee \(finding.check.reference)."
            // A line feed may stand in XML, and a remedy is made of lines.
            let lines = (finding.remedy + reference).split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines.map { Escaping.html(String($0), limit: 4_000) }.joined(separator: "\n")
            add(
                finding.check, subject,
                "<failure type=\"\(finding.severity.rawValue)\" message=\"\(Suite.safe(finding.summary))\">\(body)</failure>"
            )
        }

        private mutating func skip(_ check: Check, _ subject: String, _ because: String) {
            skipped += 1
            add(check, subject, "<skipped message=\"\(Suite.safe(because))\"/>")
        }

        /// A build server knows a case by class and name: they are those of one domain, and differ.
        private mutating func add(_ check: Check, _ subject: String, _ body: String) {
            let area = "\(report.target.name).\(check.identifier.prefix { $0 != "." })"
            var name = subject.isEmpty ? check.identifier : "\(check.identifier) \(subject)"
            names[name, default: 0] += 1
            if let number = names[name], number > 1 { name += " (\(number))" }
            cases.append(
                "    <testcase classname=\"\(Suite.safe(area))\" name=\"\(Suite.safe(name))\""
                    + (body.isEmpty ? "/>\n" : ">\(body)</testcase>\n"))
        }

        var text: String {
            "  <testsuite name=\"\(Suite.safe(report.target.name))\" tests=\"\(count)\" failures=\"\(failures)\""
                + " errors=\"\(errors)\" skipped=\"\(skipped)\""
                + " time=\"\(Wording.fixed(report.durationSeconds, digits: 3))\" timestamp=\"\(report.at)\">\n"
                + cases.joined() + "  </testsuite>\n"
        }
    }
}
