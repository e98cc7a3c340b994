import DNS
import Mail

/// TLS-RPT, MTA-STS, DANE.
extension FixWorkshop {
    var tlsReportSteps: [FixPlan.Step] {
        let checks = found(of: ["tls-rpt.exists", "tls-rpt.record", "mta-sts.no-reports"])
        guard !checks.isEmpty, let name = name("_smtp._tls"), isFree(name) else { return [] }
        let old = texts(name) { $0.lowercased().hasPrefix("v=tlsrpt") }
        let kept = domain.tlsRPT.value?.destinations ?? []
        guard let address = kept.isEmpty ? reports("tls-reports") : kept.joined(separator: ","),
            let new = record(name, "v=TLSRPTv1; rua=\(address)", .tlsrpt, like: old), let change = change(old, [new])
        else { return [] }
        let note =
            "Make the mailbox of “rua” first, or write the address of one that you have. Reports come before policies."
        return [
            FixPlan.Step(
                stage: .repair, title: "Have senders report failed TLS", checks: checks,
                notes: kept.isEmpty ? [note] : [],
                changes: [change])
        ]
    }

    // MARK: MTA-STS

    var policySteps: [FixPlan.Step] {
        let hosts = domain.hosts.filter { $0.literal == nil && $0.alias == nil }
        guard let name = name("_mta-sts"), isFree(name), !hosts.isEmpty else { return [] }
        let old = texts(name) { $0.lowercased().hasPrefix("v=sts") }
        let patterns = hosts.map(\.name.description)
        if found.contains("mta-sts.exists") {
            return announced(name, old, hosts.map(\.name)) ?? newPolicy(name, old, patterns)
        }
        let policy = report.evidence.transport?.mtaSTS.policy
        if found.contains("mta-sts.mx-not-named"), let policy, let mode = policy.mode {
            let missing = hosts.filter { !policy.allows($0.name) }.map(\.name.description)
            guard let file = file(mode, policy.mx + missing, age: policy.maximumAge ?? 86_400),
                let change = announcement(name, old, number: 1)
            else { return [] }
            return [
                FixPlan.Step(
                    stage: .repair, title: "Name all mail hosts in the MTA-STS policy",
                    checks: found(of: ["mta-sts.mx-not-named", "mta-sts.record"]),
                    notes: ["Put the file there first: the new “id” tells senders to fetch it."], files: [file],
                    changes: [change])
            ]
        }
        guard found.contains("mta-sts.record"), let change = announcement(name, old, number: 1) else { return [] }
        return [
            FixPlan.Step(
                stage: .repair, title: "Correct the MTA-STS record", checks: ["mta-sts.record"],
                notes: ["The “id” becomes another with each change of the policy file."], changes: [change])
        ]
    }

    /// For a policy that is served already and allows every mail host: only the record is missing.
    private func announced(_ name: DomainName, _ old: [Record], _ hosts: [DomainName]) -> [FixPlan.Step]? {
        guard let seen = report.evidence.transport?.mtaSTS, seen.canBeAnnounced, let policy = seen.policy,
            hosts.allSatisfy({ policy.allows($0) }), let change = announcement(name, old, number: 1)
        else { return nil }
        return [
            FixPlan.Step(
                stage: .announce, title: "Announce the MTA-STS policy that is served",
                checks: found(of: ["mta-sts.exists", "mta-sts.not-announced"]),
                notes: ["The “id” becomes another with each change of the policy file."], changes: [change])
        ]
    }

