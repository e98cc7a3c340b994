/// A DMARC policy record (RFC 9989 §4.7).
package struct DMARCRecord: Hashable, Sendable {
    /// The values of "p", "sp" and "np", the mildest first.
    package enum Policy: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
        case none, quarantine, reject
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        package static func < (a: Policy, b: Policy) -> Bool { a.rank < b.rank }
        /// One level down, as "t=y" asks for.
        package var lowered: Policy { self == .reject ? .quarantine : .none }
    }
    /// The values of "adkim" and "aspf".
    package enum Alignment: String, Hashable, Sendable, Codable { case relaxed = "r", strict = "s" }
    /// The values of "psd".
    package enum PublicSuffix: String, Hashable, Sendable, Codable { case yes = "y", no = "n", unknown = "u" }

    /// A place that reports go to.
    package struct ReportURI: Hashable, Sendable {
        /// As written, the size left off.
        package var text: String
        package var uri: ReportingURI
        /// `10m` of `!10m`, which RFC 9990 has receivers ignore.
        package var sizeLimit: String?
        package var column: Int

        /// `mailto`, lower case.
        package var scheme: String { uri.scheme }
        /// The address of a `mailto:` URI.
        package var address: EmailAddress? { uri.address }
    }

    package var text: String
    /// It begins with `v=DMARC1`: otherwise no receiver takes it for a record (RFC 9989 §4.7).
    package var hasVersion: Bool
    package var policy: Policy?  // "p"; nil where it is missing or wrong
    package var subdomainPolicy: Policy?  // "sp"
    package var nonexistentPolicy: Policy?  // "np"
    package var dkimAlignment: Alignment  // "adkim"
    package var spfAlignment: Alignment  // "aspf"
    package var aggregateReports: [ReportURI]  // "rua", the valid ones
    package var failureReports: [ReportURI]  // "ruf", the valid ones
    package var failureOptions: [String]  // "fo"
    package var publicSuffix: PublicSuffix  // "psd"
    package var isTesting: Bool  // "t"
    /// pct, rf, ri where they stand: RFC 9989 took them out.
    package var removedTags: [String]
    package var unknownTags: [String]
    /// "pct" (RFC 7489 §6.3), 0 to 100, for receivers that still know it; nil where it is missing or wrong.
    package var percentage: Int?
    /// A tag stands there twice. The first counts here; RFC 6376 §3.2 calls such a list invalid.
    package var hasDuplicates: Bool
    /// An "sp" or "np" stands there that is no policy.
    package var hasInvalidSubdomainPolicy: Bool
    /// An "sp" stands there that is no policy: RFC 7489 knows no "np".
    package var hasInvalidLegacyPolicy: Bool
    package var problems: [RecordProblem]

    /// Whether receivers act on it (RFC 9989 §4.10.1): with a wrong policy only if there is somewhere to report to.
    package var isUsable: Bool { (policy != nil && !hasInvalidSubdomainPolicy) || !aggregateReports.isEmpty }
    /// Whether a receiver that follows the standard uses it, whatever is wrong with parts of it.
    package var isValid: Bool { hasVersion && isUsable && !hasDuplicates }
    /// What receivers read as "p": none where it is missing or a policy is wrong, given a valid "rua".
    package var effectivePolicy: Policy? {
        if let policy, !hasInvalidSubdomainPolicy { return policy }
        return aggregateReports.isEmpty ? nil : Policy.none
    }
}
