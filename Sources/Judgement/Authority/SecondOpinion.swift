package import DNS
internal import Mail

/// What another resolver says to the questions that a domain's mail rests on: of two that differ, one has something old,
/// something internal, or something that somebody put there.
package struct SecondOpinion: Sendable {
    /// One question, and what both came to.
    package struct Entry: Hashable, Sendable {
        package var question: Question
        package var first: Outcome
        package var second: Outcome
    }

    package var entries: [Entry]

    /// What is asked of the other resolver too: what senders and receivers go by, once what there is to ask is known.
    package static func questions(on domain: DomainEvidence) -> [Question] {
        if domain.existence == .noSuchName { return [] }
        let name = domain.domain
        let prefixes = ["_dmarc", "_mta-sts", "_smtp._tls"]
        let keys = domain.dkim.filter { $0.isGiven || $0.lookup.status.value != nil }.compactMap(\.lookup.name)
        return [Question(name, .mx), Question(name, .txt)]
            + prefixes.compactMap { try? name.prepending($0) }.map { Question($0, .txt) }
            + keys.prefix(8).map { Question($0, .txt) }
            + domain.hosts.prefix(5).flatMap { [Question($0.name, .a), Question($0.name, .aaaa)] }
    }

    init(_ seconds: [Question: Outcome], beside firsts: inout Knowledge) {
        entries = []
        for (question, second) in seconds.sorted(by: {
            ($0.key.name, $0.key.type.number) < ($1.key.name, $1.key.type.number)
        }) {
            entries.append(Entry(question: question, first: firsts.outcome(question), second: second))
        }
    }
}

extension SecondOpinion.Entry {
    /// How the two differ; nil where they agree, or where one of them tells nothing.
    package enum Difference: Hashable, Sendable {
        case records(first: [String], second: [String])
        /// One fails where the other answers: `SERVFAIL`, as of a resolver that validates what the other does not.
        case fails(isFirst: Bool)
    }

    package var difference: Difference? {
        switch (first, second) {
        case (.success(let first), .success(let second)):
            // What is only supposed (--overlay) is known to nobody else.
            if first.server == Overlay.server { return nil }
            let ours = text(first), theirs = text(second)
            if ours == theirs { return nil }
            // Addresses are handed out in turn, and by where who asks stands: only none and some are different.
            if question.type == .a || question.type == .aaaa, !ours.isEmpty, !theirs.isEmpty { return nil }
            return .records(first: ours, second: theirs)
        case (.failure(let why), .success): return why.reason == .servfail ? .fails(isFirst: true) : nil
        case (.success, .failure(let why)): return why.reason == .servfail ? .fails(isFirst: false) : nil
        case (.failure, .failure): return nil
        }
    }

    private func text(_ answer: Answer) -> [String] {
        let records = answer.records.map { Record(question.name, ttl: 0, $0.data) }
        return AuthorityAgreement.text(of: records, question) { isPolicy($0) }
    }

    /// Of the TXT records at a name those that mail goes by; other notes come and go.
    private func isPolicy(_ txt: TXT) -> Bool {
        let text = txt.text.lowercased()
        return text.hasPrefix("v=") || text.hasPrefix("k=") || text.hasPrefix("p=")
    }
}
