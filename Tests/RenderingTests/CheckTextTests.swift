import Testing

@testable import Rendering

@Suite("Checks are explained")
struct CheckTextTests {
    static let known = ["spf.lookup-limit", "spf.syntax", "mx.exists", "mx.null", "tls.expiry", "dmarc.policy"]

    @Test(
        "Near ones are suggested for an identifier that does not exist",
        arguments: [
            ("spf.lookup-limt", "spf.lookup-limit"), ("lookup-limit", "spf.lookup-limit"), ("mx.exist", "mx.exists"),
            ("expiry", "tls.expiry"), ("dmark.policy", "dmarc.policy"),
        ])
    func near(text: String, expected: String) {
        #expect(CheckText.near(text, among: Self.known).first == expected)
    }

    @Test(
        "Nothing is suggested for what is far from all",
        arguments: ["", "zzzzzzzz", String(repeating: "q", count: 100_000)])
    func far(text: String) {
        #expect(CheckText.near(text, among: Self.known).isEmpty)
    }
}
