import DNS
import Mail

/// What proves where a message comes from, by our own account and the receiver's.
enum MessageAuthenticationRules {
    static let all: [Rule] = [unprovenFrom, spf, receiverVerdict, disagreement, returnPath, forgedResults]

    // RFC 9989 §5.3: what readers see is From.
    static let unprovenFrom = Rule.onMessages("message.unproven-from") { message in
        let authors = message.identities.filter { $0.kind == .from }
        guard let author = authors.first else { return .doesNotApply("From names nobody: see message.form") }
        switch author.proof {
        case .proven: return .passes
        case .couldNotTell(let why): return .cannotTell(message.failure ?? Failure(.notStated, why))
        case .signed, .unproven:
            let policy = message.dmarc.decisive?.discovery.appliedPolicy
            let fate = policy.map { "; by its DMARC policy (\($0.rawValue)) " + consequence($0) } ?? ""
            return .finds(
                Found(
                    "Nobody vouches for \(quoted(author.mailbox.address, limit: 120)) in From: anyone could have written "
                        + "it\(fate).",
                    detail: [
                        .init("from", .string(author.mailbox.address)),
                        .init("dmarc", .string(message.dmarc.result.rawValue)),
                    ],
                    severity: policy == nil || policy == DMARCRecord.Policy.none ? .warning : nil))
        }
    }

    private static func consequence(_ policy: DMARCRecord.Policy) -> String {
        switch policy {
        case .none: "it is delivered all the same"
        case .quarantine: "it is put under Junk"
        case .reject: "it is refused"
        }
    }

    static let spf = Rule.onMessages("message.spf") { message in
        guard let spf = message.spf, let client = message.client else { return .doesNotApply(message.clientBasis) }
        let detail: [JSON.Member] = [
            .init("result", .string(spf.result.rawValue)), .init("ip", .string(client.ip.description)),
            .init("domain", .string(spf.domain?.description ?? "")),
        ]
        let name = spf.domain.map(\.description) ?? "the sender"
        switch spf.result {
        case .pass: return .passes
        case .temperror:
            return .cannotTell(spf.failure ?? Failure(.dnsServfail, during: .dns, spf.reason))
        case .fail, .permerror:
            return .finds(
                Found("SPF for \(name) from \(client.ip) is \(spf.result.rawValue): \(spf.reason).", detail: detail))
        case .softfail, .neutral, .none:
            return .finds(
                Found(
                    "SPF for \(name) from \(client.ip) is \(spf.result.rawValue): \(spf.reason).", detail: detail,
                    severity: .warning))
        }
    }

    // RFC 8601: the receiver's own word, not what came with the message.
    static let receiverVerdict = Rule.onMessages("message.authentication") { message in
        let methods = ["spf", "dkim", "dmarc"].compactMap { method -> (String, [String])? in
            let found = message.believedResults(of: method).map(\.result)
            return found.isEmpty ? nil : (method, found)
        }
        if methods.isEmpty { return .doesNotApply("the receiver does not say what it made of SPF, DKIM and DMARC") }
        var bad: [String] = [], weak: [String] = [], unsure: [String] = []
        for (method, words) in methods where !words.contains("pass") {
            if let word = words.first(where: ["fail", "hardfail", "softfail", "permerror", "policy"].contains) {
                bad.append("\(method)=\(word)")
            } else if words.contains("temperror") {
                unsure.append("\(method)=temperror")
            } else if let word = words.first {
                weak.append("\(method)=\(word.prefix(20))")
            }
        }
        let server = message.claims.first(where: \.isBelieved)?.field.server ?? ""
        let who = server.isEmpty ? "The receiver" : quoted(server, limit: 80)
        if bad.isEmpty, weak.isEmpty {
            if unsure.isEmpty { return .passes }
            return .cannotTell(Failure(.dnsServfail, "\(who) could not tell: \(list(unsure))"))
        }
        return .finds(
            Found(
                "\(who) says of the message: \(list(bad + weak)).", detail: [.init("results", .strings(bad + weak))],
                severity: bad.isEmpty ? .notice : nil))
    }

