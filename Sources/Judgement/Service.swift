/// What speaks on a port of a mail host, by the name it has in configuration, JSON and metrics.
package enum Service: String, Hashable, Sendable, Codable, CaseIterable {
    case smtp  // RFC 5321: between MTAs
    case submission  // RFC 6409: STARTTLS
    case submissions  // RFC 8314 §3.3: implicit TLS
    case imap  // RFC 9051: STARTTLS
    case imaps  // RFC 8314 §3.2
    case pop3  // RFC 1939, STLS of RFC 2595
    case pop3s  // RFC 8314 §3.2

    /// The language spoken, whatever the port.
    package enum Dialect: String, Hashable, Sendable, Codable { case smtp, imap, pop3 }

    package var dialect: Dialect {
        switch self {
        case .smtp, .submission, .submissions: .smtp
        case .imap, .imaps: .imap
        case .pop3, .pop3s: .pop3
        }
    }

    /// The port that IANA registered.
    package var port: UInt16 {
        switch self {
        case .smtp: 25
        case .submission: 587
        case .submissions: 465
        case .imap: 143
        case .imaps: 993
        case .pop3: 110
        case .pop3s: 995
        }
    }

    /// Whether TLS starts with the first octet; otherwise by STARTTLS (STLS).
    package var hasImplicitTLS: Bool { self == .submissions || self == .imaps || self == .pop3s }

    /// Whether people log in here, so that what RFC 8314 says of clear text applies.
    package var isForUsers: Bool { self != .smtp }
}
