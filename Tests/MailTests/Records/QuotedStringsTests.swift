import Testing

@testable import Mail

@Suite("Records as zone files write them, RFC 1035 §5.1")
struct QuotedStringsTests {
    @Test(
        "Strings are joined, everything else is the record itself",
        arguments: [
            ("\"v=DMARC1; p=none\"", "v=DMARC1; p=none"), ("\"v=DMARC1;\" \" p=none\"", "v=DMARC1; p=none"),
            ("( \"a\"\n\t\"b\" )", "ab"), ("\"a\\;b\\\"c\\\\d\\101\"", "a;b\"c\\de"), ("\"\"", ""),
            ("\"a\\999\"", "a999"),
            ("v=DMARC1; p=none", nil), ("\"a", nil), ("\"a\" b", nil), ("", nil), ("a \"b\"", nil), ("\"a\\\"", nil),
        ] as [(String, String?)])
    func reads(_ text: String, _ joined: String?) {
        #expect(QuotedStrings.joined(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == joined)
    }
}
