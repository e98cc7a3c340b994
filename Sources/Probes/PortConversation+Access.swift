internal import DNS
internal import Judgement
internal import Networking

/// Where users read their mail: IMAP (RFC 9051) and POP3 (RFC 1939).
extension PortConversation {
    // MARK: IMAP

    func imap(
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

    func pop3(
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

    func note(_ capabilities: [String], isSecured: Bool, _ seen: inout PortObservation) {
        note(
            capabilities, mechanisms: POP3Session.parameters(of: "SASL", in: capabilities) ?? [], isSecured: isSecured,
            &seen)
    }
}
