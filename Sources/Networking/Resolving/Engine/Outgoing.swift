internal import CDatagrams
internal import DNS

/// Queries that wait to be sent, one behind the other in one buffer, with their sockets.
struct Outgoing: ~Copyable {
    struct Entry {
        var descriptor: Int32
        var socket: Int32
        var id: UInt16
        var offset: Int
        var length: Int
    }

    private(set) var entries: [Entry] = []
    private var octets: UnsafeMutablePointer<UInt8>
    private var capacity = 64 * 128
    private var used = 0

    init() { octets = .allocate(capacity: capacity) }

    deinit { octets.deallocate() }

    var isEmpty: Bool { entries.isEmpty }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        used = 0
    }

    /// The largest query: header, name, type and class, OPT.
    private static let longest = 12 + 255 + 4 + 11

    /// Appends a query for recursion with the AD bit (RFC 6840 §5.7): the same octets as
    /// ``Message/init(asking:id:edns:)`` would be, encoded.
    mutating func append(_ question: Question, id: UInt16, payload: UInt16?, socket: Int32, descriptor: Int32) {
        if used + Self.longest > capacity { grow() }
        let start = octets + used
        var count = 0
        func put(_ value: UInt16) {
            start[count] = UInt8(value >> 8)
            start[count + 1] = UInt8(value & 0xFF)
            count += 2
        }
        put(id)
        put(question.signatures ? 0x0130 : 0x0120)  // RD, AD; CD where signatures are wanted
        put(1)
        put(0)
        put(0)
        put(payload == nil ? 0 : 1)
        question.name.wire.withUnsafeBufferPointer { wire in
            guard let base = wire.baseAddress else { return }
            (start + count).update(from: base, count: wire.count)
            count += wire.count
        }
        put(question.type.number)
        put(1)
        if let payload {  // RFC 6891 §6.1.2: the root, type, class, TTL, no options
            start[count] = 0
            count += 1
            put(41)
            put(payload)
            put(0)
            put(question.signatures ? 0x8000 : 0)  // DO (RFC 3225 §3)
            put(0)
        }
        entries.append(Entry(descriptor: descriptor, socket: socket, id: id, offset: used, length: count))
        used += count
    }

    /// What was appended last.
    var lastOctets: [UInt8] {
        guard let last = entries.last else { return [] }
        return Array(UnsafeBufferPointer(start: octets + last.offset, count: last.length))
    }

    private mutating func grow() {
        let wider = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        wider.update(from: octets, count: used)
        octets.deallocate()
        octets = wider
        capacity *= 2
    }

    /// Whether neighbours of one length cost the system less.
    private static let splits = cdatagrams_splits()

    /// Sends all of them, the runs of one socket together, those of one length side by side; gives those that could not be
    /// sent with what the system said, as errno.
    mutating func send() -> [(entry: Entry, error: Int32)] {
        if Self.splits, entries.count > 2 { entries.sort { ($0.descriptor, $0.length) < ($1.descriptor, $1.length) } }
        var failed: [(Entry, Int32)] = []
        var first = 0
        var repeats = 0
        withUnsafeTemporaryAllocation(of: cdatagrams_datagram.self, capacity: Int(CDATAGRAMS_BATCH)) { batch in
            guard let start = batch.baseAddress else { return }
            while first < entries.count {
                var count = 0
                while count < batch.count, first + count < entries.count,
                    entries[first + count].descriptor == entries[first].descriptor
                {
                    let entry = entries[first + count]
                    (start + count).initialize(
                        to: cdatagrams_datagram(
                            octets: octets + entry.offset, length: UInt32(entry.length), cut: false))
                    count += 1
                }
                let sent = cdatagrams_send(entries[first].descriptor, start, Int32(count), Self.splits)
                if sent > 0 {
                    first += Int(sent)
                    repeats = 0
                } else if sent < 0, Errno(-sent) == .refused, repeats < 3 {
                    // That was about an earlier datagram (RFC 1122 §4.1.3.3): this one has not been sent yet. Where
                    // nobody is there, it will be refused on its own account.
                    repeats += 1
                } else {
                    repeats = 0
                    failed.append((entries[first], sent < 0 ? -sent : 0))
                    first += 1
                }
            }
        }
        return failed
    }
}
