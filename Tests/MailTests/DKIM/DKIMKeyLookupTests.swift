import DNS
import Testing

@testable import Mail

@Suite("Looking for DKIM keys")
struct DKIMKeyLookupTests {
    private func look(_ selector: String, _ zone: String) -> DKIMKeyLookup {
        known(zone) { DKIMKeyLookup.look(selector: selector, domain: name("example.org"), asking: &$0) }
    }

    @Test("Found, by its own name or an alias")
    func found() {
        let zone = """
            s1._domainkey.example.org. TXT "v=DKIM1; p="
            s2._domainkey.example.org. CNAME key.example.net.
            key.example.net. TXT "p="
            s3._domainkey.example.org. CNAME gone.example.net.
            """
        #expect(look("s1", zone).status.value?.isRevoked == true)
        #expect(look("s2", zone).status.value?.isRevoked == true)
        #expect(look("s2", zone).canonicalName == name("key.example.net"))
        #expect(look("s3", zone).status == .noSuchName)
        #expect(look("s3", zone).canonicalName == name("gone.example.net"))
    }

    @Test("None, no such name, several and could not tell stay apart")
    func statuses() {
        #expect(look("s", "s._domainkey.example.org. TXT \"hello\"").status == .none)
        #expect(look("s", "example.org. A 192.0.2.1").status == .noSuchName)
        #expect(
            look("s", "s._domainkey.example.org. TXT \"p=\"\ns._domainkey.example.org. TXT \"v=DKIM1; p=\"").status
                == .multiple(["p=", "v=DKIM1; p="]))
        #expect(look("s", "s._domainkey.example.org. !servfail").status.unanswered?.reason == .servfail)
    }

    @Test("A selector with dots is a name, nonsense is none")
    func selectors() {
        #expect(look("a.b", "a.b._domainkey.example.org. TXT \"p=\"").status.value != nil)
        #expect(look("", "example.org. A 192.0.2.1").name == nil)
        #expect(look(String(repeating: "x", count: 64), "example.org. A 192.0.2.1").status == .noSuchName)
    }

    @Test("An empty non-terminal exists")
    func domainKeys() {
        func ask(_ zone: String) -> DKIMKeyLookup.DomainKeys {
            known(zone) { DKIMKeyLookup.domainKeys(of: name("example.org"), asking: &$0) }
        }
        #expect(ask("s._domainkey.example.org. TXT \"p=\"") == .exist)
        #expect(ask("example.org. A 192.0.2.1") == .doNotExist)
        guard case .couldNotTell = ask("_domainkey.example.org. !timeout") else {
            Issue.record("told")
            return
        }
    }

    @Test("Guesses are selectors, each once")
    func guesses() {
        #expect(Set(DKIMKeyLookup.guesses).count == DKIMKeyLookup.guesses.count)
        #expect(DKIMKeyLookup.guesses.count >= 40)
        #expect(DKIMKeyLookup.guesses.allSatisfy { (try? DomainName($0)) != nil })
    }
}
