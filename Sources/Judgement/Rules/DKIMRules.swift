import DNS
import Mail

/// Published signing keys: `checks/dkim` (RFC 6376, RFC 8301). Selectors that were only guessed can show
/// what is wrong with a key; they can never show that one is missing.
enum DKIMRules {
    static let all: [Rule] = [
        noKeys, selectorMissing, danglingAlias, multiple, syntax, revoked, weakKey, shortKey, largeRecord, testing,
        sha1Only, notForEmail, obsoleteTag, ed25519Alone, oldKey, sharedKey,
    ]

    static let selectorMissing = Rule.ofDomain("dkim.selector-missing") { domain, evidence in
        let given = domain.dkim.filter(\.isGiven)
        if given.isEmpty {
            return [
                Rule.inapplicable("no selectors were given, and guessing cannot tell that one is missing", evidence)
            ]
        }
        return given.map { key in
            let verdict: Verdict
            switch key.lookup.status {
            case .found, .multiple: verdict = .passes
            case .couldNotTell(let why): verdict = .cannotTell(Failure(why, asking: key.question))
            case .noSuchName where key.lookup.canonicalName != nil:
                verdict = .doesNotApply("the selector is an alias that leads nowhere: see dkim.dangling-alias")
            case .none, .noSuchName:
                let dangling = key.lookup.canonicalName.map { " (an alias of \($0))" } ?? ""
                verdict = .finds(
                    Found(
                        "There is no key at \(key.question.name)\(dangling): signatures with the selector "
                            + "\(quoted(key.lookup.selector, limit: 63)) cannot be verified.",
                        detail: [
                            .init("selector", .string(key.lookup.selector)),
                            .init("name", .string(key.question.name.description)),
                        ],
                        remedy: "Publish the public key of the selector as a TXT record at `\(key.question.name).`"))
            }
            return Ruling(.host(key.question.name), verdict)
        }
    }

    // RFC 6376 §3.6.2.2.
    static let multiple = onKeys("dkim.multiple") { key in
        guard case .multiple(let texts) = key.lookup.status else {
            guard case .found = key.lookup.status, let other = key.lookup.otherTexts.first else { return .passes }
            return .finds(
                Found(
                    "Beside the key at \(key.question.name) stands another TXT record, \(quoted(other)): which one a "
                        + "receiver takes for the key is chance.",
                    detail: [.init("others", .strings(key.lookup.otherTexts))],
                    remedy: "Remove every TXT record at `\(key.question.name).` except the key."))
        }
        return .finds(
            Found(
                "\(texts.count) records stand at \(key.question.name): which one a receiver takes is chance.",
                detail: [.init("records", .strings(texts))],
                remedy: "Keep the record of the key you sign with at `\(key.question.name).` and remove the others."))
    }

