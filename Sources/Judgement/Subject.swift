package import DNS

/// One address and port of one host: what is dialled.
package struct Endpoint: Hashable, Sendable, Codable {
    /// The name the address was found by: asked for in SNI, expected in the certificate.
    package var host: DomainName
    package var address: IPAddress
    package var port: UInt16

    package init(host: DomainName, address: IPAddress, port: UInt16) {
        self.host = host
        self.address = address
        self.port = port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `mx2.example.org [192.0.2.7]:25`
    package var description: String { "\(host) [\(address)]:\(port)" }
}

/// What a verdict is about.
package enum Subject: Hashable, Sendable {
    case domain(DomainName)
    case host(DomainName)
    case address(IPAddress, of: DomainName)
    case endpoint(Endpoint)
    /// An address that was asked about.
    case mailbox(String)
    case roundTrip(String)
    /// A message, by the name it was given for analysis.
    case message(String)
}

extension Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .domain(let name), .host(let name): name.description
        case .address(let address, let host): "\(host) [\(address)]"
        case .endpoint(let endpoint): endpoint.description
        case .mailbox(let name), .roundTrip(let name), .message(let name): name
        }
    }
}
