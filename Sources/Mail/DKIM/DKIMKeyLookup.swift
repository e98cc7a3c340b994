package import DNS

/// Looking for the key of one selector (RFC 6376 §3.6.2).
package struct DKIMKeyLookup: Hashable, Sendable {
    package var selector: String
    package var domain: DomainName
    /// `selector._domainkey.domain`; nil where the selector is no name.
    package var name: DomainName?
    package var status: RecordLookup<DKIMKeyRecord>
    /// Where CNAMEs led to, if they did.
    package var canonicalName: DomainName?
    /// TXT records at the name beside the key that are none (RFC 6376 §3.6.2.2 allows one record only).
    package var otherTexts: [String]

    package init(
        selector: String, domain: DomainName, name: DomainName?, status: RecordLookup<DKIMKeyRecord>,
        canonicalName: DomainName? = nil, otherTexts: [String] = []
    ) {
        self.selector = selector
        self.domain = domain
        self.name = name
        self.status = status
        self.canonicalName = canonicalName
        self.otherTexts = otherTexts
    }
}
