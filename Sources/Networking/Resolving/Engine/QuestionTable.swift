/// Slot numbers by hash, open addressing: what stands in a slot, and whether it is the one looked for, is the owner's
/// to say. The hash is computed once a question and kept by the owner.
struct QuestionTable: ~Copyable {
    private struct Entry {
        /// A part of the hash: all that places are found by.
        var hash: UInt32
        /// -1: nothing stands here.
        var slot: Int32
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int
    private(set) var count = 0

    init() {
        entries = Self.empty(64)
        mask = 63
    }

    deinit { entries.deallocate() }

    private static func empty(_ count: Int) -> UnsafeMutablePointer<Entry> {
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count)
        entries.initialize(repeating: Entry(hash: 0, slot: -1), count: count)
        return entries
    }

    @inline(__always)
    func find(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        let hash = UInt32(truncatingIfNeeded: hash)
        var index = Int(hash) & mask
        while entries[index].slot >= 0 {
            if entries[index].hash == hash, matches(Int(entries[index].slot)) { return Int(entries[index].slot) }
            index = (index + 1) & mask
        }
        return nil
    }

    /// The caller has looked: it is not there yet.
    mutating func insert(_ hash: UInt64, _ slot: Int) {
        if (count + 1) * 2 > mask { grow() }
        place(Entry(hash: UInt32(truncatingIfNeeded: hash), slot: Int32(slot)))
        count += 1
    }

    mutating func remove(_ hash: UInt64, _ slot: Int) {
        var hole = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while entries[hole].slot != Int32(slot) {
            if entries[hole].slot < 0 { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        // What follows moves up, unless it would stand before its own place.
        var index = hole
        while true {
            index = (index + 1) & mask
            guard entries[index].slot >= 0 else { break }
            let home = Int(entries[index].hash) & mask
            if (index &- home) & mask >= (index &- hole) & mask {
                entries[hole] = entries[index]
                hole = index
            }
        }
        entries[hole].slot = -1
    }

    private mutating func place(_ entry: Entry) {
        var index = Int(entry.hash) & mask
        while entries[index].slot >= 0 { index = (index + 1) & mask }
        entries[index] = entry
    }

    private mutating func grow() {
        let old = entries
        let oldCount = mask + 1
        entries = Self.empty(oldCount * 2)
        mask = oldCount * 2 - 1
        for index in 0..<oldCount where old[index].slot >= 0 { place(old[index]) }
        old.deallocate()
    }
}
