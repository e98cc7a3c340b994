/// Dates exactly as RFC 5322 §3.3 has them, which nearly all are, read without any detour:
///
///     [ 3ALPHA "," ] 1*2DIGIT 3ALPHA 4DIGIT 2DIGIT ":" 2DIGIT [ ":" 2DIGIT ] ( "+" / "-" ) 4DIGIT
///
/// nil for any other form: that is for ``MailDate`` to read with patience.
enum UsualDate {
    static func parse(_ octets: UnsafeBufferPointer<UInt8>) -> MailDate? {
        var reader = Reader(octets: octets)
        reader.skip()
        if reader.peek(3) == UInt8(ascii: ",") {
            guard let name = reader.letters(), weekdays.contains(name) else { return nil }
            reader.index += 4
            reader.skip()
        }
        guard let day = reader.number(1...2), reader.skip(), let month = reader.month(), reader.skip(),
            let year = reader.number(4...4), year >= 1_900, reader.skip(), let hour = reader.number(2...2), hour < 24,
            reader.take(UInt8(ascii: ":")), let minute = reader.number(2...2), minute < 60
        else { return nil }
        var second = 0
        if reader.peek(0) == UInt8(ascii: ":") {
            reader.index += 1
            guard let number = reader.number(2...2), number <= 60 else { return nil }
            second = number
        }
        guard reader.skip(), let sign = reader.peek(0), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            return nil
        }
        reader.index += 1
        guard let zone = reader.number(4...4), zone % 100 < 60, zone / 100 <= 24, reader.isAtBreak,
            day >= 1, day <= days[month - 1] || (day == 29 && month == 2 && isLeap(year))
        else { return nil }
        let offset = (zone / 100 * 60 + zone % 100) * (sign == UInt8(ascii: "-") ? -1 : 1)
        let local = Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        // -0000 says that the zone is not known (RFC 5322 §3.3).
        return MailDate(
            timestamp: local + Double(-offset * 60), offset: zone == 0 && sign == UInt8(ascii: "-") ? nil : offset)
    }

    /// mon, tue, wed, thu, fri, sat, sun
    private static let weekdays: [UInt32] = [
        0x6D_6F6E, 0x74_7565, 0x77_6564, 0x74_6875, 0x66_7269, 0x73_6174, 0x73_756E,
    ]
    private static let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private struct Reader {
        let octets: UnsafeBufferPointer<UInt8>
        var index = 0

        func peek(_ distance: Int) -> UInt8? {
            index + distance < octets.count ? octets[index + distance] : nil
        }

        /// White space, if there is any; whether there was.
        @discardableResult
        mutating func skip() -> Bool {
            let start = index
            while index < octets.count, octets[index].isSpace { index += 1 }
            return index > start
        }

        mutating func take(_ octet: UInt8) -> Bool {
            guard peek(0) == octet else { return false }
            index += 1
            return true
        }

        /// So many digits, and no more.
        mutating func number(_ count: ClosedRange<Int>) -> Int? {
            let start = index
            var number = 0
            while index < octets.count, index - start < count.upperBound, octets[index].isDigit {
                number = number * 10 + Int(octets[index] - 48)
                index += 1
            }
            guard index - start >= count.lowerBound, peek(0)?.isDigit != true else { return nil }
            return number
        }

        /// The next three letters in lower case, as one number.
        func letters() -> UInt32? {
            guard index + 3 <= octets.count else { return nil }
            return UInt32(octets[index].lower) << 16 | UInt32(octets[index + 1].lower) << 8
                | UInt32(octets[index + 2].lower)
        }

        mutating func month() -> Int? {
            guard let key = letters() else { return nil }
            index += 3
            switch key {
            case 0x6A616E: return 1
            case 0x666562: return 2
            case 0x6D6172: return 3
            case 0x617072: return 4
            case 0x6D6179: return 5
            case 0x6A756E: return 6
            case 0x6A756C: return 7
            case 0x617567: return 8
            case 0x736570: return 9
            case 0x6F6374: return 10
            case 0x6E6F76: return 11
            case 0x646563: return 12
            default: return nil
            }
        }

        /// Nothing, white space or a comment follows.
        var isAtBreak: Bool {
            guard let octet = peek(0) else { return true }
            return octet.isSpace || octet == UInt8(ascii: "(")
        }
    }
}
