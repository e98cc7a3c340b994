import DNS
import Testing

@testable import Mail

@Suite("MTA-STS, RFC 8461")
struct MTASTSRecordTests {
    @Test("The TXT record", arguments: [("v=STSv1; id=20160831085700Z;", "20160831085700Z"), ("v=STSv1;id=1", "1")])
    func reads(_ text: String, _ id: String) {
        let record = MTASTSRecord(text: text)
        #expect(record.id == id && record.isValid)
    }

    @Test(
        "Wrong ones",
        arguments: [
            ("v=STSv1;", 9, RecordProblem.Code.missing), ("v=STSv1; id=2016-08-31", 13, .badValue),
            ("v=STSv1; id=\(String(repeating: "1", count: 33))", 13, .badValue), ("v=STSv2; id=1", 3, .badVersion),
            ("id=1; v=STSv1", 7, .badOrder),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = MTASTSRecord(text: text)
        #expect(!record.isValid)
        #expect(record.problems.contains { $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test("Looking it up")
    func lookUp() {
        func look(_ zone: String) -> RecordLookup<MTASTSRecord> {
            known(zone) { MTASTSRecord.look(for: name("example.org"), asking: &$0) }.lookup
        }
        #expect(look("_mta-sts.example.org. TXT \"v=STSv1; id=1\"").value?.id == "1")
        #expect(look("example.org. A 192.0.2.1") == .noSuchName)
        #expect(look("_mta-sts.example.org. TXT \"id=1\"") == .none)
        #expect(look("_mta-sts.example.org. !timeout").unanswered != nil)
    }
}

@Suite("MTA-STS policies, RFC 8461 §3.2")
struct MTASTSPolicyTests {
    private let good =
        "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"

    @Test("The example of the RFC, with either line end")
    func reads() {
        for text in [good, good.replacing("\r\n", with: "\n")] {
            let policy = MTASTSPolicy(Array(text.utf8))
            #expect(policy.problems.isEmpty, "\(policy.problems)")
            #expect(policy.mode == .enforce && policy.maximumAge == 604_800)
            #expect(policy.mx == ["mail.example.com", "*.example.net"])
        }
    }

    @Test(
        "A wildcard stands for exactly one label",
        arguments: [
            ("mail.example.com", true), ("MAIL.example.com", true), ("a.example.net", true), ("a.b.example.net", false),
            ("example.net", false), ("x.example.com", false),
        ])
    func matches(_ host: String, _ allowed: Bool) {
        #expect(MTASTSPolicy(Array(good.utf8)).allows(name(host)) == allowed)
    }

    @Test(
        "Wrong ones",
        arguments: [
            ("mode: enforce\nmx: a.example\nmax_age: 1\n", RecordProblem.Code.missing),
            ("version: STSv1\nmode: on\nmx: a.example\nmax_age: 1\n", .badValue),
            ("version: STSv1\nmode: enforce\nmax_age: 1\n", .missing),
            ("version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n", .badDomain),
            ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557601\n", .badValue),
            ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\nmode: none\n", .duplicate),
            ("version: STSv1\nnonsense\nmode: none\nmax_age: 1\n", .badSyntax),
            ("<html>", .badSyntax),
        ])
    func refuses(_ text: String, _ code: RecordProblem.Code) {
        #expect(MTASTSPolicy(Array(text.utf8)).problems.contains { $0.code == code })
    }
}
