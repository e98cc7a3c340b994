import Testing

@testable import DNS

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

private let everyKind: [RecordData] = [
    .a(IPv4Address(192, 0, 2, 1)), .aaaa(IPv6Address(high: 0x2001_0db8_0000_0000, low: 0x25)),
    .ns(name("ns1.example.org")), .cname(name("alias.example.org")), .dname(name("example.net")),
    .ptr(name("mail.example.org")), .mx(MX(preference: 10, exchange: name("mail.example.org"))),
    .mx(MX(preference: 0, exchange: .root)), .txt(TXT(strings: [Array("v=spf1 -all".utf8), [], [0, 255, 34, 92]])),
    .soa(
        SOA(
            primary: name("ns1.example.org"), mailbox: name("host\\.master.example.org"), serial: 4_294_967_295,
            refresh: 3600, retry: 600, expire: 86400, minimum: 300)),
    .srv(SRV(priority: 1, weight: 2, port: 993, target: name("imap.example.org"))),
    .tlsa(TLSA(usage: 3, selector: 1, matchingType: 1, association: Array(0...31))),
    .caa(CAA(flags: 128, tag: "issue", value: Array("ca.example.net; policy=x".utf8))),
    .unknown(type: .other(65280), data: [10, 0, 0, 1]), .unknown(type: .spf, data: [3, 97, 98, 99]),
    .unknown(type: .rrsig, data: []),
]

/// A message with everything in it.
private let fullMessage = Message(
    id: 0xBEEF, isResponse: true, isAuthoritative: true, recursionDesired: true, recursionAvailable: true,
    authenticData: true, rcode: ResponseCode(0x123), questions: [Question(name("Example.ORG"), .mx)],
    answers: everyKind.map { Record(name("example.org"), ttl: 300, $0) },
    authority: [Record(name("example.org"), .ns(name("ns1.example.org")))],
    additional: [Record(name("ns1.example.org"), .a(IPv4Address(192, 0, 2, 53)))],
    edns: EDNS(dnssecOK: true, options: [EDNS.Option(code: 15, data: [0, 6] + Array("bad sig".utf8))]))

@Suite struct MessageTests {
    @Test(arguments: everyKind) func `every kind of record survives the wire`(data: RecordData) throws {
        let message = Message(id: 1, questions: [], answers: [Record(name("a.b.example.org"), ttl: 5, data)])
        let read = try Message(parsing: message.encoded())
        #expect(read == message)
    }

    @Test func `a message with everything survives the wire`() throws {
        let read = try Message(parsing: fullMessage.encoded())
        #expect(read == fullMessage)
        #expect(read.rcode.number == 0x123)
        #expect(read.edns?.extendedErrors == [ExtendedError(code: 6, text: Array("bad sig".utf8))])
        #expect(read.flagNames == ["qr", "aa", "rd", "ra", "ad"])
    }

    @Test func `names are compressed, whatever their case`() throws {
        let plain = Message(
            id: 1, questions: [Question(name("example.org"), .mx)],
            answers: [Record(name("EXAMPLE.org"), .mx(MX(preference: 10, exchange: name("mail.Example.org"))))])
        // header 12, question 13+4, answer: pointer 2 + 10 + preference 2 + label 5 + pointer 2
        #expect(plain.encoded().count == 12 + 17 + 2 + 10 + 2 + 5 + 2)
        #expect(try Message(parsing: plain.encoded()) == plain)
    }

