package import DNS

/// Why text is no mail address.
package enum EmailAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    case noAt
    case emptyLocalPart
    case emptyDomain
    /// CR, LF, NUL or another: such text must never get into a command.
    case controlCharacter
    case localPartTooLong(Int)
    case tooLong(Int)
    case badLocalPart(String)
    /// `user@[192.0.2.1]` (RFC 5321 §4.1.3).
    case addressLiteral
    case badDomainCharacter(String)
    case badDomain(String, DomainNameError)

    /// One sentence, free of control characters.
    package var description: String {
        switch self {
        case .empty: "the mail address is empty"
        case .noAt: "the mail address has no “@”"
        case .emptyLocalPart: "the mail address has nothing before its “@”"
        case .emptyDomain: "the mail address has nothing behind its “@”"
        case .controlCharacter: "the mail address holds a control character"
        case .localPartTooLong(let octets):
            "the part before the “@” takes \(octets) octets, 64 are allowed (RFC 5321 §4.5.3.1.1)"
        case .tooLong(let octets): "the mail address takes \(octets) octets, 254 are allowed (RFC 5321 §4.5.3.1.3)"
        case .badLocalPart(let text):
            "\(quoted(text)) before the “@” must be words joined by dots, or stand in double quotes"
        case .addressLiteral: "an address literal stands where a domain belongs"
        case .badDomainCharacter(let text): "\(quoted(text)) is no domain: letters, digits, “-” and “.” only"
        case .badDomain(let text, let why): "\(quoted(text)) is no domain: \(why)"
        }
    }
}
