/// Keys that are trusted without proof: where chains of trust begin (RFC 4033 §2). DS or DNSKEY records.
package struct TrustAnchors: Hashable, Sendable {
    /// DS and DNSKEY records, by the zone they are for.
    package private(set) var records: [DomainName: [RecordData]] = [:]

    /// None: everything is indeterminate.
    package init() {}
}

extension TrustAnchors {
    /// The key-signing keys of the root zone, KSK-2017 (20326) and KSK-2024 (38696), as IANA publishes them (RFC 9718).
    package static let iana = TrustAnchors()
}
