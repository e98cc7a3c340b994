package import DNS
package import Mail

/// A domain that DMARC reports of another go to, and whether senders of reports will send them there.
package struct ReportDestination: Sendable {
    /// Whether it takes the reports (RFC 9990 §4, and for failure reports RFC 9991 §5).
    package enum Permission: Hashable, Sendable {
        /// It is of the same organization.
        case notNeeded
        /// By a record at `name`; with the addresses that it wants the reports at instead, if it names any.
        case granted(instead: [String])
        /// By a record that sends the reports to yet another host, which must not be followed.
        case leadsElsewhere([String])
        /// No record says so.
        case missing
        /// The name where it would stand is longer than names may be.
        case nameTooLong
        case couldNotTell(Unanswered)
    }

    /// Whether mail for it can be delivered (RFC 5321 §5.1).
    package enum Mail: Hashable, Sendable {
        /// By MX, or to an address of the domain itself.
        case taken
        /// Reports go there by another way than mail.
        case notByMail
        case nullMX
        case noHost
        case noSuchName
        case couldNotTell(Unanswered)
    }

    package var domain: DomainName
    /// The tags that name it: `rua`, `ruf`.
    package var tags: [String]
    /// Where the permission has to stand: `example.org._report._dmarc.example.net`; nil where none is needed, and where
    /// the name is too long.
    package var name: DomainName?
    package var permission: Permission
    package var mail: Mail

    /// More destinations are not looked at.
    package static let maximumCount = 20

    /// One for each domain that the record that applies names. What is not known yet becomes wanted.
    package static func gather(_ discovery: DMARCDiscovery, asking dns: inout Knowledge) -> [ReportDestination] {
        guard let record = discovery.record, let owner = discovery.recordDomain else { return [] }
        var destinations: [ReportDestination] = []
        for (tag, uris) in [("rua", record.aggregateReports), ("ruf", record.failureReports)] {
            for uri in uris.prefix(maximumCount) {
                guard let domain = uri.uri.domain else { continue }
                if let known = destinations.firstIndex(where: { $0.domain == domain }) {
                    if !destinations[known].tags.contains(tag) { destinations[known].tags.append(tag) }
                    if uri.scheme == "mailto", destinations[known].mail == .notByMail {
                        destinations[known].mail = mail(for: domain, asking: &dns)
                    }
                    continue
                }
                if destinations.count == maximumCount { continue }
                let (permission, name) = permission(
                    of: domain, for: owner, known: owner == discovery.domain ? discovery : nil, asking: &dns)
                destinations.append(
                    ReportDestination(
                        domain: domain, tags: [tag], name: name, permission: permission,
                        mail: uri.scheme == "mailto" ? mail(for: domain, asking: &dns) : .notByMail))
            }
        }
        return destinations
    }

    /// - Parameter known: what was found for the owner, where that was looked for.
    private static func permission(
        of destination: DomainName, for owner: DomainName, known: DMARCDiscovery?, asking dns: inout Knowledge
    ) -> (Permission, DomainName?) {
        if destination == owner { return (.notNeeded, nil) }
        // Names that differ in their top label have different organizations, whatever their walks find.
        if destination.suffix(1) == owner.suffix(1) {
            let theirs = DMARCDiscovery.organizationalDomain(of: destination, asking: &dns)
            let ours =
                if let known { known.organizationalDomain } else {
                    DMARCDiscovery.organizationalDomain(of: owner, asking: &dns)
                }
            guard let theirs, let ours else {
                let why = unanswered([destination, owner], asking: &dns)
                return (.couldNotTell(why ?? Unanswered(.notAsked)), nil)
            }
            if theirs == ours { return (.notNeeded, nil) }
        }
        guard let prefix = try? destination.prepending("_dmarc").prepending("_report"),
            let name = try? owner.appending(prefix)
        else { return (.nameTooLong, nil) }
        switch dns.outcome(name, .txt) {
        case .failure(let why): return (.couldNotTell(why), name)
        case .success(let answer):
            var records: [DMARCRecord] = []
            for case .txt(let txt) in answer.records.map(\.data) where DMARCRecord.isDMARC(txt.joined) {
                records.append(DMARCRecord(txt.joined))
            }
            if records.isEmpty { return (.missing, name) }
            let instead = records.flatMap(\.aggregateReports)
            // RFC 9990 §4, step 9: the host must stay the same, otherwise no report is sent at all.
            let elsewhere = instead.filter { $0.uri.domain != destination }
            if !elsewhere.isEmpty { return (.leadsElsewhere(elsewhere.map(\.text)), name) }
            return (.granted(instead: instead.map(\.text)), name)
        }
    }

    /// Why a walk could not be told.
    private static func unanswered(_ domains: [DomainName], asking dns: inout Knowledge) -> Unanswered? {
        for domain in domains {
            for name in DMARCDiscovery.names(for: domain) {
                guard let name = try? name.prepending("_dmarc") else { continue }
                if case .failure(let why) = dns.outcome(name, .txt) { return why }
            }
        }
        return nil
    }

    /// Whether mail can be delivered to a domain (RFC 5321 §5.1). What is not known yet becomes wanted.
    static func mail(for domain: DomainName, asking dns: inout Knowledge) -> Mail {
        switch dns.outcome(domain, .mx) {
        case .failure(let why): return .couldNotTell(why)
        case .success(let answer):
            let exchanges = answer.records.compactMap { record -> MX? in
                if case .mx(let mx) = record.data { mx } else { nil }
            }
            if !exchanges.isEmpty { return exchanges.allSatisfy(\.isNull) ? .nullMX : .taken }
            if answer.kind == .noSuchName { return .noSuchName }
        }
        // Without MX the domain is its own mail host, if it has an address.
        let outcomes = [dns.outcome(domain, .a), dns.outcome(domain, .aaaa)]
        if outcomes.contains(where: { (try? $0.get())?.kind == .records }) { return .taken }
        for case .failure(let why) in outcomes { return .couldNotTell(why) }
        return .noHost
    }
}
