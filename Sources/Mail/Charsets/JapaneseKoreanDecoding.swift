extension CharsetDecoder {
    mutating func decodeShiftJIS() {
        while let first = peek(0) {
            switch first {
            case 0..<128:
                put(UInt32(first))
                index += 1
            case 0xA1...0xDF:
                put(Self.kana(first))
                index += 1
            case 0x81...0x9F, 0xE0...0xFC:
                guard let second = peek(1), second >= 0x40, second <= 0xFC, second != 0x7F else {
                    putPair(nil, isTrail: false)
                    continue
                }
                let lead = Int(first) - (first < 0xA0 ? 0x81 : 0xC1)
                let cell = Int(second) - (second < 0x7F ? 0x40 : 0x41)
                putPair(CharsetTable.jis0208[lead * 2 + cell / 94, cell % 94], isTrail: true)
            default: putPair(nil, isTrail: false)
            }
        }
    }

    /// Half-width katakana, A1 to DF (JIS X 0201).
    static func kana(_ octet: UInt8) -> UInt32? {
        (0xA1...0xDF).contains(octet) ? 0xFF61 + UInt32(octet) - 0xA1 : nil
    }

    mutating func decodeEUCJP() {
        while let first = peek(0) {
            if first < 128 {
                put(UInt32(first))
                index += 1
            } else if first == 0x8E, let second = peek(1), let kana = Self.kana(second) {
                put(kana)
                index += 2
            } else if first == 0x8F, let second = peek(1), second > 0xA0, let third = peek(2), third > 0xA0 {
                put(CharsetTable.jis0212[Int(second) - 0xA1, Int(third) - 0xA1])
                index += 3
            } else if first > 0xA0, let second = peek(1), second > 0xA0 {
                putPair(CharsetTable.jis0208[Int(first) - 0xA1, Int(second) - 0xA1], isTrail: true)
            } else {
                putPair(nil, isTrail: false)
            }
        }
    }

    mutating func decodeEUCKR() {
        while let first = peek(0) {
            guard first >= 128 else {
                put(UInt32(first))
                index += 1
                continue
            }
            guard (0x81...0xFE).contains(first), let second = peek(1) else {
                putPair(nil, isTrail: false)
                continue
            }
            if first > 0xA0, second > 0xA0 {
                putPair(CharsetTable.ksx1001[Int(first) - 0xA1, Int(second) - 0xA1], isTrail: true)
            } else {
                putPair(Self.hangul(first, second), isTrail: second >= 0x41)
            }
        }
    }

    /// Syllables that code page 949 adds: 178 behind each of 81 to A0, 84 behind A1 to C6.
    private static func hangul(_ first: UInt8, _ second: UInt8) -> UInt32? {
        let cell: Int
        switch second {
        case 0x41...0x5A: cell = Int(second) - 0x41
        case 0x61...0x7A: cell = Int(second) - 0x61 + 26
        case 0x81...0xFE: cell = Int(second) - 0x81 + 52
        default: return nil
        }
        let position: Int
        switch first {
        case 0x81...0xA0: position = (Int(first) - 0x81) * 178 + cell
        case 0xA1...0xC6 where cell < 84: position = 32 * 178 + (Int(first) - 0xA1) * 84 + cell
        default: return nil
        }
        return position < addedHangul.count ? addedHangul[position] : nil
    }

    private static let addedHangul: [UInt32] = {
        let listed = CharsetTable.ksx1001.scalars
        return (0xAC00...0xD7A3).filter { !listed.contains($0) }
    }()

    /// The sets of ISO-2022-JP (RFC 1468, RFC 1554), ISO-2022-KR (RFC 1557) and ISO-2022-CN, told by their escapes.
    private enum Designation {
        case ascii, roman, kana, jis0208, jis0212, gb2312, ksx1001
    }

    mutating func decodeISO2022() {
        var set = Designation.ascii
        var shifted: Designation?
        var isShifted = false
        while let octet = peek(0) {
            if octet == 0x1B, let (designation, isOfShift, length) = escape() {
                if isOfShift { shifted = designation } else { set = designation }
                index += length
                continue
            }
            switch octet {
            case 0x0E where shifted != nil:
                isShifted = true
                index += 1
            case 0x0F where shifted != nil:
                isShifted = false
                index += 1
            case 10, 13:
                // A line begins in ASCII.
                (set, isShifted) = (.ascii, false)
                put(UInt32(octet))
                index += 1
            case 0x21...0x7E: putDesignated(isShifted ? shifted ?? set : set)
            default:
                put(octet < 128 ? UInt32(octet) : Self.kana(octet))
                index += 1
            }
        }
    }

    private func escape() -> (Designation, isOfShift: Bool, length: Int)? {
        guard let second = peek(1), let third = peek(2) else { return nil }
        switch (second, third) {
        case (0x28, 0x42): return (.ascii, false, 3)
        case (0x28, 0x4A): return (.roman, false, 3)
        case (0x28, 0x49): return (.kana, false, 3)
        case (0x24, 0x40), (0x24, 0x42): return (.jis0208, false, 3)
        case (0x24, 0x41): return (.gb2312, false, 3)
        case (0x24, 0x28), (0x24, 0x29):
            let sets: [UInt8: Designation] = [
                0x40: .jis0208, 0x41: .gb2312, 0x42: .jis0208, 0x43: .ksx1001, 0x44: .jis0212,
            ]
            guard let fourth = peek(3), let set = sets[fourth] else { return nil }
            return (set, third == 0x29, 4)
        default: return nil
        }
    }

    private mutating func putDesignated(_ set: Designation) {
        let octet = octets[index]
        let row = Int(octet) - 0x21
        func pair(_ table: CharsetTable) -> UInt32? { peek(1).flatMap { table[row, Int($0) - 0x21] } }
        let scalar: UInt32?
        switch set {
        case .ascii: scalar = UInt32(octet)
        case .roman: scalar = octet == 0x5C ? 0xA5 : octet == 0x7E ? 0x203E : UInt32(octet)
        case .kana: scalar = Self.kana(octet | 0x80)
        case .jis0208: scalar = pair(.jis0208)
        case .jis0212: scalar = pair(.jis0212)
        case .ksx1001: scalar = pair(.ksx1001)
        case .gb2312: scalar = peek(1).flatMap { CharsetTable.gbk[row + 0x20, Int($0) + 0x3F] }
        }
        put(scalar)
        switch set {
        case .ascii, .roman, .kana: index += 1
        case .jis0208, .jis0212, .ksx1001, .gb2312:
            index += peek(1).map { (0x21...0x7E).contains($0) } == true ? 2 : 1
        }
    }
}
