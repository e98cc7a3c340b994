import DNS
import Synchronization
import Testing

@testable import Networking

@Suite("How many connections to one address")
struct PacingTests {
    @Test("at once, then whoever comes next waits for one to end")
    func atOnce() {
        var pacing = Pacing<String>(atOnce: 2, aMinute: 100)
        #expect(pacing.decide("a", at: 0) == .now)
        #expect(pacing.decide("a", at: 0) == .now)
        #expect(pacing.decide("a", at: 0) == .whenOneEnds)
        #expect(pacing.decide("b", at: 0) == .now)
        pacing.end("a")
        #expect(pacing.decide("a", at: 0) == .now)
        #expect(pacing.open(to: "a") == 2)
    }

    @Test("a minute, however short each of them is, in any sixty seconds")
    func aMinute() {
        var pacing = Pacing<String>(atOnce: 1, aMinute: 3)
        for moment in [0.0, 10, 20] {
            #expect(pacing.decide("a", at: moment) == .now)
            pacing.end("a")
        }
        #expect(pacing.decide("a", at: 30) == .at(60))
        #expect(pacing.decide("a", at: 59.9) == .at(60))
        #expect(pacing.decide("a", at: 60) == .now)
        pacing.end("a")
        #expect(pacing.decide("a", at: 61) == .at(70))
        #expect(pacing.decide("b", at: 61) == .now)
        #expect(pacing.decide("a", at: 61, isFree: true) == .now)
    }

    @Test("whatever the course of things, never more than the bounds", arguments: 0..<20)
    func always(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var pacing = Pacing<Int>(atOnce: 3, aMinute: 7)
        var now = 0.0, begun: [Int: [Double]] = [:], open: [Int: Int] = [:]
        for _ in 0..<2_000 {
            now += Double(next(300)) / 50
            let key = next(4)
            if next(3) == 0, open[key, default: 0] > 0 {
                pacing.end(key)
                open[key, default: 0] -= 1
            } else if pacing.decide(key, at: now) == .now {
                begun[key, default: []].append(now)
                open[key, default: 0] += 1
            }
            #expect(open[key, default: 0] <= 3)
            #expect(begun[key, default: []].count { $0 > now - 60 } <= 7)
        }
        #expect(begun.values.allSatisfy { $0.count > 20 })
    }

    @Test("Ends without beginnings, and bounds of nothing, harm nobody")
    func odd() {
        var pacing = Pacing<String>(atOnce: 0, aMinute: -5)
        pacing.end("a")
        #expect(pacing.decide("a", at: 0) == .now)
        #expect(pacing.decide("a", at: 0) == .whenOneEnds)
        pacing.end("a")
        pacing.end("a")
        #expect(pacing.decide("a", at: 1) == .at(60))
    }

    @Test("Who waits is let in when another leaves, and not after the deadline")
    func waiting() async throws {
        let manners = Manners(atOnce: 1, aMinute: 100)
        let address = try #require(IPAddress("192.0.2.1"))
        let leave = try await manners.admit(address, port: 25, by: .after(seconds: 60))
        let error = await #expect(throws: WireError.self) {
            try await manners.admit(address, port: 143, by: .after(seconds: 0.1))
        }
        #expect(error == .heldBack)
        let second = Task { try await manners.admit(address, port: 25, by: .after(seconds: 60)) }
        try await Task.sleep(for: .milliseconds(50))
        leave()
        let leaveToo = try await second.value
        leaveToo()
        let third = Task { try await manners.admit(address, port: 25, by: .never)() }
        try await third.value
    }

    @Test("The minute is the clock's: a hand turns it")
    func handTurned() async throws {
        let time = Mutex(0.0)
        let manners = Manners(atOnce: 9, aMinute: 2) { time.withLock { $0 } }
        let address = try #require(IPAddress("2001:db8::1"))
        for _ in 0..<2 { try await manners.admit(address, port: 25, by: .never)() }
        await #expect(throws: WireError.heldBack) {
            try await manners.admit(address, port: 25, by: .after(seconds: 0.05))()
        }
        time.withLock { $0 = 60 }
        try await manners.admit(address, port: 25, by: .after(seconds: 30))()
    }

    @Test("On loopback each port is a server of its own, and no minute counts")
    func loopbackIsFree() async throws {
        let manners = Manners(atOnce: 1, aMinute: 1)
        let one = try await manners.admit(loopback, port: 1, by: .after(seconds: 30))
        let two = try await manners.admit(loopback, port: 2, by: .after(seconds: 30))
        one()
        two()
        try await manners.admit(loopback, port: 1, by: .after(seconds: 30))()
    }

    /// How many are inside, and how many there were at most.
    private final class Meter: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var most: Int { state.withLock { $0.most } }
        func enter() {
            state.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }
        func leave() { state.withLock { $0.now -= 1 } }
    }

    @Test("A network with manners has no more connections open than they allow")
    func connections() async throws {
        let meter = Meter()
        try await Peer.saying("hello\r\n").serving { port in
            let network = Network(manners: Manners(atOnce: 2, aMinute: 1))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try? await network.dialling(port) { connection in
                            meter.enter()
                            _ = try await connection.readLine(limit: 100)
                            try await Task.sleep(for: .milliseconds(20))
                            meter.leave()
                        }
                    }
                }
            }
        }
        #expect((1...2).contains(meter.most))
    }
}
