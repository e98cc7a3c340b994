internal import DNS

/// Outcomes by question, each for as long as it may be kept: answers by their TTL, negative ones by the SOA's
/// (RFC 2308 §5), failures for some seconds (§7: at most five minutes). It holds at most `capacity` of them.
struct AnswerCache {
    private struct Entry {
        var outcome: Outcome
        var kept: ContinuousClock.Instant
        var expires: ContinuousClock.Instant
    }

    /// Longest times in seconds: a day, and the three hours of RFC 2308 §5.
    private static let longest = 86_400.0, longestNegative = 10_800.0

    private var entries: [Question: Entry] = [:]
    let capacity: Int
    let failureTTL: Double

    init(capacity: Int, failureTTL: Double) {
        self.capacity = capacity
        self.failureTTL = failureTTL
    }

    var count: Int { entries.count }

    /// What is kept, with the TTL that is left; it took no time now.
    mutating func outcome(_ question: Question, at now: ContinuousClock.Instant) -> Outcome? {
        guard let entry = entries[question] else { return nil }
        guard now < entry.expires else {
            entries[question] = nil
            return nil
        }
        return entry.outcome.map { answer in
            var answer = answer
            let age = (now - entry.kept) / .seconds(1)
            answer.ttl -= min(answer.ttl, UInt32(max(0, age)))
            answer.seconds = 0
            return answer
        }
    }

    mutating func keep(_ outcome: Outcome, for question: Question, at now: ContinuousClock.Instant) {
        let seconds = lifetime(of: outcome)
        guard capacity > 0, seconds > 0 else { return }
        if entries.count >= capacity, entries[question] == nil { makeRoom(at: now) }
        entries[question] = Entry(outcome: outcome, kept: now, expires: now + .seconds(seconds))
    }

    private func lifetime(of outcome: Outcome) -> Double {
        switch outcome {
        case .success(let answer):
            min(Double(answer.ttl), answer.kind == .records ? Self.longest : Self.longestNegative)
        case .failure: failureTTL
        }
    }

    /// What has expired goes; where nothing has, an eighth of the rest, as the hash happens to order it.
    private mutating func makeRoom(at now: ContinuousClock.Instant) {
        entries = entries.filter { now < $0.value.expires }
        guard entries.count >= capacity else { return }
        for question in entries.keys.prefix(max(1, capacity / 8)) { entries[question] = nil }
    }
}
