/// Dates as they stand in messages (RFC 5322 §3.3), and as they should not:
///
///     date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone [CFWS]
///
/// with obsolete zones and two-digit years (§4.3), comments anywhere, the order of ctime(3), and RFC 3339.
package struct MailDate: Hashable, Sendable {
    package var timestamp: Timestamp
    /// Minutes east of UTC; nil where the zone is missing or unknown, then the time is taken as UTC (RFC 5322 §4.3).
    package var offset: Int?

    /// Leading spaces and comments are skipped; what follows the zone is not looked at. nil for anything that is no
    /// date, or out of range.
    package static func parse(_ octets: some Collection<UInt8>) -> MailDate? {
        if let date = octets.withContiguousStorageIfAvailable({ UsualDate.parse($0) }) ?? nil { return date }
        var fields = Fields()
        var words = Words(Array(octets.prefix(1_000)))
        words.skipForeignWeekday()
        var count = 0
        while let word = words.next(), count < 40 {
            count += 1
            if !fields.take(word) { break }
            if fields.isComplete { break }
        }
        return fields.date
    }

    package static func parse(_ text: String) -> MailDate? { parse(text.utf8) }

    package init(timestamp: Timestamp, offset: Int?) {
        self.timestamp = timestamp
        self.offset = offset
    }
}

/// Words between white space, commas and comments.
private struct Words {
    let octets: [UInt8]
    var index = 0
    private var comments = Comments()

    init(_ octets: [UInt8]) { self.octets = octets }

    /// A day's name in another language, or misspelt, is one all the same where a comma ends it: `Mi., 4 Nov 2020`.
    mutating func skipForeignWeekday() {
        var end = index
        while end < octets.count, octets[end].isSpace { end += 1 }
        let start = end
        while end < octets.count, end - start < 16, octets[end].isAlpha || octets[end] >= 128 || octets[end] == 46 {
            end += 1
        }
        if end > start, end < octets.count, octets[end] == UInt8(ascii: ",") { index = end + 1 }
    }

    mutating func next() -> ArraySlice<UInt8>? {
        while index < octets.count {
            let octet = octets[index]
            if octet.isSpace || octet == UInt8(ascii: ",") {
                index += 1
            } else if octet == UInt8(ascii: "(") {
                index = comments.end(octets, from: index) ?? octets.count
            } else {
                break
            }
        }
        let start = index
        while index < octets.count, !octets[index].isSpace, octets[index] != UInt8(ascii: ","),
            octets[index] != UInt8(ascii: "(")
        {
            index += 1
        }
        return start < index ? octets[start..<index] : nil
    }
}

/// What has been read of a date so far, in whatever order it came.
private struct Fields {
    var day: Int?
    var month: Int?
    var year: Int?
    var time: (hour: Int, minute: Int, second: Int, fraction: Double)?
    var offset: Int?
    var sawZone = false

    var isComplete: Bool { day != nil && month != nil && year != nil && time != nil && sawZone }

    /// false: the word is no part of a date.
    mutating func take(_ word: ArraySlice<UInt8>) -> Bool {
        if word.contains(UInt8(ascii: ":")), time == nil || word.first?.isAlpha != true { return takeTime(word) }
        guard let first = word.first else { return true }
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-"), time != nil { return takeOffset(word) }
        if first.isDigit { return takeNumber(word) }
        guard first.isAlpha else { return false }
        if month == nil, let named = Self.month(word) {
            month = named
            return true
        }
        if time == nil { return Self.weekdays.contains(word.prefix(3).lowercasedText) }
        return takeZone(word)
    }

    private mutating func takeNumber(_ word: ArraySlice<UInt8>) -> Bool {
        // 2003-06-23 of RFC 3339; 23-Jun-2003 of old systems
        let parts = word.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        if parts.count == 3, day == nil {
            if let y = parts[0].decimal(atMost: 9_999), parts[0].count == 4, let m = parts[1].decimal(atMost: 12),
                let d = parts[2].decimal(atMost: 31)
            {
                (year, month, day) = (y, m, d)
                return true
            }
            if let d = parts[0].decimal(atMost: 31), let m = Self.month(parts[1]), takeYear(parts[2]) {
                (day, month) = (d, m)
                return true
            }
            return false
        }
        if day == nil, let number = word.decimal(atMost: 31), word.count <= 2 {
            day = number
            return true
        }
        // A month as a number, as nobody should write it: 20 11 79
        if day != nil, month == nil, let number = word.decimal(atMost: 12), word.count <= 2, number > 0 {
            month = number
            return true
        }
        if day != nil, year == nil, takeYear(word) { return true }
        return time != nil && year != nil  // something behind the date
    }

