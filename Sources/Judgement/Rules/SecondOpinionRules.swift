import DNS

/// Two resolvers side by side: `checks/authority/resolvers-differ.md`.
enum SecondOpinionRules {
    static let all: [Rule] = [differ]

    static let differ = Rule.ofDomain("authority.resolvers-differ") { _, evidence in
        guard let opinion = evidence.secondOpinion else {
            return [Rule.inapplicable("no second resolver was asked (--second-resolver)", evidence)]
        }
        let rulings = opinion.entries.compactMap { entry -> Ruling? in
            let subject = Subject.domain(entry.question.name)
            switch entry.difference {
            case .records(let first, let second):
                return Ruling(subject, .finds(records(entry.question, first, second)))
            case .fails(let isFirst): return Ruling(subject, .finds(fails(entry, isFirst)))
            case nil:
                guard case .success = entry.first, case .success = entry.second else { return nil }
                return Ruling(subject, .passes)
            }
        }
        return rulings.isEmpty ? [Rule.inapplicable("one of the two resolvers did not answer", evidence)] : rulings
    }

    private static func records(_ question: Question, _ first: [String], _ second: [String]) -> Found {
        func told(_ records: [String]) -> String {
            records.isEmpty ? "nothing" : quoted(records.joined(separator: ", "))
        }
        return Found(
            "Two resolvers give different answers to \(question): \(told(first)), and the second one \(told(second)).",
            detail: [.init("first", .strings(first)), .init("second", .strings(second))],
            severity: first.isEmpty || second.isEmpty ? .warning : nil)
    }

    private static func fails(_ entry: SecondOpinion.Entry, _ isFirst: Bool) -> Found {
        Found(
            "\(isFirst ? "The first" : "The second") of two resolvers fails (SERVFAIL) where the other answers "
                + "\(entry.question).",
            detail: [.init("fails", .string(isFirst ? "first" : "second"))], severity: .warning,
            remedy:
                "A resolver that validates DNSSEC fails where signatures do not hold: look at `dnssec.bogus`, and at "
                + "`mailsonde dns query` with each of the two.")
    }
}
