internal import Judgement
internal import Networking
internal import TLS

extension PortProbe {
    /// What others get who are refused to us: a server may take only what this program's TLS does not speak, while
    /// OpenSSL and GnuTLS, by which most senders deliver, do: Diffie-Hellman in finite fields (RFC 5246 §7.4.3, RFC 7919),
    /// Camellia, the curve x448 and more. Nothing can be told of TLS there, and least of all that it does not work.
    ///
    /// Asked from the newest version down, as the newest that both have is taken; a server that would choose from what we
    /// speak has failed for another reason.
    ///
    /// - Returns: what is wrong with our look, where a hello with what we speak is turned down and one with the rest is
    ///   answered by a choice; nil where it is not so.
    func unspokenTLS(by deadline: Deadline) async -> Failure? {
        let probe = TLSSurveyProbe(endpoint: endpoint, service: service, means: means, depth: .brief)
        for version in [ProtocolVersion.tls13, .tls12] {
            switch await probe.answer(to: Self.hello(version, isOurs: true, to: probe.serverName), by: deadline) {
            case .refused, .closed: break
            case .chosen, .couldNotTell, nil: return nil
            }
            let others = Self.hello(version, isOurs: false, to: probe.serverName)
            if let flight = await probe.answer(to: others, by: deadline)?.flight { return Self.failure(flight) }
        }
        return nil
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

    /// What this program's TLS offers, or the rest of what others do. Of TLS 1.3 the groups tell them apart, before it the
    /// suites.
    private static func hello(_ version: ProtocolVersion, isOurs: Bool, to serverName: String?) -> ClientHello {
        let isNew = version == .tls13
        return ClientHello(
            version: version, suites: isNew ? CipherSuite.tls13 : isOurs ? spoken : unspoken,
            groups: isOurs ? spokenGroups : isNew ? unspokenGroups : NamedGroup.curves, serverName: serverName)
    }

    /// What BoringSSL offers of before TLS 1.3.
    private static let spoken = CipherSuite.usual.filter(isSpoken)
    private static let unspoken =
        CipherSuite.finiteField
        + CipherSuite.usual.filter { !isSpoken($0) && !$0.isFiniteField && $0.weaknesses.isEmpty }
    private static let spokenGroups: [NamedGroup] = [.x25519, .secp256r1, .secp384r1, .secp521r1]
    private static let unspokenGroups =
        NamedGroup.curves.filter { !spokenGroups.contains($0) } + NamedGroup.finiteFields

    private static func isSpoken(_ suite: CipherSuite) -> Bool {
        let ciphers = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"]
        let old = ["AES_128_CBC_SHA", "AES_256_CBC_SHA"]
        return !suite.isFiniteField && (ciphers + old).contains { suite.description.hasSuffix("_WITH_\($0)") }
    }
}
