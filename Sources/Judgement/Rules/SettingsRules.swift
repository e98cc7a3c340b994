import DNS
import Mail

/// What the domain tells mail programs of its servers, held against SRV records and what the ports really offer:
/// `checks/autoconfig`. That there is nothing told is no finding.
enum SettingsRules {
    static let all: [Rule] = [file, autodiscover, jmap, clearText, contradiction]

    static let file = onPlaces("autoconfig.file", [.autoconfig, .wellKnown])
    static let autodiscover = onPlaces("autoconfig.autodiscover", [.autodiscover])

    /// Where a place of its own has a name, what is fetched from there has to be of use.
    private static func onPlaces(_ identifier: String, _ purposes: [WebObservation.Purpose]) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            let places = (evidence.settings?.places ?? []).filter { purposes.contains($0.purpose) }
            guard !places.isEmpty else { return [Rule.inapplicable("no such place has an address", evidence)] }
            return places.map { place in Ruling(.host(place.host), verdict(on: place)) }
        }
    }

    /// Who finds the SRV record goes on to that place for all else that JMAP needs; without a login it refuses or redirects.
    static let jmap = Rule.ofDomain("autoconfig.jmap") { domain, evidence in
        guard let place = evidence.settings?.places.first(where: { $0.purpose == .jmap }), let seen = place.seen else {
            return [Rule.inapplicable("no SRV record says that there is JMAP, or its host was not asked", evidence)]
        }
        let verdict: Verdict
        switch seen.result {
        case .fetched: verdict = .passes
        case .notSeen(let why): verdict = seen.isConnected && seen.status != nil ? .passes : .doesNotApply(why)
        case .nothing, .broken:
            verdict = .finds(
                Found(
                    "The SRV record says that \(place.host) offers JMAP, and there is none: \(seen.result.problem).",
                    detail: [.init("url", .string(seen.url))]))
        }
        return [Ruling(.host(place.host), verdict)]
    }

    private static func verdict(on place: SettingsEvidence.Place) -> Verdict {
        guard let seen = place.seen else { return .doesNotApply("it was not fetched") }
        // The domain’s own web site need not have such a file, nor what answers for every name.
        let isOwn = place.purpose != .wellKnown && !place.isByWildcard
        switch seen.result {
        case .notSeen(let why): return .doesNotApply(why)
        case .nothing, .broken:
            if !isOwn { return .doesNotApply("there is no such file at \(place.host)") }
            // [MS-OXDISCO] §3.1.5: behind an alias, Outlook asks without TLS to be sent to the provider’s own name.
            if place.purpose == .autodiscover, let alias = place.foreignAlias, !place.isFromSRV, !seen.isConnected {
                return .doesNotApply(
                    "\(place.host) is an alias of \(alias), which sends mail programs on in another way")
            }
            return .finds(
                Found(
                    "Over HTTPS, mail programs get no settings at \(place.host): \(seen.result.problem).",
                    detail: [.init("url", .string(seen.url))]))
        case .fetched:
            if place.settings?.servers.isEmpty == false { return .passes }
            // A web site that answers every path with its front page has no settings.
            if !isOwn { return .doesNotApply("there is no such file at \(place.host)") }
            // Without a login Exchange tells nothing more than an error.
            if place.purpose == .autodiscover, place.problem == nil { return .passes }
            return .finds(
                Found(
                    "What \(place.host) gives mail programs as settings is of no use: "
                        + (place.problem ?? "it names no mail server") + ".",
                    detail: [.init("url", .string(seen.url))]))
        }
    }

    // RFC 8314 §3: passwords go over TLS.
    static let clearText = onServers("autoconfig.clear-text") { evidence, settings in
        let clear = settings.servers.filter { $0.security == .clear }
        guard !clear.isEmpty else { return .passes }
        return .finds(
            Found(
                "The settings for mail programs lead to connections in clear: \(list(clear.map(\.description))).",
                detail: [.init("servers", .strings(clear.map(\.description)))]))
    }

    static let contradiction = onServers("autoconfig.contradiction") { evidence, settings in
        var wrong: [String] = [], other: [String] = []
        for server in settings.servers {
            switch settings.hosts[server.host] {
            case .noSuchName, .noData: wrong.append("\(server.description): the host has no address")
            // What a program puts in by itself (“%EMAILLOCALPART%”), and addresses, cannot be told here.
            case nil where server.host.contains("%") || IPAddress(server.host) != nil: break
            case nil: wrong.append("\(server.description): that is no host name")
            case .records, .couldNotTell: break
            }
            if let why = againstPorts(server, evidence) { wrong.append("\(server.description): \(why)") }
            guard let records = settings.services[server.srvLabel] else { continue }
            if records.allSatisfy(\.target.isRoot) {
                wrong.append("\(server.description): the SRV record \(server.srvLabel)._tcp says that there is none")
            } else if !records.contains(where: { settings.isSame(server, $0) }) {
                let told = records.map { "\($0.target):\($0.port)" }
                other.append("\(server.description): the SRV records \(server.srvLabel)._tcp name \(list(told))")
            }
        }
        let problems = wrong + other
        guard let first = problems.first else { return .passes }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        return .finds(
            Found(
                "The settings for mail programs do not agree with the rest, \(first)\(more).",
                detail: [.init("problems", .strings(problems))],
                // Another server may be as good.
                severity: wrong.isEmpty ? .notice : nil))
    }

    /// What the ports of that host show; nil where they agree or were not tried.
    private static func againstPorts(_ server: ClientSettings.Server, _ evidence: Evidence) -> String? {
        let ports = evidence.ports.filter {
            Int($0.endpoint.port) == server.port && $0.endpoint.host.description.lowercased() == server.host
                && evidence.domain?.isDialledElsewhere($0.endpoint) != true
        }
        guard !ports.isEmpty else { return nil }
        if ports.allSatisfy({ $0.state == .refused }) { return "the port is closed" }
        guard let open = ports.first(where: { $0.state == .open }) else { return nil }
        switch server.security {
        case .implicit where !open.service.hasImplicitTLS: return "TLS begins by STARTTLS there, not at once"
        case .starttls where open.service.hasImplicitTLS: return "TLS begins at once there, not by STARTTLS"
        case .starttls where open.offersSTARTTLS == false: return "the port does not offer STARTTLS"
        default: return nil
        }
    }

    private static func onServers(
        _ identifier: String, _ verdict: @escaping @Sendable (Evidence, SettingsEvidence) -> Verdict
    ) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            guard let settings = evidence.settings, !settings.servers.isEmpty else {
                return [Rule.inapplicable("no settings for mail programs were found", evidence)]
            }
            return [Ruling(.domain(domain.domain), verdict(evidence, settings))]
        }
    }
}

extension WebObservation.Result {
    /// What is the matter, for a person; empty where nothing is.
    var problem: String {
        switch self {
        case .fetched: ""
        case .nothing: "there is no such file"
        case .broken(let why), .notSeen(let why): why
        }
    }
}

extension SettingsEvidence {
    /// Whether an SRV record leads to the same server: by name, or by an address, and the port.
    fileprivate func isSame(_ server: ClientSettings.Server, _ srv: SRV) -> Bool {
        guard Int(srv.port) == server.port else { return false }
        let name = srv.target.description.lowercased()
        if name == server.host { return true }
        guard let one = hosts[server.host]?.value, let other = hosts[name]?.value else {
            return hosts[server.host]?.unanswered != nil || hosts[name]?.unanswered != nil
        }
        return !Set(one).isDisjoint(with: other)
    }
}
