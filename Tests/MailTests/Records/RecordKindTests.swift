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
            (.caa, "0 issue \"ca.example.net\""), (.tlsa, "3 1 1 \(String(repeating: "0a", count: 32))"),
        ])
    func good(_ kind: RecordKind, _ text: String) {
        #expect(!kind.problems(of: Array(text.utf8)).map(\.isError).contains(true))
        #expect(kind.problems(of: []).map(\.isError).contains(true))
    }

    private static let digest = String(repeating: "0A", count: 32)

    @Test(
        "CAA records say what authorities go by, and each problem where it stands",
        arguments: [
            ("0 issue \"ca.example.net\"", [] as [String]), ("0 issue \";\"", []), ("0 issue \"\"", []),
            ("128 ISSUE ca.example.net", []), ("0 issuewild \" ca.example.net ; a-b = c ; d=\"", []),
            ("0 issue \"ca.example.net; validationmethods=dns-01; accounturi=https://ca.example/1\"", []),
            ("0 iodef \"mailto:a@example.org\"", []), ("0 iodef \"https://example.org/\"", []),
            ("0 contactemail \"a@example.org\"", []), ("0 issuemail \"ca.example.net\"", []),
            ("0 issue \"ca\\046example.net\"", []), ("( 0 issue\n \"ca.example.net\" )", []),
            ("issue \"ca.example.net\"", ["1 error bad-value", "7 error bad-syntax", "23 error missing"]),
            ("0", ["2 error missing"]),
            ("0 issue", ["8 error missing"]), ("1 issue \"ca.example.net\"", ["1 warning bad-value"]),
            ("256 issue \"ca.example.net\"", ["1 error bad-value"]), ("0 is-sue \"a.example\"", ["3 error bad-syntax"]),
            ("0 isue \"ca.example.net\"", ["3 error unknown-tag"]), ("0 tbs \"unknown\"", ["3 warning unknown-tag"]),
            ("128 tbs \"unknown\"", ["5 error unknown-tag"]), ("0 issue ;", ["9 warning bad-syntax"]),
            ("0 issue \"https://ca.example.net\"", ["10 error bad-domain"]), ("0 issue \"*\"", ["10 error bad-domain"]),
            ("0 issue \" Let's Encrypt\"", ["11 error bad-domain"]),
            ("0 issue \"a.example, b.example\"", ["10 error bad-domain"]),
            ("0 issue \"a.example; x\"", ["21 error bad-syntax"]), ("0 issue \"a.example;;x=1\"", []),
            ("0 issue \"a.example", ["9 error bad-syntax"]), ("0 issue \"a.example\" \"b\"", ["21 error bad-syntax"]),
            ("0 iodef \"a@example.org\"", ["10 error bad-uri"]), ("0 iodef \"mailto:a\"", ["10 error bad-uri"]),
            ("0 contactemail \"a\"", ["17 error bad-value"]),
        ])
    func caa(_ text: String, _ expected: [String]) {
        let check = RecordKind.caa.check(Array(text.utf8))
        #expect(
            check.problems.map { "\($0.column) \($0.severity.rawValue) \($0.code.rawValue)" } == expected, "\(check)")
    }

    @Test(
        "TLSA records are held against what senders of mail can use",
        arguments: [
            ("3 1 1 \(digest)", [] as [String]), ("2 1 1 (\(digest.prefix(20)) \(digest.dropFirst(20)))", []),
            ("3 1 2 \(digest)\(digest)", []), ("3 0 1 \(digest)", ["3 notice bad-value"]),
            ("1 1 1 \(digest)", ["1 error bad-value"]), ("4 1 1 \(digest)", ["1 error bad-value"]),
            ("3 2 1 \(digest)", ["3 error bad-value"]), ("3 1 3 \(digest)", ["5 error bad-value"]),
            ("3 1 1 \(digest)00", ["7 error bad-value"]), ("3 1 2 \(digest)", ["7 error bad-value"]),
            ("3 1 0 00", ["7 error bad-value"]), ("3 1 1", ["6 error missing"]),
            ("3 1", ["4 error missing", "4 error missing"]),
            ("3 1 1 0a:0b", ["9 error bad-syntax"]), ("3 1 1 0a0", ["10 error bad-syntax"]),
            ("3 1 1 \"0a\"", ["7 error bad-syntax"]), ("x 1 1 \(digest)", ["1 error bad-value"]),
            ("300 1 1 \(digest)", ["1 error bad-value"]),
        ])
    func tlsa(_ text: String, _ expected: [String]) {
        let check = RecordKind.tlsa.check(Array(text.utf8))
        #expect(
            check.problems.map { "\($0.column) \($0.severity.rawValue) \($0.code.rawValue)" } == expected, "\(check)")
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
