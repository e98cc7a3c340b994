import DNS
import Testing

@Suite struct SharedPartsTests {
    private let second: Int64 = 1_000_000_000

    private final class Part: Sendable {
        let number: Int
        init(_ number: Int) { self.number = number }
    }

    private func name(_ text: String) throws -> DomainName { try DomainName(text) }

    @Test func `A part is there for as long as it holds, and no longer`() throws {
        let parts = SharedParts<Part>(places: 16)
        let name = try name("mx1.provider.example")
        #expect(parts.part(of: name, at: 0) == nil)
        parts.keep(Part(7), for: name, seconds: 10, at: 5 * second)
        #expect(parts.part(of: name, at: 5 * second)?.part.number == 7)
        #expect(parts.part(of: name, at: 5 * second)?.seconds == 10)
        #expect(parts.part(of: name, at: 14 * second + 1)?.seconds == 1)
        #expect(parts.part(of: name, at: 15 * second) == nil)
    }

    @Test func `What holds for no time is not kept, and nothing is kept for more than an hour`() throws {
        let parts = SharedParts<Part>(places: 1)
        let name = try name("a.example")
        parts.keep(Part(1), for: name, seconds: 0, at: 0)
        #expect(parts.part(of: name, at: 0) == nil)
        parts.keep(Part(2), for: name, seconds: .max, at: 0)
        #expect(parts.part(of: name, at: 3_599 * second)?.part.number == 2)
        #expect(parts.part(of: name, at: 3_600 * second) == nil)
    }

    @Test func `A name never gets what was kept for another, however few places there are`() throws {
        let parts = SharedParts<Part>(places: 4)
        for number in 0..<1_000 {
            parts.keep(Part(number), for: try name("h\(number).example"), seconds: 60, at: 0)
            #expect(parts.part(of: try name("h\(number).example"), at: 0)?.part.number == number)
            if let (old, _) = parts.part(of: try name("h\(number / 2).example"), at: 0) {
                #expect(old.number == number / 2)
            }
        }
    }

    @Test func `Case is kept apart, as records show names the way they are written`() throws {
        let parts = SharedParts<Part>(places: 4)
        parts.keep(Part(1), for: try name("MX.example"), seconds: 60, at: 0)
        #expect(parts.part(of: try name("mx.example"), at: 0) == nil)
        #expect(parts.part(of: try name("MX.example"), at: 0)?.part.number == 1)
    }

    @Test func `Knowledge says how long what was looked up holds`() throws {
        let host = try name("mx.example")
        var known = Knowledge([
            Question(host, .a): .success(Answer(.noData, ttl: 300)),
            Question(host, .aaaa): .success(Answer(.noData, ttl: 20)),
            Question(host, .mx): .failure(Unanswered(.timedOut)),
        ])
        _ = known.outcome(host, .a)
        #expect(known.leastTTL == 300)
        _ = known.outcome(host, .aaaa)
        #expect(known.leastTTL == 20)
        _ = known.outcome(host, .mx)
        #expect(known.leastTTL == 0)
        known.leastTTL = .max
        _ = known.outcome(host, .txt)
        #expect(known.leastTTL == 0 && known.misses == 1)
    }
}
