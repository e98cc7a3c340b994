import DNS
import Judgement
import Mail
import Testing

@Suite("What a team has decided about findings")
struct BaselineTests {
    private let zone = """
        $ORIGIN example.org.
        @ MX 10 mx
        @ TXT "v=spf1 mx ~all"
        mx A 192.0.2.1
        """

    private func judged(_ baseline: Baseline) async throws -> Report {
        baseline.applied(to: try await report(zone: zone))
    }

    @Test("An accepted finding stands apart and counts no more, until its day")
    func accepted() async throws {
        let plain = try await judged(Baseline())
        #expect(plain.fate(of: "dmarc.exists") == "fires" && plain.accepted.isEmpty)
        for (days, isAccepted) in [(1.0, true), (0, true), (-1, false)] {
            let baseline = Baseline(acceptances: [
                .init(check: "dmarc.exists", subject: "example.org", until: noon + days * 86_400, reason: "soon")
            ])
            let report = try await judged(baseline)
            #expect((report.fate(of: "dmarc.exists") == "fires") != isAccepted)
            #expect(report.accepted.map(\.finding.check.identifier) == (isAccepted ? ["dmarc.exists"] : []))
            #expect(report.lapsed.map(\.reason) == (isAccepted ? [] : ["soon"]))
            #expect(report.findings.count + report.accepted.count == plain.findings.count)
        }
    }

    @Test("All accepted is a pass, and what was written of today's findings accepts them all")
    func written() async throws {
        let plain = try await judged(Baseline())
        let baseline = Baseline.accepting([plain], until: noon + 86_400, reason: "known")
        let report = baseline.applied(to: plain)
        #expect(plain.overall == .error && report.overall == .pass)
        #expect(report.findings.allSatisfy { $0.severity == .info })
        #expect(Set(report.accepted.map(\.finding)) == Set(plain.findings.filter { $0.severity > .info }))
    }

    @Test("A finding that has become worse than the one accepted counts")
    func worse() async throws {
        let report = try await judged(
            Baseline(acceptances: [.init(check: "dmarc.exists", worst: .warning, reason: "known")]))
        #expect(report.fate(of: "dmarc.exists") == "fires" && report.accepted.isEmpty)
    }

    @Test("What could not be told stays so, whatever was accepted")
    func unknown() async throws {
        let plain = try await report(zone: "example.org. !timeout\n")
        let all = Baseline(acceptances: [.init(check: "*", reason: "all")])
        #expect(!plain.unknown.isEmpty && all.applied(to: plain).unknown == plain.unknown)
        #expect(all.applied(to: plain).overall == .unknown)
    }

    @Test("Checks weigh what was decided, or are off")
    func weights() async throws {
        let report = try await judged(
            Baseline(weights: ["dmarc.exists": .severity(.notice), "spf.softfail-all": .off, "mx.exists": .off]))
        #expect(report.finding("dmarc.exists")?.severity == .notice)
        #expect(report.fate(of: "spf.softfail-all") == "n/a" && report.fate(of: "mx.exists") == "n/a")
        #expect(report.findings.map(\.severity) == report.findings.map(\.severity).sorted(by: >))
    }

    @Test(
        "Stars stand for anything",
        arguments: [
            ("*", "", true), ("*", "x", true), ("spf.*", "spf.exists", true), ("spf.*", "dmarc.exists", false),
            ("*.exists", "mx.exists", true), ("a*b*c", "a1b2c", true), ("a*b*c", "a1b2", false), ("A", "a", true),
            ("", "", true), ("", "x", false), ("\\*", "*", true), ("\\*", "x", false),
            ("*[192.0.2.*]:25", "mx.example.org [192.0.2.7]:25", true), ("**a", "xa", true), ("a\\", "a\\", true),
        ] as [(String, String, Bool)])
    func wildcards(pattern: String, text: String, matches: Bool) {
        #expect(Wildcard.matches(pattern, text) == matches)
        #expect(Wildcard.matches(Wildcard.escaped(text), text))
    }
}
