import DNS
import Testing

@testable import Mail

@Suite("The DMARC tree walk, RFC 9989 §4.10")
struct DMARCDiscoveryTests {
    private func discover(_ domain: String, _ zone: String) -> DMARCDiscovery {
        known(zone) { DMARCDiscovery.discover(for: name(domain), asking: &$0) }
    }

    @Test("At most eight names, and a long one jumps to its last seven labels")
    func names() {
        #expect(
            DMARCDiscovery.names(for: name("a.mail.example.com"))
                == ["a.mail.example.com", "mail.example.com", "example.com", "com"].map { name($0) })
        #expect(
            DMARCDiscovery.names(for: name("a.b.c.d.e.f.g.h.i.j.mail.example.com"))
                == [
                    "a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
                    "i.j.mail.example.com", "j.mail.example.com", "mail.example.com", "example.com", "com",
                ].map { name($0) })
        #expect(DMARCDiscovery.names(for: name("1.2.3.4.5.6.7.8")).count == 8)
        #expect(DMARCDiscovery.names(for: name("1.2.3.4.5.6.7.8.9")).count == 8)
        #expect(DMARCDiscovery.names(for: name("com")).count == 1)
        #expect(DMARCDiscovery.names(for: .root).isEmpty)
    }

    @Test("The own record applies, the organizational domain is still the topmost")
    func own() {
        let found = discover(
            "mail.example.com",
            "_dmarc.mail.example.com. TXT \"v=DMARC1; p=reject\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"")
        #expect(found.source == .own && found.policy == .reject && found.policyTag == "p")
        #expect(found.recordDomain == name("mail.example.com"))
        #expect(found.organizationalDomain == name("example.com"))
        #expect(found.walk.map(\.domain) == [name("mail.example.com"), name("example.com"), name("com")])
    }

    @Test("Not the first hit above counts, but the organizational domain's")
    func topmost() {
        let zone = """
            _dmarc.mail.example.com. TXT "v=DMARC1; p=reject"
            _dmarc.example.com. TXT "v=DMARC1; p=none; sp=quarantine; np=reject"
            a.mail.example.com. A 192.0.2.1
            """
        let found = discover("a.mail.example.com", zone)
        #expect(found.recordDomain == name("example.com"))
        #expect(found.source == .organizational)
        #expect(found.policy == .quarantine && found.policyTag == "sp" && found.exists == true)
        let nonexistent = discover("b.mail.example.com", zone)
        #expect(nonexistent.policy == .reject && nonexistent.policyTag == "np" && nonexistent.exists == false)
    }

    @Test("psd=n ends the walk: the domain is its own organization")
    func psdNo() {
        let found = discover(
            "a.mail.example.com",
            "_dmarc.mail.example.com. TXT \"v=DMARC1; p=reject; psd=n\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"")
        #expect(found.organizationalDomain == name("mail.example.com"))
        #expect(found.policy == .reject && found.policyTag == "p")
        #expect(found.walk.last?.stops == true && found.walk.count == 2)
    }

    @Test("psd=y above: the organization is one label below it, the suffix's record applies where it has none")
    func psdYes() {
        let found = discover(
            "a.mail.example.com",
            "_dmarc.com. TXT \"v=DMARC1; p=reject; sp=quarantine; psd=y\"\na.mail.example.com. A 192.0.2.1")
        #expect(found.organizationalDomain == name("example.com"))
        #expect(found.source == .publicSuffix && found.recordDomain == name("com"))
        #expect(found.policy == .quarantine)
        let with = discover(
            "mail.example.com",
            "_dmarc.com. TXT \"v=DMARC1; p=reject; psd=y\"\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"")
        #expect(with.source == .organizational && with.recordDomain == name("example.com"))
    }

    @Test("Several records at one name are all discarded")
    func multiple() {
        let two = "_dmarc.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n"
        let own = discover("example.com", two)
        #expect(own.status == .multipleAtOwnName(["v=DMARC1; p=none", "v=DMARC1; p=reject"]))
        #expect(own.policy == nil && own.record == nil)
        let below = discover("mail.example.com", two)
        #expect(below.status == .none)
        let above = discover(
            "mail.example.com",
            "_dmarc.mail.example.com. TXT \"v=DMARC1; p=none\"\n_dmarc.mail.example.com. TXT \"v=DMARC1\"\n"
                + "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"")
        #expect(above.policy == .reject)
        guard case .multipleAtOwnName = above.status else {
            Issue.record("not told")
            return
        }
    }

    @Test("No record anywhere is none, and the domain is its own organization")
    func none() {
        let found = discover("mail.example.com", "_dmarc.example.com. TXT \"hello\"")
        #expect(found.status == .none)
        #expect(found.organizationalDomain == name("mail.example.com"))
        #expect(found.walk[1].others == ["hello"])
    }

    @Test(
        "What could not be told never becomes none",
        arguments: [
            "_dmarc.mail.example.com. !timeout\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"",
            "_dmarc.example.com. !servfail", "_dmarc.com. !refused\n_dmarc.example.com. TXT \"v=DMARC1; p=none\"",
        ])
    func couldNotTell(_ zone: String) {
        let found = discover("mail.example.com", zone)
        guard case .couldNotTell = found.status else {
            Issue.record("told: \(found.status)")
            return
        }
        #expect(found.organizationalDomain == nil && found.policy == nil)
    }

    @Test("The own record stands even where a parent cannot be told of")
    func ownWithoutParent() {
        let found = discover("example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n_dmarc.com. !timeout")
        #expect(found.policy == .reject && found.source == .own)
        #expect(found.organizationalDomain == nil)
    }

    @Test("t=y lowers the policy by one level")
    func testing() {
        #expect(
            discover("example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; t=y\"").appliedPolicy == .quarantine)
        #expect(
            discover("example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=quarantine; t=y\"").appliedPolicy
                == DMARCRecord.Policy.none)
    }

    @Test("np without an answer on existence is not guessed")
    func existenceUnknown() {
        let found = discover(
            "mail.example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"\nmail.example.com. MX !timeout"
        )
        #expect(found.policy == nil && found.exists == nil && found.record != nil)
    }
}