    /// RFC 5322 §4.3: two digits to 49 are of this century, others and three digits count from 1900.
    private mutating func takeYear(_ digits: ArraySlice<UInt8>) -> Bool {
        guard let number = digits.decimal(atMost: 9_999) else { return false }
        switch digits.count {
        case 2: year = number < 50 ? 2_000 + number : 1_900 + number
        case 3: year = 1_900 + number
        case 4 where number >= 1_900: year = number
        default: return false
        }
        return true
    }

    ///     time-of-day = hour ":" minute [ ":" second ]        ; with a fraction in RFC 3339
    private mutating func takeTime(_ word: ArraySlice<UInt8>) -> Bool {
        var text = word
        // RFC 3339: 2003-06-23T10:52:37.5+02:00
        if let t = text.firstIndex(where: { $0.lower == UInt8(ascii: "t") }), year == nil, text[..<t].count == 10 {
            guard takeNumber(text[..<t]) else { return false }
            text = text[(t + 1)...]
        }
        if time != nil {
            // +02:00
            return text.first.map { "+-".utf8.contains($0) } == true && takeOffset(text)
        }
        var zone = text[text.endIndex...]
        if let sign = text.firstIndex(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") || $0.isAlpha }) {
            zone = text[sign...]
            text = text[..<sign]
        }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0].count <= 2, let hour = parts[0].decimal(atMost: 23),
            parts[1].count <= 2, let minute = parts[1].decimal(atMost: 59)
        else { return false }
        var second = 0
        var fraction = 0.0
        if parts.count == 3 {
            let pieces = parts[2].split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces[0].count <= 2, let whole = pieces[0].decimal(atMost: 60) else { return false }
            second = whole
            if pieces.count == 2 {
                guard pieces[1].allSatisfy(\.isDigit) else { return false }
                fraction = pieces[1].prefix(9).reversed().reduce(0) { ($0 + Double($1 - 48)) / 10 }
            }
        }
        time = (hour, minute, second, fraction)
        if zone.isEmpty { return true }
        return zone.first?.isAlpha == true ? takeZone(zone) : takeOffset(zone)
    }

    /// `("+" / "-") 4DIGIT`; also with a colon, or without the zero before the hour: `-600`.
    private mutating func takeOffset(_ word: ArraySlice<UInt8>) -> Bool {
        let digits = word.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4 || digits.count == 3, let number = digits.decimal(atMost: 9_999), number % 100 < 60,
            number / 100 <= 24
        else {
            return false
        }
        let minutes = number / 100 * 60 + number % 100
        let isNegative = word.first == UInt8(ascii: "-")
        // -0000 says that the zone is not known (RFC 5322 §3.3).
        offset = isNegative && minutes == 0 ? nil : isNegative ? -minutes : minutes
        sawZone = true
        return true
    }

    /// RFC 5322 §4.3. An unknown name counts as -0000; it ends the date unless the year is still to come (ctime).
    private mutating func takeZone(_ word: ArraySlice<UInt8>) -> Bool {
        // GMT+02:00, as Java writes it
        let sign = word.firstIndex { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        if let sign, ["gmt", "utc", "ut"].contains(word[..<sign].lowercasedText), takeOffset(word[sign...]) {
            return true
        }
        if year == nil, Self.zones[word.lowercasedText] == nil, !word.allSatisfy(\.isAlphanumeric) { return false }
        offset = Self.zones[word.lowercasedText].map { $0 * 60 }
        sawZone = true
        return true
    }

    private static let zones: [String: Int] = [
        "ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
        "pst": -8, "pdt": -7, "est5edt": -5, "cst6cdt": -6, "mst7mdt": -7, "pst8pdt": -8, "bst": 1, "cet": 1,
        "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
    ]
    private static let weekdays: Set<String> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let longMonths = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december", "sept",
    ]

    private static func month(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.count <= 9 else { return nil }
        let name = word.lowercasedText
        if let index = months.firstIndex(of: name) { return index + 1 }
        if name == "sept" { return 9 }
        return longMonths.firstIndex(of: name).map { $0 + 1 }
    }

    var date: MailDate? {
        guard let day, let month, let year, let time, day >= 1, month >= 1, day <= Self.days(in: month, of: year) else {
            return nil
        }
        let local = Timestamp(
            year: year, month: month, day: day, hour: time.hour, minute: time.minute, second: time.second)
        return MailDate(timestamp: local + (time.fraction - Double((offset ?? 0) * 60)), offset: offset)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
