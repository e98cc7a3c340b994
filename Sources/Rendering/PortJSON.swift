import DNS
package import Judgement
package import Mail

/// What was seen on a port, for programs.
package enum PortJSON {
    /// - Parameter at: the moment that decides whether a certificate has expired.
    package static func json(_ port: PortObservation, at: Timestamp) -> JSON {
        .object(facts(port, at: at) + BehaviourJSON.members(of: port))
    }

    private static func facts(_ port: PortObservation, at: Timestamp) -> [JSON.Member] {
        [
            .init("host", .string(port.endpoint.host.description)),
            .init("address", .string(port.endpoint.address.description)),
            .init("port", .integer(Int(port.endpoint.port))),
            .init("service", .string(port.service.rawValue)),
            .init("state", .string(port.state.rawValue)),
            .init("greeting", port.greeting.isEmpty ? nil : .string(port.greeting.joined(separator: "\n"))),
            .init("capabilities", strings(port.capabilities)),
            .init("auth", strings(port.authAfterTLS ?? port.authBeforeTLS ?? [])),
            .init("auth_before_tls", port.authBeforeTLS.map(strings) ?? nil),
            .init("starttls_offered", port.offersSTARTTLS.map { .bool($0) } ?? nil),
            .init("tls", port.tls.map { tls($0, at: at) } ?? nil),
            .init("accepts", port.accepts.map(TLSProbeRendering.json) ?? nil),
            .init("phases", phases(port.phases)),
            .init("failure", failure(port.failure)),
        ]
    }

    /// What a handshake showed; `at` decides whether the certificate has expired.
    package static func tls(_ tls: TLSFacts, at: Timestamp) -> JSON {
        let own = tls.chain.first
        return .object([
            .init("mode", .string(tls.mode.rawValue)),
            .init("version", .string(tls.version)),
            .init("cipher", optional(tls.cipher)),
            .init("key_exchange", optional(tls.keyExchange)),
            .init("trusted", tls.trusted.map { .bool($0) } ?? nil),
            .init("trust_problem", optional(tls.trustProblem)),
            .init("trust_issue", optional(tls.trustIssue?.rawValue)),
            .init("confirmed", tls.isConfirmed.map { .bool($0) } ?? nil),
            .init("chain_order", optional(tls.chainOrder?.rawValue)),
            .init("name_ok", tls.nameMatches.map { .bool($0) } ?? nil),
            .init("expired", own.map { .bool($0.notAfter < at) } ?? nil),
            .init("not_after", own.map { .string($0.notAfter.description) } ?? nil),
            .init("days_left", own.map { .number((($0.notAfter - at) / 864).rounded() / 100) } ?? nil),
            .init(
                "life_left",
                own.flatMap { $0.fractionLeft(at: at) }.map { .number(($0 * 1000).rounded() / 1000) } ?? nil),
            .init("chain", .array(tls.chain.map(certificate))),
        ])
    }

    /// One certificate of a chain.
    package static func certificate(_ certificate: CertificateFacts) -> JSON {
        .object([
            .init("subject", .string(certificate.subject)),
            .init("issuer", .string(certificate.issuer)),
            .init("serial", .string(certificate.serial)),
            .init("sans", strings(certificate.names)),
            .init("not_before", .string(certificate.notBefore.description)),
            .init("not_after", .string(certificate.notAfter.description)),
            .init("key_algorithm", .string(certificate.keyAlgorithm)),
            .init("key_bits", certificate.keyBits.map { .integer($0) } ?? nil),
            .init("key_curve", optional(certificate.keyCurve)),
            .init("signature_hash", optional(certificate.signatureHash)),
            .init("signature_algorithm", .string(certificate.signatureAlgorithm)),
            .init("fingerprint_sha256", .string(certificate.fingerprint)),
        ])
    }

    /// `{"connect_seconds": 0.012, …}`, in the order they were gone through; those of one name are added up.
    package static func phases(_ phases: [Phase]) -> JSON {
        var members: [JSON.Member] = []
        for phase in phases {
            let key = "\(phase.name.rawValue)_seconds"
            if let index = members.firstIndex(where: { $0.key == key }), case .number(let before) = members[index].value
            {
                members[index].value = .number(before + phase.seconds)
            } else {
                members.append(.init(key, .number(phase.seconds)))
            }
        }
        return .object(members)
    }

    /// A failure, or null.
    package static func failure(_ failure: Failure?) -> JSON {
        guard let failure else { return nil }
        return [
            "cause": .string(failure.cause.rawValue), "phase": optional(failure.phase?.rawValue),
            "summary": .string(PortText.detail(of: failure)),
        ]
    }

    static func strings(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }

    static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? nil }
}
