import Mail
import Testing

@Suite struct XMLElementTests {
    private func read(_ text: String) throws -> XMLElement { try XMLElement(document: Array(text.utf8)) }

    @Test func `Elements, attributes, text and references are read`() throws {
        let root = try read(
            "\u{FEFF}<?xml version='1.0'?>\r\n<!-- c --><a x=\"1 &amp; 2\" y:z='&#65;&#x42;'> t<b/><c> <![CDATA[<&]]> </c></a>\n"
        )
        #expect(root.name == "a" && root["x"] == "1 & 2" && root["y:z"] == "AB")
        #expect(root.children.map(\.name) == ["b", "c"])
        #expect(root.text(of: "c") == "<&")
        #expect(root.text == " t")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a x='1' x='2'/>", "<a>&evil;</a>", "<a>& b</a>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd' [<!ENTITY b SYSTEM 'x'>]><a/>", "<!DOCTYPE a", "<!DOCTYPE a '>",
        "<a><!ENTITY b 'c'></a>", "<a><!--", "<a x='<'/>", "< a/>", "<a>&#0;</a>", "<a>&#xD800;</a>", "</a>", "<a",
    ]) func `What is no plain document is refused`(text: String) {
        #expect(throws: XMLProblem.self) { try read(text) }
    }

    @Test(arguments: ["<!DOCTYPE a>", "<!DOCTYPE a PUBLIC \"-//W3C//DTD SVG 1.1//EN\" 'http://x.example/[>]'>\n"])
    func `A document type without declarations is passed over`(type: String) throws {
        #expect(try read(type + "<a b='c'/>")["b"] == "c")
    }

    @Test func `Depth and number are bounded, and nothing is slow`() {
        #expect(throws: XMLProblem.self) { try read(String(repeating: "<a>", count: 100_000)) }
        #expect(throws: XMLProblem.self) { try read("<a>" + String(repeating: "<b/>", count: 30_000) + "</a>") }
        #expect(throws: XMLProblem.self) { try read("<a>" + String(repeating: "<!--", count: 50_000)) }
        #expect(throws: XMLProblem.self) { try read("<a>" + String(repeating: "&", count: 100_000) + "</a>") }
    }

    @Test func `Any octets are read or refused, never more`() async {
        let octets = Array("<?xml version=\"1.0\"?><a b='c&lt;d'><e>f&#65;</e><![CDATA[x]]><!-- y --></a>".utf8)
        var state: UInt64 = 7
        for round in 0..<3000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            var mutated = octets
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                mutated[Int(state >> 33) % mutated.count] = UInt8(truncatingIfNeeded: state >> 16)
            }
            _ = try? XMLElement(document: mutated)
        }
    }
}
