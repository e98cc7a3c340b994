import DNS
import Testing

@testable import Mail

@Suite("Whose policy a message is held against, RFC 9989 §5.3.1")
struct DMARCAuthorTests {
    private func author(_ header: String) -> DMARCAuthor { DMARCAuthor(MessageHeader(parsing: Array(header.utf8))) }

    @Test(
        "One domain, or each once",
        arguments: [
            ("From: a@example.org", ["example.org"]),
            ("From: \"A, B\" <a@Example.ORG>, c@example.org", ["example.org"]),
            ("From: a@example.org, b@example.net", ["example.org", "example.net"]),
            ("From: Us: a@example.org;", ["example.org"]), ("From: a@b\u{FC}cher.example", ["xn--bcher-kva.example"]),
            ("From: \"a@evil.example\" <b@example.org>", ["example.org"]),
            ("From: \"a@b\"@example.org", ["example.org"]),
            // Obsolete forms that say one thing only (RFC 5322 §4.4), and signs in names.
            ("From: <@r1.example,@r2.example:a@example.org>", ["example.org"]),
            ("From: A <a @ example . org>", ["example.org"]), ("From: A <a@example (x).org> (y)", ["example.org"]),
            ("From: a @ b @ c <d@example.org>", ["example.org"]), ("From: a@(x)example.org(y);", ["example.org"]),
            ("From: \"a\\\"@b\"@example.org", ["example.org"]), ("From: , a@example.org,,", ["example.org"]),
        ])
    func domains(_ header: String, _ domains: [String]) {
        #expect(author(header + "\r\n\r\n") == .domains(domains.map { name($0) }))
    }

    @Test("None that can be used")
    func unusable() {
        #expect(author("To: a@example.org\r\n\r\n") == .unusable(.noFrom))
        #expect(author("From: a@example.org\r\nFrom: b@example.org\r\n\r\n") == .unusable(.severalFromFields(2)))
        for text in [
            "From: nobody", "From: a@[192.0.2.1]", "From: a@192.0.2.1", "From: @example.org", "From: a@example.org, b",
        ] {
            guard case .unusable(.noDomain) = author(text + "\r\n\r\n") else {
                Issue.record("\(text): \(author(text))")
                continue
            }
        }
        // Where readers see one address and programs evaluate another, none is guessed.
        for text in [
            "<bob@evil.example> alice@example.org", "bob <bob@evil.example> <alice@example.org>",
            "a@example.org b@evil.example", "a@example.org@evil.example", "<a@example.org@evil.example>",
            "a@example.org <<b@evil.example>>", "<a@example.org, b@evil.example", "a@example\u{A0}.org",
            "a@exam\u{200B}ple.org", "a@example\u{3000}.org", "b <b@evil.example> a@example.org, c@evil.example",
        ] {
            guard case .unusable(.noDomain) = author("From: \(text)\r\n\r\n") else {
                Issue.record("\(text): \(author("From: \(text)\r\n\r\n"))")
                continue
            }
        }
        #expect(author("From:\r\n\r\n") == .unusable(.noDomain("")))
        let crowd = (0..<30).map { "a@d\($0).example" }.joined(separator: ", ")
        #expect(author("From: \(crowd)\r\n\r\n") == .unusable(.tooManyDomains(30)))
    }

    @Test("Of several authors the worst result counts: a domain of one's own lends no pass to another")
    func several() {
        let zone = """
            _dmarc.example.org. TXT "v=DMARC1; p=quarantine"
            _dmarc.example.net. TXT "v=DMARC1; p=reject"
            _dmarc.mine.example. TXT "v=DMARC1; p=none"
            """
        func evaluate(_ from: String) -> DMARCEvaluation.OfMessage {
            known(zone) {
                DMARCEvaluation.evaluate(
                    MessageHeader(parsing: Array("From: \(from)\r\n\r\n".utf8)), spf: [],
                    dkim: [.init(name("mine.example"))], in: &$0)
            }
        }
        #expect(evaluate("a@mine.example").result == .pass)
        let both = evaluate("a@mine.example, b@example.org, c@example.net")
        #expect(both.result == .fail && both.decisive?.discovery.domain == name("example.net"))
        #expect(evaluate("a@mine.example, b@nothing.example").result == .none)
        #expect(evaluate("nobody").result == .permerror)
    }
}
