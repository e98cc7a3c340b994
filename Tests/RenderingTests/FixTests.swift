import DNS
import Foundation
import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("What to publish")
struct FixTests {
    /// The zone with the records of a plan's steps taken out and put in, one after another.
    private func published(_ plan: FixPlan, in text: String) throws -> Zone {
        var zone = try Zone(text)
        for change in plan.changes {
            for record in change.remove {
                let others = zone.records.filter {
                    $0.name == record.name && $0.type == record.type && $0.data != record.data
                }
                zone.remove(record.name, record.type)
                for other in others { zone.insert(other) }
            }
            for record in change.add { zone.insert(record) }
        }
        return zone
    }

    private func kind(of record: Record) -> RecordKind? {
        let name = record.name.description
        guard record.type == .txt else { return nil }
        if name.hasPrefix("_dmarc.") { return .dmarc }
        if name.hasPrefix("default._bimi.") { return .bimi }
        // Not a policy: "v=DMARC1" alone is enough (RFC 9990 §4).
        if name.contains("._report._dmarc.") { return nil }
        if name.hasPrefix("_mta-sts.") { return .mtastsTXT }
        if name.hasPrefix("_smtp._tls.") { return .tlsrpt }
        return name.contains("._domainkey.") ? .dkimKey : .spf
    }

    /// Checks whose remedy needs more than records, or another's doing: their step says the commands.
    private static let byHand: Set<String> = [
        "dkim.no-keys", "dkim.selector-missing", "dkim.syntax", "dkim.weak-key", "dkim.short-key", "dkim.multiple",
        "dkim.revoked", "dkim.old-key", "dkim.ed25519-alone", "mta-sts.mx-not-named",
    ]

