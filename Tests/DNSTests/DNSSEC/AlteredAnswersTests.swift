import Testing

@testable import DNS

@Suite("Altered answers") struct AlteredAnswersTests {
    struct Chance: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    @Test(
        "Whatever octets are changed, what is secure says what the zone says, and nothing crashes",
        arguments: [
            ("example", RecordType.mx, false), ("no.example", .a, false), ("a.b.wild.example", .a, false),
            ("mx.example", .txt, true), ("no.example", .a, true), ("mx.tree.example", .a, false),
        ])
    func altered(name: String, type: RecordType, isHashed: Bool) async throws {
        let tree = try SignedTree(isHashed ? .nsec3(optOut: false, iterations: 1, salt: [7]) : .nsec)
        let question = Question(try DomainName(name), type, signatures: true)
        // Below the anchor of the zone itself, so that each round costs little.
        let anchors = TestSigner(try DomainName("example")).anchors.with(TestSigner(try DomainName("other")).anchors)
        var known = Knowledge()
        while true {
            let result = DNSSEC.validate(question, in: &known, anchors: anchors, at: 1_800_000_000)
            if known.wanted.isEmpty {
                #expect(result.security == .secure, "\(result)")
                break
            }
            for question in known.wanted { known.learn(question, tree.zone.lookUp(question)) }
        }
        let truth = try tree.zone.lookUp(question).get()
        let query = Message(asking: question, id: 7)
        let octets = try #require(tree.zone.message(answering: query)).encoded()
        var chance = Chance(state: UInt64(name.utf8.count) &* 977 &+ (isHashed ? 1 : 0))
        var secure = 0, bogus = 0
        for round in 0..<1_700 {
            if round.isMultiple(of: 20) { await Task.yield() }
            var changed = octets
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                let place = Int.random(in: 2..<changed.count, using: &chance)
                changed[place] =
                    round.isMultiple(of: 3)
                    ? changed[place] ^ (1 << UInt8(round / 3 % 8)) : UInt8.random(in: 0...255, using: &chance)
            }
            guard let message = try? Message(parsing: changed),
                case .answer(let answer) = message.interpreted(as: question)
            else { continue }
            var knowledge = known
            knowledge.learn(question, .success(answer))
            let result = DNSSEC.validate(question, in: &knowledge, anchors: anchors, at: 1_800_000_000)
            switch result.security {
            case .secure:
                secure += 1
                #expect(answer.kind == truth.kind)
                #expect(Set(answer.records.map(\.data.canonicalWire)) == Set(truth.records.map(\.data.canonicalWire)))
            case .bogus: bogus += 1
            case .insecure: Issue.record("altered, and insecure: \(result.note ?? "")")
            case .indeterminate: break
            }
        }
        #expect(bogus > 100)
    }

    @Test("Records of a proof shuffled, doubled and taken away never make another answer secure")
    func rearranged() async throws {
        let tree = try SignedTree()
        let anchors = TestSigner(try DomainName("example")).anchors
        var chance = Chance(state: 5)
        let names = ["example", "no.example", "mx.example", "x.wild.example", "er.example", "zz.example"]
        var known = Knowledge()
        for name in names {
            for type in [RecordType.mx, .a] {
                let question = Question(try DomainName(name), type, signatures: true)
                _ = DNSSEC.validate(question, in: &known, anchors: anchors, at: 1_800_000_000)
                for question in known.wanted { known.learn(question, tree.zone.lookUp(question)) }
                _ = DNSSEC.validate(question, in: &known, anchors: anchors, at: 1_800_000_000)
                for question in known.wanted { known.learn(question, tree.zone.lookUp(question)) }
            }
        }
        // Everything the zone ever signed, at an attacker's hand.
        let all = tree.zone.records.filter { $0.name.isWithin(anchors.records.keys.first ?? .root) }
        for round in 0..<400 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let question = Question(
                try DomainName(names.randomElement(using: &chance) ?? "example"),
                [RecordType.mx, .a].randomElement(using: &chance) ?? .mx, signatures: true)
            let truth = try tree.zone.lookUp(question).get()
            let kind: Answer.Kind = [.noData, .noSuchName].randomElement(using: &chance) ?? .noData
            let nsecs = all.filter { record in
                if case .rrsig(let rrsig) = record.data { return rrsig.typeCovered == .nsec }
                return record.type == .nsec
            }.shuffled(using: &chance).prefix(60)
            var knowledge = known
            knowledge.learn(
                question,
                .success(Answer(kind, proof: Answer.Proof(answers: [], authority: Array(nsecs)))))
            let result = DNSSEC.validate(question, in: &knowledge, anchors: anchors, at: 1_800_000_000)
            if result.security == .secure { #expect(truth.kind == kind, "\(question)") }
        }
    }
}

extension TrustAnchors {
    fileprivate func with(_ other: TrustAnchors) -> TrustAnchors {
        TrustAnchors(
            (records.map { $0 } + other.records.map { $0 }).flatMap { name, all in all.map { Record(name, $0) } })
    }
}
