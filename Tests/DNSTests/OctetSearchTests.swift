import DNS
import Testing

@Suite("Text in text")
struct OctetSearchTests {
    @Test(
        "The first place counts, octet by octet",
        arguments: [
            ("", "", 0), ("a", "", 0), ("", "a", nil), ("aab", "ab", 1), ("ab", "abc", nil), ("abcabd", "abd", 3),
            ("xxab", "ab", 2), ("aaaaab", "aab", 3), ("a\r\nb", "\nb", 2), ("é", "e", nil), ("e\u{301}", "e", 0),
            ("Relay access denied", "relay", nil),
        ] as [(String, String, Int?)])
    func offset(text: String, part: String, place: Int?) {
        #expect(text.utf8.offset(of: part.utf8) == place)
        #expect(Array(text.utf8).offset(of: part.utf8) == place)
        #expect(Array(text.utf8).offset(of: Array(part.utf8)) == place)
        #expect(Array(text.utf8)[...].offset(of: part.utf8.lazy.map { $0 }) == place)
        #expect(text.holds(part) == (place != nil))
    }

    @Test("It finds what the standard library finds in octets")
    func beside() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...30)).map { _ in UInt8.random(in: 97...99, using: &generator) }
            let part = (0..<Int.random(in: 1...4)).map { _ in UInt8.random(in: 97...99, using: &generator) }
            #expect(text.offset(of: part) == text.firstRange(of: part)?.lowerBound, "\(text) \(part)")
        }
    }
}
