package import DNS

/// A mail address that protocol commands may be built from: no control character is in it.
package struct EmailAddress: Hashable, Sendable {
    /// Without quotes: what RFC 5321 §4.1.2 has in a Quoted-string stands here bare. Case matters.
    package let localPart: String
    package let domain: DomainName
    /// The domain as written, so that an internationalized one is shown as its owner writes it.
    package let domainText: String

    /// Reads `local@domain`.
    package init(_ text: String) throws(EmailAddressError) {
        guard let at = text.lastIndex(of: "@") else { throw .noAt }
        let name = String(text[text.index(after: at)...])
        let parsed: DomainName
        do { parsed = try DomainName(name) } catch { throw .badDomain(name, error) }
        self.init(checkedLocalPart: String(text[..<at]), domain: parsed, domainText: name)
    }

    private init(checkedLocalPart: String, domain: DomainName, domainText: String) {
        localPart = checkedLocalPart
        self.domain = domain
        self.domainText = domainText
    }
}
