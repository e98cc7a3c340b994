package import DNS
internal import FoundationEssentials
package import Judgement
package import Mail
package import Networking
internal import SwiftASN1
@_spi(DisableValidityCheck) internal import X509

// From a TLS handshake to facts: what the certificates say, whether they lead to a trusted root, whether they name
// the host. Three questions, told apart: an expired certificate of a trusted authority is "trusted" here, and expired
// by its dates. Left out: revocation (OCSP, CRL), DANE (Mail), and whether any of it is good enough (Judgement).

extension TLSFacts {
    /// - Parameters:
    ///   - host: who was dialled, a name or an address as text.
    ///   - now: the moment that dates of issuers are compared with.
    package init(
        _ handshake: TLSHandshake, mode: Mode, host: DomainName, roots: TrustRoots, at now: Timestamp
    ) async {
        let readings: [CertificateReading]
        let trust: Trust
        if let judged = roots.judged.find(handshake.chain, at: now) {
            (readings, trust) = (judged.readings, judged.trust)
        } else {
            readings = handshake.chain.prefix(Self.mostCertificates).map { CertificateReading($0) }
            trust = await Trust(handshake.chain, roots: roots, at: now)
            roots.judged.keep(handshake.chain, readings, trust, at: now, moments: roots.moments)
        }
        self.init(
            mode: mode, version: handshake.version, cipher: handshake.cipher, keyExchange: handshake.keyExchange,
            chain: readings.map(\.facts), trusted: trust.isTrusted, trustProblem: trust.problem,
            nameMatches: readings.first.flatMap { leaf in
                leaf.names.isEmpty && !leaf.isComplete ? nil : leaf.names.contains { $0.matches(host) }
            })
        trustIssue = trust.issue
        trustedUntil = trust.until
    }

    /// More than any honest server sends.
    private static let mostCertificates = 20
}

