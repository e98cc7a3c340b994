import DNS

/// The shapes that rules come in: on the domain, on each mail host, on each address, on each port.
/// They settle what holds for a whole area (no domain, null MX, nobody answered), so that a rule says only its own.
extension Rule {
    /// On the domain as the DNS shows it.
    static func ofDomain(
        _ identifier: String, _ rulings: @escaping @Sendable (DomainEvidence, Evidence) -> [Ruling]
    ) -> Rule {
        @Sendable func ofAll(_ evidence: Evidence) -> [Ruling] {
            guard let domain = evidence.domain else { return [inapplicable(Rule.withoutDomain, evidence)] }
            if domain.isNowhere { return [inapplicable("the domain does not exist", evidence)] }
            return rulings(domain, evidence)
        }
        return Rule(identifier, .free(ofAll), isOfDomain: true)
    }

    /// One verdict on the domain as a whole.
    static func onDomain(_ identifier: String, _ verdict: @escaping @Sendable (DomainEvidence) -> Verdict) -> Rule {
        Rule(identifier, .onDomain(verdict))
    }

    /// On each host that mail goes to.
    static func onHosts(
        _ identifier: String, _ verdict: @escaping @Sendable (MailHost, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule(identifier, .onHosts(verdict))
    }

    /// On each address of each host that mail goes to.
    static func onAddresses(
        _ identifier: String, _ verdict: @escaping @Sendable (MailAddress, DomainEvidence) -> Verdict
    ) -> Rule {
        Rule(identifier, .onAddresses(verdict))
    }

    /// On each port tested of `services`.
    static func onPorts(
        _ identifier: String, of services: Set<Service>,
        _ verdict: @escaping @Sendable (PortObservation, Evidence) -> Verdict
    ) -> Rule {
        let bits = services.reduce(UInt8(0)) { $0 | $1.bit }
        @Sendable func ofAll(_ evidence: Evidence) -> [Ruling] {
            var rulings: [Ruling] = []
            for port in evidence.ports where port.service.bit & bits != 0 {
                rulings.append(Ruling(.endpoint(port.endpoint), verdict(port, evidence)))
            }
            return rulings.isEmpty ? [inapplicable(Rule.withoutPort, evidence)] : rulings
        }
        return Rule(identifier, .free(ofAll), of: services)
    }

    /// On each message that was given.
    static func onMessages(
        _ identifier: String, _ verdict: @escaping @Sendable (MessageEvidence) -> Verdict
    ) -> Rule {
        Rule(identifier, on: .messages) { evidence in
            evidence.messages.map { Ruling(.message($0.observation.name), verdict($0)) }
        }
    }

    static func inapplicable(_ because: String, _ evidence: Evidence) -> Ruling {
        Ruling(.domain(evidence.target.domain ?? .root), .doesNotApply(because))
    }
}

extension DomainEvidence {
    /// What to say of every host where there is none; nil where there are hosts.
    var withoutHosts: Verdict? {
        switch routing {
        case .hosts, .implicit, .nullMixed: nil
        case .null: .doesNotApply("the domain says by a null MX that it takes no mail")
        case .none: .doesNotApply("the domain has no mail host")
        case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain, .mx)))
        }
    }

    /// Whether the domain says that it takes no mail (RFC 7505).
    var takesNoMail: Bool { routing == .null }
}

extension MailHost {
    /// Why not all addresses of the host are known; nil where they are.
    var addressFailure: Failure? {
        if let why = a.unanswered { return Failure(why, asking: Question(name, .a)) }
        if let why = aaaa.unanswered { return Failure(why, asking: Question(name, .aaaa)) }
        return nil
    }
}

extension PortObservation {
    /// Why what was asked for was not seen.
    var failureOrState: Failure {
        if let failure { return failure }
        return switch state {
        case .refused: Failure(.connectRefused, during: .connect, "the connection was refused")
        case .timeout: Failure(.connectTimeout, during: .connect, "no answer to the attempt to connect")
        case .unreachable: Failure(.unreachable, during: .connect, "the address cannot be reached from here")
        case .open: Failure(.timeout, "the conversation ended before this could be seen")
        }
    }
}

/// Outside text in a sentence: bounded and in quotation marks. Those who print it escape it.
func quoted(_ text: some StringProtocol, limit: Int = 120) -> String {
    "“\(text.prefix(limit))\(text.count > limit ? "…" : "")”"
}

/// `a, b and c`, at most `limit` of them.
func list(_ items: [String], limit: Int = 6) -> String {
    let shown = items.prefix(limit)
    if items.count > limit { return shown.joined(separator: ", ") + " and \(items.count - limit) more" }
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
}

/// `1 host`, `2 hosts`.
func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(number) " + (number == 1 ? noun : plural ?? noun + "s")
}

extension JSON {
    static func strings(_ items: some Sequence<String>) -> JSON {
        .array(items.prefix(50).map { .string($0.utf8.count <= 500 ? $0 : String($0.prefix(500))) })
    }
}