    private func newPolicy(_ name: DomainName, _ old: [Record], _ hosts: [String]) -> [FixPlan.Step] {
        guard let testing = file(.testing, hosts, age: 86_400), let enforcing = file(.enforce, hosts, age: 1_209_600),
            let announced = announcement(name, old, number: 1)
        else { return [] }
        var steps = [
            FixPlan.Step(
                stage: .announce, title: "Announce an MTA-STS policy that watches", checks: ["mta-sts.exists"],
                notes: [
                    "First point mta-sts.\(domain.domain) at a web server with a certificate for that name, and put the file there; then publish the record.",
                    "The certificate of each mail host has to bear its name and be of a known authority.",
                ], files: [testing], changes: [announced])
        ]
        if let next = announcement(name, announced.add, number: 2) {
            steps.append(
                FixPlan.Step(
                    stage: .enforce, title: "Have senders insist on TLS", checks: [],
                    wait: "two weeks of TLS reports without failures of your own hosts",
                    notes: ["Change the file first, then the “id”."], files: [enforcing], changes: [next]))
        }
        return steps
    }

    /// RFC 8461 §3.2.
    private func file(_ mode: MTASTSPolicy.Mode, _ mx: [String], age: Int) -> FixPlan.File? {
        let lines =
            ["version: STSv1", "mode: \(mode.rawValue)"] + mx.map { "mx: \($0)" } + ["max_age: \(age)"]
        // Lines of a policy end in CR LF; LF alone is allowed.
        let text = lines.joined(separator: "\n") + "\n"
        guard RecordKind.mtastsPolicy.check(Array(text.utf8)).isValid else { return nil }
        return FixPlan.File(url: "https://mta-sts.\(domain.domain)/.well-known/mta-sts.txt", text: text)
    }

    /// The moment as the id: letters and digits, and never the same again.
    private func announcement(_ name: DomainName, _ old: [Record], number: Int) -> FixPlan.Change? {
        let digits = report.at.description.filter { $0.isASCII && $0.isNumber }
        return record(name, "v=STSv1; id=\(digits)\(number)", .mtastsTXT, like: old).flatMap { change(old, [$0]) }
    }

    // MARK: DANE

    var daneSteps: [FixPlan.Step] {
        let checks = found(of: ["dane.mismatch", "dane.exists"])
        guard !checks.isEmpty, let transport = report.evidence.transport else { return [] }
        let subjects = Set(report.findings.filter { checks.contains($0.check.identifier) }.map(\.subject.description))
        var adding: [FixPlan.Change] = [], removing: [FixPlan.Change] = []
        for host in transport.hosts where subjects.contains(where: { $0.contains(host.name.description) }) {
            guard let base = name("_25._tcp", host.name), let key = key(of: host) else { continue }
            let old = records(base, .tlsa)
            if old.isEmpty, !host.dane.published.isEmpty { continue }
            let new = Record(base, ttl: ttl(like: old), .tlsa(key))
            if old.contains(where: { $0.data == new.data }) { continue }
            adding.append(FixPlan.Change(add: [new]))
            if !old.isEmpty { removing.append(FixPlan.Change(remove: old, add: [])) }
        }
        guard !adding.isEmpty else { return [] }
        let next =
            "Before the next change of keys: publish its digest beside this one, wait two TTLs, and only then change the certificate."
        var steps = [
            FixPlan.Step(
                stage: checks.contains("dane.mismatch") ? .repair : .announce,
                title: "Publish the digest of the key that the mail hosts show", checks: checks,
                notes: [
                    "The digest is that of the certificate seen at \(report.at). Compare it with the server's own before you publish it.",
                    next,
                ], changes: adding,
                commands: [
                    "openssl x509 -in certificate.pem -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"
                ])
        ]
        if !removing.isEmpty {
            steps.append(
                FixPlan.Step(
                    stage: .announce, title: "Remove the digests that match nothing", checks: [],
                    wait: "two TTLs of the old records", changes: removing))
        }
        return steps
    }

    /// Of all addresses of a host, where they show the same key.
    private func key(of host: TransportEvidence.Host) -> TLSA? {
        let keys = Set(host.endpoints.compactMap { $0.port.tls?.chain.first?.der }.compactMap(TLSA.ofKey))
        return keys.count == 1 ? keys.first : nil
    }
}
