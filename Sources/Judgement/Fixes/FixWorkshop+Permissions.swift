internal import DNS
import DNS
import Mail

/// Records by which others may do something: take the domain's reports, issue its certificates, show its logo.
extension FixWorkshop {
    // MARK: Reports to others

    /// RFC 9990 §4: whoever takes reports says so, below its own name.
    var reportPermissionSteps: [FixPlan.Step] {
        guard found.contains("dmarc.external-reports") else { return [] }
        let refused = domain.reportDestinations.filter(\.isRefused)
        var changes: [FixPlan.Change] = []
        for destination in refused {
            // Who takes no mail needs no reports.
            guard let name = destination.name, ![.nullMX, .noHost, .noSuchName].contains(destination.mail), isFree(name)
            else { return [] }
            let old = texts(name) { $0.lowercased().holds("v=dmarc1") }
            let new = Record(name, ttl: ttl(like: old), .txt(TXT(strings: [Array("v=DMARC1".utf8)])))
            if let change = change(old, [new], whose: "whoever runs \(destination.domain)") { changes.append(change) }
        }
        guard !changes.isEmpty else { return [] }
        return [
            FixPlan.Step(
                stage: .repair, title: "Have those who get the DMARC reports say that they take them",
                checks: ["dmarc.external-reports"],
                notes: [
                    "It is the zone of the one who gets the reports. A service that reads reports does it when you register the domain there; otherwise take an address of your own domain."
                ], changes: changes)
        ]
    }

    // MARK: CAA

    var authoritySteps: [FixPlan.Step] {
        guard let transport = report.evidence.transport else { return [] }
        var sets: [DomainName: [CAA]] = [:]
        var wanted: [DomainName: Set<CAA>] = [:]
        for host in transport.hosts {
            guard case .found(let records, let place) = host.caa.status else { continue }
            sets[place] = records
            if let property = property(for: host, CAAPolicy(records)) { wanted[place, default: []].insert(property) }
        }
        var steps: [FixPlan.Step] = []
        for (place, now) in sets.sorted(by: { $0.key < $1.key }) {
            let (mended, isWhole) = mended(now, authority: wanted[place]?.first { $0.tag == "issue" })
            var next = mended
            let new = (wanted[place] ?? []).subtracting(next)
            for property in new.sorted(by: { $0.tag < $1.tag }) {
                // “Nobody” beside somebody says nothing.
                next.removeAll { $0.tag.lowercased() == property.tag && Self.namesNobody($0) }
                next.append(property)
            }
            var checks = new.isEmpty ? [] : found(of: ["caa.issuer"])
            if isWhole, mended != now { checks += found(of: ["caa.record"]) }
            let old = records(place, .caa)
            let all = next.map { Record(place, ttl: ttl(like: old), .caa($0)) }
            let isOwn = place.isWithin(domain.dmarc.organizationalDomain ?? domain.domain)
            guard !checks.isEmpty, !old.isEmpty,
                let change = change(old, all, whose: isOwn ? nil : "whoever runs \(place)")
            else { continue }
            steps.append(
                FixPlan.Step(
                    stage: .repair, title: "Let the authority issue that the mail hosts have their certificates from",
                    checks: checks,
                    notes: [
                        "It is the authority of the certificates that were seen. If the next ones shall come from another, name that one."
                    ], changes: [change]))
        }
        return steps
    }

    /// What would let the authority of the host's certificate issue the next one; nil where it may, or is not known.
    private func property(for host: TransportEvidence.Host, _ policy: CAAPolicy) -> CAA? {
        let tls = host.endpoints.lazy.compactMap(\.port.tls).first { $0.trusted == true && !$0.chain.isEmpty }
        guard let leaf = tls?.chain.first, policy.unknownCritical.isEmpty,
            let authority = KnownAuthorities.domains(ofIssuer: leaf.issuer).first
        else { return nil }
        let isWildcard = leaf.names.contains { $0.hasPrefix("*.") }
        let domains = KnownAuthorities.domains(ofIssuer: leaf.issuer)
        if policy.allows(anyOf: domains, isWildcard: isWildcard) { return nil }
        let tag = isWildcard && policy.issueWildcard != nil ? "issuewild" : "issue"
        return CAA(flags: 0, tag: tag, value: Array(authority.description.utf8))
    }

    /// RFC 8659 §4.2: an empty name, with or without parameters.
    private static func namesNobody(_ record: CAA) -> Bool {
        record.value.prefix { $0 != UInt8(ascii: ";") }.allSatisfy { $0 == 32 || $0 == 9 }
    }

    /// The records with what is known put right: an address for reports that lacks its scheme, a name for an authority
    /// that is none. Whether nothing wrong is left.
    private func mended(_ records: [CAA], authority: CAA?) -> ([CAA], isWhole: Bool) {
        var next: [CAA] = []
        var isWhole = true
        for record in records {
            let policy = CAAPolicy([record])
            if policy.problems.isEmpty, policy.unknownCritical.isEmpty {
                next.append(record)
                continue
            }
            let text = String(decoding: record.value, as: UTF8.self)
            if record.tag.lowercased() == "iodef", text.contains("@"), !text.contains(":"), !text.contains(" ") {
                next.append(CAA(flags: record.flags, tag: record.tag, value: Array("mailto:\(text)".utf8)))
            } else if record.tag.lowercased() == "issue", policy.unknownCritical.isEmpty, authority != nil {
                continue  // the right one takes its place
            } else {
                next.append(record)
                isWhole = false
            }
        }
        return (next, isWhole)
    }

    // MARK: BIMI

    /// The record again as it was meant, where it names a logo at an https: address.
    var logoSteps: [FixPlan.Step] {
        let name = domain.bimi.name
        guard found.contains("bimi.record"), isFree(name), name.isWithin(domain.domain) else { return [] }
        let old = texts(name) { $0.lowercased().holds("v=bimi") }
        let meant = Set(old.compactMap(Self.meant))
        guard meant.count == 1, let text = meant.first, let new = record(name, text, .bimi, like: old),
            let change = change(old, [new])
        else { return [] }
        return [
            FixPlan.Step(
                stage: .repair, title: "Correct the BIMI record", checks: ["bimi.record"],
                notes: ["A logo is shown only once DMARC asks for quarantine or reject."], changes: [change])
        ]
    }

    /// The text of a record with version, logo and certificate as they belong; nil where it is not known what was meant.
    private static func meant(_ record: Record) -> String? {
        guard case .txt(let txt) = record.data else { return nil }
        let read = BIMIRecord(txt.joined)
        guard let location = read.location else { return nil }
        var tags: [String: String] = [:]
        for part in txt.text.split(separator: ";") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = part[..<equals].filter { $0 != " " && $0 != "\t" }.lowercased()
            let value = String(part[part.index(after: equals)...].drop { $0 == " " || $0 == "\t" })
            if tags.updateValue(value, forKey: name) != nil { return nil }
        }
        // A certificate that is written wrongly is not left out in silence.
        if read.evidence == nil, tags["a"]?.contains(where: { $0 != " " }) == true { return nil }
        var parts = ["v=BIMI1", "l=\(location)"]
        if let evidence = read.evidence { parts.append("a=\(evidence)") }
        if let preference = tags["avp"] {
            guard ["brand", "personal"].contains(preference) else { return nil }
            parts.append("avp=\(preference)")
        }
        return tags["lps"] == nil ? parts.joined(separator: "; ") : nil
    }
}
