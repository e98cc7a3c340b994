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

    private static let short =
        "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALPRqdrZf6MAtdhu5c9YPrT1oUXlRXkBnF4OxRcqYkAnQ7A6dheI/ZCaDvlP9fX4E+4mZaNxLKkuWgu3tJJDDPsCAwEAAQ=="

    @Test(
        "Keys that verifiers must ignore are not valid, those they use are",
        arguments: [
            ("v=DKIM1; p=", true), ("p=; v=DKIM1", false), ("v=DKIM1;; p=", false), ("v=DKIM1; p=;", true),
            ("v=DKIM1; p=; ", true), ("v=dkim1; p=", false), ("V=DKIM2; p=", true), ("v=DKIM1; s=other; p=", false),
            ("v=DKIM1; s=tlsrpt; p=", true), ("v=DKIM1; s=other:email; p=", true), ("v=DKIM1; k=dsa; p=", false),
            ("v=DKIM1; x=1; t=q; h=sha1:sha256:new; p=", true), ("v=DKIM1; p=; p=", false), ("v=DKIM1", false),
            ("v = DKIM1 ; p = ", true), ("v=DKIM1; p=\(short)", false), ("k=rsa; p=", true), ("v=DKIM1; p", false),
        ])
    func keys(_ text: String, _ isValid: Bool) {
        let check = RecordKind.dkimKey.check(Array(text.utf8))
        #expect(check.isValid == isValid, "\(check.problems)")
    }
}
