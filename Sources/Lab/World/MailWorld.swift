package import DNS
package import Networking

/// The world of `mailsonde demo`: one domain as it should be, one where much is wrong, and the servers behind them.
///
/// Hosts have addresses of their own (127.0.77.…). Ports below 1024 need root, so servers listen on free ports of
/// these addresses and ``overrides`` leads from the port a probe asks for to the one that is open.
package struct MailWorld: Sendable {
    /// A user of the world who can log in.
    package struct Account: Sendable, Hashable {
        package var address: String
        package var password: String
    }

    /// A journey worth following: submitted here, found there.
    package struct Journey: Sendable, Hashable {
        package var name: String
        package var from: Account
        package var submissionHost: String
        package var submissionPort: UInt16
        /// The recipient; differs from the account's address where it carries a tag.
        package var recipient: String
        package var to: Account
        /// `imap` or `pop3`
        package var fetchProtocol: String
        package var fetchHost: String
        package var fetchPort: UInt16
        /// Seconds that the relay on the way holds the message.
        package var hold: Double
    }

    /// Something that was made wrong on purpose.
    package struct Defect: Sendable, Hashable {
        /// The check that should find it.
        package var check: String
        /// The domain, host or `host:port` it is at.
        package var subject: String
        package var what: String
    }

    package let authority: DNSAuthority
    /// Where the world's name server listens: for `--resolver`.
    package let resolver: TransportAddress
    /// For `--connect-to`.
    package let overrides: [ConnectOverride]
    /// For `--ca-file`.
    package let rootPEM: String
    package let healthyDomain: DomainName
    package let brokenDomain: DomainName
    /// The selectors to ask for, by domain.
    package let selectors: [DomainName: [String]]
    /// The key that messages from the healthy domain are signed with: a DKIM selector there, and the text of its file.
    package let signingKey: (selector: String, text: String)
    package let store: MailStore
    package let journeys: [Journey]

    /// What there is, a line for each thing, for people.
    package let description: [String]
    package let defects: [Defect]

    /// Starts the world inside a lab; it ends with the lab.
    /// - Parameter hold: seconds that the relay holds each message.
    package static func start(in lab: Lab, hold: Double = 3) async throws -> MailWorld {
        try await WorldBuilder(lab: lab, hold: hold).build()
    }
}

/// Runs `body` in the demo world; all of it has ended when this returns or throws.
/// - Parameter hold: seconds that the relay holds each message.
package func withMailWorld<Result: Sendable>(
    hold: Double = 3, facilities: Facilities = Facilities(), _ body: (MailWorld) async throws -> Result
) async throws -> Result {
    try await withLab(facilities: facilities) { lab in
        try await body(try await MailWorld.start(in: lab, hold: hold))
    }
}
