import DNS
import Testing

@testable import Networking

/// The engine's tables beside the standard library's.
@Suite struct EngineTablesTests {
    @Test func `a table of questions finds what a dictionary finds`() {
        var table = QuestionTable()
        var model: [UInt64: Int] = [:]
        var free = Array(0..<500)
        for step in 0..<50_000 {
            // Few hashes, so that they collide and their runs meet.
            let hash = UInt64.random(in: 0..<300) * (step % 2 == 0 ? 1 : 64)
            if let slot = model[hash] {
                #expect(table.find(hash) { $0 == slot } == slot)
                table.remove(hash, slot)
                model[hash] = nil
                free.append(slot)
            } else if let slot = free.popLast() {
                #expect(table.find(hash) { _ in true } == nil)
                table.insert(hash, slot)
                model[hash] = slot
            }
            #expect(table.count == model.count)
        }
        for (hash, slot) in model { #expect(table.find(hash) { $0 == slot } == slot) }
    }

    @Test func `a table of ids finds what a dictionary finds`() {
        var table = PendingTable()
        var model: [[UInt16]: Int] = [:]
        for step in 0..<50_000 {
            let socket = UInt16.random(in: 0..<20), id = UInt16.random(in: 0..<200) &* 257
            if model.removeValue(forKey: [socket, id]) != nil {
                table.remove(Int32(socket), id)
            } else {
                table.insert(Int32(socket), id, step)
                model[[socket, id]] = step
            }
            #expect(table.slot(Int32(socket), id) == model[[socket, id]])
        }
        #expect(table.count == model.count)
        for (key, slot) in model { #expect(table.slot(Int32(key[0]), key[1]) == slot) }
        for socket in 0..<20 {
            let expected = model.keys.filter { $0[0] == UInt16(socket) }.map { $0[1] }.sorted()
            #expect(table.ids(at: Int32(socket)).sorted() == expected)
        }
    }

    @Test func `nothing is due early, everything within two ticks, whatever was moved or cancelled`() {
        var now: Int64 = 5_000_000_000
        var wheel = TimerWheel(now: now)
        wheel.grow(to: 1000)
        var due: [Int: Int64] = [:]
        var fired: [Int32] = []
        let tick: Int64 = 1 << 23
        for step in 0..<4000 {
            for _ in 0..<5 {
                let slot = Int.random(in: 0..<1000)
                if Int.random(in: 0..<4) == 0 {
                    wheel.cancel(slot)
                    due[slot] = nil
                } else {
                    // Up to three rounds of the ring away.
                    let moment = now + Int64.random(in: 0...26_000_000_000)
                    wheel.set(slot, due: moment)
                    due[slot] = moment
                }
            }
            now += step % 500 == 499 ? 10_000_000_000 : Int64.random(in: 0...20_000_000)
            #expect(due.isEmpty || wheel.nextLook <= (due.values.min() ?? 0) + 2 * tick)
            fired.removeAll()
            wheel.takeDue(at: now, into: &fired)
            for slot in fired.map(Int.init) {
                let moment = due.removeValue(forKey: slot)
                #expect(moment != nil && (moment ?? 0) <= now)
            }
            #expect(due.values.allSatisfy { $0 > now - 2 * tick })
        }
        for slot in due.keys { wheel.cancel(slot) }
        #expect(wheel.nextLook == .max)
    }

    @Test func `an allowance lets go what it says`() {
        var allowance = Allowance(perSecond: 1000, now: 0)
        var now: Int64 = 0, sent = 0
        while now < 2_000_000_000 {
            let next = allowance.next(at: now)
            if next <= now {
                allowance.take()
                sent += 1
            } else {
                now = next
            }
        }
        #expect((2000...2060).contains(sent))
        var unlimited = Allowance(perSecond: nil, now: 0)
        for _ in 0..<1000 { unlimited.take() }
        #expect(unlimited.next(at: 0) == 0)
    }
}
