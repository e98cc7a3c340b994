import DNS

/// How mail programs find the servers: `checks/discovery`.
enum DiscoveryRules {
    static let all: [Rule] = [records, target, declined, contradicted, danglingAlias]

    // RFC 8314 §5.1.
    static let records = Rule.onDiscovery("discovery.records") { discovery, domain, _ in
        if domain.takesNoMail { return [Rule.whole(domain, .doesNotApply("the domain takes no mail"))] }
        if domain.routing == .none { return [Rule.whole(domain, .doesNotApply("the domain has no mail host"))] }
        if discovery.entries.contains(where: { $0.records.value != nil }) { return [Rule.whole(domain, .passes)] }
        // Some resolvers know no SRV: nothing that mail depends on.
        if discovery.entries.contains(where: { $0.records.unanswered != nil }) {
            return [Rule.whole(domain, .doesNotApply("the DNS did not answer for SRV records"))]
        }
        return [
            Rule.whole(
                domain,
                .finds(
                    Found(
                        "\(domain.domain) has no SRV records that tell mail programs where its servers are.",
                        remedy:
                            "Publish, with the name of your server, `_submissions._tcp.\(domain.domain). SRV 0 1 465 "
                            + "mail.\(domain.domain).` and `_imaps._tcp.\(domain.domain). SRV 0 1 993 mail.\(domain.domain).`"
                    )))
        ]
    }

    // RFC 2782: the target must have an address, and must not be an alias.
    static let target = Rule.onDiscovery("discovery.target") { discovery, domain, _ in
        eachRecord(discovery, domain) { entry, record in
            guard let host = discovery.hosts[record.target] else { return .doesNotApply("the service is not offered") }
            let text = "The SRV record at \(entry.name) names \(host.name), which "
            let detail: [JSON.Member] = [
                .init("record", .string(entry.name.description)), .init("target", .string(host.name.description)),
            ]
            if host.hasAddress == false {
                return .finds(
                    Found(
                        text + "has no address.", detail: detail,
                        remedy: "Give \(host.name) an A or AAAA record, or let the record name a host that has one."))
            }
            if let alias = host.alias {
                return .finds(
                    Found(
                        text + "is an alias (CNAME) of \(alias).", detail: detail, severity: .notice,
                        remedy: "Let the record name \(alias) itself, if its certificate names that."))
            }
            if host.hasAddress == nil, let (question, why) = host.unanswered {
                return .cannotTell(Failure(why, asking: question))
            }
            return .passes
        }
    }

    // RFC 2782: a target of “.” says that there is no such service, and stands alone.
    static let declined = Rule.onDiscovery("discovery.declined-mixed") { discovery, domain, _ in
        let mixed = discovery.entries.filter { entry in
            (entry.records.value ?? []).contains(where: \.target.isRoot) && !entry.isDeclined
        }
        if mixed.isEmpty {
            let isThere = discovery.entries.contains { $0.records.value != nil }
            return [Rule.whole(domain, isThere ? .passes : .doesNotApply("there are no SRV records"))]
        }
        return mixed.map { entry in
            Ruling(
                .host(entry.name),
                .finds(
                    Found(
                        "The SRV records at \(entry.name) say that there is no such service and name a server as well.",
                        detail: [.init("record", .string(entry.name.description))],
                        remedy: "Remove the record with the target `.`, or the others.")))
        }
    }

    /// What the ports were seen to do, against what the records say.
    static let contradicted = Rule.onDiscovery("discovery.contradicted") { discovery, domain, evidence in
        eachRecord(discovery, domain) { entry, record in
            guard let service = entry.kind.service else { return .doesNotApply("JMAP is not tried") }
            if record.target.isRoot { return declined(entry, service, domain, evidence) }
            let ports = evidence.ports.filter {
                $0.endpoint.host == record.target && $0.endpoint.port == record.port && $0.service == service
                    && !domain.isDialledElsewhere($0.endpoint)
            }
            guard !ports.isEmpty else { return .doesNotApply("the host and port that the record names were not tried") }
            let place = "\(record.target), port \(record.port)"
            let detail: [JSON.Member] = [
                .init("record", .string(entry.name.description)), .init("target", .string(record.target.description)),
                .init("port", .integer(Int(record.port))),
            ]
            if ports.allSatisfy({ $0.state == .refused }) {
                return .finds(
                    Found(
                        "The SRV record at \(entry.name) sends mail programs to \(place), where connections are refused.",
                        detail: detail, remedy: "Start the service there, or let the record name where it is."))
            }
            if ports.contains(where: { $0.state == .open }) { return .passes }
            return .doesNotApply("the port could not be reached from here")
        }
    }

    /// `domain.dangling-alias`: it needs names that a scan does not ask for, and so stands here.
    static let danglingAlias = Rule.ofDomain("domain.dangling-alias") { domain, evidence in
        guard let surroundings = evidence.surroundings else {
            return [Rule.inapplicable("it was not asked for", evidence)]
        }
        if !surroundings.danglingAliases.isEmpty {
            return surroundings.danglingAliases.map { alias in
                Ruling(
                    .host(alias.name),
                    .finds(
                        Found(
                            "\(alias.name) is an alias (CNAME) of \(alias.target), which does not exist.",
                            detail: [
                                .init("name", .string(alias.name.description)),
                                .init("target", .string(alias.target.description)),
                            ],
                            remedy: "Remove the CNAME record of \(alias.name), or let it lead to the service in use.")))
            }
        }
        return [
            Rule.whole(
                domain, surroundings.namesWereTold ? .passes : .doesNotApply("nobody answered for any of the names"))
        ]
    }

    private static func declined(
        _ entry: DiscoveryEvidence.Entry, _ service: Service, _ domain: DomainEvidence, _ evidence: Evidence
    ) -> Verdict {
        // What stands behind a mail host's port is this domain's only where the host is its own.
        let open = evidence.ports.first { port in
            port.service == service && port.state == .open && port.endpoint.host.isWithin(domain.domain)
                && (port.tls != nil || !port.greeting.isEmpty)
        }
        guard let open else { return .passes }
        return .finds(
            Found(
                "The SRV record at \(entry.name) says that there is no such service, but \(open.endpoint.host) offers it "
                    + "on port \(open.endpoint.port).",
                detail: [
                    .init("record", .string(entry.name.description)), .init("target", "."),
                    .init("host", .string(open.endpoint.host.description)),
                ], severity: .notice,
                remedy: "Name the server in the record if people use it; otherwise turn the service off there."))
    }

    /// A verdict for each record.
    private static func eachRecord(
        _ discovery: DiscoveryEvidence, _ domain: DomainEvidence,
        _ verdict: (DiscoveryEvidence.Entry, SRV) -> Verdict
    ) -> [Ruling] {
        let rulings = discovery.entries.flatMap { entry in
            (entry.records.value ?? []).map { Ruling(.host(entry.name), verdict(entry, $0)) }
        }
        return rulings.isEmpty ? [Rule.whole(domain, .doesNotApply("there are no SRV records"))] : rulings
    }
}

extension Rule {
    fileprivate static func onDiscovery(
        _ identifier: String, _ rulings: @escaping @Sendable (DiscoveryEvidence, DomainEvidence, Evidence) -> [Ruling]
    ) -> Rule {
        ofDomain(identifier) { domain, evidence in
            guard let surroundings = evidence.surroundings else {
                return [inapplicable("it was not asked for", evidence)]
            }
            return rulings(surroundings.discovery, domain, evidence)
        }
    }

    static func whole(_ domain: DomainEvidence, _ verdict: Verdict) -> Ruling {
        Ruling(.domain(domain.domain), verdict)
    }
}
