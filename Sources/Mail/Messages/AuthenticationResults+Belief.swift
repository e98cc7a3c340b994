extension AuthenticationResults {
    /// A field and whether to believe it.
    package struct Claim: Hashable, Sendable {
        package var field: AuthenticationResults
        /// Its place among the fields of the header, from the top.
        package var position: Int
        /// Why it is not believed; nil where it is.
        package var doubt: String?

        package var isBelieved: Bool { doubt == nil }
    }

    /// What to make of fields that stand beneath the receiver's own Received field, where the sender may have put them.
    package enum BeneathReceived: Hashable, Sendable {
        /// The sender is a stranger: do not believe them.
        case doubted
        /// The message is known to have been sent without such fields (it is our own): believe those that bear the
        /// receiver's name and come before anything of the message as sent.
        case believed
    }

    /// The fields of a header, told apart by whether they can be believed (RFC 8601 §5, §7.1).
    ///
    /// A field is believed if its authserv-id is one of `receivers` (or a name under the same host), and it stands
    /// above the Received fields that these hosts wrote: whatever is older can have come with the message.
    /// - Parameter receivers: the receiver's own host names. Without any, those of the topmost Received field.
    package static func claims(
        in header: MessageHeader, by receivers: [String] = [], beneath: BeneathReceived = .doubted
    ) -> [Claim] {
        let hosts = receivers.isEmpty ? topmostHost(header).map { [$0] } ?? [] : receivers
        let border = border(in: header, hosts)
        let arrival = arrival(in: header, after: border)
        var claims: [Claim] = []
        for (position, field) in header.fields.enumerated() where field.isNamed("Authentication-Results") {
            guard let results = AuthenticationResults(field.value) else { continue }
            var doubt: String?
            if !hosts.contains(where: { isSame($0, results.server) }) {
                doubt = "it bears the name \(quoted(results.server)), which is not the receiver’s"
            } else if border.map({ position > $0 }) == true {
                if beneath == .doubted {
                    doubt = "it stands beneath the receiver’s Received field: the sender may have written it"
                } else if position > arrival {
                    doubt = "it stands among what the message was sent with"
                }
            }
            claims.append(Claim(field: results, position: position, doubt: doubt))
            if claims.count == 100 { break }
        }
        return claims
    }

    /// The believed ones of ``claims(in:by:beneath:)``, from the top.
    package static func trusted(
        in header: MessageHeader, by receivers: [String] = [], beneath: BeneathReceived = .doubted
    ) -> [AuthenticationResults] {
        claims(in: header, by: receivers, beneath: beneath).filter(\.isBelieved).map(\.field)
    }

    private static func topmostHost(_ header: MessageHeader) -> String? {
        header.first("Received").flatMap { Received($0.value) }?.by
    }

    /// The lowest Received field of those at the top that the receiver wrote.
    private static func border(in header: MessageHeader, _ hosts: [String]) -> Int? {
        var border: Int?
        for (position, field) in header.fields.enumerated() where field.isNamed("Received") {
            guard let by = Received(field.value)?.by, hosts.contains(where: { isSame($0, by) }) else {
                // Above the receiver's own there may be hops of its mailbox servers; below it, the world begins.
                if border != nil { break }
                continue
            }
            border = position
        }
        return border ?? header.fields.firstIndex { $0.isNamed("Received") }
    }

    /// The first field beneath the border that no receiver adds: there the message as sent begins.
    private static func arrival(in header: MessageHeader, after border: Int?) -> Int {
        guard let border else { return Int.max }
        for position in header.fields.indices where position > border {
            let name = header.fields[position].name.utf8.lowercasedText
            let isAdded =
                name.hasPrefix("x-") || name.hasPrefix("arc-") || name.hasSuffix("-filter")
                || [
                    "authentication-results", "received-spf", "return-path", "delivered-to", "envelope-to",
                ].contains(name)
            if !isAdded { return position }
        }
        return header.fields.count
    }

    /// Equal names, or one within the other's domain: `mx.example.org` writes for `example.org`.
    private static func isSame(_ host: String, _ server: String) -> Bool {
        func clean(_ text: String) -> String {
            let lower = text.utf8.lowercasedText
            return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
        }
        let host = clean(host), server = clean(server)
        if host.isEmpty || server.isEmpty { return false }
        return host == server || (server.contains(".") && host.hasSuffix("." + server))
            || (host.contains(".") && server.hasSuffix("." + host))
    }
}
