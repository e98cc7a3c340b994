import Testing

@testable import Mail

@Suite("Canonicalization, RFC 6376 §3.4")
struct CanonicalizationTests {
    private func body(_ text: String, _ canonicalization: DKIMSignature.Canonicalization) -> String {
        var octets: [UInt8] = []
        Array(text.utf8).withUnsafeBufferPointer { buffer in
            canonicalization.forEachPiece(of: buffer) { octets += $0 }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test(
        "Bodies",
        arguments: [
            ("", "\r\n", ""), ("\r\n", "\r\n", ""), ("\r\n\r\n", "\r\n", ""), (" \r\n\t\r\n", " \r\n\t\r\n", ""),
            ("a", "a\r\n", "a\r\n"), ("a\r\n\r\n\r\n", "a\r\n", "a\r\n"),
            ("a\n\nb\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"),
            // RFC 6376 §3.4.5
            (" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"),
            ("a\tb\r\n", "a\tb\r\n", "a b\r\n"), ("  a\r\n", "  a\r\n", " a\r\n"),
            ("a \n b\n", "a \r\n b\r\n", "a\r\n b\r\n"),
            // A CR alone is text like any other.
            ("a\rb \r\n", "a\rb \r\n", "a\rb\r\n"), ("a \rb\r\n", "a \rb\r\n", "a \rb\r\n"),
            ("a\r", "a\r\r\n", "a\r\r\n"),
            ("a\r\r\n", "a\r\r\n", "a\r\r\n"), ("\na", "\r\na\r\n", "\r\na\r\n"), ("a \n \n", "a \r\n \r\n", "a\r\n"),
            ("a  ", "a  \r\n", "a\r\n"), ("\u{e9} \u{e9}", "\u{e9} \u{e9}\r\n", "\u{e9} \u{e9}\r\n"),
        ])
    func bodies(_ text: String, _ simple: String, _ relaxed: String) {
        #expect(Array(body(text, .simple).utf8) == Array(simple.utf8))
        #expect(Array(body(text, .relaxed).utf8) == Array(relaxed.utf8))
    }

    @Test("Long and mixed bodies are what the plain way makes of them")
    func plainly() {
        var dice = Dice(11)
        let pieces = ["word", " ", "  ", "\t", "\r\n", "\n", "\r", "\r\n\r\n", String(repeating: "x", count: 700)]
        for _ in 0..<3_000 {
            let count = Int.random(in: 0...40, using: &dice)
            let text = (0..<count).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
            #expect(Array(body(text, .relaxed).utf8) == plain(Array(text.utf8)))
        }
    }

    /// Line by line, as the standard says it.
    private func plain(_ octets: [UInt8]) -> [UInt8] {
        var lines: [[UInt8]] = [[]]
        for octet in octets {
            if octet == 10 {
                if lines[lines.count - 1].last == 13 { lines[lines.count - 1].removeLast() }
                lines.append([])
            } else {
                lines[lines.count - 1].append(octet)
            }
        }
        lines = lines.map { line in
            var kept: [UInt8] = []
            for octet in line {
                let plain = octet == 9 ? 32 : octet
                if plain == 32, kept.last == 32 { continue }
                kept.append(plain)
            }
            if kept.last == 32 { kept.removeLast() }
            return kept
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return Array(lines.map { $0 + [13, 10] }.joined())
    }

    @Test(
        "Header fields",
        arguments: [
            // RFC 6376 §3.4.5
            ("A: X", "A: X", "a:X"), ("B : Y\t\r\n\tZ  ", "B : Y\t\r\n\tZ  ", "b:Y Z"),
            ("SUBJect:  AbC\n  d", "SUBJect:  AbC\r\n  d", "subject:AbC d"), ("X:", "X:", "x:"),
            ("X: \r\n ", "X: \r\n ", "x:"),
            ("X:a\rb", "X:a\rb", "x:a\rb"),
        ])
    func fields(_ text: String, _ simple: String, _ relaxed: String) {
        let header = MessageHeader(parsing: Array((text + "\r\n\r\n").utf8))
        let field = header.fields[0]
        for (canonicalization, wanted) in [(DKIMSignature.Canonicalization.simple, simple), (.relaxed, relaxed)] {
            var octets: [UInt8] = []
            SignedFields.append(field, canonicalization, to: &octets)
            #expect(octets == Array(wanted.utf8))
        }
    }

    @Test("Names mean fields from the bottom, each once; what is not there means none")
    func selection() {
        let header = MessageHeader(parsing: Array("A: 1\r\nB: 2\r\nA: 3\r\nDKIM-Signature: 4\r\na: 5\r\n\r\n".utf8))
        let selection = HeaderSelection(header)
        #expect(selection.fields(["a", "a", "b", "a", "a", "c"], except: 3) == [4, 2, 1, 0])
        #expect(selection.fields(["dkim-signature"], except: 3) == [])
        #expect(selection.fields(["dkim-signature"], except: -1) == [3])
        #expect(selection.count("a") == 3)
    }
}
