import DNS
import Mail

/// What the name servers of a zone say, held side by side: `checks/authority`.
enum AuthorityRecordRules {
    static let all: [Rule] = [
        mx, addresses, spf, dmarc, dkim, serial, soa, contact, propagation,
    ]

    // MARK: Equal on all servers

    static let mx = onQuestions("authority.mx-differs", "MX records") { question, domain in
        question == Question(domain.domain, .mx) ? everything : nil
    }

    static let addresses = onQuestions("authority.addresses-differ", "addresses") { question, _ in
        question.type == .a || question.type == .aaaa ? everything : nil
    }

    static let spf = onQuestions("authority.spf-differs", "SPF record") { question, domain in
        question == Question(domain.domain, .txt) ? isSPF : nil
    }

    static let dmarc = onQuestions("authority.dmarc-differs", "DMARC record") { question, domain in
        question == (try? domain.domain.prepending("_dmarc")).map { Question($0, .txt) } ? isDMARC : nil
    }

    static let dkim = onQuestions("authority.dkim-differs", "DKIM key") { question, domain in
        domain.dkim.contains { $0.question == question } ? everything : nil
    }

    private static let everything: @Sendable (TXT) -> Bool = { _ in true }
    private static let isSPF: @Sendable (TXT) -> Bool = { $0.text.lowercased().hasPrefix("v=spf1") }
    private static let isDMARC: @Sendable (TXT) -> Bool = { $0.text.lowercased().hasPrefix("v=dmarc1") }

