import Mail
import Testing

@Suite struct InflatingTests {
    static let long = """
        H4sIAAAAAAACA4XVuQ1CQQxF0ZwqXAJeHks5EwwC6QsQOKB8RAHciW925GW73aft7XGxYT0/bX0dba/5nKPfu+1XHWtgTayFVVgP\
        WI9YT1jPrLHAYi1nLmcvZzBnMWcyZzNnNGe1YLVYzBirBasFqwWrBasFqwWrBaslqyWr5WI1WS1ZLVktWS1ZLVktWa1YrVitWK0W\
        F43VitWK1YrVitWK1cRqYjWxmlhNi0fAamI1sZpYTX/VvjLoqK86BwAA
        """

    private func inflated(_ text: String, limit: Int = 100_000) -> String? {
        guard case .success(let octets) = Base64.decode(text.utf8) else { return nil }
        return Inflating.gzip(octets, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `Blocks with codes of their own, with usual codes, and stored ones are read`() {
        let text = (0..<60).map { "line \($0) of a text that repeats\n" }.joined()
        #expect(inflated(Self.long) == text)
        #expect(inflated("H4sIAAAAAAACAyvOyC8qAQCikCiPBQAAAA==") == "short")
        #expect(inflated("H4sIAAAAAAAEAwENAPL/c3RvcmVkIG9jdGV0c0iaUJwNAAAA") == "stored octets")
    }

    @Test func `More than the limit is not given, nor is what breaks off`() {
        #expect(inflated(Self.long, limit: 500) == nil)
        guard case .success(let octets) = Base64.decode(Self.long.utf8) else { return }
        for length in 0..<(octets.count - 12) { #expect(Inflating.gzip(Array(octets[..<length]), limit: 9999) == nil) }
    }

    @Test func `Any octets are read or refused, never more`() async {
        guard case .success(let octets) = Base64.decode(Self.long.utf8) else { return }
        var state: UInt64 = 3
        for round in 0..<1000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            var mutated = octets
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            mutated[10 + Int(state >> 33) % (mutated.count - 10)] = UInt8(truncatingIfNeeded: state >> 16)
            _ = Inflating.gzip(mutated, limit: 10_000)
        }
    }
}
