/// Turns octets of a character set into UTF-8. What has no meaning becomes U+FFFD; an ASCII octet behind a broken
/// beginning keeps its own meaning, so that a broken character cannot swallow what follows it.
struct CharsetDecoder {
    let octets: [UInt8]
    var index = 0
    /// UTF-8.
    var text: [UInt8] = []

    init(_ octets: [UInt8]) {
        self.octets = octets
        text.reserveCapacity(octets.count * 2)
    }

    mutating func decode(as coding: Charset.Coding) {
        switch coding {
        case .utf8: text += octets
        case .utf7: decodeUTF7()
        case .utf16(let isBigEndian): decodeUTF16(isBigEndian)
        case .single(let set):
            let upper = set.upper
            for octet in octets { put(octet < 128 ? UInt32(octet) : upper[Int(octet) - 128]) }
        case .gb18030: decodeGB18030()
        case .hz: decodeHZ()
        case .big5: decodeBig5()
        case .shiftJIS: decodeShiftJIS()
        case .eucJP: decodeEUCJP()
        case .eucKR: decodeEUCKR()
        case .iso2022: decodeISO2022()
        }
    }

    mutating func put(_ scalar: UInt32?) {
        guard let scalar = scalar.flatMap(UnicodeScalar.init) else {
            text += [0xEF, 0xBF, 0xBD]
            return
        }
        if scalar.value < 128 {
            text.append(UInt8(scalar.value))
        } else {
            text += UTF8.encode(scalar).map(Array.init) ?? []
        }
    }

    /// The octet so far ahead.
    func peek(_ distance: Int) -> UInt8? { index + distance < octets.count ? octets[index + distance] : nil }

    /// A character of two octets: both go if the second may follow the first, otherwise one.
    mutating func putPair(_ scalar: UInt32?, isTrail: Bool) {
        put(scalar)
        // A second octet that is ASCII and gave no character stands for itself.
        index += isTrail && (scalar != nil || (peek(1) ?? 0) >= 128) ? 2 : 1
    }

    // MARK: Unicode in other clothes

    /// RFC 2152: `+` begins base 64 of UTF-16, `-` or what is no base 64 ends it; `+-` is a plus.
    private mutating func decodeUTF7() {
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "+") else {
                put(octets[index] < 128 ? UInt32(octets[index]) : nil)
                index += 1
                continue
            }
            index += 1
            if peek(0) == UInt8(ascii: "-") {
                put(UInt32(UInt8(ascii: "+")))
                index += 1
                continue
            }
            var units: [UInt16] = [], bits: UInt32 = 0, count = 0
            while let value = peek(0).flatMap(Base64.value(of:)) {
                bits = bits << 6 | UInt32(value)
                count += 6
                if count >= 16 {
                    count -= 16
                    units.append(UInt16(truncatingIfNeeded: bits >> UInt32(count)))
                }
                index += 1
            }
            if peek(0) == UInt8(ascii: "-") { index += 1 }
            text += String(decoding: units, as: UTF16.self).utf8
        }
    }

    /// RFC 2781: without a mark it is big-endian, says §4.3; Windows means little-endian, so zeros decide.
    private mutating func decodeUTF16(_ isBigEndian: Bool?) {
        var big = isBigEndian ?? true
        if octets.count >= 2, octets[0] == 0xFE, octets[1] == 0xFF {
            (big, index) = (true, 2)
        } else if octets.count >= 2, octets[0] == 0xFF, octets[1] == 0xFE {
            (big, index) = (false, 2)
        } else if isBigEndian == nil {
            let even = stride(from: 0, to: octets.count, by: 2).count { octets[$0] == 0 }
            let odd = stride(from: 1, to: octets.count, by: 2).count { octets[$0] == 0 }
            big = even >= odd
        }
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2)
        while index + 1 < octets.count {
            let first = UInt16(octets[index]), second = UInt16(octets[index + 1])
            units.append(big ? first << 8 | second : second << 8 | first)
            index += 2
        }
        text += String(decoding: units, as: UTF16.self).utf8
        if index < octets.count { put(nil) }
    }
}
