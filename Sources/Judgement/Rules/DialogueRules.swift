import DNS

/// How servers greet and speak, on every port: more of `checks/smtp`, `checks/imap` and `checks/pop3`. What is judged
/// here stands in the conversation that every audit has; nothing is asked for it but STARTTLS with a NOOP behind it,
/// on a connection of its own.
enum DialogueRules {
    static let all: [Rule] = [
        greetingName, greetingDelay, heloOnly, sizeLimit, rewritten, lineForm, starttlsAgain, lostExtensions,
        intermittent, smtpInjection, imapInjection, pop3Injection, imapStarttlsAgain, pop3StarttlsAgain, preauth,
        imapVersion, pop3Version, apop,
    ]

    // RFC 5321 §4.2: Greeting = "220 " ( Domain / address-literal ) [ SP textstring ] CRLF
    static let greetingName = onGreeted("smtp.greeting-name", of: [.smtp]) { port in
        let word = port.greeting.first?.split(separator: " ").first.map(String.init) ?? ""
        if isFullName(word) || isLiteral(word) { return .passes }
        if isMasked(word) { return .doesNotApply("something on the way hides the greeting: see smtp.rewritten") }
        return .finds(
            Found(
                word.isEmpty
                    ? "\(port.endpoint.host) does not say its name in the greeting."
                    : "\(port.endpoint.host) does not greet with its full name: \(quoted(word, limit: 80)).",
                detail: endpoint(port) + [.init("greeting", .strings(port.greeting))],
                remedy: "Have the greeting begin with the server's full name: `220 \(port.endpoint.host) ESMTP`."))
    }

    /// From here on a greeting counts as held back on purpose, and from there on senders begin to hang up although
    /// RFC 5321 §4.5.3.2.1 has them wait for five minutes.
    private static let delaySeconds = 5.0, longSeconds = 30.0

