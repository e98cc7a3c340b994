import Testing

@testable import DNS

@Suite struct DomainNameTests {
    @Test(arguments: [
        ("example.org", ["example", "org"]), ("example.org.", ["example", "org"]), (".", []),
        ("_dmarc.Example.ORG", ["_dmarc", "Example", "ORG"]), ("a\\.b.org", ["a.b", "org"]),
        ("a\\046b.org", ["a.b", "org"]), ("*.org", ["*", "org"]), ("münchen.example", ["xn--mnchen-3ya", "example"]),
        ("MÜNCHEN.example", ["xn--mnchen-3ya", "example"]), ("mu\u{308}nchen.example", ["xn--mnchen-3ya", "example"]),
        ("例え。テスト", ["xn--r8jz45g", "xn--zckzah"]), ("\u{212A}elvin.org", ["kelvin", "org"]),
    ])
    func `text becomes labels`(text: String, labels: [String]) throws {
        #expect(try DomainName(text).labels == labels.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("", DomainNameError.empty), ("..", .emptyLabel), (".org", .emptyLabel), ("a..b", .emptyLabel),
        ("a\\", .badEscape("\\")), ("a\\25", .badEscape("\\25")), ("a\\256", .badEscape("\\256")),
        ("a\\1x2", .badEscape("\\1x2")),
        (String(repeating: "a", count: 64) + ".org", .labelTooLong(String(repeating: "a", count: 64))),
        (String(repeating: "a.", count: 128), .nameTooLong(257)),
    ])
    func `text that is no name says why`(text: String, error: DomainNameError) {
        #expect(throws: error) { try DomainName(text) }
    }

    @Test func `127 labels of one octet and a whole of 255 octets are allowed`() throws {
        let name = try DomainName(String(repeating: "a.", count: 127))
        #expect(name.labelCount == 127 && name.wireLength == 255)
        #expect(throws: DomainNameError.nameTooLong(257)) { try name.prepending("b") }
    }

    @Test func `letters are equal in either case, nothing else is`() throws {
        #expect(try DomainName("EXAMPLE.org") == DomainName("example.ORG"))
        #expect(try Set([DomainName("A.b"), DomainName("a.B")]).count == 1)
        // [ and { differ by the same bit as letters do; so do @ and `.
        #expect(try DomainName("a[.org") != DomainName("a{.org"))
        #expect(try DomainName("\\@.org") != DomainName("`.org"))
    }

    @Test func `octets of a Kelvin sign on the wire are not a k`() throws {
        let kelvin = try DomainName(labels: [Array("\u{212A}".utf8)])
        #expect(try kelvin != DomainName("k"))
        #expect(try kelvin != DomainName("K"))
        #expect(kelvin.description == "\\226\\132\\170")
        #expect(try DomainName(kelvin.description) == kelvin)
    }

    @Test func `where one label ends and the next begins makes a difference`() throws {
        #expect(try DomainName("ab.c") != DomainName("a.bc"))
        #expect(try DomainName(labels: [[97, 1, 98]]) != DomainName("a.b"))
        #expect(try !DomainName(labels: [[1, 98]]).isWithin(DomainName("b")))
    }

    @Test func `what is printed reads back as the same name`() async throws {
        var generator = SplitMix(state: 7)
        for round in 0..<2000 {
            if round.isMultiple(of: 50) { await Task.yield() }
            let labels = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                (0..<Int.random(in: 1...20, using: &generator)).map { _ in generator.octet() }
            }
            let name = try DomainName(labels: labels)
            let text = name.description
            #expect(text.utf8.allSatisfy { (33...126).contains($0) })
            #expect(try DomainName(text).labels == labels)
        }
    }

    @Test func `suffixes, parents and what stands below`() throws {
        let name = try DomainName("a.b.example.org")
        #expect(name.parent?.description == "b.example.org")
        #expect(name.suffix(2).description == "example.org")
        #expect(name.suffix(0).isRoot && name.suffix(9) == name && name.suffix(-1).isRoot)
        #expect(try name.isWithin(DomainName("EXAMPLE.org")) && name.isWithin(name) && name.isWithin(.root))
        #expect(try !name.isWithin(DomainName("ample.org")) && !DomainName("org").isWithin(name))
        #expect(DomainName.root.parent == nil)
    }

    @Test func `the order is that of RFC 4034`() throws {
        let names = [
            "example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
            "\\001.z.example", "*.z.example", "\\200.z.example",
        ]
        let read = try names.map { try DomainName($0) }
        #expect(read.shuffled().sorted().map(\.description) == read.map(\.description))
    }

    @Test(arguments: [
        ("mail.example.org", true), ("MX-1.example.org", true), ("1.example.org", true), ("localhost", true),
        ("-a.example.org", false), ("a-.example.org", false), ("a_b.example.org", false), ("a b.example.org", false),
        ("*.example.org", false), ("example.123", false), (".", false), ("xn--mnchen-3ya.example", true),
    ])
    func `host names are of letters, digits and inner hyphens`(text: String, isHostName: Bool) throws {
        #expect(try DomainName(text).isHostName == isHostName)
    }

    @Test(arguments: [
        ("192.0.2.1", DomainNameError.isAddress("192.0.2.1")), ("::1", .isAddress("::1")), (".", .empty),
        ("exa mple.org", .notAHostLabel("exa\\032mple")), ("a.\u{1b}[31m", .notAHostLabel("\\027[31m")),
        ("1.2.3", .numericTop("3")), ("_dmarc.example.org", .notAHostLabel("_dmarc")),
    ])
    func `what is no host name is refused with a reason`(text: String, error: DomainNameError) {
        #expect(throws: error) { try DomainName(hostName: text) }
    }

    @Test func `underscores are allowed where they are asked for`() throws {
        #expect(try DomainName(hostName: "_dmarc.example.org", underscores: true).labelCount == 3)
    }

    /// RFC 3492 §7.1, in lower case where the RFC's examples annotate upper case.
    @Test(arguments: [
        (
            "\u{0644}\u{064A}\u{0647}\u{0645}\u{0627}\u{0628}\u{062A}\u{0643}\u{0644}\u{0645}\u{0648}\u{0634}\u{0639}\u{0631}\u{0628}\u{064A}\u{061F}",
            "egbpdaj6bu4bxfgehfvwxn"
        ),
        ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"), ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
        ("pročprostěnemluvíčesky", "proprostnemluvesky-uyb24dma41a"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"),
        ("यहलोगहिन्दीक्योंनहींबोलसकतेहैं", "i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd"),
        ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
        ("세계의모든사람들이한국어를이해한다면얼마나좋을까", "989aomsvi5e83db1d2a355cv1e0vak1dwrv93d5xbh15a0dt30a5jpsd879ccm6fea98c"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("porquénopuedensimplementehablarenespañol", "porqunopuedensimplementehablarenespaol-fmd56a"),
        ("tạisaohọkhôngthểchỉnóitiếngviệt", "tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g"),
        ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ("安室奈美恵-with-super-monkeys", "-with-super-monkeys-pc58ag80a8qai00g7n9n"),
        ("hello-another-way-それぞれの場所", "hello-another-way--fc4qua05auwb3674vfr0b"),
        ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"), ("majiでkoiする5秒前", "majikoi5-783gue6qz075azm5e"),
        ("パフィーdeルンバ", "de-jg4avhby1noc0d"), ("そのスピードで", "d9juau41awczczp"), ("-> $1.00 <-", "-> $1.00 <--"),
    ])
    func `Punycode gives the samples of RFC 3492`(text: String, encoded: String) {
        #expect(String(decoding: Punycode.encode(text), as: UTF8.self) == encoded)
    }

    @Test(arguments: ["MX", "mx", "TYPE15", "type15"]) func `types are read in any case and by number`(text: String) {
        #expect(RecordType(text) == .mx)
    }

    @Test(arguments: ["", "TYPE", "TYPE65536", "TYPE+1", "ſrv", "M X"]) func `other text is no type`(text: String) {
        #expect(RecordType(text) == nil)
    }

    @Test func `plain text is written as the description has it, and nothing else is`() throws {
        for text in [
            "a", "example.org", "_25._tcp.mx-1.Example.ORG", "xn--bcher-kva.test",
            String(repeating: "a", count: 63) + ".b",
        ] {
            let name = try DomainName(text)
            let octets = [UInt8](unsafeUninitializedCapacity: 300) { buffer, count in
                count = name.writePlainText(to: buffer) ?? 0
            }
            #expect(String(decoding: octets, as: UTF8.self) == name.description)
        }
        for name in [
            DomainName.root, try DomainName(labels: [Array("a b".utf8)]),
            try DomainName(labels: [Array("a.b".utf8), [0]]),
        ] {
            var room = [UInt8](repeating: 0, count: 300)
            #expect(room.withUnsafeMutableBufferPointer { name.writePlainText(to: $0) } == nil)
        }
        var little = [UInt8](repeating: 0, count: 10)
        let name = try DomainName("example.org")
        #expect(little.withUnsafeMutableBufferPointer { name.writePlainText(to: $0) } == nil)
    }
}
