package import DNS

/// What the DNS told of one thing: it is there, it is not there in one of two ways, or nobody could tell.
/// The four stay apart up to the report: "could not tell" is never "none".
package enum Told<Value: Sendable>: Sendable {
    case records(Value)
    /// The name exists, without a record of that type (RFC 2308 §2.2).
    case noData
    /// The name does not exist (RFC 2308 §2.1).
    case noSuchName
    case couldNotTell(Unanswered)

    /// The value, where there is one.
    package var value: Value? { if case .records(let value) = self { value } else { nil } }
    /// Why there is no answer, where there is none.
    package var unanswered: Unanswered? { if case .couldNotTell(let why) = self { why } else { nil } }
    /// Whether the DNS said for certain that there is no such record.
    package var isNone: Bool {
        switch self {
        case .noData, .noSuchName: true
        case .records, .couldNotTell: false
        }
    }

    /// The same with its value changed.
    package func map<Other>(_ transform: (Value) -> Other) -> Told<Other> {
        switch self {
        case .records(let value): .records(transform(value))
        case .noData: .noData
        case .noSuchName: .noSuchName
        case .couldNotTell(let why): .couldNotTell(why)
        }
    }
}

extension Told: Equatable where Value: Equatable {}
extension Told: Hashable where Value: Hashable {}

extension Told {
    /// What `outcome` tells, reading each record with `read`; an answer in which nothing can be read is no data.
    package init<Element>(_ outcome: Outcome, _ read: (RecordData) -> Element?) where Value == [Element] {
        switch outcome {
        case .failure(let why): self = .couldNotTell(why)
        case .success(let answer):
            let found = answer.records.compactMap { read($0.data) }
            switch answer.kind {
            case .noSuchName: self = .noSuchName
            case .noData: self = .noData
            case .records: self = found.isEmpty ? .noData : .records(found)
            }
        }
    }
}

extension Failure {
    /// Why the DNS could not tell about `question`.
    package init(_ unanswered: Unanswered, asking question: Question) {
        let cause: Cause
        let what: String
        switch unanswered.reason {
        case .timedOut: (cause, what) = (.dnsTimeout, "no name server answered in time")
        case .servfail: (cause, what) = (.dnsServfail, "the answer was SERVFAIL")
        case .refused: (cause, what) = (.dnsRefused, "the name server refused to answer")
        case .malformed: (cause, what) = (.dnsMalformed, "the answer could not be understood")
        case .closedEarly: (cause, what) = (.dnsEarlyClose, "the name server closed the connection before it answered")
        case .unreachable: (cause, what) = (.dnsUnreachable, "no name server could be reached")
        case .aliasLoop: (cause, what) = (.dnsMalformed, "CNAME records go round or on for too long")
        case .offline: (cause, what) = (.offline, "asking was forbidden (offline)")
        case .notAsked: (cause, what) = (.timeout, "it was not asked before the time was up")
        }
        // A detail that says no more than the sentence is left out: "SERVFAIL".
        let detail = unanswered.detail.prefix(200)
        self.init(
            cause, during: .dns,
            "\(question): \(what)" + (detail.isEmpty || what.contains(detail) ? "" : " (\(detail))"))
    }
}
