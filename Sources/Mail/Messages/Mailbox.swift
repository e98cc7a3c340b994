/// One mailbox of an address list (RFC 5322 §3.4).
package struct Mailbox: Hashable, Sendable {
    /// The display name, encoded words decoded; nil without one.
    package var name: String?
    /// The address as written, comments and white space left out; it may be none at all.
    package var address: String
    /// The name of the group it stands in (RFC 5322 §3.4).
    package var group: String?

    package init(name: String? = nil, address: String, group: String? = nil) {
        self.name = name
        self.address = address
        self.group = group
    }

    /// The address if it is one.
    package var emailAddress: EmailAddress? { try? EmailAddress(address) }
}
