import Testing

@testable import Networking

@Suite struct InboxTests {
    private func inbox(_ text: String, limit: Int = 1_000) -> Inbox {
        var inbox = Inbox(octetLimit: limit)
        inbox.append(Array(text.utf8))
        return inbox
    }

    private func line(_ inbox: inout Inbox, limit: Int = 100) throws(WireError) -> String? {
        try inbox.take(.line(limit: limit)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `lines come without their ends, in order`() throws {
        var inbox = inbox("220 mx\r\n250-a\r\n\r\n250 b\r\n")
        #expect(try line(&inbox) == "220 mx")
        #expect(try line(&inbox) == "250-a")
        #expect(try line(&inbox) == "")
        #expect(try line(&inbox) == "250 b")
        #expect(try line(&inbox) == nil)
        #expect(inbox.isEmpty)
        #expect(!inbox.sawBareLineFeed)
    }

    @Test func `a bare LF ends a line and is noted; a bare CR does not`() throws {
        var inbox = inbox("a\rb\r\nc\n")
        #expect(try line(&inbox) == "a\rb")
        #expect(!inbox.sawBareLineFeed)
        #expect(try line(&inbox) == "c")
        #expect(inbox.sawBareLineFeed)
    }

    @Test(arguments: 1...9)
    func `it does not matter how the octets are cut`(size: Int) throws {
        let octets = Array("220 mx\r\n250-a\r\n\r\n+ idling\r\nliteral\r\n".utf8)
        var inbox = Inbox(octetLimit: 1_000)
        var lines: [String] = []
        for start in stride(from: 0, to: octets.count, by: size) {
            inbox.append(octets[start..<min(start + size, octets.count)])
            while let line = try line(&inbox) { lines.append(line) }
        }
        #expect(lines == ["220 mx", "250-a", "", "+ idling", "literal"])
    }

    @Test func `a line may be as long as its limit, and no longer`() throws {
        var fits = inbox("12345\r\n")
        #expect(try line(&fits, limit: 5) == "12345")
        var long = inbox("123456\r\n")
        #expect(throws: WireError.lineTooLong(limit: 5)) { try line(&long, limit: 5) }
        // Nothing behind it is understood any more.
        #expect(throws: WireError.lineTooLong(limit: 5)) { try line(&long, limit: 100) }
    }

    @Test func `a line without end is too long as soon as it can't fit`() throws {
        var inbox = inbox("12345\r")
        #expect(try line(&inbox, limit: 5) == nil)
        inbox.append([UInt8(ascii: "6")])
        #expect(throws: WireError.lineTooLong(limit: 5)) { try line(&inbox, limit: 5) }
    }

    @Test func `counted octets may hold line ends`() throws {
        var inbox = inbox("ab\r\ncd\r\n")
        #expect(try inbox.take(.octets(6)) == Array("ab\r\ncd".utf8))
        #expect(try inbox.take(.octets(0)) == [])
        #expect(try inbox.take(.octets(3)) == nil)
        #expect(try line(&inbox) == "")
    }

    @Test func `what had arrived before the end can still be read`() throws {
        var inbox = inbox("421 too busy\r\nhalf a li")
        inbox.end(.closedByPeer)
        inbox.end(.timedOut)
        #expect(try line(&inbox) == "421 too busy")
        #expect(throws: WireError.closedByPeer) { try line(&inbox) }
        #expect(try inbox.take(.octets(4)) == Array("half".utf8))
        #expect(throws: WireError.closedByPeer) { try inbox.take(.octets(40)) }
    }

    @Test func `more than the limit of a connection is not kept`() throws {
        var inbox = Inbox(octetLimit: 20)
        inbox.append(Array("first\r\n".utf8))
        #expect(try line(&inbox) == "first")
        inbox.append(Array("second\r\nthird\r\nfourth\r\n".utf8))
        #expect(try line(&inbox) == "second")
        #expect(throws: WireError.tooMuch(limit: 20)) { try line(&inbox) }
        inbox.append(Array("more\r\n".utf8))
        #expect(throws: WireError.tooMuch(limit: 20)) { try line(&inbox) }
    }

    @Test func `a count that can't fit is not waited for`() throws {
        var inbox = inbox("0123456789", limit: 20)
        #expect(try inbox.take(.octets(20)) == nil)
        #expect(throws: WireError.tooMuch(limit: 20)) { try inbox.take(.octets(21)) }
        var huge = self.inbox("x", limit: 20)
        #expect(throws: WireError.tooMuch(limit: 20)) { try huge.take(.octets(.max)) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an endless line that comes octet by octet is looked at once`() async {
        var inbox = Inbox(octetLimit: 1_000_000)
        for round in 0..<100_000 {
            if round.isMultiple(of: 500) { await Task.yield() }
            inbox.append([65])
            _ = try? inbox.take(.line(limit: 1_000_000))
        }
        // Looking at all of it again for each octet would take 5,000,000,000 looks: minutes, and the time limit.
    }
}
