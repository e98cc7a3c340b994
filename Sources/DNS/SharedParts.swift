internal import Synchronization

/// What was worked out of the answers about a name before, for those who look at many domains: hosts and records of
/// providers are the same for all their customers.
///
/// What is kept must be a function of outcomes that are all known, and is kept no longer than the least of their TTLs
/// (``Knowledge/leastTTL``): nobody is told anything here that a cache of answers would not tell. Bounded: each name has
/// one place, given by its hash, and who comes last keeps it. It leaves out names that are the same but for case.
///
/// Parts are references: a part that is handed to many domains at once is counted once for each, not string by string.
package final class SharedParts<Part: AnyObject & Sendable>: Sendable {
    private let table: SharedTable

    /// - Parameter places: how many parts are kept at most: a power of two.
    package init(places: Int) { table = SharedTable(places: places) }

    /// What is kept for `name`, as it is written here, and for how many seconds it still holds, rounded up.
    /// - Parameter now: in nanoseconds of any clock that never goes back, always the same one.
    package func part(of name: DomainName, at now: Int64) -> (part: Part, seconds: UInt32)? {
        guard let (part, seconds) = table.part(of: name, at: now) else { return nil }
        return (unsafeDowncast(part, to: Part.self), seconds)
    }

    /// Keeps a part for so many seconds.
    package func keep(_ part: Part, for name: DomainName, seconds: UInt32, at now: Int64) {
        table.keep(part, for: name, seconds: seconds, at: now)
    }
}

/// The parts of one kind. It knows nothing of the kind, so that nothing has to be asked of the runtime about it.
private final class SharedTable: Sendable {
    private struct Entry: Sendable {
        var name: DomainName
        var part: any AnyObject & Sendable
        /// Nanoseconds of the clock that callers go by.
        var expiry: Int64
    }

    private let entries: Mutex<[Entry?]>
    private let mask: Int
    private let seed = UInt64.random(in: 0...UInt64.max)

    /// A part is kept for so many seconds at most.
    private static let longest: UInt32 = 3_600

    init(places: Int) {
        precondition(places > 0 && places & (places - 1) == 0)
        mask = places - 1
        entries = Mutex(Array(repeating: nil, count: places))
    }

    private func place(of name: DomainName) -> Int { Int(truncatingIfNeeded: name.hash(seed: seed) >> 20) & mask }

    func part(of name: DomainName, at now: Int64) -> (part: any AnyObject & Sendable, seconds: UInt32)? {
        let place = place(of: name)
        return entries.withLock { entries in
            guard let entry = entries[place], entry.expiry > now, entry.name.wire == name.wire else { return nil }
            return (entry.part, UInt32((entry.expiry - now + 999_999_999) / 1_000_000_000))
        }
    }

    func keep(_ part: any AnyObject & Sendable, for name: DomainName, seconds: UInt32, at now: Int64) {
        guard seconds > 0 else { return }
        let entry = Entry(name: name, part: part, expiry: now + Int64(min(seconds, Self.longest)) * 1_000_000_000)
        let place = place(of: name)
        // The one before is let go outside of the lock.
        let before = entries.withLock { entries in
            let before = entries[place]
            entries[place] = entry
            return before
        }
        _ = before
    }
}
