import Judgement
import Mail
import Testing

@testable import Probes

struct JudgedChainsTests {
    private func reading(_ from: Double, _ until: Double) -> CertificateReading {
        var reading = CertificateReading([0])
        reading.facts.notBefore = Timestamp(from)
        reading.facts.notAfter = Timestamp(until)
        return reading
    }

    private func trust() async -> Trust { await Trust([[1]], roots: .none(because: "none"), at: Timestamp(0)) }

    @Test(arguments: [
        (500.0, true), (501, true), (450, true), (401, true), (400, false), (399, false), (599, true), (600, false),
        (601, false), (0, false), (10_000, false),
    ])
    func `what was found out holds until a certificate's validity begins or ends`(
        _ moment: Double, _ holds: Bool
    ) async {
        let chains = JudgedChains()
        let chain: [[UInt8]] = [[1, 2], [3]]
        // A root ends at 400, the server's own certificate at 600.
        await chains.keep(
            chain, [reading(0, 600), reading(0, 5_000)], trust(), at: Timestamp(500), moments: [0, 100, 400, 7_000])
        #expect((chains.find(chain, at: Timestamp(moment)) != nil) == holds)
    }

    @Test func `on the very second of a change only that second is kept`() async {
        let chains = JudgedChains()
        await chains.keep([[1]], [reading(0, 600)], trust(), at: Timestamp(600), moments: [])
        #expect(chains.find([[1]], at: Timestamp(600)) != nil)
        #expect(chains.find([[1]], at: Timestamp(601)) == nil)
        #expect(chains.find([[1]], at: Timestamp(599)) == nil)
    }

    @Test func `another chain, another order and another cut are others; what is too long is not kept`() async {
        let chains = JudgedChains()
        await chains.keep([[1, 2], [3]], [reading(0, 9), reading(0, 9)], trust(), at: Timestamp(5), moments: [])
        for other: [[UInt8]] in [[[1], [2, 3]], [[3], [1, 2]], [[1, 2, 3]], [[1, 2]], [], [[1, 2], [3], []]] {
            #expect(chains.find(other, at: Timestamp(5)) == nil, "\(other)")
        }
        let long = [[UInt8](repeating: 7, count: 60_000)]
        await chains.keep(long, [reading(0, 9)], trust(), at: Timestamp(5), moments: [])
        #expect(chains.find(long, at: Timestamp(5)) == nil)
    }

    @Test func `no more than a bounded number is kept`() async {
        let chains = JudgedChains()
        for index in 0..<600 {
            await chains.keep(
                [[UInt8(index & 255), UInt8(index >> 8)]], [reading(0, 9)], trust(), at: Timestamp(5), moments: [])
        }
        // Bounded: of six hundred, the last hundred are there.
        #expect(chains.find([[0, 0]], at: Timestamp(5)) == nil)
        #expect(chains.find([[UInt8(599 & 255), UInt8(599 >> 8)]], at: Timestamp(5)) != nil)
    }
}
