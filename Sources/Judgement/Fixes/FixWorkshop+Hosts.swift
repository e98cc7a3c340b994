import DNS
import Mail

/// MX and PTR records, and DKIM keys.
extension FixWorkshop {
    var hostSteps: [FixPlan.Step] { mxSteps + ptrSteps }

    private var mxSteps: [FixPlan.Step] {
        let own = domain.domain
        if found.contains("mx.implicit"), domain.routing == .implicit {
            let record = Record(own, ttl: Self.usualTTL, .mx(MX(preference: 10, exchange: own)))
            return [
                FixPlan.Step(
                    stage: .repair, title: "Say where mail goes", checks: ["mx.implicit"],
                    notes: ["If the domain shall take no mail, publish a null MX instead: MX 0 ."],
                    changes: [FixPlan.Change(add: [record])])
            ]
        }
        let old = records(own, .mx)
        var new: [Record] = []
        var seen: Set<DomainName> = []
        let checks = found(of: ["mx.target-alias", "mx.target-unresolvable"])
        guard !checks.isEmpty, !old.isEmpty else { return [] }
        func preference(_ record: Record) -> UInt16 { if case .mx(let mx) = record.data { mx.preference } else { 0 } }
        for record in old.sorted(by: { preference($0) < preference($1) }) {
            guard case .mx(let mx) = record.data else { continue }
            let host = domain.hosts.first { $0.name == mx.exchange }
            var kept = record, exchange = mx.exchange
            if let end = host?.alias, checks.contains("mx.target-alias") {
                exchange = end
                kept.data = .mx(MX(preference: mx.preference, exchange: end))
            } else if let host, host.a == .noSuchName, host.aaaa == .noSuchName, host.alias == nil {
                continue
            }
            // Once a host, as it is most preferred.
            if seen.insert(exchange.lowercased).inserted { new.append(kept) }
        }
        guard !new.isEmpty, let change = change(old, new) else { return [] }
        return [
            FixPlan.Step(
                stage: .repair, title: "Have the MX records name hosts that are there", checks: checks,
                notes: ["The certificate of a host has to bear the name that the MX record gives it."],
                changes: [change])
        ]
    }

    /// By whoever gave out the addresses.
    private var ptrSteps: [FixPlan.Step] {
        let checks = found(of: ["ptr.exists", "ptr.forward-confirmed"])
        guard !checks.isEmpty else { return [] }
        var changes: [FixPlan.Change] = []
        var seen: Set<IPAddress> = []
        for host in domain.hosts where host.alias == nil {
            for address in host.addresses where seen.insert(address.address).inserted {
                guard needsName(address) else { continue }
                let name = address.address.reverseName
                let old = records(name, .ptr)
                // Behind an alias (RFC 2317) the records stand elsewhere.
                if old.isEmpty, !address.ptr.isNone { continue }
                let record = Record(name, ttl: ttl(like: old), .ptr(host.name))
                if let change = change(old, [record], whose: "whoever gave you \(address.address)") {
                    changes.append(change)
                }
            }
        }
        guard !changes.isEmpty else { return [] }
        return [
            FixPlan.Step(
                stage: .repair, title: "Have the addresses of the mail hosts named", checks: checks,
                notes: ["Reverse names are set by the provider of the address: in its panel, or by a letter to it."],
                changes: changes)
        ]
    }

    private func needsName(_ address: MailAddress) -> Bool {
        address.ptr.isNone || (address.ptr.value != nil && address.forwardConfirmed == .no)
    }

    // MARK: DKIM

    private static let edits = ["dkim.testing": "t", "dkim.obsolete-tag": "g", "dkim.sha1-only": "h"]
    private static let renewals = [
        "dkim.no-keys", "dkim.selector-missing", "dkim.syntax", "dkim.weak-key", "dkim.short-key", "dkim.multiple",
        "dkim.revoked", "dkim.old-key", "dkim.ed25519-alone",
    ]

    var dkimSteps: [FixPlan.Step] {
        var steps: [FixPlan.Step] = []
        let checks = found(of: Self.edits.keys.sorted())
        var changes: [FixPlan.Change] = []
        for key in domain.dkim {
            guard let name = key.lookup.name, let text = key.lookup.status.value?.text else { continue }
            let edited = edited(text, checks.compactMap { Self.edits[$0] })
            let old = texts(name) { $0 == text }
            guard edited != text, !old.isEmpty, let new = record(name, edited, .dkimKey, like: old),
                let change = change(old, [new])
            else { continue }
            changes.append(change)
        }
        if !changes.isEmpty {
            steps.append(
                FixPlan.Step(
                    stage: .repair, title: "Correct the DKIM records", checks: checks,
                    notes: ["The key itself stays as it is."], changes: changes))
        }
        let renewed = found(of: Self.renewals)
        if !renewed.isEmpty { steps.append(newKey(renewed)) }
        return steps
    }

    /// Without the flag or tag that does harm; the key untouched.
    private func edited(_ text: String, _ tags: [String]) -> String {
        var parts: [String] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            let name = part.prefix { $0 != "=" }.filter { $0 != " " && $0 != "\t" }
            guard tags.contains(name) else {
                parts.append(String(part))
                continue
            }
            guard name == "t" else { continue }
            let flags = part.drop { $0 != "=" }.dropFirst().split(separator: ":").map { $0.filter { $0 != " " } }
            let kept = flags.filter { $0.lowercased() != "y" }
            if !kept.isEmpty { parts.append(" t=\(kept.joined(separator: ":"))") }
        }
        return parts.joined(separator: ";")
    }

    /// The record of a key is printed by the server that made it.
    private func newKey(_ checks: [String]) -> FixPlan.Step {
        let date = report.at.description.prefix(10).filter { $0 != "-" }
        let selector = "s\(date)"
        return FixPlan.Step(
            stage: .repair, title: "Make a DKIM key on the server that signs, and publish the record it prints",
            checks: checks,
            notes: [
                "The key is made on your server, or by the service that sends for you, and nowhere else: no record can be told here.",
                "Publish the record under the new selector, wait an hour, have the server sign with it, and remove the old record a week later.",
            ],
            commands: [
                "opendkim-genkey -b 2048 -d \(domain.domain) -s \(selector)   # OpenDKIM: \(selector).private, \(selector).txt",
                "rspamadm dkim_keygen -b 2048 -d \(domain.domain) -s \(selector) -k \(selector).key   # Rspamd",
            ])
    }
}
