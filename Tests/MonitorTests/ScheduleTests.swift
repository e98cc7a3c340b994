import Mail
import Monitor
import Testing

@Suite struct `The schedule` {
    /// All starts up to `end`, where each run takes `seconds`.
    private func starts(
        _ probes: [(name: String, intervalSeconds: Double)], until end: Double, step: Double = 0.1,
        taking seconds: Double = 0,
        maximumRunning: Int = 1_000
    ) -> (starts: [(name: String, at: Double, lag: Double)], skips: [Schedule.Skip], mostRunning: Int) {
        var schedule = Schedule(maximumRunning: maximumRunning)
        schedule.set(probes, at: Timestamp(1_000_000))
        var all: [(String, Double, Double)] = []
        var skips: [Schedule.Skip] = []
        var ends: [(name: String, at: Double)] = []
        var mostRunning = 0
        var now = 0.0
        while now <= end {
            for run in ends where run.at <= now { schedule.finish(run.name) }
            ends.removeAll { $0.at <= now }
            let (starts, skipped) = schedule.advance(to: Timestamp(1_000_000 + now))
            for start in starts {
                all.append((start.name, now, start.lag))
                ends.append((start.name, now + seconds))
            }
            skips += skipped
            mostRunning = max(mostRunning, schedule.running.count)
            now += step
        }
        return (all, skips, mostRunning)
    }

    private let hundred = (0..<100).map { (name: "probe\($0)", intervalSeconds: 300.0) }

    @Test func `runs every probe soon after the start, spread over half a minute`() {
        let (starts, _, _) = starts(hundred, until: 31)
        #expect(Set(starts.map(\.name)).count == 100)
        for second in stride(from: 0.0, to: 20, by: 1) {
            let now = starts.filter { $0.at >= second && $0.at < second + 1 }
            #expect(now.count <= 7)
        }
        #expect(self.starts([("only", 3_600)], until: 0).starts.map(\.name) == ["only"])
    }

    @Test func `runs each probe once an interval, in a place of its own`() {
        let (starts, skips, _) = starts(hundred, until: 3_000, step: 1)
        #expect(skips.isEmpty)
        for probe in hundred.map(\.name) {
            let times = starts.filter { $0.name == probe }.map(\.at).dropFirst()
            let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(gaps.allSatisfy { abs($0 - 300) <= 1 })
            #expect(times.count >= 8)
        }
        // Over an interval the probes are spread: no tenth of it has more than a quarter of them.
        let later = starts.filter { $0.at >= 600 && $0.at < 900 }
        for tenth in 0..<10 {
            let low = 600.0 + Double(tenth) * 30
            #expect(later.count { $0.at >= low && $0.at < low + 30 } <= 25)
        }
    }

    @Test func `gives a probe the same place after a restart`() {
        func second(startingAt start: Double) -> Double? {
            var schedule = Schedule(maximumRunning: 8)
            schedule.set([("a", 300)], at: Timestamp(start))
            _ = schedule.advance(to: Timestamp(start))
            return schedule.nextDue(of: "a")?.secondsSince1970
        }
        let one = second(startingAt: 1_000_000) ?? 0, other = second(startingAt: 1_000_137) ?? 0
        #expect(abs((one - other).remainder(dividingBy: 300)) < 0.001)
        #expect(one - 1_000_000 >= 150 && one - 1_000_000 <= 450)
    }

    @Test func `never lets a probe overlap itself, and counts what it left out`() {
        let (starts, skips, _) = starts([("slow", 10)], until: 100, taking: 25)
        for (one, next) in zip(starts, starts.dropFirst()) { #expect(next.at - one.at >= 25) }
        #expect(skips.count >= 5)
        #expect(skips.allSatisfy { $0.name == "slow" && $0.reason == .stillRunning })
    }

    @Test func `keeps to its number of places and tells how late a probe began`() {
        let many = (0..<20).map { (name: "p\($0)", intervalSeconds: 60.0) }
        let (starts, _, mostRunning) = starts(many, until: 60, taking: 5, maximumRunning: 2)
        #expect(mostRunning == 2)
        #expect(starts.map(\.lag).max() ?? 0 > 20)
        #expect(starts.first?.lag == 0)
        #expect(Set(starts.map(\.name)).count == 20)
    }

    @Test func `passes over a probe that found no place for an interval`() {
        let many = (0..<10).map { (name: "p\($0)", intervalSeconds: 10.0) }
        let (_, skips, mostRunning) = starts(many, until: 120, taking: 60, maximumRunning: 1)
        #expect(mostRunning == 1)
        #expect(skips.contains { $0.reason == .overload })
    }

    @Test func `does not make up for time that was slept through`() {
        var schedule = Schedule(maximumRunning: 8)
        schedule.set([("a", 60)], at: Timestamp(0))
        _ = schedule.advance(to: Timestamp(0))
        schedule.finish("a")
        let (starts, _) = schedule.advance(to: Timestamp(86_400))
        #expect(starts.count == 1)
        schedule.finish("a")
        #expect(schedule.advance(to: Timestamp(86_401)).starts.isEmpty)
    }

    @Test func `leaves unchanged probes where they are when it is set anew`() {
        var schedule = Schedule(maximumRunning: 8)
        schedule.set([("a", 300), ("b", 300)], at: Timestamp(0))
        _ = schedule.advance(to: Timestamp(1))
        let before = schedule.nextDue(of: "a")
        schedule.finish("a")
        schedule.set([("a", 300), ("c", 300)], at: Timestamp(10))
        #expect(schedule.nextDue(of: "a") == before)
        #expect(schedule.nextDue(of: "b") == nil)
        #expect(schedule.nextDue(of: "c") == Timestamp(10))
        // What still runs though it has left is not started twice when it comes back.
        schedule.set([("b", 300)], at: Timestamp(11))
        #expect(schedule.advance(to: Timestamp(11)).starts.isEmpty)
        #expect(schedule.running == ["b"])
    }
}
