import DNS

/// The Received fields at the top of a header that the receiver itself wrote, and the last of them: the one in which it
/// took the message from the world.
///
/// Every server puts its field above all that was there, so the topmost is the receiver's own. The one beneath it is
/// the receiver's too only where the upper one *saw* that it had the message from within the house: over the loopback
/// or a local socket, by LMTP, by fetching it from a mailbox, or from an address whose own name in the DNS is that of
/// the lower one's host. What the client said of itself (EHLO) proves nothing: everyone can write a field with the
/// receiver's name into a message before sending it.
struct ReceiverTrail {
    /// One Received field and its place among the fields of the header.
    struct Entry {
        var position: Int
        var field: Received
    }

    /// The receiver's host names: those given, or else those found, the newest first.
    private(set) var hosts: [String]
    /// The newest first. Empty where there is none of the hosts given.
    private(set) var entries: [Entry] = []
    /// The client of the last entry bears a name of this house without proof, and a field beneath it claims to be its:
    /// it may be so, or forged.
    private(set) var isDoubtful = false

    /// Fields beyond that are not looked at.
    private static let maximum = 50

    /// - Parameter named: the receiver's hosts where they are known; whatever stands above their first field is of
    ///   mailbox servers behind them.
    init(_ header: MessageHeader, by named: [String] = []) {
        hosts = named
        var seen = 0
        for (position, field) in header.fields.enumerated() where field.isNamed("Received") {
            seen += 1
            guard seen <= Self.maximum, !isDoubtful else { break }
            guard let hop = Received(field.rawValue) else { continue }
            guard let by = hop.by else {
                // qmail and nullmailer note what they do within a host.
                if hop.namesNobody || entries.isEmpty { continue }
                break
            }
            guard let above = entries.last?.field else {
                if named.isEmpty { hosts = [by] }
                if hosts.contains(where: { AuthenticationResults.isSame($0, by) }) {
                    entries.append(Entry(position: position, field: hop))
                }
                continue
            }
            switch Self.handover(above, from: hop, isNamed: named.contains { AuthenticationResults.isSame($0, by) }) {
            case .within:
                entries.append(Entry(position: position, field: hop))
                if named.isEmpty { hosts.append(by) }
                continue
            case .claimed: isDoubtful = true
            case .outside: break
            }
            break
        }
    }

    private enum Handover { case within, claimed, outside }

    /// Whether the host that wrote `above` had the message from the one that wrote `before`, by what it saw itself.
    private static func handover(_ above: Received, from before: Received, isNamed: Bool) -> Handover {
        guard let by = before.by, let receiver = above.by else { return .outside }
        if ["POP3", "IMAP"].contains(above.with) { return .within }
        func names(_ name: String?) -> Bool { name.map { AuthenticationResults.isSame($0, by) } == true }
        let isHouse =
            WebAddress.isSameHouse(receiver, by) || isLocalName(by) || isLocalName(receiver)
            // Google’s inner servers are called by their addresses.
            || IPAddress(receiver) != nil && above.ip == nil
        let isCalled = names(above.from) || names(above.helo) || names(above.rdns)
        if let ip = above.ip, isExchangeOnline(above, ip, by) { return .within }
        if !isCalled, !isHouse { return .outside }
        if above.with?.hasPrefix("LMTP") == true || above.with == "LOCAL" { return .within }
        guard let ip = above.ip else {
            // No client at all, or one on the same machine.
            let isLocal = above.from == nil || above.from.map(isLocalName) == true
            return isLocal ? .within : isHouse ? .claimed : .outside
        }
        switch ip.specialPurpose {
        case .loopback: return .within
        case .privateUse, .shared, .linkLocal, .siteLocal, .uniqueLocal:
            return isCalled || isNamed ? .within : .claimed
        default: break
        }
        // RFC 5321 §4.4: what stands in the comment the server found out itself.
        func home(_ host: String) -> DomainName? { (try? DomainName(host))?.parent }
        if names(above.rdns), let house = home(receiver), house.labelCount > 1, house == home(by) { return .within }
        return isCalled && isHouse ? .claimed : .outside
    }

    /// Mailbox servers of Exchange Online take mail from none but its own front (`….protection.outlook.com`), over
    /// public addresses of their own (2603:1000::/24). One host has names in several domains; its first label stays.
    private static func isExchangeOnline(_ above: Received, _ ip: IPAddress, _ before: String) -> Bool {
        guard case .v6(let address) = ip, address.high >> 40 == 0x2603_10, let from = above.from, let by = above.by
        else { return false }
        let inner = [".prod.outlook.com", ".outlook.office365.com", ".prod.exchangelabs.com"]
        func isOne(of houses: [String], _ name: String) -> Bool {
            houses.contains { name.utf8.lowercasedText.hasSuffix($0) }
        }
        func label(_ name: String) -> String { name.utf8.prefix { $0 != UInt8(ascii: ".") }.lowercasedText }
        let all = inner + [".protection.outlook.com"]
        return isOne(of: inner, by) && isOne(of: all, from) && isOne(of: all, before) && label(from) == label(before)
    }

    private static func isLocalName(_ name: String) -> Bool {
        let lower = name.utf8.lowercasedText
        return lower == "localhost" || lower.hasPrefix("localhost.")
    }
}

extension Received {
    /// Whether it says nothing but that something was done, as qmail’s queue writes: `(qmail 1 invoked by uid 2); date`.
    package var namesNobody: Bool { from == nil && by == nil && ip == nil && helo == nil }
}

/// The Received field in which the receiver took the message from the world.
package struct Entrance: Sendable {
    /// nil where none of the receiver's fields can be told.
    package let field: Received?
    /// Its place among the fields of the header.
    package let position: Int?
    /// The receiver's hosts, as given or as found.
    package let hosts: [String]
    /// The client bears a name of the receiver's house, and nothing proves it: see ``ReceiverTrail``.
    package let isDoubtful: Bool

    /// - Parameter receivers: the receiver's hosts where they are known.
    package init(_ header: MessageHeader, receivers: [String] = []) {
        let trail = ReceiverTrail(header, by: receivers)
        field = trail.entries.last?.field
        position = trail.entries.last?.position
        hosts = trail.hosts
        isDoubtful = trail.isDoubtful
    }
}
