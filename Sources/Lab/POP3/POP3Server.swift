/// A server that speaks POP3 (RFC 1939, CAPA of RFC 2449, STLS of RFC 2595) over the INBOX of a ``MailStore``.
package struct POP3Server: LabServer {
    package var host: String
    /// nil: no TLS at all.
    package var identity: ServerIdentity?
    /// TLS at once, as on port 995; otherwise STLS, as on port 110.
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
            try await POP3ServerSession(self, talk).run()
        }
    }
}
