import Testing

@testable import Mail

@Suite("Address lists, RFC 5322 §3.4")
struct MailboxTests {
    @Test(
        "Lists",
        arguments: [
            ("John Doe <jdoe@machine.example>", [("John Doe", "jdoe@machine.example")]),
            (
                "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
                [("Mary Smith", "mary@x.test"), (nil, "jdoe@example.org"), ("Who?", "one@y.test")]
            ),
            (
                "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
                [(nil, "boss@nil.test"), ("Giant; \"Big\" Box", "sysservices@example.net")]
            ),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
            ("a@b.example (Alice)", [("Alice", "a@b.example")]),
            ("=?utf-8?q?J=C3=BCrgen?= <j@x.test>", [("Jürgen", "j@x.test")]),
            (
                "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
                [("Mary Smith", "mary@example.net"), (nil, "jdoe@test.example")]
            ),
            ("", []), (",,", []), ("undisclosed-recipients:;", []), ("nobody", [(nil, "nobody")]), ("<>", [(nil, "")]),
            ("\"a@b\"@c.example", [(nil, "\"a@b\"@c.example")]),
            ("phil@example.com <phil@example.com>", [("phil@example.com", "phil@example.com")]),
        ] as [(String, [(String?, String)])])
    func reads(_ text: String, _ expected: [(String?, String)]) {
        let boxes = Mailbox.list(text.utf8)
        #expect(boxes.map(\.name) == expected.map(\.0))
        #expect(boxes.map(\.address) == expected.map(\.1))
    }

    @Test("Groups")
    func groups() {
        let boxes = Mailbox.list("A Group:Ed Jones <c@a.test>,joe@where.test; x@y.test".utf8)
        #expect(boxes.map(\.group) == ["A Group", "A Group", nil])
        #expect(boxes.map(\.address) == ["c@a.test", "joe@where.test", "x@y.test"])
    }

    @Test("Another author's address lists", .enabled(if: Suites.has("received-stalwart/address.json"), Suites.skipped))
    func suite() throws {
        var agree = 0
        var differ: [String] = []
        for test in try Suites.value("received-stalwart/address.json").array ?? [] {
            let text = test["header"]?.text ?? ""
            var expected: [String] = []
            for entry in test["expected"]?["List"]?.array ?? [] { expected.append(Self.line(entry)) }
            for group in test["expected"]?["Group"]?.array ?? [] {
                for entry in group["addresses"]?.array ?? [] { expected.append(Self.line(entry)) }
            }
            let header = MessageHeader(parsing: Array("To: \(text)".utf8))
            let boxes = Mailbox.list(header.fields.first?.value ?? [])
            if boxes.map({ "\($0.name ?? "")|\($0.address)" }) == expected { agree += 1 } else { differ.append(text) }
        }
        print("received-stalwart/address.json: \(agree) agree, \(differ.count) differ: \(differ)")
        #expect(agree >= 45)
    }

    private static func line(_ value: Suites.Value) -> String {
        "\(value["name"]?.text ?? "")|\(value["address"]?.text ?? "")"
    }

    @Test("A megabyte of brackets is read in bounds", arguments: ["<", "(", "\"", ",", ":", "a@b,", "\\", "(("])
    func bounded(_ piece: String) {
        let octets = Array(String(repeating: piece, count: (1 << 18) / piece.utf8.count).utf8)
        let time = ContinuousClock().measure { _ = Mailbox.list(octets) }
        #expect(time < .seconds(10), "\(time)")
    }
}
