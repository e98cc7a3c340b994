package import DNS
package import Judgement
package import Mail
package import Networking

/// One port of one address: what greets there, what it says it can do, and what TLS it speaks.
///
/// It logs in nowhere and sends no mail. It ends by its deadline whatever the server does, says good-bye where it can,
/// and gives back an observation in every case: a refused connection is what was seen.
package struct PortProbe: Sendable {
    package var endpoint: Endpoint
    package var service: Service
    package var means: Means
    /// Seconds that connecting may take at most, so that a port that drops packets does not eat up the deadline of
    /// an audit: time for the first SYN and two more (after 1 and 3 s).
    package var connectLimit: Double = 5
    /// What is asked besides, and of which domain; without a domain there are no senders and recipients to ask for.
    package var questions = PortQuestions.none
    package var domain: DomainName?
    /// Hangs up once TLS is up and one line was read inside: nothing is asked of the service.
    package var onlyTLS = false

    package init(endpoint: Endpoint, service: Service, means: Means) {
        self.endpoint = endpoint
        self.service = service
        self.means = means
    }

    /// Dials, talks, and tells what was seen; ends by `deadline`.
    ///
    /// One connection serves for all that one connection can; what it cannot is asked on a few more, one after the other.
    package func observe(by deadline: Deadline) async -> PortObservation {
        let interview = interview
        var observation = await converse(interview, inClear: false, by: deadline)
        if let interview {
            // Where TLS failed, nothing could be said on that connection; senders that go on do so in clear.
            if observation.offersSTARTTLS == true, observation.tls == nil, interview.behaviour.connections == 0,
                [.starttlsRejected, .tlsHandshake].contains(observation.failure?.cause)
            {
                _ = await converse(interview, inClear: true, by: deadline)
            }
            while interview.wantsMore, !deadline.hasPassed {
                let before = interview.behaviour.answers.count
                _ = await converse(interview, inClear: observation.tls == nil, by: deadline)
                if interview.behaviour.answers.count == before { break }
            }
            if let failure = observation.failure { interview.cameToNothing(failure) }
            interview.cameToNothing(
                Failure(.timeout, during: .rcpt, "the questions came to an end before all were asked"))
            observation.behaviour = interview.behaviour
        }
        if questions.injection, observation.tls?.mode == .starttls, !deadline.hasPassed {
            observation.injection = await tryInjection(by: deadline)
        }
        return observation
    }

    /// One connection, and what was seen on it.
    private func converse(_ interview: SMTPInterview?, inClear: Bool, by deadline: Deadline) async -> PortObservation {
        let clock = Means.monotonic
        let began = clock(), at = means.now()
        var observation: PortObservation
        do {
            observation = try await means.network.withConnection(
                to: endpoint.address, port: endpoint.port, host: endpoint.host, by: deadline, connectLimit: connectLimit
            ) { connection in
                let conversation = Conversation(connection, clock: clock)
                conversation.add(.connect, seconds: connection.connectSeconds)
                if connection.address != endpoint.address || connection.port != endpoint.port {
                    conversation.transcript.note("dialled \(connection.address) port \(connection.port) instead")
                }
                var talk = PortConversation(
                    endpoint: endpoint, service: service, ehloName: means.ehloName, at: at, onlyTLS: onlyTLS,
                    conversation: conversation
                ) { handshake, mode in
                    await means.facts(of: handshake, mode: mode, host: endpoint.host, at: at)
                }
                talk.interview = interview
                talk.staysInClear = inClear
                return await talk.observe()
            }
        } catch {
            let wireError = (error as? WireError) ?? .io("\(error)")
            observation = PortObservation(
                endpoint: endpoint, service: service, at: at, state: Self.state(after: wireError))
            observation.failure = Failure(wireError, during: .connect)
            observation.phases = [Phase(.connect, seconds: clock() - began)]
        }
        observation.phases.append(Phase(.total, seconds: clock() - began))
        return observation
    }

    private var interview: SMTPInterview? {
        guard let domain, service.dialect == .smtp else { return nil }
        let asks = SMTPQuestions(
            domain: domain, address: endpoint.address, ehloName: means.ehloName,
            invented: "no-such-user-\(means.newID().prefix(12))")
        let items = asks.items(on: service, questions)
        if items.isEmpty { return nil }
        return SMTPInterview(SMTPInquiry(domain, items: items, foreignSender: asks.foreignSender))
    }

    private func tryInjection(by deadline: Deadline) async -> InjectionOutcome? {
        try? await means.network.withConnection(
            to: endpoint.address, port: endpoint.port, host: endpoint.host, by: deadline, connectLimit: connectLimit
        ) { connection in
            await InjectionTrial(
                service: service, ehloName: means.ehloName,
                serverName: IPAddress(endpoint.host.description) == nil ? endpoint.host : nil,
                conversation: Conversation(connection, clock: Means.monotonic)
            ).run()
        }
    }

    static func state(after error: WireError) -> PortObservation.State {
        switch error {
        case .refused: .refused
        case .timedOut, .cancelled: .timeout
        default: .unreachable
        }
    }
}

