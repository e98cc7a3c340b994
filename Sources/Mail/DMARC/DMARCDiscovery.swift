package import DNS

/// Which DMARC record applies to a domain, found by the tree walk (RFC 9989 §4.10).
package struct DMARCDiscovery: Hashable, Sendable {
    /// What the walk came to.
    package enum Status: Hashable, Sendable {
        case found(DMARCRecord, at: DomainName)
        /// Told for sure: no name of the walk has a record.
        case none
        /// Several records at the domain itself: all are discarded (RFC 9989 §4.10), here are their texts.
        case multipleAtOwnName([String])
        /// A name that matters was not told of.
        case couldNotTell(Unanswered)
    }

    /// Where on the walk the record was found.
    package enum Source: String, Hashable, Sendable, Codable {
        case own, organizational, publicSuffix = "public_suffix"
    }

    /// One name of the walk.
    package struct Step: Hashable, Sendable {
        /// The domain, without `_dmarc`.
        package var domain: DomainName
        package var lookup: RecordLookup<DMARCRecord>
        /// TXT records there that are no DMARC records.
        package var others: [String]
        /// Where CNAMEs of `_dmarc` led to.
        package var canonicalName: DomainName?
        /// The walk ended here, by "psd".
        package var stops: Bool
    }

    package var domain: DomainName
    package var status: Status
    /// In the order of asking.
    package var walk: [Step]
    /// nil where it could not be told.
    package var organizationalDomain: DomainName?
    package var source: Source?
    /// The record that applies, wherever it stands; also where several at the domain itself were discarded.
    package var record: DMARCRecord?
    /// Where `record` stands.
    package var recordDomain: DomainName?
    /// What applies to this domain: "p" of its own record, "sp" or "np" of one above. nil where none applies,
    /// or it could not be told.
    package var policy: DMARCRecord.Policy?
    /// Which tag `policy` comes from: p, sp or np.
    package var policyTag: String?
    /// Whether the domain exists: decides between "sp" and "np". nil where it was not asked or not told.
    package var exists: Bool?

    /// `policy`, one level lower where "t=y" asks for it.
    package var appliedPolicy: DMARCRecord.Policy? { record?.isTesting == true ? policy?.lowered : policy }
}
