package import DNS
internal import Mail

/// Whether a domain that DMARC reports go to says that it takes those of another (RFC 9990 §4).
package struct ReportPermission: Hashable, Sendable {
    /// The domain of the address in `rua` or `ruf`.
    package var destination: DomainName
    /// Where the permission has to stand: `example.org._report._dmarc.example.net`.
    package var name: DomainName
    /// The DMARC records found there.
    package var permission: Told<[String]>

    /// One for each destination outside the domain that the record belongs to.
    static func gather(_ discovery: DMARCDiscovery, asking dns: inout Knowledge) -> [ReportPermission] {
        guard let record = discovery.record, let owner = discovery.recordDomain else { return [] }
        let home = discovery.organizationalDomain ?? owner
        let addresses = (record.aggregateReports + record.failureReports).prefix(20).compactMap(\.address?.domain)
        var seen: Set<DomainName> = []
        return addresses.compactMap { destination in
            guard !destination.isWithin(home), !home.isWithin(destination), seen.insert(destination).inserted,
                let prefix = try? destination.prepending("_dmarc").prepending("_report"),
                let name = try? DomainName(labels: owner.labels.map { Array($0) } + prefix.labels.map { Array($0) })
            else { return nil }
            let found = Told(dns.outcome(name, .txt)) { data -> String? in
                guard case .txt(let txt) = data, txt.text.prefix(8).uppercased() == "V=DMARC1" else { return nil }
                return txt.text
            }
            return ReportPermission(destination: destination, name: name, permission: found)
        }
    }
}
