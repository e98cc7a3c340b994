import DNS

/// The name a mail server calls itself: `checks/helo`. It is read from the reply to our EHLO; most servers use the
/// same name when they send, where receivers look at it.
enum HELORules {
    static let all: [Rule] = [fullName, resolves, matchesPTR]

    // RFC 5321 §4.1.1.1, §2.3.5.
    static let fullName = onGreetings("helo.full-name") { greeting, _ in
        if greeting.name != nil { return .passes }
        return .finds(
            Found(
                "\(greeting.endpoint.host) calls itself \(quoted(greeting.text)), which is no full name of a host on the "
                    + "Internet.",
                detail: [.init("name", .string(greeting.text))],
                remedy: "Have the server call itself by its full name, for example `\(greeting.endpoint.host)`."))
    }

    static let resolves = onGreetings("helo.resolves") { greeting, domain in
        guard let name = greeting.name, let addresses = greeting.addresses else {
            return .doesNotApply("the server says no full name: see helo.full-name")
        }
        let address = greeting.endpoint.address
        let type: RecordType = address.family == .ipv4 ? .a : .aaaa
        // Hosts that only receive (a provider's MX, a gateway) never show this name to a receiver.
        let severity: Severity? = domain?.namesAsSender(address) == false ? .notice : nil
        switch addresses {
        case .couldNotTell(let why):
            if why.reason == .notAsked { return .doesNotApply("the DNS was not asked about the name") }
            return .cannotTell(Failure(why, asking: Question(name, type)))
        case .records(let found) where found.contains(address): return .passes
        case .records(let found):
            return .finds(
                Found(
                    "\(address) calls itself \(name), whose address is \(list(found.map(\.description), limit: 4)).",
                    detail: [
                        .init("name", .string(name.description)), .init("address", .string(address.description)),
                        .init("addresses", .strings(found.map(\.description))),
                    ], severity: severity))
        case .noData, .noSuchName:
            return .finds(
                Found(
                    "\(address) calls itself \(name), which has no \(type) record.",
                    detail: [
                        .init("name", .string(name.description)), .init("address", .string(address.description)),
                    ],
                    severity: severity,
                    remedy:
                        "Publish `\(name). \(type) \(address)`, or have the server call itself by a name that has it."))
        }
    }

    static let matchesPTR = onGreetings("helo.matches-ptr") { greeting, _ in
        guard let name = greeting.name else {
            return .doesNotApply("the server says no full name: see helo.full-name")
        }
        switch greeting.reverse {
        case .couldNotTell(let why):
            if why.reason == .notAsked { return .doesNotApply("the DNS was not asked about the address") }
            return .cannotTell(Failure(why, asking: Question(greeting.endpoint.address.reverseName, .ptr)))
        case .noData, .noSuchName: return .doesNotApply("the address has no PTR record: see ptr.exists")
        case .records(let names) where names.contains(name): return .passes
        case .records(let names):
            return .finds(
                Found(
                    "\(greeting.endpoint.address) calls itself \(name), but its PTR record says "
                        + "\(list(names.map(\.description), limit: 4)).",
                    detail: [
                        .init("name", .string(name.description)), .init("ptr", .strings(names.map(\.description))),
                    ],
                    // A name that leads to the address is a good name, whatever PTR says (RFC 5321 §4.1.4).
                    severity: greeting.addresses?.value?.contains(greeting.endpoint.address) == true ? .info : nil))
        }
    }

    private static func onGreetings(
        _ identifier: String, _ verdict: @escaping @Sendable (GreetingEvidence, DomainEvidence?) -> Verdict
    ) -> Rule {
        Rule(identifier) { evidence in
            if evidence.greetings.isEmpty { return [Rule.inapplicable("no server said its name on port 25", evidence)] }
            return evidence.greetings.map { greeting in
                let elsewhere = evidence.domain?.isDialledElsewhere(greeting.endpoint) == true
                return Ruling(
                    .endpoint(greeting.endpoint),
                    elsewhere
                        ? .doesNotApply("another address than the DNS names was dialled")
                        : verdict(greeting, evidence.domain))
            }
        }
    }
}

extension DomainEvidence {
    /// Whether an address was dialled that the DNS does not name for the host: `--connect-to`.
    func isDialledElsewhere(_ endpoint: Endpoint) -> Bool {
        guard let host = hosts.first(where: { $0.name == endpoint.host }) else { return false }
        return !host.addresses.contains { $0.address == endpoint.address }
    }
}
