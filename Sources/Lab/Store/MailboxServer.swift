/// A server through which people read the mailboxes of a ``MailStore``, in one of two protocols.
///
/// IMAP4rev1 (RFC 3501, in the words of RFC 9051) does what reading and removing a message needs, and leaves out
/// APPEND, COPY, threads, sorting and other people's mailboxes. POP3 (RFC 1939, CAPA of RFC 2449, STLS of RFC 2595)
/// serves the INBOX.
package struct MailboxServer: LabServer {
    /// What it speaks.
    package enum AccessProtocol: Hashable, Sendable { case imap, pop3 }

    package var speaks: AccessProtocol
    package var host: String
    /// nil: no TLS at all.
    package var identity: ServerIdentity?
    /// TLS at once, as on ports 993 and 995; otherwise STARTTLS or STLS, as on 143 and 110.
    package var isImplicit: Bool
    package var faults: Faults
    let store: MailStore

    package init(
        _ speaks: AccessProtocol, host: String, identity: ServerIdentity?, isImplicit: Bool,
        faults: Faults = Faults(), store: MailStore
    ) {
        self.speaks = speaks
        self.host = host
        self.identity = identity
        self.isImplicit = isImplicit
        self.faults = faults
        self.store = store
    }

    package func service() -> LabService {
        LabService(identity, isImplicit: isImplicit, faults: faults) { talk in
            switch speaks {
            case .imap: try await IMAPServerSession(self, talk).run()
            case .pop3: try await POP3ServerSession(self, talk).run()
            }
        }
    }
}
