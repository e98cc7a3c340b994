package import DNS

/// Reads the domain of mail addresses, as people write it: what stands behind the @.
package enum MailDomain {
    /// Why text is no mail domain, and what would be right: `write what stands behind the @: example.org`.
    package struct Problem: Error, Hashable, Sendable {
        package var reason: String
    }

    /// Letters of any script, digits, hyphens and underscores.
    package static func read(_ text: String) throws(Problem) -> DomainName {
        if isPlain(text), let name = try? DomainName(text) { return name }
        if IPAddress(text) != nil || text.hasPrefix("[") {
            throw Problem(reason: "it is an address; write a name such as example.org")
        }
        if text.contains("://") {
            throw Problem(reason: "it is a URL; write the name alone, such as example.org")
        }
        if let at = text.lastIndex(of: "@") {
            throw Problem(reason: "write what stands behind the @: \(text[text.index(after: at)...])")
        }
        let name: DomainName
        do { name = try DomainName(text) } catch { throw Problem(reason: "\(error)") }
        if name.isRoot { throw Problem(reason: "write a name such as example.org") }
        for label in name.labels {
            if let octet = label.first(where: { !isHostOctet($0) }) {
                throw Problem(reason: "“\(shown(octet))” cannot stand in one; write a name such as example.org")
            }
            if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
                throw Problem(reason: "a label neither begins nor ends with a hyphen")
            }
        }
        return name
    }

    /// Whether there is nothing but labels that may stand there between dots, and at the end a letter: so it is no
    /// address either.
    private static func isPlain(_ text: String) -> Bool {
        let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
        var before = dot
        for octet in text.utf8 {
            guard octet == dot ? before != hyphen && before != dot : isHostOctet(octet) else { return false }
            if octet == hyphen, before == dot { return false }
            before = octet
        }
        return before | 0x20 >= UInt8(ascii: "a") && isHostOctet(before) && before != UInt8(ascii: "_")
    }

    /// Whether an octet may stand in a label of a mail domain.
    package static func isHostOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// One octet as a person can see it.
    private static func shown(_ octet: UInt8) -> String {
        switch octet {
        case 10: "\\n"
        case 13: "\\r"
        case 9: "\\t"
        case 32...126: String(UnicodeScalar(octet))
        default: "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
    }
}
