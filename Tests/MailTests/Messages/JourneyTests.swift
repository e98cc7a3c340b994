import DNS
import Testing

@testable import Mail

@Suite("The journey of a message")
struct JourneyTests {
    private let start = Timestamp(year: 2025, month: 1, day: 1)

    /// Hops by host and seconds after the start; nil for a hop without a date.
    private func hops(_ seconds: [Double?]) -> [Received] {
        seconds.enumerated().compactMap { index, second in
            let date = second.map { "; " + Self.date(start + $0) } ?? ""
            return Received(
                "from h\(index).example ([192.0.2.\(index + 1)]) by h\(index + 1).example with ESMTP id \(index)\(date)"
            )
        }
    }

    private static func date(_ moment: Timestamp) -> String {
        let c = moment.civil
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return
            "\(c.day) \(months[c.month - 1]) \(c.year) \(c.hour):\(c.minute < 10 ? "0" : "")\(c.minute):\(c.second < 10 ? "0" : "")\(c.second) +0000"
    }

    @Test("Clocks that agree: delays as they are")
    func plain() {
        let journey = Journey(received: hops([0, 2, 2, 30]))
        #expect(journey.hops.map(\.delay) == [nil, 2, 0, 28])
        #expect(journey.hops.map(\.correctedDelay) == [nil, 2, 0, 28])
        #expect(journey.transit == 30)
        #expect(journey.hops.allSatisfy { $0.explanation == nil && $0.skew == 0 })
        #expect(journey.hops.map(\.role) == [.submission, .relay, .relay, .delivery])
    }

    @Test("A clock 75 s ahead gives +75 then −75: it is found and put right")
    func ahead() {
        let journey = Journey(received: hops([0, 75, 0]))
        #expect(journey.hops.map(\.delay) == [nil, 75, -75])
        #expect(journey.hops.map(\.correctedDelay) == [nil, 0, 0])
        #expect(journey.hops[1].skew == 75)
        #expect(journey.hops[1].explanation?.contains("75 s ahead") == true)
        #expect(journey.hops[1].explanation?.contains("h2.example") == true)
        #expect(journey.transit == 0)
    }

    @Test("A clock behind gives − then +")
    func behind() {
        let journey = Journey(received: hops([0, -40, 3]))
        #expect(journey.hops.map(\.correctedDelay) == [nil, 0, 3])
        #expect(journey.hops[1].skew == -40)
        #expect(journey.hops[1].explanation?.contains("behind") == true)
    }

    @Test("Several hops of one wrong clock keep their distances")
    func group() {
        var fields = hops([0, 75, 78, 4])
        fields[2].by = fields[1].by
        let journey = Journey(received: fields)
        #expect(journey.hops.map(\.correctedDelay) == [nil, 1, 3, 0])
        #expect(journey.transit == 4)
    }

    @Test("Where more clocks agree that the last is late, it is the last that is wrong")
    func majority() {
        let journey = Journey(received: hops([0, 75, 78, 4]))
        #expect(journey.hops.map(\.correctedDelay) == [nil, 75, 3, 0])
        #expect(journey.hops[3].skew == -74)
    }

    @Test("One second backwards is the grain of the clock, not an error")
    func grain() {
        let journey = Journey(received: hops([5, 4, 5]))
        #expect(journey.hops.allSatisfy { $0.explanation == nil })
        #expect(journey.hops.map(\.correctedDelay) == [nil, 0, 0])
    }

    @Test("Trusted ends show a first or last clock that is wrong")
    func ends() {
        let first = Journey(received: hops([-3600, 1, 2]), submittedAt: start + 0.4, observedAt: start + 3)
        #expect(first.hops[0].skew < -3599)
        #expect(first.hops[0].correctedDelay == 0)
        #expect(abs((first.transit ?? 0) - 2.6) < 0.001)
        let last = Journey(received: hops([0, 1, 500]), submittedAt: start, observedAt: start + 3)
        #expect(last.hops[2].skew == 497)
        #expect(last.hops[2].delay == 499 && last.hops[2].correctedDelay == 2)
        #expect(last.transit == 3)
    }

    @Test("A held hop shows to the second")
    func held() {
        let journey = Journey(received: hops([0, 0, 47, 47]), submittedAt: start, observedAt: start + 48)
        #expect(journey.hops.map(\.correctedDelay) == [0, 0, 47, 0])
    }

