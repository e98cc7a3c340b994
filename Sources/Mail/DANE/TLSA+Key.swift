package import DNS

extension TLSA {
    /// `3 1 1`, which RFC 7671 §5.1 advises: the SHA-256 digest of the key of a certificate in DER; nil where its key
    /// was not found.
    package static func ofKey(in der: [UInt8]) -> TLSA? {
        guard let key = PresentedCertificate(der).publicKeyInfo else { return nil }
        return TLSA(usage: 3, selector: 1, matchingType: 1, association: digest(of: key, 1))
    }
}
