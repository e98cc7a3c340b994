/// Lengths of time as configuration writes them: `30s`, `5m`, `1h`, `400d`, `500ms`, `1h30m`.
enum Seconds {
    static let largest: Double = 100 * 365 * 86_400

    enum Unreadable: Error {
        case unitMissing
        case notADuration
        case tooLong
    }

    /// In seconds, more than 0.
    static func read(_ text: String) throws(Unreadable) -> Double {
        let octets = Array(text.utf8)
        var index = 0
        var total = 0.0
        func number() throws(Unreadable) -> Double {
            let start = index
            while index < octets.count, isDigit(octets[index]) { index += 1 }
            if index < octets.count, octets[index] == UInt8(ascii: "."), index > start {
                index += 1
                let fraction = index
                while index < octets.count, isDigit(octets[index]) { index += 1 }
                if index == fraction { throw .notADuration }
            }
            guard index > start, index - start <= 15,
                let value = Double(String(decoding: octets[start..<index], as: UTF8.self))
            else { throw .notADuration }
            return value
        }
        if octets.isEmpty { throw .notADuration }
        while index < octets.count {
            let value = try number()
            let start = index
            while index < octets.count, !isDigit(octets[index]) { index += 1 }
            switch String(decoding: octets[start..<index], as: UTF8.self) {
            case "ms": total += value / 1_000
            case "s": total += value
            case "m": total += value * 60
            case "h": total += value * 3_600
            case "d": total += value * 86_400
            case "w": total += value * 604_800
            case "": throw .unitMissing
            default: throw .notADuration
            }
        }
        if total > largest { throw .tooLong }
        return total
    }

    /// The shortest way to write it: `90s` is `1m30s`.
    static func text(_ seconds: Double) -> String {
        let milliseconds = Int((max(0, min(seconds, largest)) * 1_000).rounded())
        if milliseconds == 0 { return "0s" }
        var rest = milliseconds
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if rest >= size { text += "\(rest / size)\(unit)" }
            rest %= size
        }
        return text
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (48...57).contains(octet) }
}
