package import DNS
package import Mail

/// What a domain tells mail programs of its servers, and what the DNS says to the same.
package struct SettingsEvidence: Sendable {
    /// A place where settings may be had: what was seen there.
    package struct Place: Sendable {
        package var purpose: WebObservation.Purpose
        package var place: WebPlace
        /// Whether an SRV record names the host, rather than the format's own rule.
        package var isFromSRV = false
        /// The name at the end of its CNAME chain, where that is outside of the domain.
        package var foreignAlias: DomainName?
        /// Whether every name of the domain leads there: nobody meant this one.
        package var isByWildcard = false
        /// nil where the host has no address, or it was not fetched.
        package var seen: WebObservation?
        /// What the document says; nil where there is none.
        package var settings: ClientSettings?
        /// Why the document can't be read.
        package var problem: String?

        package var host: DomainName { place.host }
    }

    package var places: [Place] = []
    /// What the settings' hosts are by the DNS, by name.
    package var hosts: [String: Told<[IPAddress]>] = [:]
    /// SRV records by `_imaps`, …; where there are any.
    package var services: [String: [SRV]] = [:]

    package static func gather(
        _ domain: DomainEvidence, _ web: [WebObservation], asking dns: inout Knowledge
    ) -> SettingsEvidence {
        var evidence = SettingsEvidence()
        switch domain.routing {
        case .hosts, .implicit, .nullMixed: break
        case .null, .none, .couldNotTell: return evidence
        }
        for var place in wanted(of: domain.domain, asking: &dns) {
            guard let here = addresses(of: place.host, asking: &dns).value else { continue }
            if place.host.parent == domain.domain, !place.isFromSRV,
                let invented = try? domain.domain.prepending("_mailsonde-wildcard-test")
            {
                place.isByWildcard = addresses(of: invented, asking: &dns).value.map { Set($0) == Set(here) } ?? false
            }
            if case .success(let answer) = dns.outcome(place.host, .a), let alias = answer.canonicalName,
                !alias.isWithin(domain.dmarc.organizationalDomain ?? domain.domain)
            {
                place.foreignAlias = alias
            }
            place.seen = web.first { $0.purpose == place.purpose && $0.domain == domain.domain }
            if let seen = place.seen, seen.status == 200, place.purpose != .jmap {
                let kind: ClientSettings.Kind = place.purpose == .autodiscover ? .autodiscover : .autoconfig
                do throws(XMLProblem) {
                    place.settings = try ClientSettings(seen.body, kind, domain: domain.domain.description)
                } catch {
                    place.problem = "line \(error.line): \(error)"
                }
            }
            evidence.places.append(place)
        }
        for server in evidence.servers {
            guard let name = try? DomainName(hostName: server.host) else { continue }
            evidence.hosts[server.host] = addresses(of: name, asking: &dns)
            guard evidence.services[server.srvLabel] == nil,
                let owner = try? domain.domain.prepending(server.srvLabel + "._tcp")
            else { continue }
            let records = Told(dns.outcome(owner, .srv)) { data -> SRV? in
                if case .srv(let srv) = data { srv } else { nil }
            }
            if let records = records.value {
                evidence.services[server.srvLabel] = records
                for record in records.prefix(DiscoveryEvidence.maximumRecords) where !record.target.isRoot {
                    let name = record.target.description.lowercased()
                    if evidence.hosts[name] == nil { evidence.hosts[name] = addresses(of: record.target, asking: &dns) }
                }
            }
        }
        return evidence
    }

    /// The question that tells a recording with this evidence from one without.
    package static func mark(of domain: DomainName) -> Question? {
        (try? domain.prepending("_autodiscover._tcp")).map { Question($0, .srv) }
    }

    /// All servers that any of the documents names, each once.
    package var servers: [ClientSettings.Server] {
        var seen: Set<ClientSettings.Server> = []
        return places.flatMap { $0.settings?.servers ?? [] }.filter { seen.insert($0).inserted }
    }

    private static func wanted(of domain: DomainName, asking dns: inout Knowledge) -> [Place] {
        let file = "/mail/config-v1.1.xml"
        var places: [Place] = []
        if let host = try? domain.prepending("autoconfig") {
            let path = file + "?emailaddress=postmaster%40\(domain)"
            places.append(Place(purpose: .autoconfig, place: WebPlace(host: host, path: path)))
        }
        places.append(
            Place(purpose: .wellKnown, place: WebPlace(host: domain, path: "/.well-known/autoconfig" + file)))
        // [MS-OXDISCO] §3.1.5: the record is for domains without such a name; who has one means it.
        let path = "/autodiscover/autodiscover.xml"
        if let srv = firstService("_autodiscover._tcp", of: domain, asking: &dns) {
            let place = WebPlace(host: srv.target, port: srv.port, path: path)
            places.append(Place(purpose: .autodiscover, place: place, isFromSRV: true))
        } else if let host = try? domain.prepending("autodiscover") {
            places.append(Place(purpose: .autodiscover, place: WebPlace(host: host, path: path)))
        }
        // RFC 8620 §2.2.
        if let srv = firstService("_jmap._tcp", of: domain, asking: &dns) {
            let place = WebPlace(host: srv.target, port: srv.port, path: "/.well-known/jmap")
            places.append(Place(purpose: .jmap, place: place, isFromSRV: true))
        }
        return places
    }

    /// The most preferred of the SRV records there; nil where there are none, or none that offers the service.
    private static func firstService(_ label: String, of domain: DomainName, asking dns: inout Knowledge) -> SRV? {
        guard let owner = try? domain.prepending(label), case .success(let answer) = dns.outcome(owner, .srv) else {
            return nil
        }
        return answer.records.compactMap { record -> SRV? in
            if case .srv(let srv) = record.data, !srv.target.isRoot, srv.port > 0 { srv } else { nil }
        }.min { ($0.priority, $0.target) < ($1.priority, $1.target) }
    }

    package static func addresses(of name: DomainName, asking dns: inout Knowledge) -> Told<[IPAddress]> {
        let a = Told(dns.outcome(name, .a)) { data -> IPAddress? in
            if case .a(let address) = data { .v4(address) } else { nil }
        }
        let aaaa = Told(dns.outcome(name, .aaaa)) { data -> IPAddress? in
            if case .aaaa(let address) = data { .v6(address) } else { nil }
        }
        let all = (a.value ?? []) + (aaaa.value ?? [])
        if !all.isEmpty { return .records(all) }
        if a.unanswered != nil { return a }
        return aaaa.unanswered != nil ? aaaa : a
    }
}
