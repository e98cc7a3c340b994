import Testing

@testable import DNS

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

private let example = """
    $ORIGIN example.org.
    $TTL 1h
    @       SOA ns1 hostmaster ( 2026112201 ; serial
                1h 10m 1w     ; refresh retry expire
                300 )         ; minimum
            NS  ns1
            MX  10 mail
        600 IN MX 20 mail.example.net.
            IN 600 TXT "v=spf1 mx -all"
    mail    A   192.0.2.1
            AAAA 2001:db8::1
    ns1     A   192.0.2.53
    www     CNAME mail
    far     CNAME mail.example.net.
    gone    CNAME nowhere
    loop1   CNAME loop2
    loop2   CNAME loop1
    a.b.c   TXT one "two three" "q\\"\\\\\\065;x"
    *.wild  TXT "any"
    here.wild A 192.0.2.9
    *.alias CNAME mail
    _443._tcp TLSA 3 1 1 ( 00ff
                           0102 )
    @       CAA 0 issue "ca.example.net"
    _imaps._tcp SRV 0 1 993 mail
    old     SPF "v=spf1 -all"
    odd     TYPE65280 \\# 4 0A00 0001
    raw     A \\# 4 c0000207
    broken  !timeout
    half    A 192.0.2.8
    half    MX !servfail
    half    !refused
    $SIGNED mail
    mail.example.net. A 192.0.2.2
    """

@Suite struct ZoneTests {
    let zone: Zone

    init() throws { zone = try Zone(example) }

    func look(_ owner: String, _ type: RecordType) -> Outcome { zone.lookUp(Question(name(owner), type)) }

    func data(_ owner: String, _ type: RecordType) throws -> [String] {
        try look(owner, type).get().records.map(\.data.description)
    }

    @Test(arguments: [
        ("example.org", RecordType.mx, ["10 mail.example.org.", "20 mail.example.net."]),
        ("EXAMPLE.org", .txt, ["\"v=spf1 mx -all\""]),
        ("example.org", .soa, ["ns1.example.org. hostmaster.example.org. 2026112201 3600 600 604800 300"]),
        ("mail.example.org", .aaaa, ["2001:db8::1"]), ("www.example.org", .a, ["192.0.2.1"]),
        ("far.example.org", .a, ["192.0.2.2"]), ("www.example.org", .cname, ["mail.example.org."]),
        ("a.b.c.example.org", .txt, ["\"one\" \"two three\" \"q\\\"\\\\A;x\""]),
        ("x.y.wild.example.org", .txt, ["\"any\""]), ("*.wild.example.org", .txt, ["\"any\""]),
        ("x.alias.example.org", .a, ["192.0.2.1"]), ("_443._tcp.example.org", .tlsa, ["3 1 1 00ff0102"]),
        ("example.org", .caa, ["0 issue \"ca.example.net\""]),
        ("_imaps._tcp.example.org", .srv, ["0 1 993 mail.example.org."]),
        ("old.example.org", .spf, ["\\# 12 0b763d73706631202d616c6c"]),
        ("odd.example.org", .other(65280), ["\\# 4 0a000001"]), ("raw.example.org", .a, ["192.0.2.7"]),
        ("half.example.org", .a, ["192.0.2.8"]),
    ])
    func `records are found`(owner: String, type: RecordType, expected: [String]) throws {
        #expect(try data(owner, type) == expected)
    }

    @Test(arguments: [
        ("mail.example.org", RecordType.mx, Answer.Kind.noData), ("nowhere.example.org", .a, .noSuchName),
        ("c.example.org", .a, .noData), ("b.c.example.org", .txt, .noData), ("org", .a, .noData),
        ("x.c.example.org", .a, .noSuchName), ("gone.example.org", .a, .noSuchName), ("com", .a, .noSuchName),
        // RFC 4592 §2.2.1: a name that exists, and what is below it, is not matched by the wildcard.
        ("here.wild.example.org", .txt, .noData), ("x.here.wild.example.org", .txt, .noSuchName),
        ("wild.example.org", .txt, .noData), ("x.wild.example.org", .a, .noData),
        ("_tcp.example.org", .txt, .noData),
    ])
    func `no such record and no such name are told apart`(owner: String, type: RecordType, kind: Answer.Kind) throws {
        let answer = try look(owner, type).get()
        #expect(answer.kind == kind && answer.records.isEmpty)
    }

