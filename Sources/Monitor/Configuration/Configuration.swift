// Configuration: what `mailsonde monitor` and `mailsonde roundtrip` are told to do, read from YAML, checked, with
// defaults filled in and secrets fetched. Everything here is a value; what is not valid never becomes one.
// Left out: what the values mean to the network (Probing.swift) and when things run (Schedule.swift).

package import DNS
package import Judgement
package import Mail
package import Networking
package import Probes

/// All that one or more configuration files say, defaults applied.
package struct Configuration: Hashable, Sendable {
    /// Who may `POST /-/reload`.
    package enum ReloadFrom: String, Hashable, Sendable, CaseIterable { case loopback, anywhere, nowhere }

    /// Where results are kept, and for how long.
    package struct History: Hashable, Sendable {
        package var path: String
        package var keepSeconds: Double

        package init(path: String, keepSeconds: Double) {
            self.path = path
            self.keepSeconds = keepSeconds
        }
    }

    /// What an audit asks of mail servers beyond what every conversation shows: nothing, unless it is wished for.
    package struct Questions: Hashable, Sendable {
        /// Whom they take as sender and recipient, VRFY and EXPN, commands behind STARTTLS.
        package var behaviour = false
        /// What they accept in TLS besides.
        package var accepts = SurveyExtent.none
        /// Addresses of the domain whose existence is asked for.
        package var recipients: [EmailAddress] = []

        package init() {}

        /// Whether servers may hold replies back for long.
        package var takeTime: Bool { behaviour || accepts != .none || !recipients.isEmpty }
    }

    /// A domain to audit.
    package struct Domain: Hashable, Sendable {
        package var name: String
        package var domain: DomainName
        package var dkimSelectors: [String]
        /// The addresses that its mail leaves by; empty where they are not told.
        package var senderAddresses: [IPAddress]
        package var questions: Questions
        package var intervalSeconds: Double
        package var timeoutSeconds: Double

        package init(
            name: String, domain: DomainName, dkimSelectors: [String] = [], senderAddresses: [IPAddress] = [],
            questions: Questions = Questions(), intervalSeconds: Double = 300, timeoutSeconds: Double = 30
        ) {
            self.name = name
            self.domain = domain
            self.dkimSelectors = dkimSelectors
            self.senderAddresses = senderAddresses
            self.questions = questions
            self.intervalSeconds = intervalSeconds
            self.timeoutSeconds = timeoutSeconds
        }
    }

    /// A host whose ports are tried on each of its addresses.
    package struct Ports: Hashable, Sendable {
        package var name: String
        package var host: DomainName
        package var services: [Service]
        package var intervalSeconds: Double
        package var timeoutSeconds: Double

        package init(
            name: String, host: DomainName, services: [Service], intervalSeconds: Double = 300,
            timeoutSeconds: Double = 30
        ) {
            self.name = name
            self.host = host
            self.services = services
            self.intervalSeconds = intervalSeconds
            self.timeoutSeconds = timeoutSeconds
        }
    }

    /// An account on a server: the two ends of a round trip.
    package struct Account: Hashable, Sendable {
        package var address: EmailAddress
        /// A name, or an address as text: dialled, and expected in the certificate.
        package var server: DomainName
        package var port: UInt16
        package var service: Service
        package var user: String
        package var password: Secret
        /// What test messages are signed with here; nil leaves that to the server.
        package var signing: Signing?

        package init(
            address: EmailAddress, server: DomainName, port: UInt16, service: Service, user: String, password: Secret,
            signing: Signing? = nil
        ) {
            self.address = address
            self.server = server
            self.port = port
            self.service = service
            self.user = user
            self.password = password
            self.signing = signing
        }
    }

    /// A DKIM key and the names it is published by (RFC 6376 §3.5).
    package struct Signing: Hashable, Sendable {
        package var domain: DomainName
        package var selector: String
        /// The text of the key file, which was read as a key.
        package var key: Secret

        package init(domain: DomainName, selector: String, key: Secret) {
            self.domain = domain
            self.selector = selector
            self.key = key
        }

        /// Nil where the text is no key.
        package var signer: DKIMSigner? {
            guard let key = try? DKIMSigningKey(String(decoding: key.reveal(), as: UTF8.self)) else { return nil }
            return DKIMSigner(domain: domain, selector: selector, key: key)
        }
    }

    /// A test message sent on schedule and looked for.
    package struct RoundTrip: Hashable, Sendable {
        package var name: String
        package var from: Account
        package var to: Account
        package var intervalSeconds: Double
        /// After that the message counts as lost.
        package var deadlineSeconds: Double
        /// After that it counts as late though it arrives; nil: never.
        package var lateAfterSeconds: Double?

        package init(
            name: String, from: Account, to: Account, intervalSeconds: Double = 600, deadlineSeconds: Double = 300,
            lateAfterSeconds: Double? = nil
        ) {
            self.name = name
            self.from = from
            self.to = to
            self.intervalSeconds = intervalSeconds
            self.deadlineSeconds = deadlineSeconds
            self.lateAfterSeconds = lateAfterSeconds
        }
    }

    /// What `/probe?module=` names.
    package struct Module: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            /// One service of a host, on every address.
            case port(Service, requireTLS: Bool)
            /// The whole audit of a domain.
            case audit(dkimSelectors: [String])
        }

        package var name: String
        package var kind: Kind
        /// At most; the scraper's own timeout may shorten it.
        package var timeoutSeconds: Double

        package init(name: String, kind: Kind, timeoutSeconds: Double = 30) {
            self.name = name
            self.kind = kind
            self.timeoutSeconds = timeoutSeconds
        }

        /// Those that are there without being configured; a configured one of the same name replaces it.
        package static let builtIn: [Module] = [
            Module(name: "audit", kind: .audit(dkimSelectors: [])),
            Module(name: "smtp", kind: .port(.smtp, requireTLS: false)),
            Module(name: "smtp_starttls", kind: .port(.smtp, requireTLS: true)),
            Module(name: "submission", kind: .port(.submission, requireTLS: true)),
            Module(name: "submissions", kind: .port(.submissions, requireTLS: true)),
            Module(name: "imap", kind: .port(.imap, requireTLS: true)),
            Module(name: "imaps", kind: .port(.imaps, requireTLS: true)),
            Module(name: "pop3", kind: .port(.pop3, requireTLS: true)),
            Module(name: "pop3s", kind: .port(.pop3s, requireTLS: true)),
        ]
    }

    /// Whom to ask instead of the system's resolvers; empty: those.
    package var nameServers: [ResolverServer] = []
    /// How long one question may take, retries included.
    package var resolverTimeoutSeconds: Double = 3
    /// Where the monitor's HTTP server listens; port 0: any free one.
    package var listen = TransportAddress(address: .v4(IPv4Address(127, 0, 0, 1)), port: 9725)
    package var reloadFrom = ReloadFrom.loopback
    /// nil: nothing is kept (`history: off`).
    package var history: History? = History(path: "mailsonde.sqlite", keepSeconds: 400 * 86_400)
    /// Probes that may run at the same time.
    package var maximumRunning = 32
    /// What we call ourselves in EHLO; nil: the host's name.
    package var ehloName: DomainName?
    /// PEM: trust exactly these roots; nil: the system's.
    package var caFile: String?
    package var connectTo: [ConnectOverride] = []
    /// Lists that audits ask for addresses and domains; none: nobody is asked.
    package var blockLists = BlockList.usual
    package var domains: [Domain] = []
    package var ports: [Ports] = []
    package var roundTrips: [RoundTrip] = []
    /// Configured modules only; see ``module(named:)``.
    package var modules: [Module] = []
    /// Findings that are accepted, and what checks weigh.
    package var baseline = Baseline()

    package init() {}

    /// The configured module of that name, or the built-in one.
    package func module(named name: String) -> Module? {
        modules.first { $0.name == name } ?? Module.builtIn.first { $0.name == name }
    }

    /// All modules there are, configured ones first.
    package var allModules: [Module] {
        modules + Module.builtIn.filter { builtIn in !modules.contains { $0.name == builtIn.name } }
    }
}
