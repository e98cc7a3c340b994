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
        pace.isFull()
        for _ in 0..<500 { pace.answered(after: nanoseconds, started: 0) }
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
        #expect(pace.window == 692)
        let sent = sent(&pace, milliseconds: 200)
        #expect(sent.atOnce <= 128)
        // Ten round trips.
        let due = 13_840
        #expect(abs(sent.all - due) <= 130, "\(sent)")
    }

    @Test("Nearby, or where nothing is learnt, all that there is room for goes at once", arguments: [true, false])
    func atOnce(isNear: Bool) {
        var pace = isNear ? pace(after: 100_000) : pace(after: 20 * Self.millisecond, adapts: false)
        #expect(sent(&pace, milliseconds: 1).all == 10_000)
    }

    /// A path that holds so many queries, loses the rest, and loses `part` of all besides: how many queries of so many
    /// seconds were lost, and the window at the end.
    private func run(
        seconds: Int, holding room: Int, losing part: Double = 0, filled: Bool = true
    ) -> (lost: Double, window: Int) {
        var pace = Pace(settings())
        var lost = 0, all = 0
        var pauses: [(began: Int64, queries: Int)] = []
        let roundTrip = 4 * Self.millisecond
        for round in 0..<(seconds * 250) {
            let now = Int64(round) * roundTrip
            while let first = pauses.first, first.began + 100 * Self.millisecond <= now {
                for _ in 0..<first.queries { pace.lost(started: first.began, at: now) }
                pauses.removeFirst()
            }
            if filled { pace.isFull() }
            let sent = pace.window
            let strays = (0..<sent).count { _ in Double.random(in: 0..<1) < part }
            let answers = min(sent - strays, room)
            for index in 0..<answers {
                // The longer the queue, the later the answer.
                let late = Int64(index) * roundTrip / Int64(room)
                pace.answered(after: roundTrip / 4 + late * 3 / 4, started: now)
            }
            pauses.append((now, sent - answers))
            (all, lost) = (all + sent, lost + sent - answers)
        }
        return (Double(lost) / Double(all), pace.window)
    }

    @Test("A path that holds little is not overrun for long, whatever it loses besides", arguments: [0, 0.002])
    func narrow(part: Double) {
        let (lost, window) = run(seconds: 30, holding: 400, losing: part)
        #expect(lost < 0.03)
        #expect((250...480).contains(window))
    }

    @Test("A path that holds much is used, even where it loses a twentieth of everything", arguments: [0, 0.05])
    func wide(part: Double) {
        #expect(run(seconds: 30, holding: 100_000, losing: part).window > 1_500)
    }

    @Test("A window that nobody fills grows no wider")
    func unfilled() {
        #expect(run(seconds: 5, holding: 100_000, filled: false).window == 192)
    }

    @Test("From afar the window doubles with each round trip until something is lost")
    func far() {
        #expect(pace(after: 20 * Self.millisecond).window == 192 + 500)
        var near = pace(after: 100_000)
        #expect(near.window == 192)
        for _ in 0..<5_000 { near.answered(after: 20 * Self.millisecond, started: 0) }
        #expect(near.window < 1_000)
    }

    @Test("A pause is a tenth of a second at least, and no longer than was set")
    func pause() {
        #expect(pace(after: Self.millisecond).pause == 100 * Self.millisecond)
        let settings = settings()
        #expect(Pace(settings).pause == settings.pauseNanoseconds)
        #expect(pace(after: 30_000 * Self.millisecond).pause == settings.pauseNanoseconds)
    }
}
