import DNS
import Mail

/// Of `checks/spf`, what stands around the record: how it is published, what comes along, who owns what it names.
extension SPFRules {
    // RFC 7208 §8.5: softfail by itself holds nothing up; DMARC's policy does.
    static let softfailAll = onTree("spf.softfail-all") { spf, domain in
        guard let all = spf.all else { return complete(spf) }
        guard all == .softfail else { return .passes }
        switch domain.dmarc.status {
        case .couldNotTell(let why): return .cannotTell(domain.dmarcFailure(why))
        case .found, .none, .multipleAtOwnName: break
        }
        if let policy = domain.dmarc.appliedPolicy, policy != .none { return .passes }
        return .finds(
            Found(
                "The SPF record of \(domain.domain) ends in `~all` and no DMARC policy stands behind it: forged mail is "
                    + "marked at most.",
                remedy: "Set a DMARC policy of quarantine or reject once the reports show all senders aligned; or end "
                    + "the record in `-all`."))
    }

    // RFC 7208 §3.3: strings are joined without a space.
    static let stringSeam = onTree("spf.string-seam") { spf, _ in
        guard let seam = spf.seams.first else { return complete(spf) }
        return .finds(
            Found(
                "Two strings of the SPF record of \(seam.domain) meet without a space: receivers read "
                    + "\(quoted(seam.joined)).",
                detail: [
                    .init("domain", .string(seam.domain.description)), .init("joined", .string(seam.joined)),
                    .init("strings", .strings([seam.left, seam.right])),
                ],
                remedy: "Put a space at the end of the string with \(quoted(seam.left)), or at the start of the next."))
    }

    // RFC 7208 §3.4.
    static let answerSize = onTree("spf.answer-size") { spf, domain in
        guard let size = spf.answerSizes.first(where: { $0.domain == domain.domain }) else { return complete(spf) }
        guard size.octets > SPFAnalysis.smallPacket else { return .passes }
        if size.octets > SPFAnalysis.usualPacket { return .doesNotApply("it needs TCP: see spf.needs-tcp") }
        return .finds(
            Found(
                "The TXT records of \(domain.domain) make an answer of \(size.octets) octets, above the 512 of a small "
                    + "packet.",
                detail: [.init("octets", .integer(size.octets)), .init("limit", .integer(SPFAnalysis.smallPacket))]))
    }

    // RFC 7766 §5.
    static let needsTCP = onTree("spf.needs-tcp") { spf, _ in
        let large = spf.answerSizes.filter { $0.neededTCP || $0.octets > SPFAnalysis.usualPacket }
        guard !large.isEmpty else { return complete(spf) }
        let names = large.map { "\($0.domain) (\($0.octets) octets)" }
        return .finds(
            Found(
                "The TXT answer of \(list(names)) does not fit a packet of UDP and must be fetched again over TCP.",
                detail: [.init("domains", .strings(large.map(\.domain.description)))],
                remedy: "Remove TXT records that are no longer needed at \(list(large.map(\.domain.description)))."))
    }

    // RFC 7208 §3.1: the type SPF was given up.
    static let typeSPF = Rule.onDomain("spf.type-99") { domain in
        switch domain.spf.typeSPF {
        case .couldNotTell:
            // Some servers never answer for a type they do not know: that is no fault that matters here.
            guard let why = domain.spf.status.unanswered else {
                return .doesNotApply("nobody answers for the type SPF, which receivers do not ask for")
            }
            return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        case .none, .noSuchName: return .passes
        case .found, .multiple:
            return .finds(
                Found(
                    "\(domain.domain) still publishes a record of the type SPF (99), which receivers do not ask for.",
                    remedy: "Remove the record of the type SPF; the TXT record alone counts."))
        }
    }

    // RFC 6686 §6.
    static let senderID = Rule.onDomain("spf.sender-id") { domain in
        if let why = domain.spf.status.unanswered {
            return .cannotTell(Failure(why, asking: Question(domain.domain, .txt)))
        }
        guard let text = domain.spf.otherTexts.first(where: { $0.lowercased().hasPrefix("spf2.0") }) else {
            return .passes
        }
        return .finds(
            Found(
                "\(domain.domain) has a record of Sender ID, which nobody uses any more: \(quoted(text)).",
                detail: [.init("record", .string(String(text.prefix(1000))))],
                remedy: "Remove the TXT record that begins with `spf2.0`."))
    }

    // RFC 7208 §6.2.
    static let explanation = onRecord("spf.explanation") { _, domain in
        switch domain.spf.explanation {
        case .none: return .doesNotApply("the record has no `exp`")
        case .depends: return .doesNotApply("where `exp` leads depends on the message")
        case .found: return .passes
        case .couldNotTell(let question, let why): return .cannotTell(Failure(why, asking: question))
        case .useless(let name, let why):
            return .finds(
                Found(
                    "The `exp` of the SPF record of \(domain.domain) leads to \(name), where \(why): receivers pass over it.",
                    detail: [.init("name", .string(name.description)), .init("reason", .string(why))],
                    remedy: "Publish one TXT record of plain ASCII at `\(name).`, or remove `exp`."))
        }
    }

