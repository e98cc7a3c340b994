import Testing

@testable import DNS

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }
private let question = Question(name("www.example.org"), .a)
private let address = Record(name("mail.example.org"), ttl: 60, .a(IPv4Address(192, 0, 2, 1)))
private let alias = Record(name("WWW.example.org"), ttl: 30, .cname(name("mail.example.org")))
private func soa(_ owner: String, ttl: UInt32 = 900, minimum: UInt32 = 300) -> Record {
    Record(
        name(owner), ttl: ttl,
        .soa(SOA(primary: .root, mailbox: .root, serial: 1, refresh: 1, retry: 1, expire: 1, minimum: minimum)))
}

@Suite struct InterpretationTests {
    func response(
        _ rcode: ResponseCode = .noError, answers: [Record] = [], authority: [Record] = [], edns: EDNS? = nil
    ) -> Message {
        Message(
            id: 1, isResponse: true, recursionAvailable: true, rcode: rcode, questions: [question], answers: answers,
            authority: authority, edns: edns)
    }

    @Test func `a chain inside the response is followed, in any order of records and any case`() {
        let read = response(answers: [address, alias, address]).interpreted(as: question)
        #expect(read == .answer(Answer(.records, records: [address], aliases: [alias], ttl: 30)))
    }

    @Test func `records beside those asked for make it unknown whether these are all`() throws {
        let www = try DomainName("www.example.org")
        let elsewhere = Record(try DomainName("mail.example.net"), .a(IPv4Address(0xC000_0201)))
        let ofAnotherType = Record(try DomainName("mail.example.org"), .ns(www))
        for other in [elsewhere, ofAnotherType] {
            let read = response(answers: [alias, address, other]).interpreted(as: question)
            guard case .failed(let failure) = read else {
                Issue.record("\(read)")
                continue
            }
            #expect(failure.reason == .malformed)
        }
        var chaos = response(answers: [alias, address])
        chaos.otherClasses = [
            .init(section: .answers, name: www, type: .a, number: 3, ttl: 1, data: [1, 2, 3, 4])
        ]
        if case .answer = chaos.interpreted(as: question) { Issue.record("took what was left of it") }
        // What names the way, and signs it, belongs there.
        let dname = Record(try DomainName("example.org"), .dname(try DomainName("example.net")))
        let accompanied = response(answers: [dname, alias, address]).interpreted(as: question)
        #expect(accompanied == .answer(Answer(.records, records: [address], aliases: [alias], ttl: 30)))
    }

    @Test func `a chain that leaves the response says where to ask on`() {
        let read = response(answers: [alias]).interpreted(as: question)
        #expect(read == .continues(aliases: [alias], next: name("mail.example.org"), authenticated: false))
    }

    @Test func `a chain that ends in an SOA ends in no data`() {
        let read = response(answers: [alias], authority: [soa("example.org")]).interpreted(as: question)
        #expect(read == .answer(Answer(.noData, aliases: [alias], ttl: 30)))
    }

    @Test func `records of other names are not the answer`() {
        let other = Record(name("evil.example"), .a(IPv4Address(192, 0, 2, 66)))
        let read = response(answers: [other], authority: [soa("example.org")]).interpreted(as: question)
        #expect(read == .answer(Answer(.noData, ttl: 300)))
    }

    @Test(arguments: [ResponseCode.noError, .nameError])
    func `records of another class than the question are no word that there are none`(rcode: ResponseCode) {
        var chaos = response(rcode)
        chaos.otherClasses = [
            Message.OtherClass(
                section: .answers, name: name("www.example.org"), type: .a, number: 3, ttl: 60, data: [192, 0, 2, 1])
        ]
        guard case .failed(let failure) = chaos.interpreted(as: question) else {
            Issue.record("took records of the class CH for a word about the class IN")
            return
        }
        #expect(failure.reason == .malformed)
    }

    @Test(arguments: [ResponseCode.noError, .nameError])
    func `records that nobody asked for, with no SOA beside them, say nothing`(rcode: ResponseCode) {
        let strange = [
            [Record(name("evil.example"), .a(IPv4Address(192, 0, 2, 66)))],
            [Record(name("www.example.org"), .ns(name("ns.example.org")))],
        ]
        for answers in strange {
            guard case .failed(let failure) = response(rcode, answers: answers).interpreted(as: question) else {
                Issue.record("took \(answers) for a word about www.example.org")
                continue
            }
            #expect(failure.reason == .malformed)
        }
    }

