import DNS
import Mail

/// A message held against what Gmail, Yahoo and Microsoft ask of bulk senders: `checks/bulk`.
enum BulkRules {
    static let all: [Rule] = BulkRequirement.allCases.map { requirement in
        Rule.onMessages(requirement.check) { message in
            guard let profile = message.observation.profile else {
                return .doesNotApply("the message is not held against a bulk sender’s profile (--profile)")
            }
            guard BulkRequirement.required(by: profile).contains(requirement) else {
                return .doesNotApply("\(name(profile)) does not ask for it")
            }
            return verdict(requirement, message, name(profile))
        }
    }

    static func name(_ profile: BulkSenderProfile) -> String {
        switch profile {
        case .gmail: "Gmail"
        case .yahoo: "Yahoo"
        case .microsoft: "Microsoft"
        }
    }

    private static func verdict(
        _ requirement: BulkRequirement, _ message: MessageEvidence, _ receiver: String
    ) -> Verdict {
        switch requirement {
        case .spf: spf(message, receiver)
        case .dkim: dkim(message, receiver)
        case .dmarc: dmarc(message, receiver)
        case .alignment: alignment(message, receiver)
        case .reverseDNS: reverse(message, receiver)
        case .tls: tls(message, receiver)
        case .unsubscribe: unsubscribe(message, receiver)
        case .format: format(message, receiver)
        case .forgedGmail: forgedGmail(message)
        case .forwarding: forwarding(message, receiver)
        }
    }

    private static func spf(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        guard let spf = message.spf else {
            // What the receiver saw itself is as good.
            if message.believedResults(of: "spf").contains(where: { $0.result == "pass" }) { return .passes }
            return .cannotTell(Failure(.notStated, message.clientBasis))
        }
        if spf.result == .pass { return .passes }
        if let failure = spf.failure { return .cannotTell(failure) }
        return .finds(Found("\(receiver) asks for SPF to pass; it is \(spf.result.rawValue): \(spf.reason)."))
    }

    private static func dkim(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        if message.dkim.contains(where: { $0.result == .pass }) { return .passes }
        if message.dkim.isEmpty { return .finds(Found("\(receiver) asks for a DKIM signature; the message has none.")) }
        if let failure = message.dkim.lazy.compactMap(\.failure).first { return .cannotTell(failure) }
        return .finds(
            Found("\(receiver) asks for a DKIM signature that passes; none of \(message.dkim.count) does."))
    }

    private static func dmarc(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        guard let dmarc = message.dmarc.decisive else {
            return .doesNotApply("From does not name one domain: see bulk.format")
        }
        if case .couldNotTell(let why) = dmarc.discovery.status {
            return .cannotTell(Failure(why, asking: Question(dmarc.discovery.domain, .txt)))
        }
        if dmarc.discovery.record != nil { return .passes }
        return .finds(
            Found("\(receiver) asks for a DMARC record, at least with p=none; \(dmarc.discovery.domain) has none."))
    }

    private static func alignment(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        let authors = message.identities.filter { $0.kind == .from }
        guard let author = authors.first, authors.count == 1 else {
            return .doesNotApply("From does not name one author: see bulk.format")
        }
        switch author.proof {
        case .proven: return .passes
        case .couldNotTell(let why): return .cannotTell(message.failure ?? Failure(.notStated, why))
        case .signed, .unproven:
            return .finds(
                Found(
                    "\(receiver) asks for SPF or DKIM to be aligned with From; nothing that passes is aligned with "
                        + "\(author.domain.map(\.description) ?? "it")."))
        }
    }

    private static func reverse(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        guard let reverse = message.reverse else { return .cannotTell(Failure(.notStated, message.clientBasis)) }
        switch reverse.forwardConfirmed {
        case .yes: return .passes
        case .couldNotTell(let why):
            return .cannotTell(Failure(why, asking: Question(reverse.address.reverseName, .ptr)))
        case .no:
            return .finds(
                Found(
                    "\(receiver) asks for an address with a name that leads back to it; \(reverse.address) has "
                        + (reverse.names.isEmpty ? "no PTR record." : "one that does not.")))
        }
    }

    private static func tls(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        guard let entry = message.journey.hops.last(where: { $0.received.ip == message.client?.ip })?.received,
            let with = entry.with
        else { return .cannotTell(Failure(.notStated, "no Received field tells how the message came in")) }
        if entry.saysTLS || with.hasSuffix("S") || with.hasSuffix("SA") || with == "HTTPS" { return .passes }
        return .finds(Found("\(receiver) asks for TLS; the message came in by \(quoted(with, limit: 40))."))
    }

    private static func unsubscribe(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        switch message.oneClick {
        case .offered: return .passes
        case .couldNotTell(let failure): return .cannotTell(failure)
        case .lacking(let what): return .finds(Found("\(receiver) asks for unsubscribing in one click: \(what)."))
        }
    }

    private static func format(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        let problems = message.formatProblems
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "\(receiver) asks for messages formed by RFC 5322: \(list(problems)).",
                detail: [.init("problems", .strings(problems))]))
    }

    private static func forgedGmail(_ message: MessageEvidence) -> Verdict {
        let houses: Set<String> = ["gmail.com", "googlemail.com"]
        guard let author = message.identities.first(where: { $0.kind == .from }), let domain = author.domain,
            houses.contains(domain.lowercased.description)
        else { return .passes }
        if case .proven = author.proof { return .passes }
        return .finds(Found("From is an address of \(domain), and the message does not come from there."))
    }

    /// Gmail asks those who pass mail on to say so: ARC (RFC 8617), and List-Id where it is a list (RFC 2919).
    private static func forwarding(_ message: MessageEvidence, _ receiver: String) -> Verdict {
        func has(_ names: String...) -> Bool { names.contains { message.header.first($0) != nil } }
        let isList =
            has("List-Id", "List-Post", "Mailing-List", "X-Mailman-Version", "X-BeenThere")
            || message.header.first("Precedence").map { $0.text.lowercased() == "list" } == true
        guard isList || has("X-Forwarded-For", "X-Forwarded-To", "Resent-From", "Resent-To", "X-Forwarding-For") else {
            return .doesNotApply("nothing says that the message was passed on by a forwarder or a list")
        }
        if isList, !has("List-Id") {
            return .finds(Found("\(receiver) asks lists for a List-Id; the message came by a list and has none."))
        }
        // A list that puts its own name into From stands for the message itself.
        if isList, message.dmarc.result == .pass { return .passes }
        if message.arc.sets.isEmpty {
            return .finds(
                Found(
                    "\(receiver) asks who passes mail on for ARC fields; the message came by "
                        + "\(isList ? "a list" : "a forwarder") and has none."))
        }
        switch message.arc.result {
        case .fail: return .finds(Found("The message was passed on, and its ARC chain does not hold."))
        case .none, .pass: return .passes
        }
    }
}
