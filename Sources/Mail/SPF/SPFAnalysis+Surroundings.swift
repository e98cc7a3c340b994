import DNS

/// What stands around the records: how they come over the wire, what `exp` leads to, who owns the names.
extension SPFAnalysis {
    /// Answers of more octets than these did not fit the packets of old (RFC 1035 §4.2.1, RFC 7208 §3.4).
    package static let smallPacket = 512
    /// Answers of more octets than these need TCP: what resolvers and servers agree on since the DNS flag day of 2020.
    package static let usualPacket = 1_232

    // MARK: Strings

    /// Where two strings of a record meet in one word, and the word reads as two terms.
    static func seams(of txt: TXT, at domain: DomainName) -> [Seam] {
        var seams: [Seam] = []
        let octets = txt.joined
        var (before, boundary) = (0, 0)
        for (index, string) in txt.strings.dropLast().prefix(300).enumerated() {
            (before, boundary) = (boundary, boundary + string.count)
            guard boundary > 0, boundary < octets.count, seams.count < 20 else { continue }
            let start = octets[..<boundary].lastIndex(of: 32).map { $0 + 1 } ?? 0
            let end = octets[boundary...].firstIndex(of: 32) ?? octets.count
            guard start < boundary, boundary < end, start > 0 || boundary == 6, end - start <= 1_000 else { continue }
            // A word may lie over several strings, of which each is a term, or one term over several strings.
            let next = min(end, boundary + txt.strings[index + 1].count)
            let lefts = [octets[start..<boundary], octets[max(start, before)..<boundary]]
            let rights = [octets[boundary..<end], octets[boundary..<next]]
            guard let right = rights.first(where: isTermOnItsOwn),
                let left = boundary == 6 ? lefts[0] : lefts.first(where: isTerm)
            else { continue }
            seams.append(Seam(domain: domain, joined: octets[start..<end].text, left: left.text, right: right.text))
        }
        return seams
    }

    private static func isTerm(_ text: ArraySlice<UInt8>) -> Bool {
        let record = SPFRecord(Array("v=spf1 ".utf8) + text)
        return record.isValid && record.terms.count == 1
    }

    /// A term that nobody would take for the rest of another one.
    private static func isTermOnItsOwn(_ text: ArraySlice<UInt8>) -> Bool {
        let isTelling =
            text.contains(UInt8(ascii: ":")) || text.contains(UInt8(ascii: "="))
            || text.first.map { "+-~?".utf8.contains($0) } == true
        return isTelling && isTerm(text)
    }

    // MARK: The explanation

    static func explanation(of record: SPFRecord, asking dns: inout Knowledge) -> Explanation {
        guard let target = record.explanation else { return .none }
        guard let name = target.domainName else { return .depends }
        let question = Question(name, .txt)
        switch dns.outcome(question) {
        case .failure(let why): return .couldNotTell(question, why)
        case .success(let answer):
            let texts = answer.records.compactMap { record in
                if case .txt(let txt) = record.data { txt.joined } else { nil }
            }
            guard let text = texts.first else { return .useless(at: name, "there is no TXT record") }
            guard texts.count == 1 else { return .useless(at: name, "there are \(texts.count) TXT records") }
            guard text.allSatisfy({ $0 == 32 || $0.isVisible }) else {
                return .useless(at: name, "the text is not plain ASCII")
            }
            var problems = Problems(text)
            _ = MacroString(reading: text[...], inExplanation: true, problems: &problems)
            if let problem = problems.list.first {
                return .useless(at: name, "the text has an error in column \(problem.column): \(problem.message)")
            }
            return .found(at: name)
        }
    }

    // MARK: The type of old

    /// RFC 7208 §3.1: type 99 was given up.
    static func typeSPF(at domain: DomainName, asking dns: inout Knowledge) -> RecordLookup<SPFRecord> {
        switch dns.outcome(domain, .spf) {
        case .failure(let why): return .couldNotTell(why)
        case .success(let answer) where answer.kind == .noSuchName: return .noSuchName
        case .success(let answer):
            let texts = answer.records.compactMap { record -> [UInt8]? in
                if case .unknown(.spf, let data) = record.data { Self.joined(data) } else { nil }
            }
            switch texts.count {
            case 0: return .none
            case 1: return .found(SPFRecord(texts[0]))
            default: return .multiple(texts.map(\.text))
            }
        }
    }

    /// Character-strings as in TXT (RFC 1035 §3.3.14).
    private static func joined(_ data: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var rest = data[...]
        while let length = rest.popFirst() {
            text += rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
        }
        return text
    }

    // MARK: Owners

    /// Of the names that do not exist, keeps those whose domain below the top level does not exist either: whoever
    /// registers it decides who sends. Below a suffix of several labels (`co.uk`) nothing is told.
    mutating func lookForOwners(asking dns: inout Knowledge) {
        var kept: [PlacedTerm] = []
        for placed in unregistered.prefix(20) {
            guard let target = placed.target, target.labelCount >= 2 else { continue }
            let owner = target.suffix(2)
            // A domain of one's own is known to be there.
            if domain.isWithin(owner) || owner.labels[1] == Array("arpa".utf8) { continue }
            switch dns.outcome(owner, .ns) {
            case .failure(let why): unknownOwners.append(UnknownLookup(Question(owner, .ns), why))
            case .success(let answer):
                if answer.kind == .noSuchName, answer.aliases.isEmpty {
                    var placed = placed
                    placed.target = owner
                    kept.append(placed)
                }
            }
        }
        unregistered = kept
    }
}

extension SPFAnalysis.AnswerSize {
    /// RFC 1035 §4.1: names behind the question are taken as compressed; EDNS adds 11 octets.
    init(_ domain: DomainName, _ answer: Answer) {
        self.domain = domain
        neededTCP = answer.truncatedThenTCP
        var octets = 12 + domain.wireLength + 4 + 11
        for record in answer.aliases {
            guard case .cname(let target) = record.data else { continue }
            octets += 12 + target.wireLength
        }
        for record in answer.records {
            guard case .txt(let txt) = record.data else { continue }
            octets += 12 + txt.strings.reduce(0) { $0 + 1 + $1.count }
        }
        self.octets = octets
    }
}
