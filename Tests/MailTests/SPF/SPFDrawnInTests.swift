import DNS
import Testing

@testable import Mail

@Suite("Records that were drawn in before") struct SPFDrawnInTests {
    private func analysed(_ domain: DomainName, _ world: SPFWorld, _ shared: SPFDrawnIn?) -> (SPFAnalysis, asked: Int) {
        var known = Knowledge()
        var analysis = SPFAnalysis.analyse(domain, sharing: shared, asking: &known)
        for _ in 0..<40 where !known.wanted.isEmpty {
            for question in known.wanted {
                known.learn(
                    question,
                    world.outcome(question).map { answer in
                        var answer = answer
                        answer.ttl = 60
                        return answer
                    })
            }
            analysis = SPFAnalysis.analyse(domain, sharing: shared, asking: &known)
        }
        return (analysis, known.outcomes.count)
    }

    private func names(_ node: SPFAnalysis.Node) -> [DomainName] { [node.domain] + node.children.flatMap(names) }

    @Test("Taking what was drawn in before changes nothing, in worlds nobody made, in any order")
    func sameAsAlone() async {
        var dice = Dice(2_311)
        var saved = 0
        for round in 0..<100 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let world = SPFWorld(&dice)
            guard let domain = world.evaluation.domain else { continue }
            let tree = world.settled { SPFAnalysis.analyse(domain, asking: &$0) }
            let shared = SPFDrawnIn(SharedParts(places: 64), now: 0)
            for name in names(tree.root).prefix(12) + names(tree.root).prefix(12).reversed() {
                let alone = analysed(name, world, nil), together = analysed(name, world, shared)
                #expect(alone.0 == together.0, "\(name) in round \(round)")
                #expect(together.asked <= alone.asked)
                saved += alone.asked - together.asked
            }
        }
        #expect(saved > 0)
    }

    @Test("A provider's tree is looked at once, and again when its records may have changed")
    func onceForAll() async throws {
        let zone = try Zone(
            """
            a.example. 3600 TXT "v=spf1 include:_spf.p.example -all"
            b.example. 3600 TXT "v=spf1 a include:_spf.p.example ~all"
            b.example. 3600 A 192.0.2.1
            _spf.p.example. 300 TXT "v=spf1 include:_more.p.example ~all"
            _more.p.example. 7 TXT "v=spf1 ip4:192.0.2.0/24 ~all"
            """)
        let parts = SharedParts<SPFDrawnIn.Drawn>(places: 64)
        func asked(_ name: String, at now: Int64) async throws -> (Set<Question>, SPFAnalysis) {
            let domain = try DomainName(name)
            let (analysis, known) = await inWaves(of: zone) { dns in
                SPFAnalysis.analyse(domain, sharing: SPFDrawnIn(parts, now: now), asking: &dns)
            }
            return (Set(known.outcomes.keys), analysis)
        }
        let provider = Question(try DomainName("_spf.p.example"), .txt),
            more = Question(try DomainName("_more.p.example"), .txt)
        #expect(try await asked("a.example", at: 0).0.isSuperset(of: [provider, more]))
        let (second, analysis) = try await asked("b.example", at: 6_000_000_000)
        #expect(!second.contains(provider) && !second.contains(more))
        #expect(analysis.lookups == 3)
        #expect(analysis.answerSizes.map(\.domain.description) == ["b.example", "_spf.p.example", "_more.p.example"])
        #expect(try await asked("b.example", at: 7_000_000_000).0.isSuperset(of: [provider, more]))
    }
}
