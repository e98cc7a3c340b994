import DNS
import Testing

@testable import Judgement

@Suite struct PTRRulesTests {
    @Test(arguments: [
        ("192-0-2-25.provider.example", "192.0.2.25", true), ("25.2.0.192.provider.example", "192.0.2.25", true),
        ("ip192002025.provider.example", "192.0.2.25", false), ("host-192-000-002-025.x.example", "192.0.2.25", true),
        ("c0000219.provider.example", "192.0.2.25", true), ("pool.example.org", "192.0.2.25", true),
        ("a-dynamic.example.org", "192.0.2.25", true), ("mail.example.org", "192.0.2.25", false),
        ("mx1.example.org", "192.0.2.25", false), ("mail-2-25.example.org", "192.0.2.25", false),
        ("swimmingpool.example.org", "192.0.2.25", false), ("mail.dsl.example", "192.0.2.25", false),
        ("out1.mail.cable.example", "192.0.2.25", false), ("line7.dyn.provider.example", "192.0.2.25", true),
        ("2001-0db8-0000-0000-0000-0000-0000-0025.x.example", "2001:db8::25", true),
        ("mx6.example.org", "2001:db8::25", false),
    ]) func `A name made of its address's numbers is told from one that was chosen`(
        name: (text: String, address: String, isGeneric: Bool)
    ) throws {
        let address = try #require(IPAddress(name.address))
        #expect(PTRRules.looksGeneric(try DomainName(name.text), address) == name.isGeneric)
    }

    @Test(arguments: [
        (0.0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7_200, "2 hours"),
        (172_800, "2 days"), (259_199, "2 days"), (-5, "0 seconds"), (Double.infinity, "11574074 days"),
    ]) func `A length of time is said in words`(time: (seconds: Double, words: String)) {
        #expect(span(time.seconds) == time.words)
    }

    @Test func `Lists read like sentences`() {
        #expect(list([]) == "")
        #expect(list(["a"]) == "a")
        #expect(list(["a", "b"]) == "a and b")
        #expect(list(["a", "b", "c"]) == "a, b and c")
        #expect(list(["a", "b", "c", "d"], limit: 2) == "a, b and 2 more")
        #expect(quoted(String(repeating: "x", count: 500)).count == 123)
    }
}
