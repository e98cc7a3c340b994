/// What the answers of a survey say. Each is nil where it was not asked, or where the answer did not tell.
extension Survey {
    /// Whether the server has said anything in TLS at all: only then does hanging up mean "no".
    package var hasHeardTLS: Bool {
        log.contains {
            switch $0.answer {
            case .chosen, .refused: true
            default: false
            }
        }
    }

    /// Whether a version is accepted. A server that answers an offer "up to this version" with an older one has not got
    /// this one; `protocol_version` refuses all that was offered, another refusal only the newest.
    package func accepts(_ version: ProtocolVersion) -> Bool? {
        if log.contains(where: { $0.answer.flight?.hello?.version == version }) { return true }
        var answer: Bool?
        for entry in log {
            guard case .version(let asked) = entry.question.topic else { continue }
            let isOffered = asked == version || (asked < .tls13 && version >= .ssl3 && version < asked)
            guard isOffered else { continue }
            switch entry.answer {
            case .chosen(let flight):
                if let chosen = flight.hello?.version, chosen < version { answer = false }
            case .refused(let alert):
                if version == asked || (asked < .tls13 && alert.number == Alert.protocolVersion) { answer = false }
            case .closed: if version == asked, hasHeardTLS { answer = false }
            case .couldNotTell: break
            }
        }
        return answer
    }

    /// The suites seen to be accepted with a version, in the order they were found.
    package func suites(of version: ProtocolVersion) -> [CipherSuite] {
        var found: [CipherSuite] = []
        for entry in log {
            guard let hello = entry.answer.flight?.hello, hello.version == version, version != .ssl2,
                !found.contains(hello.suite)
            else { continue }
            found.append(hello.suite)
        }
        return found
    }

    /// The groups seen to be accepted with a version, in the order they were found.
    package func groups(of version: ProtocolVersion) -> [NamedGroup] {
        var found: [NamedGroup] = []
        for entry in log {
            guard let flight = entry.answer.flight, flight.hello?.version == version else { continue }
            var group = flight.hello?.group
            if case .curve(let curve) = flight.keyExchange { group = curve }
            if let group, !found.contains(group) { found.append(group) }
        }
        return found
    }

    /// Whether any suite of a kind is accepted.
    private func accepts(_ topic: SurveyQuestion.Topic, _ isOfKind: (CipherSuite) -> Bool) -> Bool? {
        if log.contains(where: { $0.answer.flight?.hello.map { $0.version != .ssl2 && isOfKind($0.suite) } ?? false }) {
            return true
        }
        switch entries(topic).last?.answer {
        case .chosen?: return false
        case .refused?: return false
        case .closed?: return hasHeardTLS ? false : nil
        // Nothing before TLS 1.3: no such suite can be.
        case nil: return accepts(.tls12) == false && accepts(.ssl3) == false && newestOlder == nil ? false : nil
        case .couldNotTell?: return nil
        }
    }

    /// Whether any suite is accepted that protects nothing or little.
    package var acceptsWeakSuites: Bool? { accepts(.weakSuites) { !$0.weaknesses.isEmpty } }
    package var acceptsWithoutForwardSecrecy: Bool? {
        accepts(.withoutForwardSecrecy) { !$0.hasForwardSecrecy && $0.weaknesses.isEmpty }
    }
    package var acceptsFiniteField: Bool? { accepts(.finiteField, \.isFiniteField) }

    /// The smallest prime seen of a Diffie-Hellman group, in bits.
    package var finiteFieldBits: Int? {
        log.compactMap { entry -> Int? in
            if case .finiteField(let bits) = entry.answer.flight?.keyExchange { bits } else { nil }
        }.min()
    }

    /// Whether a group that withstands quantum computers is accepted.
    package var acceptsPostQuantum: Bool? {
        if groups(of: .tls13).contains(where: \.isPostQuantum) { return true }
        if accepts(.tls13) == false { return false }
        switch entry(.postQuantum)?.answer {
        case .refused?: return false
        case .closed?: return hasHeardTLS ? false : nil
        default: return nil
        }
    }

    /// The first answer of a version before TLS 1.3.
    private var olderHello: ServerFlight.Hello? {
        newestOlder.flatMap { version in
            log.compactMap { $0.answer.flight?.hello }.first { $0.version == version && version >= .tls10 }
        }
    }

    package var hasExtendedMasterSecret: Bool? { olderHello?.hasExtendedMasterSecret }
    package var hasSecureRenegotiation: Bool? { olderHello?.hasSecureRenegotiation }

    /// Whether a connection is compressed where the client offers it (CRIME).
    package var compresses: Bool? {
        let hellos = log.filter { $0.question.hello.offersCompression }.compactMap { $0.answer.flight?.hello }
            .filter { $0.version < .tls13 && $0.version != .ssl2 }
        if hellos.isEmpty { return accepts(.tls13) == true && newestOlder == nil && isComplete ? false : nil }
        return hellos.contains { $0.compression != 0 }
    }

    /// Whether the server's own order of suites decides; nil also where it has only one.
    package var prefersOwnOrder: Bool? {
        guard let version = newestOlder, let first = entry(.version(version))?.answer.flight?.hello?.suite,
            let turned = entry(.turnedRound)?.answer
        else { return nil }
        let usual = suites(of: version).filter { CipherSuite.usual.contains($0) }
        if let asked = entry(.preference) {
            guard let again = asked.answer.flight?.hello?.suite else { return nil }
            if asked.question.hello.suites.contains(first) {
                return again == first ? (usual.count > 1 ? true : nil) : false
            }
            // The one that was chosen twice was left out, and another did: the choice was the server's.
            return true
        }
        guard let second = turned.flight?.hello?.suite else { return nil }
        if second != first { return false }
        return usual.count > 1 ? true : nil
    }

    /// How the server signs its key exchange with TLS 1.2, by IANA's numbers, in the order they were seen.
    package var signatureSchemes: [UInt16] {
        log.compactMap { $0.answer.flight?.signatureScheme }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Whether the server heeds the signal against being talked down (RFC 7507).
    package var heedsFallbackSignal: Bool? {
        switch entry(.fallback)?.answer {
        case .chosen?: false
        case .refused(let alert)?: alert.number == Alert.inappropriateFallback ? true : nil
        default: nil
        }
    }

    /// The certificates shown with SNI before TLS 1.3; nil where none were seen.
    package var chain: [[UInt8]]? {
        log.first { $0.question.hello.serverName == serverName && $0.answer.flight?.certificates.isEmpty == false }?
            .answer.flight?.certificates
    }

    /// The certificates shown without SNI to the same suites: nil where it was not asked, empty where the server
    /// turned us away.
    package var chainWithoutServerName: [[UInt8]]? {
        guard serverName != nil else { return nil }
        switch entry(.turnedRound)?.answer {
        case .chosen(let flight)?: return flight.certificates
        case .refused?: return []
        default: return nil
        }
    }

    package var wantsClientCertificate: Bool? {
        let flights = log.compactMap(\.answer.flight).filter { !$0.certificates.isEmpty }
        return flights.isEmpty ? nil : flights.contains { $0.wantsCertificate }
    }
}
