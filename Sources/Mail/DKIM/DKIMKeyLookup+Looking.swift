package import DNS

extension DKIMKeyLookup {
    /// Whether there are any names under `_domainkey`: an empty non-terminal answers NOERROR (RFC 8020).
    package enum DomainKeys: Hashable, Sendable {
        case exist
        case doNotExist
        case couldNotTell(Unanswered)
    }

    /// Looks for the key of `selector` at `domain`. What is not known yet becomes wanted.
    package static func look(
        selector: String, domain: DomainName, asking dns: inout Knowledge
    ) -> DKIMKeyLookup {
        guard let name = try? domain.prepending(selector + "._domainkey") else {
            return DKIMKeyLookup(selector: selector, domain: domain, name: nil, status: .noSuchName)
        }
        let search = TXTSearch(at: name, asking: &dns, { DKIMKeyRecord.readBefore($0).isKey })
        return DKIMKeyLookup(
            selector: selector, domain: domain, name: name,
            status: search.lookup.map { DKIMKeyRecord.readBefore($0.joined).record },
            canonicalName: search.canonicalName, otherTexts: search.others)
    }

    /// Whether `_domainkey` below `domain` exists: where it does not, no selector does.
    package static func domainKeys(of domain: DomainName, asking dns: inout Knowledge) -> DomainKeys {
        guard let name = try? domain.prepending("_domainkey") else { return .doNotExist }
        switch dns.outcome(name, .txt) {
        case .failure(let why): return .couldNotTell(why)
        case .success(let answer): return answer.kind == .noSuchName && answer.aliases.isEmpty ? .doNotExist : .exist
        }
    }

    /// Selectors that large senders and common software use. One that is found is a fact; one that is not found
    /// says nothing: a domain need not use any of these.
    package static let guesses: [String] = [
        "default", "dkim", "mail", "email", "smtp", "key1", "key2", "s1", "s2", "s1024", "s2048", "k1", "k2", "k3",
        "selector1", "selector2", "google", "mandrill", "mxvault", "everlytickey1", "everlytickey2", "protonmail",
        "protonmail2", "protonmail3", "fm1", "fm2", "fm3", "zoho", "zmail", "mesmtp", "sig1", "mailjet", "brevo",
        "amazonses", "pm", "sm", "mta", "rsa", "ed25519", "dk", "turbo-smtp", "cm", "ctct1", "ctct2",
    ]

    /// Those that most domains use one of, for who looks at many domains and counts each question.
    package static let likelyGuesses: [String] = [
        "default", "dkim", "mail", "s1", "s2", "k1", "selector1", "selector2", "google", "key1",
    ]
}
