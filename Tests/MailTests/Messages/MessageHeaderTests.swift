import Testing

@testable import Mail

@Suite("Headers, RFC 5322 §2.2")
struct MessageHeaderTests {
    @Test("Fields in order, folded and unfolded, with either line end", arguments: ["\r\n", "\n"])
    func reads(_ end: String) {
        let text = ["Received: one", "Subject: a", "\t b", " c ", "X-Empty:", "SUBJECT : d", "", "Body: no field", ""]
            .joined(separator: end)
        let message = Message(parsing: Array(text.utf8))
        #expect(message.header.fields.map(\.name) == ["Received", "Subject", "X-Empty", "SUBJECT"])
        #expect(message.header.fields.map(\.text) == ["one", "a\t b c", "", "d"])
        #expect(message.header.first("subject")?.text == "a\t b c")
        #expect(message.header.all("subject").count == 2)
        #expect(Array(message.body) == Array("Body: no field\(end)".utf8))
        #expect(message.header.cut == nil && message.header.strayLines == 0)
    }

    @Test(
        "Odd beginnings and ends",
        arguments: [
            ("", 0, 0), ("\r\n", 0, 0), ("Subject: x", 1, 0),
            ("From me Mon Jan  1 00:00:00 2024\nSubject: x\n\n", 1, 0),
            ("garbage\nSubject: x\n", 1, 1), (" folded first\nSubject: x\n", 1, 1), (": no name\nA: b\n", 1, 1),
            ("A b: c\nD: e\n", 1, 1), ("A: b\n\nC: d\n", 1, 0), ("Ä: b\nC: d\n", 1, 1),
        ])
    func odd(_ text: String, _ fields: Int, _ stray: Int) {
        let header = MessageHeader(parsing: Array(text.utf8))
        #expect(header.fields.count == fields)
        #expect(header.strayLines == stray)
    }

    @Test("Too many fields and too long a header are cut, with a word")
    func bounded() {
        let many = MessageHeader(parsing: Array(String(repeating: "A: b\n", count: 100_000).utf8))
        #expect(many.fields.count == MessageHeader.maximumFields && many.cut?.contains("20000 fields") == true)
        let long = Message(parsing: Array("A: b\n \(String(repeating: "x", count: 10_000_000))\nC: d\n\nbody".utf8))
        #expect(long.header.cut != nil && long.header.fields.count == 1)
        #expect(Array(long.body) == Array("body".utf8))
    }

    @Test(
        "A hostile megabyte takes no time",
        arguments: ["a", "a:", "\n ", ":\n", "Received: from (((( by ;;;; \n", "\r"])
    func fast(_ piece: String) {
        let octets = Array(String(repeating: piece, count: (1 << 20) / piece.utf8.count).utf8)
        let time = ContinuousClock().measure {
            let header = MessageHeader(parsing: octets)
            _ = Journey(header)
            _ = AuthenticationResults.claims(in: header, by: ["a.example"])
        }
        #expect(time < .seconds(10), "\(time)")
    }

    @Test("A field gives its octets exactly as written, and where they stand", arguments: ["\r\n", "\n"])
    func exact(_ end: String) {
        let written = ["A:b", "Subject :  a \(end)\t b\t", "X:"]
        let text = "From me\(end)" + written.joined(separator: end) + end + end + "body"
        let octets = Array(text.utf8)
        let message = Message(parsing: octets)
        #expect(message.header.fields.map { String(decoding: $0.octets, as: UTF8.self) } == written)
        for field in message.header.fields { #expect(Array(octets[field.range]) == Array(field.octets)) }
        #expect(
            message.header.fields.map { String(decoding: $0.rawValue, as: UTF8.self) } == ["b", "  a \(end)\t b\t", ""])
        #expect(message.header.fields[1].name == "Subject" && message.header.fields[1].isNamed("SUBJECT"))
        #expect(message.bodyStart == octets.count - 4)
        #expect(MessageHeader.Field(name: "A", rawValue: "b".utf8) == message.header.fields[0])
    }

    @Test("Encoded words of a field")
    func decoded() {
        let header = MessageHeader(
            parsing: Array("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n =?utf-8?q?_an?= alle\n\n".utf8))
        #expect(header["subject"] == "Grüße an alle")
    }
}
