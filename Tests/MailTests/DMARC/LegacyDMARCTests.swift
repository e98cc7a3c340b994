import DNS
import Testing

@testable import Mail

@Suite("The verdict by RFC 7489 and the Public Suffix List")
struct LegacyDMARCTests {
    private static let list = PublicSuffixList(Array("com\nuk\nco.uk\n".utf8))

    private func evaluate(
        _ from: String, spf: [String] = [], dkim: [String] = [], _ zone: String
    ) throws -> (old: LegacyDMARC, new: DMARCEvaluation) {
        let list = try #require(Self.list)
        let spf = spf.map { DMARCEvaluation.Authenticated(name($0)) }
        let dkim = dkim.map { DMARCEvaluation.Authenticated(name($0)) }
        return known(zone) {
            (
                LegacyDMARC.evaluate(from: name(from), spf: spf, dkim: dkim, by: list, in: &$0),
                DMARCEvaluation.evaluate(from: name(from), spf: spf, dkim: dkim, in: &$0)
            )
        }
    }

    @Test("Where the record stands at the registrable domain both agree")
    func agree() throws {
        let zone = "_dmarc.example.co.uk. TXT \"v=DMARC1; p=quarantine; sp=reject\""
        for (domain, policy) in [("example.co.uk", DMARCRecord.Policy.quarantine), ("a.b.example.co.uk", .reject)] {
            let (old, new) = try evaluate(domain, dkim: ["mail.example.co.uk"], zone)
            #expect(old.result == .pass && new.result == .pass)
            #expect(old.policy == policy && new.discovery.policy == policy)
            #expect(old.organizationalDomain == name("example.co.uk"))
            #expect(old.differs(from: new.discovery) == false)
        }
        let (old, new) = try evaluate("example.com", "example.com. A 192.0.2.1")
        #expect(old.result == .none && old.differs(from: new.discovery) == false)
    }

    @Test("A record at a public suffix is found by the walk alone")
    func suffixRecord() throws {
        let (old, new) = try evaluate("a.example.co.uk", "_dmarc.co.uk. TXT \"v=DMARC1; p=reject; psd=y\"")
        #expect(old.result == .none && new.result == .fail)
        #expect(old.differs(from: new.discovery) == true)
    }

    @Test("A sub-domain with a record, its parent without: the walk has another organization")
    func alone() throws {
        let (old, new) = try evaluate(
            "mail.example.com", spf: ["bounce.example.com"], "_dmarc.mail.example.com. TXT \"v=DMARC1; p=reject\"")
        #expect(old.result == .pass && new.result == .fail)
        #expect(old.differs(from: new.discovery) == true)
    }

    @Test("Several records end the search of RFC 7489, the walk goes on")
    func several() throws {
        let zone = """
            _dmarc.a.example.com. TXT "v=DMARC1; p=none"
            _dmarc.a.example.com. TXT "v=DMARC1; p=reject"
            _dmarc.example.com. TXT "v=DMARC1; p=quarantine"
            """
        let (old, new) = try evaluate("a.example.com", zone)
        #expect(old.result == .none && old.hasSeveralRecords && new.discovery.policy == .quarantine)
        #expect(old.differs(from: new.discovery) == true)
    }

    @Test("“np”, “psd” and “t” are unknown, “pct” is known")
    func tags() throws {
        let (old, _) = try evaluate(
            "nobody.example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=none; t=y; pct=20\"")
        #expect(old.policy == .reject && old.policyTag == "p" && old.percentage == 20)
        let (wrong, _) = try evaluate("example.com", "_dmarc.example.com. TXT \"v=DMARC1; p=reject; np=x\"")
        #expect(wrong.policy == .reject)
    }

    @Test("What could not be told is no difference")
    func untold() throws {
        let (old, new) = try evaluate("example.com", "_dmarc.example.com. !timeout")
        #expect(old.result == .temperror && old.differs(from: new.discovery) == nil)
    }

    @Test("A public suffix is its own organization")
    func suffix() throws {
        let (old, _) = try evaluate("co.uk", "_dmarc.co.uk. TXT \"v=DMARC1; p=none\"")
        #expect(old.organizationalDomain == name("co.uk") && old.policy == DMARCRecord.Policy.none)
    }
}
