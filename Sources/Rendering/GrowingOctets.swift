/// Octets that grow at their end. What an array does, without looking at each piece whether somebody else holds it: a line
/// is written in hundreds of pieces.
///
/// A copy goes on from where it was made and must not be written beside the other; the storage lives as long as either.
package struct GrowingOctets {
    private final class Storage {
        let start: UnsafeMutablePointer<UInt8>

        init(capacity: Int) { start = .allocate(capacity: capacity) }

        deinit { start.deallocate() }
    }

    private var storage: Storage
    private var start: UnsafeMutablePointer<UInt8>
    /// How many octets there is room for.
    package private(set) var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 1 << 14) {
        storage = Storage(capacity: capacity)
        start = storage.start
        self.capacity = capacity
    }

    /// What has been written.
    package func withUnsafeBufferPointer<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        withExtendedLifetime(storage) { body(UnsafeBufferPointer(start: start, count: count)) }
    }

    /// Makes room for so many more.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let wider = max(count + more, 2 * capacity)
        let next = Storage(capacity: wider)
        next.start.update(from: start, count: count)
        storage = next
        start = next.start
        capacity = wider
    }

    @inline(__always)
    package mutating func append(_ octet: UInt8) {
        reserve(1)
        start[count] = octet
        count += 1
    }

    @inline(__always)
    mutating func append(_ octets: UnsafeBufferPointer<UInt8>) {
        reserve(octets.count)
        guard let source = octets.baseAddress else { return }
        Self.copy(source, to: start + count, octets.count)
        count += octets.count
    }

    /// Keys and most values are a few octets: those are moved as two words that may overlap, without a call.
    @inline(__always)
    private static func copy(_ source: UnsafePointer<UInt8>, to place: UnsafeMutablePointer<UInt8>, _ count: Int) {
        if count > 16 {
            place.update(from: source, count: count)
        } else if count >= 8 {
            move(UInt64.self, source, place, count)
        } else if count >= 4 {
            move(UInt32.self, source, place, count)
        } else {
            for index in 0..<count { place[index] = source[index] }
        }
    }

    /// The first word and the last one of so many octets.
    @inline(__always)
    private static func move<Word: FixedWidthInteger & BitwiseCopyable>(
        _: Word.Type, _ source: UnsafePointer<UInt8>, _ place: UnsafeMutablePointer<UInt8>, _ count: Int
    ) {
        let from = UnsafeRawPointer(source), to = UnsafeMutableRawPointer(place)
        let behind = count - MemoryLayout<Word>.size
        let first = from.loadUnaligned(as: Word.self)
        let last = from.loadUnaligned(fromByteOffset: behind, as: Word.self)
        to.storeBytes(of: first, as: Word.self)
        to.storeBytes(of: last, toByteOffset: behind, as: Word.self)
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends octets between quotation marks, with a comma before and a colon behind them where that is asked for.
    @inline(__always)
    mutating func appendQuoted(_ octets: UnsafeBufferPointer<UInt8>, afterComma: Bool = false, colon: Bool = false) {
        reserve(octets.count + 4)
        var place = start + count
        if afterComma {
            place.pointee = UInt8(ascii: ",")
            place += 1
        }
        place.pointee = UInt8(ascii: "\"")
        place += 1
        if let source = octets.baseAddress { Self.copy(source, to: place, octets.count) }
        place += octets.count
        place.pointee = UInt8(ascii: "\"")
        place += 1
        if colon {
            place.pointee = UInt8(ascii: ":")
            place += 1
        }
        count = place - start
    }

    /// Takes back what was written last; `count` is what remains.
    package mutating func cut(to count: Int) { self.count = min(self.count, max(0, count)) }

    mutating func append(contentsOf octets: some Sequence<UInt8>) {
        for octet in octets { append(octet) }
    }

    /// Lets `write` fill room for so many octets, and keeps as many as it says; nil takes nothing.
    mutating func append(atMost most: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int?) -> Bool {
        reserve(most)
        guard let written = write(UnsafeMutableBufferPointer(start: start + count, count: most)) else { return false }
        count += min(most, max(0, written))
        return true
    }
}
