package import DNS
internal import Mail

/// A message on its way, with what the protocol said about it (RFC 5321 §2.3.1).
package struct Envelope: Sendable {
    /// The reverse-path without angle brackets; empty for the null one.
    package var sender: String
    package var recipients: [String]
    /// Header and body with CRLF, the newest `Received:` on top.
    package var octets: [UInt8]
    package var client: Client
    /// The queue identifier that stands in the newest `Received:`.
    package var id: String

    /// Who brought it.
    package struct Client: Sendable {
        package var address: IPAddress
        package var helo: String
        /// From PTR with forward confirmation; nil where there is none.
        package var name: String?
        /// TLS version and cipher; nil without TLS.
        package var tls: String?
        /// The user who logged in.
        package var user: String?
    }
}

/// A reply of SMTP: code, enhanced status code where there is one, words (RFC 5321 §4.2, RFC 2034).
package struct SMTPAnswer: Sendable, CustomStringConvertible {
    package var code: Int
    package var text: String

    package init(_ code: Int, _ text: String) {
        self.code = code
        self.text = text
    }

    package var description: String { "\(code) \(text)" }
}

/// Where an SMTP server puts what it accepts.
package protocol MessageTaker: Sendable {
    /// nil when the recipient is welcome.
    func refusal(of recipient: String, from client: Envelope.Client) async -> SMTPAnswer?
    /// Takes the message over: a 2xx answer is a promise (RFC 5321 §4.2.5).
    func take(_ envelope: Envelope, by host: String) async -> SMTPAnswer
}

extension Timestamp {
    /// As in a header field (RFC 5322 §3.3), in UTC.
    var headerDate: String {
        let c = civil
        let days = Int((secondsSince1970 / 86_400).rounded(.down))
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(days % 7 + 7) % 7]
        return "\(weekday), \(c.day) \(monthName) \(c.year) \(two(c.hour)):\(two(c.minute)):\(two(c.second)) +0000"
    }

    /// As in IMAP's INTERNALDATE (RFC 9051 §9, date-time), without the quotes.
    var internalDate: String {
        let c = civil
        let day = c.day < 10 ? " \(c.day)" : "\(c.day)"
        return "\(day)-\(monthName)-\(c.year) \(two(c.hour)):\(two(c.minute)):\(two(c.second)) +0000"
    }

    private var monthName: String {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][civil.month - 1]
    }

    private func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
}
