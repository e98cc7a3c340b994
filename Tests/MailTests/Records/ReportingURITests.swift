import DNS
import Testing

@testable import Mail

@Suite("URIs in records, RFC 3986")
struct ReportingURITests {
    @Test(
        "Well-formed",
        arguments: [
            ("mailto:a@example.org", "mailto", "example.org"),
            ("MAILTO:a%2Cb@example.org?subject=x", "mailto", "example.org"),
            ("https://Example.org/x?y#z", "https", "example.org"),
            ("https://u:p@example.org:8443", "https", "example.org"),
            ("https://[2001:db8::1]/x", "https", nil), ("urn:x", "urn", nil), ("mailto:nobody", "mailto", nil),
            ("ftp://example.org", "ftp", "example.org"),
        ] as [(String, String, String?)])
    func reads(_ text: String, _ scheme: String, _ domain: String?) {
        let uri = ReportingURI(text.utf8)
        #expect(uri?.scheme == scheme && uri?.domain == domain.map { name($0) })
    }

    @Test(
        "Not so",
        arguments: [
            "", ":", "a", "mailto:", "1mailto:a@b.example", "/x", "mailto:a b@c.example", "mailto:a@b\u{E4}.example",
            "https://", "https:///x", "https:x", "https://[", "https://[::::]/", "https://[::1", "https://a b/",
            "https://a/%4", "https://a/%zz", "https://a/#x#y", "https://a:port/", "https://a/[x]",
            "mailto:<a@b.example>",
        ])
    func refuses(_ text: String) { #expect(ReportingURI(text.utf8) == nil) }
}
