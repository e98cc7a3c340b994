/// Finds where comments end (RFC 5322 §3.2.2). A parenthesis that nothing closes costs a look at all that follows, so
/// after some of these no more are looked for: hostile text must not cost more than it is long.
struct Comments {
    private var failures = 0
    private static let maximumFailures = 20

    /// One past the parenthesis that closes the comment at `start`; nil where none does.
    mutating func end(_ octets: [UInt8], from start: Int) -> Int? {
        octets.withUnsafeBufferPointer { end($0, from: start) }
    }

    mutating func end(_ octets: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard failures < Self.maximumFailures else { return nil }
        var depth = 0
        var index = start
        while index < octets.count {
            switch octets[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        failures += 1
        return nil
    }
}
