/// The strings of a TXT record as zone files write them (RFC 1035 §5.1), read as one: people paste what `dig` prints
/// and what stands in their zone.
package enum QuotedStrings {
    /// The octets of `"…" "…"`, joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2), parentheses around and line ends between
    /// them left out; nil where the text is not of that form, and is then the record itself.
    package static func joined(_ octets: [UInt8]) -> [UInt8]? {
        var rest = octets[...]
        rest = rest.drop(while: isBetween)
        guard rest.first == UInt8(ascii: "\"") else { return nil }
        var joined: [UInt8] = []
        while rest.first == UInt8(ascii: "\"") {
            rest = rest.dropFirst()
            var isClosed = false
            while let octet = rest.popFirst() {
                if octet == UInt8(ascii: "\"") {
                    isClosed = true
                    break
                }
                guard octet == UInt8(ascii: "\\") else {
                    joined.append(octet)
                    continue
                }
                let digits = rest.prefix(3)
                if digits.count == 3, digits.allSatisfy(\.isDigit), let value = UInt8(digits.text) {
                    joined.append(value)
                    rest = rest.dropFirst(3)
                } else if let escaped = rest.popFirst() {
                    joined.append(escaped)
                }
            }
            if !isClosed { return nil }
            rest = rest.drop(while: isBetween)
        }
        return rest.isEmpty ? joined : nil
    }

    private static func isBetween(_ octet: UInt8) -> Bool {
        octet.isSpace || octet == UInt8(ascii: "(") || octet == UInt8(ascii: ")")
    }
}