    static let greetingDelay = onGreeted("smtp.greeting-delay", of: [.smtp]) { port in
        guard let waited = port.seconds(.greeting) else { return .doesNotApply("it was not measured") }
        if waited < delaySeconds { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) greets after \(BehaviourRules.seconds(waited)).",
                detail: endpoint(port) + [.init("seconds", .number(waited))],
                severity: waited >= longSeconds ? .warning : nil))
    }

    // RFC 5321 §2.2.1: servers must support EHLO.
    static let heloOnly = onGreeted("smtp.helo-only", of: [.smtp, .submission, .submissions]) { port in
        switch port.saidHELO {
        case nil: port.capabilities.isEmpty ? .cannotTell(port.failureOrState) : .passes
        case false?: .passes
        case true?:
            .finds(
                Found(
                    "\(port.endpoint.host) knows HELO but not EHLO on port \(port.endpoint.port): no TLS, no limit of "
                        + "size, no 8-bit text.", detail: endpoint(port)))
        }
    }

    /// Octets. Messages with attachments of ten megabytes are everyday mail.
    private static let smallLimit = 10_000_000

    // RFC 1870 §4: no number, or zero, says that there is no fixed limit.
    static let sizeLimit = onGreeted("smtp.size-limit", of: [.smtp]) { port in
        guard port.capabilitiesBeforeTLS != nil || port.capabilitiesAfterTLS != nil else {
            return .cannotTell(port.failureOrState)
        }
        guard let words = port.parameters(of: "SIZE") else { return .doesNotApply("SIZE is not offered") }
        guard let limit = words.first.flatMap({ Int($0) }), limit > 0, limit < smallLimit else { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) takes no message of more than \(limit) octets.",
                detail: endpoint(port) + [.init("size", .integer(limit))]))
    }

    // A firewall that looks into SMTP writes asterisks over the greeting and X over what it does not want heard.
    static let rewritten = onGreeted("smtp.rewritten", of: [.smtp, .submission]) { port in
        guard let offered = port.capabilitiesBeforeTLS else { return .cannotTell(port.failureOrState) }
        let words = offered.compactMap { $0.split(separator: " ").first.map(String.init) }
        let masked = words.filter(isMaskedKeyword)
        let hasMaskedGreeting = port.greeting.contains { $0.split(separator: " ").contains { isMasked(String($0)) } }
        if masked.isEmpty, !hasMaskedGreeting { return .passes }
        return .finds(
            Found(
                "Something in front of \(port.endpoint.host) writes over what the server says on port "
                    + "\(port.endpoint.port): \(quoted(masked.first ?? port.greeting.first ?? "")).",
                detail: endpoint(port) + [
                    .init("masked", .strings(masked)), .init("greeting", .strings(port.greeting)),
                ]))
    }

    // RFC 5321 §2.3.1, §2.3.8, §4.5.3.1.5.
    static let lineForm = onGreeted("smtp.line-form", of: [.smtp, .submission, .submissions]) { port in
        guard let facts = port.lineFacts else { return .doesNotApply("the form of the lines was not noted") }
        var faults: [String] = []
        // 512 octets with CRLF.
        if facts.longest > 510 { faults.append("a line of \(facts.longest) octets") }
        if facts.hasBareLineFeed { faults.append("lines that end in LF without CR") }
        if facts.hasEightBit { faults.append("octets that are not ASCII") }
        if faults.isEmpty { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) says \(list(faults)) on port \(port.endpoint.port).",
                detail: endpoint(port) + [.init("faults", .strings(faults))]))
    }

    // RFC 3207 §4.2; RFC 9051 §6.2.1; RFC 2595 §4.
    static let starttlsAgain = again("smtp.starttls-again", of: [.smtp, .submission])
    static let imapStarttlsAgain = again("imap.starttls-again", of: [.imap])
    static let pop3StarttlsAgain = again("pop3.starttls-again", of: [.pop3])

    private static func again(_ identifier: String, of services: Set<Service>) -> Rule {
        onSecured(identifier, of: services) { port in
            guard let inside = port.capabilitiesAfterTLS else {
                // RFC 2449: CAPA may be unknown to a server.
                return port.service.dialect == .pop3 && port.failure == nil
                    ? .doesNotApply("the server does not tell what it offers (CAPA)") : .cannotTell(port.failureOrState)
            }
            let command = port.service.dialect == .pop3 ? "STLS" : "STARTTLS"
            guard keywords(inside).contains(command) else { return .passes }
            return .finds(
                Found(
                    "\(port.endpoint.host) offers \(command) inside TLS once more on port \(port.endpoint.port): it does "
                        + "not begin anew when TLS begins.",
                    detail: endpoint(port) + [.init("capabilities", .strings(inside))]))
        }
    }

    /// Extensions that have nothing to do with whether TLS is on.
    private static let lasting = [
        "SIZE", "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES", "BINARYMIME",
        "DELIVERBY",
    ]

    static let lostExtensions = onSecured("smtp.lost-extensions", of: [.smtp, .submission]) { port in
        guard let before = port.capabilitiesBeforeTLS, let inside = port.capabilitiesAfterTLS else {
            return .cannotTell(port.failureOrState)
        }
        let left = keywords(inside)
        let lost = lasting.filter { keywords(before).contains($0) && !left.contains($0) }
        if lost.isEmpty { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) offers \(list(lost)) in clear but not inside TLS on port \(port.endpoint.port).",
                detail: endpoint(port) + [.init("lost", .strings(lost))]))
    }

    static let intermittent = onTried("smtp.starttls-intermittent", of: [.smtp, .submission]) { port, outcome in
        if outcome != .notOffered { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) offered STARTTLS on one connection and not on the next on port "
                    + "\(port.endpoint.port).", detail: endpoint(port)))
    }

    static let smtpInjection = injection("smtp.injection", of: [.smtp, .submission])
    static let imapInjection = injection("imap.injection", of: [.imap])
    static let pop3Injection = injection("pop3.injection", of: [.pop3])

    // CVE-2011-0411, CVE-2011-1926, CVE-2021-38084 and their kin.
    private static func injection(_ identifier: String, of services: Set<Service>) -> Rule {
        onTried(identifier, of: services) { port, outcome in
            switch outcome {
            case .discarded, .refused: return .passes
            case .notOffered: return .doesNotApply("STARTTLS was not on offer when it was tried")
            case .answered:
                let command = port.service.dialect == .pop3 ? "STLS" : "STARTTLS"
                return .finds(
                    Found(
                        "\(port.endpoint.host) obeys inside TLS what was said before TLS on port "
                            + "\(port.endpoint.port): a NOOP sent together with \(command) was answered.",
                        detail: endpoint(port)))
            }
        }
    }

    // RFC 9051 §7.1.4, §11.2.
    static let preauth = onGreeted("imap.preauth", of: [.imap, .imaps]) { port in
        switch port.isPreauthenticated {
        case nil: .cannotTell(port.failureOrState)
        case false?: .passes
        case true?:
            .finds(
                Found(
                    "\(port.endpoint.host) greets on port \(port.endpoint.port) with PREAUTH: whoever connects is logged "
                        + "in\(port.service == .imap ? ", and TLS cannot be begun any more" : "").",
                    detail: endpoint(port) + [.init("greeting", .strings(port.greeting))]))
        }
    }

    static let imapVersion = version("imap.banner-version", of: [.imap, .imaps])
    static let pop3Version = version("pop3.banner-version", of: [.pop3, .pop3s])

    private static func version(_ identifier: String, of services: Set<Service>) -> Rule {
        onGreeted(identifier, of: services) { port in
            guard let word = versionWord(port.greeting.first ?? "") else { return .passes }
            return .finds(
                Found(
                    "\(port.endpoint.host) tells the version of its software in the greeting on port "
                        + "\(port.endpoint.port): \(quoted(word, limit: 60)).",
                    detail: endpoint(port) + [.init("greeting", .strings(port.greeting))]))
        }
    }

    // RFC 1939 §7: a timestamp in the greeting, `<process-ID.clock@hostname>`, says that APOP is there.
    static let apop = onGreeted("pop3.apop", of: [.pop3, .pop3s]) { port in
        guard let word = port.greeting.first?.split(separator: " ").last, word.hasPrefix("<"), word.hasSuffix(">"),
            word.contains("@")
        else { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) offers APOP on port \(port.endpoint.port), whose MD5 is broken and for which "
                    + "passwords have to be kept readable.",
                detail: endpoint(port) + [.init("greeting", .strings(port.greeting))]))
    }

    // MARK: Shapes

    /// Where the server greeted as it should.
    private static func onGreeted(
        _ identifier: String, of services: Set<Service>, _ verdict: @escaping @Sendable (PortObservation) -> Verdict
    ) -> Rule {
        Rule.onPorts(identifier, of: services) { port, evidence in
            switch port.state {
            case .open
            where port.greeting.isEmpty || port.failure?.phase == .greeting && port.isPreauthenticated != true:
                // Why there is no greeting is said elsewhere, where that is a fault; here nothing can be told.
                port.failure?.cause == .greeting5xx || port.failure?.cause == .protocolViolation
                    ? .doesNotApply("the server does not greet as it should: see \(port.greetingCheck)")
                    : .cannotTell(port.failureOrState)
            case .open: verdict(port)
            case .refused: .doesNotApply("the connection is refused")
            case .timeout, .unreachable:
                port.service == .smtp || evidence.target.domain == nil
                    ? .cannotTell(port.failureOrState)
                    : .doesNotApply("a mail host need not serve people's programs, and this port does not answer")
            }
        }
    }

    /// Where TLS was begun on a connection that began in clear.
    private static func onSecured(
        _ identifier: String, of services: Set<Service>, _ verdict: @escaping @Sendable (PortObservation) -> Verdict
    ) -> Rule {
        onGreeted(identifier, of: services) { port in
            if port.offersSTARTTLS == false { return .doesNotApply("STARTTLS is not offered") }
            if port.tls == nil {
                switch port.failure?.cause {
                case .starttlsRejected, .tlsHandshake, .protocolViolation:
                    return .doesNotApply("TLS does not come about: see \(port.service.dialect.rawValue).starttls-works")
                default: return .cannotTell(port.failureOrState)
                }
            }
            return verdict(port)
        }
    }

    /// Where a command was sent together with STARTTLS.
    private static func onTried(
        _ identifier: String, of services: Set<Service>,
        _ verdict: @escaping @Sendable (PortObservation, InjectionOutcome) -> Verdict
    ) -> Rule {
        Rule.onPorts(identifier, of: services) { port, _ in
            guard let outcome = port.injection else {
                return .doesNotApply("it was not tried, or the second connection came to nothing")
            }
            return verdict(port, outcome)
        }
    }
}

extension PortObservation {
    /// The check that says what is wrong with the greeting.
    fileprivate var greetingCheck: String { service == .smtp ? "smtp.greeting" : "access.greeting" }

    /// The parameters of an EHLO keyword as last told; nil where it is not offered.
    func parameters(of keyword: String) -> [String]? {
        for line in capabilities {
            let words = line.split(separator: " ").map(String.init)
            if words.first?.uppercased() == keyword { return Array(words.dropFirst()) }
        }
        return nil
    }
}
