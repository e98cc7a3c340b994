/// Records as if they were published: what `audit --overlay` judges. An RRset of the overlay takes the place of the one
/// in the DNS; all else is as the resolver behind it says. What comes from the overlay, or through it, is not signed.
///
/// It is zone-file text as ``Zone`` reads it, planted failures too, and besides takes away:
///
///     old.example.org.  TXT  !delete     the records of that type
///     gone.example.org.      !delete     the name itself
///
/// Answers are a function of ``Knowledge``, as all that decides. Left out: delegation, and signatures.
package struct Overlay: Sendable {
    private var zone: Zone
    private var removed: Set<Question> = []
    private var removedNames: Set<DomainName> = []
    private var types: [DomainName: Set<RecordType>] = [:]
    /// Every name that has something below it in the overlay.
    private var above: Set<DomainName> = []
    private var failing: Set<DomainName> = []

    package init(_ text: String) throws(OverlayError) {
        var kept: [Substring] = []
        var origin: Substring = "."
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.prefix { $0 != ";" }.split { $0 == " " || $0 == "\t" }
            if words.count == 2, words[0].uppercased() == "$ORIGIN" { origin = words[1] }
            guard words.count > 1, words.last?.lowercased() == "!delete" else {
                if let owner = words.first, words.last?.hasPrefix("!") == true,
                    let name = Self.name(owner, below: origin)
                {
                    failing.insert(name)
                }
                kept.append(line)
                continue
            }
            kept.append("")
            let right = "write NAME TYPE !delete, or NAME !delete"
            guard words[0].startIndex == line.startIndex, let name = Self.name(words[0], below: origin) else {
                throw OverlayError("line \(index + 1): a name is needed to take away; \(right)")
            }
            let rest = words.dropFirst().dropLast().filter { $0.uppercased() != "IN" && UInt32($0) == nil }
            if rest.isEmpty {
                removedNames.insert(name)
            } else if rest.count == 1, let type = RecordType(String(rest[0])), type != .any, type != .opt {
                removed.insert(Question(name, type))
            } else {
                throw OverlayError("line \(index + 1): this is no record type; \(right)")
            }
        }
        do throws(ZoneError) {
            zone = try Zone(kept.joined(separator: "\n") + "\n")
        } catch {
            throw OverlayError("\(error)")
        }
        for record in zone.records { types[record.name, default: []].insert(record.type) }
        for name in types.keys {
            var parent = name.parent
            while let here = parent, above.insert(here).inserted { parent = here.parent }
        }
        if types.isEmpty, removed.isEmpty, removedNames.isEmpty, failing.isEmpty {
            throw OverlayError("there is no record in it")
        }
    }

    private static func name(_ word: Substring, below origin: Substring) -> DomainName? {
        if word == "@" { return try? DomainName(String(origin)) }
        if word.hasSuffix(".") || origin == "." { return try? DomainName(String(word)) }
        return try? DomainName("\(word).\(origin)")
    }

    /// What the overlay says by itself of one name, aliases not followed; nil: ask behind it.
    private func own(_ question: Question) -> Outcome? {
        let name = question.name
        if removed.contains(question.plain) { return .success(Answer(.noData, ttl: 60)) }
        let here = types[name] ?? []
        if here.contains(question.type) || here.contains(.cname) || failing.contains(name) {
            return zone.lookUp(question.plain)
        }
        guard removedNames.contains(name) else { return nil }
        return .success(Answer(here.isEmpty && !above.contains(name) ? .noSuchName : .noData, ttl: 60))
    }

    /// What stands in ``Answer/server`` where the overlay had a say: nobody who answers over a network is called so.
    package static let server = "(overlay)"

    /// What is known as if the overlay were published; what is not in it and not known becomes wanted.
    package func outcome(_ question: Question, in dns: inout Knowledge) -> Outcome {
        var aliases: [Record] = []
        var name = question.name
        var isOurs = false
        for _ in 0...16 {
            let here = Question(name, question.type, signatures: question.signatures)
            if let own = own(here) {
                isOurs = true
                guard case .success(var answer) = own else { return own }
                guard let alias = answer.aliases.first, case .cname(let target) = alias.data else {
                    answer.aliases = aliases
                    answer.server = Self.server
                    return .success(answer)
                }
                // One step only: the target may be in the DNS.
                aliases.append(alias)
                name = target
                continue
            }
            let outcome = dns.outcome(here)
            guard case .success(var answer) = outcome else { return outcome }
            if let cut = answer.aliases.firstIndex(where: { leadsHere($0, question.type) }),
                case .cname(let target) = answer.aliases[cut].data
            {
                aliases += answer.aliases[...cut]
                name = target
                isOurs = true
                continue
            }
            if answer.kind == .noSuchName, answer.aliases.isEmpty {
                if types[name] != nil || above.contains(name) {
                    answer = Answer(.noData, ttl: 60)
                    isOurs = true
                } else if let wildcard = wildcard(for: here) {
                    answer = wildcard
                    isOurs = true
                }
            }
            if !isOurs { return .success(answer) }
            answer.aliases = aliases + answer.aliases
            answer.authenticated = false
            answer.proof = nil
            answer.server = Self.server
            return .success(answer)
        }
        return .failure(Unanswered(.aliasLoop, detail: "more than 16 CNAMEs"))
    }

    private func leadsHere(_ alias: Record, _ type: RecordType) -> Bool {
        guard case .cname(let target) = alias.data else { return false }
        return own(Question(target, type)) != nil || types[target] != nil || above.contains(target)
    }

    /// What a wildcard of the overlay says of a name that the DNS does not have (RFC 4592 §3.3).
    private func wildcard(for question: Question) -> Answer? {
        var parent = question.name.parent
        while let here = parent, !here.isRoot {
            if let wildcard = try? here.prepending("*"), types[wildcard] != nil {
                guard case .success(let answer) = zone.lookUp(question.plain), answer.kind != .noSuchName else {
                    return nil
                }
                return answer
            }
            if types[here] != nil { return nil }
            parent = here.parent
        }
        return nil
    }
}

/// Why a text is no overlay, and what would be right.
package struct OverlayError: Error, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
