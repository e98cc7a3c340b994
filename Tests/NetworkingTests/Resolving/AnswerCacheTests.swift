import DNS
import Testing

@testable import Networking

@Suite struct AnswerCacheTests {
    let start: Int64 = 1_000_000_000_000

    func question(_ index: Int) throws -> Question { Question(try DomainName("h\(index).example"), .a) }
    func hash(_ question: Question) -> UInt64 { question.name.hash(seed: 7) }
    func later(_ seconds: Int64) -> Int64 { start + seconds * 1_000_000_000 }

    private func keep(_ outcome: Outcome, _ index: Int, in cache: inout AnswerCache, at now: Int64) throws {
        let question = try question(index)
        cache.keep(outcome, for: question, hash: hash(question), at: now)
    }

    private func outcome(_ index: Int, in cache: inout AnswerCache, at now: Int64) throws -> Outcome? {
        let question = try question(index)
        return cache.outcome(question, hash: hash(question), at: now)
    }

    @Test func `the TTL that is handed out is what is left`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        try keep(.success(Answer(.records, ttl: 100, seconds: 0.5)), 1, in: &cache, at: start)
        let kept = try #require(try outcome(1, in: &cache, at: later(40))?.get())
        #expect(kept.ttl == 60 && kept.seconds == 0)
        #expect(try outcome(1, in: &cache, at: later(100)) == nil)
        #expect(cache.count == 0)
        #expect(cache.octets == 0)
    }

    @Test func `negative answers are kept for three hours at most, records for a day`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        try keep(.success(Answer(.noSuchName, ttl: .max)), 1, in: &cache, at: start)
        try keep(.success(Answer(.records, ttl: .max)), 2, in: &cache, at: start)
        #expect(try outcome(1, in: &cache, at: later(10_801)) == nil)
        #expect(try outcome(2, in: &cache, at: later(10_801)) != nil)
        #expect(try outcome(2, in: &cache, at: later(86_401)) == nil)
    }

    @Test func `failures are kept briefly, a TTL of 0 not at all`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        try keep(.failure(Unanswered(.servfail)), 1, in: &cache, at: start)
        try keep(.success(Answer(.records, ttl: 0)), 2, in: &cache, at: start)
        #expect(try outcome(1, in: &cache, at: later(4)) != nil)
        #expect(try outcome(1, in: &cache, at: later(6)) == nil)
        #expect(try outcome(2, in: &cache, at: start) == nil)
    }

    @Test func `it never holds more than its capacity, and lets the expired go first`() throws {
        var cache = AnswerCache(capacity: 100, failureTTL: 5)
        for index in 0..<60 { try keep(.success(Answer(.records, ttl: 10)), index, in: &cache, at: start) }
        for index in 60..<100 { try keep(.success(Answer(.records, ttl: 99)), index, in: &cache, at: later(11)) }
        for index in 100..<160 { try keep(.success(Answer(.records, ttl: 99)), index, in: &cache, at: later(11)) }
        for index in 60..<160 { #expect(try outcome(index, in: &cache, at: later(12)) != nil, "\(index)") }
        for index in 0..<5000 {
            try keep(.success(Answer(.records, ttl: 99)), index, in: &cache, at: later(11))
            #expect(cache.count <= 100)
        }
    }

    @Test func `what is asked for stays while others come and go`() throws {
        var cache = AnswerCache(capacity: 100, failureTTL: 5)
        try keep(.success(Answer(.records, ttl: 99)), 0, in: &cache, at: start)
        for index in 1..<2000 {
            try keep(.success(Answer(.records, ttl: 99)), index, in: &cache, at: start)
            #expect(try outcome(0, in: &cache, at: start) != nil)
        }
    }

    @Test func `once it is full, what is asked for a second time comes in`() throws {
        var cache = AnswerCache(capacity: 100, failureTTL: 5)
        for index in 0..<100 { try keep(.success(Answer(.records, ttl: 99)), index, in: &cache, at: start) }
        try keep(.success(Answer(.records, ttl: 99)), 1000, in: &cache, at: start)
        #expect(try outcome(1000, in: &cache, at: start) == nil)
        try keep(.success(Answer(.records, ttl: 99)), 1000, in: &cache, at: start)
        #expect(try outcome(1000, in: &cache, at: start) != nil)
        #expect(cache.count == 100)
    }

    @Test func `its size in octets is bounded too, and what is larger than all is not kept`() throws {
        var cache = AnswerCache(capacity: 10_000, octetCapacity: 100_000, failureTTL: 5)
        let text = RecordData.txt(TXT(String(repeating: "x", count: 4000)))
        for index in 0..<500 {
            let name = try question(index).name
            try keep(
                .success(Answer(.records, records: [Record(name, text)], ttl: 99)), index, in: &cache, at: start)
            #expect(cache.octets <= 100_000)
        }
        #expect(cache.count > 8 && cache.count < 25)
        let huge = (0..<100).map { _ in Record(.root, text) }
        try keep(.success(Answer(.records, records: huge, ttl: 99)), 9999, in: &cache, at: start)
        #expect(try outcome(9999, in: &cache, at: start) == nil)
        #expect(cache.count > 8)
    }

    @Test func `names that differ in case are one, other names and types are others`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        let lower = Question(try DomainName("mail.example"), .a), upper = Question(try DomainName("MAIL.Example"), .a)
        #expect(hash(lower) == hash(upper))
        cache.keep(.success(Answer(.records, ttl: 9)), for: lower, hash: hash(lower), at: start)
        #expect(cache.outcome(upper, hash: hash(upper), at: start) != nil)
        // The same hash on purpose.
        #expect(cache.outcome(Question(lower.name, .mx), hash: hash(lower), at: start) == nil)
        #expect(cache.outcome(Question(try DomainName("nail.example"), .a), hash: hash(lower), at: start) == nil)
    }
}
