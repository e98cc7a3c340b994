import DNS

/// What greylisting is about: who is put off at first is served when they come again (RFC 6647 §2.1).
package struct SecondTry: Hashable, Sendable, Codable {
    /// What was said the first time.
    package var first: SMTPAnswer
    /// Seconds from then until the same was asked again.
    package var waited: Double

    package init(first: SMTPAnswer, waited: Double) {
        self.first = first
        self.waited = waited
    }
}

extension SMTPAnswer {
    /// Seconds after which the server wants to be asked again, where its words say so: "in 5 minutes", "for 300 seconds",
    /// "in 00:04:59". At most a day; nil where they do not. RFC 5321 has no code for it: servers say it in free text.
    package var retrySeconds: Double? {
        let words = Self.withoutAddresses(text).lowercased().utf8
            .split { !Self.isPartOfWord($0) }.map { Array($0) }
        for (index, word) in words.enumerated() {
            let before = index > 0 ? String(decoding: words[index - 1], as: UTF8.self) : ""
            let seconds = Self.clockSeconds(word, after: before) ?? Self.seconds(word, words.dropFirst(index + 1).first)
            if let seconds, seconds > 0 { return min(seconds, 86_400) }
        }
        return nil
    }

    private static func isPartOfWord(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"),
            UInt8(ascii: "."), UInt8(ascii: "#"):
            true
        default: false
        }
    }

    /// `00:04:59`; only behind a word that makes it a length of time and not a time of day.
    private static func clockSeconds(_ word: [UInt8], after before: String) -> Double? {
        guard ["in", "for", "after", "within", "least"].contains(before) else { return nil }
        let parts = word.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        var total = 0.0
        for part in parts {
            guard (1...2).contains(part.count), let number = number(part) else { return nil }
            total = total * 60 + number
        }
        return total
    }

    /// `300s`, or `5` and the word behind it.
    private static func seconds(_ word: [UInt8], _ next: [UInt8]?) -> Double? {
        let digits = word.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...6).contains(digits.count), let number = number(digits) else { return nil }
        var unit = word.dropFirst(digits.count)
        if unit.isEmpty { unit = next.map { $0[...] } ?? [] }
        while unit.last == UInt8(ascii: ".") { unit = unit.dropLast() }
        switch String(decoding: unit, as: UTF8.self) {
        case "s", "sec", "secs", "second", "seconds": return number
        case "m", "min", "mins", "minute", "minutes": return number * 60
        case "h", "hr", "hrs", "hour", "hours": return number * 3_600
        default: return nil
        }
    }

    private static func number(_ digits: some Sequence<UInt8>) -> Double? {
        var number = 0.0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = number * 10 + Double(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
