package import DNS
package import Mail

/// One attempt to fetch something over HTTPS that a domain publishes for others. Facts only, as of every observation.
package struct WebObservation: Hashable, Sendable, Codable {
    package enum Purpose: String, Hashable, Sendable, Codable, CaseIterable {
        /// `https://autoconfig.DOMAIN/mail/config-v1.1.xml`
        case autoconfig
        /// `https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml`
        case wellKnown = "well_known"
        /// `https://autodiscover.DOMAIN/autodiscover/autodiscover.xml`
        case autodiscover
        /// `/.well-known/jmap` at the host that the SRV record `_jmap._tcp` names (RFC 8620 §2.2).
        case jmap
        /// The picture that a BIMI record names in `l`, and the certificate in `a`.
        case logo, mark
    }

    /// The domain that it is of.
    package var domain: DomainName
    package var purpose: Purpose
    package var host: DomainName
    package var port: UInt16 = 443
    package var path: String
    package var at: Timestamp
    /// The addresses that were dialled, in that order.
    package var tried: [IPAddress] = []
    /// Whether the name is known not to exist, or to have no address.
    package var hasNoAddress = false
    package var tls: TLSFacts?
    /// HTTP's three digits (RFC 9110 §15); nil where none came.
    package var status: Int?
    package var contentType: String?
    /// Where the last answer leads; it was not followed.
    package var location: String?
    /// Where redirects led, in their order; all else is of the last.
    package var followed: [String] = []
    package var body: [UInt8] = []
    /// Whether there was more than was read.
    package var isCut = false
    package var seconds: Double = 0
    package var failure: Failure?
    /// What stands in the mark certificate, where that was fetched.
    package var mark: MarkFacts?

    package init(domain: DomainName, purpose: Purpose, host: DomainName, path: String, at: Timestamp) {
        self.domain = domain
        self.purpose = purpose
        self.host = host
        self.path = path
        self.at = at
    }

    package var url: String { WebPlace(host: host, port: port, path: path).url }

    /// Who was asked last.
    package var lastHost: DomainName { followed.last.flatMap { WebPlace($0) }?.host ?? host }

    /// Whether the certificate holds, as far as can be told.
    package var connectionHolds: Bool { problemOfCertificate == nil }

    /// Before another place is asked.
    package mutating func forgetAnswer() {
        (tls, status, contentType, location, failure) = (nil, nil, nil, nil, nil)
        (body, isCut, hasNoAddress) = ([], false, false)
    }

    /// What can be said of the fetch itself.
    package enum Result: Hashable, Sendable {
        case fetched
        /// There is nothing to fetch: 404 or 410.
        case nothing
        /// It cannot be had, by anyone: what is wrong.
        case broken(String)
        /// It could not be had from here, which says nothing of the domain: why.
        case notSeen(String)
    }

    /// Whether a connection that holds came about; otherwise ``result`` says why not.
    package var isConnected: Bool { tls != nil && connectionHolds }

    private var problemOfCertificate: String? {
        guard let tls else { return nil }
        if tls.nameMatches == false { return "the certificate of \(lastHost) is for another name" }
        if let leaf = tls.chain.first, leaf.notAfter < at { return "the certificate of \(lastHost) has expired" }
        if tls.trusted == false { return "the certificate of \(lastHost) is not trusted" }
        return nil
    }

    package var result: Result {
        let host = lastHost
        if hasNoAddress { return .broken("\(host) has no address") }
        if let problem = problemOfCertificate { return .broken(problem) }
        if let failure {
            switch failure.cause {
            case .connectRefused where tried.last?.isOfTheInternet == true:
                return .broken("\(host) refuses the connection")
            case .tlsHandshake: return .broken("TLS with \(host) fails")
            case .protocolViolation: return .broken("\(host) does not answer as HTTP has it: \(failure.detail)")
            case .notStated: return .notSeen("\(host) was not asked: \(failure.detail)")
            default: return .notSeen("\(host) could not be reached from here")
            }
        }
        switch status {
        case 200?: return .fetched
        case 404?, 410?: return .nothing
        case (300..<400)?: return .notSeen("\(host) leads to another place, which was not followed")
        case 401?, 403?, 405?, 407?:
            return .notSeen("\(host) asks for a login, or takes no strangers (HTTP \(status ?? 0))")
        // RFC 9110 §15.6.4, RFC 6585 §4: not now.
        case 429?, 503?: return .notSeen("\(host) is too busy (HTTP \(status ?? 0))")
        case (500..<600)? where purpose == .autodiscover:
            return .notSeen("\(host) has an error where nobody logs in (HTTP \(status ?? 0))")
        case (500..<600)?: return .broken("\(host) answers with HTTP status \(status ?? 0)")
        case nil: return .notSeen("\(host) could not be reached from here")
        default:
            return purpose == .autodiscover
                ? .notSeen("\(host) answers with HTTP status \(status ?? 0)")
                : .broken("\(host) answers with HTTP status \(status ?? 0)")
        }
    }
}

extension IPAddress {
    /// Who refuses at another address may refuse only us.
    fileprivate var isOfTheInternet: Bool { specialPurpose == nil || specialPurpose == .documentation }
}

/// What stands in a mark certificate (draft-fetch-validation-vmc-wchuang), as far as it is looked at.
package struct MarkFacts: Hashable, Sendable, Codable {
    /// As in the file, the mark certificate first.
    package var chain: [CertificateFacts] = []
    /// Whether each certificate but the last is signed by the one behind it; nil where that could not be told.
    package var isSigned: Bool?
    /// Whether the first one is for marks: 1.3.6.1.5.5.7.3.31 among its purposes.
    package var isForMarks = false
    /// The picture in it (RFC 9399), decompressed; nil where there is none that can be read.
    package var picture: [UInt8]?
    /// SHA-256 or SHA-1 of the picture as the certificate tells them, hexadecimal.
    package var hashes: [String] = []
    /// The same of the picture that the record names; empty where it was not fetched.
    package var logoHashes: [String] = []
    /// What keeps it from being read.
    package var problem: String?

    package init() {}
}
