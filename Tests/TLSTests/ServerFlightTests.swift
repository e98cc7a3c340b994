import Testing

@testable import TLS

@Suite("What a server answers in clear")
struct ServerFlightTests {
    private static let server = PretendServer(
        versions: [.tls10, .tls11, .tls12, .tls13],
        suites: CipherSuite.tls13 + CipherSuite.usual.filter { $0.isEllipticCurve || $0.isFiniteField })

    private static func answers() -> [[UInt8]] {
        var all = [
            server.answer(ClientHello(version: .tls13, suites: CipherSuite.tls13, serverName: "a.example")),
            server.answer(ClientHello(version: .tls12, suites: CipherSuite.usual, serverName: "a.example")),
            server.answer(ClientHello(version: .tls12, suites: CipherSuite.finiteField)),
            server.answer(ClientHello(version: .tls10, suites: CipherSuite.usual)),
            PretendServer.alert(40), Array("220 mx.example.org ESMTP\r\n".utf8), [0x80, 0x10, 4, 0, 1, 0, 2, 0, 0],
        ]
        all.append(PretendServer.alert(112, level: 1) + all[1])
        return all
    }

    @Test("An answer reads the same in one piece, octet by octet, and by what is wanted next")
    func pieces() {
        for answer in Self.answers() {
            var whole = ServerFlight(), single = ServerFlight(), wanted = ServerFlight()
            whole.consume(answer)
            for octet in answer { single.consume([octet]) }
            var rest = answer[...]
            while !wanted.isDone, !rest.isEmpty {
                let part = rest.prefix(wanted.wanted)
                rest = rest.dropFirst(part.count)
                wanted.consume(Array(part))
            }
            #expect(whole.isDone)
            #expect(single == whole)
            #expect(wanted == whole)
        }
    }

    @Test("The answers of TLS 1.2 tell suite, certificates, curve and the size of the prime")
    func facts() {
        let answers = Self.answers().map { octets in
            var flight = ServerFlight()
            flight.consume(octets)
            return flight
        }
        #expect(answers[0].hello?.isRetryRequest == true && answers[0].hello?.version == .tls13)
        #expect(answers[0].hello?.group == .x25519)
        #expect(answers[1].keyExchange == .curve(.x25519) && answers[1].certificates == [[1, 2, 3], [4, 5]])
        #expect(answers[1].hello?.hasExtendedMasterSecret == true && answers[1].hello?.hasSecureRenegotiation == true)
        #expect(answers[2].keyExchange == .finiteField(bits: 2048))
        #expect(answers[3].hello?.version == .tls10)
        #expect(answers[4].ending == .alert(Alert(isFatal: true, number: 40)))
        #expect(answers[5].ending == .notTLS(Array("220 m".utf8)))
        #expect(answers[6].hello?.version == .ssl2)
        #expect(answers[7].warnings == ["unrecognized_name"] && answers[7].ending == .complete)
    }

    @Test("Two hundred thousand mutated answers end, bounded, without a crash")
    func mutations() async {
        var generator = SplitMix(state: 99)
        let answers = Self.answers()
        for round in 0..<200_000 {
            var octets = answers[round % answers.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<octets.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: octets[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: octets.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                case 2: octets.removeSubrange(place..<min(octets.count, place + 5))
                default: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                }
                if octets.isEmpty { octets = [22] }
            }
            var flight = ServerFlight()
            flight.consume(octets)
            if !flight.isDone { #expect(flight.wanted > 0) }
            let hello = ClientHello(version: .tls12, suites: CipherSuite.usual)
            if case .chosen(let chosen) = SurveyAnswer(flight, to: hello, closed: true) {
                #expect(hello.suites.contains(chosen.hello?.suite ?? .fallbackSignal))
            }
            if round % 500 == 0 { await Task.yield() }
        }
    }

    @Test("Endless fragments and lists of sixteen megabytes are not read to their end")
    func endless() {
        // A handshake message that claims 16 MB.
        var long = ServerFlight()
        long.consume(PretendServer.record([11, 0xFF, 0xFF, 0xFF] + Array(repeating: 0, count: 2_000)))
        #expect(long.ending == .tooMuch)
        // One that comes in records of one octet each.
        var hello = PretendServer.message(2) { $0.raw(Array(repeating: 0, count: 200_000)) }
        var fragments = ServerFlight()
        var count = 0
        let clock = ContinuousClock.now
        while !fragments.isDone, count < 1_000_000 {
            fragments.consume([22, 3, 3, 0, 1, hello.isEmpty ? 0 : hello.removeFirst()])
            count += 6
        }
        #expect(fragments.ending == .tooMuch)
        #expect(count <= ServerFlight.maximum + 6)
        #expect(ContinuousClock.now - clock < .seconds(20))
        for record in [
            [22, 3, 3, 0, 0], [22, 3, 3, 0xFF, 0xFF], [23, 3, 3, 0, 1, 0], [22, 3, 3, 0, 4, 12, 0, 0, 0],
        ] as [[UInt8]] {
            var flight = ServerFlight()
            flight.consume(record)
            #expect(flight.isDone && flight.hello == nil)
        }
    }

    @Test("Suites are named as IANA names them, and their weaknesses stand in the name")
    func names() {
        #expect(CipherSuite(rawValue: 0xC02F).description == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
        #expect(CipherSuite(rawValue: 0x0017).weaknesses == [.anonymous, .export, .rc4])
        #expect(CipherSuite(rawValue: 0x000A).weaknesses == [.tripleDES])
        #expect(CipherSuite(rawValue: 0x0009).weaknesses == [.des])
        #expect(CipherSuite(rawValue: 0xC02F).weaknesses.isEmpty)
        #expect(CipherSuite(rawValue: 0xABCD).description == "0xABCD")
        #expect(CipherSuite.usual.count < 128 && CipherSuite.weak.count < 128)
        #expect(CipherSuite.usual.first?.hasForwardSecrecy == true)
        #expect(!CipherSuite.withoutForwardSecrecy.contains { $0.hasForwardSecrecy })
    }
}
