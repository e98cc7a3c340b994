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
        if observation.tls == nil, observation.failure?.cause == .tlsHandshake,
            let unspoken = await unspokenTLS(by: deadline)
        {
            observation.failure = unspoken
        }
        if let interview {
            // Where TLS failed, nothing could be said on that connection; senders that go on do so in clear.
            if observation.offersSTARTTLS == true, observation.tls == nil, interview.behaviour.connections == 0,
                [.starttlsRejected, .tlsHandshake, .tlsUnsupported].contains(observation.failure?.cause)
            {
                _ = await converse(interview, inClear: true, by: deadline)
            }
            await goOn(interview, inClear: observation.tls == nil, by: deadline)
            if service == .smtp, let wait = interview.waitBeforeSecondTry(atMost: questions.greylistWait),
                wait < deadline.remainingSeconds, (try? await pause(seconds: wait)) != nil
            {
                interview.askAgain(at: Means.monotonic())
                await goOn(interview, inClear: observation.tls == nil, by: deadline)
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

    /// Asks what is left on further connections, as long as they bring answers.
    private func goOn(_ interview: SMTPInterview, inClear: Bool, by deadline: Deadline) async {
        while interview.wantsMore, !deadline.hasPassed {
            let before = interview.inquiry.heard
            _ = await converse(interview, inClear: inClear, by: deadline)
            if interview.inquiry.heard == before { break }
        }
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
