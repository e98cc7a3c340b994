import Testing

@testable import Mail

@Suite("MIME parts, RFC 2046")
struct MIMEStructureTests {
    static func structure(_ lines: String..., end: String = "\r\n") -> MIMEStructure {
        MIMEStructure(Message(parsing: Array(lines.joined(separator: end).utf8)))
    }

    static func shape(_ structure: MIMEStructure) -> [String] {
        structure.parts.map { part in
            "\(part.path) \(part.type.essence) “\(String(decoding: structure.octets[part.body], as: UTF8.self))”"
        }
    }

    @Test("Parts within parts, with either line end", arguments: ["\r\n", "\n"])
    func nested(_ end: String) {
        let structure = Self.structure(
            "Content-Type: multipart/mixed; boundary=a", "", "preamble", "--a", "", "one", "--a",
            "Content-Type: multipart/alternative; boundary=\"a b\"", "", "--a b  ", "Content-Type: text/plain", "",
            "two",
            "--a b", "Content-Type: text/html", "", "three", "", "--a b--", "epilogue", "--a--", "after", end: end)
        #expect(structure.parts.map(\.path) == ["", "1", "2", "2.1", "2.2"])
        #expect(
            structure.parts.map(\.type.essence) == [
                "multipart/mixed", "text/plain", "multipart/alternative", "text/plain", "text/html",
            ])
        let bodies = structure.parts.map { String(decoding: structure.octets[$0.body], as: UTF8.self) }
        #expect(bodies[1] == "one" && bodies[3] == "two" && bodies[4] == "three\(end)")
        #expect(structure.parts.allSatisfy { $0.problems.isEmpty } && structure.cut == nil)
    }

    @Test("A boundary that begins like another is none; a missing end is noted, and the outer one ends it")
    func traps() {
        let structure = Self.structure(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: multipart/mixed; boundary=bb", "",
            "--bb",
            "", "in", "--bbb", "--b-", "--b", "", "out", "--b--")
        #expect(structure.parts.map(\.path) == ["", "1", "1.1", "2"])
        #expect(String(decoding: structure.octets[structure.parts[2].body], as: UTF8.self) == "in\r\n--bbb\r\n--b-")
        #expect(structure.parts[1].problems == ["its last boundary is missing"])
        #expect(structure.parts[0].problems.isEmpty)
    }

    @Test("A header that ends in a boundary has no body")
    func headless() {
        let structure = Self.structure(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "X: y", "--b", "Content-Type: text/html", "", "z",
            "--b--")
        #expect(structure.parts.map(\.type.essence) == ["multipart/mixed", "text/plain", "text/html"])
        #expect(structure.parts[1].body.isEmpty && structure.parts[1].header.fields.count == 1)
    }

    @Test("Messages within messages, and digests")
    func messages() {
        let structure = Self.structure(
            "Content-Type: multipart/digest; boundary=d", "", "--d", "", "Subject: inner", "", "hello", "--d",
            "Content-Type: message/rfc822", "", "Subject: second", "Content-Type: multipart/mixed; boundary=e", "",
            "--e", "",
            "deep", "--e--", "--d--")
        #expect(structure.parts.map(\.path) == ["", "1", "1.1", "2", "2.1", "2.1.1"])
        #expect(structure.parts[2].header["subject"] == "inner" && structure.parts[4].header["subject"] == "second")
        #expect(String(decoding: structure.octets[structure.parts[5].body], as: UTF8.self) == "deep")
    }

    @Test("Bounded: forty levels, ten thousand parts, no boundary at all")
    func bounded() {
        let deep = (0..<40).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        let nested = MIMEStructure(Message(parsing: Array(deep.utf8)))
        #expect(nested.cut?.contains("deep") == true && nested.parts.count <= MIMEStructure.maximumDepth + 1)
        let many = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 10_000)
        let wide = MIMEStructure(Message(parsing: Array(many.utf8)))
        #expect(wide.cut?.contains("1000 parts") == true && wide.parts.count == MIMEStructure.maximumParts)
        #expect(
            Self.structure("Content-Type: multipart/mixed", "", "x").parts[0].problems == [
                "a multipart without a boundary"
            ])
        let never = Self.structure("Content-Type: multipart/mixed; boundary=b", "", "x").parts[0]
        #expect(never.problems == ["its boundary never comes: no part of it was found"] && !never.isContainer)
    }

    @Test("A type without a subtype is text/plain, two boundaries in a row hold no part between them")
    func loose() {
        let old = Self.structure("Content-Type: text; charset=us-ascii", "", "x").parts[0]
        #expect(old.type.essence == "text/plain" && old.type.parameter("charset") == "us-ascii")
        #expect(old.problems == ["its type “text” has no subtype"])
        let twice = Self.structure(
            "Content-Type: multipart/mixed; boundary=b", "", "--b", "--b", "Content-Type: text/html", "", "x", "--b--")
        #expect(twice.parts.map(\.type.essence) == ["multipart/mixed", "text/html"] && twice.parts[1].path == "1")
    }

    @Test(
        "Transfer encodings, broken ones too",
        arguments: [
            ("quoted-printable", "a=3Db=\r\nc \r\nd=20\r\n", "a=b" + "c\r\nd \r\n", false),
            ("quoted-printable", "=zz=4", "=zz=4", true),
            ("Quoted-Printable", "x=  \ny", "xy", false), ("base64", "SGVs\r\nbG8=", "Hello", false),
            ("base64", "SGVsbG8", "Hello", true),
            ("base64", "SGVs*bG8=", "Hello", true), ("7bit", "=41", "=41", false), ("8BIT", "x", "x", false),
            ("x-uuencode", "begin", "begin", true), ("\"base64\"", "QQ==", "A", false),
            ("base64 (really)", "QQ==", "A", false),
        ])
    func encodings(_ name: String, _ written: String, _ meant: String, _ isBroken: Bool) {
        let (octets, broken) = TransferEncoding(name.utf8).decode(Array(written.utf8)[...])
        #expect(String(decoding: octets, as: UTF8.self) == meant)
        #expect(broken == isBroken)
    }

    @Test(
        "A hostile megabyte takes no time",
        arguments: ["--b\n", "--", "-", "\n", "=", "--b\n\n", "--b\nContent-Type: message/rfc822\n\n"])
    func fast(_ piece: String) {
        let head = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: quoted-printable\n\n"
        let octets = Array((head + String(repeating: piece, count: (1 << 20) / piece.utf8.count)).utf8)
        let time = ContinuousClock().measure { _ = MessageContents(Message(parsing: octets)) }
        #expect(time < .seconds(20), "\(time)")
    }
}
