internal import Judgement
internal import Networking
internal import TLS

extension PortProbe {
    /// What others get who are refused to us: a server may take only what this program's TLS does not speak, while
    /// OpenSSL and GnuTLS, by which most senders deliver, do: Diffie-Hellman in finite fields (RFC 5246 §7.4.3, RFC 7919),
    /// Camellia, the curve x448, certificates with keys of Ed448, for RSA-PSS alone or on other curves, and more. Nothing
    /// can be told of TLS there, and least of all that it does not work.
    ///
    /// Asked from the newest version down, as the newest that both have is taken; a server that would choose from what we
    /// speak has failed for another reason.
    ///
    /// - Returns: what is wrong with our look, where a hello with what we speak is turned down and one with the rest is
    ///   answered by a choice; nil where it is not so.
    func unspokenTLS(by deadline: Deadline) async -> Failure? {
        let probe = TLSSurveyProbe(endpoint: endpoint, service: service, means: means, depth: .brief)
        func flight(_ version: ProtocolVersion, _ offer: Offer) async -> ServerFlight? {
            await probe.answer(to: Self.hello(version, offer, to: probe.serverName), by: deadline)?.flight
        }
        for version in [ProtocolVersion.tls13, .tls12] {
            var isRefused = false
            switch await probe.answer(to: Self.hello(version, .spoken, to: probe.serverName), by: deadline) {
            case .refused: isRefused = true
            case .closed: break
            case let answer? where answer == .nameIsRefused:
                let nameless = await probe.answer(to: Self.hello(version, .spoken, to: nil), by: deadline)
                return nameless?.flight == nil ? nil : probe.serverName.map(Self.failure(ofName:))
            case .chosen, .couldNotTell, nil: return nil
            }
            if isRefused, let chosen = await flight(version, .otherKeys) {
                // TLS 1.3 hides the certificate; whoever speaks 1.2 as well shows it there.
                let shown = version == .tls13 ? await flight(.tls12, .otherKeys) : chosen
                return Self.failure(ofKeyIn: shown ?? chosen) ?? Self.failure(chosen)
            }
            if let chosen = await flight(version, .otherSuites) { return Self.failure(chosen) }
        }
        return nil
    }

    /// RFC 6066 §3 allows it; senders that give no name are served, those that follow MTA-STS (RFC 8461 §7.1) or DANE
    /// (RFC 7672 §8.1) give one.
    private static func failure(ofName name: String) -> Failure {
        Failure(
            .tlsHandshake, during: .tls,
            "the server turns down the name \(name) (SNI, alert unrecognized_name); without a name it speaks TLS")
    }

    private enum Offer { case spoken, otherKeys, otherSuites }

    /// Chosen by whoever may sign with any key, with suites that we speak.
    private static func failure(ofKeyIn flight: ServerFlight) -> Failure? {
        if case .curve(let curve) = flight.keyExchange, !spokenGroups.contains(curve) { return nil }
        var key = "a certificate of a kind"
        if let certificate = flight.certificates.first {
            let facts = CertificateReading(certificate).facts
            let kind = [facts.keyAlgorithm, facts.keyCurve ?? facts.keyBits.map { "\($0)" } ?? ""]
            key = "a certificate with a key of \(kind.filter { !$0.isEmpty }.joined(separator: " ")),"
        }
        return Failure(.tlsUnsupported, during: .tls, "the server has \(key) which this program does not speak")
    }

    private static func failure(_ flight: ServerFlight) -> Failure? {
        guard let hello = flight.hello else { return nil }
        // RFC 9325 §4.1: less than OpenSSL would take either.
        if case .finiteField(let bits) = flight.keyExchange, bits < 1_024 { return nil }
        let group = hello.version == .tls13 ? hello.group.map { " with \($0)" } ?? "" : ""
        return Failure(
            .tlsUnsupported, during: .tls,
            "the server takes \(hello.version) \(hello.suite)\(group), which this program does not speak")
    }

    /// What this program's TLS offers; the same for certificates of all kinds; or the rest of what others offer. Of TLS 1.3
    /// the groups tell the last apart, before it the suites.
    private static func hello(_ version: ProtocolVersion, _ offer: Offer, to serverName: String?) -> ClientHello {
        let isNew = version == .tls13
        var hello = ClientHello(
            version: version, suites: isNew ? CipherSuite.tls13 : offer == .otherSuites ? unspoken : spoken,
            groups: offer == .spoken || (isNew && offer == .otherKeys)
                ? spokenGroups : isNew ? unspokenGroups : NamedGroup.curves, serverName: serverName)
        if offer == .spoken { hello.signatureSchemes = spokenSchemes }
        // Who is asked to name a group has not looked at its certificates yet.
        hello.hasKeyShare = isNew && offer != .otherSuites
        return hello
    }

    /// What BoringSSL offers of before TLS 1.3.
    private static let spoken = CipherSuite.usual.filter(isSpoken)
    private static let unspoken =
        CipherSuite.finiteField
        + CipherSuite.usual.filter { !isSpoken($0) && !$0.isFiniteField && $0.weaknesses.isEmpty }
    private static let spokenGroups: [NamedGroup] = [.x25519, .secp256r1, .secp384r1, .secp521r1]
    private static let unspokenGroups =
        NamedGroup.curves.filter { !spokenGroups.contains($0) } + NamedGroup.finiteFields
    /// ECDSA on the curves of NIST, RSA, RSA-PSS with keys for RSA, Ed25519 (RFC 8446 §4.2.3).
    private static let spokenSchemes: [UInt16] = [
        0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0807, 0x0806, 0x0601, 0x0201, 0x0203,
    ]

    private static func isSpoken(_ suite: CipherSuite) -> Bool {
        let ciphers = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]
        let old = ["AES_128_CBC_SHA", "AES_256_CBC_SHA"]
        return !suite.isFiniteField && (ciphers + old).contains { suite.description.hasSuffix("_WITH_\($0)") }
    }
}
