package import DNS

/// A message as it was received, and what is known of its way beside what stands in it.
package struct MessageObservation: Hashable, Sendable, Codable {
    /// What it goes by in reports: the file's name.
    package var name: String
    /// The whole message; a header alone has no body.
    package var octets: [UInt8]
    /// The address that handed the message to the receiver, where it is known from elsewhere.
    package var senderIP: IPAddress?
    /// The address in MAIL FROM, without angles; empty for the null sender (RFC 5321 §4.5.5).
    package var mailFrom: String?
    /// The name in EHLO or HELO.
    package var helo: String?
    /// The receiver's own host names: whose fields are believed. Empty where the header is to tell.
    package var receivers: [String] = []
    /// Whose rules for bulk senders the message is held against, if any.
    package var profile: BulkSenderProfile?
    /// RSA keys with fewer bits do not count (RFC 8301 §3.2 says 1024).
    package var minimumKeyBits = 1_024
    /// Whether the message is ours, sent without any trace field: what bears the receiver's name is the receiver's.
    package var isOurOwn = false

    package init(name: String, octets: [UInt8]) {
        self.name = name
        self.octets = octets
    }

    /// A test message of ours as it was found in the mailbox; nil where it was not, or not kept whole.
    package init?(foundBy trip: RoundTripObservation) {
        guard !trip.header.isEmpty, let body = trip.body else { return nil }
        self.init(name: trip.name, octets: trip.header + [13, 10] + body)
        isOurOwn = true
    }
}

/// Receivers of mail for very many people who have published rules for those who send to very many.
package enum BulkSenderProfile: String, Hashable, Sendable, Codable, CaseIterable {
    case gmail, yahoo, microsoft
}
