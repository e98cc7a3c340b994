/// Numbers as people say them.
package enum Wording {
    /// A length of time with two or three significant digits: `0.4 ms`, `38 ms`, `1.42 s`, `75 s`, `3 min 5 s`,
    /// `2 h 10 min`, `3 d 4 h`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return "?" }
        if seconds < 0 { return "−" + duration(-seconds) }
        switch seconds {
        case ..<0.000_05: return "0 ms"
        case ..<0.009_95: return fixed(seconds * 1_000, digits: 1) + " ms"
        case ..<0.999_5: return fixed(seconds * 1_000, digits: 0) + " ms"
        case ..<9.995: return fixed(seconds, digits: 2) + " s"
        case ..<59.95: return fixed(seconds, digits: 1) + " s"
        case ..<99.5: return fixed(seconds, digits: 0) + " s"
        case ..<3_599.5: return parts(seconds, 60, "min", 1, "s")
        case ..<86_400: return parts(seconds, 3_600, "h", 60, "min")
        default: return parts(min(seconds, 1e15), 86_400, "d", 3_600, "h")
        }
    }

    /// A length of time between two stamps of whole seconds: `0 s`, `16 s`, `3 min 5 s`.
    package static func wholeSeconds(_ seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 99.5 else { return duration(seconds) }
        return (seconds <= -0.5 ? "−" : "") + fixed(abs(seconds), digits: 0) + " s"
    }

    /// `1 finding`, `3 findings`, `no findings`.
    package static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        switch number {
        case 0: "no \(many ?? one + "s")"
        case 1: "1 \(one)"
        default: "\(number) \(many ?? one + "s")"
        }
    }

    /// `number` with so many digits after the point.
    package static func fixed(_ number: Double, digits: Int) -> String {
        guard number.isFinite, abs(number) < 1e12 else { return number.description }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = Int((abs(number) * scale).rounded())
        let sign = number < 0 && whole != 0 ? "-" : ""
        if digits == 0 { return sign + String(whole) }
        let text = String(whole)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// `a`, `a and b`, `a, b and c`.
    package static func list(_ items: [String], _ word: String = "and") -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }

    private static func parts(
        _ seconds: Double, _ large: Int, _ largeName: String, _ small: Int, _ smallName: String
    ) -> String {
        let units = Int((seconds / Double(small)).rounded()) * small
        let first = units / large, second = units % large / small
        return second == 0 ? "\(first) \(largeName)" : "\(first) \(largeName) \(second) \(smallName)"
    }
}
