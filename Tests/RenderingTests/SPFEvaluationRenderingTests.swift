import DNS
import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("What check_host() made of a sender") struct SPFEvaluationRenderingTests {
    private func evaluate(_ zone: String, from: String = "alice@example.org") async throws -> SPFEvaluation {
        try await inWaves(of: Zone(zone)) { dns in
            SPFCheck.evaluate(
                ip: .v4(IPv4Address(192, 0, 2, 7)), mailFrom: from, helo: "mail.example.org", in: &dns)
        }.result
    }

    private static let zone = """
        example.org. TXT "v=spf1 mx include:_spf.example.net -all exp=why.example.org"
        example.org. MX 10 mail.example.org.
        mail.example.org. A 192.0.2.1
        _spf.example.net. TXT "v=spf1 exists:%{i}.list.example.net ~all"
        why.example.org. TXT "%{i} is not ours"
        """

    @Test("The derivation reads from top to bottom, with what was asked and the running count")
    func trace() async throws {
        let text = SPFEvaluationRendering.text(try await evaluate(Self.zone), trace: true, Look(width: 80))
        #expect(
            text == """
                SPF fail: 192.0.2.7 may not send mail in the name of example.org.

                  because         “-all” of example.org matches
                  checked         MAIL FROM alice@example.org, HELO mail.example.org
                  cost            3 of 10 lookups, 1 of 2 that find nothing
                  the owner says  “192.0.2.7 is not ours”

                How it came about
                  example.org  v=spf1 mx include:_spf.example.net -all exp=why.example.org
                    mx  → no match  lookup 1
                        example.org MX: 10 mail.example.org.
                        mail.example.org A: 192.0.2.1
                    include:_spf.example.net  → no match: _spf.example.net gives softfail
                                                lookup 2
                      _spf.example.net  v=spf1 exists:%{i}.list.example.net ~all
                        exists:%{i}.list.example.net  → no match  lookup 3
                            192.0.2.7.list.example.net A: no such name
                        ~all  → match: softfail
                    -all  → match: fail
                    exp=why.example.org  → “192.0.2.7 is not ours”
                        why.example.org TXT: "%{i} is not ours"

                """)
    }

    @Test("Without the derivation it is the result, the reason and the cost")
    func brief() async throws {
        let text = SPFEvaluationRendering.text(
            try await evaluate("example.org. TXT \"v=spf1 ip4:192.0.2.0/24 -all\""), trace: false, Look(width: 80))
        #expect(text.hasPrefix("SPF pass: 192.0.2.7 may send mail in the name of example.org.\n"))
        #expect(!text.contains("How it came about"))
    }

    @Test("The keys for programs")
    func json() async throws {
        guard case .object(let members) = SPFEvaluationRendering.json(try await evaluate(Self.zone)) else {
            Issue.record("no object")
            return
        }
        #expect(members.prefix(5).map(\.key) == ["result", "explanation", "lookups", "void_lookups", "matched"])
        #expect(members[0].value == "fail")
        #expect(members[1].value == "192.0.2.7 is not ours")
        #expect(members[2].value == 3)
        #expect(members[4].value == "-all")
        guard case .array(let steps)? = members.first(where: { $0.key == "trace" })?.value else {
            Issue.record("no trace")
            return
        }
        #expect(steps.count == 8)
    }

    @Test("Control characters of records, senders and answers do not get through")
    func hostile() async throws {
        let zone = "example.org. TXT \"v=spf1 a:\\027[31mx.example ~all\"\n*.example.org. TXT \"v=spf1 \\007\""
        for from in ["alice\u{1B}[2J@example.org", "a@\u{202E}x.example.org", "a@b\r\nc.example.org"] {
            let text = SPFEvaluationRendering.text(try await evaluate(zone, from: from), trace: true, Look())
            #expect(
                !text.unicodeScalars.contains {
                    $0 != "\n" && ($0.value < 32 || (127...159).contains($0.value) || $0.value == 0x202E)
                })
        }
    }
}
