import Testing

@testable import Networking

@Suite("How many questions go, and when")
struct PaceTests {
    private static let millisecond: Int64 = 1_000_000

    private func settings(adapts: Bool = true) -> NetworkResolver.Settings {
        var settings = NetworkResolver.Settings(servers: [])
        settings.adapts = adapts
        settings.maximumInFlight = 2_000
        return settings
    }

    /// A pace that has had many answers, each after so long.
    private func pace(after nanoseconds: Int64, adapts: Bool = true) -> Pace {
        var pace = Pace(settings(adapts: adapts))
        for _ in 0..<500 { pace.answered(after: nanoseconds) }
        return pace
    }

    /// How many go in so many milliseconds when more are always there, and the most of them in one moment.
    private func sent(_ pace: inout Pace, milliseconds: Int64) -> (all: Int, atOnce: Int) {
        var all = 0, most = 0
        var now = Int64(1_000_000_000)
        let end = now + milliseconds * Self.millisecond
        while now < end {
            var heap = 0
            while pace.next(at: now) <= now, heap < 10_000 {
                pace.took()
                heap += 1
            }
            (all, most) = (all + heap, max(most, heap))
            if heap == 10_000 { break }
            now = max(now + 1, pace.next(at: now))
        }
        return (all, most)
    }

    @Test("From afar no heap of questions goes at once, and still twice the window within one round trip")
    func spread() {
        var pace = pace(after: 20 * Self.millisecond)
        #expect(pace.window == 756)
        let sent = sent(&pace, milliseconds: 200)
        #expect(sent.atOnce <= 128)
        // Ten round trips.
        let due = 15_120
        #expect(abs(sent.all - due) <= 130, "\(sent)")
    }

    @Test("Nearby, or where nothing is learnt, all that there is room for goes at once", arguments: [true, false])
    func atOnce(isNear: Bool) {
        var pace = isNear ? pace(after: 100_000) : pace(after: 20 * Self.millisecond, adapts: false)
        #expect(sent(&pace, milliseconds: 1).all == 10_000)
    }

    @Test("What was lost narrows the window, to a floor; answers widen it, to a ceiling")
    func window() {
        var pace = Pace(settings())
        #expect(pace.window == 256)
        for _ in 0..<5_000 { pace.answered(after: Self.millisecond) }
        #expect(pace.window == 2_000)
        for _ in 0..<5_000 { pace.lost() }
        #expect(pace.window == 256)
        for _ in 0..<80 { pace.answered(after: Self.millisecond) }
        #expect(pace.window == 266)
    }

    @Test("A pause is a tenth of a second at least, and no longer than was set")
    func pause() {
        #expect(pace(after: Self.millisecond).pause == 100 * Self.millisecond)
        let settings = settings()
        #expect(Pace(settings).pause == settings.pauseNanoseconds)
        #expect(pace(after: 30_000 * Self.millisecond).pause == settings.pauseNanoseconds)
    }
}
