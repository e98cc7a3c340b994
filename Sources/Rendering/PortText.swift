package import Judgement
package import Mail
import DNS

/// All that was seen on one port, for `-v`: phases, capabilities, certificates, what was said.
package enum PortText {
    /// What a probe of one port saw, by itself.
    package static func text(_ port: PortObservation, at: Timestamp, _ look: Look) -> String {
        var canvas = Canvas(look)
        draw(port, at: at, on: &canvas)
        return canvas.text
    }

    static func draw(_ port: PortObservation, at: Timestamp, on canvas: inout Canvas) {
        canvas.heading("\(port.endpoint) \(port.service.rawValue)")
        var rows: [[Span]] = [["state", state(of: port)]]
        if let failure = port.failure { rows.append(["failure", Span(words(of: failure), .bad)]) }
        if !port.greeting.isEmpty { rows.append(["greeting", Span(port.greeting.joined(separator: " / "))]) }
        if let before = port.capabilitiesBeforeTLS, !before.isEmpty {
            rows.append(["before TLS", Span(before.joined(separator: ", "))])
        }
        if let after = port.capabilitiesAfterTLS, !after.isEmpty {
            rows.append(["inside TLS", Span(after.joined(separator: ", "))])
        }
        if let tls = port.tls { rows += describe(tls, at: at) }
        if !port.phases.isEmpty { rows.append(["phases", Span(phases(port.phases))]) }
        canvas.table(indent: 2, rows)
        transcript(port.transcript, on: &canvas)
    }

    static func transcript(_ lines: [String], on canvas: inout Canvas) {
        for line in lines { canvas.paragraph(behind: [Span("    │ ", .faint)], [Span(line, .faint)], limit: 3) }
    }

    static func phases(_ phases: [Phase]) -> String {
        phases.map { "\($0.name.rawValue) \(Wording.duration($0.seconds))" }.joined(separator: ", ")
    }

    static func words(of failure: Failure) -> String {
        let phase = failure.phase.map { " during \($0.rawValue)" } ?? ""
        return "\(failure.cause.rawValue)\(phase): \(detail(of: failure))"
    }

    static func detail(of failure: Failure) -> String {
        failure.detail.isEmpty ? Advice.meaning(of: failure.cause) : failure.detail
    }

    private static func state(of port: PortObservation) -> Span {
        switch port.state {
        case .open: Span("open", .good)
        case .refused: Span("refused")
        case .timeout: Span("timeout: no answer", .unknown)
        case .unreachable: Span("unreachable", .unknown)
        }
    }

    private static func describe(_ tls: TLSFacts, at: Timestamp) -> [[Span]] {
        let parts = [tls.version, tls.cipher, tls.keyExchange].compactMap(\.self)
        var rows: [[Span]] = [["TLS", Span("\(parts.joined(separator: ", ")) (\(tls.mode.rawValue))")]]
        for (index, certificate) in tls.chain.enumerated() {
            rows.append([index == 0 ? "certificate" : "", Span(describe(certificate, isFirst: index == 0, at: at))])
        }
        let trust: Span =
            switch tls.trusted {
            case true?: Span("trusted", .good)
            case false?: Span("not trusted" + (tls.trustProblem.map { ": \($0)" } ?? ""), .bad)
            case nil: Span("could not tell", .unknown)
            }
        rows.append(["trust", trust])
        if let matches = tls.nameMatches {
            rows.append(["name", matches ? Span("matches", .good) : Span("is for another host", .bad)])
        }
        return rows
    }

    private static func describe(_ certificate: CertificateFacts, isFirst: Bool, at: Timestamp) -> String {
        let days = Int(((certificate.notAfter - at) / 86_400).rounded(.down))
        let left =
            days < 0
            ? "expired \(Wording.duration(at - certificate.notAfter)) ago" : "\(Wording.count(days, "day")) left"
        let key = certificate.keyAlgorithm + (certificate.keyBits.map { " \($0)" } ?? "")
        let names =
            isFirst && !certificate.names.isEmpty ? " for \(certificate.names.prefix(8).joined(separator: ", "))" : ""
        return "\(certificate.subject)\(names); by \(certificate.issuer); \(key), \(certificate.signatureAlgorithm); "
            + "\(certificate.notBefore) to \(certificate.notAfter), \(left)"
    }
}
