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
            // Not hidden: two addresses without a comma, and the words of each.
            ("Ann <a@x.test> Bob B. <b@y.test>", [("Ann", "a@x.test"), ("Bob B.", "b@y.test")]),
            ("<a@x.test><b@y.test>, c@z.test", [(nil, "a@x.test"), (nil, "b@y.test"), (nil, "c@z.test")]),
            // No address, as archives hide them: a person sees what stands there.
            ("jane at x.test (Jane)", [("Jane", "jane at x.test")]), ("jane @ x.test", [(nil, "jane@x.test")]),
            ("a@x.test>", [(nil, "a@x.test")]),
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

    private static let known: [KnownDifferences.Entry] = [
        (
            "8", "Pete|pete@silly.test", "Pete (A nice ) chap his account his host)|pete@silly.test",
            "a comment is no part of a name that is there (RFC 5322 §3.4)"
        ),
        (
            "9", "Pete chap)|pete@silly.test", "Pete (A nice ) chap his account his host)|pete@silly.test",
            "the backslash quotes the blank of the fold, so the next parenthesis ends the comment"
        ),
        (
            "10", "Chris Jones|c@public.example & |joe@example.org & John|jdoe@one.test",
            "Chris Jones (Chris's host.)|c@public.example & |joe@example.org & John…",
            "a comment is no part of a name that is there (RFC 5322 §3.4)"
        ),
        ("11", "", "nobody(that I know)|", "a group that holds only a comment is empty"),
        (
            "13", "Mary Smith|mary@example.net & |jdoe@test.example",
            "Mary Smith|@node.test:mary@example.net & |jdoe@test  . example",
            "routes, and blanks around dots, are dropped (RFC 5322 §4.4)"
        ),
        (
            "14", "John Doe|jdoe@machine.example", "John Doe (comment)|jdoe@machine.  example",
            "a comment is no part of a name that is there (RFC 5322 §3.4)"
        ),
        (
            "22", "Nathaniel Borenstein|nsb@thumper.bellcore.com",
            "Nathaniel Borenstein (םולש ןב ילטפנ)|nsb@thumper.bellcore.com",
            "a comment is no part of a name that is there (RFC 5322 §3.4)"
        ),
        (
            "33", "James Smythe|james@example.com & |jane@example.com & John Smîth|john@e…",
            "  James Smythe|james@example.com & |jane@example.com & John Smîth|john…",
            "blanks at the ends of a name are dropped"
        ),
        (
            "56", "Name Doe|a@b.com", "Name Doe (comment)|a@b.com",
            "a comment is no part of a name that is there (RFC 5322 §3.4)"
        ),
    ]

    @Test(
        "Another author's address lists: where we differ is said, with the reason",
        .enabled(if: Suites.has("received-stalwart/address.json"), Suites.skipped))
    func suite() throws {
        var differences = KnownDifferences("received-stalwart/address.json")
        for (number, test) in (try Suites.value("received-stalwart/address.json").array ?? []).enumerated() {
            let text = test["header"]?.text ?? ""
            var expected: [String] = []
            for entry in test["expected"]?["List"]?.array ?? [] { expected.append(Self.line(entry)) }
            for group in test["expected"]?["Group"]?.array ?? [] {
                for entry in group["addresses"]?.array ?? [] { expected.append(Self.line(entry)) }
            }
            let header = MessageHeader(parsing: Array("To: \(text)".utf8))
            let boxes = Mailbox.list(header.fields.first?.value ?? []).map { "\($0.name ?? "")|\($0.address)" }
            differences.compare(
                "\(number)", boxes.joined(separator: " & "), expected.joined(separator: " & "))
        }
        differences.hold(Self.known)
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
