internal import Judgement
internal import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What an earlier run has left in the file of the output: whole lines, each of an entry that needs no second look.
///
/// Where the order is kept, the lines belong to the first entries of the list, one by one, and nothing is remembered.
/// Otherwise a fingerprint of eight octets is kept of each line's domain.
package struct FinishedLines: Sendable {
    /// The file does not belong to the list.
    package struct Mismatch: Error, Hashable, Sendable {
        package var line: Int
        package var expected: String
        package var found: String
    }

    private enum Way: Sendable {
        /// So many entries are done; each is held against its line where lines name their domain.
        case inOrder(LineSource)
        case byName(Fingerprints)
    }

    private var way: Way
    private let namesDomain: Bool
    /// Lines found.
    package let count: Int

    /// Looks through the whole lines of the file: `length` octets from its beginning.
    /// - Parameters:
    ///   - isOrdered: whether lines stand in the order of the list.
    ///   - namesDomain: whether lines have their `domain`.
    package init(in file: OutputFile, isOrdered: Bool, namesDomain: Bool) {
        self.namesDomain = namesDomain
        var source = LineSource(descriptor: file.descriptor, length: file.length)
        var fingerprints: [UInt64] = []
        var count = 0
        while let line = source.next() {
            count += 1
            if !isOrdered { fingerprints.append(Self.fingerprint(Self.domain(in: line) ?? line[...])) }
        }
        self.count = count
        way =
            isOrdered
            ? .inOrder(LineSource(descriptor: file.descriptor, length: file.length))
            : .byName(Fingerprints(fingerprints))
    }

    /// Whether this entry, the next of the list, has its line already.
    package mutating func take(_ entry: ScanEntry) throws(Mismatch) -> Bool {
        switch way {
        case .byName(var fingerprints):
            way = .byName(Fingerprints([]))
            let isDone = fingerprints.take(Self.fingerprint(Self.written(entry.name)[...]))
            way = .byName(fingerprints)
            return isDone
        case .inOrder(var source):
            guard let line = source.next() else { return false }
            let number = source.number
            way = .inOrder(source)
            let expected = Self.written(entry.name)
            if namesDomain, let found = Self.domain(in: line), !found.elementsEqual(expected) {
                throw Mismatch(
                    line: number, expected: entry.name, found: String(decoding: found.prefix(256), as: UTF8.self))
            }
            return true
        }
    }

    /// A domain as it stands between the quotation marks of JSON.
    private static func written(_ name: String) -> [UInt8] {
        Array(JSONWriter.text(.string(name)).utf8.dropFirst().dropLast())
    }

    /// What stands under `domain` in a line that this program wrote: the key comes before everything that holds
    /// outside text.
    static func domain(in line: [UInt8]) -> ArraySlice<UInt8>? {
        let key = Array("\"domain\":\"".utf8)
        guard let start = line.prefix(256).firstRange(of: key)?.upperBound else { return nil }
        var end = start
        while end < line.count, line[end] != UInt8(ascii: "\"") {
            end += line[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return end < line.count ? line[start..<end] : nil
    }

    /// FNV-1a, 64 bits, finished off as in MurmurHash3.
    private static func fingerprint(_ octets: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ hash >> 33
    }
}

/// Fingerprints in order, and which of them are spent: an entry that stands in the list twice has two lines.
private struct Fingerprints: Sendable {
    private var sorted: [UInt64]
    private var isSpent: [Bool]

    init(_ fingerprints: [UInt64]) {
        sorted = fingerprints.sorted()
        isSpent = Array(repeating: false, count: fingerprints.count)
    }

    mutating func take(_ fingerprint: UInt64) -> Bool {
        var low = 0, high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < fingerprint { low = middle + 1 } else { high = middle }
        }
        while low < sorted.count, sorted[low] == fingerprint {
            if !isSpent[low] {
                isSpent[low] = true
                return true
            }
            low += 1
        }
        return false
    }
}

/// The lines of the first octets of a file, one after the other, without moving the place where it is written.
private struct LineSource: Sendable {
    private let descriptor: Int32
    private let length: Int
    private var offset = 0
    private var block: [UInt8] = []
    private var place = 0
    /// Of the line given last, from 1.
    private(set) var number = 0

    init(descriptor: Int32, length: Int) {
        self.descriptor = descriptor
        self.length = length
    }

    mutating func next() -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            let rest = block[place...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                place = end + 1
                number += 1
                return line
            }
            line += rest
            guard read() else { return nil }
        }
    }

    private mutating func read() -> Bool {
        let size = min(256 << 10, length - offset)
        guard size > 0 else { return false }
        let start = offset
        let descriptor = descriptor
        block = Array(unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, size, off_t(start)))
        }
        place = 0
        offset += block.count
        return !block.isEmpty
    }
}
