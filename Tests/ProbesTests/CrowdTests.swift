import Synchronization
import Testing

@testable import Probes

@Suite("Many jobs, few at once")
struct CrowdTests {
    private final class Gauge: Sendable {
        let state = Mutex<(now: Int, most: Int, perKey: [Int: Int], mostPerKey: Int)>((0, 0, [:], 0))

        func enter(_ key: Int) {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
                $0.perKey[key, default: 0] += 1
                $0.mostPerKey = max($0.mostPerKey, $0.perKey[key] ?? 0)
            }
        }

        func leave(_ key: Int) {
            state.withLock {
                $0.now -= 1
                $0.perKey[key, default: 0] -= 1
            }
        }
    }

    @Test("Limits hold, results keep the order of the jobs", arguments: [(1, 1), (4, 2), (16, 2), (3, 9)])
    func limits(atOnce: Int, perKey: Int) async {
        let gauge = Gauge()
        let results = await crowd(Array(0..<60), atOnce: atOnce, perKey: perKey, key: { $0 % 3 }) { job in
            gauge.enter(job % 3)
            try? await Task.sleep(for: .milliseconds(job % 5))
            gauge.leave(job % 3)
            return job * 2
        }
        #expect(results == (0..<60).map { $0 * 2 })
        let (most, mostPerKey) = gauge.state.withLock { ($0.most, $0.mostPerKey) }
        #expect(most <= atOnce)
        #expect(mostPerKey <= perKey)
    }

    @Test("No jobs, no results")
    func none() async {
        let results = await crowd([Int](), atOnce: 4, perKey: 2, key: { $0 }) { $0 }
        #expect(results.isEmpty)
    }
}
