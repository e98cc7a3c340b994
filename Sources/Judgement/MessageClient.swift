package import DNS
import Mail

/// Who handed a message to its receiver, as SPF asks it (RFC 7208 §2.4): address, reverse-path and name.
package struct MessageClient: Hashable, Sendable {
    package var ip: IPAddress
    /// Empty for the null sender.
    package var mailFrom: String
    package var helo: String
    /// The host that took the message from it; nil where that is not known.
    package var receiver: String?
    /// Where this comes from, in words.
    package var basis: String

    /// As given, otherwise from the Received field in which the receiver took the message from outside. That field is
    /// the lowest one the receiver wrote: all below can have come with the message.
    /// - Returns: nil and why, where neither tells.
    static func find(
        _ observation: MessageObservation, _ header: MessageHeader
    ) -> (client: MessageClient?, because: String) {
        let path = observation.mailFrom ?? returnPath(header)
        if let ip = observation.senderIP {
            let client = MessageClient(
                ip: ip, mailFrom: path ?? "", helo: observation.helo ?? "", receiver: observation.receivers.first,
                basis: "as given")
            return (client, client.basis)
        }
        guard header.first("Received") != nil else { return (nil, "no Received field tells who handed it in") }
        let entrance = Entrance(header, receivers: observation.receivers)
        guard let entry = entrance.field else {
            let hosts = entrance.hosts
            return (
                nil,
                hosts.isEmpty
                    ? "no Received field names the host that took it"
                    : "no Received field is of \(list(hosts.map { quoted($0) }))"
            )
        }
        let name = entry.by ?? "?"
        guard let ip = entry.ip else { return (nil, "the Received field of \(quoted(name)) names no address") }
        if let purpose = ip.specialPurpose, isInside(purpose) {
            return (nil, "\(quoted(name)) had it from \(ip), an address within the house")
        }
        if entrance.isDoubtful || observation.receivers.isEmpty && isAmbiguous(entry) {
            return (
                nil,
                "\(quoted(name)) may have had it from a host of its own house"
                    + (observation.receivers.isEmpty ? ": name the receiver (--receiver)" : ", and nothing proves it")
            )
        }
        let client = MessageClient(
            ip: ip, mailFrom: path ?? entry.envelopeFrom ?? "",
            helo: observation.helo ?? entry.helo ?? entry.from ?? "",
            receiver: name, basis: "by the Received field of \(name)")
        return (client, client.basis)
    }

    private static func isInside(_ purpose: SpecialPurpose) -> Bool {
        switch purpose {
        case .loopback, .privateUse, .shared, .linkLocal, .siteLocal, .uniqueLocal: true
        default: false
        }
    }

    /// A client that calls itself by a name of the receiver's own domain, unproven: a relay of the house, or a liar.
    private static func isAmbiguous(_ entry: Received) -> Bool {
        guard let by = entry.by else { return true }
        return [entry.from, entry.helo].contains { name in name.map { WebAddress.isSameHouse($0, by) } == true }
    }

    /// What the last server noted of MAIL FROM (RFC 5321 §4.4): the topmost Return-Path.
    static func returnPath(_ header: MessageHeader) -> String? {
        guard let field = header.first("Return-Path") else { return nil }
        let text = field.text
        guard let open = text.utf8.firstIndex(of: UInt8(ascii: "<")) else { return text.isEmpty ? nil : text }
        let rest = text[text.index(after: open)...]
        return String(rest.prefix { $0 != ">" })
    }
}
