import DNS
import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("dmarc evaluate")
struct DMARCEvaluationRenderingTests {
    private func evaluate(_ list: PublicSuffixList?) async throws -> (DMARCEvaluation, LegacyDMARC?) {
        let from = try DomainName("mail.example.com")
        let dkim = [DMARCEvaluation.Authenticated(try DomainName("news.example.com"))]
        let zone = try Zone(
            "_dmarc.mail.example.com. TXT \"v=DMARC1; p=reject; t=y; pct=50\"\nexample.com. A 192.0.2.1")
        return await inWaves(of: zone) { dns in
            (
                DMARCEvaluation.evaluate(from: from, spf: [], dkim: dkim, in: &dns),
                list.map { LegacyDMARC.evaluate(from: from, spf: [], dkim: dkim, by: $0, in: &dns) }
            )
        }.result
    }

    private func members(_ json: JSON?) -> [String: JSON] {
        guard case .object(let members)? = json else { return [:] }
        return Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    }

    @Test("Both verdicts, and that they differ")
    func both() async throws {
        let (new, old) = try await evaluate(PublicSuffixList(Array("com\n".utf8)))
        let json = members(DMARCEvaluationRendering.json(new, old))
        #expect(json["result"] == .string("fail") && json["policy"] == .string("quarantine"))
        #expect(json["domain"] == .string("mail.example.com"))
        #expect(json["organizational_domain"] == .string("mail.example.com"))
        guard case .array(let walk)? = json["walk"] else {
            Issue.record("no walk")
            return
        }
        #expect(walk.map { members($0)["name"] } == ["_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com"])
        let legacy = members(json["rfc7489"])
        #expect(legacy["result"] == .string("pass") && legacy["policy"] == .string("reject"))
        #expect(legacy["differs"] == .bool(true) && legacy["percentage"] == .integer(50))
        let text = DMARCEvaluationRendering.text(new, old)
        #expect(text.contains("from its own record; “t=y” lowers it from reject") && text.contains("the two differ"))
    }

    @Test("Without a list that half is not applicable")
    func withoutList() async throws {
        let (new, old) = try await evaluate(nil)
        #expect(members(DMARCEvaluationRendering.json(new, old))["rfc7489"] == .null)
        #expect(DMARCEvaluationRendering.text(new, old).contains("not applicable"))
    }
}