    @Test(arguments: [
        ("broken.example.org", RecordType.mx, Unanswered.Reason.timedOut), ("broken.example.org", .a, .timedOut),
        ("half.example.org", .mx, .servfail), ("half.example.org", .txt, .refused),
        ("loop1.example.org", .a, .aliasLoop),
    ])
    func `planted failures and loops fail`(owner: String, type: RecordType, reason: Unanswered.Reason) {
        #expect(throws: Unanswered.self) { try look(owner, type).get() }
        if case .failure(let failure) = look(owner, type) { #expect(failure.reason == reason) }
    }

    @Test func `a failure at a name says nothing of the names below`() throws {
        #expect(try look("x.broken.example.org", .a).get().kind == .noSuchName)
    }

    @Test func `the TTL is the least on the way, and the negative one of RFC 2308`() throws {
        #expect(try look("example.org", .mx).get().ttl == 600)
        #expect(try look("mail.example.org", .mx).get().ttl == 300)
        #expect(try look("www.example.org", .a).get().aliases.map(\.type) == [.cname])
        #expect(try look("www.example.org", .a).get().canonicalName == name("mail.example.org"))
    }

    @Test func `answers for signed names are authenticated, those of unsigned ones on the way are not`() throws {
        #expect(try look("mail.example.org", .a).get().authenticated)
        #expect(try !look("www.example.org", .a).get().authenticated)
        #expect(try !look("example.org", .mx).get().authenticated)
    }

    @Test func `what is printed reads back as the same records`() throws {
        let again = try Zone(zone.text)
        #expect(again.records == zone.records)
        #expect(again.records.count == 25)
    }

    @Test func `records can be put in and taken out, and names without any are gone`() throws {
        var zone = Zone(records: [Record(name("a.b.c"), .a(IPv4Address(192, 0, 2, 1)))])
        #expect(try zone.lookUp(Question(name("b.c"), .a)).get().kind == .noData)
        zone.remove(name("a.b.c"), .a)
        #expect(try zone.lookUp(Question(name("b.c"), .a)).get().kind == .noSuchName)
        zone.merge(try Zone("x.y !refused\n$SIGNED x.y\nx.y TXT signed"))
        #expect(try zone.lookUp(Question(name("x.y"), .txt)).get().authenticated)
        #expect(throws: Unanswered.self) { try zone.lookUp(Question(name("x.y"), .a)).get() }
    }

    @Test func `lines may end in CR LF`() throws {
        let zone = try Zone("a.example A 192.0.2.1\r\n  A 192.0.2.2\r\n")
        #expect(zone.records.count == 2)
    }

    @Test(arguments: [
        ("a.example. A 192.0.2.256", 1, 14, "the address “192.0.2.256” is none of A"),
        ("\n\na.example. MX ten mail", 3, 15, "the preference “ten” is no number from 0 to 65535"),
        ("a MX 10", 1, 3, "the MX record lacks its exchange"),
        ("a MX 10 b c", 1, 11, "“c” is more than a MX record holds"),
        ("  A 192.0.2.1", 1, 5, "the first record has no owner"), ("a", 1, 1, "the line ends before a type"),
        ("a 300 IN", 1, 7, "the line ends before a type"), ("a WAT 1", 1, 3, "“WAT” is no record type"),
        ("a CH TXT x", 1, 3, "class CH is not served"), ("a 5x A 192.0.2.1", 1, 3, "“5x” is no TTL"),
        ("a 3000000000 A 192.0.2.1", 1, 3, "“3000000000” is no TTL"),
        ("a TXT \"open", 1, 7, "this quotation is not closed on its line"),
        ("a SOA x ( y", 1, 9, "this parenthesis is not closed"),
        ("a A 192.0.2.1 )", 1, 15, "a parenthesis is closed that was not opened"),
        ("ü TXT v=DMARC1; p=none", 1, 7, "the text ends at “;”, where a comment begins"),
        ("a TXT x\"y\"", 1, 8, "a quotation mark inside a word"),
        ("a TXT \"b\\256\"", 1, 9, "“\\256” is no escape: write \\. or three digits up to \\255"),
        (
            "a..b A 192.0.2.1", 1, 1,
            "the owner “a..b” is no domain name: two dots follow each other, or the name begins with a dot"
        ),
        ("$TTL", 1, 1, "$TTL lacks its value"), ("$INCLUDE x", 1, 1, "$INCLUDE is not read here"),
        ("$WAT x", 1, 1, "“$WAT” is no directive"), ("$ORIGIN a b", 1, 11, "$ORIGIN takes one value"),
        ("a !slow", 1, 3, "“!slow” is no failure to plant"),
        ("a !timeout now", 1, 12, "nothing follows a planted failure"),
        ("a CNAME b\na A 192.0.2.1", 2, 3, "a is an alias: it cannot have A records"),
        ("a A 192.0.2.1\na CNAME b", 2, 3, "a has A records: it cannot be an alias too"),
        ("a TYPE99 1 2", 1, 10, ""), ("a TLSA 3 1 1 abc", 1, 14, "the association has an odd number of digits"),
        ("a TLSA 3 1 1 xy", 1, 14, "the association “xy” is not hexadecimal"),
        ("a A \\# 4 0102", 1, 5, "2 octets where 4 are announced"),
        (
            "a A \\# 3 010203", 1, 5,
            "the octets are no A record: failed to read A.address at octet 0: the octets end before it does"
        ),
        ("a TYPE65280 foo", 1, 3, "the data of TYPE65280 is read only in the form of RFC 3597"),
        (
            "a TXT \u{22}" + String(repeating: "x", count: 256) + "\u{22}", 1, 7,
            "a string of 256 octets: 255 are allowed (RFC 1035 §3.3)"
        ),
    ])
    func `an error has its line, its column and its reason`(text: String, line: Int, column: Int, problem: String) {
        if problem.isEmpty {  // SPF takes any words
            #expect((try? Zone(text))?.records.count == 1)
            return
        }
        let error = #expect(throws: ZoneError.self) { try Zone(text) }
        #expect(error?.problem == problem)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test func `an error says what would be right, and shows the place`() {
        let error = #expect(throws: ZoneError.self) { try Zone("example.org. MX mail.example.org.") }
        #expect(
            error?.description
                == "line 1, column 17: the preference “mail.example.org.” is no number from 0 to 65535; "
                + "write as: MX 10 mail.example.org.")
        #expect(error?.excerpt == "example.org. MX mail.example.org.\n                ^")
    }