    @Test("on the pages' examples makes the findings go away, and every record passes its own check")
    func pages() async throws {
        var mended: [String: Int] = [:]
        for example in try await PageReports.all.value where example.expectation == .fires {
            guard let text = example.zone, example.report.target.domain != nil else { continue }
            let plan = FixPlan(example.report)
            for record in plan.changes.flatMap(\.add) {
                guard let kind = kind(of: record), case .txt(let text) = record.data else { continue }
                let check = kind.check(text.joined)
                #expect(check.isValid && !check.problems.contains(where: \.isError), "\(example.place): \(record)")
                #expect(text.strings.allSatisfy { $0.count <= 255 })
                #expect(try Zone(record.description + "\n").records == [record], "\(record)")
            }
            for file in plan.steps.flatMap(\.files) {
                #expect(RecordKind.mtastsPolicy.check(Array(file.text.utf8)).isValid, "\(example.place)")
            }
            #expect(SchemaDocument.fix.problems(in: FixRendering.json(plan)) == [], "\(example.place)")
            let promised = Set(plan.steps.filter { !$0.changes.isEmpty }.flatMap(\.checks)).subtracting(Self.byHand)
            guard promised.contains(example.check) else { continue }
            let after = try await PageReports.report(
                on: text, meeting: example.delivery, in: published(plan, in: text.text))
            let still = after.findings.filter { promised.contains($0.check.identifier) }
            #expect(still.isEmpty, "\(example.place): \(still.map(\.summary)) \(plan.changes)")
            #expect(
                !after.unknown.contains {
                    promised.contains($0.check.identifier) && $0.failure.cause != .offline
                        && !example.report.unknown.contains($0)
                }, "\(example.place)")
            mended[example.check, default: 0] += 1
        }
        #expect(mended.count >= 34, "\(mended.keys.sorted())")
    }

    private func plan(_ zone: String) async throws -> FixPlan {
        FixPlan(
            try await PageReports.report(on: .init(domain: "example.org", selectors: [], text: zone)))
    }

    @Test("Nothing to mend is nothing to publish; what could not be told neither")
    func quiet() async throws {
        let unknown = try await plan(
            "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\nexample.org. TXT !timeout\n_dmarc.example.org. TXT !servfail\n"
        )
        let names = unknown.changes.flatMap(\.add).map(\.name.description)
        #expect(!names.contains("example.org") && !names.contains("_dmarc.example.org"))
    }

    @Test("Reports come before policies, watching before acting, and waiting in between")
    func order() async throws {
        let plan = try await plan("example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n")
        #expect(plan.steps.map(\.stage) == plan.steps.map(\.stage).sorted())
        let policies = plan.changes.flatMap(\.add).filter { $0.name.description == "_dmarc.example.org" }.map(
            \.description)
        #expect(policies.count == 3)
        for (policy, text) in zip(["p=none; ", "p=quarantine; ", "p=reject; "], policies) {
            #expect(text.contains(policy))
        }
        #expect(plan.steps.filter { $0.stage >= .tighten }.allSatisfy { $0.wait != nil })
        let reports = plan.steps.firstIndex { $0.checks.contains("tls-rpt.exists") }
        let sts = plan.steps.firstIndex { $0.checks.contains("mta-sts.exists") }
        #expect((reports ?? 99) < (sts ?? 0))
        // A key is never made up.
        #expect(!plan.changes.flatMap(\.add).contains { $0.name.description.contains("_domainkey") })
        let missing = FixPlan(
            try await PageReports.report(
                on: .init(
                    domain: "example.org", selectors: ["s1"],
                    text: "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n")))
        #expect(missing.steps.contains { $0.commands.contains { $0.contains("opendkim-genkey -b 2048") } })
        #expect(!missing.changes.flatMap(\.add).contains { $0.name.description.contains("_domainkey") })
    }

    @Test("A long TTL is lowered first, and two SPF records become one that lets nobody out")
    func details() async throws {
        let plan = try await plan(
            """
            example.org. 86400 MX 10 mx.example.org.
            mx.example.org. A 192.0.2.1
            example.org. 86400 TXT "v=spf1 mx ip4:192.0.2.0/24 -all"
            example.org. 86400 TXT "v=spf1 include:a.example.net ~all"
            example.org. 86400 TXT "verification=\\"a\\""
            a.example.net. TXT "v=spf1 -all"

            """)
        #expect(plan.steps.first?.stage == .prepare)
        #expect(plan.steps.first?.changes.flatMap(\.add).allSatisfy { $0.ttl == 300 } == true)
        let spf = plan.steps.first { $0.checks.contains("spf.multiple") }?.changes.first
        #expect(spf?.add.map(\.data.description) == ["\"v=spf1 mx ip4:192.0.2.0/24 include:a.example.net ~all\""])
        #expect(spf?.remove.count == 2)
    }

    @Test("MX records name hosts that are there, each once, and long records break between words")
    func hosts() async throws {
        let includes = (1...12).map { "include:a-name-of-some-length-\($0).example.net" }.joined(separator: " ")
        let pieces = includes.split(separator: " ").map { "\"\($0) \"" }.joined(separator: " ")
        let plan = try await plan(
            """
            example.org. MX 10 alias.example.org.
            example.org. MX 20 gone.example.org.
            example.org. MX 30 mx.example.org.
            alias.example.org. CNAME mx.example.org.
            mx.example.org. A 192.0.2.1
            example.org. TXT "v=spf1 ip4:192.0.2.1 " \(pieces) " ?all"

            """)
        let added = plan.changes.flatMap(\.add)
        #expect(added.filter { $0.type == .mx }.map(\.data.description) == ["10 mx.example.org."])
        guard case .txt(let text)? = added.first(where: { $0.description.contains("v=spf1") })?.data else {
            Issue.record("no SPF record")
            return
        }
        #expect(text.strings.count > 1 && text.strings.dropLast().allSatisfy { $0.last == 32 })
        #expect(text.text.hasPrefix("v=spf1 ip4:192.0.2.1 \(includes) ~all"))
    }

    @Test("Who gets the reports of another says so in its own zone, below the name of the domain that they are of")
    func reportPermission() async throws {
        let plan = try await plan(
            """
            example.org. MX 10 mx.example.org.
            mx.example.org. A 192.0.2.1
            _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.net,mailto:e@example.com"
            example.net. MX 10 mx.example.net.
            example.com. MX 10 mx.example.net.
            example.org._report._dmarc.example.com. TXT "v=DMARC1"

            """)
        let step = try #require(plan.steps.first { $0.checks.contains("dmarc.external-reports") })
        #expect(step.stage == .repair && step.changes.count == 1)
        #expect(step.changes[0].whose == "whoever runs example.net")
        #expect(
            step.changes[0].add.map(\.description) == [
                "example.org._report._dmarc.example.net. 3600 IN TXT \"v=DMARC1\""
            ])
        // Who takes no mail gets no reports, whatever is published.
        let deaf = try await self.plan(
            """
            example.org. MX 10 mx.example.org.
            _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"
            example.net. MX 0 .

            """)
        #expect(!deaf.steps.contains { $0.checks.contains("dmarc.external-reports") })
        #expect(deaf.left.contains { $0.check.identifier == "dmarc.external-reports" })
    }

    @Test(
        "A BIMI record becomes what was meant, where that is known",
        arguments: [
            (
                ["v=bimi1; l=https://example.org/l.svg; a=https://example.org/m.pem"],
                "v=BIMI1; l=https://example.org/l.svg; a=https://example.org/m.pem"
            ),
            (
                ["v=BIMI1; l=https://a.example/l.svg; avp=brand", "v=BIMI1;l=https://a.example/l.svg;avp=brand"],
                "v=BIMI1; l=https://a.example/l.svg; avp=brand"
            ),
            (["v=BIMI1; l=http://example.org/l.svg"], nil), (["v=bimi1; l="], nil),
            (["v=BIMI1; l=https://a.example/1.svg", "v=BIMI1; l=https://a.example/2.svg"], nil),
            (["v=bimi1; l=https://a.example/1.svg; a=http://a.example/m.pem"], nil),
        ] as [([String], String?)])
    func logo(texts: [String], expected: String?) async throws {
        let records = texts.map { "default._bimi.example.org. TXT \"\($0)\"\n" }.joined()
        let plan = try await plan(
            "example.org. MX 10 mx.example.org.\n_dmarc.example.org. TXT \"v=DMARC1; p=reject\"\n" + records)
        let change = plan.steps.first { $0.checks.contains("bimi.record") }?.changes.first
        #expect(change?.add.map(\.data.description) == expected.map { ["\"\($0)\""] })
        #expect(change == nil || change?.remove.count == texts.count)
    }

    @Test(
        "CAA records come to name the authority that the certificates are from",
        arguments: [
            (["0 issue \"digicert.com\""], ["0 issue \"digicert.com\"", "0 issue \"letsencrypt.org\""]),
            (
                ["0 issue \";\"", "0 iodef \"a@example.org\""],
                ["0 iodef \"mailto:a@example.org\"", "0 issue \"letsencrypt.org\""]
            ),
            (["0 issue \"Let's Encrypt\""], ["0 issue \"letsencrypt.org\""]), (["128 future \"x\""], nil),
            (["0 issue \"letsencrypt.org\""], nil),
        ] as [([String], [String]?)])
    func authorities(now: [String], expected: [String]?) async throws {
        let zone = "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.25\n"
        let records = now.map { "example.org. CAA \($0)\n" }.joined()
        let delivery = try #require(
            CheckPage.Example.Delivery(["mx.example.org": "good", "issuer": "Let's_Encrypt"], text: ""))
        let plan = FixPlan(
            try await PageReports.report(
                on: .init(domain: "example.org", selectors: [], text: zone + records), meeting: delivery))
        let change = plan.steps.first { $0.checks.contains("caa.issuer") }?.changes.first
        #expect(change?.add.map(\.data.description).sorted() == expected)
    }

    @Test("In words, for tickets and for programs", arguments: [80, 160])
    func rendered(width: Int) async throws {
        let plan = try await plan(
            "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 mx +all\"\n")
        try Snapshot.check(FixRendering.text([plan], Look(width: width)), "fix-\(width).txt")
        try Snapshot.check(FixRendering.markdown([plan]), "fix.markdown")
        try Snapshot.check(JSONWriter.text(FixRendering.json(plan), .indented) + "\n", "fix.json")
    }
}
