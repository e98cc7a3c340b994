internal import DNS

/// Outcomes by question, each for as long as it may be kept: answers by their TTL, negative ones by the SOA's
/// (RFC 2308 §5), failures for some seconds (§7: at most five minutes). It holds at most `capacity` of them, and about
/// `octetCapacity` octets. Keeping and letting go cost the same however much is kept: a hand goes round, lets what has
/// expired go, and of the rest what was not asked for since it came by last. While there is room everything is kept;
/// once it is full of what has not expired, only what is asked for a second time: a million names that are looked up
/// once do not wash out those that are needed again and again.
///
/// Times are nanoseconds of a clock that never goes back.
struct AnswerCache: ~Copyable {
    private struct Entry {
        var question: Question
        /// nil: the place is free.
        var outcome: Outcome?
        var hash: UInt64
        var kept: Int64
        var octets: Int
    }

    /// Longest times in seconds: a day, and the three hours of RFC 2308 §5.
    private static let longest = 86_400.0, longestNegative = 10_800.0

    private var entries: [Entry] = []
    /// When each entry expires, .max where the place is free; beside the entries, so that the hand sees many at once.
    private var expiries: [Int64] = []
    private var wasAskedFor: [Bool] = []
    private var free: [Int] = []
    private var table = QuestionTable()
    private var hand = -1
    private(set) var octets = 0
    /// Parts of the hashes of what was not kept, the latest at each place; empty until there is need of it.
    private var turnedAway: [UInt32] = []
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
        guard now < expiries[place] else {
            letGo(place)
            return nil
        }
        wasAskedFor[place] = true
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
        guard size <= octetCapacity, hasRoom(size) || admits(hash, size, at: now) else { return }
        let entry = Entry(question: question, outcome: outcome, hash: hash, kept: now, octets: size)
        let expiry = now + Int64(min(seconds, Self.longest) * 1e9)
        let place: Int
        if let known = free.popLast() {
            place = known
            entries[place] = entry
            expiries[place] = expiry
            wasAskedFor[place] = false
        } else {
            place = entries.count
            entries.append(entry)
            expiries.append(expiry)
            wasAskedFor.append(false)
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
        expiries[place] = .max
        free.append(place)
    }

    private func hasRoom(_ size: Int) -> Bool { count < capacity && octets + size <= octetCapacity }

    /// Makes room, unless it is the first time that this is asked for.
    private mutating func admits(_ hash: UInt64, _ size: Int, at now: Int64) -> Bool {
        sweep(at: now)
        if hasRoom(size) { return true }
        if turnedAway.isEmpty { turnedAway = Array(repeating: 0, count: 1 << (4 * capacity).bitWidthNeeded) }
        let place = Int(truncatingIfNeeded: hash) & (turnedAway.count - 1)
        let mark = UInt32(truncatingIfNeeded: hash >> 32) | 1
        guard turnedAway[place] == mark else {
            turnedAway[place] = mark
            return false
        }
        while !hasRoom(size) { evict() }
        return true
    }

    private mutating func moveOn() { hand = hand + 1 < entries.count ? hand + 1 : 0 }

    /// Looks at some entries from the hand on: what has expired goes.
    private mutating func sweep(at now: Int64) {
        for _ in 0..<min(8, entries.count) {
            moveOn()
            if now >= expiries[hand] { letGo(hand) }
        }
    }

    /// Lets the first go that was not asked for since the hand came by last. There is one at least.
    private mutating func evict() {
        for _ in 0...(2 * entries.count) {
            moveOn()
            guard expiries[hand] < .max else { continue }
            if !wasAskedFor[hand] { return letGo(hand) }
            wasAskedFor[hand] = false
        }
    }
}

extension Int {
    /// How many bits numbers below it take; at most 22.
    fileprivate var bitWidthNeeded: Int { Swift.min(22, Int.bitWidth - Swift.max(1, self - 1).leadingZeroBitCount) }
}

extension Outcome {
    /// About what it takes in memory, beside the value itself.
    fileprivate var octets: Int {
        switch self {
        case .failure(let failure): 64 + failure.detail.utf8.count
        case .success(let answer) where answer.holdsNothing: 32
        case .success(let answer):
            answer.aliases.reduce(answer.records.reduce(32) { $0 + $1.octets }) { $0 + $1.octets }
                + (answer.proof.map { ($0.answers + $0.authority).reduce(48) { $0 + 96 + $1.octets } } ?? 0)
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
            case .ds(let ds), .cds(let ds): 32 + ds.digest.count
            case .dnskey(let key), .cdnskey(let key): 32 + key.publicKey.count
            case .rrsig(let rrsig): 64 + rrsig.signer.wireLength + rrsig.signature.count
            case .nsec(let nsec): 128 + nsec.next.wireLength
            case .nsec3(let nsec3): 160 + nsec3.salt.count + nsec3.nextHash.count
            case .nsec3param(let parameters): 32 + parameters.salt.count
            case .a, .aaaa: 0
            }
        return MemoryLayout<Record>.stride + 32 + name.wireLength + data
    }
}
