/// When something is due, by slot number: one tick over a ring of lists in place of a timer each. Setting, moving and
/// cancelling are a few stores; nothing is allocated but when the number of slots grows. What is due later than one
/// round of the ring waits its rounds.
struct TimerWheel: ~Copyable {
    /// Nanoseconds of a tick as a power of two: 8.4 ms. Nothing fires early, and at most a tick late.
    private static let shift: Int64 = 23
    private static let buckets = 1024

    private struct Link {
        var next: Int32
        var previous: Int32
        /// Where it stands; -1: nowhere.
        var bucket: Int32
        var tick: Int64
    }

    private var links: UnsafeMutablePointer<Link>
    private var capacity: Int
    private let heads: UnsafeMutablePointer<Int32>
    /// A bit a bucket: whether anything stands there.
    private let occupied: UnsafeMutablePointer<UInt64>
    private var lastTick: Int64

    init(now: Int64) {
        links = .allocate(capacity: 1)
        capacity = 0
        heads = .allocate(capacity: Self.buckets)
        heads.initialize(repeating: -1, count: Self.buckets)
        occupied = .allocate(capacity: Self.buckets / 64)
        occupied.initialize(repeating: 0, count: Self.buckets / 64)
        lastTick = now >> Self.shift
    }

    deinit {
        links.deallocate()
        heads.deallocate()
        occupied.deallocate()
    }

    /// Makes room for slots below `count`.
    mutating func grow(to count: Int) {
        guard count > capacity else { return }
        let wider = UnsafeMutablePointer<Link>.allocate(capacity: count)
        wider.update(from: links, count: capacity)
        for slot in capacity..<count { wider[slot] = Link(next: -1, previous: -1, bucket: -1, tick: 0) }
        links.deallocate()
        links = wider
        capacity = count
    }

    /// Makes `slot` due at `due`, whatever it was before; `.max` is never.
    mutating func set(_ slot: Int, due: Int64) {
        if due == .max { return cancel(slot) }
        let tick = max((due >> Self.shift) + 1, lastTick + 1)
        if links[slot].bucket >= 0 {
            if links[slot].tick == tick { return }
            cancel(slot)
        }
        let bucket = Int(tick & Int64(Self.buckets - 1))
        let head = heads[bucket]
        links[slot] = Link(next: head, previous: -1, bucket: Int32(bucket), tick: tick)
        if head >= 0 { links[Int(head)].previous = Int32(slot) }
        heads[bucket] = Int32(slot)
        occupied[bucket >> 6] |= 1 << UInt64(bucket & 63)
    }

    mutating func cancel(_ slot: Int) {
        let link = links[slot]
        guard link.bucket >= 0 else { return }
        if link.previous >= 0 {
            links[Int(link.previous)].next = link.next
        } else {
            heads[Int(link.bucket)] = link.next
            if link.next < 0 { occupied[Int(link.bucket) >> 6] &= ~(1 << UInt64(link.bucket & 63)) }
        }
        if link.next >= 0 { links[Int(link.next)].previous = link.previous }
        links[slot].bucket = -1
    }

    /// Takes the slots that are due by `now` out and appends them to `slots`.
    mutating func takeDue(at now: Int64, into slots: inout [Int32]) {
        let tick = now >> Self.shift
        guard tick > lastTick else { return }
        // More than a round has gone by: each bucket once is enough.
        for passed in max(lastTick + 1, tick - Int64(Self.buckets) + 1)...tick {
            var slot = heads[Int(passed & Int64(Self.buckets - 1))]
            while slot >= 0 {
                let next = links[Int(slot)].next
                if links[Int(slot)].tick <= tick {
                    cancel(Int(slot))
                    slots.append(slot)
                }
                slot = next
            }
        }
        lastTick = tick
    }

    /// When to look again: not after the first that is due, perhaps before it. `.max` where nothing waits.
    var nextLook: Int64 {
        let start = lastTick + 1
        var bucket = Int(start & Int64(Self.buckets - 1))
        var seen = 0
        while seen < Self.buckets {
            let word = occupied[bucket >> 6] >> UInt64(bucket & 63)
            if word != 0 { return (start + Int64(seen + word.trailingZeroBitCount)) << Self.shift }
            let step = 64 - (bucket & 63)
            seen += step
            bucket = (bucket + step) & (Self.buckets - 1)
        }
        return .max
    }
}
