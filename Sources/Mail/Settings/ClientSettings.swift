/// What a domain tells mail programs of its servers: Thunderbird's autoconfiguration
/// (draft-ietf-mailmaint-autoconfig) and the XML of Microsoft's Autodiscover ([MS-OXDSCLI]).
///
/// It leaves out what is no server of mail: calendars, address books, Exchange's own protocols.
package struct ClientSettings: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case autoconfig, autodiscover }

    package struct Server: Hashable, Sendable {
        package enum Security: String, Hashable, Sendable { case clear, starttls, implicit, unknown }

        /// `imap`, `pop3`, `smtp`.
        package var type: String
        /// As written, the domain put in for its placeholder; lower case.
        package var host: String
        package var port: Int
        package var security: Security
        /// As written: `password-cleartext`, `OAuth2`.
        package var authentication: [String]

        /// The name of the service in SRV records (RFC 6186 §3, RFC 8314 §5.1).
        package var srvLabel: String {
            switch (type, security) {
            case ("imap", .implicit): "_imaps"
            case ("imap", _): "_imap"
            case ("pop3", .implicit): "_pop3s"
            case ("pop3", _): "_pop3"
            case (_, .implicit): "_submissions"
            default: "_submission"
            }
        }

        package var description: String { "\(type) \(host):\(port) (\(security.rawValue))" }
    }

    package var servers: [Server] = []

    private static let mostServers = 20

    /// Reads a document; throws what keeps it from being read.
    package init(_ octets: [UInt8], _ kind: Kind, domain: String) throws(XMLProblem) {
        let root = try XMLElement(document: octets)
        switch kind {
        case .autoconfig: readAutoconfig(root, domain)
        case .autodiscover: readAutodiscover(root)
        }
        servers = Array(servers.prefix(Self.mostServers))
    }

    /// `clientConfig/emailProvider/incomingServer` and `outgoingServer`.
    private mutating func readAutoconfig(_ root: XMLElement, _ domain: String) {
        guard root.localName == "clientConfig" else { return }
        for provider in root.children("emailProvider") {
            for element in provider.children("incomingServer") + provider.children("outgoingServer") {
                guard let type = element["type"]?.lowercased(), ["imap", "pop3", "smtp"].contains(type),
                    let host = element.text(of: "hostname"), let port = element.text(of: "port").flatMap({ Int($0) })
                else { continue }
                let security: Server.Security =
                    switch element.text(of: "socketType")?.lowercased() {
                    case "ssl", "tls": .implicit
                    case "starttls": .starttls
                    case "plain": .clear
                    default: .unknown
                    }
                servers.append(
                    Server(
                        type: type, host: Self.host(host.replacing("%EMAILDOMAIN%", with: domain)), port: port,
                        security: security,
                        authentication: element.children("authentication").prefix(10).map { String($0.text.prefix(60)) }
                    ))
            }
        }
    }

    /// `Autodiscover/Response/Account/Protocol`; SSL is on where nothing is said.
    private mutating func readAutodiscover(_ root: XMLElement) {
        guard root.localName == "Autodiscover" else { return }
        for account in root.child("Response")?.children("Account") ?? [] {
            for element in account.children("Protocol") {
                guard let type = element.text(of: "Type")?.lowercased(), ["imap", "pop3", "smtp"].contains(type),
                    let host = element.text(of: "Server"), let port = element.text(of: "Port").flatMap({ Int($0) })
                else { continue }
                let encryption = element.text(of: "Encryption")?.lowercased()
                let security: Server.Security =
                    switch encryption ?? element.text(of: "SSL")?.lowercased() {
                    case "none", "off": .clear
                    case "tls": .starttls
                    case "ssl", "on", nil: .implicit
                    default: .unknown
                    }
                servers.append(
                    Server(type: type, host: Self.host(host), port: port, security: security, authentication: []))
            }
        }
    }

    /// What is no letter of a host's name is shown as a question mark.
    private static func host(_ text: String) -> String {
        String(decoding: text.lowercased().utf8.prefix(253).map { (33...126).contains($0) ? $0 : 63 }, as: UTF8.self)
    }
}
