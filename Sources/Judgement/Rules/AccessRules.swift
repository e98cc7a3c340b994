import DNS

/// The ports people's programs use: `checks/submission`, `checks/imap`, `checks/pop3`, `checks/access` (RFC 8314).
///
/// A mail host found by MX need not serve them, so that a port that does not answer is no finding there.
/// Where ports are tested by themselves, without a domain, they were asked for and have to answer.
enum AccessRules {
    static let all: [Rule] = [
        reachable, greeting, implicitTLS, submissionSTARTTLS, submissionSTARTTLSWorks, submissionPlaintextAuth,
        submissionAuth, imapSTARTTLS, imapSTARTTLSWorks, imapPlaintextLogin, pop3STARTTLS, pop3STARTTLSWorks,
        pop3PlaintextLogin,
    ]

    private static let services = Set(Service.allCases.filter(\.isForUsers))

    static let reachable = Rule.onPorts("access.reachable", of: services) { port, evidence in
        if port.state == .open { return .passes }
        if evidence.target.domain != nil { return .doesNotApply("a mail host need not serve people's programs") }
        switch port.state {
        case .open: return .passes
        case .timeout, .unreachable: return .cannotTell(port.failureOrState)
        case .refused:
            return .finds(
                Found(
                    "\(port.endpoint.host) refuses connections to port \(port.endpoint.port) "
                        + "(\(port.service.rawValue)) at \(port.endpoint.address).",
                    detail: endpoint(port)))
        }
    }

    static let greeting = onOpen("access.greeting", of: services) { port in
        switch port.failure?.cause {
        case .greeting5xx where port.refusesOurAddress: .cannotTell(port.failureOrState)
        case .greeting5xx,
            .protocolViolation where port.failure?.phase == .greeting:
            .finds(
                Found(
                    "\(port.endpoint.host) does not greet on port \(port.endpoint.port) as \(port.service.rawValue) does: "
                        + "\(quoted(port.greeting.first ?? port.failureOrState.detail)).",
                    detail: endpoint(port) + [.init("greeting", .strings(port.greeting))]))
        default: port.greeting.isEmpty && port.tls == nil ? .cannotTell(port.failureOrState) : greeted(port)
        }
    }

    private static func greeted(_ port: PortObservation) -> Verdict {
        // A PREAUTH is a greeting as well (RFC 9051 §7.1.4); what is wrong with it imap.preauth says.
        if port.isPreauthenticated == true { return .passes }
        return port.greeting.isEmpty || port.failure?.phase == .greeting ? .cannotTell(port.failureOrState) : .passes
    }

    // RFC 8314 §3.
    static let implicitTLS = onOpen("access.implicit-tls", of: [.submissions, .imaps, .pop3s]) { port in
        if port.tls != nil { return .passes }
        guard port.failure?.cause == .tlsHandshake || port.failure?.cause == .protocolViolation else {
            return .cannotTell(port.failureOrState)
        }
        return .finds(
            Found(
                "Port \(port.endpoint.port) (\(port.service.rawValue)) of \(port.endpoint.host) is open, but TLS does "
                    + "not come about: \(quoted(port.failureOrState.detail, limit: 200)).",
                detail: endpoint(port)))
    }

    static let submissionSTARTTLS = starttls("submission.starttls", .submission)
    static let imapSTARTTLS = starttls("imap.starttls", .imap)
    static let pop3STARTTLS = starttls("pop3.starttls", .pop3)
    static let submissionSTARTTLSWorks = onOpen("submission.starttls-works", of: [.submission], starttlsVerdict)
    static let imapSTARTTLSWorks = onOpen("imap.starttls-works", of: [.imap], starttlsVerdict)
    static let pop3STARTTLSWorks = onOpen("pop3.starttls-works", of: [.pop3], starttlsVerdict)

    static let submissionPlaintextAuth = plaintext("submission.plaintext-auth", .submission)
    static let imapPlaintextLogin = plaintext("imap.plaintext-login", .imap)
    static let pop3PlaintextLogin = plaintext("pop3.plaintext-login", .pop3)

    // RFC 6409 §4.3.
    static let submissionAuth = onOpen("submission.auth-offered", of: [.submission, .submissions]) { port in
        guard let mechanisms = port.authAfterTLS else {
            // Without STARTTLS there is no inside to look at: what is offered in clear is all there is.
            guard port.offersSTARTTLS == false, let inClear = port.authBeforeTLS else {
                return .cannotTell(port.failureOrState)
            }
            return inClear.isEmpty ? .doesNotApply("STARTTLS is not offered: see submission.starttls") : .passes
        }
        if !mechanisms.isEmpty { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) offers no AUTH on port \(port.endpoint.port), not even inside TLS: nobody can "
                    + "log in to send.",
                detail: endpoint(port) + [.init("capabilities", .strings(port.capabilities))]))
    }

    // MARK: Shapes

    private static func starttls(_ identifier: String, _ service: Service) -> Rule {
        onOpen(identifier, of: [service]) { port in
            guard let offers = port.offersSTARTTLS else { return .cannotTell(port.failureOrState) }
            if offers { return .passes }
            return .finds(
                Found(
                    "\(port.endpoint.host) does not offer \(service == .pop3 ? "STLS" : "STARTTLS") on port "
                        + "\(port.endpoint.port).",
                    detail: endpoint(port) + [.init("capabilities", .strings(port.capabilitiesBeforeTLS ?? []))]))
        }
    }

    /// Plaintext mechanisms only: challenge-response in clear does not show the password.
    private static func plaintext(_ identifier: String, _ service: Service) -> Rule {
        onOpen(identifier, of: [service]) { port in
            let mechanisms = (port.authBeforeTLS ?? []).filter { plaintextMechanisms.contains($0) }
            let command = service == .imap ? "LOGIN" : "USER"
            if port.loginBeforeTLS == true || !mechanisms.isEmpty {
                let ways =
                    (port.loginBeforeTLS == true ? ["the command \(command)"] : []) + mechanisms.map { "AUTH \($0)" }
                return .finds(
                    Found(
                        "\(port.endpoint.host) offers to log people in before TLS on port \(port.endpoint.port), by "
                            + "\(list(ways)): passwords cross the network in clear.",
                        detail: endpoint(port) + [.init("ways", .strings(ways))]))
            }
            let told = service == .submission ? port.authBeforeTLS != nil : port.loginBeforeTLS != nil
            if told { return .passes }
            // RFC 2449: CAPA may be unknown to a server.
            let isUntold = service == .pop3 && port.failure == nil
            return .cannotTell(
                isUntold
                    ? Failure(.notStated, during: .capabilities, "the server does not tell what it offers (CAPA)")
                    : port.failureOrState)
        }
    }

    /// Where the port is open.
    private static func onOpen(
        _ identifier: String, of services: Set<Service>, _ verdict: @escaping @Sendable (PortObservation) -> Verdict
    ) -> Rule {
        Rule.onPorts(identifier, of: services) { port, evidence in
            switch port.state {
            case .open: verdict(port)
            case .refused: .doesNotApply("the connection is refused")
            case .timeout, .unreachable:
                evidence.target.domain == nil
                    ? .cannotTell(port.failureOrState)
                    : .doesNotApply("a mail host need not serve people's programs, and this port does not answer")
            }
        }
    }
}