    /// On each question of each zone that `kind` has a say in: which TXT records count there.
    private static func onQuestions(
        _ identifier: String, _ noun: String,
        _ kind: @escaping @Sendable (Question, DomainEvidence) -> (@Sendable (TXT) -> Bool)?
    ) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            guard let authority = evidence.authority, !authority.zones.isEmpty else {
                return [Rule.inapplicable("no name server was asked itself", evidence)]
            }
            let rulings = authority.zones.flatMap { zone in
                zone.questions.compactMap { question -> Ruling? in
                    guard let keep = kind(question, domain) else { return nil }
                    let verdict: Verdict =
                        zone.notSeen.map { .doesNotApply($0) }
                        ?? compare(AuthorityAgreement(question, in: zone, keep: keep), noun, zone)
                    return Ruling(.domain(question.name), verdict)
                }
            }
            return rulings.isEmpty ? [Rule.inapplicable("there is no such record to compare", evidence)] : rulings
        }
    }

    private static func compare(
        _ agreement: AuthorityAgreement, _ noun: String, _ zone: AuthorityEvidence.Zone
    ) -> Verdict {
        if agreement.versions.isEmpty { return .doesNotApply("no name server of the zone has the answer itself") }
        if agreement.agree { return .passes }
        let told = agreement.versions.map { version in
            "\(list(version.servers.map(AuthorityRules.place), limit: 3)) \(version.servers.count == 1 ? "says" : "say") "
                + (version.records.isEmpty ? "that there is none" : quoted(version.records.joined(separator: ", ")))
        }
        let serials = Set(zone.authoritative.compactMap(\.soa?.serial))
        let detail = agreement.versions.map { version -> JSON in
            ["records": .strings(version.records), "servers": AuthorityRules.servers(version.servers)]
        }
        // Where one has nothing, part of the world finds nothing.
        let isMissing = agreement.versions.contains { $0.records.isEmpty }
        return .finds(
            Found(
                "The \(noun) at \(agreement.question.name) \(isPlural(noun) ? "differ" : "differs") between the name "
                    + "servers of \(zone.name): \(list(told, limit: 3))"
                    + (serials.count > 1 ? " (their serials differ too: a transfer has not happened)." : "."),
                detail: [.init("versions", .array(Array(detail.prefix(10))))], severity: isMissing ? .error : nil))
    }

    private static func isPlural(_ noun: String) -> Bool { noun.hasSuffix("s") }

    // MARK: SOA

    static let serial = AuthorityRules.onZones("authority.serial") { zone in
        let serials = Dictionary(grouping: zone.authoritative.filter { $0.soa != nil }) { $0.soa?.serial ?? 0 }
        if serials.count < 2 { return .passes }
        let told = serials.sorted { $0.key < $1.key }.map { serial, servers in
            "\(list(servers.map(AuthorityRules.place), limit: 3)) \(servers.count == 1 ? "has" : "have") \(serial)"
        }
        return .finds(
            Found(
                "The name servers of \(zone.name) have different versions of the zone: \(list(told)).",
                detail: [
                    .init(
                        "serials",
                        .array(
                            serials.sorted { $0.key < $1.key }.map { serial, servers in
                                ["serial": .integer(Int(serial)), "servers": AuthorityRules.servers(servers)]
                            }))
                ]))
    }

    // RFC 1912 §2.2, RFC 2308 §5.
    static let soa = AuthorityRules.onZones("authority.soa-values") { zone in
        guard let soa = zone.authoritative.lazy.compactMap(\.soa).first else {
            return .doesNotApply("no name server showed its SOA record")
        }
        var problems: [String] = []
        let wait = UInt64(soa.refresh) + UInt64(soa.retry)
        if UInt64(soa.expire) < wait {
            problems.append(
                "expire (\(soa.expire)) is shorter than refresh and retry together (\(wait)): a secondary gives the zone "
                    + "up before it has tried twice")
        }
        if soa.retry > soa.refresh { problems.append("retry (\(soa.retry)) is longer than refresh (\(soa.refresh))") }
        if soa.minimum > 86_400 {
            problems.append("“no such record” is remembered for \(soa.minimum) seconds, longer than a day")
        }
        if soa.refresh == 0 || soa.retry == 0 { problems.append("refresh or retry is 0") }
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "In the SOA record of \(zone.name), \(list(problems)).",
                detail: [
                    .init("refresh", .integer(Int(soa.refresh))), .init("retry", .integer(Int(soa.retry))),
                    .init("expire", .integer(Int(soa.expire))), .init("minimum", .integer(Int(soa.minimum))),
                ]))
    }

    // RFC 1035 §3.3.13, RFC 1912 §2.2: RNAME is the mailbox of whoever minds the zone.
    static let contact = Rule.ofDomain("authority.contact") { domain, evidence in
        guard let zone = evidence.authority?.zones.first else {
            return [Rule.inapplicable("no name server was asked itself", evidence)]
        }
        func rule(_ verdict: Verdict) -> [Ruling] { [Ruling(.domain(zone.name), verdict)] }
        if let why = zone.notSeen { return rule(.doesNotApply(why)) }
        guard let soa = zone.authoritative.lazy.compactMap(\.soa).first else {
            return rule(.doesNotApply("no name server showed its SOA record"))
        }
        let local = soa.mailbox.labels.first ?? []
        if local.isEmpty || soa.mailbox.parent?.isRoot != false {
            return rule(
                .finds(Found("The SOA record of \(zone.name) names no mailbox of its keeper: \(soa.mailbox.absolute)")))
        }
        if local.contains(UInt8(ascii: "@")) {
            return rule(
                .finds(
                    Found(
                        "The mailbox in the SOA record of \(zone.name) is written with an @, which makes it another one: "
                            + "\(quoted(soa.mailbox.description)).")))
        }
        guard let place = soa.mailbox.parent, place == domain.domain else { return rule(.passes) }
        switch domain.routing {
        case .null, .none:
            return rule(
                .finds(
                    Found(
                        "The SOA record of \(zone.name) names a mailbox at \(place), which takes no mail: "
                            + "\(soa.mailbox).")))
        default: return rule(.passes)
        }
    }

    // MARK: The resolver beside them

    static let propagation = Rule.ofDomain("authority.propagation") { domain, evidence in
        guard let authority = evidence.authority, !authority.zones.isEmpty else {
            return [Rule.inapplicable("no name server was asked itself", evidence)]
        }
        var known = evidence.lookups
        var stale: [(question: Question, ttl: UInt32, records: [String], published: [String])] = []
        var compared = 0
        for zone in authority.zones where zone.notSeen == nil {
            for question in zone.questions where question.type == .mx || question.type == .txt {
                let isOfDomain = question.name == domain.domain
                let keep = question.type == .txt && isOfDomain ? isSPF : everything
                let agreement = AuthorityAgreement(question, in: zone, keep: keep)
                guard agreement.versions.count == 1, case .success(let answer) = known.outcome(question),
                    // What is only supposed (--overlay) has not been published, and cannot have spread.
                    answer.server != Overlay.server
                else { continue }
                compared += 1
                let records = AuthorityAgreement.text(of: answer.aliases + answer.records, question, keep)
                if records != agreement.versions[0].records {
                    stale.append((question, answer.ttl, records, agreement.versions[0].records))
                }
            }
        }
        func rule(_ verdict: Verdict) -> [Ruling] { [Ruling(.domain(domain.domain), verdict)] }
        if compared == 0 {
            return rule(
                .doesNotApply(authority.zones.lazy.compactMap(\.notSeen).first ?? "there is nothing to compare"))
        }
        guard let first = stale.first else { return rule(.passes) }
        return rule(
            .finds(
                Found(
                    "The resolver still has another answer to \(first.question) than all name servers of the zone, for "
                        + "\(first.ttl) seconds more: \(text(first.records)) instead of \(text(first.published)).",
                    detail: stale.prefix(10).map { item in
                        .init(
                            "\(item.question)",
                            [
                                "resolver": .strings(item.records), "name_servers": .strings(item.published),
                                "ttl": .integer(Int(item.ttl)),
                            ])
                    })))
    }

    private static func text(_ records: [String]) -> String {
        records.isEmpty ? "nothing" : quoted(records.joined(separator: ", "))
    }
}
