internal import DNS
package import Judgement
internal import Mail
package import Networking
package import TLS

/// Asks one port what it accepts in TLS, a connection for each question of a ``Survey``, one at a time: dials, asks for
/// TLS where it is not implicit, says a hello of ours, reads the answer, and hangs up. It ends by its deadline; what was
/// not asked by then stays unasked.
package struct TLSSurveyProbe: Sendable {
    package var endpoint: Endpoint
    package var service: Service
    package var means: Means
    package var depth: Survey.Depth
    package var pace: Pace

    /// How often a server is dialled.
    package struct Pace: Hashable, Sendable {
        /// Seconds from one connection's end to the next one's beginning.
        package var pause: Double
        /// Connections in any sixty seconds.
        package var mostPerMinute: Int
        /// Seconds for one question. Servers may greet late on purpose.
        package var questionTimeout: Double

        package init(pause: Double = 0.05, mostPerMinute: Int = 90, questionTimeout: Double = 20) {
            self.pause = pause
            self.mostPerMinute = mostPerMinute
            self.questionTimeout = questionTimeout
        }
    }

    package init(endpoint: Endpoint, service: Service, means: Means, depth: Survey.Depth, pace: Pace = Pace()) {
        self.endpoint = endpoint
        self.service = service
        self.means = means
        self.depth = depth
        self.pace = pace
    }

    /// For SNI; nil where the host is no name.
    var serverName: String? { endpoint.host.isHostName ? endpoint.host.lowercased.description : nil }

    /// What one hello is answered; nil where it could not be said.
    func answer(to hello: ClientHello, by deadline: Deadline) async -> SurveyAnswer? {
        do throws(Unasked) {
            return try await ask(hello, by: deadline.capped(seconds: pace.questionTimeout))
        } catch {
            return nil
        }
    }

    /// All that was heard.
    package func survey(by deadline: Deadline) async -> Survey {
        var survey = Survey(serverName: serverName, depth: depth)
        var begun: [ContinuousClock.Instant] = []
        while let question = survey.next() {
            if Task.isCancelled {
                survey.stop("cancelled")
                break
            }
            guard await waitForTurn(&begun, by: deadline) else {
                survey.stop("the time was up after \(survey.log.count) questions")
                break
            }
            do throws(Unasked) {
                survey.note(
                    try await ask(question.hello, by: deadline.capped(seconds: pace.questionTimeout)), to: question)
            } catch {
                survey.stop(error.why)
            }
        }
        return survey
    }

    /// False where the turn does not come before the deadline.
    private func waitForTurn(_ begun: inout [ContinuousClock.Instant], by deadline: Deadline) async -> Bool {
        var wait = begun.isEmpty ? 0 : pace.pause
        let now = ContinuousClock.now
        begun.removeAll { now - $0 > .seconds(60) }
        if begun.count >= pace.mostPerMinute, let oldest = begun.first {
            wait = max(wait, 60 - (now - oldest) / .seconds(1))
        }
        guard wait < deadline.remainingSeconds else { return false }
        if wait > 0 { try? await pause(seconds: wait) }
        begun.append(.now)
        return !deadline.hasPassed
    }

    /// The question could not be put.
    private struct Unasked: Error { var why: String }

    private func ask(_ hello: ClientHello, by deadline: Deadline) async throws(Unasked) -> SurveyAnswer {
        var generator = SystemRandomNumberGenerator()
        // Eight at a time: each is a question to the kernel.
        let random = (0..<8).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
        let octets = hello.octets(random: random)
        do {
            return try await means.network.withConnection(
                to: endpoint.address, port: endpoint.port, host: endpoint.host, by: deadline, connectLimit: 5
            ) { connection in
                if !service.hasImplicitTLS {
                    let conversation = Conversation(connection, clock: Means.monotonic)
                    try await Self.askForTLS(service.dialect, conversation, as: means.ehloName)
                }
                var flight = ServerFlight()
                var hasClosed = false
                do throws(WireError) {
                    try await connection.write(octets)
                    while !flight.isDone { flight.consume(try await connection.read(count: flight.wanted)) }
                } catch {
                    if error == .cancelled { throw error }
                    hasClosed = error == .closedByPeer
                }
                // So that the server's log says who hung up.
                if flight.hello != nil { try? await connection.write(ClientHello.farewell(hello.version)) }
                return SurveyAnswer(flight, to: hello, closed: hasClosed)
            }
        } catch let failure as Failure {
            throw Unasked(why: failure.detail.isEmpty ? failure.cause.rawValue : failure.detail)
        } catch {
            throw Unasked(why: "\((error as? WireError) ?? .io("\(error)"))")
        }
    }

    /// Up to the go-ahead.
    private static func askForTLS(
        _ dialect: Service.Dialect, _ conversation: Conversation, as name: EHLOName
    ) async throws(Failure) {
        func refused(_ what: String) -> Failure { Failure(.starttlsRejected, during: .starttls, what) }
        switch dialect {
        case .smtp:
            var session = SMTPSession(conversation)
            let greeting = try await session.greeting()
            guard greeting.code == 220 else {
                throw refused("the greeting was \(conversation.quote(greeting.summary))")
            }
            let hello = try await session.ehlo(name)
            guard hello.kind == .positive else {
                throw refused("EHLO was answered \(conversation.quote(hello.summary))")
            }
            let goAhead = try await session.askForTLS()
            guard goAhead.code == 220 else {
                throw refused("STARTTLS was answered \(conversation.quote(goAhead.summary))")
            }
        case .imap:
            var session = IMAPSession(conversation)
            let greeting = try await session.greeting()
            guard greeting.status.kind == .ok else {
                throw refused("the greeting was \(conversation.quote(greeting.line))")
            }
            let goAhead = try await session.askForTLS()
            guard goAhead.kind == .ok else {
                throw refused("STARTTLS was answered \(conversation.quote(goAhead.summary))")
            }
        case .pop3:
            let session = POP3Session(conversation)
            let greeting = try await session.greeting()
            guard greeting.isOK else { throw refused("the greeting was \(conversation.quote(greeting.line))") }
            let goAhead = try await session.askForTLS()
            guard goAhead.isOK else { throw refused("STLS was answered \(conversation.quote(goAhead.line))") }
        }
    }
}