    static let unregisteredTarget = onTree("spf.unregistered-target") { spf, _ in
        guard !spf.unregistered.isEmpty else {
            if let lookup = spf.unknownOwners.first { return .cannotTell(Failure(lookup.why, asking: lookup.question)) }
            return complete(spf)
        }
        let owners = Array(Set(spf.unregistered.compactMap(\.target))).sorted().map(\.description)
        return .finds(
            Found(
                "\(terms(spf.unregistered, "leads", "lead")) to \(list(owners)), which nobody has registered: whoever does "
                    + "decides who may send in this domain's name.",
                detail: [.init("terms", placed(spf.unregistered)), .init("domains", .strings(owners))],
                remedy: "Remove \(terms(spf.unregistered)) now."))
    }

    // RFC 7208 §4: what receivers make of mail from the addresses it is known to leave by.
    static let senderAddress = Rule.ofDomain("spf.sender-address") { domain, _ in
        if domain.senders.isEmpty {
            return [
                Ruling(.domain(domain.domain), .doesNotApply("no address is given that the domain's mail leaves by"))
            ]
        }
        return domain.senders.map { sender in
            Ruling(.address(sender.ip, of: domain.domain), verdict(on: sender, of: domain.domain))
        }
    }

    private static func verdict(on sender: SPFEvaluation, of domain: DomainName) -> Verdict {
        switch sender.result {
        case .pass: return .passes
        case .temperror:
            if let asked = sender.unanswered, case .failure(let why) = asked.outcome {
                return .cannotTell(Failure(why, asking: asked.question))
            }
            return .cannotTell(Failure(Unanswered(.notAsked), asking: Question(domain, .txt)))
        case .none, .neutral, .fail, .softfail, .permerror:
            let term = sender.ip.family == .ipv4 ? "ip4:\(sender.ip)" : "ip6:\(sender.ip)"
            return .finds(
                Found(
                    "SPF gives \(sender.result.rawValue) for \(sender.ip), from which mail of \(domain) is sent: "
                        + "\(sender.reason).",
                    detail: [
                        .init("result", .string(sender.result.rawValue)), .init("reason", .string(sender.reason)),
                    ],
                    remedy: sender.result == .permerror
                        ? "Mend the record: \(sender.reason)."
                        : "Add `\(term)` to the record in front of its `all`, or have the mail leave by an address that "
                            + "is in it."))
        }
    }

    // RFC 7208 §10.1.2: names that send no mail should say so.
    static let hostNames = Rule.ofDomain("spf.host-names") { domain, _ in
        let own = domain.hosts.filter { $0.spf != nil }
        guard !own.isEmpty else {
            return [Ruling(.domain(domain.domain), .doesNotApply("no mail host is named within the domain"))]
        }
        switch domain.dmarc.status {
        case .couldNotTell(let why):
            return [Ruling(.domain(domain.domain), .cannotTell(domain.dmarcFailure(why)))]
        case .found(let record, _) where record.protectsSubdomains:
            return [Ruling(.domain(domain.domain), .doesNotApply("DMARC's policy holds up forgeries of names below"))]
        case .found, .none, .multipleAtOwnName: break
        }
        return own.map { host in
            switch host.spf ?? .noSuchName {
            case .found, .multiple: return Ruling(.host(host.name), .passes)
            case .couldNotTell(let why):
                return Ruling(.host(host.name), .cannotTell(Failure(why, asking: Question(host.name, .txt))))
            case .none, .noSuchName:
                let found = Found(
                    "\(host.name) has no SPF record of its own: mail in the name of the host can be forged.",
                    remedy:
                        "Publish `\(host.name). TXT \"v=spf1 a -all\"`, or `v=spf1 -all` if it never sends; or set a "
                        + "DMARC policy that holds for sub-domains.")
                return Ruling(.host(host.name), .finds(found))
            }
        }
    }

    // RFC 7208 §2.3: receivers are recommended to check the HELO identity too.
    static let heloName = Rule("spf.helo-name") { evidence in
        var seen: Set<DomainName> = []
        let greetings = evidence.greetings.filter { greeting in
            if evidence.domain?.isDialledElsewhere(greeting.endpoint) == true { return false }
            return greeting.name.map { seen.insert($0).inserted } ?? false
        }
        guard !greetings.isEmpty else {
            return [Rule.inapplicable("no server said a full name of its own", evidence)]
        }
        return greetings.compactMap { greeting -> Ruling? in
            guard let name = greeting.name, let spf = greeting.spf else { return nil }
            switch spf {
            case .found, .multiple: return Ruling(.host(name), .passes)
            case .couldNotTell(let why) where why.reason == .notAsked:
                return Ruling(.host(name), .doesNotApply("the DNS was not asked about the name"))
            case .couldNotTell(let why):
                return Ruling(.host(name), .cannotTell(Failure(why, asking: Question(name, .txt))))
            case .none, .noSuchName:
                let found = Found(
                    "\(name), the name that \(greeting.endpoint.host) greets with, has no SPF record: bounces, which have "
                        + "no other sender, cannot pass SPF.",
                    remedy: "Publish `\(name). TXT \"v=spf1 a -all\"`.")
                return Ruling(.host(name), .finds(found))
            }
        }
    }
}

extension DMARCRecord {
    /// Whether it has receivers hold up forgeries of names below (RFC 9989 §4.7, "sp").
    fileprivate var protectsSubdomains: Bool {
        let policy = subdomainPolicy ?? effectivePolicy ?? .none
        return (isTesting ? policy.lowered : policy) != .none
    }
}
