import DNS
import Testing

@testable import Mail

/// The zones of published suites: names with lists of records, and of failures to plant.
struct SuiteZone {
    private var names: [String: [Suites.Value]] = [:]

    init(_ value: Suites.Value?) {
        guard case .object(let fields)? = value else { return }
        for (name, entries) in fields { names[Self.key(name)] = entries.array ?? [entries] }
    }

    /// A zone of TXT records alone, by name.
    init(texts: Suites.Value?) {
        guard case .object(let fields)? = texts else { return }
        for (name, text) in fields { names[Self.key(name)] = [.object(["TXT": text])] }
    }

    private static func key(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    /// TXT, through CNAMEs; nothing else is asked for by those who use this.
    func lookUp(_ question: Question) -> Outcome {
        var aliases: [Record] = []
        var owner = question.name
        for _ in 0..<16 {
            let name = Self.key(owner.description)
            guard let entries = names[name] else {
                let isParent = names.keys.contains { $0.hasSuffix("." + name) }
                return .success(Answer(isParent ? .noData : .noSuchName, aliases: aliases))
            }
            let texts = entries.compactMap { $0["TXT"] }
            if !texts.isEmpty {
                let records = texts.map { Record(owner, ttl: 60, .txt(TXT(strings: Self.strings($0)))) }
                return .success(Answer(.records, records: records, aliases: aliases))
            }
            for case .string(let special) in entries {
                switch special {
                case "TIMEOUT": return .failure(Unanswered(.timedOut))
                case "SERVFAIL": return .failure(Unanswered(.servfail))
                case "REFUSED": return .failure(Unanswered(.refused))
                case "NXDOMAIN": return .success(Answer(.noSuchName, aliases: aliases))
                default: break
                }
            }
            guard let target = entries.compactMap({ $0["CNAME"]?.text }).first, let next = try? DomainName(target)
            else {
                return .success(Answer(.noData, aliases: aliases))
            }
            aliases.append(Record(owner, ttl: 60, .cname(next)))
            owner = next
        }
        return .failure(Unanswered(.aliasLoop))
    }

    private static func strings(_ value: Suites.Value) -> [[UInt8]] {
        (value.array ?? [value]).compactMap(\.octets)
    }

    /// Runs an analysis until it wants nothing more.
    func known<Result>(_ work: (inout Knowledge) -> Result) -> Result {
        var knowledge = Knowledge()
        var result = work(&knowledge)
        var waves = 0
        while !knowledge.wanted.isEmpty, waves < 60 {
            for question in knowledge.wanted { knowledge.learn(question, lookUp(question)) }
            waves += 1
            result = work(&knowledge)
        }
        return result
    }
}
