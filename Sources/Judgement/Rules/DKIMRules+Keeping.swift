import DNS
import Mail

/// How keys are kept and published, beyond whether each works: `checks/dkim`.
extension DKIMRules {
    /// Under `_domainkey` stands nothing at all (RFC 8020).
    static let noKeys = Rule.ofDomain("dkim.no-keys") { domain, evidence in
        if domain.takesNoMail { return [Rule.inapplicable("the domain takes no mail, and will send none", evidence)] }
        if domain.saysItSendsNothing {
            return [Rule.inapplicable("the domain says by SPF that it sends no mail", evidence)]
        }
        var known = evidence.lookups
        let verdict: Verdict =
            switch DKIMKeyLookup.domainKeys(of: domain.domain, asking: &known) {
            case .exist: .passes
            case .couldNotTell(let why) where why.reason == .notAsked: .doesNotApply("it was not asked for")
            case .couldNotTell(let why):
                .cannotTell(
                    (try? domain.domain.prepending("_domainkey")).map { Failure(why, asking: Question($0, .txt)) }
                        ?? Failure(.dnsServfail, during: .dns))
            case .doNotExist:
                .finds(
                    Found(
                        "There are no names under _domainkey.\(domain.domain): no mail is signed with DKIM in the name of "
                            + "\(domain.domain)."))
            }
        return [Ruling(.domain(domain.domain), verdict)]
    }

    /// A CNAME to a service that took its record away.
    static let danglingAlias = Rule.ofDomain("dkim.dangling-alias") { domain, evidence in
        let given = domain.dkim.filter(\.isGiven)
        if given.isEmpty { return [Rule.inapplicable("no selectors were given", evidence)] }
        return given.map { key in
            let verdict: Verdict
            switch key.lookup.status {
            case .couldNotTell(let why): verdict = .cannotTell(Failure(why, asking: key.question))
            case .noSuchName:
                guard let target = key.lookup.canonicalName else {
                    return Ruling(
                        .host(key.question.name), .doesNotApply("there is no alias: see dkim.selector-missing"))
                }
                verdict = .finds(
                    Found(
                        "\(key.question.name) is an alias of \(target), which does not exist: signatures with the "
                            + "selector \(quoted(key.lookup.selector, limit: 63)) cannot be verified.",
                        detail: [
                            .init("selector", .string(key.lookup.selector)),
                            .init("target", .string(target.description)),
                        ],
                        remedy: "Let the service that signs publish its key at `\(target).` again, or remove the alias."
                    ))
            case .found, .none, .multiple: verdict = .passes
            }
            return Ruling(.host(key.question.name), verdict)
        }
    }

    /// 512 octets are what an answer without EDNS can hold (RFC 1035 §4.2.1); 12 are its head, some 20 a record's.
    private static let roomOfAnAnswer = 512 - 12

    // RFC 8301 §3.2 asks verifiers to take up to 4096 bits, and no more; DNS answers are another matter.
    static let largeRecord = onRecords("dkim.large-record") { record, key in
        let text = record.text.utf8.count
        let name = key.question.name.wireLength
        let size = name + 4 + 2 + 10 + text + (text + 254) / 255
        guard size > roomOfAnAnswer else { return .passes }
        let bits = record.keyBits.map { " with its \($0) bits" } ?? ""
        return .finds(
            Found(
                "The key at \(key.question.name)\(bits) takes \(text) octets: with the question the answer is over 512, so "
                    + "that it needs EDNS or TCP.",
                detail: [.init("octets", .integer(text)), .init("bits", record.keyBits.map { .integer($0) } ?? .null)]))
    }

    // RFC 4871 §3.6.1, gone since RFC 6376.
    static let obsoleteTag = onRecords("dkim.obsolete-tag") { record, key in
        guard record.problems.contains(where: { $0.code == .removedTag }) else { return .passes }
        return .finds(
            Found(
                "The key at \(key.question.name) has `g=`, which is gone since 2011; old verifiers may refuse mail by it.",
                detail: [.init("selector", .string(key.lookup.selector))],
                remedy: "Remove `g=` from the record at `\(key.question.name).`"))
    }

