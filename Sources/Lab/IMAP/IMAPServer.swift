/// A server that speaks IMAP4rev1 (RFC 3501, in the words of RFC 9051) over the mailboxes of a ``MailStore``: what
/// reading and removing a message needs. It leaves out APPEND, COPY, threads, sorting and other people's mailboxes.
package struct IMAPServer: LabServer {
    package var host: String
    /// nil: no TLS at all.
    package var identity: ServerIdentity?
    /// TLS at once, as on port 993; otherwise STARTTLS, as on port 143.
    package var isImplicit: Bool
    package var faults: Faults
    let store: MailStore

    package init(
        host: String, identity: ServerIdentity?, isImplicit: Bool, faults: Faults = Faults(), store: MailStore
    ) {
        self.host = host
        self.identity = identity
        self.isImplicit = isImplicit
        self.faults = faults
        self.store = store
    }

    package func service() -> LabService {
        LabService(identity, isImplicit: isImplicit, faults: faults) { talk in
            try await IMAPServerSession(self, talk).run()
        }
    }
}
