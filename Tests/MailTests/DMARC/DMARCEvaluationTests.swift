import DNS
import Testing

@testable import Mail

@Suite("Alignment, RFC 9989 §4.4")
struct DMARCEvaluationTests {
    private func evaluate(_ from: String, spf: [String] = [], dkim: [String] = [], _ zone: String) -> DMARCEvaluation {
        known(zone) {
            DMARCEvaluation.evaluate(
                from: name(from), spf: spf.map { .init(name($0)) }, dkim: dkim.map { .init(name($0)) }, in: &$0)
        }
    }
    private let plain = "_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n"

    @Test("Relaxed: the same organizational domain, each found by its own walk")
    func relaxed() {
        #expect(evaluate("example.org", spf: ["bounce.example.org"], plain).result == .pass)
        #expect(evaluate("mail.example.org", dkim: ["news.example.org"], plain).result == .pass)
        #expect(evaluate("example.org", spf: ["example.net"], dkim: ["example.com"], plain).result == .fail)
        let own = plain + "_dmarc.sub.example.org. TXT \"v=DMARC1; p=none; psd=n\""
        #expect(evaluate("example.org", dkim: ["a.sub.example.org"], own).result == .fail)
    }

    @Test("Strict: the same domain, each method for itself")
    func strict() {
        let zone = "_dmarc.example.org. TXT \"v=DMARC1; p=quarantine; adkim=s\""
        #expect(evaluate("example.org", dkim: ["mail.example.org"], zone).result == .fail)
        #expect(evaluate("example.org", spf: ["mail.example.org"], zone).result == .pass)
        #expect(evaluate("example.org", dkim: ["EXAMPLE.org"], zone).result == .pass)
    }

    @Test("Without a record none, without an answer temperror")
    func untold() {
        #expect(evaluate("example.org", spf: ["example.org"], "example.org. A 192.0.2.1").result == .none)
        #expect(evaluate("example.org", spf: ["example.org"], "_dmarc.example.org. !timeout").result == .temperror)
        let zone = plain + "_dmarc.example.net. !timeout"
        #expect(evaluate("example.org", spf: ["example.net"], zone).result == .temperror)
        #expect(evaluate("example.org", spf: ["example.net"], dkim: ["example.org"], zone).result == .pass)
        #expect(evaluate("example.org", "_dmarc.example.org. TXT \"v=DMARC1\"").result == .none)
    }
}
