import Judgement
import Testing

@testable import Rendering

@Suite("JSON is written")
struct JSONWriterTests {
    @Test(
        "Values in the compact form",
        arguments: [
            (nil, "null"), (true, "true"), (.integer(-7), "-7"), (.integer(Int.max), "9223372036854775807"),
            (.number(1.5), "1.5"), (.number(0.1 + 0.2), "0.3"), (.number(1.234_567_89), "1.234568"),
            (.number(0.000_012), "0.000012"), (.number(-0.000_012), "-0.000012"), (.number(1e-9), "0.0"),
            (.number(-0.0), "0.0"), (.number(3), "3.0"), (.number(.nan), "null"), (.number(-.infinity), "null"),
            (.number(1e300), "1e+300"), ([], "[]"), ([:], "{}"), ([1, [2, nil]], "[1,[2,null]]"),
            (["b": 1, "a": ["x"]], #"{"b":1,"a":["x"]}"#),
        ] as [(JSON, String)])
    func compact(value: JSON, expected: String) {
        #expect(JSONWriter.text(value) == expected)
    }

    @Test(
        "Strings hold nothing that acts on a terminal or breaks a line",
        arguments: [
            ("a\"b\\c", #""a\"b\\c""#), ("\r\n\t", #""\r\n\t""#), ("\u{1B}[0m\u{0}", #""\u001b[0m\u0000""#),
            ("\u{202E}\u{2028}\u{7F}\u{9B}", #""\u202e\u2028\u007f\u009b""#), ("\u{E0041}", #""\udb40\udc41""#),
            ("ä世😀", "\"ä世😀\""),
        ])
    func strings(value: String, expected: String) {
        #expect(JSONWriter.text(.string(value)) == expected)
    }

    @Test("The indented form keeps short lists on one line")
    func indented() {
        let value: JSON = ["a": [1, 2], "b": [["c": "d"], [:]], "e": []]
        #expect(
            JSONWriter.text(value, .indented) == """
                {
                  "a": [1, 2],
                  "b": [
                    {"c": "d"},
                    {}
                  ],
                  "e": []
                }
                """)
    }
}
