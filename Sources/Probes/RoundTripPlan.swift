package import DNS
package import Mail

/// A round trip as configured: who sends by which server, who receives in which mailbox, and by when it is due there.
package struct RoundTripPlan: Sendable {
    package var name: String
    package var from: SubmissionAccount
    package var to: MailboxAccount
    /// Seconds from the start until the message counts as lost.
    package var deadline: Double
    /// Seconds of delivery above which it counts as late; nil: never.
    package var lateAfter: Double?
    /// Log in even where the certificate is not to be trusted. For a laboratory.
    package var insecure: Bool

    package init(
        name: String, from: SubmissionAccount, to: MailboxAccount, deadline: Double = 300, lateAfter: Double? = nil,
        insecure: Bool = false
    ) {
        self.name = name
        self.from = from
        self.to = to
        self.deadline = deadline
        self.lateAfter = lateAfter
        self.insecure = insecure
    }
}

/// How TLS begins. A password is never sent without.
package enum LoginSecurity: String, Hashable, Sendable, Codable {
    case implicit, starttls

    /// What the port stands for (RFC 8314 §3); an unusual one has TLS at once for mailboxes, and STARTTLS for
    /// submission.
    package static func usual(for port: UInt16, submission: Bool) -> LoginSecurity {
        switch port {
        case 465, 993, 995: .implicit
        case 25, 587, 143, 110: .starttls
        default: submission ? .starttls : .implicit
        }
    }
}

/// Where the test message is handed in (RFC 6409).
package struct SubmissionAccount: Sendable {
    /// Envelope sender and From.
    package var address: EmailAddress
    /// A name, or an address as text: named in SNI and expected in the certificate.
    package var server: DomainName
    package var port: UInt16
    package var security: LoginSecurity
    package var credentials: Credentials
    /// Signs the message before it is handed in; nil leaves that to the server.
    package var signer: DKIMSigner?

    package init(
        address: EmailAddress, server: DomainName, port: UInt16 = 465, security: LoginSecurity? = nil,
        credentials: Credentials, signer: DKIMSigner? = nil
    ) {
        self.address = address
        self.server = server
        self.port = port
        self.security = security ?? .usual(for: port, submission: true)
        self.credentials = credentials
        self.signer = signer
    }
}

/// Where the test message is looked for.
package struct MailboxAccount: Sendable {
    /// The protocol the mailbox is read by.
    package enum Access: String, Hashable, Sendable, Codable { case imap, pop3 }

    /// Envelope recipient and To.
    package var address: EmailAddress
    package var access: Access
    package var server: DomainName
    package var port: UInt16
    package var security: LoginSecurity
    package var credentials: Credentials

    package init(
        address: EmailAddress, access: Access, server: DomainName, port: UInt16? = nil,
        security: LoginSecurity? = nil, credentials: Credentials
    ) {
        self.address = address
        self.access = access
        self.server = server
        self.port = port ?? (access == .imap ? 993 : 995)
        self.security = security ?? .usual(for: self.port, submission: false)
        self.credentials = credentials
    }
}
