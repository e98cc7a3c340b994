import Testing

@testable import Rendering

@Suite("Numbers in words")
struct WordingTests {
    @Test(
        "Lengths of time",
        arguments: [
            (0, "0 ms"), (0.000_4, "0.4 ms"), (0.038, "38 ms"), (0.999_4, "999 ms"), (0.999_9, "1.00 s"),
            (1.424, "1.42 s"), (9.996, "10.0 s"), (59.94, "59.9 s"), (75, "75 s"), (99.6, "1 min 40 s"),
            (185, "3 min 5 s"), (3_599.7, "1 h"), (7_800, "2 h 10 min"), (273_600, "3 d 4 h"), (-2, "−2.00 s"),
            (.infinity, "?"), (.nan, "?"),
        ] as [(Double, String)])
    func durations(seconds: Double, expected: String) {
        #expect(Wording.duration(seconds) == expected)
    }

    @Test(
        "Fixed digits",
        arguments: [(1.005, 1, "1.0"), (0.05, 1, "0.1"), (-0.001, 2, "0.00"), (-1.25, 1, "-1.3"), (12, 0, "12")])
    func fixed(number: Double, digits: Int, expected: String) {
        #expect(Wording.fixed(number, digits: digits) == expected)
    }

    @Test("Counts and lists")
    func counts() {
        #expect(Wording.count(0, "check") == "no checks")
        #expect(Wording.count(1, "check") == "1 check")
        #expect(Wording.count(2, "query", "queries") == "2 queries")
        #expect(Wording.list(["a", "b", "c"], "or") == "a, b or c")
        #expect(Wording.list([]) == "")
    }
}
