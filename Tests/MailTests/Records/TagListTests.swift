import Testing

@testable import Mail

@Suite("Tag lists, RFC 6376 §3.2")
struct TagListTests {
    @Test(
        "Tags, white space and trailing semicolons",
        arguments: [
            ("a=1;b=2", ["a": "1", "b": "2"]), (" a = 1 ;\t b=\r\n 2 ; ", ["a": "1", "b": "2"]),
            ("a=;b=x=y", ["a": "", "b": "x=y"]), ("", [:]), ("a=1", ["a": "1"]), ("a_1=c d", ["a_1": "c d"]),
        ])
    func reads(_ text: String, _ expected: [String: String]) {
        let list = TagList(Array(text.utf8))
        #expect(Dictionary(uniqueKeysWithValues: list.tags.map { ($0.name, $0.text) }) == expected)
        #expect(list.problems.list.filter(\.isError).isEmpty)
    }

    @Test(
        "Problems stand at their column",
        arguments: [
            ("a=1; b", 6, RecordProblem.Code.badSyntax), ("a=1; a=2", 6, .duplicate), ("1a=1", 1, .badSyntax),
            ("a=1 b=2;c", 9, .badSyntax), ("a=1; =2", 6, .badSyntax), ("a=é", 3, .notASCII),
            ("a=1;c d=2", 5, .badSyntax),
        ])
    func problems(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let problems = TagList(Array(text.utf8)).problems.list
        #expect(problems.contains { $0.column == column && $0.code == code }, "\(problems)")
    }

    @Test("The first of two tags counts")
    func duplicates() { #expect(TagList(Array("a=1;a=2".utf8))["a"]?.text == "1") }

    @Test("Columns count characters, not octets")
    func columns() {
        let problems = TagList(Array("n=käse; b".utf8)).problems.list
        #expect(problems.contains { $0.code == .badSyntax && $0.column == 9 })
    }

    @Test("A megabyte of semicolons makes no mountain of problems")
    func bounded() {
        let list = TagList(Array(repeating: UInt8(ascii: ";"), count: 1 << 20))
        #expect(list.problems.list.count <= Problems.maximum + 1)
    }

    @Test(
        "The nearest word is what was meant, or nothing",
        arguments: [
            ("inlude", "include"), ("inculde", "include"), ("ipv4", "ip4"), ("mxx", "mx"), ("exist", "exists"),
            ("aLL", "all"), ("zebra", nil), ("x", nil),
        ] as [(String, String?)])
    func suggestions(_ written: String, _ meant: String?) {
        let words = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]
        #expect(nearest(to: written.utf8, of: words) == meant)
    }
}
