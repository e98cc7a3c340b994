package import DNS

/// What a sender that follows DANE makes of the chain a mail host presents (RFC 7672 §3, RFC 7671).
///
/// A function of the records, the certificates as sent, the names that the host may go by and the moment. That the
/// records are secure by DNSSEC is the caller's to know.
package struct DANEVerification: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        /// A record that can be used matches.
        case verified
        /// No record can be used: the sender encrypts without knowing with whom (RFC 7672 §2.2).
        case noUsableRecord
        /// No usable record matches: the sender does not deliver to this host.
        case failed(String)
        /// It hangs on a signature or a date that can't be judged here.
        case couldNotTell(String)
    }

    /// What became of one record.
    package enum Fate: Hashable, Sendable {
        case unusable(TLSA.Fault)
        /// A record of the same usage and selector has a stronger digest, and only that counts (RFC 7671 §9).
        case weakerDigest
        /// It matches the server's own certificate: neither names nor dates matter (RFC 7672 §3.1.1).
        case matchesServer
        /// It matches an authority so many places above the server's certificate, or one that was not sent (nil).
        case matchesAuthority(depth: Int?)
        /// It is that of a certificate in the chain, but the way there or the name does not hold.
        case matchesButFails(String)
        case noMatch
        case couldNotTell(String)
    }

    package struct Entry: Hashable, Sendable {
        package var record: TLSA
        package var fate: Fate
    }

    package var result: Result
    /// One for each record, in their order; at most ``maximumRecords``.
    package var entries: [Entry]

    /// More records of one host are left out.
    package static let maximumRecords = 64
    /// More certificates of one chain are left out.
    package static let maximumCertificates = 20

    /// - Parameters:
    ///   - chain: in DER, the server's own first.
    ///   - names: the reference identifiers (RFC 7672 §3.2.2): for DANE-TA(2) the certificate has to name one.
    package init(_ records: [TLSA], chain: [[UInt8]], names: [DomainName], at now: Timestamp) {
        let records = Array(records.prefix(Self.maximumRecords))
        let certificates = chain.prefix(Self.maximumCertificates).map(PresentedCertificate.init)
        let strongest = Self.strongestDigests(of: records)
        let authorities = AuthoritySearch(certificates, names: names, at: now)
        var digests = Digests(certificates)
        entries = records.map { record in
            if let fault = record.fault { return Entry(record: record, fate: .unusable(fault)) }
            // RFC 7671 §9: matching type 0 is compared as well.
            if record.matchingType != 0, record.matchingType != strongest[record.usage << 1 | record.selector] {
                return Entry(record: record, fate: .weakerDigest)
            }
            guard let leaf = certificates.first else { return Entry(record: record, fate: .noMatch) }
            if record.usage == TLSA.Usage.daneEE.rawValue {
                return Entry(record: record, fate: digests.matches(record, 0) ? .matchesServer : .noMatch)
            }
            return Entry(record: record, fate: authorities.fate(of: record, leaf, &digests))
        }
        result = Self.result(of: entries, hasCertificate: !certificates.isEmpty)
    }

    private static func strongestDigests(of records: [TLSA]) -> [UInt8: UInt8] {
        var strongest: [UInt8: UInt8] = [:]
        for record in records where record.fault == nil && record.matchingType != 0 {
            strongest[record.usage << 1 | record.selector, default: 0] =
                max(strongest[record.usage << 1 | record.selector] ?? 0, record.matchingType)
        }
        return strongest
    }

    private static func result(of entries: [Entry], hasCertificate: Bool) -> Result {
        var unknown: String?
        var reason: String?
        var usable = false
        for entry in entries {
            switch entry.fate {
            case .matchesServer, .matchesAuthority: return .verified
            case .unusable: continue
            case .weakerDigest, .noMatch: break
            case .matchesButFails(let why): reason = reason ?? why
            case .couldNotTell(let why): unknown = unknown ?? why
            }
            usable = true
        }
        if !usable { return .noUsableRecord }
        if let unknown { return .couldNotTell(unknown) }
        if !hasCertificate { return .failed("the server sent no certificate") }
        return .failed(reason ?? "none of the records matches the certificate")
    }
}

/// What stands in a chain, hashed once for each selector and matching type asked for.
struct Digests {
    private let certificates: [PresentedCertificate]
    private var known: [Int: [UInt8]] = [:]

    init(_ certificates: [PresentedCertificate]) { self.certificates = certificates }

    mutating func matches(_ record: TLSA, _ index: Int) -> Bool {
        guard let selected = record.selector == 0 ? certificates[index].der : certificates[index].publicKeyInfo else {
            return false
        }
        if record.matchingType == 0 { return selected == record.association }
        let key = index << 2 | Int(record.selector) << 1 | Int(record.matchingType - 1)
        if known[key] == nil { known[key] = digest(of: selected, record.matchingType) }
        return known[key] == record.association
    }
}
