import Testing

@testable import Mail

@Suite("Encoded words, RFC 2047")
struct EncodedWordTests {
    @Test(
        "Decoding",
        arguments: [
            ("plain", "plain"), ("", ""), ("=?ISO-8859-1?Q?a?=", "a"), ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"), ("=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"), ("=?UTF-8?B?w6TDtsO8?=", "äöü"), ("=?iso-8859-15?q?=A4?=", "€"),
            ("=?windows-1252?Q?=80=93x=94?=", "€“x”"), ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
            ("a =?utf-8?q?=C3?= =?utf-8?q?=A4?= b", "a ä b"), ("=?x-unknown?q?abc?=", "=?x-unknown?q?abc?="),
            ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="), ("=?utf-8?b?***?=", "=?utf-8?b?***?="), ("=?utf-8", "=?utf-8"),
            ("[x]=?utf-8?B?VGhpcw==?=", "[x]This"), ("ハロー", "ハロー"), ("=?utf-8?q?a?= b =?utf-8?q?c?= d", "a b c d"),
            ("= =? =?? =???", "= =? =?? =???"), ("=?utf-8?q?=ZZ?=", "=ZZ"),
        ])
    func decodes(_ text: String, _ expected: String) { #expect(EncodedWord.decode(text.utf8) == expected) }

    @Test("A megabyte of beginnings is read in bounds")
    func bounded() {
        let text = Array(String(repeating: "=?utf-8?q?", count: 100_000).utf8)
        let time = ContinuousClock().measure { _ = EncodedWord.decode(text) }
        #expect(time < .seconds(10))
    }
}
