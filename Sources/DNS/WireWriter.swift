/// Writes a message; names that stood before are pointed to (RFC 1035 §4.1.4).
struct WireWriter {
    private(set) var octets: [UInt8] = []
    /// Where a name was written, by name: only the first 16 KiB can be pointed to.
    private var places: [DomainName: Int] = [:]

    var count: Int { octets.count }

    mutating func uint8(_ value: UInt8) { octets.append(value) }

    mutating func uint16(_ value: UInt16) {
        octets.append(UInt8(value >> 8))
        octets.append(UInt8(value & 0xFF))
    }

    mutating func uint32(_ value: UInt32) {
        uint16(UInt16(value >> 16))
        uint16(UInt16(value & 0xFFFF))
    }

    mutating func bytes(_ bytes: some Sequence<UInt8>) { octets.append(contentsOf: bytes) }

    /// RFC 1035 §3.3; what is longer than 255 octets is cut there.
    mutating func characterString(_ string: some Collection<UInt8>) {
        uint8(UInt8(min(string.count, 255)))
        bytes(string.prefix(255))
    }

    /// With `compressed` only where RFC 1035 defined the field: receivers know no other (RFC 3597 §4).
    mutating func name(_ name: DomainName, compressed: Bool) {
        guard compressed else { return bytes(name.wire) }
        var rest = name
        while let parent = rest.parent {
            if let place = places[rest] { return uint16(0xC000 | UInt16(place)) }
            if count < 0x4000 { places[rest] = count }
            bytes(rest.wire[...Int(rest.wire[0])])
            rest = parent
        }
        uint8(0)
    }

    /// Writes two octets of length and what `write` writes.
    mutating func lengthPrefixed(_ write: (inout WireWriter) -> Void) {
        let start = count
        uint16(0)
        write(&self)
        let length = UInt16(truncatingIfNeeded: count - start - 2)
        octets[start] = UInt8(length >> 8)
        octets[start + 1] = UInt8(length & 0xFF)
    }

    mutating func setBit(_ bit: UInt8, at offset: Int) { octets[offset] |= bit }
}
