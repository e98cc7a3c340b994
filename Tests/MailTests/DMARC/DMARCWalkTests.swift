import DNS
import Testing

@testable import Mail

/// Whole evaluations, by what the DNS holds: what applies, from where, and what is aligned.
@Suite("DMARC from end to end, RFC 9989")
struct DMARCWalkTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var title: String
        var zone: [String]
        var from: String
        var spf: [String] = []
        var dkim: [String] = []
        var result: DMARCEvaluation.Result
        var policy: DMARCRecord.Policy?
        var at: String?
        var organization: String?
        var testDescription: String { title }
    }

    private static let reject = "example.org: v=DMARC1; p=reject"

    static let cases: [Case] = [
        Case(
            title: "the example of a simple organization", zone: [reject, "sign.example.org: v=DMARC1; p=reject"],
            from: "example.org", spf: ["example.org"], dkim: ["sign.example.org"], result: .pass, policy: .reject,
            at: "example.org", organization: "example.org"),
        Case(
            title: "an author with a dozen labels", zone: [reject], from: "a.b.c.d.e.f.g.h.i.j.example.org",
            dkim: ["sign.example.org"], result: .pass, policy: .reject, at: "example.org", organization: "example.org"),
        Case(
            title: "a record out of the walk’s reach is not seen",
            zone: ["g.h.i.j.k.l.m.n.example.org: v=DMARC1; p=reject"],
            from: "a.g.h.i.j.k.l.m.n.example.org", result: .none, organization: "a.g.h.i.j.k.l.m.n.example.org"),
        Case(
            title: "registrants below one public suffix are strangers",
            zone: ["bank.example: v=DMARC1; p=reject; psd=y", "giant.bank.example: v=DMARC1; p=quarantine"],
            from: "giant.bank.example", spf: ["bank.example"], dkim: ["mail.mega.bank.example"], result: .fail,
            policy: .quarantine, at: "giant.bank.example", organization: "giant.bank.example"),
        Case(
            title: "a name below the registrant is the registrant’s",
            zone: ["bank.example: v=DMARC1; p=reject; psd=y", "giant.bank.example: v=DMARC1; p=quarantine"],
            from: "giant.bank.example", spf: ["mail.giant.bank.example"], result: .pass, policy: .quarantine,
            at: "giant.bank.example", organization: "giant.bank.example"),
        Case(
            title: "without a record of its own a registrant has the suffix’s “sp”",
            zone: ["bank.example: v=DMARC1; p=reject; sp=quarantine; psd=y"], from: "mail.giant.bank.example",
            dkim: ["giant.bank.example"], result: .pass, policy: .quarantine, at: "bank.example",
            organization: "giant.bank.example"),
        Case(
            title: "a suffix that sends mail itself is its own organization",
            zone: ["bank.example: v=DMARC1; p=reject; sp=none; psd=y"], from: "bank.example",
            spf: ["mail.bank.example"], result: .fail, policy: .reject, at: "bank.example", organization: "bank.example"
        ),
        Case(
            title: "psd=n makes an organization below another",
            zone: [reject, "b.example.org: v=DMARC1; p=quarantine; psd=n"], from: "a.b.example.org",
            dkim: ["example.org"], result: .fail, policy: .quarantine, at: "b.example.org",
            organization: "b.example.org"),
        Case(
            title: "of records between, the organization’s counts, the topmost",
            zone: ["example.org: v=DMARC1; p=reject", "b.example.org: v=DMARC1; p=none"], from: "a.b.example.org",
            dkim: ["c.example.org"], result: .pass, policy: .reject, at: "example.org", organization: "example.org"),
        Case(
            title: "several records at a name on the way are none",
            zone: [
                "b.example.org: v=DMARC1; p=reject; psd=n", "b.example.org: v=DMARC1; p=none",
                "example.org: v=DMARC1; p=quarantine",
            ], from: "a.b.example.org", result: .fail, policy: .quarantine, at: "example.org",
            organization: "example.org"),
        Case(
            title: "several at the author’s own name are none either, and the walk goes on",
            zone: [
                "m.example.org: v=DMARC1; p=reject", "m.example.org: v=DMARC1; p=none",
                "example.org: v=DMARC1; p=none; sp=quarantine",
            ], from: "m.example.org", result: .fail, policy: .quarantine, at: "example.org",
            organization: "example.org"),
        Case(
            title: "what is no DMARC record stands in nobody’s way",
            zone: [
                "m.example.org: v=spf1 -all", "m.example.org: v=dmarc1; p=none", "m.example.org: v=DMARC1x", reject,
            ],
            from: "m.example.org", result: .fail, policy: .reject, at: "example.org", organization: "example.org"),
        Case(
            title: "without a record above, a name is its own organization",
            zone: ["m.example.org: v=DMARC1; p=reject"], from: "m.example.org", spf: ["bounce.example.org"],
            dkim: ["example.org"], result: .fail, policy: .reject, at: "m.example.org", organization: "m.example.org"),
        Case(
            title: "strict alignment asks for the very name",
            zone: ["example.org: v=DMARC1; p=reject; adkim=S; aspf=r"],
            from: "example.org", dkim: ["m.example.org"], result: .fail, policy: .reject, at: "example.org",
            organization: "example.org"),
        Case(
            title: "strict for DKIM is relaxed for SPF still",
            zone: ["example.org: v=DMARC1; p=reject; adkim=s"], from: "example.org", spf: ["m.example.org"],
            result: .pass, policy: .reject, at: "example.org", organization: "example.org"),
        Case(
            title: "a policy that is none counts as none, given somewhere to report to",
            zone: ["example.org: v=DMARC1; p=block; rua=mailto:d@example.org!10m"], from: "example.org", result: .fail,
            policy: DMARCRecord.Policy.none, at: "example.org", organization: "example.org"),
        Case(
            title: "a wrong “sp” spoils “p” too",
            zone: ["example.org: v=DMARC1; p=reject; sp=bounce; rua=mailto:d@example.org"],
            from: "example.org", result: .fail, policy: DMARCRecord.Policy.none, at: "example.org",
            organization: "example.org"),
        Case(
            title: "without a valid policy and without reports there is no DMARC, and the walk does not go on",
            zone: ["m.example.org: v=DMARC1; adkim=s", reject], from: "m.example.org", result: .none,
            at: "m.example.org",
            organization: "example.org"),
        Case(
            title: "an address is no URI to report to", zone: ["example.org: v=DMARC1; p=x; rua=d@example.org"],
            from: "example.org", result: .none, at: "example.org", organization: "example.org"),
        Case(
            title: "blanks around “=”, values in any case, tags nobody knows",
            zone: ["example.org: v = DMARC1 ;p = Reject; PCT=0 ; foo=bar"], from: "example.org", result: .fail,
            policy: .reject, at: "example.org", organization: "example.org"),
        Case(
            title: "“np” for what does not exist", zone: ["example.org: v=DMARC1; p=reject; sp=none; np=quarantine"],
            from: "gone.example.org", result: .fail, policy: .quarantine, at: "example.org", organization: "example.org"
        ),
        Case(
            title: "“sp” for what does",
            zone: ["example.org: v=DMARC1; p=reject; sp=none; np=quarantine", "here.example.org A"],
            from: "here.example.org", result: .fail, policy: DMARCRecord.Policy.none, at: "example.org",
            organization: "example.org"),
        Case(
            title: "without “sp” it is “p” for what exists",
            zone: ["example.org: v=DMARC1; p=quarantine; np=reject", "here.example.org A"],
            from: "here.example.org", result: .fail, policy: .quarantine, at: "example.org", organization: "example.org"
        ),
        Case(
            title: "an author of many labels is aligned with a stranger of the same top label only by the walk",
            zone: ["example.org: v=DMARC1; p=none", "other.org: v=DMARC1; p=none"], from: "a.example.org",
            spf: ["other.org"], dkim: ["a.other.org"], result: .fail, policy: DMARCRecord.Policy.none,
            at: "example.org",
            organization: "example.org"),
        Case(
            title: "no record anywhere", zone: [], from: "a.example.org", spf: ["a.example.org"], result: .none,
            organization: "a.example.org"),
    ]

    @Test("What applies, where it stands, and what comes of it", arguments: cases)
    func evaluates(_ test: Case) {
        let zone = test.zone.map { line in
            let parts = line.split(separator: ": ", maxSplits: 1)
            return parts.count == 2 ? "_dmarc.\(parts[0]). TXT \"\(parts[1])\"" : "\(line.dropLast(2)). A 192.0.2.1"
        }
        let evaluation = known("org. NS a.example.\nexample. NS a.example.\n" + zone.joined(separator: "\n")) {
            DMARCEvaluation.evaluate(
                from: name(test.from), spf: test.spf.map { .init(name($0)) }, dkim: test.dkim.map { .init(name($0)) },
                in: &$0)
        }
        #expect(evaluation.result == test.result)
        #expect(evaluation.discovery.policy == test.policy)
        #expect(evaluation.discovery.recordDomain == test.at.map { name($0) })
        #expect(evaluation.discovery.organizationalDomain == test.organization.map { name($0) })
    }

    @Test("The names of a walk: eight at most, the eighth label from the right left out but at the start")
    func names() {
        for (from, expected) in [
            ("a.b.c.d.e.f.g.h.i.j.k.example.org", ["a.b.c.d.e.f.g.h.i.j.k.example.org", "g.h.i.j.k.example.org"]),
            ("x.a.b.c.d.e.f.example.org", ["x.a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org"]),
            ("a.b.c.d.e.f.example.org", ["a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org"]),
            ("b.c.d.e.f.example.org", ["b.c.d.e.f.example.org", "c.d.e.f.example.org"]),
        ] {
            let names = DMARCDiscovery.names(for: name(from))
            #expect(names.prefix(2).map(\.description) == expected)
            #expect(names.last == name("org") && names.count == min(8, name(from).labelCount))
        }
    }
}
