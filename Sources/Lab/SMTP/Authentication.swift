internal import DNS
internal import Mail

/// What a receiver of the lab says of a sender (RFC 8601): SPF of the client, every DKIM signature, and DMARC by both,
/// evaluated as the rest of the program evaluates them.
struct Authentication {
    let resolver: any Resolver
    let now: Timestamp

    /// The field `Authentication-Results:`, without its CRLF.
    func results(of envelope: Envelope, by host: String) async -> String {
        let message = Mail.Message(parsing: envelope.octets)
        let verifier = DKIMVerifier(message)
        let verdict = await inWaves(of: resolver) { dns in
            let spf = SPFCheck.evaluate(
                ip: envelope.client.address, mailFrom: envelope.sender, helo: envelope.client.helo, receiver: host,
                at: now, in: &dns)
            let dkim = verifier.verify(at: now, asking: &dns)
            let dmarc = DMARCEvaluation.evaluate(
                message.header, spf: DMARCEvaluation.Authenticated(spf).map { [$0] } ?? [],
                dkim: dkim.compactMap { .init($0) }, in: &dns)
            return (spf: spf, dkim: dkim, dmarc: dmarc)
        }.result
        let identity =
            envelope.sender.isEmpty ? "smtp.helo=\(envelope.client.helo)" : "smtp.mailfrom=\(envelope.sender)"
        var results = ["spf=\(verdict.spf.result.rawValue) \(identity)"]
        results += verdict.dkim.map { signature in
            let names = [signature.domain.map { " header.d=\($0)" }, signature.selector.map { " header.s=\($0)" }]
            return "dkim=\(signature.result.rawValue)\(names.compactMap(\.self).joined())"
        }
        if verdict.dkim.isEmpty { results.append("dkim=none") }
        let from: String =
            if case .domains(let domains) = verdict.dmarc.author, let domain = domains.first {
                " header.from=\(domain)"
            } else { "" }
        results.append("dmarc=\(verdict.dmarc.result.rawValue)\(from)")
        return "Authentication-Results: \(host);\r\n\t" + results.joined(separator: ";\r\n\t")
    }

    /// Fields that claim to be this server's are taken out (RFC 8601 §5).
    static func withoutForgeries(_ message: [UInt8], of host: String) -> [UInt8] {
        var kept = message
        for field in Header.fields(of: message).reversed()
        where field.name.lowercased() == "authentication-results"
            && field.value.lowercased().hasPrefix(host.lowercased())
        {
            kept.removeSubrange(field.range)
        }
        return kept
    }
}
