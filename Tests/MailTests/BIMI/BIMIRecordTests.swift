import Testing

@testable import Mail

@Suite("BIMI records")
struct BIMIRecordTests {
    @Test("Logo and evidence")
    func reads() {
        let record = BIMIRecord(text: "v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/vmc.pem")
        #expect(record.isValid && record.location == "https://example.org/logo.svg" && record.evidence != nil)
        #expect(BIMIRecord(text: "v=BIMI1; l=; a=;").isDeclined)
    }

    @Test(
        "Wrong ones",
        arguments: [
            ("v=BIMI1;", 9, RecordProblem.Code.missing), ("v=BIMI1; l=http://example.org/a.svg", 12, .badURI),
            ("v=BIMI2; l=", 3, .badVersion), ("l=; v=BIMI1", 5, .badOrder), (" v=BIMI1; l=", 1, .badVersion),
            ("v=BIMI1; l=https://a.example/x.svg; l=", 37, .duplicate), ("v=BIMI1; l=/logo.svg", 12, .badURI),
            ("v=BIMI1; l=https://a.example/x.svg,https://b.example/x.svg", 35, .badURI),
            ("v=BIMI1; l=; a=http://a.example/x.pem", 16, .badURI), ("v=BIMI1; l=https://localhost:x/y", 12, .badURI),
            ("v=BIMI1 garbage", 3, .badVersion),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        #expect(BIMIRecord(text: text).problems.contains { $0.isError && $0.column == column && $0.code == code })
    }

    @Test(
        "Odd but right ones",
        arguments: [
            ("v=BIMI1;l=;a=;", 0), ("v=BIMI1; l=https://a.example/x.svg; a=; avp=brand; lps=news,sales-team", 0),
            ("v=BIMI1; l=; avp=bogus", 1), ("v=BIMI1; l=; lps=help_desk", 1), ("v=BIMI1; l=; x=1", 1),
        ])
    func accepts(_ text: String, _ words: Int) {
        let record = BIMIRecord(text: text)
        #expect(record.isValid && record.problems.count == words, "\(record.problems)")
    }
}