    @Test func `mutated zone text is read or refused`() async {
        var generator = SplitMix(state: 3)
        let seed = Array(example.utf8)
        var read = 0
        for _ in 0..<1000 {
            await Task.yield()
            var octets = seed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = generator.octet() & 0x7F
            }
            if (try? Zone(String(decoding: octets, as: UTF8.self))) != nil { read += 1 }
        }
        #expect(read > 50)
    }
}

@Suite struct ZoneAuthorityTests {
    let zone: Zone

    init() throws { zone = try Zone(example) }

    func ask(_ owner: String, _ type: RecordType) -> (query: Message, response: Message?) {
        let query = Message(asking: Question(name(owner), type), id: 7)
        return (query, zone.message(answering: query))
    }

    @Test func `an answer is authoritative and carries the chain`() throws {
        let (query, response) = ask("www.example.org", .a)
        let read = try Message(parsing: try #require(response).encoded(limit: query.udpLimit))
        #expect(read.isAuthoritative && read.mismatch(with: query) == nil)
        #expect(read.answers.map(\.type) == [.cname, .a])
        #expect(read.edns?.payloadSize == 1232)
    }

    @Test(arguments: [("mail.example.org", ResponseCode.noError), ("nowhere.example.org", .nameError)])
    func `a negative answer brings the SOA`(owner: String, rcode: ResponseCode) throws {
        let response = try #require(ask(owner, .mx).response)
        #expect(response.rcode == rcode)
        #expect(response.authority.map(\.type) == [.soa])
    }

    @Test func `planted failures become silence and codes`() {
        #expect(ask("broken.example.org", .a).response == nil)
        #expect(ask("half.example.org", .mx).response?.rcode == .serverFailure)
        #expect(ask("half.example.org", .txt).response?.rcode == .refused)
    }

    @Test func `every question answered over the wire means what the zone says`() throws {
        for owner in [
            "example.org", "www.example.org", "gone.example.org", "x.wild.example.org", "c.example.org", "com",
        ] {
            for type in [RecordType.a, .mx, .txt, .cname, .any] {
                let question = Question(name(owner), type)
                let query = Message(asking: question, id: 9)
                let response = try Message(parsing: try #require(zone.message(answering: query)).encoded())
                let expected = try zone.lookUp(question).get()
                guard case .answer(let answer) = response.interpreted(as: question) else {
                    Issue.record("no answer to \(question)")
                    continue
                }
                #expect(answer == expected, "\(question)")
            }
        }
    }

    @Test func `odd queries get an error, responses none`() {
        var query = Message(asking: Question(name("example.org"), .a), id: 7)
        query.opcode = 5
        #expect(zone.message(answering: query)?.rcode == .notImplemented)
        query.opcode = 0
        query.edns?.version = 1
        #expect(zone.message(answering: query)?.rcode == .badVersion)
        query.edns = nil
        query.questions = []
        #expect(zone.message(answering: query)?.rcode == .formatError)
        query.isResponse = true
        #expect(zone.message(answering: query) == nil)
    }
}
