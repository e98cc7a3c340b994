import DNS

/// Port 25: `checks/smtp` (RFC 5321, RFC 3207). What could not be reached, or put us off for now (421), tells nothing
/// about what the server can do.
enum SMTPRules {
    static let all: [Rule] = [
        reachable, greeting, ehlo, starttls, starttlsWorks, plaintextAuth, authOn25, extensions, bannerVersion,
    ]

    static let reachable = Rule.onPorts("smtp.reachable", of: [.smtp]) { port, evidence in
        switch port.state {
        case .open: return .passes
        case .timeout where port.failureOrState.cause == .connectTimeout:
            return .cannotTell(evidence.machine.closedPort25 ?? port.failureOrState)
        case .timeout, .unreachable: return .cannotTell(port.failureOrState)
        case .refused:
            let others = evidence.ports.contains { $0.service == .smtp && $0.state == .open }
            return .finds(
                Found(
                    "\(port.endpoint.host) refuses connections to port \(port.endpoint.port) at \(port.endpoint.address)"
                        + (others ? "; other addresses of the domain answer." : ": mail cannot be handed over there."),
                    detail: endpoint(port), severity: others ? .error : nil))
        }
    }

    // RFC 5321 §3.1: 220, or 554. A 421 says nothing but "not now".
    static let greeting = onOpen("smtp.greeting") { port in
        guard let code = port.greetingCode else {
            if port.failure?.cause == .protocolViolation {
                return .finds(
                    Found(
                        "\(port.endpoint.host) does not greet as a mail server does: "
                            + "\(quoted(port.greeting.first ?? port.failureOrState.detail)).",
                        detail: endpoint(port)))
            }
            return .cannotTell(port.failureOrState)
        }
        switch code {
        case 220: return .passes
        case 400..<500:
            return .cannotTell(
                port.failure ?? Failure(.greeting4xx, during: .greeting, quoted(port.greeting.first ?? "\(code)")))
        default:
            if port.refusesOurAddress { return .cannotTell(port.failureOrState) }
            return .finds(
                Found(
                    "\(port.endpoint.host) turns us away with \(quoted(port.greeting.first ?? "\(code)")).",
                    detail: endpoint(port) + [
                        .init("code", .integer(code)), .init("greeting", .strings(port.greeting)),
                    ]))
        }
    }

    static let ehlo = onGreeted("smtp.ehlo") { port in
        if port.capabilitiesBeforeTLS != nil { return .passes }
        guard port.refusesEHLO else { return .cannotTell(port.failureOrState) }
        return .finds(
            Found(
                "\(port.endpoint.host) does not accept EHLO: \(quoted(port.failureOrState.detail)).",
                detail: endpoint(port)))
    }

    static let starttls = onGreeted("smtp.starttls") { port in
        guard let offers = port.offersSTARTTLS else {
            return port.refusesEHLO
                ? .doesNotApply("EHLO is not accepted: see smtp.ehlo") : .cannotTell(port.failureOrState)
        }
        if offers { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) does not offer STARTTLS: all mail to it crosses the Internet in clear.",
                detail: endpoint(port) + [.init("capabilities", .strings(port.capabilitiesBeforeTLS ?? []))]))
    }

    static let starttlsWorks = onGreeted("smtp.starttls-works") { port in starttlsVerdict(port) }

    // RFC 4954 §4, RFC 8314 §4.1.
    static let plaintextAuth = onGreeted("smtp.plaintext-auth") { port in
        guard let mechanisms = port.authBeforeTLS else { return notTold(port) }
        let plain = mechanisms.filter { plaintextMechanisms.contains($0) }
        if plain.isEmpty { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) offers AUTH \(list(plain)) before TLS on port \(port.endpoint.port): passwords "
                    + "would cross the network in clear.",
                detail: endpoint(port) + [.init("mechanisms", .strings(plain))]))
    }

    static let authOn25 = onGreeted("smtp.auth-on-25") { port in
        guard let before = port.authBeforeTLS else { return notTold(port) }
        let mechanisms = before + (port.authAfterTLS ?? []).filter { !before.contains($0) }
        if mechanisms.isEmpty {
            if port.offersSTARTTLS == true, port.authAfterTLS == nil { return .cannotTell(port.failureOrState) }
            return .passes
        }
        return .finds(
            Found(
                "\(port.endpoint.host) offers AUTH \(list(mechanisms)) on port \(port.endpoint.port), where other "
                    + "servers deliver: it invites the guessing of passwords.",
                detail: endpoint(port) + [.init("mechanisms", .strings(mechanisms))]))
    }

    /// Extensions without which senders are slower or have to rewrite messages.
    private static let wanted = ["SIZE", "8BITMIME", "PIPELINING"]

    static let extensions = onGreeted("smtp.extensions") { port in
        guard port.capabilitiesBeforeTLS != nil else { return notTold(port) }
        let keywords = Set(port.capabilities.map { $0.uppercased().split(separator: " ").first.map(String.init) ?? "" })
        let missing = wanted.filter { !keywords.contains($0) }
        if missing.isEmpty { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) does not offer \(list(missing)).",
                detail: endpoint(port) + [.init("missing", .strings(missing))]))
    }

    static let bannerVersion = onGreeted("smtp.banner-version") { port in
        guard let word = port.greeting.lazy.flatMap({ $0.split(separator: " ").dropFirst() }).first(where: isVersion)
        else { return .passes }
        return .finds(
            Found(
                "\(port.endpoint.host) tells the version of its software in the greeting: \(quoted(word, limit: 40)).",
                detail: endpoint(port) + [.init("greeting", .strings(port.greeting))]))
    }

    /// `4.96`, `3.7.2`, `(8.17.1/8.17.1)`: digits, a dot, digits; an address has four numbers.
    private static func isVersion(_ word: Substring) -> Bool {
        var text = word.utf8.drop { !(48...57).contains($0) }
        guard word.utf8.count - text.count <= 2 else { return false }
        text = text.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        let numbers = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (2...3).contains(numbers.count) && numbers.allSatisfy { (1...3).contains($0.count) }
    }

    // MARK: Shapes

    /// Where a connection came about; otherwise why nothing can be told.
    private static func onOpen(
        _ identifier: String, _ verdict: @escaping @Sendable (PortObservation) -> Verdict
    ) -> Rule {
        Rule.onPorts(identifier, of: [.smtp]) { port, _ in
            switch port.state {
            case .open: verdict(port)
            case .refused: .doesNotApply("the connection is refused: see smtp.reachable")
            case .timeout, .unreachable: .cannotTell(port.failureOrState)
            }
        }
    }

    /// Where the server greeted with 220.
    private static func onGreeted(
        _ identifier: String, _ verdict: @escaping @Sendable (PortObservation) -> Verdict
    ) -> Rule {
        onOpen(identifier) { port in
            if let code = port.greetingCode, code >= 500 {
                return port.refusesOurAddress
                    ? .cannotTell(port.failureOrState)
                    : .doesNotApply("the server turns us away: see smtp.greeting")
            }
            guard port.greetingCode == 220 else {
                return port.failure?.cause == .protocolViolation && port.greetingCode == nil
                    ? .doesNotApply("the server does not speak SMTP: see smtp.greeting")
                    : .cannotTell(port.failureOrState)
            }
            return verdict(port)
        }
    }

    private static func notTold(_ port: PortObservation) -> Verdict {
        port.refusesEHLO
            ? .doesNotApply("EHLO is not accepted: see smtp.ehlo") : .cannotTell(port.failureOrState)
    }
}

