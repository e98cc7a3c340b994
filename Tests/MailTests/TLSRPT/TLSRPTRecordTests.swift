import DNS
import Testing

@testable import Mail

@Suite("TLS-RPT, RFC 8460 §3")
struct TLSRPTRecordTests {
    @Test("The examples of the RFC")
    func reads() {
        #expect(
            TLSRPTRecord(text: "v=TLSRPTv1;rua=mailto:reports@example.com").destinations == [
                "mailto:reports@example.com"
            ])
        #expect(TLSRPTRecord(text: "v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt").isValid)
        #expect(TLSRPTRecord(text: "v=TLSRPTv1; rua=mailto:a@example.com , https://b.example/").destinations.count == 2)
    }

    @Test(
        "Wrong ones",
        arguments: [
            ("v=TLSRPTv1;", 12, RecordProblem.Code.missing), ("v=TLSRPTv1; rua=reports@example.com", 17, .badURI),
            ("v=TLSRPTv1; rua=http://example.com/", 17, .badURI),
            ("v=TLSRPTv2; rua=mailto:a@b.example", 3, .badVersion),
            ("v=TLSRPTv1; rua=mailto:a@b.example,", 36, .badURI),
            ("v=TLSRPTv1; RUA=mailto:a@b.example", 13, .unknownTag),
            ("v = TLSRPTv1; rua=mailto:a@b.example", 1, .badVersion),
            (" v=TLSRPTv1; rua=mailto:a@b.example", 1, .badVersion),
            ("v=TLSRPTv1; rua =mailto:a@b.example", 17, .badSyntax),
            ("v=TLSRPTv1; rua=mailto:a@b.example;;", 36, .badSyntax),
            ("v=TLSRPTv1; rua=mailto:a@b.example; x=", 39, .badValue),
            ("v=TLSRPTv1; rua=mailto:a@b.example; x=a=b", 40, .badValue),
            ("v=TLSRPTv1; rua=mailto:a@b.example; -x=a", 37, .badSyntax),
            ("v=TLSRPTv1; rua=mailto:a@b.example!10m", 35, .badURI),
            ("v=TLSRPTv1; rua=mailto:a!b@c.example", 25, .badURI),
            ("v=TLSRPTv1; rua=https:///x", 17, .badURI), ("v=TLSRPTv1; rua=ftp://b.example/x", 17, .badURI),
            ("v=TLSRPTv1; rua=https://b.example/a b", 17, .badURI), ("v=TLSRPTv1", 11, .missing),
            ("v=TLSRPTv1 rua=mailto:a@b.example", 3, .badVersion),
            ("v=TLSRPTv1; rua=mailto:a..b@b.example", 17, .badURI), ("v=TLSRPTv1; rua=mailto:nobody", 17, .badURI),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = TLSRPTRecord(text: text)
        #expect(!record.isValid)
        #expect(record.problems.contains { $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test(
        "Odd but right ones are used, with a word where one is due",
        arguments: [
            ("v=TLSRPTv1;rua=mailto:a@b.example;", 0), ("v=TLSRPTv1 ; rua=mailto:a@b.example", 1),
            ("v=TLSRPTv1; rua=mailto:a@b.example \t", 0), ("v=TLSRPTv1; rua=mailto:a@b.example; 1x=y", 1),
            ("v=TLSRPTv1; rua=mailto:a@b.example; rua=mailto:c@b.example", 1),
            ("v=TLSRPTv1; rua=mailto:a@b.example,ftp://b.example/x", 1),
            ("v=TLSRPTv1; rua=mailto:a%21b@b.example,https://[2001:db8::1]/x#y", 0),
        ])
    func accepts(_ text: String, _ words: Int) {
        let record = TLSRPTRecord(text: text)
        #expect(record.isValid && record.problems.count == words, "\(record.problems)")
        #expect(!record.destinations.isEmpty)
    }

    @Test("Looking it up")
    func lookUp() {
        let search = known("_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"") {
            TLSRPTRecord.look(for: name("example.org"), asking: &$0)
        }
        #expect(search.lookup.value?.destinations.count == 1)
    }
}
