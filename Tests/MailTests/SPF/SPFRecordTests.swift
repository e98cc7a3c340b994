import DNS
import Testing

@testable import Mail

@Suite("SPF records, RFC 7208")
struct SPFRecordTests {
    @Test("A record with every kind of term")
    func everything() {
        let record = SPFRecord(
            text: "v=spf1 a mx:example.net/24//64 ?ptr ip4:192.0.2.0/24 ip6:2001:db8::/32 ~exists:%{ir}.x.example.org "
                + "include:_spf.example.net x-custom=%{i} redirect=other.example.org exp=why.%{d2} -all")
        #expect(record.isValid, "\(record.problems)")
        #expect(record.terms.count == 11)
        #expect(record.directives.map(\.qualifier) == [.pass, .pass, .neutral, .pass, .pass, .softfail, .pass, .fail])
        #expect(record.directives[0].mechanism == .a(nil, .init()))
        guard case .mx(let target?, let cidr) = record.directives[1].mechanism else {
            Issue.record("no mx")
            return
        }
        #expect(target.domainName == name("example.net"))
        #expect(cidr == .init(ipv4: 24, ipv6: 64))
        #expect(record.directives[3].mechanism == .ip4(IPv4Address(192, 0, 2, 0), prefix: 24))
        #expect(record.all == .fail)
        #expect(record.redirect?.domainName == name("other.example.org"))
        #expect(record.explanation?.hasMacros == true)
        #expect(record.terms[1].column == 10)
        #expect(record.terms[1].text == "mx:example.net/24//64")
    }

    @Test(
        "Which TXT records are SPF records, RFC 7208 §4.5",
        arguments: [
            ("v=spf1", true), ("v=spf1 -all", true), ("V=SPF1 -all", true), ("v=spf10", false), ("v=spf1-all", false),
            (" v=spf1", false), ("spf2.0/pra -all", false), ("", false),
        ])
    func selection(_ text: String, _ isSPF: Bool) { #expect(SPFRecord.isSPF(Array(text.utf8)) == isSPF) }

    @Test(
        "Errors, with their column and kind",
        arguments: [
            ("v=spf1 inlude:example.net -all", 8, RecordProblem.Code.unknownMechanism, "“include”"),
            ("v=spf1 ip4:192.0.2.256 -all", 12, .badAddress, "no IPv4"),
            ("v=spf1 ip4:2001:db8::1 -all", 12, .badAddress, "ip6:"),
            ("v=spf1 ip6:192.0.2.1 -all", 12, .badAddress, "ip4:"),
            ("v=spf1 ip4:192.0.2.0/33 -all", 22, .badPrefix, "0 to 32"),
            ("v=spf1 ip4:192.0.2.0/024 -all", 22, .badPrefix, "0 to 32"),
            ("v=spf1 ip6:2001:db8::/129 -all", 23, .badPrefix, "0 to 128"),
            ("v=spf1 a/33 -all", 10, .badPrefix, "0 to 32"), ("v=spf1 a//129 -all", 11, .badPrefix, "0 to 128"),
            ("v=spf1 a/x -all", 9, .badPrefix, "prefix"),
            ("v=spf1 ip4 -all", 11, .badAddress, "needs"), ("v=spf1 include -all", 15, .badDomain, "needs"),
            ("v=spf1 include: -all", 16, .badDomain, "needs"), ("v=spf1 all:x", 11, .badSyntax, "nothing behind"),
            ("v=spf1 192.0.2.1 -all", 8, .unknownMechanism, "ip4:192.0.2.1"),
            ("v=spf1 2001:db8::1 -all", 8, .unknownMechanism, "ip6:"),
            ("v=spf1 spf.example.net -all", 8, .unknownMechanism, "include:"),
            ("v=spf1 redirect:example.net", 8, .unknownMechanism, "“=”"),
            ("v=spf1 redirect=a.example redirect=b.example", 27, .duplicate, "second"),
            ("v=spf1 exp=a.example exp=b.example -all", 22, .duplicate, "second"),
            ("v=spf1 exists:%{x}.example.org -all", 17, .badMacro, "no macro"),
            ("v=spf1 exists:%{i.example.org -all", 15, .badMacro, "}"),
            ("v=spf1 exists:%i.example.org -all", 15, .badMacro, "%"),
            ("v=spf1 exists:%{i0}.example.org -all", 18, .badMacro, "0"),
            ("v=spf1 exists:%{t}.example.org -all", 17, .badMacro, "explanations"),
            ("v=spf1 a:example -all", 10, .badDomain, "two labels"),
            ("v=spf1 a:192.0.2.1 -all", 10, .badDomain, "ip4:"),
            ("v=spf1 a:example.123 -all", 10, .badDomain, "top-level"),
            ("v=spf1 -all é", 13, .notASCII, "ASCII"), ("v=spf2 -all", 1, .badVersion, "v=spf1"),
            (" v=spf1 -all", 1, .badVersion, "nothing before"), ("v=spf1-all", 7, .badVersion, "space"),
            ("v=spf1 - -all", 9, .unknownMechanism, "missing"),
        ])
    func errors(_ text: String, _ column: Int, _ code: RecordProblem.Code, _ words: String) {
        let record = SPFRecord(text: text)
        #expect(!record.isValid)
        #expect(
            record.problems.contains {
                $0.isError && $0.column == column && $0.code == code && $0.message.contains(words)
            }, "\(record.problems)")
    }