    @Test func `a query has RD and AD set and asks for 1232 octets`() {
        let octets = Message(asking: Question(name("a"), .txt), id: 0x0102).encoded()
        #expect(
            octets == [1, 2, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1] + [1, 97, 0, 0, 16, 0, 1]
                + [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `what does not fit is left out, and TC says so`() throws {
        let records = (0..<100).map { Record(name("example.org"), .a(IPv4Address(10, 0, 0, UInt8($0)))) }
        let message = Message(
            id: 1, isResponse: true, questions: [Question(name("example.org"), .a)], answers: records, edns: EDNS())
        let octets = message.encoded(limit: 512)
        let read = try Message(parsing: octets)
        #expect(octets.count <= 512 && read.isTruncated && read.answers.isEmpty && read.edns != nil)
        #expect(try Message(parsing: message.encoded()).answers.count == 100)
    }

    @Test func `additional records that do not fit are left out without TC`() throws {
        let extra = (0..<100).map { Record(name("example.org"), .a(IPv4Address(10, 0, 0, UInt8($0)))) }
        let octets = Message(id: 1, additional: extra, edns: EDNS()).encoded(limit: 512)
        let read = try Message(parsing: octets)
        #expect(octets.count <= 512 && !read.isTruncated && (1..<100).contains(read.additional.count))
    }

    @Test func `no message exceeds 65535 octets, whatever is in it`() throws {
        let big = TXT(strings: Array(repeating: Array(repeating: 120, count: 255), count: 300))
        let octets = Message(id: 1, answers: [Record(name("example.org"), .txt(big))]).encoded()
        #expect(try Message(parsing: octets).isTruncated)
    }

    static let header: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]

    static func answer(_ type: UInt8, _ data: [UInt8], length: Int? = nil) -> [UInt8] {
        header + [1, 97, 0, 0, type, 0, 1, 0, 0, 0, 9, 0, UInt8(length ?? data.count)] + data
    }

    @Test(
        arguments: [
            ([0], "header.id", MessageError.Problem.endsEarly),
            ([0, 1, 2], "header.flags", .endsEarly),
            ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], "header.arcount", .endsEarly),
            (header, "record.name", .endsEarly),
            (answer(15, [0]), "MX.preference", .endsEarly),
            (answer(15, [0, 10]), "MX.exchange", .endsEarly),
            (answer(15, [0, 10, 0, 7]), "MX.rdata", .leftOver(1)),
            (answer(15, [0, 10, 0xC0, 27]), "MX.exchange", .pointerNotBackwards),
            (answer(15, [0, 10, 0xC0, 200]), "MX.exchange", .pointerNotBackwards),
            (answer(15, [0, 10, 0x41, 0]), "MX.exchange", .unknownLabelType),
            (answer(1, [192, 0, 2]), "A.address", .endsEarly),
            (answer(1, [192, 0, 2, 1, 0]), "A.rdata", .leftOver(1)),
            (answer(28, [1, 2, 3]), "AAAA.address", .endsEarly),
            (answer(16, []), "TXT.string", .endsEarly),
            (answer(16, [5, 1, 2]), "TXT.string", .endsEarly),
            (answer(16, [0], length: 200), "TXT.rdata", .endsEarly),
            (answer(33, [0, 1, 0, 2, 0]), "SRV.port", .endsEarly),
            (answer(41, []), "OPT", .invalid("there may be one, additional, at the root")),
            (answer(1, [192, 0, 2, 1]) + [9], "message", .leftOver(1)),
        ] as [([UInt8], String, MessageError.Problem)])
    func `an error names the field`(octets: [UInt8], field: String, problem: MessageError.Problem) {
        let error = #expect(throws: MessageError.self) { try Message(parsing: octets) }
        #expect(error?.field == field)
        #expect(error?.problem == problem)
    }

    @Test(arguments: [[], [3], [3, 1]] as [[UInt8]])
    func `a TLSA record too short for its fields is kept as octets`(octets: [UInt8]) throws {
        let message = try Message(parsing: Self.answer(52, octets))
        #expect(message.answers.map(\.data) == [.unknown(type: .tlsa, data: octets)])
        #expect(message.answers.first?.data.description.hasPrefix("\\# \(octets.count)") == true)
        #expect(try Message(parsing: message.encoded()).answers == message.answers)
    }

    @Test func `an error says which record it is in`() {
        let error = #expect(throws: MessageError.self) { try Message(parsing: Self.answer(15, [0])) }
        #expect(
            error?.description
                == "failed to read answers[0] MX.preference at octet 25: the octets end before it does")
    }

    @Test func `what is of another class stands aside`() throws {
        let chaos = try Message(parsing: [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + [0, 0, 16, 0, 3])
        #expect(chaos.questions == [])
        #expect(chaos.otherClasses.map(\.number) == [3])
        var octets = Self.answer(1, [1])
        octets[18] = 3
        let message = try Message(parsing: octets)
        #expect(message.answers == [])
        #expect(message.otherClasses.map(\.data) == [[1]])
        #expect(message.otherClasses.first?.section == .answers)
    }

    @Test func `a TTL with the top bit set counts as 0`() throws {
        var octets = Self.answer(1, [192, 0, 2, 1])
        octets[19] = 0x80
        #expect(try Message(parsing: octets).answers.first?.ttl == 0)
    }

    @Test func `compression loops end`() {
        let selfPointer = Self.header + [0xC0, 12]
        let pair = Self.header + [0xC0, 14, 0xC0, 12]
        let growing = Self.header + [1, 97, 0xC0, 12, 0, 1]
        for octets in [selfPointer, pair, growing] {
            let error = #expect(throws: MessageError.self) { try Message(parsing: octets) }
            #expect(error?.problem == .pointerNotBackwards)
        }
    }

    @Test func `a long ladder of pointers is read in bounded time, and a name over 255 octets is refused`() throws {
        // Each step adds a label of 63 and points at the step before.
        var octets: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]
        var previous = 0
        var body: [UInt8] = [0]
        for _ in 0..<6 {
            let here = 24 + body.count
            body += [63] + Array(repeating: 97, count: 63) + [0xC0, UInt8(previous == 0 ? 24 : previous)]
            previous = here & 0xFF
        }
        octets += [0, 0xFE, 0, 0, 1, 0, 0, 0, 0] + [UInt8(body.count >> 8), UInt8(body.count & 255)]
        _ = try? Message(parsing: octets + body)
        var reader = WireReader(Array(repeating: 63, count: 400))
        let error = #expect(throws: MessageError.self) { try reader.name("x") }
        #expect(error?.problem == .nameTooLong)
    }

    @Test func `twenty thousand mutated messages are read or refused, and what is read is written and read again`()
        async throws
    {
        var generator = SplitMix(state: 42)
        let seeds = [
            fullMessage.encoded(), Message(asking: Question(name("a.example"), .a), id: 7).encoded(),
            Self.answer(15, [0, 10, 0xC0, 12]),
        ]
        var read = 0, rewritten = 0
        for round in 0..<20_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            var octets = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: octets[Int.random(in: 0..<octets.count, using: &generator)] = generator.octet()
                case 1: octets.removeLast(Int.random(in: 0..<min(octets.count, 9), using: &generator))
                case 2: octets.insert(generator.octet(), at: Int.random(in: 0...octets.count, using: &generator))
                default: octets[Int.random(in: 0..<octets.count, using: &generator)] ^= 1 << (generator.octet() & 7)
                }
                if octets.isEmpty { octets = [0] }
            }
            guard let message = try? Message(parsing: octets) else { continue }
            read += 1
            _ = message.interpreted(as: message.questions.first ?? Question(.root, .a))
            _ = message.answers.map(\.description)
            var again = message
            again.isTruncated = false
            again.otherClasses = []
            if try Message(parsing: again.encoded()) == again { rewritten += 1 }
        }
        #expect(read > 1000)
        #expect(rewritten == read)
    }
}

/// A small generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func octet() -> UInt8 { UInt8(truncatingIfNeeded: next()) }
}
