import Testing

@testable import DNS

/// The vectors of RFC 9460 appendix D by what they say, and of RFC 3403.
@Suite struct ServiceBindingTests {
    private func data(_ text: String, _ type: RecordType = .svcb) throws -> RecordData {
        let zone = try Zone("$ORIGIN example.com.\n@ \(type) \(text)\n")
        return try #require(zone.records.first).data
    }

    private func wire(_ data: RecordData) -> [UInt8] {
        guard case .unknown(_, let octets) = data else { return [] }
        return octets
    }

    private static let foo: [UInt8] = [3] + Array("foo".utf8) + [7] + Array("example".utf8) + [3] + Array("com".utf8)
    private static let localhost: [UInt8] = [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11)

    /// As written, on the wire, and as it is written here.
    private static let vectors: [(String, [UInt8], String)] = [
        ("0 foo.example.com.", [0, 0] + foo + [0], "0 foo.example.com."),
        ("0 .", [0, 0, 0], "0 ."),
        ("1 .", [0, 1, 0], "1 ."),
        ("16 foo.example.com. port=53", [0, 16] + foo + [0, 0, 3, 0, 2, 0, 53], "16 foo.example.com. port=53"),
        (
            "1 foo.example.com. key667=hello", [0, 1] + foo + [0, 2, 0x9B, 0, 5] + Array("hello".utf8),
            "1 foo.example.com. key667=\"hello\""
        ),
        (
            "1 foo.example.com. key667=\"hello\\210qoo\"",
            [0, 1] + foo + [0, 2, 0x9B, 0, 9] + Array("hello".utf8) + [210] + Array("qoo".utf8),
            "1 foo.example.com. key667=\"hello\\210qoo\""
        ),
        (
            "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
            [0, 1] + foo + [0, 0, 6, 0, 32] + localhost + [1] + localhost.dropLast(3) + [0, 0x53, 0, 1],
            "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"
        ),
        (
            "1 example.com. ipv6hint=\"2001:db8:122:344::192.0.2.33\"",
            [0, 1, 7] + Array("example".utf8) + [3] + Array("com".utf8) + [0, 0, 6, 0, 16]
                + [0x20, 1, 0x0D, 0xB8, 1, 0x22, 3, 0x44, 0, 0, 0, 0, 192, 0, 2, 33],
            "1 example.com. ipv6hint=2001:db8:122:344::c000:221"
        ),
        (
            "16 foo.example.org. (alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1)",
            [0, 16, 3] + Array("foo".utf8) + [7] + Array("example".utf8) + [3] + Array("org".utf8) + [0]
                + [0, 0, 0, 4, 0, 1, 0, 4] + [0, 1, 0, 9, 2] + Array("h2".utf8) + [5] + Array("h3-19".utf8)
                + [0, 4, 0, 4, 192, 0, 2, 1],
            "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1"
        ),
        (
            #"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#,
            [0, 16, 3] + Array("foo".utf8) + [7] + Array("example".utf8) + [3] + Array("org".utf8) + [0]
                + [0, 1, 0, 12, 8] + Array(#"f\oo,bar"#.utf8) + [2] + Array("h2".utf8),
            #"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#
        ),
        (
            #"16 foo.example.org. alpn=f\\\092oo\092,bar,h2"#,
            [0, 16, 3] + Array("foo".utf8) + [7] + Array("example".utf8) + [3] + Array("org".utf8) + [0]
                + [0, 1, 0, 12, 8] + Array(#"f\oo,bar"#.utf8) + [2] + Array("h2".utf8),
            #"16 foo.example.org. alpn="f\\\\oo\\,bar,h2""#
        ),
    ]

    @Test(arguments: vectors)
    func `what is written becomes octets and is written again`(text: String, octets: [UInt8], again: String) throws {
        let data = try data(text)
        #expect(wire(data) == octets)
        #expect(data.description == again)
        #expect(try self.data(again) == data)
        #expect(ServiceBinding(wire: octets)?.wire == octets)
        let https = try self.data(text, .https)
        #expect(https.type == .https && https.description == again)
    }

    @Test(arguments: [
        "1 foo.example.com. (key123=abc key123=def)", "1 foo.example.com. mandatory", "1 foo.example.com. alpn",
        "1 foo.example.com. port", "1 foo.example.com. ipv4hint", "1 foo.example.com. ipv6hint",
        "1 foo.example.com. no-default-alpn=abc", "1 foo.example.com. mandatory=key123",
        "1 foo.example.com. mandatory=mandatory", "1 foo.example.com. (mandatory=key123,key123 key123=abc)",
        "1 foo.example.com. no-default-alpn", "1 foo.example.com. port=65536", "1 foo.example.com. alpn=h2,,h3",
        "1 foo.example.com. ipv4hint=192.0.2", "1 foo.example.com. key0443=a", "1 foo.example.com. keys=a", "1",
        "1 foo.example.com. key65535=a", "1 foo.example.com. alpn=\"h2\"x", "1 foo.example.com. \"port=53\"",
    ])
    func `what RFC 9460 forbids is refused`(text: String) {
        #expect(throws: ZoneError.self) { try Zone("example.com. SVCB \(text)\n") }
    }

    @Test(
        arguments: [
            [0, 1], [0, 1, 0, 0, 3, 0, 1, 1], [0, 1, 0, 0, 3, 0, 2, 0, 1, 0, 3, 0, 2, 0, 1],
            [0, 1, 0, 0, 1, 0, 2, 2, 104],
            [0, 1, 0, 0, 3, 0, 2, 0, 1, 0, 1, 0, 2, 1, 104], [0, 1, 0, 0, 4, 0, 0], [0, 1, 0xC0, 0],
            [0, 1, 0, 0, 3, 0],
        ] as [[UInt8]])
    func `RDATA that is none stays octets, and the answer it came with is read`(octets: [UInt8]) throws {
        let data = RecordData.unknown(type: .https, data: octets)
        #expect(data.description.hasPrefix("\\# \(octets.count) "))
        let owner = try DomainName("example.com")
        let answers = [Record(owner, data), Record(owner, .unknown(type: .https, data: [0, 1, 0]))]
        let message = Message(id: 1, isResponse: true, questions: [Question(owner, .https)], answers: answers)
        #expect(try Message(parsing: message.encoded()).answers == answers)
    }

    @Test(arguments: [
        (#"100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu."#, 45),
        (#"100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" ."#, 43),
    ])
    func `NAPTR is read and written`(text: String, count: Int) throws {
        let data = try data(text, .naptr)
        #expect(data.description == text)
        #expect(wire(data).count == count)
        #expect(NAPTR(wire: wire(data))?.wire == wire(data))
        for length in 0..<count { #expect(NAPTR(wire: Array(wire(data).prefix(length))) == nil) }
    }

    @Test func `types are known by their names`() {
        for (text, number) in [("SVCB", 64), ("https", 65), ("NAPTR", 35), ("SSHFP", 44), ("URI", 256)] {
            #expect(RecordType(text) == RecordType(number: UInt16(number)))
            #expect(RecordType(number: UInt16(number)).description == text.uppercased())
        }
        #expect(RecordType("AXFR") == nil && RecordType(number: 252).description == "TYPE252")
    }
}