    @Test("A hop without a date has no delay, the next spans both")
    func missing() {
        let journey = Journey(received: hops([0, nil, 10]))
        #expect(journey.hops.map(\.delay) == [nil, nil, 10])
        #expect(journey.transit == 10)
        #expect(Journey(received: []).transit == nil)
        #expect(Journey(received: hops([5])).transit == nil)
    }

    @Test("Roles: pickup, filter and LMTP")
    func roles() {
        let fields = [
            "by a.example (Postfix, from userid 0) id 1; 1 Jan 2025 00:00:00 +0000",
            "from a.example ([192.0.2.1]) by mx.example with ESMTPS id 2; 1 Jan 2025 00:00:01 +0000",
            "from localhost (localhost [127.0.0.1]) by mx.example (Postfix) with ESMTP id 3; 1 Jan 2025 00:00:02 +0000",
            "from mx.example ([127.0.0.1]) by mx.example with LMTP id 4; 1 Jan 2025 00:00:03 +0000",
        ].compactMap { Received($0) }
        #expect(Journey(received: fields).hops.map(\.role) == [.submission, .relay, .filter, .delivery])
    }

    @Test("qmail's notes are of the host before them; who gave a password submitted")
    func notes() {
        let fields = [
            "(qmail 1 invoked by uid 5); 1 Jan 2025 00:00:00 -0000",
            "from a.example (HELO a.example) (192.0.2.1) by b.example with SMTP; 1 Jan 2025 00:00:02 -0000",
            "(qmail 2 invoked from network); 1 Jan 2025 00:00:02 -0000",
            "from pc (p.example [192.0.2.1]) (Authenticated sender: x) by c.example (Postfix) with ESMTP id 1; 1 Jan 2025 00:00:03 +0000",
            "from c.example ([192.0.2.3]) by d.example with ESMTPS; 1 Jan 2025 00:00:04 +0000",
        ].compactMap { Received($0) }
        #expect(Journey(received: fields).hops.map(\.role) == [.submission, .relay, .filter, .submission, .delivery])
    }

    @Test("Hosts of different names on one machine are relays, no filters")
    func relaysOnOneMachine() {
        let fields = [
            "from client.example ([127.0.0.1]) by relay.example with ESMTP id 1; 1 Jan 2025 00:00:00 +0000",
            "from relay.example ([127.0.0.1]) by mx.example with ESMTPS id 2; 1 Jan 2025 00:00:01 +0000",
            "from mx.example ([127.0.0.1]) by localhost (mx.example [127.0.0.1]) (amavisd-new, port 10024) with ESMTP id 3; 1 Jan 2025 00:00:02 +0000",
            "from localhost ([127.0.0.1]) by mx.example with ESMTP id 4; 1 Jan 2025 00:00:03 +0000",
            "by mx.example with LMTP id 5; 1 Jan 2025 00:00:04 +0000",
        ].compactMap { Received($0) }
        #expect(Journey(received: fields).hops.map(\.role) == [.submission, .relay, .filter, .filter, .delivery])
    }

    @Test("From a header: the newest field stands on top")
    func header() {
        let text =
            "Received: by b.example; 1 Jan 2025 00:00:09 +0000\nReceived: by a.example; 1 Jan 2025 00:00:04 +0000\n\n"
        let journey = Journey(MessageHeader(parsing: Array(text.utf8)))
        #expect(journey.hops.map(\.received.by) == ["a.example", "b.example"])
        #expect(journey.transit == 5)
    }

    @Test("Corrected delays are never negative and add up, whatever the clocks say")
    func anyClocks() async {
        var dice = Dice(3)
        for round in 0..<2_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let seconds = (0..<Int.random(in: 0...8, using: &dice)).map { _ in
                Int.random(in: 0...9, using: &dice) == 0 ? nil : Double(Int.random(in: -100...100, using: &dice))
            }
            let journey = Journey(received: hops(seconds))
            let delays = journey.hops.compactMap(\.correctedDelay)
            #expect(delays.allSatisfy { $0 >= 0 })
            if let transit = journey.transit { #expect(abs(delays.reduce(0, +) - transit) < 0.01, "\(seconds)") }
        }
    }
}