    static let disagreement = Rule.onMessages("message.verification-disagrees") { message in
        var differences: [String] = []
        if let own = message.spf?.result.rawValue, own != "temperror" {
            let theirs = message.believedResults(of: "spf").map(\.result)
            if let word = theirs.first, isSure(word), !theirs.contains(where: { agree($0, own) }) {
                differences.append("SPF is \(own) here and was \(word) there")
            }
        }
        for own in message.dkim where own.result == .pass || own.result == .fail {
            let theirs = message.believedResults(of: "dkim").first { about($0, own) }
            if let word = theirs?.result, isSure(word), !agree(word, own.result.rawValue) {
                differences.append(
                    "DKIM by \(own.domain.map(\.description) ?? "?") is \(own.result.rawValue) here and was \(word) there"
                )
            }
        }
        if case let own = message.dmarc.result, own == .pass || own == .fail,
            let word = message.believedResults(of: "dmarc").first?.result, isSure(word),
            word == "pass" || word == "fail",
            word != own.rawValue
        {
            differences.append("DMARC is \(own.rawValue) here and was \(word) there")
        }
        if message.claims.allSatisfy({ !$0.isBelieved }) {
            return .doesNotApply("the receiver wrote no Authentication-Results of its own")
        }
        if differences.isEmpty { return .passes }
        return .finds(
            Found(
                "Own verification and the receiver’s differ: \(list(differences)).",
                detail: [.init("differences", .strings(differences))]))
    }

    private static func isSure(_ word: String) -> Bool { word != "temperror" && word != "unknown" }

    /// What receivers call by different names.
    private static func agree(_ a: String, _ b: String) -> Bool {
        let kind = ["hardfail": "fail", "error": "permerror", "bestguesspass": "none"]
        return (kind[a] ?? a) == (kind[b] ?? b)
    }

    /// Whether a result of the receiver is of that signature: by "d", and by "s" or "b" where they are given.
    private static func about(_ result: AuthenticationResults.Result, _ own: DKIMVerification) -> Bool {
        guard let domain = result.property("header", "d") ?? result.property("header", "i"),
            let name = own.domain?.description
        else { return false }
        let part = domain.split(separator: "@").last.map(String.init) ?? domain
        guard part.lowercased() == name.lowercased() else { return false }
        if let selector = result.property("header", "s"), selector.lowercased() != own.selector?.lowercased() {
            return false
        }
        return true
    }

    static let returnPath = Rule.onMessages("message.return-path-domain") { message in
        guard let path = message.identities.first(where: { $0.kind == .envelope || $0.kind == .returnPath }),
            let sender = path.domain
        else { return .doesNotApply("the message has no Return-Path with a domain") }
        guard let author = message.identities.first(where: { $0.kind == .from })?.domain else {
            return .doesNotApply("From names nobody: see message.form")
        }
        if WebAddress.isSameHouse(sender.description, author.description) { return .passes }
        return .finds(
            Found(
                "Bounces go to \(sender), and From is of \(author): SPF says nothing for the name that readers see.",
                detail: [.init("return_path", .string(sender.description)), .init("from", .string(author.description))])
        )
    }

    // RFC 8601 §5: such a field would be believed by everyone who does not look where it stands.
    static let forgedResults = Rule.onMessages("message.forged-results") { message in
        let hosts =
            message.observation.receivers.isEmpty
            ? AuthenticationResults.receivers(in: message.header) : message.observation.receivers
        let named = message.claims.filter { claim in
            !claim.isBelieved && hosts.contains { AuthenticationResults.isOneHost($0, claim.field.server) }
        }
        let forged = named.filter(\.cameAlong)
        guard let first = forged.first else {
            return named.isEmpty
                ? .passes
                : .doesNotApply(
                    "a field in the receiver’s name stands where it or the sender may have written it")
        }
        return .finds(
            Found(
                "\(count(forged.count, "Authentication-Results field")) \(forged.count == 1 ? "bears" : "bear") the "
                    + "receiver’s name \(quoted(first.field.server, limit: 80)) and came with the message."))
    }
}