    // RFC 8463 §3: signers that use Ed25519 sign with RSA beside it.
    static let ed25519Alone = Rule.ofDomain("dkim.ed25519-alone") { domain, evidence in
        let usable = domain.dkim.filter { $0.isGiven || $0.looksLikeAKey }
        let records = usable.compactMap(\.record).filter { $0.keyBits != nil }
        if !records.contains(where: { $0.keyType == .ed25519 }) {
            return [Rule.inapplicable("no Ed25519 key is known", evidence)]
        }
        if records.contains(where: { $0.keyType == .rsa }) { return [Ruling(.domain(domain.domain), .passes)] }
        if let key = usable.first(where: { $0.lookup.status.unanswered != nil }),
            let why = key.lookup.status.unanswered
        {
            return [Ruling(.domain(domain.domain), .cannotTell(Failure(why, asking: key.question)))]
        }
        return [
            Ruling(
                .domain(domain.domain),
                .finds(
                    Found(
                        "Only Ed25519 keys of \(domain.domain) are known, no RSA key beside them: many receivers cannot "
                            + "verify those signatures.")))
        ]
    }

    /// Two years; M3AAWG's advice is to change keys twice a year.
    private static let oldAfter = 2 * 366 * 86_400.0

    /// Selectors are often called after the day the key was made. Nothing else tells its age.
    static let oldKey = Rule.ofDomain("dkim.old-key") { domain, evidence in
        let dated = domain.dkim.compactMap { key -> (DKIMEvidence, Timestamp)? in
            guard let record = key.record, record.keyBits != nil,
                let made = SelectorDate.read(key.lookup.selector, before: evidence.at)
            else { return nil }
            return (key, made)
        }
        if dated.isEmpty { return [Rule.inapplicable("no selector tells when its key was made", evidence)] }
        return dated.map { key, made in
            let age = evidence.at - made
            if age <= oldAfter { return Ruling(.host(key.question.name), .passes) }
            return Ruling(
                .host(key.question.name),
                .finds(
                    Found(
                        "The selector \(quoted(key.lookup.selector, limit: 63)) says that its key was made \(span(age)) ago, "
                            + "and the key is still published.",
                        detail: [
                            .init("selector", .string(key.lookup.selector)), .init("made", .string(made.description)),
                        ])))
        }
    }

    /// One key under several names: whoever has it signs for all of them, and it cannot be changed for one.
    static let sharedKey = Rule.ofDomain("dkim.shared-key") { domain, evidence in
        let keys = domain.dkim.filter(\.hasKey)
        if keys.isEmpty { return [Rule.inapplicable("no key is known", evidence)] }
        if keys.count == 1 { return [Ruling(.domain(domain.domain), .passes)] }
        // Hardly anybody has one key twice: that no two are alike is seen soonest by comparing them.
        let alike = keys.indices.contains { index in
            keys[..<index].contains { $0.record?.publicKey == keys[index].record?.publicKey }
        }
        if !alike { return [Ruling(.domain(domain.domain), .passes)] }
        var names: [[UInt8]: [DKIMEvidence]] = [:]
        for key in keys { names[key.record?.publicKey ?? [], default: []].append(key) }
        let shared = names.values.filter { keys in
            // Aliases of one record are one key on purpose.
            keys.count > 1 && Set(keys.map { $0.lookup.canonicalName ?? $0.question.name }).count > 1
        }
        if shared.isEmpty { return [Ruling(.domain(domain.domain), .passes)] }
        let sorted = shared.map { keys in keys.map(\.lookup.selector).sorted() }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
        return sorted.map { selectors in
            Ruling(
                .domain(domain.domain),
                .finds(
                    Found(
                        "The selectors \(list(selectors.map { quoted($0, limit: 63) })) of \(domain.domain) have the same key.",
                        detail: [.init("selectors", .strings(selectors))])))
        }
    }
}

/// The day that a selector is called after: `20240101`, `202401`, `2024-01`, `2024-01-31`, also with letters before it.
enum SelectorDate {
    static func read(_ selector: String, before now: Timestamp) -> Timestamp? {
        let octets = Array(selector.utf8)
        func isDigit(_ octet: UInt8) -> Bool { (48...57).contains(octet) }
        for start in octets.indices where isDigit(octets[start]) && (start == 0 || !isDigit(octets[start - 1])) {
            let separators: [UInt8] = [45, 95]  // “-” and “_”
            var digits: [UInt8] = []
            var index = start
            while index < octets.count {
                if isDigit(octets[index]) {
                    digits.append(octets[index])
                } else if !separators.contains(octets[index]) || ![4, 6].contains(digits.count) {
                    break
                }
                index += 1
            }
            if let date = date(digits, before: now) { return date }
        }
        return nil
    }

    private static func date(_ digits: [UInt8], before now: Timestamp) -> Timestamp? {
        guard digits.count == 6 || digits.count == 8 else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1 - 48) } }
        let year = number(0..<4), month = number(4..<6)
        let day = digits.count == 8 ? number(6..<8) : 1
        guard (2004...2200).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let date = Timestamp(year: year, month: month, day: day)
        return date < now ? date : nil
    }
}
