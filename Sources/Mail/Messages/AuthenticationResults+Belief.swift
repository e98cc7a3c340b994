import DNS

extension AuthenticationResults {
    /// A field and whether to believe it.
    package struct Claim: Hashable, Sendable {
        package var field: AuthenticationResults
        /// Its place among the fields of the header, from the top.
        package var position: Int
        /// Why it is not believed; nil where it is.
        package var doubt: String?
        /// It stands among what the message was sent with, so no receiver wrote it.
        package var cameAlong = false

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
    /// - Parameter receivers: the receiver's own host names. Without any, those that ``receivers(in:)`` finds.
    package static func claims(
        in header: MessageHeader, by receivers: [String] = [], beneath: BeneathReceived = .doubted
    ) -> [Claim] {
        let believer = Believer(header, receivers, beneath)
        var claims: [Claim] = []
        for (position, field) in header.fields.enumerated() where field.isNamed("Authentication-Results") {
            guard let results = AuthenticationResults(field.rawValue) else { continue }
            claims.append(
                Claim(
                    field: results, position: position, doubt: believer.doubt(results.server, at: position),
                    cameAlong: believer.cameAlong(position)))
            if claims.count == 100 { break }
        }
        return claims
    }

    /// Tells whether a field is the receiver's own.
    struct Believer {
        let hosts: [String]
        let border: Int?
        private let arrival: Int
        private let departure: Int
        private let beneath: BeneathReceived
        private let writtenBeneath: [Int]
        /// Yahoo's servers call themselves by their addresses: what stands above their fields is theirs all the same.
        private var isNameless: Bool { !hosts.isEmpty && hosts.allSatisfy { IPAddress($0) != nil } }

        init(_ header: MessageHeader, _ receivers: [String], _ beneath: BeneathReceived) {
            let trail = ReceiverTrail(header, by: receivers)
            hosts = trail.hosts
            let border = trail.entries.last?.position ?? header.fields.firstIndex { $0.isNamed("Received") }
            self.border = border
            arrival = AuthenticationResults.arrival(in: header, after: border)
            // Google puts its verdict right beneath its Received field, so the first there is its own.
            let isGoogle =
                trail.entries.last?.field.by.map { AuthenticationResults.isSame($0, "mx.google.com") } == true
            writtenBeneath =
                isGoogle
                ? ["Authentication-Results", "Received-SPF"].compactMap { name in
                    let first = header.fields.firstIndex { $0.isNamed(name) }
                    return first.flatMap { place in border.map { place > $0 } == true ? place : nil }
                } : []
            departure = header.fields.lastIndex { !AuthenticationResults.isAdded($0) } ?? 0
            self.beneath = beneath
        }

        /// Whether the field at `position` stands among those that no receiver adds: beneath the first of them, and
        /// above the last, since filters (milters) put their fields at the end of the header.
        func cameAlong(_ position: Int) -> Bool {
            border.map { position > $0 } == true && position > arrival && position < departure
        }

        /// Why the field at `position` that bears the name `server` is not believed; nil where it is. A field without a
        /// name is the receiver's where it stands above what the receiver wrote: Exchange Online leaves it out.
        func doubt(_ server: String, at position: Int) -> String? {
            let isAbove = border.map { position < $0 } == true
            if isAbove, server.isEmpty || isNameless { return nil }
            if !hosts.contains(where: { isSame($0, server) }) {
                return "it bears the name \(quoted(server)), which is not the receiver’s"
            }
            guard border.map({ position > $0 }) == true else { return nil }
            if writtenBeneath.contains(position), position < arrival { return nil }
            if beneath == .doubted {
                return "it stands beneath the receiver’s Received field: the sender may have written it"
            }
            return position > arrival ? "it stands among what the message was sent with" : nil
        }
    }

    /// The believed ones of ``claims(in:by:beneath:)``, from the top.
    package static func trusted(
        in header: MessageHeader, by receivers: [String] = [], beneath: BeneathReceived = .doubted
    ) -> [AuthenticationResults] {
        claims(in: header, by: receivers, beneath: beneath).filter(\.isBelieved).map(\.field)
    }

    /// The receiver's own hosts, as the header shows them: the one that wrote the topmost Received field, which nobody
    /// on the way can have written, and from there down every host of which its successor saw that it took the message
    /// over within the house. The newest first.
    package static func receivers(in header: MessageHeader) -> [String] { ReceiverTrail(header).hosts }

    /// The first field beneath the border that no receiver adds: there the message as sent begins.
    private static func arrival(in header: MessageHeader, after border: Int?) -> Int {
        guard let border else { return Int.max }
        for position in header.fields.indices where position > border {
            if !isAdded(header.fields[position]) { return position }
        }
        return header.fields.count
    }

    /// Whether receivers and their filters put such fields into what they take.
    private static func isAdded(_ field: MessageHeader.Field) -> Bool {
        let name = field.name.utf8.lowercasedText
        return name.hasPrefix("x-") || name.hasPrefix("arc-") || name.hasSuffix("-filter")
            || ["authentication-results", "received-spf", "return-path", "delivered-to", "envelope-to"].contains(name)
    }

    /// The same for others who ask which host wrote a field.
    package static func isOneHost(_ host: String, _ server: String) -> Bool { isSame(host, server) }

    /// Equal names, or one within the other's domain: `mx.example.org` writes for `example.org`.
    static func isSame(_ host: String, _ server: String) -> Bool {
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
