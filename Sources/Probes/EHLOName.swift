import DNS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The name a client gives itself in EHLO (RFC 5321 §4.1.1.1): a fully qualified domain name, or, where it has
/// none, an address literal (§4.1.3). Nothing else can be held in it, so nothing else can be sent.
package struct EHLOName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// RFC 5321 §4.1.2: `Domain = sub-domain *("." sub-domain)`, `sub-domain = Let-dig [Ldh-str]`, or
    /// `address-literal = "[" … "]"`. A single label is taken too: `localhost` says what it is.
    package init?(_ text: String) {
        guard Self.isDomain(text) || Self.isLiteral(text) else { return nil }
        description = text
    }

    private init(valid: String) { description = valid }

    /// `[127.0.0.1]`: true of every machine, and claims nothing.
    package static let loopback = EHLOName(valid: "[127.0.0.1]")

    /// The machine's host name where it is fully qualified; otherwise ``loopback``.
    package static var ofThisMachine: EHLOName {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return loopback }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard name.contains("."), isDomain(name) else { return loopback }
        return EHLOName(valid: name)
    }

    private static func isDomain(_ text: String) -> Bool {
        guard (1...255).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLiteral(_ text: String) -> Bool {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return false }
        let inner = String(text.dropFirst().dropLast())
        let tag = "IPv6:"
        return inner.hasPrefix(tag)
            ? IPv6Address(String(inner.dropFirst(tag.count))) != nil : IPv4Address(inner) != nil
    }

    private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
