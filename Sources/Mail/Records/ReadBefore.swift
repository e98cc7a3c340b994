internal import Synchronization

/// What was made of the octets of records before: domains that share a provider publish, or draw in, the same ones
/// again and again. Reading is a function of the octets, so it changes no result whether it was read before.
///
/// Bounded: each text has one place, given by its hash, and who comes last keeps it; long texts are not kept.
final class ReadBefore<Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var octets: [UInt8]
        var value: Value
    }

    /// Texts kept at most: a power of two.
    private static var places: Int { 1_024 }
    /// Octets of a text that is kept at most.
    private static var longest: Int { 600 }

    private let entries = Mutex<[Entry?]>(Array(repeating: nil, count: places))
    private let seed = UInt64.random(in: 0...UInt64.max)
    private let read: @Sendable ([UInt8]) -> Value

    init(_ read: @escaping @Sendable ([UInt8]) -> Value) { self.read = read }

    /// What `octets` are read as.
    func callAsFunction(_ octets: [UInt8]) -> Value {
        guard octets.count <= Self.longest else { return read(octets) }
        let place = Int(truncatingIfNeeded: hash(octets)) & (Self.places - 1)
        let known = entries.withLock { entries -> Value? in
            guard let entry = entries[place], entry.octets == octets else { return nil }
            return entry.value
        }
        if let known { return known }
        let value = read(octets)
        entries.withLock { $0[place] = Entry(octets: octets, value: value) }
        return value
    }

    private func hash(_ octets: [UInt8]) -> UInt64 {
        octets.withUnsafeBytes { raw in
            var state = seed ^ UInt64(truncatingIfNeeded: raw.count)
            func mix(_ word: UInt64) {
                let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15 ^ seed << 1)
                state = product.high ^ product.low ^ seed
            }
            var offset = 0
            while offset + 8 <= raw.count {
                mix(raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset += 8
            }
            var last: UInt64 = 0
            while offset < raw.count {
                last = last << 8 | UInt64(raw[offset])
                offset += 1
            }
            mix(last)
            return state ^ state >> 32
        }
    }
}
