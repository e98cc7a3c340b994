import Testing

@testable import Mail

@Suite("Content types and parameters, RFC 2045 and RFC 2231")
struct ContentTypeTests {
    @Test(
        "Parameters",
        arguments: [
            ("text/plain; charset=us-ascii (Plain text)", "text/plain", ["charset": "us-ascii"]),
            ("TEXT / HTML ; Charset = \"utf-8\"", "text/html", ["charset": "utf-8"]),
            ("application/pdf; name*=utf-8''%e2%82%ac%20rates", "application/pdf", ["name": "€ rates"]),
            ("application/x; name*0=a; name*1=b; name*2*=%20c", "application/x", ["name": "ab c"]),
            (
                "application/x; t*0*=us-ascii'en'This%20is%20; t*1*=%2A%2A%2Afun%2A%2A%2A%20; t*2=\"isn't it!\"",
                "application/x", ["t": "This is ***fun*** isn't it!"]
            ),
            ("application/x; name=\"=?utf-8?q?=C3=A4?=\"", "application/x", ["name": "ä"]),
            ("application/x; name*=gb2312''%C4%E3%BA%C3", "application/x", ["name": "你好"]),
            ("application/x; name*1=b; name*0=a", "application/x", ["name": "ab"]), ("inline", "inline", [:]),
            ("multipart/mixed; boundary=\"a\\\"b\"", "multipart/mixed", ["boundary": "a\"b"]),
            ("attachment; filename=two words.pdf; size=3", "attachment", ["filename": "two words.pdf", "size": "3"]),
            ("text/plain; =x; ;;a", "text/plain", [:]),
            // A “;” that is missing at the end of a line, or before a value in quotes.
            ("application/x; a=b\r\n\tc=d; e=f", "application/x", ["a": "b", "c": "d", "e": "f"]),
            ("text/plain; charset=utf-8 name=\"a b\"", "text/plain", ["charset": "utf-8", "name": "a b"]),
            ("attachment; filename=a b=c.pdf", "attachment", ["filename": "a b=c.pdf"]),
        ])
    func parameters(_ text: String, _ essence: String, _ expected: [String: String]) throws {
        let type = try #require(ContentType(text.utf8))
        #expect(type.essence == essence)
        #expect(Dictionary(type.parameters.map { ($0.name, $0.value) }) { first, _ in first } == expected)
    }

    private static let known: [KnownDifferences.Entry] = [
        ("29 title-language", "-", "en-us", "languages are told beside the parameters, not as one"),
        ("30 title-language", "-", "en", "languages are told beside the parameters, not as one"),
        ("31 filename-language", "-", "es", "languages are told beside the parameters, not as one"),
        (
            "31 filename", "Ñandúiso-8859-1' rápidoiso-8859-1' (versión '99 \"oficial\").pdf",
            "Ñandú rápido (versión '99 \"oficial\").pdf",
            "only the first piece begins with a character set (RFC 2231 §4.1)"
        ),
        ("34 name", "áéí.jpeg", "á é í.jpeg", "blanks between encoded words are dropped (RFC 2047 §6.2)"),
        ("59 key3-language", "-", "en", "languages are told beside the parameters, not as one"),
        ("59 key", "f␣oobaz", "f␣oobazba%", "pieces count from 0 without gaps (RFC 2231 §3)"),
        ("61 3", "-", "b", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 4", "-", "c", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 5", "-", "d", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 15", "-", "==g", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 1", "-", "ha", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 18", "-", "*=*=*=*==i", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 7", "-", "e", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
        ("61 9", "-", "f", "it is neither a name, nor a name with a number and a “*” (RFC 2231 §3, §4)"),
    ]

    @Test(
        "Another author's content types: where we differ is said, with the reason",
        .enabled(if: Suites.has("received-stalwart/content_type.json"), Suites.skipped))
    func suite() throws {
        var differences = KnownDifferences("received-stalwart/content_type.json")
        for (number, test) in (try Suites.value("received-stalwart/content_type.json").array ?? []).enumerated() {
            guard let header = test["header"]?.text, let expected = test["expected"] else { continue }
            let type = ContentType(header.utf8)
            let theirs = [expected["c_type"]?.text, expected["c_subtype"]?.text].compactMap { $0?.lowercased() }
            let essence = theirs.isEmpty ? nil : theirs.joined(separator: "/")
            if type?.essence != essence { differences.compare("\(number)", type?.essence, essence) }
            let wanted = (expected["attributes"]?.array ?? []).map { ($0.array ?? []).compactMap(\.text) }
            let got = (type?.parameters ?? []).filter { !$0.name.isEmpty }.map { [$0.name, $0.value] }
            for pair in wanted where pair.count == 2 {
                let name = pair[0].lowercased()
                let values = got.filter { $0[0] == name }.map { $0[1] }
                differences.compare("\(number) \(name)", values.contains(pair[1]) ? pair[1] : values.first, pair[1])
            }
        }
        differences.hold(Self.known)
    }
}
