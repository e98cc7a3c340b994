internal import DNS

/// Outcomes by question, each for as long as it may be kept: answers by their TTL, negative ones by the SOA's
/// (RFC 2308 §5), failures for some seconds (§7: at most five minutes). It holds at most `capacity` of them, and about
/// `octetCapacity` octets. Keeping and letting go cost the same however much is kept: a hand goes round, lets what has
/// expired go, and of the rest what was not asked for since it came by last.
///
/// Times are nanoseconds of a clock that never goes back.
struct AnswerCache: ~Copyable {
    private struct Entry {
        var question: Question
        /// nil: the place is free.
        var outcome: Outcome?
        var hash: UInt64
        var kept: Int64
        var expires: Int64
        var octets: Int
        var wasAskedFor: Bool
    }

    /// Longest times in seconds: a day, and the three hours of RFC 2308 §5.
    private static let longest = 86_400.0, longestNegative = 10_800.0

    private var entries: [Entry] = []
    private var free: [Int] = []
    private var table = QuestionTable()
    private var hand = -1
    private(set) var octets = 0
    let capacity: Int
    let octetCapacity: Int
    let failureTTL: Double

    init(capacity: Int, octetCapacity: Int = 64 << 20, failureTTL: Double) {
        self.capacity = capacity
        self.octetCapacity = octetCapacity
        self.failureTTL = failureTTL
    }

    var count: Int { table.count }

    private func find(_ question: Question, _ hash: UInt64) -> Int? {
        table.find(hash) { entries[$0].question == question }
    }

    /// What is kept, with the TTL that is left; it took no time now.
    mutating func outcome(_ question: Question, hash: UInt64, at now: Int64) -> Outcome? {
        guard count > 0, let place = find(question, hash) else { return nil }
        guard now < entries[place].expires else {
            letGo(place)
            return nil
        }
        entries[place].wasAskedFor = true
        guard case .success(var answer)? = entries[place].outcome else { return entries[place].outcome }
        let age = (now - entries[place].kept) / 1_000_000_000
        answer.ttl -= min(answer.ttl, UInt32(clamping: age))
        answer.seconds = 0
        return .success(answer)
    }

    mutating func keep(_ outcome: Outcome, for question: Question, hash: UInt64, at now: Int64) {
        let seconds = lifetime(of: outcome)
        guard capacity > 0, seconds > 0 else { return }
        if let old = find(question, hash) { letGo(old) }
        let size = 2 * MemoryLayout<Entry>.stride + question.name.wireLength + outcome.octets
        guard makeRoom(size, at: now) else { return }
        let entry = Entry(
            question: question, outcome: outcome, hash: hash, kept: now,
            expires: now + Int64(min(seconds, Self.longest) * 1e9), octets: size, wasAskedFor: false)
        let place: Int
        if let known = free.popLast() {
            place = known
            entries[place] = entry
        } else {
            place = entries.count
            entries.append(entry)
        }
        octets += size
        table.insert(hash, place)
    }

    private func lifetime(of outcome: Outcome) -> Double {
        switch outcome {
        case .success(let answer):
            min(Double(answer.ttl), answer.kind == .records ? Self.longest : Self.longestNegative)
        case .failure: min(failureTTL, 300)
        }
    }

    private mutating func letGo(_ place: Int) {
        table.remove(entries[place].hash, place)
        octets -= entries[place].octets
        entries[place].outcome = nil
        free.append(place)
    }

    /// False where one outcome is larger than all there may be.
    private mutating func makeRoom(_ size: Int, at now: Int64) -> Bool {
        guard size <= octetCapacity else { return false }
        while count >= capacity || octets + size > octetCapacity { advance(at: now) }
        return true
    }

    /// Looks at some entries from the hand on: what has expired goes; where nothing has, the first that was not asked
    /// for, or after one round any.
    private mutating func advance(at now: Int64) {
        var victim: Int?
        var looked = 0
        var hasExpired = false
        while looked < 8 || (victim == nil && !hasExpired) {
            hand = hand + 1 < entries.count ? hand + 1 : 0
            looked += 1
            guard entries[hand].outcome != nil else { continue }
            if now >= entries[hand].expires {
                letGo(hand)
                hasExpired = true
            } else if victim == nil {
                if entries[hand].wasAskedFor { entries[hand].wasAskedFor = false } else { victim = hand }
            }
        }
        if !hasExpired, let victim {
            letGo(victim)
            hand = victim
        }
    }
}

extension Outcome {
    /// About what it takes in memory, beside the value itself.
    fileprivate var octets: Int {
        switch self {
        case .failure(let failure): 64 + failure.detail.utf8.count
        case .success(let answer):
            answer.aliases.reduce(answer.records.reduce(32) { $0 + $1.octets }) { $0 + $1.octets }
        }
    }
}

extension Record {
    fileprivate var octets: Int {
        let data: Int =
            switch self.data {
            case .txt(let txt): txt.strings.reduce(32) { $0 + 48 + $1.count }
            case .unknown(_, let data): 32 + data.count
            case .tlsa(let tlsa): 32 + tlsa.association.count
            case .caa(let caa): 64 + caa.value.count
            case .ns(let name), .cname(let name), .dname(let name), .ptr(let name): 32 + name.wireLength
            case .mx(let mx): 32 + mx.exchange.wireLength
            case .srv(let srv): 32 + srv.target.wireLength
            case .soa(let soa): 64 + soa.primary.wireLength + soa.mailbox.wireLength
            case .a, .aaaa: 0
            }
        return MemoryLayout<Record>.stride + 32 + name.wireLength + data
    }
}