/// Whether a chain leads to a trusted root (RFC 5280 §6), the dates and names of the server's own certificate left
/// aside.
///
/// Dates: where the server's own certificate is in date, its issuers have to be in date as well: a client turns the
/// chain down otherwise, and nobody would see it in the dates of the certificate itself. Where the server's own
/// certificate is out of date, that is told by its own dates, and those of the issuers are left aside, because an
/// authority may well have ended since.
package struct Trust: Hashable, Sendable {
    /// nil where it could not be told: no roots to compare with, or a certificate that can't be read.
    package var isTrusted: Bool?
    /// Why it is not, or could not be told, for a person; free of control characters.
    package var problem: String?
    /// The same for programs; nil where it is trusted, or where it could not be told.
    package var issue: TLSFacts.TrustIssue?

    /// When the last way to a root ends, where that is before the server's own certificate does.
    package var until: Timestamp?

    private init(_ isTrusted: Bool?, _ problem: String? = nil, _ issue: TLSFacts.TrustIssue? = nil) {
        self.isTrusted = isTrusted
        self.problem = problem
        self.issue = issue
    }

    /// - Parameter chain: in DER, the server's own first.
    package init(_ chain: [[UInt8]], roots: TrustRoots, at now: Timestamp) async {
        guard let first = chain.first else {
            self.init(nil, "the server sent no certificate")
            return
        }
        if let problem = roots.problem {
            self.init(nil, problem)
            return
        }
        let leaf: Certificate
        do { leaf = try Certificate(derEncoded: first) } catch {
            // The library reads no RSA key of less than 2048 bits.
            let facts = CertificateReading(first).facts
            if facts.keyAlgorithm == "RSA", let bits = facts.keyBits, bits < 2_048 {
                self.init(nil, "an RSA key of \(bits) bits is too short to be judged here")
            } else {
                self.init(nil, "the certificate can't be read far enough to judge it: \(Self.reason(of: error))")
            }
            return
        }
        let date = Date(timeIntervalSince1970: now.secondsSince1970)
        let (issuers, unreadable) = Self.issuers(in: chain.dropFirst(), at: date)
        let isInDate = leaf.notValidBefore <= date && date <= leaf.notValidAfter
        if await Self.verify(leaf, issuers, roots, at: isInDate ? date : nil) {
            self.init(true)
            until = await Self.end(of: leaf, issuers, roots, after: isInDate ? date : nil)
        } else if isInDate, await Self.verify(leaf, issuers, roots, at: nil) {
            self.init(false, Self.outdated(issuers + roots.certificates, at: date, above: leaf), .issuerOutdated)
        } else if unreadable > 0 {
            self.init(nil, "a certificate of the chain can't be read")
        } else {
            let (problem, issue) = Self.problem(of: leaf, issuers, roots)
            self.init(false, problem, issue)
        }
    }

    /// The certificates behind the first, each subject, key and issuer once, and no more than eight: a hostile chain
    /// could otherwise be laid out so that the search for a path takes for ever. Of one that was renewed, the one counts
    /// that is in date longest, as clients prefer it, wherever the old one stands.
    private static func issuers(
        in chain: ArraySlice<[UInt8]>, at date: Date
    ) -> (issuers: [Certificate], unreadable: Int) {
        var issuers: [Certificate] = []
        var unreadable = 0
        for der in chain.prefix(20) {
            guard let certificate = try? Certificate(derEncoded: der) else {
                unreadable += 1
                continue
            }
            let known = issuers.firstIndex {
                $0.subject == certificate.subject && $0.publicKey == certificate.publicKey
                    && $0.issuer == certificate.issuer
            }
            if let known {
                let isOf = certificate.notValidBefore <= date, wasOf = issuers[known].notValidBefore <= date
                let isLonger = certificate.notValidAfter > issuers[known].notValidAfter
                if isOf != wasOf ? isOf && certificate.notValidAfter >= date : isLonger { issuers[known] = certificate }
            } else if issuers.count < 8 {
                issuers.append(certificate)
            }
        }
        return (issuers, unreadable)
    }

    /// The first moment, before the leaf's own end, from which on no way leads to a root any more. A chain may hold an
    /// issuer's certificate that ends, or has ended, while another way remains (RFC 4158 §1.2).
    private static func end(
        of leaf: Certificate, _ issuers: [Certificate], _ roots: TrustRoots, after date: Date?
    ) async -> Timestamp? {
        guard let date else { return nil }
        let named = ([leaf] + issuers).flatMap { roots.bySubject[$0.issuer] ?? [] }
        let ends = Set((issuers + named).map(\.notValidAfter)).filter { date <= $0 && $0 < leaf.notValidAfter }
        for end in ends.sorted().prefix(10) where await !verify(leaf, issuers, roots, at: end.addingTimeInterval(1)) {
            return Timestamp(end.timeIntervalSince1970)
        }
        return nil
    }

    /// - Parameter date: nil leaves dates aside.
    private static func verify(
        _ leaf: Certificate, _ issuers: [Certificate], _ roots: TrustRoots, at date: Date?
    ) async -> Bool {
        // Whoever trusts the certificate itself needs no issuer (RFC 5280 §6.1: the path ends before it begins).
        if roots.bySubject[leaf.subject]?.contains(leaf) == true {
            return ServerPolicy(date: date).problem(of: [leaf]) == nil
        }
        var verifier = Verifier(rootCertificates: roots.store) {
            RFC5280Policy.withValidityCheckDisabled()
            ServerPolicy(date: date)
        }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(issuers))
        if case .validCertificate = result { return true }
        return false
    }

    private static func outdated(_ certificates: [Certificate], at date: Date, above leaf: Certificate) -> String {
        var tip = leaf
        // Up the chain by names: as many steps as there can be certificates.
        for _ in 0..<10 {
            let candidates = certificates.filter { $0.subject == tip.issuer && $0 != tip }
            if let old = candidates.first(where: { date > $0.notValidAfter }) {
                let until = Timestamp(old.notValidAfter.timeIntervalSince1970)
                return "the certificate of its issuer \(name(old.subject)) expired at \(until)"
            }
            guard let next = candidates.first else { break }
            tip = next
        }
        return "the certificate of an issuer is not in date"
    }

    private static func problem(
        of leaf: Certificate, _ issuers: [Certificate], _ roots: TrustRoots
    ) -> (String, TLSFacts.TrustIssue) {
        var tip = leaf
        var path = [leaf]
        while tip.issuer != tip.subject, roots.bySubject[tip.issuer] == nil,
            let next = issuers.first(where: { $0.hasSigned(tip) && !path.contains($0) })
        {
            path.append(next)
            tip = next
        }
        let who = path.count == 1 ? "the certificate" : "the certificate of \(name(tip.subject))"
        if let known = roots.bySubject[tip.issuer], tip.issuer != tip.subject || known.contains(tip) {
            return known.contains { $0.hasSigned(tip) }
                ? (
                    "the chain leads to the trusted root \(name(tip.issuer)), but does not keep the rules of RFC 5280 §6",
                    .breaksRules
                )
                : ("\(who) names \(name(tip.issuer)) as its issuer, whose key has not signed it", .badSignature)
        }
        if tip.issuer == tip.subject {
            return path.count == 1 && tip.hasSigned(tip)
                ? ("the certificate is self-signed", .selfSigned)
                : ("the chain ends at \(name(tip.subject)), which is not among the trusted roots", .unknownRoot)
        }
        if issuers.contains(where: { $0.subject == tip.issuer }) {
            return ("\(who) names \(name(tip.issuer)) as its issuer, whose key has not signed it", .badSignature)
        }
        // A certificate that says where its issuer's is to be had (RFC 5280 §4.2.2.1) was signed by an intermediate.
        return tip.namesIssuerLocation
            ? ("the intermediate that signed it was not sent: \(name(tip.issuer))", .intermediateMissing)
            : (
                "the certificate that signed it was not sent and is not among the trusted roots: \(name(tip.issuer))",
                .issuerUnknown
            )
    }

    /// A name for a person: bounded, visible characters only.
    private static func name(_ name: DistinguishedName) -> String { "“\(visible("\(name)"))”" }

    private static func visible(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(120).map { scalar -> UnicodeScalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: "?"
            default: scalar
            }
        }
        var visible = String.UnicodeScalarView()
        visible.append(contentsOf: scalars)
        return String(visible)
    }

    private static func reason(of error: any Error) -> String { visible("\(error)") }
}

