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

    private static let known: [KnownDifferences.Entry] = [
        (
            "2", "Fwd: ␣Saying  Hello", "Fwd: Saying Hello",
            "unfolding takes the line end away and leaves the blanks (RFC 5322 §2.2.3)"
        ),
        (
            "3", "FWD:  Saying Hello", "FWD: Saying Hello",
            "unfolding takes the line end away and leaves the blanks (RFC 5322 §2.2.3)"
        ),
        (
            "4", "from x.y.test      by example.net      via TCP      with ESMTP      id…",
            "from x.y.test by example.net via TCP with ESMTP id ABC12345 for <mary@…",
            "unfolding takes the line end away and leaves the blanks (RFC 5322 §2.2.3)"
        ),
        (
            "19", "let's = try =?iso-8859-1? to break =? the  parser",
            "let's = try =?iso-8859-1? to break =? the parser",
            "unfolding takes the line end away and leaves the blanks (RFC 5322 §2.2.3)"
        ),
        (
            "21", "[SUSPECTED SPAM]This is the original subject", "[SUSPECTED SPAM] This is the original subject",
            "nothing is put between a word and the text it stands against"
        ),
        ("22", "Some text here", "Some text  here", "nothing is put between a word and the text it stands against"),
        (
            "27", "[SUSPECTED SPAM]This is the original subject", "[SUSPECTED SPAM] This is the original subject",
            "nothing is put between a word and the text it stands against"
        ),
        (
            "28", "[SUSPECTED SPAM]This is the original subject", "[SUSPECTED SPAM] This is the original subject",
            "nothing is put between a word and the text it stands against"
        ),
    ]

    @Test(
        "Another author's unstructured fields: where we differ is said, with the reason",
        .enabled(if: Suites.has("received-stalwart/unstructured.json"), Suites.skipped))
    func suite() throws {
        var differences = KnownDifferences("received-stalwart/unstructured.json")
        for (number, test) in (try Suites.value("received-stalwart/unstructured.json").array ?? []).enumerated() {
            guard let header = test["header"]?.text, let expected = test["expected"]?.text else { continue }
            // The text may hold the next field: it ends where no fold follows.
            let field = MessageHeader(parsing: Array("Subject:\(header)".utf8)).fields.first
            differences.compare("\(number)", field?.decoded ?? "", expected)
        }
        differences.hold(Self.known)
    }

    @Test(
        "Words of many sets, split, folded, glued",
        arguments: [
            ("=?gb2312?B?xOO6ww==?=", "你好"), ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
            ("=?EUC-KR?Q?=C7=D1=B1=DB?=", "한글"),
            ("=?koi8-r?b?7cnS?= =?windows-1251?q?=CC?=", "МирМ"), ("=?Big5?B?p0E=?=\r\n =?big5?b?pm4=?=", "你好"),
            ("=?shift_jis?b?k/o=?= =?shift_jis?b?lns=?=", "日本"),
            ("=?big5?b?pw==?= =?big5?b?Qaa=?==?big5?b?bg==?=", "你好"),
            ("=?utf-8?Q?Hello\r\n   _there!?=", "Hello there!"), ("a\r\n\tb", "a\tb"), ("=?utf-8?b?4pyT=?=", "✓"),
            ("=?utf-8?q??=x", "x"),
        ])
    func sets(_ text: String, _ expected: String) { #expect(EncodedWord.decode(text.utf8) == expected) }
}
