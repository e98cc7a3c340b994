extension CharsetDecoder {
    /// GB 18030: one octet, two, or four of which the second and fourth are digits.
    mutating func decodeGB18030() {
        while let first = peek(0) {
            if first < 128 {
                put(UInt32(first))
                index += 1
            } else if first == 0x80 {
                put(0x20AC)  // code page 936 has the euro there
                index += 1
            } else if let second = peek(1), (0x30...0x39).contains(second) {
                putFour(first, second)
            } else if let second = peek(1), first != 0xFF, let cell = Self.cell(gbk: second) {
                putPair(CharsetTable.gbk[Int(first) - 0x81, cell], isTrail: true)
            } else {
                putPair(nil, isTrail: false)
            }
        }
    }

    private static func cell(gbk trail: UInt8) -> Int? {
        switch trail {
        case 0x40...0x7E: Int(trail) - 0x40
        case 0x80...0xFE: Int(trail) - 0x41
        default: nil
        }
    }

    private mutating func putFour(_ first: UInt8, _ second: UInt8) {
        guard first != 0xFF, let third = peek(2), (0x81...0xFE).contains(third), let fourth = peek(3),
            (0x30...0x39).contains(fourth)
        else { return putPair(nil, isTrail: false) }
        let high = (UInt32(first) - 0x81) * 10 + UInt32(second) - 0x30
        let pointer = high * 1_260 + (UInt32(third) - 0x81) * 10 + UInt32(fourth) - 0x30
        index += 4
        if pointer >= 189_000 { return put(pointer - 189_000 + 0x10000) }
        guard pointer < 39_420 else { return put(nil) }
        let starts = GB18030Ranges.starts
        var low = 0, end = starts.count
        while low + 1 < end {
            let middle = (low + end) / 2
            if starts[middle].pointer <= pointer { low = middle } else { end = middle }
        }
        put(starts[low].scalar + pointer - starts[low].pointer)
    }

    /// RFC 1843: `~{` begins GB 2312 in seven bits, `~}` ends it, as does a line; `~~` is a tilde.
    mutating func decodeHZ() {
        var isChinese = false
        while let octet = peek(0) {
            if octet == UInt8(ascii: "~"), let next = peek(1), "{}~\n".utf8.contains(next) {
                if next == UInt8(ascii: "~") { put(UInt32(next)) }
                if next == UInt8(ascii: "{") { isChinese = true }
                if next == UInt8(ascii: "}") { isChinese = false }
                index += 2
            } else if octet == 10 {
                isChinese = false
                put(10)
                index += 1
            } else if isChinese, octet > 32, let next = peek(1), (33...126).contains(next & 0x7F) {
                put(CharsetTable.gbk[Int(octet | 0x80) - 0x81, Int(next | 0x80) - 0x41])
                index += 2
            } else {
                put(octet < 128 ? UInt32(octet) : nil)
                index += 1
            }
        }
    }

    mutating func decodeBig5() {
        while let first = peek(0) {
            guard first >= 128 else {
                put(UInt32(first))
                index += 1
                continue
            }
            let cell: Int? =
                switch peek(1) {
                case .some(let second) where (0x40...0x7E).contains(second): Int(second) - 0x40
                case .some(let second) where (0xA1...0xFE).contains(second): Int(second) - 0x62
                default: nil
                }
            guard let cell, (0x87...0xFE).contains(first) else {
                putPair(nil, isTrail: false)
                continue
            }
            if first == 0x88, let pair = Self.combined[octets[index + 1]] {
                for scalar in pair { put(scalar) }
                index += 2
            } else {
                putPair(CharsetTable.big5[Int(first) - 0x87, cell], isTrail: true)
            }
        }
    }

    /// The four characters of HKSCS that are two in Unicode, behind 88.
    private static let combined: [UInt8: [UInt32]] = [
        0x62: [0xCA, 0x304], 0x64: [0xCA, 0x30C], 0xA3: [0xEA, 0x304], 0xA5: [0xEA, 0x30C],
    ]
}