extension TLSAcceptance {
    /// What a survey says, in the words of the report.
    package init(_ survey: Survey) {
        self.init(
            isFull: survey.depth == .full, isComplete: survey.isComplete, problem: survey.problem.map { printable($0) },
            questions: survey.log.count)
        versions = ProtocolVersion.all.compactMap { version in
            survey.accepts(version).map { Version(version.description, isAccepted: $0) }
        }
        let spoken = ProtocolVersion.all.filter { $0 != .ssl2 }.reversed()
        suites = spoken.flatMap { version in
            survey.suites(of: version).map { Suite(version: version.description, name: $0.description) }
        }
        groups = spoken.flatMap { survey.groups(of: $0) }.map(\.description).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
        weakSuites = survey.acceptsWeakSuites
        withoutForwardSecrecy = survey.acceptsWithoutForwardSecrecy
        finiteFieldBits = survey.finiteFieldBits
        postQuantum = survey.acceptsPostQuantum
        compression = survey.compresses
        secureRenegotiation = survey.hasSecureRenegotiation
        extendedMasterSecret = survey.hasExtendedMasterSecret
        serverOrder = survey.prefersOwnOrder
        fallbackSignal = survey.heedsFallbackSignal
        // SignatureAndHashAlgorithm: md5(1), sha1(2) (RFC 5246 §7.4.1.4.1).
        let schemes = survey.signatureSchemes
        weakKeyExchangeHash = schemes.isEmpty ? nil : schemes.contains { $0 >> 8 == 1 || $0 >> 8 == 2 }
        wantsClientCertificate = survey.wantsClientCertificate
        guard let own = survey.chain?.first, let nameless = survey.chainWithoutServerName else { return }
        if let first = nameless.first {
            self.nameless = first == own ? .same : .other
            if first != own { namelessCertificate = CertificateReading(first).facts }
        } else {
            self.nameless = .refused
        }
    }
}

extension DomainName {
    /// Whether it can be named in SNI: not an address (RFC 6066 §3).
    fileprivate var isHostName: Bool { !isRoot && IPAddress(description) == nil }
}
