import Foundation
import Judgement
import Mail
import Monitor
import Testing

@Suite("A baseline's file")
struct BaselineFileTests {
    @Test("says what is accepted until when, and what checks weigh")
    func read() throws {
        let baseline = try Baseline.parse(
            """
            severities: {spf.softfail-all: off, dmarc.policy-none: error}
            accept:
              - check: mx.single-host
                subject: example.org
                until: 2027-02-28
                at_most: notice
                reason: one server is all we need
              - {check: "tls.*", reason: old appliance}
            """, file: "b.yaml")
        #expect(baseline.weights == ["spf.softfail-all": .off, "dmarc.policy-none": .severity(.error)])
        #expect(
            baseline.acceptances == [
                .init(
                    check: "mx.single-host", subject: "example.org",
                    until: Timestamp(year: 2027, month: 2, day: 28, hour: 23, minute: 59, second: 59), worst: .notice,
                    reason: "one server is all we need"),
                .init(check: "tls.*", reason: "old appliance"),
            ])
        #expect(try Baseline.parse("", file: "b.yaml") == Baseline())
    }

    @Test("stands in a configuration too")
    func configuration() throws {
        let configuration = try Configuration.parse(
            "domains: [example.org]\nseverities: {mx.single-host: off}\naccept: [{check: mx.ipv6, reason: later}]\n",
            file: "c.yaml")
        #expect(configuration.baseline.weights == ["mx.single-host": .off])
        #expect(configuration.plans.first?.baseline == configuration.baseline)
    }

    @Test(
        "is refused with line and column where it cannot be meant",
        arguments: [
            ("severities: {spf.softfail: off}", "b.yaml:1:14: there is no check"),
            ("severities: {spf.softfail-al: off}", "did you mean “spf.softfail-all”?"),
            ("severities: {mx.ipv6: warn}", "b.yaml:1:23: the severity of mx.ipv6"),
            ("severities: [mx.ipv6]", "b.yaml:1:13:"), ("accept: x", "b.yaml:1:9: “accept” is a list"),
            ("accept:\n  - {reason: x}", "b.yaml:2:5: “check” is missing"),
            ("accept:\n  - {check: mx.ipv6}", "b.yaml:2:5: “reason” is missing"),
            ("accept:\n  - {check: nx.*, reason: x}", "b.yaml:2:13: there is no check “nx.*”"),
            ("accept:\n  - {check: mx.ipv6, reason: x, until: 2027-02-30}", "a day is written 2027-03-01"),
            ("accept:\n  - {check: mx.ipv6, reason: x, until: tomorrow}", "a day is written 2027-03-01"),
            ("accept:\n  - {check: mx.ipv6, reason: x, untill: 2027-02-28}", "did you mean “until”?"),
            ("accept:\n  - {check: mx.ipv6, reason: x, at_most: errors}", "did you mean “error”?"),
            ("domains: [example.org]", "b.yaml:1:1: unknown key “domains”"), ("a: [", "b.yaml:"),
        ])
    func refused(text: String, problem: String) {
        do {
            let baseline = try Baseline.parse(text, file: "b.yaml")
            Issue.record("read as \(baseline)")
        } catch {
            #expect("\(error)".contains(problem), "\(error)")
        }
    }
}
