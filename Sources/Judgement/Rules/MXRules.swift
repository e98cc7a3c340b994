import DNS

/// Where mail goes: `checks/mx`.
enum MXRules {
    static let all: [Rule] = [
        exists, implicit, nullMixed, targetUnresolvable, targetAlias, targetIsAddress, addressSpecial, singleHost,
        duplicate, ipv6, tooMany,
    ]

    static let exists = Rule.onDomain("mx.exists") { domain in
        switch domain.routing {
        case .hosts, .implicit, .nullMixed: .passes
        case .null: .doesNotApply("the domain says by a null MX that it takes no mail")
        case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.domain, .mx)))
        case .none:
            .finds(
                Found(
                    "\(domain.domain) has no MX record and no address: nothing can be delivered to it.",
                    detail: [.init("mx", [])],
                    remedy: "Publish `\(domain.domain). MX 10 mail.\(domain.domain).`, or, if the domain shall take no "
                        + "mail, `\(domain.domain). MX 0 .`"))
        }
    }

    // RFC 5321 §5.1: without MX the domain's own address is used.
    static let implicit = Rule.onDomain("mx.implicit") { domain in
        switch domain.routing {
        case .hosts, .nullMixed: return .passes
        case .null: return .doesNotApply("the domain says by a null MX that it takes no mail")
        case .none: return .doesNotApply("the domain has no mail host")
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(domain.domain, .mx)))
        case .implicit:
            let addresses = domain.hosts.flatMap(\.addresses).map(\.address.description)
            return .finds(
                Found(
                    "\(domain.domain) has no MX record; mail goes to its own address \(list(addresses)).",
                    detail: [.init("addresses", .strings(addresses))],
                    remedy: "Publish `\(domain.domain). MX 10 \(domain.domain).` if mail is meant to arrive there, or "
                        + "`\(domain.domain). MX 0 .` if the domain takes no mail."))
        }
    }

    // RFC 7505 §3: a null MX stands alone.
    static let nullMixed = Rule.onDomain("mx.null-mixed") { domain in
        switch domain.routing {
        case .nullMixed:
            let hosts = domain.hosts.map(\.name.description)
            return .finds(
                Found(
                    "\(domain.domain) publishes a null MX beside \(list(hosts)).",
                    detail: [.init("mx", mxJSON(domain))],
                    remedy:
                        "Remove `\(domain.domain). MX 0 .`, or remove the other MX records if the domain takes no mail."
                ))
        case .hosts, .null: return .passes
        case .implicit, .none: return .doesNotApply("the domain has no MX record")
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(domain.domain, .mx)))
        }
    }

    static let targetUnresolvable = Rule.onHosts("mx.target-unresolvable") { host, _ in
        if host.literal != nil { return .doesNotApply("the target is an address, not a name") }
        if !host.addresses.isEmpty { return .passes }
        if let failure = host.addressFailure { return .cannotTell(failure) }
        let missing: Bool = if case .noSuchName = host.a { true } else { false }
        return .finds(
            Found(
                missing
                    ? "The mail host \(host.name) does not exist (NXDOMAIN)."
                    : "The mail host \(host.name) has neither an A nor an AAAA record.",
                detail: [
                    .init("host", .string(host.name.description)),
                    .init("status", missing ? "NXDOMAIN" : "NOERROR without records"),
                ],
                remedy: "Give \(host.name) an A or AAAA record, or remove the MX record that names it."))
    }

    // RFC 2181 §10.3, RFC 5321 §5.1.
    static let targetAlias = Rule.onHosts("mx.target-alias") { host, domain in
        if domain.routing == .implicit { return .doesNotApply("the domain has no MX record") }
        if let alias = host.alias {
            return .finds(
                Found(
                    "The MX record names \(host.name), which is an alias (CNAME) of \(alias).",
                    detail: [
                        .init("host", .string(host.name.description)), .init("alias_of", .string(alias.description)),
                    ],
                    remedy: "Let the MX record name \(alias) itself."))
        }
        if host.addresses.isEmpty, let failure = host.addressFailure { return .cannotTell(failure) }
        return .passes
    }

    // RFC 1035 §3.3.9: EXCHANGE is a name.
    static let targetIsAddress = Rule.onHosts("mx.target-is-address") { host, domain in
        guard let literal = host.literal else { return .passes }
        return .finds(
            Found(
                "The MX record names the address \(literal) where the name of a host belongs.",
                detail: [.init("address", .string(literal.description))],
                remedy:
                    "Publish `mail.\(domain.domain). A \(literal)` and `\(domain.domain). MX 10 mail.\(domain.domain).`"
            ))
    }

    // RFC 6890.
    static let addressSpecial = Rule.onAddresses("mx.address-special") { address, _ in
        guard let purpose = address.address.specialPurpose else { return .passes }
        return .finds(
            Found(
                "\(address.address) is set aside for special use (\(purpose)): no mail from the Internet can reach it.",
                detail: [
                    .init("address", .string(address.address.description)), .init("purpose", .string(purpose.rawValue)),
                ]))
    }

    static let singleHost = Rule.onDomain("mx.single-host") { domain in
        guard domain.routing == .hosts || domain.routing == .implicit else { return noHosts(domain) }
        if domain.hosts.count > 1 { return .passes }
        let addresses = domain.hosts.flatMap(\.addresses).map(\.address)
        let most = IPAddress.Family.allCases.map { family in Set(addresses.filter { $0.family == family }).count }.max()
        if (most ?? 0) > 1 { return .passes }
        guard let host = domain.hosts.first else { return noHosts(domain) }
        if let failure = host.addressFailure { return .cannotTell(failure) }
        if addresses.isEmpty { return .doesNotApply("no mail host has an address") }
        return .finds(
            Found(
                "All mail depends on one host with one address: \(host.name) [\(list(addresses.map(\.description)))].",
                detail: [.init("host", .string(host.name.description))],
                remedy: "Where delays matter, add a second host in another place that knows all valid recipients and "
                    + "filters as strictly: `\(domain.domain). MX 20 mx2.\(domain.domain).`"))
    }

    static let duplicate = Rule.onDomain("mx.duplicate") { domain in
        guard domain.routing == .hosts else { return noHosts(domain) }
        if let host = domain.hosts.first(where: { $0.preferences.count > 1 }) {
            return .finds(
                Found(
                    "\(host.name) stands in \(host.preferences.count) MX records, with the preferences "
                        + "\(list(host.preferences.map { "\($0)" })).",
                    detail: [.init("host", .string(host.name.description))],
                    remedy: "Keep one MX record for \(host.name)."))
        }
        // Who has one host has no two that are the same.
        var seen: [(address: IPAddress, host: Int)] = []
        for index in domain.hosts.indices where domain.hosts.count > 1 {
            let addresses = domain.hosts[index].addresses
            for place in addresses.indices where isOnly(addresses, place) {
                let address = addresses[place].address
                guard let other = seen.first(where: { $0.address == address }) else {
                    seen.append((address, index))
                    continue
                }
                let names = (domain.hosts[other.host].name, domain.hosts[index].name)
                return .finds(
                    Found(
                        "\(names.0) and \(names.1) are the same machine: both have the address \(address).",
                        detail: [
                            .init("address", .string(address.description)),
                            .init("hosts", .strings([names.0.description, names.1.description])),
                        ]))
            }
        }
        for index in domain.hosts.indices {
            if let failure = domain.hosts[index].addressFailure { return .cannotTell(failure) }
        }
        return .passes
    }

    /// Whether a host has no other address of that one's family. Where several names share several addresses
    /// (filtering services do that), there are several machines behind each.
    private static func isOnly(_ addresses: [MailAddress], _ place: Int) -> Bool {
        let family = addresses[place].address.family
        return addresses.indices.allSatisfy { $0 == place || addresses[$0].address.family != family }
    }

    static let ipv6 = Rule.onDomain("mx.ipv6") { domain in
        guard domain.routing == .hosts || domain.routing == .implicit else { return noHosts(domain) }
        if domain.hosts.contains(where: { $0.aaaa.value != nil }) { return .passes }
        for host in domain.hosts {
            if let why = host.aaaa.unanswered { return .cannotTell(Failure(why, asking: Question(host.name, .aaaa))) }
        }
        return .finds(
            Found(
                "No mail host of \(domain.domain) has an IPv6 address.",
                detail: [.init("hosts", .strings(domain.hosts.map(\.name.description)))],
                remedy: "When \(domain.hosts.first?.name ?? domain.domain) has IPv6, publish its AAAA record and a PTR "
                    + "record, and test that port 25 answers there."))
    }

    static let tooMany = Rule.onDomain("mx.too-many") { domain in
        guard domain.routing == .hosts || domain.routing == .nullMixed else { return noHosts(domain) }
        let number = domain.hosts.count + domain.hostsLeftOut
        if number <= 10 { return .passes }
        return .finds(
            Found(
                "\(domain.domain) has \(number) mail hosts; ten are already more than senders try."
                    + (domain.hostsLeftOut > 0 ? " The \(domain.hosts.count) most preferred were examined." : ""),
                detail: [.init("hosts", .integer(number))]))
    }

    /// For rules that look at all hosts together where there are none to look at.
    private static func noHosts(_ domain: DomainEvidence) -> Verdict {
        switch domain.routing {
        case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.domain, .mx)))
        case .null: .doesNotApply("the domain says by a null MX that it takes no mail")
        case .hosts, .implicit, .nullMixed, .none: .doesNotApply("the domain has no MX records that work")
        }
    }

    private static func mxJSON(_ domain: DomainEvidence) -> JSON {
        .array(
            (domain.mx.value ?? []).prefix(50).map {
                ["preference": .integer(Int($0.preference)), "host": .string($0.exchange.description)]
            })
    }
}
