package import DNS
package import Mail

internal import FoundationEssentials

/// What servers take from outside: time, identifiers, names of addresses. Handed in, so that a test knows them.
package struct Facilities: Sendable {
    package var now: @Sendable () -> Timestamp
    /// A queue identifier: letters and digits, new at each call.
    package var makeID: @Sendable () -> String
    /// The name that PTR gives for an address, if it leads back there (RFC 8601 §2.7.3); nil otherwise.
    package var reverseName: @Sendable (IPAddress) async -> String?

    package init(
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date().timeIntervalSince1970) },
        makeID: @escaping @Sendable () -> String = Facilities.randomID,
        reverseName: @escaping @Sendable (IPAddress) async -> String? = { _ in nil }
    ) {
        self.now = now
        self.makeID = makeID
        self.reverseName = reverseName
    }

    /// Twelve letters and digits that no one reads wrong.
    package static func randomID() -> String {
        let alphabet = Array("0123456789BCDFGHJKLMNPQRSTVWXYZ")
        return String((0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }
}

extension IPAddress {
    /// 127.0.0.1
    package static let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))
}
