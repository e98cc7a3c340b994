import Judgement
import Testing

@Suite("JSON is read as RFC 8259 has it")
struct JSONReadingTests {
    @Test(
        "Values",
        arguments: [
            ("null", JSON.null), (" true ", true), ("false\n", false), ("0", 0), ("-12", -12), ("1.5", 1.5),
            ("1e3", 1000.0), ("-0.25E+2", -25.0), ("[]", []), ("{}", [:]), ("[1, [2]]", [1, [2]]),
            (#"{"a": 1, "b": {"c": "d"}}"#, ["a": 1, "b": ["c": "d"]]),
            (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, "\"\\/\u{8}\u{C}\n\r\té😀"), (#""\ud83d x""#, "\u{FFFD} x"),
            ("\"Grüße\"", "Grüße"), ("\u{FEFF}1", 1), ("123456789012345678901", 123456789012345678901.0),
        ] as [(String, JSON)])
    func values(text: String, value: JSON) throws {
        #expect(try JSON(reading: Array(text.utf8)) == value)
    }

    @Test(
        "What is none is refused, with its place",
        arguments: [
            ("", 1, 1), ("[1,]", 1, 4), ("{\"a\" 1}", 1, 6), ("{\n \"a\": 1,\n \"a\": 2}", 3, 2), ("01", 1, 1),
            ("1.", 1, 1), ("+1", 1, 1), ("nul", 1, 1), ("\"a", 1, 1), ("\"\\x\"", 1, 2), ("[1 2]", 1, 4), ("1 2", 1, 1),
            ("\"a\nb\"", 1, 3), ("[NaN]", 1, 2), ("1e999", 1, 1), ("'a'", 1, 1), ("{a: 1}", 1, 2),
        ] as [(String, Int, Int)])
    func refused(text: String, line: Int, column: Int) {
        do {
            let value = try JSON(reading: Array(text.utf8))
            Issue.record("read as \(value)")
        } catch {
            #expect((error.line, error.column) == (line, column), "\(error)")
        }
    }

    @Test("Octets that are no UTF-8 are refused, and values a thousand deep")
    func hostile() {
        #expect(throws: JSONReadingError.self) { try JSON(reading: [34, 0xC3, 34]) }
        #expect(throws: JSONReadingError.self) {
            try JSON(reading: Array(repeating: UInt8(ascii: "["), count: 100_000))
        }
    }

    @Test("Values one after another, as in JSON Lines")
    func lines() throws {
        #expect(try JSON.sequence(reading: Array("{\"a\":1}\n{\"a\":2}\n".utf8)) == [["a": 1], ["a": 2]])
        #expect(try JSON.sequence(reading: []) == [])
    }

    @Test("Any octets are read or refused")
    func mutated() {
        var generator = SystemRandomNumberGenerator()
        let text = Array(#"{"a": [1, -2.5e3, "x\u00e9\n", null, true], "b": {"c": [[]]}}"#.utf8)
        for _ in 0..<3_000 {
            var octets = text
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            _ = try? JSON(reading: Array(octets.prefix(Int.random(in: 0...octets.count, using: &generator))))
        }
    }
}
