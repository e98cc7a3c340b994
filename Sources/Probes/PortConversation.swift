internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// The conversation of a port probe once the connection stands, over any wire.
struct PortConversation {
    let endpoint: Endpoint
    let service: Service
    let ehloName: EHLOName
    let at: Timestamp
    let onlyTLS: Bool
    let conversation: Conversation
    /// Reads what a handshake showed.
    let facts: (TLSHandshake, TLSFacts.Mode) async -> TLSFacts
    /// Asks what else there is to ask once all else has been said; nil: nothing.
    var interview: SMTPInterview?
    /// Leaves STARTTLS alone, as senders do after it has failed.
    var staysInClear = false

    init(
        endpoint: Endpoint, service: Service, ehloName: EHLOName, at: Timestamp, onlyTLS: Bool = false,
        conversation: Conversation, facts: @escaping (TLSHandshake, TLSFacts.Mode) async -> TLSFacts
    ) {
        self.endpoint = endpoint
        self.service = service
        self.ehloName = ehloName
        self.at = at
        self.onlyTLS = onlyTLS
        self.conversation = conversation
        self.facts = facts
    }

    func observe() async -> PortObservation {
        var seen = PortObservation(endpoint: endpoint, service: service, at: at, state: .open)
        var handshake: (TLSHandshake, TLSFacts.Mode)?
        do throws(Failure) {
            if service.hasImplicitTLS {
                handshake = (try await conversation.startTLS(as: serverName), .implicit)
            }
            if onlyTLS, handshake != nil {
                // The server has the first word where TLS is implicit.
                try await conversation.confirm(saying: nil)
            } else {
                switch service.dialect {
                case .smtp: try await smtp(&seen, &handshake)
                case .imap: try await imap(&seen, &handshake)
                case .pop3: try await pop3(&seen, &handshake)
                }
            }
        } catch {
            seen.failure = error
        }
        // Connected is not accepted: with TLS 1.3 the server's refusal may come after our side is done
        // (RFC 8446 §2). What was shown counts once something was said inside, or where the version has the server
        // speak last in the handshake.
        if let (shown, mode) = handshake,
            conversation.hasReadInsideTLS || shown.version != "TLSv1.3" || conversation.isSilentInsideTLS
        {
            seen.tls = await facts(shown, mode)
            seen.tls?.isConfirmed = conversation.hasReadInsideTLS
        }
        seen.phases = conversation.phases
        seen.lineFacts = conversation.lineFacts
        seen.transcript = conversation.transcript.complete
        return seen
    }

    /// What SNI says: never an address (RFC 6066 §3).
    var serverName: DomainName? { IPAddress(endpoint.host.description) == nil ? endpoint.host : nil }

    func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

    // MARK: SMTP

    func smtp(
        _ seen: inout PortObservation, _ handshake: inout (TLSHandshake, TLSFacts.Mode)?
    ) async throws(Failure) {
        var session = SMTPSession(conversation)
        let greeting = try await session.greeting()
        seen.greeting = text(greeting.lines)
        seen.greetingCode = greeting.code
        guard greeting.code == 220 else {
            // 421 and the like say "not now": nothing is known of what the server can do. 554 is "no service here"
            // (RFC 5321 §3.1).
            let cause: Failure.Cause =
                switch greeting.kind {
                case .transient: .greeting4xx
                case .permanent: .greeting5xx
                default: .protocolViolation
                }
            let failure = Failure(cause, during: .greeting, conversation.quote(greeting.summary))
            await session.quit()
            throw failure
        }
        guard let offered = try await hello(&session, isSecured: service.hasImplicitTLS, &seen) else {
            await interview?.run(in: session)
            await session.quit()
            return
        }
        if !service.hasImplicitTLS {
            seen.offersSTARTTLS = offered.offers("STARTTLS")
            if offered.offers("STARTTLS"), !staysInClear {
                let goAhead = try await session.askForTLS()
                guard goAhead.code == 220 else {
                    let failure = Failure(.starttlsRejected, during: .starttls, conversation.quote(goAhead.summary))
                    await session.quit()
                    throw failure
                }
                handshake = (try await session.startTLS(as: serverName), .starttls)
                if onlyTLS { return try await conversation.confirm(saying: "NOOP") }
                _ = try await hello(&session, isSecured: true, &seen)
            }
        }
        await interview?.run(in: session)
        await session.quit()
    }

    /// EHLO, and HELO where the server does not know EHLO (RFC 5321 §4.1.1.1): what is offered, noted in `seen`;
    /// nil where the server took HELO only, and so offers nothing.
    func hello(
        _ session: inout SMTPSession, isSecured: Bool, _ seen: inout PortObservation
    ) async throws(Failure) -> SMTPExtensions? {
        let reply = try await session.ehlo(ehloName)
        if let told = session.extensions {
            seen.ehloName = told.name
            seen.saidHELO = seen.saidHELO ?? false
            note(told.keywords, mechanisms: told.mechanisms, isSecured: isSecured, &seen)
            return told
        }
        // Only "no such command" (RFC 5321 §4.2.4) means that EHLO is not known. Another 5xx refuses us or our name,
        // 421 and 4xx put us off: what the server can is not known then, and HELO would not tell.
        if [500, 502, 504].contains(reply.code) {
            let old = try await session.helo(ehloName)
            if old.kind == .positive {
                seen.ehloName = SMTPExtensions(old).name
                seen.saidHELO = true
                note([], mechanisms: [], isSecured: isSecured, &seen)
                if !isSecured { seen.offersSTARTTLS = false }
                return nil
            }
        }
        let failure = Failure(.ehloRejected, during: .capabilities, conversation.quote(reply.summary))
        await session.quit()
        throw failure
    }

    func note(
        _ capabilities: [String], mechanisms: [String], isSecured: Bool, _ seen: inout PortObservation
    ) {
        if isSecured {
            seen.capabilitiesAfterTLS = capabilities
            seen.authAfterTLS = mechanisms
        } else {
            seen.capabilitiesBeforeTLS = capabilities
            seen.authBeforeTLS = mechanisms
        }
    }
}
