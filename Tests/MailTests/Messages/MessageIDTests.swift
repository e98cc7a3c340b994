import Testing

@testable import Mail

@Suite("Identifiers of messages, RFC 5322 §3.6.4")
struct MessageIDTests {
    @Test(
        "What is one",
        arguments: [
            ("<a@b>", ["a@b"], true), (" <a@b>\r\n <c@d>", ["a@b", "c@d"], true), ("4711", ["4711"], false),
            ("<4711>", ["4711"], false), ("<@b>", ["@b"], false), ("<a b@c>", ["a b@c"], false), ("<>", [], true),
            ("", [], true),
            ("<a@b", [], true),
        ])
    func reads(_ text: String, _ ids: [String], _ areWellFormed: Bool) {
        let list = MessageID.list(text.utf8)
        #expect(list.map(\.text) == ids)
        #expect(list.allSatisfy { $0.isWellFormed == areWellFormed })
    }

    @Test("Another author's identifiers", .enabled(if: Suites.has("received-stalwart/id.json"), Suites.skipped))
    func suite() throws {
        var differ: [String] = []
        for test in try Suites.value("received-stalwart/id.json").array ?? [] {
            guard let header = test["header"]?.text else { continue }
            let expected = (test["expected"]?.array ?? []).compactMap(\.text)
            let field = MessageHeader(parsing: Array("Message-ID:\(header)".utf8)).fields.first
            let got = MessageID.list(field?.rawValue ?? []).map(\.text)
            if got != expected { differ.append("\(header.debugDescription) → \(got), not \(expected)") }
        }
        print("received-stalwart/id.json: \(differ.count) differ: \(differ)")
        #expect(differ.isEmpty)
    }
}
