package import DNS
package import Mail

/// One attempt to fetch a domain's MTA-STS policy (RFC 8461 §3.3). Facts only, as of every observation.
package struct PolicyObservation: Hashable, Sendable, Codable {
    /// The domain whose policy it is.
    package var domain: DomainName
    /// Who was asked: `mta-sts.` and the domain.
    package var host: DomainName
    package var at: Timestamp
    /// The addresses that were dialled, in that order; the last is the one whose answer stands here.
    package var tried: [IPAddress] = []
    package var tls: TLSFacts?
    /// HTTP's three digits (RFC 9110 §15); nil where none came.
    package var status: Int?
    /// Of Content-Type, as sent; at most 300 characters.
    package var contentType: String?
    /// Of Location, as sent; at most 1000 characters. It was not followed.
    package var location: String?
    /// At most ``MTASTSPolicy/maximumLength`` octets.
    package var body: [UInt8] = []
    /// Whether there was more than that.
    package var isCut = false
    /// From dialling to the last octet.
    package var seconds: Double = 0
    package var failure: Failure?

    package init(domain: DomainName, host: DomainName, at: Timestamp) {
        self.domain = domain
        self.host = host
        self.at = at
    }

    /// Where the policy of a domain stands (RFC 8461 §3.3); nil where the name would be too long.
    package static func host(of domain: DomainName) -> DomainName? { try? domain.prepending("mta-sts") }
}
