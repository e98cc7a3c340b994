import DNS
import Judgement
import Mail
import Testing

@Suite("Self-test: what is concluded of this machine")
struct SelfTestTests {
    private static let zone = try? DomainName("com")

    private func answer(_ kind: Answer.Kind, _ records: String = "", authenticated: Bool = false) throws -> Outcome {
        .success(
            Answer(
                kind, records: try Zone(records).records, ttl: 60, authenticated: authenticated, server: "192.0.2.53:53"
            ))
    }

    @Test("a resolver that does not answer cannot be used; offline nothing is told of it")
    func reach() throws {
        #expect(SelfTest.reach(try answer(.records)).state == .ok)
        for reason in [Unanswered.Reason.timedOut, .servfail, .refused, .malformed, .unreachable] {
            let line = SelfTest.reach(.failure(Unanswered(reason)))
            #expect(line.state == .cannot && !line.means.isEmpty && !line.remedy.isEmpty, "\(reason)")
        }
        #expect(SelfTest.reach(.failure(Unanswered(.offline))).state == .unknown)
    }

    @Test("a resolver that has an address for an invented name makes up answers; a wildcard without one tells nothing")
    func truth() throws {
        let zone = try DomainName("com")
        #expect(SelfTest.truth(try answer(.noSuchName), below: zone).state == .ok)
        #expect(SelfTest.truth(try answer(.noData), below: zone).state == .unknown)
        #expect(SelfTest.truth(.failure(Unanswered(.timedOut)), below: zone).state == .unknown)
        let lie = SelfTest.truth(try answer(.records, "x.com. A 192.0.2.99\n"), below: zone)
        #expect(lie.state == .cannot && lie.summary.contains("192.0.2.99") && !lie.remedy.isEmpty)
    }

    @Test(
        "whether the resolver validates is what it says; what it means depends on our own validation",
        arguments: [
            (true, Security.secure, SelfTest.State.ok, ""), (true, .bogus("x"), .ok, ""),
            (false, .secure, .cannot, "our own validation"), (false, .insecure, .cannot, "TLSA"),
        ])
    func validation(authenticated: Bool, own: Security, state: SelfTest.State, means: String) throws {
        let line = SelfTest.validation(try answer(.records, authenticated: authenticated), own)
        #expect(line.state == state)
        #expect(means.isEmpty ? line.means.isEmpty : line.means.contains(means))
        #expect(SelfTest.validation(.failure(Unanswered(.timedOut)), own).state == .unknown)
    }

    @Test("without a signature neither EDNS nor the clock is told of")
    func unsigned() throws {
        let bare = try answer(.records, ". SOA a. b. 1 2 3 4 5\n")
        #expect(SelfTest.signatures(bare).state == .unknown)
        #expect(SelfTest.clock(bare, Timestamp(1.8e9)).state == .unknown)
        #expect(SelfTest.clock(.failure(Unanswered(.timedOut)), Timestamp(1.8e9)).state == .unknown)
        guard case .success(var stripped) = bare else { return }
        stripped.proof = .init(answers: stripped.records, authority: [])
        #expect(SelfTest.signatures(.success(stripped)).state == .cannot)
    }

    @Test(
        "the clock has to stand within the validity of the root's signature",
        arguments: [
            (1_799_999_999.0, SelfTest.State.cannot, "behind"), (1_800_000_000, .ok, ""), (1_800_500_000, .ok, ""),
            (1_801_000_001, .cannot, "ahead"),
        ])
    func clock(now: Double, state: SelfTest.State, word: String) {
        let signature = RRSIG(
            typeCovered: .soa, algorithm: 8, labels: 0, originalTTL: 86_400, expiration: 1_801_000_000,
            inception: 1_800_000_000, keyTag: 1, signer: .root, signature: [])
        let record = Record(.root, ttl: 60, .rrsig(signature))
        let proof = Answer.Proof(answers: [record], authority: [])
        let line = SelfTest.clock(.success(Answer(.records, ttl: 60, proof: proof)), Timestamp(now))
        #expect(line.state == state && line.summary.contains(word))
        #expect(SelfTest.signatures(.success(Answer(.records, ttl: 60, proof: proof))).state == .ok)
    }

    @Test("one host that is reached shows that port 25 is open; only what was tried shows that it is not")
    func port25() {
        func state(_ results: SelfTest.Attempt...) -> SelfTest.State {
            SelfTest.port25(results.map { ("mx.example.org:25", $0) }).state
        }
        #expect(state(.failed("refused"), .reached) == .ok)
        #expect(state(.failed("refused"), .failed("timed out")) == .cannot)
        #expect(state(.failed("refused"), .withoutAddress) == .cannot)
        #expect(state(.withoutAddress, .withoutAddress) == .unknown)
        #expect(state(.offline) == .unknown)
        #expect(state() == .unknown)
    }

    @Test("ways out, roots and suffixes")
    func others() {
        #expect(SelfTest.ipv6(hasRoute: true).state == .ok)
        #expect(SelfTest.ipv6(hasRoute: false).state == .cannot)
        #expect(SelfTest.ipv6(hasRoute: nil).state == .unknown)
        #expect(SelfTest.overTCP(true).state == .ok)
        #expect(SelfTest.overTCP(false).state == .cannot)
        #expect(SelfTest.overTCP(nil).state == .unknown)
        #expect(SelfTest.roots(140, problem: nil).state == .ok)
        #expect(SelfTest.roots(0, problem: "no such file").summary.contains("no such file"))
        #expect(SelfTest.publicSuffixes(areThere: true).state == .ok)
        #expect(SelfTest.publicSuffixes(areThere: false).state == .cannot)
    }

    @Test(
        "a list is told of as an audit sees it: by its self-test",
        arguments: [
            ("2.0.0.127.bl.example. A 127.0.0.2\n", SelfTest.State.ok),
            ("x.bl.example. A 127.0.0.2\n", .cannot),
            ("*.bl.example. A 127.0.0.2\n", .cannot),
            ("2.0.0.127.bl.example. A 127.255.255.254\n", .cannot),
            ("bl.example. !timeout\n*.bl.example. !timeout\n", .unknown),
        ])
    func lists(zone: String, state: SelfTest.State) async throws {
        let list = try #require(BlockList("bl.example"))
        let health = await inWaves(of: try Zone(zone)) { dns in list.health(for: [.ipv4], asking: &dns) }.result
        let line = SelfTest.blockList(list, health)
        #expect(line.state == state, "\(line)")
        #expect(line.summary.contains("bl.example"))
    }
}
