import DNS
import Testing

@testable import Mail

@Suite("What else is said of an SPF record") struct SPFRecordAdviceTests {
    @Test(
        "Advice, with its column; none of it makes the record invalid",
        arguments: [
            ("v=spf1 ip4:192.0.2.1 IP4:192.0.2.1 -all", 22, RecordProblem.Code.duplicate),
            ("v=spf1 ip4:10.0.0.0/8 -all", 8, .badValue), ("v=spf1 mx ip4:198.0.0.0/8 -all", 11, .badValue),
            (
                "v=spf1 a a:b.example a:c.example mx ptr a:d.example a:e.example a:f.example a:g.example a:h.example "
                    + "a:i.example -all", 101, .tooMany
            ),
            ("v=spf1 exists:%{D}.x.example -all", 15, .badMacro),
        ])
    func advice(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = SPFRecord(text: text)
        #expect(record.isValid)
        #expect(record.allProblems.contains { $0.column == column && $0.code == code }, "\(record.allProblems)")
    }

    @Test("Lengths, RFC 7208 §3.3 and §3.4", arguments: [(255, 0), (256, 1), (450, 1), (451, 1), (2_000, 1)])
    func lengths(_ length: Int, _ count: Int) {
        let text = "v=spf1 exists:" + String(repeating: "a", count: length - 27) + ".%{d} x= -all"
        let record = SPFRecord(text: text)
        #expect(text.utf8.count == length)
        let found = record.advice.filter { $0.code == .tooMany }
        #expect(found.count == count)
        #expect(found.allSatisfy { $0.column == 256 && $0.severity == (length > 450 ? .warning : .notice) })
    }

    @Test(
        "What was meant",
        arguments: [
            ("v=spf1 mx –all", "write “-”"), ("v=spf1\u{A0}mx -all", "space"), ("v=spf1 mx\t-all", "tab"),
            ("v=spf1 ip4:192.0.2.1,192.0.2.2 -all", "a term for each"),
            ("v=spf1 ip4:192.0.2.1-192.0.2.9 -all", "address/length"), ("v=spf1 ip4:mail.example.org -all", "a:mail"),
            ("v=spf1 ipv4:192.0.2.1 -all", "“ip4”"), ("v=spf1 inculde:x.example -all", "“include”"),
            ("v=spf1 mx all-", "“all”"), ("v=spf1 include x.example -all", "needs “:”"),
        ])
    func suggestions(_ text: String, _ words: String) {
        let record = SPFRecord(text: text)
        #expect(!record.isValid)
        #expect(record.allProblems.contains { $0.message.contains(words) }, "\(record.allProblems)")
    }

    @Test("An error behind more problems than are listed still makes the record invalid")
    func manyProblems() {
        let notices = (0..<60).map { "m\($0)=x" }.joined(separator: " ")
        #expect(SPFRecord(text: "v=spf1 \(notices) -all").isValid)
        let record = SPFRecord(text: "v=spf1 \(notices) oops -all")
        #expect(!record.isValid)
        #expect(record.problems.count == 51)
    }

    @Test("A domain-spec may end in any macro-expand, RFC 7208 §7.1", arguments: ["%{d}", "%%", "%_", "%-", "%{d2r}"])
    func ends(_ macro: String) {
        #expect(SPFRecord(text: "v=spf1 exists:x.\(macro) -all").isValid)
        #expect(!SPFRecord(text: "v=spf1 exists:x.\(macro). -all").isValid)
    }
}

@Suite("What stands around an SPF record") struct SPFSurroundingsTests {
    private func analyse(_ zone: String) -> SPFAnalysis {
        known(zone) { SPFAnalysis.analyse(name("example.org"), asking: &$0) }
    }

    @Test("Each term has its cost, with all below it")
    func costs() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 ip4:192.0.2.1 mx include:a.example include:%{d}.x redirect=b.example"
            example.org. MX 0 .
            a.example. TXT "v=spf1 a:h.example include:c.example"
            h.example. A 192.0.2.1
            c.example. TXT "v=spf1 exists:h.example"
            b.example. TXT "v=spf1 -all"
            """)
        #expect(analysis.root.costs.map(\.lookups) == [0, 1, 4, 1, 1])
        #expect(analysis.root.costs.map(\.child) == [nil, nil, 0, nil, 1])
        #expect(analysis.lookups == 7)
        #expect(analysis.root.children[0].costs.map(\.lookups) == [1, 2])
    }

    @Test(
        "Strings that meet without a space",
        arguments: [
            ("\"v=spf1 ip4:192.0.2.1\" \"ip4:192.0.2.2 -all\"", true),
            ("\"v=spf1 include:a.example\" \"include:b.example -all\"", true), ("\"v=spf1 mx\" \"-all\"", true),
            ("\"v=spf1 mx \" \"-all\"", false), ("\"v=spf1 mx\" \" -all\"", false),
            ("\"v=spf1 include:spf.exa\" \"mple.org -all\"", false), ("\"v=spf1 ip4:192.0\" \".2.1 -all\"", false),
            ("\"v=spf1 ip4:\" \"192.0.2.1 -all\"", false), ("\"v=spf1 \" \"-all\"", false),
            ("\"v=sp\" \"f1 -all\"", false),
        ])
    func seams(_ strings: String, _ isSeam: Bool) {
        #expect(analyse("example.org. TXT \(strings)").seams.isEmpty != isSeam)
    }

    @Test("Nobody owns a domain that its top level does not know; one's own domain and larger ones are another matter")
    func owners() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 include:spf.gone.example a:x.kept.example mx:lost.example.org exists:y.shop.co.example -all"
            kept.example. NS ns.kept.example.
            other.co.example. A 192.0.2.1
            """)
        #expect(analysis.unregistered.compactMap(\.target) == [name("gone.example")])
    }

    @Test("The size of the answer, and the record of the type of old")
    func sizes() {
        let long = String(repeating: "x", count: 250)
        let analysis = analyse(
            "example.org. TXT \"v=spf1 -all\"\nexample.org. TXT \"\(long)\"\nexample.org. TXT \"\(long) \"\n"
                + "example.org. TYPE99 \\# 12 0B763D73706631202D616C6C")
        #expect(analysis.answerSizes.map(\.octets) == [12 + 13 + 4 + 11 + 3 * 12 + 12 + 251 + 252])
        #expect(analysis.typeSPF.value?.text == "v=spf1 -all")
    }
}