    // RFC 6376 §3.6.1.
    static let syntax = onRecords("dkim.syntax") { record, key in
        // That SHA-1 alone is allowed has a check of its own.
        let errors = record.problems.filter { $0.isError && !(allowsSHA1Only(record) && $0.code == .weakHash) }
        guard let first = errors.first else { return misplacedVersion(record, key) }
        return .finds(
            Found(
                "The key at \(key.question.name) cannot be used: \(first.message) (column \(first.column)).",
                detail: [
                    .init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems(errors)),
                ]))
    }

    // RFC 6376 §3.6.1: “v=”, where it stands, must be the first tag. Most receivers do not mind.
    private static func misplacedVersion(_ record: Held<DKIMKeyRecord>, _ key: DKIMEvidence) -> Verdict {
        guard let problem = record.problems.first(where: { $0.code == .badOrder }) else { return .passes }
        return .finds(
            Found(
                "Strict receivers do not take the key at \(key.question.name): \(problem.message) "
                    + "(column \(problem.column)).",
                detail: [
                    .init("record", .string(String(record.text.prefix(1000)))), .init("problems", problems([problem])),
                ],
                severity: .warning,
                remedy: "Put `v=DKIM1;` first in the record at `\(key.question.name).`, or leave it out."))
    }

    // RFC 6376 §3.6.1: an empty p. Old selectors are rightly revoked, so only those in use count.
    static let revoked = onRecords("dkim.revoked", givenOnly: true) { record, key in
        guard record.isRevoked else { return .passes }
        return .finds(
            Found(
                "The key at \(key.question.name) is revoked (its `p=` is empty): every signature with it fails.",
                detail: [.init("selector", .string(key.lookup.selector))],
                remedy: "Sign with another selector, or publish the public key at `\(key.question.name).`"))
    }

    // RFC 8301 §3.2: verifiers must not accept RSA keys below 1024 bits.
    static let weakKey = onRecords("dkim.weak-key") { record, key in
        guard record.keyType == .rsa, let bits = record.keyBits else {
            return .doesNotApply("there is no RSA key")
        }
        if bits >= 1024 { return .passes }
        return .finds(
            Found(
                "The RSA key at \(key.question.name) has \(bits) bits: receivers do not accept it, and it can be broken.",
                detail: [.init("selector", .string(key.lookup.selector)), .init("bits", .integer(bits))]))
    }

    // RFC 8301 §3.2: signers should use 2048 bits at least.
    static let shortKey = onRecords("dkim.short-key") { record, key in
        guard record.keyType == .rsa, let bits = record.keyBits else {
            return .doesNotApply("there is no RSA key")
        }
        if bits < 1024 { return .doesNotApply("the key is far too short: see dkim.weak-key") }
        if bits >= 2048 { return .passes }
        return .finds(
            Found(
                "The RSA key at \(key.question.name) has \(bits) bits; 2048 are advised.",
                detail: [.init("selector", .string(key.lookup.selector)), .init("bits", .integer(bits))]))
    }

    // RFC 6376 §3.6.1, t=y.
    static let testing = onRecords("dkim.testing") { record, key in
        guard record.isTesting else { return .passes }
        return .finds(
            Found(
                "The key at \(key.question.name) says `t=y` (testing): receivers may treat its signatures as absent.",
                detail: [.init("selector", .string(key.lookup.selector))],
                remedy: "Remove `t=y` from the record at `\(key.question.name).`"))
    }

    // RFC 8301 §3.1: SHA-1 must not be used.
    static let sha1Only = onRecords("dkim.sha1-only") { record, key in
        guard allowsSHA1Only(record) else { return .passes }
        return .finds(
            Found(
                "The key at \(key.question.name) allows SHA-1 alone (`h=sha1`), which receivers no longer accept.",
                detail: [.init("selector", .string(key.lookup.selector))],
                remedy: "Remove `h=sha1` from the record at `\(key.question.name).`, and sign with rsa-sha256."))
    }

    private static func allowsSHA1Only(_ record: Held<DKIMKeyRecord>) -> Bool {
        guard let hashes = record.hashes, !hashes.isEmpty else { return false }
        return hashes.allSatisfy { $0 == "sha1" }
    }

    // RFC 6376 §3.6.1, s=.
    static let notForEmail = onRecords("dkim.not-for-email") { record, key in
        if record.servesEmail { return .passes }
        return .finds(
            Found(
                "The key at \(key.question.name) is not for email (`s=\(record.services.joined(separator: ":").prefix(80))`).",
                detail: [.init("selector", .string(key.lookup.selector))],
                remedy: "Remove `s=` from the record at `\(key.question.name).`, or write `s=email`."))
    }

    /// On each selector that was given, and each guess that hit.
    static func onKeys(
        _ identifier: String, givenOnly: Bool = false, _ verdict: @escaping @Sendable (DKIMEvidence) -> Verdict
    ) -> Rule {
        let way = Rule.Way.onKeys(givenOnly: givenOnly) { key in
            if key.record != nil { return verdict(key) }
            return switch key.lookup.status {
            case .couldNotTell(let why): .cannotTell(Failure(why, asking: key.question))
            case .none, .noSuchName: .doesNotApply("there is no key: see dkim.selector-missing")
            case .found, .multiple: verdict(key)
            }
        }
        return Rule(identifier, way)
    }

    static func onRecords(
        _ identifier: String, givenOnly: Bool = false,
        _ verdict: @escaping @Sendable (Held<DKIMKeyRecord>, DKIMEvidence) -> Verdict
    ) -> Rule {
        onKeys(identifier, givenOnly: givenOnly) { key in
            guard let record = key.record else {
                return .doesNotApply("several records stand there: see dkim.multiple")
            }
            return verdict(record, key)
        }
    }
}