/// SASL mechanisms that show the password to whoever listens (RFC 4616; LOGIN). CRAM-MD5 and the like do not.
let plaintextMechanisms: Set<String> = ["PLAIN", "LOGIN"]

extension PortObservation {
    /// EHLO was refused for good: 421 and other 4xx only mean "not now" (RFC 5321 §4.2.1).
    var refusesEHLO: Bool {
        failure?.cause == .ehloRejected && failure?.detail.first != "4" && !refusesOurAddress
    }

    /// What servers say to a client whose address or name they do not like. That is about where this tool runs, not
    /// about the server: others may well be served.
    private static let wordsAboutClients = [
        "block", "blacklist", "denylist", "dnsbl", "spamhaus", "reputation", "client host", "your ip", "your host",
        "your address", "your server", "reverse dns", "rdns", "ptr record", "dynamic", "access denied", "banned",
    ]

    /// Whether the server turned this client away, by its greeting or in reply to EHLO, in words that are about the
    /// client.
    var refusesOurAddress: Bool {
        guard failure?.cause == .greeting5xx || failure?.cause == .ehloRejected else { return false }
        let text = (failure?.cause == .greeting5xx ? greeting.joined(separator: " ") : failure?.detail ?? "")
            .lowercased()
        return Self.wordsAboutClients.contains { text.contains($0) }
    }
}

func endpoint(_ port: PortObservation) -> [JSON.Member] {
    [
        .init("host", .string(port.endpoint.host.description)),
        .init("address", .string(port.endpoint.address.description)),
        .init("port", .integer(Int(port.endpoint.port))),
    ]
}

/// STARTTLS (STLS) is offered: does it lead to TLS?
func starttlsVerdict(_ port: PortObservation) -> Verdict {
    guard let offers = port.offersSTARTTLS else { return .cannotTell(port.failureOrState) }
    guard offers else { return .doesNotApply("STARTTLS is not offered") }
    // RFC 9051 §6.2.1: STARTTLS is valid before a login alone, so that nobody asked for it here.
    if port.isPreauthenticated == true { return .doesNotApply("the greeting is PREAUTH: see imap.preauth") }
    if port.tls != nil { return .passes }
    switch port.failure?.cause {
    case .starttlsRejected where port.failure?.detail.hasPrefix("421") == true:
        return .cannotTell(port.failureOrState)
    case .starttlsRejected, .tlsHandshake, .protocolViolation:
        return .finds(
            Found(
                "\(port.endpoint.host) offers STARTTLS on port \(port.endpoint.port), but TLS does not come about: "
                    + "\(quoted(port.failureOrState.detail, limit: 200)).",
                detail: endpoint(port) + [.init("cause", .string(port.failureOrState.cause.rawValue))],
                // 454 may pass, and most senders then deliver in clear or wait (RFC 3207 §4).
                severity: port.failure?.cause == .starttlsRejected && port.failure?.detail.first == "4" ? .error : nil))
    default: return .cannotTell(port.failureOrState)
    }
}
