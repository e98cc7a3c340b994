internal import DNS
internal import Mail

/// An address as MAIL and RCPT carry it: `Path = "<" Mailbox ">"` (RFC 5321 §4.1.2). Nothing else can be held in it.
struct SMTPPath: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// nil where the address cannot be sent without SMTPUTF8 (RFC 6531), or not at all.
    init?(_ address: EmailAddress) {
        let local = Array(address.localPart.utf8)
        let domain = Array(address.domain.description.utf8)
        // §4.5.3.1.1: 64 octets for a local part.
        guard (1...64).contains(local.count), local.allSatisfy({ (32...126).contains($0) }),
            !domain.isEmpty, domain.allSatisfy({ Self.isLetterOrDigit($0) || [45, 46, 95].contains($0) })
        else { return nil }
        let isDotString =
            local.allSatisfy { Self.isAtomText($0) || $0 == UInt8(ascii: ".") }
            && local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
        let written = isDotString ? local : Self.quoted(local)
        description = "<" + String(decoding: written + [UInt8(ascii: "@")] + domain, as: UTF8.self) + ">"
    }

    /// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`.
    private static func quoted(_ text: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")
        return [quote] + text.flatMap { $0 == quote || $0 == backslash ? [backslash, $0] : [$0] } + [quote]
    }

    /// `atext` (RFC 5322 §3.2.3).
    private static func isAtomText(_ octet: UInt8) -> Bool {
        isLetterOrDigit(octet) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
    }

    private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        (48...57).contains(octet) || (65...90).contains(octet) || (97...122).contains(octet)
    }
}
