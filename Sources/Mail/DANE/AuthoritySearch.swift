import Crypto
import DNS

/// The way from a server's certificate to the authority that a DANE-TA(2) record means (RFC 7671 §5.2, RFC 7672
/// §3.1.2), among the certificates that were sent, or to one that the record holds itself.
///
/// Names, dates, purposes and the rules for authorities count here, unlike with DANE-EE(3). Bounded: a hostile chain
/// could otherwise be laid out so that the search takes for ever.
struct AuthoritySearch {
    private let certificates: [PresentedCertificate]
    private let names: [DomainName]
    private let now: Timestamp
    /// All ways up from the server's certificate, the shortest first; each certificate once in a way.
    private let ways: [(indices: [Int], isCertain: Bool)]

    private struct Link {
        var index: Int
        /// nil where the signature can't be judged.
        var holds: Bool?
    }

    /// Signatures looked at for one chain.
    private static let mostSignatures = 60
    /// Ways looked at.
    private static let mostWays = 500

    init(_ certificates: [PresentedCertificate], names: [DomainName], at now: Timestamp) {
        self.certificates = certificates
        self.names = names
        self.now = now
        var checked = 0
        let issuers = certificates.indices.map { child -> [Link] in
            certificates.indices.compactMap { parent -> Link? in
                guard parent != child, parent != 0, !certificates[child].issuer.isEmpty,
                    certificates[parent].subject == certificates[child].issuer,
                    let key = certificates[parent].publicKeyInfo, checked < Self.mostSignatures
                else { return nil }
                checked += 1
                let holds = certificates[child].isSigned(byKey: key)
                return holds == false ? nil : Link(index: parent, holds: holds)
            }
        }
        ways = Self.ways(over: issuers)
    }

    func fate(of record: TLSA, _ leaf: PresentedCertificate, _ digests: inout Digests) -> DANEVerification.Fate {
        var problem: String?
        var unknown: String?
        var found = false
        var signed: [Int: Bool?] = [:]
        for way in ways {
            let tip = way.indices.last ?? 0
            if tip != 0, digests.matches(record, tip) {
                found = true
                if let why = problemOnTheWay(way.indices, outside: nil) {
                    problem = problem ?? why
                } else if way.isCertain {
                    return .matchesAuthority(depth: way.indices.count - 1)
                } else {
                    unknown = unknown ?? "a signature in the chain is of a kind that is not known here"
                }
            }
            guard record.matchingType == 0 else { continue }
            // The authority need not be sent where the record holds all of it (RFC 7671 §5.2.2, §5.2.3).
            let outside = record.selector == 0 ? PresentedCertificate(record.association) : nil
            if let outside, outside.subject != certificates[tip].issuer { continue }
            let key = outside?.publicKeyInfo ?? record.association
            if signed[tip] == nil { signed[tip] = .some(certificates[tip].isSigned(byKey: key)) }
            switch signed[tip] ?? false {
            case true?:
                found = true
                if let why = problemOnTheWay(way.indices, outside: outside) {
                    problem = problem ?? why
                } else if way.isCertain {
                    return .matchesAuthority(depth: nil)
                }
            case nil: unknown = unknown ?? "a signature in the chain is of a kind that is not known here"
            case false?: break
            }
        }
        if let unknown { return .couldNotTell(unknown) }
        if let problem { return .matchesButFails(problem) }
        if found { return .noMatch }
        // RFC 7672 §3.1.2: what is in the chain without having signed what is below it proves nothing.
        for index in certificates.indices where digests.matches(record, index) {
            return .matchesButFails(
                index == 0
                    ? "the record for an authority (usage 2) is that of the server's own certificate, which takes usage 3"
                    : "the authority's certificate was sent, but it has not signed what stands below it")
        }
        return .noMatch
    }

    private static func ways(over issuers: [[Link]]) -> [(indices: [Int], isCertain: Bool)] {
        guard !issuers.isEmpty else { return [] }
        var ways: [(indices: [Int], isCertain: Bool)] = [([0], true)]
        var next = 0
        while next < ways.count, ways.count < mostWays {
            let way = ways[next]
            next += 1
            for link in issuers[way.indices.last ?? 0] where !way.indices.contains(link.index) {
                ways.append((way.indices + [link.index], way.isCertain && link.holds == true))
            }
        }
        return ways
    }

    /// Why a sender turns this way down; nil where it does not.
    private func problemOnTheWay(_ way: [Int], outside: PresentedCertificate?) -> String? {
        let leaf = certificates[way[0]]
        if leaf.isForServers == false { return "the certificate is not for servers (extKeyUsage)" }
        let path = way.map { certificates[$0] } + (outside.map { [$0] } ?? [])
        for (place, certificate) in path.enumerated() {
            switch certificate.isInDate(at: now) {
            case false?:
                let which = place == 0 ? "the certificate" : "the certificate of an authority above it"
                return certificate.notAfter.map { $0 < now } == true
                    ? "\(which) has expired" : "\(which) is not valid yet"
            case nil: return "the dates of a certificate can't be read"
            case true?: break
            }
            if place > 0, let why = certificate.problemAsIssuer(authoritiesBelow: place - 1) { return why }
        }
        // RFC 7672 §3.2.2.
        guard leaf.names(oneOf: names) else {
            return "the certificate does not name \(names.prefix(3).map(\.description).joined(separator: " or "))"
        }
        return nil
    }
}

/// RFC 6698 §2.1.3.
func digest(of octets: [UInt8], _ matchingType: UInt8) -> [UInt8] {
    matchingType == 2 ? Array(SHA512.hash(data: octets)) : Array(SHA256.hash(data: octets))
}
