/// Which flight waits for the answer with an id at a socket. Ids are random, so they are their own hash; a table as
/// large as what is in flight stays in the processor's cache, where one of all ids for every socket would not.
struct PendingTable: ~Copyable {
    private struct Entry {
        /// Socket and id.
        var key: UInt32
        /// -1: nothing stands here.
        var slot: Int32
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int
    private(set) var count = 0

    init() {
        entries = Self.empty(256)
        mask = 255
    }

    deinit { entries.deallocate() }

    private static func empty(_ count: Int) -> UnsafeMutablePointer<Entry> {
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count)
        entries.initialize(repeating: Entry(key: 0, slot: -1), count: count)
        return entries
    }

    private static func key(_ socket: Int32, _ id: UInt16) -> UInt32 {
        UInt32(truncatingIfNeeded: socket) << 16 | UInt32(id)
    }

    private func home(_ key: UInt32) -> Int { Int(key ^ (key >> 16 &* 0x9E37)) & mask }

    func slot(_ socket: Int32, _ id: UInt16) -> Int? {
        let key = Self.key(socket, id)
        var index = home(key)
        while entries[index].slot >= 0 {
            if entries[index].key == key { return Int(entries[index].slot) }
            index = (index + 1) & mask
        }
        return nil
    }

    /// The caller has looked: nobody waits for it yet.
    mutating func insert(_ socket: Int32, _ id: UInt16, _ slot: Int) {
        if (count + 1) * 2 > mask { grow() }
        place(Entry(key: Self.key(socket, id), slot: Int32(slot)))
        count += 1
    }

    mutating func remove(_ socket: Int32, _ id: UInt16) {
        let key = Self.key(socket, id)
        var hole = home(key)
        while entries[hole].slot < 0 || entries[hole].key != key {
            if entries[hole].slot < 0 { return }
            hole = (hole + 1) & mask
        }
        count -= 1
        // What follows moves up, unless it would stand before its own place.
        var index = hole
        while true {
            index = (index + 1) & mask
            guard entries[index].slot >= 0 else { break }
            if (index &- home(entries[index].key)) & mask >= (index &- hole) & mask {
                entries[hole] = entries[index]
                hole = index
            }
        }
        entries[hole].slot = -1
    }

    /// The ids that are waited for at a socket: looks through all, for what is rare.
    func ids(at socket: Int32) -> [UInt16] {
        (0...mask).compactMap { index in
            let entry = entries[index]
            guard entry.slot >= 0, entry.key >> 16 == UInt32(truncatingIfNeeded: socket) else { return nil }
            return UInt16(truncatingIfNeeded: entry.key)
        }
    }

    private mutating func place(_ entry: Entry) {
        var index = home(entry.key)
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
