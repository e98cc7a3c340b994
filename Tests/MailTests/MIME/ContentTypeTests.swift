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
        ])
    func parameters(_ text: String, _ essence: String, _ expected: [String: String]) throws {
        let type = try #require(ContentType(text.utf8))
        #expect(type.essence == essence)
        #expect(Dictionary(type.parameters.map { ($0.name, $0.value) }) { first, _ in first } == expected)
    }

    @Test(
        "Another author's content types",
        .enabled(if: Suites.has("received-stalwart/content_type.json"), Suites.skipped))
    func suite() throws {
        var agree = 0
        var differ: [String] = []
        for test in try Suites.value("received-stalwart/content_type.json").array ?? [] {
            guard let header = test["header"]?.text, let expected = test["expected"] else { continue }
            let type = ContentType(header.utf8)
            let wanted = (expected["attributes"]?.array ?? []).map { ($0.array ?? []).compactMap(\.text) }
            let got = (type?.parameters ?? []).filter { !$0.name.isEmpty }.map { [$0.name, $0.value] }
            let same =
                type?.type == expected["c_type"]?.text?.lowercased()
                && type?.subtype == expected["c_subtype"]?.text?.lowercased()
                && wanted.allSatisfy { pair in
                    pair.count < 2 || got.contains { $0[0] == pair[0].lowercased() && $0[1] == pair[1] }
                }
            if same {
                agree += 1
            } else {
                differ.append("\(header.debugDescription) → \(type?.essence ?? "nothing") \(got), not \(wanted)")
            }
        }
        print("received-stalwart/content_type.json: \(agree) agree, \(differ.count) differ")
        if Suites.isVerbose { for each in differ { print("  \(each)") } }
        #expect(agree >= differ.count * 6)
    }
}
