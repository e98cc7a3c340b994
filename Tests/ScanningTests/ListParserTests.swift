import DNS
import Testing

@testable import Scanning

@Suite("Lists of domains")
struct ListParserTests {
    private func read(_ octets: [UInt8], _ form: ListParser.Form, blocks size: Int? = nil) throws -> [ScanEntry] {
        var parser = ListParser(form)
        var entries: [ScanEntry] = []
        var rest = octets[...]
        while !rest.isEmpty {
            let block = rest.prefix(size ?? rest.count)
            try parser.read(block, into: &entries)
            rest = rest.dropFirst(block.count)
        }
        try parser.finish(into: &entries)
        return entries
    }

    private func shown(_ entries: [ScanEntry]) -> [String] {
        entries.map { entry in
            if case .domain(let name) = entry.content { name.description } else { "!" + entry.name }
        }
    }

    static let lists: [(String, ListParser.Form, [String])] = [
        ("a.example\nb.example\n", .lines, ["a.example", "b.example"]),
        ("a.example\r\nb.example", .lines, ["a.example", "b.example"]),
        ("\u{FEFF}a.example\n", .lines, ["a.example"]),
        ("\n# comment\n  a.example  \n\t\n#b.example\n", .lines, ["a.example"]),
        ("a.example.\nA.Example\n", .lines, ["a.example", "A.Example"]),
        ("bücher.example\n", .lines, ["xn--bcher-kva.example"]),
        ("", .lines, []), ("\n", .lines, []), ("a", .lines, ["a"]),
        (
            "x@a.example\n192.0.2.1\nhttps://a.example/\na..b\n", .lines,
            [
                "!x@a.example", "!192.0.2.1", "!https://a.example/", "!a..b",
            ]
        ),
        ("rank,domain\n1,a.example\n2,b.example\n", .column("domain"), ["a.example", "b.example"]),
        ("rank,Domain\r\n1,a.example\r\n", .column("domain"), ["a.example"]),
        ("1,a.example\n2,b.example\n", .columnNumber(2), ["a.example", "b.example"]),
        ("name,domain\n\"Smith, \"\"John\"\"\",a.example\n", .column("domain"), ["a.example"]),
        ("name,domain\n\"two\nlines\",\"b.example\"\n", .column("domain"), ["b.example"]),
        ("domain\tn\na.example\t1,5\n", .column("domain"), ["a.example"]),
        ("n;domain\n1;a.example\n", .column("domain"), ["a.example"]),
        ("domain,n\n,1\nb.example,2\n\n", .column("domain"), ["!", "b.example"]),
        ("n,domain\n1\n2,b.example\n", .column("domain"), ["!", "b.example"]),
        ("domain\n", .column("domain"), []),
    ]

    @Test("Each entry is read once, however the list is cut into blocks", arguments: lists)
    func reads(text: String, form: ListParser.Form, names: [String]) throws {
        let octets = Array(text.utf8)
        #expect(shown(try read(octets, form)) == names)
        for size in 1...max(1, octets.count) {
            #expect(shown(try read(octets, form, blocks: size)) == names, "in blocks of \(size)")
        }
    }

    @Test("A column that is not there is told by name", arguments: ["a,b\n1,2\n", "\n\n", "x"])
    func noColumn(text: String) {
        #expect(throws: ListParser.Problem.self) {
            let entries = try read(Array(text.utf8), .column("domain"))
            if entries.isEmpty, text == "\n\n" { throw ListParser.Problem(description: "nothing there") }
        }
    }

    @Test("A line without end is cut, told of, and costs no memory")
    func longLine() throws {
        let octets = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000) + Array("\nb.example\n".utf8)
        let entries = try read(octets, .lines, blocks: 4_096)
        #expect(entries.count == 2)
        #expect(entries[0].name.utf8.count <= 256)
        #expect(shown(entries)[1] == "b.example")
    }

    @Test("A quotation mark that is never closed does not swallow the list")
    func unclosedQuote() throws {
        let row = Array("1,a.example\n".utf8)
        let octets = Array("n,domain\n\"".utf8) + Array(repeatElement(row, count: 20_000).joined())
        let entries = try read(octets, .column("domain"))
        #expect(entries.count > 10_000)
        guard case .unusable(_, let reason) = entries[0].content else {
            Issue.record("the field that is not closed was taken for a domain")
            return
        }
        #expect(reason.contains("not closed"))
    }

    @Test("Any octets are read without harm, and every line makes at most one entry", arguments: 0..<60)
    func anything(seed: Int) throws {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let alphabet = Array("ab.,;\t\"\n\r#\u{0}@-_ü".utf8) + [0xFF, 0xC3, 0x80]
        let octets = (0..<2_000).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        let whole = try read(octets, .lines)
        #expect(whole.count <= octets.count { $0 == 10 } + 1)
        #expect(try read(octets, .lines, blocks: 7) == whole)
        let records = try read(octets, .columnNumber(2))
        #expect(try read(octets, .columnNumber(2), blocks: 7) == records)
    }
}
