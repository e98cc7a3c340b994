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
            ("v=STSv1;", 9, RecordProblem.Code.missing), ("v=STSv1; id=2016-08-31", 17, .badValue),
            ("v=STSv1; id=\(String(repeating: "1", count: 33))", 13, .badValue), ("v=STSv2; id=1", 3, .badVersion),
            ("id=1; v=STSv1", 7, .badOrder), ("v = STSv1; id=1", 1, .badVersion), ("V=STSv1; id=1", 1, .badVersion),
            ("v=STSv1; id = 1", 13, .badSyntax), ("v=STSv1; ID=1", 10, .unknownTag), ("v=STSv1; id=", 13, .badValue),
            ("v=STSv1; id=1;;", 15, .badSyntax), ("v=STSv1; id=1; x=", 18, .badValue),
            ("v=STSv1; id=1; \(String(repeating: "a", count: 33))=1", 16, .badSyntax),
            ("v=STSv1, id=1", 3, .badVersion), ("v=STSv1; id=1\n", 14, .notASCII), ("", 1, .badVersion),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = MTASTSRecord(text: text)
        #expect(!record.isValid)
        #expect(record.problems.contains { $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test(
        "Odd but right ones are used",
        arguments: [
            "v=STSv1; id=1 ;", "v=STSv1 ; id=1", "v=STSv1;\tid=1\t", "v=STSv1; id=1; id=2", "v=STSv1; more=a; id=1",
            "v=STSv1; id=1; a.b-c_d=~!@",
        ])
    func accepts(_ text: String) {
        let record = MTASTSRecord(text: text)
        #expect(record.isValid && record.id == "1", "\(record.problems)")
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
        "Wrong ones, with line and column",
        arguments: [
            ("mode: enforce\nmx: a.example\nmax_age: 604800\n", 3, 1, RecordProblem.Code.missing),
            ("version: STSv1\nmode: on\nmx: a.example\nmax_age: 604800\n", 2, 7, .badValue),
            ("version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 604800\n", 2, 7, .badValue),
            ("version: STSv1\nmode: enforce\nmax_age: 604800\n", 3, 1, .missing),
            ("version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx: *example\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx: a.example.\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx: bücher.example\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx: a.example, b.example\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx: a_b.example\nmax_age: 604800\n", 3, 5, .badDomain),
            ("version: STSv1\nmode: enforce\nmx:\nmax_age: 604800\n", 3, 4, .badValue),
            ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 31557601\n", 4, 10, .badValue),
            ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: +5\n", 4, 10, .badValue),
            ("version: STSv1\nmode: none\nmax_age: 01234567890\n", 3, 10, .badValue),
            ("version: STSv1\nnonsense\nmode: none\nmax_age: 86400\n", 2, 1, .badSyntax),
            ("version: STSv1\n mode: none\nmax_age: 86400\n", 2, 1, .badSyntax),
            ("version : STSv1\nmode: none\nmax_age: 86400\n", 1, 1, .badSyntax),
            ("version: STSv1\u{B}mode: none\u{B}max_age: 86400", 1, 15, .badSyntax),
            ("version: STSv1\rmode: none\rmax_age: 86400", 1, 15, .badSyntax),
            ("version: STSv1\nmode: none\nmax_age: 86400\n_x: y", 4, 1, .badSyntax),
            ("version: STSv1\nmode: none\nmax_age: 86400\nx:", 4, 3, .badValue),
            ("\u{FEFF}version: STSv1\nmode: none\nmax_age: 86400\n", 1, 1, .badSyntax),
            ("version: STSv10\nmode: none\nmax_age: 86400\n", 1, 10, .badVersion),
            ("<html>", 1, 1, .badSyntax), ("", 1, 1, .missing),
        ])
    func refuses(_ text: String, _ line: Int, _ column: Int, _ code: RecordProblem.Code) {
        let policy = MTASTSPolicy(Array(text.utf8))
        #expect(!policy.isValid)
        #expect(
            policy.problems.contains { $0.isError && $0.line == line && $0.column == column && $0.code == code },
            "\(policy.problems)")
    }

    @Test(
        "Odd but right ones are used, with a word where one is due",
        arguments: [
            ("version:STSv1\r\nmode:\tnone \nmax_age:  86400 \t\n", 0),
            ("max_age: 86400\nmode: none\nversion: STSv1", 0),
            ("version: STSv1\nmode: none\nmax_age: 86400\nmode: enforce\n", 1),
            ("version: STSv1\n\nmode: none\nmax_age: 86400\n", 1),
            ("version: STSv1\nmode: none\nmax_age: 86400\nmore: ext = e;ns ion ä\n", 1),
            ("version: STSv1\nmode: testing\nmx: a.example\nmax_age: 0\n", 1),
            ("version: STSv1\nmode: enforce\nmx: a.example\nmx: A.example\nmax_age: 604800\n", 1),
            ("version: STSv1\nmode: none\nmx: x\nmax_age: 86400\nMode: none\n", 1),
        ])
    func accepts(_ text: String, _ words: Int) {
        let policy = MTASTSPolicy(Array(text.utf8))
        #expect(policy.isValid && policy.problems.count == words, "\(policy.problems)")
        #expect(policy.mode != nil && policy.maximumAge != nil)
    }

    @Test("A policy of many lines is read in a moment, and its problems are bounded")
    func bounded() {
        let policy = MTASTSPolicy(Array(String(repeating: "mx: x\nq\n", count: 20_000).utf8))
        #expect(policy.problems.count <= Problems.maximum + 1)
    }
}
