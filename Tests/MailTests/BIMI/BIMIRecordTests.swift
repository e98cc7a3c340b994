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
            ("v=BIMI2; l=", 3, .badVersion),
        ])
    func refuses(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        #expect(BIMIRecord(text: text).problems.contains { $0.isError && $0.column == column && $0.code == code })
    }
}
