/// What has arrived and was not read yet, cut into lines or counts. A pure value with bounded memory: it takes no
/// more than its limit from one connection, then it has ended.
struct Inbox: Sendable {
    /// What is asked for.
    enum Wanted: Hashable, Sendable {
        /// A line of at most `limit` octets without its end.
        case line(limit: Int)
        case octets(Int)
    }

    private var octets: [UInt8] = []
    /// What stands before was read.
    private var start = 0
    /// What stands before has no line end in it, so that an endless line is looked at once.
    private var scanned = 0
    /// Octets received in all.
    private var received = 0
    let octetLimit: Int
    /// Why no more comes; the first reason counts. What had arrived before can still be read.
    private(set) var ending: WireError?
    private(set) var sawBareLineFeed = false

    init(octetLimit: Int) { self.octetLimit = octetLimit }

    var isEmpty: Bool { start == octets.count }

    mutating func append(_ more: some Collection<UInt8>) {
        guard ending == nil else { return }
        let room = octetLimit - received
        octets.append(contentsOf: more.prefix(room))
        received += min(more.count, room)
        if more.count > room { ending = .tooMuch(limit: octetLimit) }
    }

    /// All that has come where none of it was read yet; nil where some was.
    mutating func takeUntouched() -> [UInt8]? {
        guard octets.count == received, start == 0, scanned == 0 else { return nil }
        defer { octets = [] }
        return octets
    }

    mutating func end(_ reason: WireError) {
        if ending == nil { ending = reason }
    }

    /// nil: not there yet.
    mutating func take(_ wanted: Wanted) throws(WireError) -> [UInt8]? {
        switch wanted {
        case .line(let limit): try takeLine(limit: limit)
        case .octets(let count): try takeOctets(count)
        }
    }

    private mutating func takeLine(limit: Int) throws(WireError) -> [UInt8]? {
        guard let feed = octets[scanned...].firstIndex(of: 10) else {
            scanned = octets.count
            // The last octet may be the CR of a line end that is not complete yet.
            if octets.count - start > limit + 1 { throw fail(.lineTooLong(limit: limit)) }
            if let ending { throw ending }
            return nil
        }
        let hasReturn = feed > start && octets[feed - 1] == 13
        let end = hasReturn ? feed - 1 : feed
        if end - start > limit { throw fail(.lineTooLong(limit: limit)) }
        if !hasReturn { sawBareLineFeed = true }
        let line = Array(octets[start..<end])
        drop(to: feed + 1)
        return line
    }

    private mutating func takeOctets(_ count: Int) throws(WireError) -> [UInt8]? {
        if octets.count - start >= count {
            let taken = Array(octets[start..<start + max(0, count)])
            drop(to: start + max(0, count))
            return taken
        }
        if let ending { throw ending }
        // What can't fit is not waited for.
        if count > octetLimit - received + octets.count - start { throw fail(.tooMuch(limit: octetLimit)) }
        return nil
    }

    /// Ends with a fault of the peer's: nothing behind it can be understood any more.
    private mutating func fail(_ reason: WireError) -> WireError {
        octets = []
        start = 0
        scanned = 0
        ending = reason
        return reason
    }

    private mutating func drop(to index: Int) {
        start = index
        if start == octets.count {
            octets.removeAll(keepingCapacity: octets.capacity <= 65_536)
            start = 0
        } else if start > 16_384, start > octets.count / 2 {
            octets.removeFirst(start)
            start = 0
        }
        scanned = start
    }
}
