/// Writes numbers big-endian, and vectors behind their length (RFC 8446 §3.4).
struct Octets {
    private(set) var all: [UInt8] = []

    mutating func octet(_ number: UInt8) { all.append(number) }
    mutating func short(_ number: UInt16) { all += [UInt8(number >> 8), UInt8(number & 255)] }
    mutating func raw(_ octets: [UInt8]) { all += octets }

    /// At most 255 octets: what is longer is cut.
    mutating func vector8(_ octets: [UInt8]) {
        let octets = octets.prefix(255)
        all.append(UInt8(octets.count))
        all += octets
    }

    /// At most 65,535 octets: what is longer is cut.
    mutating func vector16(_ write: (inout Octets) -> Void) {
        var inner = Octets()
        write(&inner)
        let octets = inner.all.prefix(65_535)
        short(UInt16(octets.count))
        all += octets
    }

    mutating func vector24(_ octets: [UInt8]) {
        let octets = octets.prefix(0xFF_FFFF)
        all += [UInt8(octets.count >> 16), UInt8(octets.count >> 8 & 255), UInt8(octets.count & 255)]
        all += octets
    }
}

/// Takes big-endian numbers from the front; nil where too little is left.
struct OctetReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    var isEmpty: Bool { rest.isEmpty }

    mutating func octet() -> UInt8? { rest.popFirst() }

    mutating func short() -> UInt16? {
        guard let both = octets(2) else { return nil }
        return UInt16(both[both.startIndex]) << 8 | UInt16(both[both.startIndex + 1])
    }

    mutating func long24() -> Int? {
        octets(3).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    mutating func octets(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
