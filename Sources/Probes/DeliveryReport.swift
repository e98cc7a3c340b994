internal import DNS

/// What a report in the mailbox says of a message of ours: only one of failure ends the search.
///
/// A warning of delay, a report of success, a notice that somebody read it and an absence note name our message as well,
/// and none of them says that it will not come (RFC 3464 §2.3.3, RFC 8098, RFC 3834).
struct DeliveryReport {
    let message: ArrivedMessage
    private let lines: [ArraySlice<UInt8>]

    init(_ octets: [UInt8]) {
        message = ArrivedMessage(octets)
        lines = octets.split(separator: 10)
    }

    /// Whether it says that a message will not be delivered.
    var isOfFailure: Bool {
        let actions = values(of: "Action:")
        if !actions.isEmpty { return actions.contains { $0.startsWithASCII("failed") } }
        // Exim names those concerned in a field; who has only words signs as the mail system.
        if !message.values(of: "X-Failed-Recipients").isEmpty { return true }
        if message.values(of: "Content-Type").contains(where: { $0.uppercasedASCII.offset(of: Self.status) != nil }) {
            return true
        }
        return message.values(of: "From").contains { $0.uppercasedASCII.offset(of: "MAILER-DAEMON".utf8) != nil }
    }

    private static let status = Array("DELIVERY-STATUS".utf8)

    /// What it gives as the reason; nil where it gives none.
    var diagnosis: [UInt8]? {
        ["Diagnostic-Code:", "Status:"].lazy.compactMap { name in lines.first { $0.startsWithASCII(name) } }.first
            .map(Array.init)
    }

    private func values(of name: String) -> [[UInt8]] {
        lines.filter { $0.startsWithASCII(name) }.map {
            Array($0.dropFirst(name.utf8.count).drop { $0 == 32 || $0 == 9 })
        }
    }
}