    @Test(
        "What is legal and not meant is said, and is no error",
        arguments: [
            ("v=spf1 -all a", 13, RecordProblem.Code.noEffect), ("v=spf1 redirect=a.example -all", 8, .noEffect),
            ("v=spf1 +all", 8, .badValue), ("v=spf1 ptr -all", 8, .badValue), ("v=spf1 a", 9, .missing),
            ("v=spf1 include=a.example -all", 8, .unknownMechanism), ("v=spf1 redirct=a.example -all", 8, .unknownTag),
            ("v=spf1 -all v=spf1", 13, .duplicate),
        ])
    func warnings(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = SPFRecord(text: text)
        #expect(record.isValid, "\(record.problems)")
        #expect(record.problems.contains { $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test(
        "Records that RFC 7208 gives as examples have no errors",
        arguments: [
            "v=spf1 +all", "v=spf1 a -all", "v=spf1 a:example.org -all", "v=spf1 mx -all",
            "v=spf1 mx/30 mx:example.org/30 -all",
            "v=spf1 ptr -all", "v=spf1 ip4:192.0.2.128/28 -all", "v=spf1 include:example.com include:example.net -all",
            "v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} -all", "v=spf1 redirect=_spf.example.com",
            "v=spf1 mx:example.com -all exp=explain._spf.%{d}", "v=spf1 exists:%{l1r-}.lp._spf.%{d2} ?all",
            "v=spf1 a:foo:bar/baz.example.com -all", "v=spf1 a:example.org./24 -all", "v=spf1 IP4:192.0.2.1 -ALL",
            "v=spf1   a  -all  ", "v=spf1 exists:%%%_%-%{d}.example.org -all",
            "v=spf1 moo.cow-far_out=man:dog/cat ip4:1.2.3.4 -all",
        ])
    func accepts(_ text: String) { #expect(SPFRecord(text: text).isValid, "\(SPFRecord(text: text).problems)") }

    @Test("Macros keep what they say")
    func macros() {
        guard case .exists(let target) = SPFRecord(text: "v=spf1 exists:a%%%{L2r+-}.%{d} -all").directives[0].mechanism
        else {
            Issue.record("no exists")
            return
        }
        #expect(
            target.parts == [
                .literal(Array("a%".utf8)),
                .macro(
                    .init(
                        letter: UInt8(ascii: "l"), escapes: true, digits: 2, reverses: true,
                        delimiters: Array("+-".utf8))),
                .literal(Array(".".utf8)),
                .macro(
                    .init(
                        letter: UInt8(ascii: "d"), escapes: false, digits: nil, reverses: false,
                        delimiters: Array(".".utf8))),
            ])
        #expect(target.domainName == nil)
    }

    @Test("Messages quote outside text without its control characters")
    func escapes() {
        let problems = SPFRecord(text: "v=spf1 \u{1B}[31mred:x -all").problems
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { !$0.message.unicodeScalars.contains { $0.value < 32 } })
    }

    @Test("A megabyte of terms is read in bounds")
    func bounded() {
        let text = "v=spf1 " + String(repeating: "a:%{ ", count: 200_000)
        let clock = ContinuousClock()
        var record: SPFRecord?
        let time = clock.measure { record = SPFRecord(text: text) }
        #expect((record?.terms.count ?? 0) <= 10_000)
        #expect((record?.problems.count ?? 0) <= 60)
        #expect(time < .seconds(5))
    }

    @Test("What a problem quotes of a record holds no control characters, in advice neither")
    func cleanWords() {
        for text in ["v=spf1 192.0.2.1/\0/2\u{1B}[31m -all", "v=spf1 2001:db8::1\u{7F} -all", "v=spf1 redirect:\u{1}x"]
        {
            let problems = SPFRecord(text: text).allProblems
            #expect(!problems.isEmpty)
            #expect(problems.allSatisfy { !$0.message.utf8.contains { $0 < 32 || $0 == 127 } }, "\(problems)")
        }
    }
}
