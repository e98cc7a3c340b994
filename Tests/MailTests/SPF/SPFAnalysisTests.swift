import DNS
import Testing

@testable import Mail

@Suite("The tree of an SPF record")
struct SPFAnalysisTests {
    private func analyse(_ zone: String, _ domain: String = "example.org") -> SPFAnalysis {
        known(zone) { SPFAnalysis.analyse(name(domain), asking: &$0) }
    }

    @Test("Lookups are counted through includes")
    func counts() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 a mx include:one.example include:two.example ip4:192.0.2.1 -all"
            example.org. A 192.0.2.1
            example.org. MX 10 mail.example.org.
            one.example. TXT "v=spf1 include:deep.example ~all"
            deep.example. TXT "v=spf1 ptr exists:%{i}.x.example ~all"
            two.example. TXT "v=spf1 ip4:198.51.100.0/24 ~all"
            """)
        #expect(analysis.lookups == 7)
        #expect(analysis.isComplete)
        #expect(analysis.voidLookups == 0)
        #expect(analysis.unknown.isEmpty)
        #expect(analysis.root.children.map(\.domain) == [name("one.example"), name("two.example")])
        #expect(analysis.root.children[0].lookups == 3)
        #expect(analysis.root.ownLookups == 4)
        #expect(analysis.ptrTerms.map(\.domain) == [name("deep.example")])
        #expect(analysis.all == .fail)
    }

    @Test("Counting goes on past ten")
    func pastTheLimit() {
        let includes = (1...12).map { "include:n\($0).example" }.joined(separator: " ")
        let records = (1...12).map { "n\($0).example. TXT \"v=spf1 a -all\"\nn\($0).example. A 192.0.2.1" }
        let analysis = analyse("example.org. TXT \"v=spf1 \(includes) -all\"\n" + records.joined(separator: "\n"))
        #expect(analysis.lookups == 24)
    }

    @Test(
        "The statuses of the record are told apart",
        arguments: [
            ("example.org. A 192.0.2.1", "none"), ("other.example. A 192.0.2.1", "noSuchName"),
            ("example.org. TXT \"v=spf1 a -all\"\nexample.org. TXT \"v=spf1 -all\"", "multiple"),
            ("example.org. TXT !timeout", "couldNotTell"), ("example.org. TXT \"v=spf1 -all\"", "found"),
            ("example.org. TXT \"hello\"", "none"), ("example.org. TXT !servfail", "couldNotTell"),
        ])
    func statuses(_ zone: String, _ expected: String) {
        let analysis = analyse(zone)
        let status =
            switch analysis.status {
            case .found: "found"
            case .none: "none"
            case .noSuchName: "noSuchName"
            case .multiple: "multiple"
            case .couldNotTell: "couldNotTell"
            }
        #expect(status == expected)
        #expect(analysis.isComplete == (expected != "couldNotTell"))
    }

    @Test("An include that cannot be told makes the count a lower bound, not an error")
    func unknownInclude() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 include:dead.example include:fine.example -all"
            dead.example. TXT !timeout
            fine.example. TXT "v=spf1 ip4:192.0.2.1 -all"
            """)
        #expect(!analysis.isComplete)
        #expect(analysis.lookups == 2)
        #expect(analysis.unknown.map(\.question) == [Question(name("dead.example"), .txt)])
        #expect(analysis.unknown.first?.why.reason == .timedOut)
        #expect(analysis.targetsWithoutRecord.isEmpty)
        #expect(analysis.voidLookups == 0)
    }

    @Test("Loops are found and end")
    func loops() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 include:a.example -all"
            a.example. TXT "v=spf1 include:b.example -all"
            b.example. TXT "v=spf1 include:a.example -all"
            """)
        #expect(analysis.loops.map(\.target) == [name("a.example")])
        #expect(analysis.lookups == 3)
        let own = analyse("example.org. TXT \"v=spf1 redirect=example.org\"")
        #expect(own.loops.count == 1)
        #expect(own.all == nil)
    }

    @Test("Includes without a record: one void, one not")
    func targetsWithoutRecord() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 include:gone.example include:other.example include:twice.example -all"
            other.example. TXT "something else"
            twice.example. TXT "v=spf1 -all"
            twice.example. TXT "v=spf1 ~all"
            """)
        #expect(analysis.targetsWithoutRecord.map(\.target) == [name("gone.example"), name("other.example")])
        #expect(analysis.targetsWithSeveralRecords.map(\.target) == [name("twice.example")])
        #expect(analysis.voidLookups == 1)
    }

    @Test("Void lookups: a, mx and exists that find nothing")
    func voids() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 a:gone.example mx:gone.example exists:gone.example a:six.example -all"
            six.example. AAAA 2001:db8::1
            """)
        #expect(analysis.voidLookups == 3)
        #expect(analysis.missingTargets.map(\.term.text) == ["a:gone.example", "mx:gone.example"])
    }

    @Test("What stands behind “all” is not evaluated and does not count")
    func afterAll() {
        let analysis = analyse("example.org. TXT \"v=spf1 -all a mx include:x.example redirect=y.example\"")
        #expect(analysis.lookups == 0)
        #expect(analysis.termsAfterAll.map(\.text) == ["a", "mx", "include:x.example"])
        #expect(analysis.ignoredRedirect?.text == "redirect=y.example")
    }

    @Test("A redirect costs one, and its record decides the end")
    func redirect() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 redirect=r.example"
            r.example. TXT "v=spf1 ip4:192.0.2.1 ~all"
            """)
        #expect(analysis.lookups == 1)
        #expect(analysis.all == .softfail)
    }

    @Test(
        "Ranges too wide and private ones",
        arguments: [
            ("ip4:10.0.0.0/8", true, true), ("ip4:192.168.1.1", false, true), ("ip4:0.0.0.0/0", true, false),
            ("ip4:198.51.0.0/16", false, false), ("ip4:198.0.0.0/15", true, false), ("ip6:fe80::/64", false, true),
            ("ip6:2001:db8::/31", true, false), ("ip6:fd00::1", false, true), ("ip6:::1", false, true),
            ("ip4:192.0.2.0/24", false, false), ("a:h.example/8", true, false), ("mx:h.example//16", true, false),
        ])
    func ranges(_ term: String, _ isBroad: Bool, _ isPrivate: Bool) {
        let analysis = analyse(
            "example.org. TXT \"v=spf1 \(term) -all\"\nh.example. A 192.0.2.1\nh.example. MX 1 h.example.")
        #expect(analysis.broadRanges.isEmpty != isBroad)
        #expect(analysis.privateRanges.isEmpty != isPrivate)
    }

    @Test("More than ten mail hosts behind mx")
    func crowdedMX() {
        let hosts = (1...11).map { "m.example. MX \($0) h\($0).example." }.joined(separator: "\n")
        #expect(analyse("example.org. TXT \"v=spf1 mx:m.example -all\"\n" + hosts).crowdedMX.count == 1)
    }

    @Test("Doubled terms, strings joined, other texts")
    func oddities() {
        let analysis = analyse(
            """
            example.org. TXT "v=spf1 a:h.exa" "mple A:h.example include:i.example -all"
            example.org. TXT "verification=1"
            h.example. A 192.0.2.1
            i.example. TXT "v=spf1 inlude:x -all"
            """)
        #expect(analysis.duplicates.map(\.term.text) == ["A:h.example"])
        #expect(analysis.strings == 2)
        #expect(analysis.otherTexts == ["verification=1"])
        #expect(analysis.brokenRecords.map(\.domain) == [name("i.example")])
    }

    @Test("A tree without end is cut")
    func bounded() {
        let analysis = analyse(
            "example.org. TXT \"v=spf1 include:a.example -all\"\n"
                + "*.example. TXT \"v=spf1 include:x1.example include:x2.example include:x3.example include:x4.example "
                + "include:x5.example include:x6.example -all\"")
        #expect(analysis.isCut)
        #expect(!analysis.isComplete)
        #expect(analysis.lookups > 10)
    }
}