    @Test(arguments: [(UInt32(900), UInt32(300), UInt32(300)), (100, 300, 100)])
    func `the negative TTL is the lesser of the SOA's TTL and its minimum`(
        ttl: UInt32, minimum: UInt32, expected: UInt32
    ) {
        let read = response(.nameError, authority: [soa("org", ttl: ttl, minimum: minimum)]).interpreted(as: question)
        #expect(read == .answer(Answer(.noSuchName, ttl: expected)))
    }

    @Test func `without an SOA, or with one of another branch, a negative answer is not kept`() {
        #expect(response(.nameError).interpreted(as: question) == .unfounded(Answer(.noSuchName, ttl: 0)))
        let read = response(.nameError, authority: [soa("example.net")]).interpreted(as: question)
        #expect(read == .unfounded(Answer(.noSuchName, ttl: 0)))
        #expect(response().interpreted(as: question) == .unfounded(Answer(.noData, ttl: 0)))
        let founded = response(authority: [soa("example.org")]).interpreted(as: question)
        guard case .answer(let answer) = founded else {
            Issue.record("\(founded)")
            return
        }
        #expect(answer.kind == .noData && answer.ttl > 0)
    }

    @Test func `the end of a chain may not exist`() {
        let read = response(.nameError, answers: [alias], authority: [soa("example.org")]).interpreted(as: question)
        #expect(read == .answer(Answer(.noSuchName, aliases: [alias], ttl: 30)))
    }

    @Test func `a loop is found`() {
        let back = Record(name("mail.example.org"), .cname(name("www.example.org")))
        guard case .failed(let failure) = response(answers: [alias, back]).interpreted(as: question) else {
            Issue.record("followed a loop")
            return
        }
        #expect(failure.reason == .aliasLoop)
    }

    @Test(arguments: [
        (ResponseCode.serverFailure, Unanswered.Reason.servfail), (.refused, .refused), (ResponseCode(9), .malformed),
    ])
    func `codes become reasons`(rcode: ResponseCode, reason: Unanswered.Reason) {
        #expect(response(rcode).interpreted(as: question) == .failed(Unanswered(reason, detail: "\(rcode)")))
    }

    @Test func `the server's own explanation is kept, escaped`() {
        let edns = EDNS(options: [EDNS.Option(code: 15, data: [0, 6] + Array("no \u{1b}[31m key".utf8))])
        let read = response(.serverFailure, edns: edns).interpreted(as: question)
        #expect(
            read == .failed(Unanswered(.servfail, detail: "SERVFAIL, DNSSEC bogus (EDE 6): no \\027[31m key")))
    }

    @Test func `format errors without OPT are about EDNS, with it they are failures`() {
        #expect(response(.formatError).interpreted(as: question) == .refusesEDNS)
        #expect(response(.badVersion, edns: EDNS()).interpreted(as: question) == .refusesEDNS)
        #expect(
            response(.formatError, edns: EDNS()).interpreted(as: question)
                == .failed(Unanswered(.malformed, detail: "FORMERR")))
    }

    @Test func `a referral is not an answer`() {
        var referral = response(authority: [Record(name("example.org"), .ns(name("ns1.example.org")))])
        referral.recursionAvailable = false
        guard case .failed(let failure) = referral.interpreted(as: question) else {
            Issue.record("took a referral for an answer")
            return
        }
        #expect(failure.reason == .malformed)
    }

    @Test func `truncation comes before all else`() {
        var truncated = response(.nameError)
        truncated.isTruncated = true
        #expect(truncated.interpreted(as: question) == .truncated)
    }

    @Test func `a response must match its query`() {
        let query = Message(asking: question, id: 1)
        #expect(response().mismatch(with: query) == nil)
        #expect(query.mismatch(with: query) == "not a response")
        var other = response()
        other.id = 2
        #expect(other.mismatch(with: query) == "another id")
        other.id = 1
        other.questions = [Question(question.name, .mx)]
        #expect(other.mismatch(with: query) == "another question")
        other.questions = []
        #expect(other.mismatch(with: query) == "another question")
        other.rcode = .refused
        #expect(other.mismatch(with: query) == nil)
    }
}
