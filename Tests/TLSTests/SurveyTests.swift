import Testing

@testable import TLS

@Suite("What a server accepts")
struct SurveyTests {
    private static func suites(_ names: String...) -> [CipherSuite] {
        names.map { name in
            CipherSuite(rawValue: cipherSuiteNames.first { $0.value == name }?.key ?? 0)
        }
    }

    private static let modern =
        CipherSuite.tls13.prefix(3)
        + suites(
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")

    @Test("A modern server is known after few questions, and nothing is held against it")
    func modern() {
        let server = PretendServer(
            suites: Array(Self.modern), groups: [.x25519MLKEM768, .x25519, .secp256r1])
        var survey = Survey(serverName: "mx.example.org", depth: .brief)
        survey.ask(server)
        #expect(survey.isComplete && survey.problem == nil)
        #expect(survey.log.count <= 10, "\(survey.log.map(\.question.topic))")
        #expect(ProtocolVersion.all.dropFirst().map { survey.accepts($0) } == [false, false, false, true, true])
        #expect(survey.acceptsWeakSuites == false)
        #expect(survey.acceptsWithoutForwardSecrecy == false)
        #expect(survey.acceptsFiniteField == false)
        #expect(survey.acceptsPostQuantum == true)
        #expect(survey.compresses == false)
        #expect(survey.hasSecureRenegotiation == true)
        #expect(survey.hasExtendedMasterSecret == true)
        #expect(survey.prefersOwnOrder == true)
        #expect(survey.chainWithoutServerName == survey.chain)
        #expect(survey.finiteFieldBits == nil)
    }

    @Test("A server of yesterday shows what is wrong with it")
    func old() {
        var server = PretendServer(versions: [.ssl3, .tls10, .tls11, .tls12])
        server.suites = Self.suites(
            "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
            "TLS_RSA_WITH_NULL_SHA")
        server.primeBits = 1024
        server.compresses = true
        server.secureRenegotiation = false
        server.extendedMasterSecret = false
        server.prefersOwnOrder = false
        server.certificatesWithoutName = [[9]]
        var survey = Survey(serverName: "mx.example.org", depth: .brief)
        survey.ask(server)
        #expect(survey.isComplete)
        #expect(ProtocolVersion.all.map { survey.accepts($0) } == [nil, true, true, true, true, false])
        #expect(survey.acceptsWeakSuites == true)
        let weaknesses = survey.suites(of: .tls12).reduce(into: Set<CipherSuite.Weakness>()) {
            $0.formUnion($1.weaknesses)
        }
        #expect(weaknesses == [.rc4, .tripleDES, .anonymous, .export, .unencrypted])
        #expect(survey.acceptsWithoutForwardSecrecy == true)
        #expect(survey.finiteFieldBits == 1024)
        #expect(survey.acceptsPostQuantum == false)
        #expect(survey.compresses == true)
        #expect(survey.hasSecureRenegotiation == false)
        #expect(survey.hasExtendedMasterSecret == false)
        #expect(survey.prefersOwnOrder == false)
        #expect(survey.chainWithoutServerName == [[9]])
    }

    @Test("By striking out, every suite and group of every version is found, whatever the server has")
    func everything() async {
        var generator = SplitMix(state: 7)
        for round in 0..<150 {
            var server = PretendServer()
            server.versions = Set(ProtocolVersion.all.dropFirst().filter { _ in Bool.random(using: &generator) })
            let all = CipherSuite.tls13 + CipherSuite.usual + CipherSuite.weak + CipherSuite.rare
            server.suites = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
                all.randomElement(using: &generator)
            }
            server.suites = server.suites.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
            server.groups = (NamedGroup.postQuantum + NamedGroup.curves).shuffled(using: &generator).prefix(4).map {
                $0
            }
            server.prefersOwnOrder = Bool.random(using: &generator)
            server.heedsFallback = Bool.random(using: &generator)
            var survey = Survey(serverName: "mx.example.org", depth: .full)
            survey.ask(server)
            let isComplete = survey.isComplete
            #expect(isComplete, "round \(round), \(survey.log.count) questions")
            for version in ProtocolVersion.all.dropFirst() {
                let expected = Set(
                    server.suites.filter {
                        server.versions.contains(version) && $0.isTLS13 == (version == .tls13)
                            && (version >= .tls12 || !$0.needsTLS12)
                            && (version == .tls13 || !$0.isEllipticCurve
                                || server.groups.contains { !$0.isPostQuantum })
                    })
                #expect(Set(survey.suites(of: version)) == expected, "round \(round) \(version)")
                // A version is told from what it is used with: without a suite there is none.
                if !expected.isEmpty { #expect(survey.accepts(version) == true, "round \(round) \(version)") }
                if !server.versions.contains(version) { #expect(survey.accepts(version) != true, "round \(round)") }
            }
            if !survey.suites(of: .tls13).isEmpty {
                #expect(Set(survey.groups(of: .tls13)) == Set(server.groups), "round \(round)")
                #expect(survey.acceptsPostQuantum == server.groups.contains(where: \.isPostQuantum), "round \(round)")
            }
            if let told = survey.prefersOwnOrder { #expect(told == server.prefersOwnOrder, "round \(round)") }
            if let heeds = survey.heedsFallbackSignal { #expect(heeds == server.heedsFallback, "round \(round)") }
            await Task.yield()
        }
    }

    @Test("A server that answers nothing is left alone after two questions, and nothing is said of it")
    func silent() {
        var survey = Survey(serverName: nil, depth: .full)
        var asked = 0
        while let question = survey.next() {
            survey.note(SurveyAnswer(ServerFlight(), to: question.hello, closed: false), to: question)
            asked += 1
        }
        #expect(asked == 2)
        #expect(survey.problem != nil && !survey.isComplete)
        #expect(ProtocolVersion.all.allSatisfy { survey.accepts($0) == nil })
        #expect(survey.acceptsWeakSuites == nil && survey.acceptsPostQuantum == nil && survey.compresses == nil)
    }

    @Test("Hanging up means “no” only where the server has spoken TLS before")
    func closing() {
        for hasSpoken in [true, false] {
            var survey = Survey(serverName: nil, depth: .brief)
            while let question = survey.next() {
                if hasSpoken, question.topic == .version(.tls12) {
                    var flight = ServerFlight()
                    flight.consume(PretendServer(suites: Array(Self.modern)).answer(question.hello))
                    survey.note(SurveyAnswer(flight, to: question.hello, closed: true), to: question)
                } else {
                    survey.note(.closed, to: question)
                }
            }
            #expect(survey.accepts(.tls12) == (hasSpoken ? true : nil))
            #expect(survey.accepts(.tls13) == (hasSpoken ? false : nil))
            #expect(survey.acceptsWeakSuites == (hasSpoken ? false : nil))
        }
    }

    @Test("A choice that was not on offer is no answer, and never asked for ever")
    func liars() {
        for reply in [
            PretendServer.retry(CipherSuite(rawValue: 0x009C), .x25519),
            PretendServer.retry(.init(rawValue: 0), .x25519),
            PretendServer.retry(CipherSuite(rawValue: 0x1301), NamedGroup(rawValue: 0xEEEE)),
        ] {
            var survey = Survey(serverName: "a.example", depth: .full)
            var asked = 0
            while let question = survey.next() {
                var flight = ServerFlight()
                flight.consume(reply)
                survey.note(SurveyAnswer(flight, to: question.hello, closed: true), to: question)
                asked += 1
            }
            #expect(asked < 40)
            #expect(survey.suites(of: .tls12).isEmpty)
        }
    }
}

/// Chance that is the same each time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
