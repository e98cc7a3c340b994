import DNS
import Testing

@testable import Mail

@Suite("check_host(), RFC 7208 §4") struct SPFCheckTests {
    private func check(
        _ zone: String, ip: String = "192.0.2.1", from: String = "alice@example.org", helo: String = "mail.example.org",
        receiver: String? = nil, at: Double = 0
    ) -> SPFEvaluation {
        known(zone) {
            SPFCheck.evaluate(
                ip: IPAddress(ip) ?? .v4(IPv4Address(0)), mailFrom: from, helo: helo, receiver: receiver,
                at: Timestamp(at), in: &$0)
        }
    }

    private func txt(_ text: String, at name: String = "example.org") -> String { "\(name). TXT \"\(text)\"\n" }

    @Test(
        "Domains that no record could stand at give none, RFC 7208 §4.3",
        arguments: [
            "alice@[192.0.2.1]", "alice@192.0.2.1", "alice@org", "alice@exa..mple.org", "alice@.example.org", "alice@",
            "alice@\(String(repeating: "a", count: 64)).org", "alice@2001:db8::1",
            "alice@\(String(repeating: "abcdefgh.", count: 40))org",
        ])
    func none(_ from: String) {
        let evaluation = check(txt("v=spf1 +all"), from: from)
        #expect(evaluation.result == .none)
        #expect(evaluation.domain == nil)
        #expect(evaluation.isComplete)
    }

    @Test(
        "Senders in their many forms are the same sender",
        arguments: [
            "alice@example.org", "alice@EXAMPLE.ORG", "<alice@example.org>", "alice@example.org.", "@example.org",
            "example.org", "\"a@b\"@example.org", "alice@elsewhere@example.org", "jörg@example.org",
        ])
    func senders(_ from: String) {
        #expect(check(txt("v=spf1 ip4:192.0.2.1 -all"), from: from).result == .pass)
    }

    @Test("An empty reverse-path is checked as postmaster at the HELO name", arguments: ["", "<>"])
    func helo(_ from: String) {
        let evaluation = check(
            txt("v=spf1 exists:%{l}.%{o} -all", at: "mail.example.org")
                + "postmaster.mail.example.org. A 127.0.0.2", from: from)
        #expect(evaluation.result == .pass)
        #expect(evaluation.identity == .helo)
        #expect(evaluation.sender == "postmaster@mail.example.org")
    }

    @Test("A domain of Unicode letters is asked for by its A-labels, RFC 8616 §4")
    func internationalised() {
        let zone = txt("v=spf1 exists:%{o}.seen.example -all", at: "xn--bcher-kva.example")
        let evaluation = check(
            zone + "xn--bcher-kva.example.seen.example. A 127.0.0.2", from: "jörg@bücher.example")
        #expect(evaluation.result == .pass)
    }

    @Test("A local part beyond ASCII matches no term that uses it, RFC 8616 §4", arguments: ["%{l}", "%{s}"])
    func beyondASCII(_ macro: String) {
        let zone = txt("v=spf1 -exists:\(macro).example.net ?all") + "*.example.net. A 127.0.0.2"
        #expect(check(zone, from: "jörg@example.org").result == .neutral)
        #expect(check(zone, from: "jorg@example.org").result == .fail)
        // An include is such a term too: it is passed over, and no permerror.
        let including = txt("v=spf1 include:\(macro).example.net ?all")
        #expect(check(including, from: "jörg@example.org").result == .neutral)
        #expect(check(including, from: "jorg@example.org").result == .permerror)
    }

    @Test(
        "Each mechanism, by what the DNS holds",
        arguments: [
            ("a", "example.org. A 192.0.2.1", SPFResult.pass), ("a", "example.org. A 192.0.2.2", .fail),
            ("a/24", "example.org. A 192.0.2.200", .pass), ("a/0", "example.org. AAAA 2001:db8::1", .fail),
            ("mx", "example.org. MX 10 m.example.org.\nm.example.org. A 192.0.2.1", .pass),
            ("mx", "example.org. MX 0 .", .fail), ("mx", "example.org. A 192.0.2.1", .fail),
            ("mx/0", "example.org. MX 10 m.example.org.\nm.example.org. A 198.51.100.1", .pass),
            ("exists:%{i}.l.example", "192.0.2.1.l.example. A 127.0.0.2", .pass),
            ("exists:l.example", "l.example. AAAA 2001:db8::1", .fail),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR h.example.org.\nh.example.org. A 192.0.2.1", .pass),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR example.org.\nexample.org. A 192.0.2.1", .pass),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR h.example.org.\nh.example.org. A 192.0.2.2", .fail),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR notexample.org.\nnotexample.org. A 192.0.2.1", .fail),
            ("ptr:EXAMPLE.net", "1.2.0.192.in-addr.arpa. PTR h.example.net.\nh.example.net. A 192.0.2.1", .pass),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR !timeout", .fail),
            ("ptr", "1.2.0.192.in-addr.arpa. PTR h.example.org.\nh.example.org. A !timeout", .fail),
            ("a", "example.org. A !timeout", .temperror), ("a", "example.org. A !servfail", .temperror),
            ("mx", "example.org. MX !timeout", .temperror), ("exists:l.example", "l.example. A !refused", .temperror),
            ("mx", "example.org. MX 10 m.example.org.\nm.example.org. A !timeout", .temperror),
            ("include:i.example", "i.example. TXT \"v=spf1 ip4:192.0.2.1\"", .pass),
            ("include:i.example", "i.example. TXT \"v=spf1 -ip4:192.0.2.1\"", .fail),
            ("include:i.example", "i.example. TXT \"v=spf1 ~all\"", .fail),
            ("include:i.example", "i.example. TXT \"v=spf1 ?all\"", .fail),
            ("include:i.example", "i.example. TXT \"other\"", .permerror), ("include:i.example", "", .permerror),
            ("include:i.example", "i.example. TXT \"v=spf1 oops\"", .permerror),
            ("include:i.example", "i.example. TXT !timeout", .temperror),
            ("redirect=i.example", "i.example. TXT \"v=spf1 -all\"", .fail),
            ("redirect=i.example", "", .fail),
            ("ip4:192.0.2.1/0", "", .pass), ("ip6:::/0", "", .fail), ("ip4:192.0.2.0/31", "", .pass),
            ("a:%{d}.", "example.org. A 192.0.2.1", .permerror), ("a:x.%{d}", "x.example.org. A 192.0.2.1", .pass),
            ("a:x.%%", "", .fail),
        ])
    func mechanisms(_ term: String, _ zone: String, _ result: SPFResult) {
        #expect(check(txt("v=spf1 \(term) -all") + zone).result == result)
    }

    @Test("In an include, %{d} is the domain of the record that says it, RFC 7208 §7.2")
    func includedDomain() {
        let zone = "i.example. TXT \"v=spf1 include:j.%{d} -all\"\nj.i.example. TXT \"v=spf1 a:x.%{d} -all\"\n"
        #expect(check(txt("v=spf1 include:i.example -all") + zone + "x.j.i.example. A 192.0.2.1").result == .pass)
        #expect(check(txt("v=spf1 include:i.example -all") + zone + "x.example.org. A 192.0.2.1").result != .pass)
    }

    @Test(
        "A redirect is followed only where nothing matches, and must lead to a record, RFC 7208 §6.1",
        arguments: [
            ("v=spf1 redirect=r.example.net", "r.example.net. TXT \"v=spf1 ~all\"", SPFResult.softfail),
            ("v=spf1 redirect=r.example.net", "", .permerror), ("v=spf1 redirect=r.example.net ?all", "", .neutral),
            ("v=spf1 redirect=r.example.net", "r.example.net. TXT \"other\"", .permerror),
            ("v=spf1 redirect=%{h}.%{l}..x", "", .permerror),
            ("v=spf1 redirect=r.example.net", "r.example.net. TXT !servfail", .temperror),
            ("v=spf1 ip4:192.0.2.1 redirect=r.example.net", "", .pass),
        ])
    func redirects(_ record: String, _ zone: String, _ result: SPFResult) {
        #expect(check(txt(record) + zone).result == result)
    }

    @Test(
        "Mail hosts are asked for in order of preference: the first that matches, or that nobody can tell of, decides",
        arguments: [
            ("a.example.org. A !timeout\nb.example.org. A 192.0.2.1", SPFResult.temperror),
            ("a.example.org. A 192.0.2.1\nb.example.org. A !timeout", .pass),
            ("a.example.org. A 192.0.2.9\nb.example.org. A !timeout", .temperror),
            ("a.example.org. AAAA ::1\nb.example.org. A 192.0.2.1", .pass),
        ])
    func mailHosts(_ hosts: String, _ result: SPFResult) {
        // RFC 7208 §5.4; §5: an error ends the evaluation where it occurs. The zone names them the other way round.
        let zone = "example.org. MX 20 b.example.org.\nexample.org. MX 10 a.example.org.\n" + hosts
        #expect(check(txt("v=spf1 mx -all") + zone).result == result)
    }

    @Test("An IPv4-mapped address is an IPv4 address, RFC 7208 §5")
    func mapped() {
        let evaluation = check(txt("v=spf1 ip4:192.0.2.1 -all"), ip: "::ffff:192.0.2.1")
        #expect(evaluation.result == .pass)
        #expect(evaluation.ip.description == "192.0.2.1")
    }

    @Test("A client of IPv6 is compared with AAAA alone")
    func ipv6() {
        let zone = "example.org. A 192.0.2.1\nexample.org. AAAA 2001:db8::7"
        #expect(check(txt("v=spf1 a -all") + zone, ip: "2001:db8::7").result == .pass)
        #expect(check(txt("v=spf1 a//64 -all") + zone, ip: "2001:db8::8").result == .pass)
        #expect(check(txt("v=spf1 a/0 -all") + zone, ip: "2001:db8::8").result == .fail)
    }

    @Test("The tenth lookup is allowed, the eleventh is not; what matches before is not spoilt, RFC 7208 §4.6.4")
    func lookups() {
        let names = (1...11).map { "a:n\($0).example" }
        let zone = (1...11).map { "n\($0).example. A 198.51.100.1\n" }.joined()
        let ten = check(txt("v=spf1 \(names.prefix(10).joined(separator: " ")) ~all") + zone)
        #expect(ten.result == .softfail)
        #expect(ten.lookups == 10)
        let eleven = check(txt("v=spf1 \(names.joined(separator: " "))\" \" ~all") + zone)
        #expect(eleven.result == .permerror)
        #expect(check(txt("v=spf1 ip4:192.0.2.1 \(names.joined(separator: " "))\" \" ~all") + zone).result == .pass)
    }

    @Test("“%{p}” has to ask for the client's names, which counts besides the term, RFC 7208 §4.6.4")
    func namesCount() {
        let client = "1.2.0.192.in-addr.arpa. PTR h.example.net.\nh.example.net. A 192.0.2.1\n"
        func record(_ count: Int) -> String {
            (1...count).map { "exists:%{p}.e\($0).example" }.joined(separator: " ")
        }
        let found = (1...6).map { "h.example.net.e\($0).example. TXT x\n" }.joined()
        let one = check(txt("v=spf1 \(record(1)) ~all") + client + found)
        #expect(one.result == .softfail && one.lookups == 2)
        let world = client + "*.e1.example. A 127.0.0.2\n"
        #expect(check(txt("v=spf1 a:h.example.net/0 \(record(1)) ~all") + world).result == .pass)
        let addresses = (1...10).map { "n\($0).example. A 198.51.100.1\n" }.joined()
        func terms(_ count: Int) -> String { (1...count).map { "a:n\($0).example" }.joined(separator: " ") }
        #expect(check(txt("v=spf1 \(terms(8)) exists:%{p}.e1.example ~all") + world + addresses).lookups == 10)
        let eleventh = check(txt("v=spf1 \(terms(9)) exists:%{p}.e1.example ~all") + world + addresses)
        #expect(eleventh.result == .permerror)
        #expect(
            known(txt("v=spf1 \(terms(9)) exists:%{p}.e1.example ~all") + addresses) {
                SPFAnalysis.analyse(name("example.org"), asking: &$0).lookups
            } == 11)
        // The explanation is fetched after the limit no longer counts.
        let explained = txt("v=spf1 \(terms(10)) -all exp=%{p}.x.example") + world + addresses
        #expect(check(explained).result == .fail)
    }

    @Test("Two lookups may find nothing, a third may not; exp is not one of them, RFC 7208 §4.6.4")
    func voids() {
        #expect(check(txt("v=spf1 a:x.example mx:y.example ~all")).result == .softfail)
        #expect(check(txt("v=spf1 a:x.example mx:y.example exists:z.example ~all")).result == .permerror)
        #expect(check(txt("v=spf1 a:x.example mx:y.example -all exp=z.example")).result == .fail)
        #expect(check(txt("v=spf1 ptr a:y.example exists:z.example ~all")).result == .permerror)
        #expect(check(txt("v=spf1 ptr ptr ~all")).result == .softfail)
        #expect(check(txt("v=spf1 ptr ptr ptr ~all")).result == .permerror)
    }

    @Test("Mail hosts without an address in the client's family make one void term, not one each")
    func voidHosts() {
        let hosts = (1...3).map { "example.org. MX \($0) m\($0).example.org.\nm\($0).example.org. A 192.0.2.\($0)\n" }
        let evaluation = check(
            txt("v=spf1 mx ip6:2001:db8::/32 -all") + hosts.joined(), ip: "2001:db8::1")
        #expect(evaluation.result == .pass)
        #expect(evaluation.voidLookups == 1)
    }

    @Test("More than ten mail hosts are a permerror, whichever would match", arguments: [10, 11])
    func manyHosts(_ count: Int) {
        let zone = (1...count).map {
            "example.org. MX \($0) m\($0).example.org.\nm\($0).example.org. A 192.0.2.\($0)\n"
        }
        #expect(check(txt("v=spf1 mx -all") + zone.joined()).result == (count > 10 ? .permerror : .pass))
    }

    @Test("Of the client's names ten are looked at and the others ignored")
    func manyNames() {
        let names = (1...12).map { "1.2.0.192.in-addr.arpa. PTR n\($0).example.net.\n" }.joined()
        let asked = known(txt("v=spf1 ptr -all") + names) { dns in
            _ = SPFCheck.evaluate(
                ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "a@example.org", helo: "h.example", in: &dns)
            return dns.outcomes.keys.count { $0.type == .a }
        }
        #expect(asked == 10)
    }

    @Test(
        "Macros, as RFC 7208 §7.4 expands them",
        arguments: [
            ("%{s}", "strong-bad@email.example.com"), ("%{o}", "email.example.com"), ("%{d}", "email.example.com"),
            ("%{d4}", "email.example.com"), ("%{d3}", "email.example.com"), ("%{d2}", "example.com"), ("%{d1}", "com"),
            ("%{dr}", "com.example.email"), ("%{d2r}", "example.email"), ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"), ("%{lr}", "strong-bad"), ("%{lr-}", "bad.strong"), ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
            ("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"),
            ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
            ("%{p}", "unknown"), ("%{r}", "mx.example.net"), ("%{t}", "1234567890"), ("%{c}", "192.0.2.3"),
            ("%{S}", "strong-bad%40email.example.com"), ("%%%_%-", "% %20"), ("%{h}", "mail.example.org"),
            ("%{H}%{D1R}", "mail.example.orgemail"), ("%{d0099}", "email.example.com"),
        ])
    func macros(_ macro: String, _ expected: String) {
        let zone = """
            email.example.com. TXT "v=spf1 -all exp=why.example.com"
            why.example.com. TXT "\(macro)"
            """
        let evaluation = check(
            zone, ip: "192.0.2.3", from: "strong-bad@email.example.com", receiver: "mx.example.net", at: 1_234_567_890)
        #expect(evaluation.explanation == expected)
    }

    @Test("%{ir} of IPv6 is 32 digits with dots between, RFC 7208 §7.4")
    func digits() {
        let zone = """
            example.org. TXT "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all"
            1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.org. A 127.0.0.2
            """
        #expect(check(zone, ip: "2001:db8::cb01").result == .pass)
    }

    @Test("A name too long loses labels at its left, RFC 7208 §7.3")
    func truncation() {
        let local = Array(repeating: "abcdefghi", count: 40).joined(separator: ".")
        let evaluation = check(txt("v=spf1 exists:%{l}.example.org -all"), from: "\(local)@example.org")
        let target = evaluation.trace.compactMap(\.target).first
        #expect(target?.description == Array(repeating: "abcdefghi.", count: 24).joined() + "example.org")
        #expect(evaluation.result == .fail)
    }

    @Test(
        "An explanation that cannot be used is none, RFC 7208 §6.2",
        arguments: [
            "", "why.example.org. TXT \"a\"\nwhy.example.org. TXT \"b\"", "why.example.org. TXT !timeout",
            "why.example.org. TXT \"%{x}\"", "why.example.org. TXT \"caf\\195\\169\"", "why.example.org. A 192.0.2.1",
            "why.example.org. TXT \"a\\010b\"",
        ])
    func explanations(_ zone: String) {
        let evaluation = check(txt("v=spf1 -all exp=why.example.org") + zone)
        #expect(evaluation.result == .fail)
        #expect(evaluation.explanation == nil)
        #expect(evaluation.isComplete)
    }

    @Test("The strings of an explanation are joined; only a fail has one")
    func explanation() {
        let why = "why.example.org. TXT \"one \" \"two\"\n"
        #expect(check(txt("v=spf1 -all exp=why.example.org") + why).explanation == "one two")
        #expect(check(txt("v=spf1 ~all exp=why.example.org") + why).explanation == nil)
    }

    @Test("A run that lacks answers says so, and is no temperror")
    func incomplete() {
        var knowledge = Knowledge()
        let evaluation = SPFCheck.evaluate(
            ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "a@example.org", helo: "h.example", in: &knowledge)
        #expect(!evaluation.isComplete)
        #expect(evaluation.unanswered == nil)
        #expect(knowledge.wanted == [Question(name("example.org"), .txt)])
        let timedOut = check("example.org. TXT !timeout")
        #expect(timedOut.isComplete)
        #expect(timedOut.result == .temperror)
        #expect(timedOut.unanswered?.question == Question(name("example.org"), .txt))
    }

    @Test("Terms are evaluated in order: nothing is asked behind the one that matches")
    func order() {
        let asked = known(txt("v=spf1 ip4:192.0.2.1 a:slow.example include:other.example -all")) { dns in
            _ = SPFCheck.evaluate(
                ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "a@example.org", helo: "h.example", in: &dns)
            return dns.outcomes.count
        }
        #expect(asked == 1)
    }

    @Test("The trace tells each record, each term, what was asked and the count")
    func trace() {
        let evaluation = check(
            txt("v=spf1 a:h.example include:i.example -all")
                + "h.example. A 198.51.100.1\ni.example. TXT \"v=spf1 exists:gone.example ~all\"")
        #expect(evaluation.trace.map(\.depth) == [0, 0, 0, 1, 1, 1, 0])
        #expect(evaluation.trace.map(\.lookups) == [0, 1, 2, 2, 3, 3, 3])
        #expect(evaluation.trace.map(\.voidLookups) == [0, 0, 0, 0, 1, 1, 1])
        #expect(evaluation.trace[1].asked.map(\.question) == [Question(name("h.example"), .a)])
        #expect(evaluation.trace[1].outcome == .noMatch)
        #expect(evaluation.trace[2].outcome == .cannotMatch("i.example gives softfail"))
        #expect(evaluation.trace[5].outcome == .matches(.softfail))
        #expect(evaluation.trace[6].outcome == .matches(.fail))
        #expect(evaluation.matched?.text == "-all")
        #expect(evaluation.matchedDomain == name("example.org"))
    }

    @Test("A record of sixty thousand octets with macros in it is evaluated in bounds")
    func hostile() {
        let local = String(repeating: "a.", count: 30_000)
        let macros = String(repeating: "%{sr}", count: 12_000)
        let record = Answer(
            .records,
            records: [
                Record(
                    name("example.org"),
                    .txt(TXT(strings: [Array("v=spf1 exists:\(macros) exp=%{s}.x.example -all".utf8)])))
            ])
        let clock = ContinuousClock()
        let time = clock.measure {
            var knowledge = Knowledge([Question(name("example.org"), .txt): .success(record)])
            _ = SPFCheck.evaluate(
                ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "\(local)@example.org", helo: "h", in: &knowledge)
        }
        #expect(time < .seconds(5))
    }
}
