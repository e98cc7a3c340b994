/// One tag, length and value (X.690 §8.1), found without looking into it: enough to cut the parts of a certificate out
/// that DANE compares, also where a strict parser turns the whole down.
///
/// Left out: indefinite lengths and tags above 30, which certificates do not have.
struct DERElement {
    var tag: UInt8
    /// With tag and length.
    var whole: ArraySlice<UInt8>
    var content: ArraySlice<UInt8>

    static let sequence: UInt8 = 0x30, set: UInt8 = 0x31, boolean: UInt8 = 0x01, integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03, octetString: UInt8 = 0x04, objectIdentifier: UInt8 = 0x06
    static let utcTime: UInt8 = 0x17, generalizedTime: UInt8 = 0x18

    /// Takes the first element off `octets`; nil where there is none that is whole.
    init?(taking octets: inout ArraySlice<UInt8>) {
        guard octets.count >= 2 else { return nil }
        let start = octets.startIndex
        let tag = octets[start]
        if tag & 0x1F == 0x1F { return nil }
        var length = Int(octets[start + 1])
        var head = 2
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...4).contains(count), octets.count >= 2 + count else { return nil }
            length = octets[(start + 2)..<(start + 2 + count)].reduce(0) { $0 << 8 | Int($1) }
            head += count
        }
        guard octets.count - head >= length else { return nil }
        let end = start + head + length
        self.tag = tag
        whole = octets[start..<end]
        content = octets[(start + head)..<end]
        octets = octets[end...]
    }

    /// The one element that `octets` are; nil where something stands behind it, or it has another tag.
    init?(_ octets: some Sequence<UInt8>, _ tag: UInt8) {
        var rest = Array(octets)[...]
        self.init(taking: &rest)
        guard rest.isEmpty, self.tag == tag else { return nil }
    }

    /// What stands in it, up to the first that is not whole; at most `limit`.
    func elements(limit: Int = 1_000) -> [DERElement] {
        var found: [DERElement] = []
        var rest = content
        while found.count < limit, let next = DERElement(taking: &rest) { found.append(next) }
        return found
    }

    /// An object identifier in dotted form; nil where it is none.
    var dotted: String? {
        guard tag == Self.objectIdentifier, content.count <= 40, content.last.map({ $0 < 0x80 }) == true else {
            return nil
        }
        var arcs: [UInt64] = []
        var arc: UInt64 = 0
        for octet in content {
            if arc >> 56 != 0 { return nil }
            arc = arc << 7 | UInt64(octet & 0x7F)
            if octet < 0x80 {
                if arcs.isEmpty {
                    let first = min(arc / 40, 2)
                    arcs = [first, arc - first * 40]
                } else {
                    arcs.append(arc)
                }
                arc = 0
            }
        }
        return arcs.map(String.init).joined(separator: ".")
    }

    /// UTCTime or GeneralizedTime as certificates have them (RFC 5280 §4.1.2.5): to the second, in UTC.
    var time: Timestamp? {
        guard content.last == UInt8(ascii: "Z") else { return nil }
        let digits = content.dropLast()
        guard digits.allSatisfy(\.isDigit) else { return nil }
        var fields: [Int] = []
        var rest = digits
        let isShort = tag == Self.utcTime
        guard isShort && digits.count == 12 || tag == Self.generalizedTime && digits.count == 14 else { return nil }
        if !isShort {
            fields.append(rest.prefix(4).reduce(0) { $0 * 10 + Int($1 - 48) })
            rest = rest.dropFirst(4)
        }
        while !rest.isEmpty {
            fields.append(rest.prefix(2).reduce(0) { $0 * 10 + Int($1 - 48) })
            rest = rest.dropFirst(2)
        }
        if isShort { fields[0] += fields[0] >= 50 ? 1900 : 2000 }
        guard (1...12).contains(fields[1]), (1...31).contains(fields[2]), fields[3] < 24, fields[4] < 60, fields[5] < 61
        else { return nil }
        return Timestamp(
            year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4], second: fields[5])
    }
}
