import Testing

@testable import Mail

@Suite("Base64")
struct Base64Tests {
    @Test(
        "RFC 4648 §10, white space and missing padding too",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"), ("Zm 9v\r\n YmFy", "foobar"), ("Zg", "f"), ("Zm8", "fo"),
        ])
    func decodes(_ text: String, _ expected: String) throws {
        #expect(try Base64.decode(text.utf8).get() == Array(expected.utf8))
    }

    @Test(
        "What is no base64 says where", arguments: [("Zm9*", 3), ("Z", 1), ("Zg===", 4), ("Zg==Zg==", 4), ("=", 0)])
    func refuses(_ text: String, _ offset: Int) {
        guard case .failure(let bad) = Base64.decode(text.utf8) else {
            Issue.record("decoded")
            return
        }
        #expect(bad.offset == offset)
    }
}
