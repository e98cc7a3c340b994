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
            ("v=TLSRPTv1; rua=mailto:a@b.example,", 36, .badURI), ("v=TLSRPTv1; rua=mailto:nobody", 17, .badURI),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = TLSRPTRecord(text: text)
        #expect(!record.isValid)
        #expect(record.problems.contains { $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test("Looking it up")
    func lookUp() {
        let search = known("_smtp._tls.example.org. TXT \"v=TLSRPTv1; rua=mailto:a@example.org\"") {
            TLSRPTRecord.look(for: name("example.org"), asking: &$0)
        }
        #expect(search.lookup.value?.destinations.count == 1)
    }
}
