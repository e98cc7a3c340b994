import DNS

/// The domain itself: `checks/domain`.
enum DomainRules {
    static let all: [Rule] = [exists, nameServers]

    static let exists = Rule("domain.exists") { evidence in
        guard let domain = evidence.domain else { return [Rule.inapplicable("no mail domain was looked up", evidence)] }
        let verdict: Verdict =
            switch domain.existence {
            case .exists: .passes
            case .noSuchName:
                .finds(
                    Found(
                        "\(domain.domain) does not exist: the name servers answer NXDOMAIN.",
                        detail: [.init("status", "NXDOMAIN")]))
            case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.domain, .mx)))
            }
        return [Ruling(.domain(domain.domain), verdict)]
    }

    // RFC 1034 §4.1: every zone on at least two servers.
    static let nameServers = Rule.onDomain("domain.name-servers") { domain in
        switch domain.nameServers {
        case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.domain, .ns)))
        case .noData, .noSuchName: .doesNotApply("the domain is not a zone of its own")
        case .records(let names) where names.count >= 2: .passes
        case .records(let names):
            .finds(
                Found(
                    "\(domain.domain) has a single name server, \(names[0]).",
                    detail: [.init("name_servers", .strings(names.map(\.description)))],
                    remedy:
                        "Add a second name server in another network, in the zone (`\(domain.domain). NS …`) and at "
                        + "the registry."))
        }
    }
}
