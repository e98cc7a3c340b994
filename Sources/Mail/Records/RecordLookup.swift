package import DNS

/// What came of looking for the one record of a kind at a name. The five outcomes stay five up to the report.
package enum RecordLookup<Value: Hashable & Sendable>: Hashable, Sendable {
    /// Exactly one record of the kind. It may still be full of problems.
    case found(Value)
    /// The name exists, or may: no record of the kind there.
    case none
    /// NXDOMAIN: the name does not exist.
    case noSuchName
    /// More than one; their texts, as published.
    case multiple([String])
    /// Nobody answered, so nothing is known of what exists.
    case couldNotTell(Unanswered)

    package var value: Value? { if case .found(let value) = self { value } else { nil } }
    package var unanswered: Unanswered? { if case .couldNotTell(let why) = self { why } else { nil } }

    /// The same with its value changed.
    package func map<Other>(_ transform: (Value) -> Other) -> RecordLookup<Other> {
        switch self {
        case .found(let value): .found(transform(value))
        case .none: .none
        case .noSuchName: .noSuchName
        case .multiple(let texts): .multiple(texts)
        case .couldNotTell(let why): .couldNotTell(why)
        }
    }
}

/// What came of looking for the one TXT record of a kind at one name, and what else stands there.
package struct RecordSearch<Value: Hashable & Sendable>: Hashable, Sendable {
    package var name: DomainName
    /// One of the kind, none, several, …
    package var lookup: RecordLookup<Value>
    /// The texts of TXT records there that are of another kind.
    package var others: [String]
    /// The name the records stand at, where CNAMEs led away (RFC 1034 §3.6.2).
    package var canonicalName: DomainName?

    package init(
        name: DomainName, lookup: RecordLookup<Value>, others: [String] = [], canonicalName: DomainName? = nil
    ) {
        self.name = name
        self.lookup = lookup
        self.others = others
        self.canonicalName = canonicalName
    }

    /// The same with its value changed.
    package func map<Other>(_ transform: (Value) -> Other) -> RecordSearch<Other> {
        RecordSearch<Other>(
            name: name, lookup: lookup.map(transform), others: others, canonicalName: canonicalName)
    }
}

package typealias TXTSearch = RecordSearch<TXT>

extension RecordSearch where Value == TXT {
    /// Asks for TXT at `name` and keeps the records of the kind that `isOfTheKind` knows by their joined octets.
    package init(at name: DomainName, asking knowledge: inout Knowledge, _ isOfTheKind: ([UInt8]) -> Bool) {
        switch knowledge.outcome(name, .txt) {
        case .failure(let why): self.init(name: name, lookup: .couldNotTell(why))
        case .success(let answer) where answer.holdsNothing:
            self.init(name: name, lookup: answer.kind == .noSuchName ? .noSuchName : .none)
        case .success(let answer):
            var matching: [TXT] = []
            var others: [String] = []
            for record in answer.records {
                guard case .txt(let txt) = record.data else { continue }
                if isOfTheKind(txt.joined) { matching.append(txt) } else { others.append(txt.text) }
            }
            let lookup: RecordLookup<TXT> =
                switch (answer.kind, matching.count) {
                case (.noSuchName, _): .noSuchName
                case (_, 0): .none
                case (_, 1): .found(matching[0])
                default: .multiple(matching.map(\.text))
                }
            self.init(name: name, lookup: lookup, others: others, canonicalName: answer.canonicalName)
        }
    }

    /// The same at `prefix` before `domain`; where that is too long for a name there can be no record.
    package init(
        at prefix: String, of domain: DomainName, asking knowledge: inout Knowledge,
        _ isOfTheKind: ([UInt8]) -> Bool
    ) {
        if let name = try? domain.prepending(prefix) {
            self.init(at: name, asking: &knowledge, isOfTheKind)
        } else {
            self.init(name: domain, lookup: .noSuchName)
        }
    }
}
