import DNS
import Testing

@testable import Networking

@Suite struct AnswerCacheTests {
    let start = ContinuousClock.now

    func question(_ index: Int) throws -> Question { Question(try DomainName("h\(index).example"), .a) }

    @Test func `the TTL that is handed out is what is left`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        let question = try question(1)
        cache.keep(.success(Answer(.records, ttl: 100, seconds: 0.5)), for: question, at: start)
        let kept = try #require(try cache.outcome(question, at: start + .seconds(40))?.get())
        #expect(kept.ttl == 60 && kept.seconds == 0)
        #expect(cache.outcome(question, at: start + .seconds(100)) == nil)
        #expect(cache.count == 0)
    }

    @Test func `negative answers are kept for three hours at most, records for a day`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        cache.keep(.success(Answer(.noSuchName, ttl: .max)), for: try question(1), at: start)
        cache.keep(.success(Answer(.records, ttl: .max)), for: try question(2), at: start)
        #expect(cache.outcome(try question(1), at: start + .seconds(10_801)) == nil)
        #expect(cache.outcome(try question(2), at: start + .seconds(10_801)) != nil)
        #expect(cache.outcome(try question(2), at: start + .seconds(86_401)) == nil)
    }

    @Test func `failures are kept briefly, a TTL of 0 not at all`() throws {
        var cache = AnswerCache(capacity: 10, failureTTL: 5)
        cache.keep(.failure(Unanswered(.servfail)), for: try question(1), at: start)
        cache.keep(.success(Answer(.records, ttl: 0)), for: try question(2), at: start)
        #expect(cache.outcome(try question(1), at: start + .seconds(4)) != nil)
        #expect(cache.outcome(try question(1), at: start + .seconds(6)) == nil)
        #expect(cache.outcome(try question(2), at: start) == nil)
    }

    @Test func `it never holds more than its capacity, and lets the expired go first`() throws {
        var cache = AnswerCache(capacity: 100, failureTTL: 5)
        for index in 0..<60 { cache.keep(.success(Answer(.records, ttl: 10)), for: try question(index), at: start) }
        let later = start + .seconds(11)
        for index in 60..<100 { cache.keep(.success(Answer(.records, ttl: 99)), for: try question(index), at: later) }
        cache.keep(.success(Answer(.records, ttl: 99)), for: try question(100), at: later)
        #expect(cache.count == 41)
        for index in 0..<5000 {
            cache.keep(.success(Answer(.records, ttl: 99)), for: try question(index), at: later)
            #expect(cache.count <= 100)
        }
    }
}