extension PortObservation {
    /// What is said of a port that nobody came to dial: the time was up, or the network was not to be touched.
    package static func notDialled(
        _ endpoint: Endpoint, _ service: Service, at: Timestamp, _ cause: Failure.Cause, _ detail: String
    ) -> PortObservation {
        var observation = PortObservation(
            endpoint: endpoint, service: service, at: at, state: cause == .offline ? .unreachable : .timeout)
        observation.failure = Failure(cause, during: .connect, detail)
        return observation
    }
}

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
    private var serverName: DomainName? { IPAddress(endpoint.host.description) == nil ? endpoint.host : nil }

    private func text(_ lines: [[UInt8]]) -> [String] { lines.map { String(decoding: $0, as: UTF8.self) } }

    // MARK: SMTP

    private func smtp(
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
    private func hello(
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

    private func note(
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

    // MARK: IMAP

    private func imap(
        _ seen: inout PortObservation, _ handshake: inout (TLSHandshake, TLSFacts.Mode)?
    ) async throws(Failure) {
        var session = IMAPSession(conversation)
        let (status, line) = try await session.greeting()
        seen.greeting = text([line])
        if status.kind != .bye { seen.isPreauthenticated = status.kind == .preauth }
        if status.kind == .bye {
            // "Not accepting a session from this client" (RFC 9051 §7.1.5): too many of them, perhaps. It says nothing
            // of what the server can do.
            throw Failure(.greeting4xx, during: .greeting, conversation.quote(line))
        }
        guard let offered = try await session.capability() else {
            await session.logOut()
            throw Failure(.protocolViolation, during: .capabilities, "the server does not tell its capabilities")
        }
        note(offered, mechanisms: IMAPSession.mechanisms(in: offered), isSecured: service.hasImplicitTLS, &seen)
        if !service.hasImplicitTLS {
            seen.offersSTARTTLS = session.offers("STARTTLS")
            // RFC 9051 §6.2.3: LOGIN is open unless LOGINDISABLED says otherwise.
            seen.loginBeforeTLS = !session.offers("LOGINDISABLED")
            if status.kind == .preauth {
                await session.logOut()
                throw Failure(
                    .starttlsRejected, during: .greeting,
                    "the greeting is PREAUTH, behind which STARTTLS is not allowed (RFC 9051 §6.2.1)")
            }
            if session.offers("STARTTLS") {
                let goAhead = try await session.askForTLS()
                guard goAhead.kind == .ok else {
                    let failure = Failure(.starttlsRejected, during: .starttls, conversation.quote(goAhead.summary))
                    await session.logOut()
                    throw failure
                }
                handshake = (try await session.startTLS(as: serverName), .starttls)
                if onlyTLS { return try await conversation.confirm(saying: "t NOOP") }
                if let inside = try await session.capability() {
                    note(inside, mechanisms: IMAPSession.mechanisms(in: inside), isSecured: true, &seen)
                }
            }
        }
        await session.logOut()
    }

    // MARK: POP3

    private func pop3(
        _ seen: inout PortObservation, _ handshake: inout (TLSHandshake, TLSFacts.Mode)?
    ) async throws(Failure) {
        var session = POP3Session(conversation)
        let greeting = try await session.greeting()
        seen.greeting = text([greeting.line])
        guard greeting.isOK else {
            // RFC 3206 §4: SYS/PERM will not pass by itself. Anything else may.
            let cause: Failure.Cause = greeting.code == "SYS/PERM" ? .greeting5xx : .greeting4xx
            throw Failure(cause, during: .greeting, conversation.quote(greeting.line))
        }
        let offered = try await session.capa()
        if let offered { note(offered, isSecured: service.hasImplicitTLS, &seen) }
        if !service.hasImplicitTLS {
            // RFC 2595 §4 has STLS told by CAPA; a server without CAPA is asked directly.
            if let offered {
                seen.offersSTARTTLS = POP3Session.parameters(of: "STLS", in: offered) != nil
                seen.loginBeforeTLS = POP3Session.parameters(of: "USER", in: offered) != nil
            }
            if seen.offersSTARTTLS != false {
                let goAhead = try await session.askForTLS()
                guard goAhead.isOK else {
                    let wasOffered = seen.offersSTARTTLS == true
                    seen.offersSTARTTLS = wasOffered
                    let quoted = conversation.quote(goAhead.line)
                    await session.quit()
                    if wasOffered { throw Failure(.starttlsRejected, during: .starttls, quoted) }
                    return
                }
                seen.offersSTARTTLS = true
                handshake = (try await session.startTLS(as: serverName), .starttls)
                if onlyTLS { return try await conversation.confirm(saying: "CAPA") }
                if let inside = try await session.capa() { note(inside, isSecured: true, &seen) }
            }
        }
        await session.quit()
    }

    private func note(_ capabilities: [String], isSecured: Bool, _ seen: inout PortObservation) {
        note(
            capabilities, mechanisms: POP3Session.parameters(of: "SASL", in: capabilities) ?? [], isSecured: isSecured,
            &seen)
    }
}
