import Testing

@testable import Mail

@Suite("Kinds of records")
struct RecordKindTests {
    @Test(
        "A good record of each kind has no errors, an empty one has",
        arguments: [
            (RecordKind.spf, "v=spf1 -all"), (.dmarc, "v=DMARC1; p=reject"), (.dkimKey, "v=DKIM1; p="),
            (.mtastsTXT, "v=STSv1; id=1"), (.mtastsPolicy, "version: STSv1\nmode: none\nmax_age: 86400\n"),
            (.tlsrpt, "v=TLSRPTv1; rua=mailto:a@example.org"), (.bimi, "v=BIMI1; l="),
        ])
    func good(_ kind: RecordKind, _ text: String) {
        #expect(!kind.problems(of: Array(text.utf8)).map(\.isError).contains(true))
        #expect(kind.problems(of: []).map(\.isError).contains(true))
    }
}
