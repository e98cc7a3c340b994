/// A moment, in seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
package struct Timestamp: Hashable, Sendable, Comparable {
    package var secondsSince1970: Double

    package init(_ secondsSince1970: Double) { self.secondsSince1970 = secondsSince1970 }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.secondsSince1970 < b.secondsSince1970 }
    /// The seconds from `b` to `a`; negative where `a` is the earlier.
    package static func - (a: Timestamp, b: Timestamp) -> Double { a.secondsSince1970 - b.secondsSince1970 }
    /// So many seconds later.
    package static func + (a: Timestamp, seconds: Double) -> Timestamp { Timestamp(a.secondsSince1970 + seconds) }

    /// From a calendar date of the Gregorian calendar and a time in UTC. Fields are not checked here:
    /// a parser that reads them says what is out of range.
    package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        // Days from civil: years counted from March, so that the leap day is the last of its year.
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        secondsSince1970 = Double(days * 86_400 + hour * 3_600 + minute * 60 + second)
    }

    /// Year, month, day, hour, minute and second in UTC.
    package var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let limit = 9_007_199_254_740_992.0  // beyond 2^53 a Double has no seconds left
        let total = Int(min(max(secondsSince1970.rounded(.down), -limit), limit))
        let days = total.floored(by: 86_400), rest = total - days * 86_400
        let z = days + 719_468
        let era = z.floored(by: 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1, rest / 3_600,
            rest / 60 % 60, rest % 60
        )
    }
}

extension Int {
    fileprivate func floored(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC to the second: `2026-11-22T12:00:00Z`.
    package var description: String {
        let c = civil
        if (0...9_999).contains(c.year) {
            return String(unsafeUninitializedCapacity: 20) { text in
                var place = 0
                func write(_ number: Int, _ digits: Int, _ next: Unicode.Scalar) {
                    var rest = number
                    for index in stride(from: place + digits - 1, through: place, by: -1) {
                        text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                        rest /= 10
                    }
                    text[place + digits] = UInt8(ascii: next)
                    place += digits + 1
                }
                write(c.year, 4, "-")
                write(c.month, 2, "-")
                write(c.day, 2, "T")
                write(c.hour, 2, ":")
                write(c.minute, 2, ":")
                write(c.second, 2, "Z")
                return place
            }
        }
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let year = String(c.year)
        let padded = String(repeating: "0", count: max(0, 4 - year.count)) + year
        return "\(padded)-\(two(c.month))-\(two(c.day))T\(two(c.hour)):\(two(c.minute)):\(two(c.second))Z"
    }
}

/// In recordings a moment is a number: seconds since 1970.
extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        secondsSince1970 = try decoder.singleValueContainer().decode(Double.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secondsSince1970)
    }
}
