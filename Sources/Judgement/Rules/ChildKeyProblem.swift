import DNS

/// What is wrong with the CDS and CDNSKEY records of a zone (RFC 7344, RFC 8078).
enum ChildKeyProblem: Hashable {
    /// RFC 8078 §4: the request to remove the DS stands alone, or it is not one.
    case deletionAmongOthers
    /// RFC 8078 §4: the parent is asked to make the domain unsigned.
    case deletion
    /// RFC 7344 §4: where both are published they say the same.
    case contradiction
    /// RFC 7344 §4.1: none of the keys asked for is in the zone, so the zone would break if the parent did as told.
    case noSuchKey
    /// The parent has others than those asked for: it has not taken them over.
    case differsFromParent

    static func first(of asked: ChildKeys) -> ChildKeyProblem? {
        let cds = asked.cdsRecords, cdnskey = asked.cdnskeyRecords
        // RFC 8078 §4: algorithm 0 is no algorithm; it asks for deletion.
        let deletions = cds.count { $0.algorithm == 0 } + cdnskey.count { $0.algorithm == 0 }
        if deletions > 0 {
            return deletions == cds.count + cdnskey.count ? .deletion : .deletionAmongOthers
        }
        if !cds.isEmpty, !cdnskey.isEmpty {
            let named = cds.allSatisfy { ds in !isKnown(ds.digestType) || cdnskey.contains { fits(ds, $0, asked.zone) }
            }
            let covered = cdnskey.allSatisfy { key in
                cds.contains { fits($0, key, asked.zone) || (!isKnown($0.digestType) && $0.keyTag == key.keyTag) }
            }
            if !named || !covered { return .contradiction }
        }
        let wanted = Set(
            cds.isEmpty
                ? cdnskey.map { Name(tag: $0.keyTag, algorithm: $0.algorithm) }
                : cds.map { Name(tag: $0.keyTag, algorithm: $0.algorithm) })
        if !asked.keys.isEmpty {
            let isThere = asked.keys.contains { key in
                guard key.mayValidate else { return false }
                return cdnskey.contains(key)
                    || cds.contains {
                        fits($0, key, asked.zone) || (!isKnown($0.digestType) && $0.keyTag == key.keyTag)
                    }
            }
            if !isThere { return .noSuchKey }
        }
        // By keys, not by digests: which digests to publish is the parent's choice where it reads CDNSKEY (RFC 7344 §5).
        let there = Set(asked.ds.map { Name(tag: $0.keyTag, algorithm: $0.algorithm) })
        return there.isEmpty || there == wanted ? nil : .differsFromParent
    }

    private struct Name: Hashable {
        var tag: UInt16
        var algorithm: UInt8
    }

    private static func isKnown(_ digestType: UInt8) -> Bool { [1, 2, 4].contains(digestType) }

    private static func fits(_ ds: DS, _ key: DNSKEY, _ zone: DomainName) -> Bool {
        ds.keyTag == key.keyTag && ds.algorithm == key.algorithm
            && DNSSEC.digest(ds.digestType, of: key, at: zone) == ds.digest
    }

    var word: String {
        switch self {
        case .deletionAmongOthers: "deletion_among_others"
        case .deletion: "deletion"
        case .contradiction: "contradiction"
        case .noSuchKey: "no_such_key"
        case .differsFromParent: "differs_from_parent"
        }
    }

    /// Whether a parent that does as told makes the zone bogus.
    var breaksTheZone: Bool { self == .noSuchKey }

    func sentence(_ zone: DomainName) -> String {
        switch self {
        case .deletionAmongOthers:
            "The CDS or CDNSKEY records of \(zone) ask for deletion and name keys as well, so no parent acts on them."
        case .deletion: "\(zone) asks its parent by CDS or CDNSKEY to remove the DS records, which makes it unsigned."
        case .contradiction: "The CDS and CDNSKEY records of \(zone) name different keys, so no parent acts on them."
        case .noSuchKey:
            "The CDS or CDNSKEY records of \(zone) name only keys that are not in the zone: a parent that acts on them "
                + "breaks it."
        case .differsFromParent:
            "The CDS or CDNSKEY records of \(zone) name other keys than the DS records at its parent, which has not taken "
                + "them over."
        }
    }
}