extension Certificate {
    fileprivate func hasSigned(_ other: Certificate) -> Bool {
        subject == other.issuer && publicKey.isValidSignature(other.signature, for: other)
    }

    fileprivate var namesIssuerLocation: Bool {
        (try? extensions.authorityInformationAccess)?.contains { $0.method == .issuingCA } ?? false
    }
}

/// What a server's chain has to keep beyond RFC 5280's basic rules.
private struct ServerPolicy: VerifierPolicy, Sendable {
    /// nil leaves dates aside.
    let date: Date?

    /// Looked at here or by those who compare names; certificate policies bind only those who ask for one.
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage,
        [2, 5, 29, 32], [2, 5, 29, 36], [2, 5, 29, 54],  // certificatePolicies, policyConstraints, inhibitAnyPolicy
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        problem(of: Array(chain)).map { .failsToMeetPolicy(reason: .init($0)) } ?? .meetsPolicy
    }

    /// - Parameter chain: the server's own certificate first, the root last.
    func problem(of chain: [Certificate]) -> String? {
        guard let leaf = chain.first else { return "there is no certificate" }
        // RFC 5280 §4.2.1.12: where purposes are named, ours has to be among them.
        if let usage = try? leaf.extensions.extendedKeyUsage,
            !usage.contains(.serverAuth), !usage.contains(.any)
        {
            return "not for servers"
        }
        // RFC 5280 §4.2.1.3 and §6.1.4 (n); what an issuer may certify is also bound by its own purposes, as all
        // implementations have it (CA/Browser Forum BR §7.1.2). The root is trusted by itself.
        for issuer in chain.dropFirst().dropLast() {
            if let usage = try? issuer.extensions.keyUsage, !usage.keyCertSign {
                return "an issuer's key is not for signing certificates"
            }
            if let usage = try? issuer.extensions.extendedKeyUsage, !usage.contains(.serverAuth), !usage.contains(.any)
            {
                return "an issuer is not for servers"
            }
        }
        if let date, chain.contains(where: { date < $0.notValidBefore || $0.notValidAfter < date }) {
            return "not in date"
        }
        return nil
    }
}
