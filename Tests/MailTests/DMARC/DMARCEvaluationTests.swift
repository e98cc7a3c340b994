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
        let zone = plain + "_dmarc.another.org. !timeout"
        #expect(evaluate("example.org", spf: ["another.org"], zone).result == .temperror)
        #expect(evaluate("example.org", spf: ["another.org"], dkim: ["example.org"], zone).result == .pass)
        #expect(evaluate("example.org", "_dmarc.example.org. TXT \"v=DMARC1\"").result == .none)
    }

    @Test("SPF or DKIM that could not tell leaves it open only where it would be aligned")
    func mayPass() {
        func evaluate(_ dkim: DMARCEvaluation.Authenticated...) -> DMARCEvaluation.Result {
            known(plain) { DMARCEvaluation.evaluate(from: name("example.org"), spf: [], dkim: dkim, in: &$0) }.result
        }
        #expect(evaluate(.init(name("mail.example.org"), .couldNotTell)) == .temperror)
        #expect(evaluate(.init(name("example.net"), .couldNotTell)) == .fail)
        #expect(evaluate(.init(name("example.org"), .couldNotTell), .init(name("example.org"))) == .pass)
        #expect(evaluate(.init(name("example.org"), .failed)) == .fail)
    }

    @Test("A policy that hangs on whether the domain exists, which nobody told, is no fail; a pass stays one")
    func existence() {
        let zone = """
            _dmarc.example.org. TXT "v=DMARC1; p=none; np=reject"
            a.example.org. MX !timeout
            """
        #expect(evaluate("a.example.org", zone).result == .temperror)
        #expect(evaluate("a.example.org", dkim: ["example.org"], zone).result == .pass)
        #expect(evaluate("b.example.org", zone).discovery.policy == .reject)
    }

    @Test("Names that end in different top labels are not walked for")
    func noNeedlessWalk() {
        var dns = Knowledge()
        _ = DMARCEvaluation.evaluate(from: name("example.org"), spf: [], dkim: [.init(name("a.example.net"))], in: &dns)
        #expect(!dns.wanted.contains { $0.name.isWithin(name("net")) })
    }

    @Test("A name as long as can be is no record, and its parents are asked")
    func longest() throws {
        let labels = [63, 63, 63, 61].map { Array(repeating: UInt8(ascii: "a"), count: $0) }
        let domain = try DomainName(labels: labels)
        let found = known("x. A 192.0.2.1") { DMARCDiscovery.discover(for: domain, asking: &$0) }
        #expect(found.status == .none && found.walk.count == 4)
    }
}
