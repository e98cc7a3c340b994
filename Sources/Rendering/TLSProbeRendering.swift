package import Judgement
package import Mail
import DNS

/// What `tls probe` saw of one port: the connection made, and what the server accepts besides.
package enum TLSProbeRendering {
    // MARK: For programs

    /// - Parameters:
    ///   - findings: what the checks on TLS say of the port.
    ///   - dane: nil where it was not asked.
    package static func json(
        _ port: PortObservation, at: Timestamp, findings: [Report.Finding] = [], dane: DANEVerdict? = nil
    ) -> JSON {
        let tls = port.tls
        let own = tls?.chain.first
        let facts: [JSON.Member] =
            if case .object(let members)? = tls.map({ PortJSON.tls($0, at: at) }) { members } else { [] }
        func fact(_ key: String) -> JSON { facts.first { $0.key == key }?.value ?? .null }
        return .object([
            .init("host", .string(port.endpoint.host.description)),
            .init("address", .string(port.endpoint.address.description)),
            .init("port", .integer(Int(port.endpoint.port))),
            .init("service", .string(port.service.rawValue)),
            .init("mode", .string(port.service.hasImplicitTLS ? "implicit" : "starttls")),
            .init("connected", .bool(port.state == .open)),
            .init("tls", .bool(tls != nil)),
            .init("protocol", fact("version")), .init("cipher", fact("cipher")),
            .init("key_exchange", fact("key_exchange")),
            .init("trusted", fact("trusted")), .init("trust_problem", fact("trust_problem")),
            .init("trust_issue", fact("trust_issue")),
            .init("name_ok", fact("name_ok")), .init("expired", fact("expired")),
            .init("subject", own.map { .string($0.subject) } ?? nil),
            .init("issuer", own.map { .string($0.issuer) } ?? nil),
            .init("sans", .array((own?.names ?? []).map { .string($0) })),
            .init("not_before", own.map { .string($0.notBefore.description) } ?? nil),
            .init("not_after", own.map { .string($0.notAfter.description) } ?? nil),
            .init("days_left", fact("days_left")), .init("life_left", fact("life_left")),
            .init("confirmed", fact("confirmed")), .init("chain_order", fact("chain_order")),
            .init("chain", .array((tls?.chain ?? []).map(PortJSON.certificate))),
            .init("dane", dane.map(word) ?? nil),
            .init("dane_reason", PortJSON.optional(dane?.reason)),
            .init("tlsa", dane.map(records) ?? nil),
            .init("accepts", port.accepts.map(json) ?? nil),
            .init(
                "findings",
                .array(
                    findings.map {
                        [
                            "check": .string($0.check.identifier), "severity": .string($0.severity.rawValue),
                            "summary": .string($0.summary),
                        ]
                    })),
            .init("phases", PortJSON.phases(port.phases)),
            .init("failure", PortJSON.failure(port.failure)),
        ])
    }

    /// null where it could not be told.
    private static func word(_ dane: DANEVerdict) -> JSON {
        if dane.result == .unknown { return nil }
        return .string(dane.result.rawValue)
    }

    /// Where TLSA records were looked for, what those answers are worth, and what became of each record.
    private static func records(_ dane: DANEVerdict) -> JSON {
        .array(
            dane.lookups.map { lookup in
                let records = lookup.records.prefix(DANEVerification.maximumRecords).map { record in
                    TransportJSON.record(record, dane.entries.first { $0.record == record }?.fate)
                }
                return [
                    "name": .string(lookup.question.name.description),
                    "security": .string(lookup.security.word),
                    "security_reason": PortJSON.optional(lookup.security.reason),
                    "records": .array(Array(records)),
                ]
            })
    }

    /// What a server accepts; null is what was not asked or not told.
    package static func json(_ accepts: TLSAcceptance) -> JSON {
        func flag(_ value: Bool?) -> JSON { value.map { .bool($0) } ?? nil }
        return .object([
            .init("depth", .string(accepts.isFull ? "all" : "weak")),
            .init("complete", .bool(accepts.isComplete)), .init("problem", PortJSON.optional(accepts.problem)),
            .init("questions", .integer(accepts.questions)),
            .init("versions", .object(accepts.versions.map { .init($0.name, .bool($0.isAccepted)) })),
            .init(
                "suites",
                .array(
                    accepts.suites.map {
                        [
                            "version": .string($0.version), "name": .string($0.name),
                            "quality": .string(SuiteQuality(suite: $0.name).rawValue),
                            "weaknesses": PortJSON.strings(SuiteQuality.weaknesses(of: $0.name)),
                        ]
                    })),
            .init("groups", PortJSON.strings(accepts.groups)),
            .init("weak_suites", flag(accepts.weakSuites)),
            .init("without_forward_secrecy", flag(accepts.withoutForwardSecrecy)),
            .init("dh_bits", accepts.finiteFieldBits.map { .integer($0) } ?? nil),
            .init("post_quantum", flag(accepts.postQuantum)), .init("compression", flag(accepts.compression)),
            .init("secure_renegotiation", flag(accepts.secureRenegotiation)),
            .init("extended_master_secret", flag(accepts.extendedMasterSecret)),
            .init("server_order", flag(accepts.serverOrder)), .init("fallback_signal", flag(accepts.fallbackSignal)),
            .init("weak_key_exchange_hash", flag(accepts.weakKeyExchangeHash)),
            .init("without_sni", PortJSON.optional(accepts.nameless?.rawValue)),
            .init("without_sni_certificate", accepts.namelessCertificate.map(PortJSON.certificate) ?? nil),
            .init("wants_client_certificate", flag(accepts.wantsClientCertificate)),
        ])
    }

    // MARK: For a person

    /// The port, what it accepts, and what the checks say of it.
    package static func text(
        _ port: PortObservation, at: Timestamp, findings: [Report.Finding] = [], dane: DANEVerdict? = nil, _ look: Look
    ) -> String {
        var canvas = Canvas(look)
        var plain = port
        if !look.verbose { plain.transcript = [] }
        PortText.draw(plain, at: at, on: &canvas)
        if let tls = port.tls, let own = tls.chain.first {
            let left = own.fractionLeft(at: at).map { ", \(Int(($0 * 100).rounded(.down))) % of its life left" } ?? ""
            let days = Int(((own.notAfter - at) / 86_400).rounded(.down))
            var rows: [[Span]] = [["expires", Span("\(own.notAfter), in \(Wording.count(days, "day"))\(left)")]]
            if let order = tls.chainOrder {
                let words = order.rawValue.split(separator: "_").joined(separator: " ")
                rows.append(["chain", Span("\(Wording.count(tls.chain.count, "certificate")), \(words)")])
            }
            canvas.table(indent: 2, rows)
        }
        if let dane { draw(dane, on: &canvas) }
        if let accepts = port.accepts { draw(accepts, on: &canvas) }
        if !findings.isEmpty {
            canvas.gap()
            for finding in findings {
                canvas.paragraph(
                    behind: [Span("  \(finding.severity.rawValue) ", finding.severity >= .error ? .bad : .plain)],
                    [Span(finding.summary), Span(" (\(finding.check.identifier))", .faint)])
            }
        }
        return canvas.text
    }

    private static func draw(_ dane: DANEVerdict, on canvas: inout Canvas) {
        let word: Span =
            switch dane.result {
            case .pass: Span("pass", .good)
            case .fail: Span("fail", .bad)
            case .none: Span("none")
            case .unknown: Span("not known", .unknown)
            }
        canvas.paragraph(behind: ["  DANE  "], [word, Span(": \(dane.reason)")], limit: 3)
        for entry in dane.entries {
            canvas.line([Span("        TLSA \(entry.record.brief())  ", .faint), Span(entry.fate.word)])
        }
    }

    private static func draw(_ accepts: TLSAcceptance, on canvas: inout Canvas) {
        canvas.gap()
        canvas.heading("accepts")
        var rows: [[Span]] = [["versions", Span(versions(accepts))]]
        for (index, suite) in accepts.suites.enumerated() {
            let quality = SuiteQuality(suite: suite.name)
            let kinds = SuiteQuality.weaknesses(of: suite.name)
            let words = kinds.isEmpty ? quality.words : "\(quality.words): \(kinds.joined(separator: ", "))"
            let tone: Tone = quality >= .fair ? .good : quality == .noForwardSecrecy ? .plain : .bad
            rows.append([
                index == 0 ? "suites" : "", Span("\(suite.version) \(suite.name)"), Span(words, tone),
            ])
        }
        if !accepts.groups.isEmpty { rows.append(["groups", Span(accepts.groups.joined(separator: ", "))]) }
        if let bits = accepts.finiteFieldBits { rows.append(["DH group", Span("\(bits) bits")]) }
        let flags: [(String, Bool?)] = [
            ("weak suites", accepts.weakSuites), ("suites without forward secrecy", accepts.withoutForwardSecrecy),
            ("post-quantum group", accepts.postQuantum), ("compression", accepts.compression),
            ("secure renegotiation", accepts.secureRenegotiation),
            ("extended master secret", accepts.extendedMasterSecret), ("server's order counts", accepts.serverOrder),
            ("fallback signal", accepts.fallbackSignal),
        ]
        for (name, answer) in flags {
            rows.append([Span(name), Span(answer.map { $0 ? "yes" : "no" } ?? "not told")])
        }
        rows.append(["without SNI", Span(accepts.nameless.map { nameless($0) } ?? "not told")])
        canvas.table(indent: 2, rows)
        let rest = accepts.isFull ? "" : "; single suites and groups were not asked for one by one"
        canvas.paragraph(
            indent: 2,
            "\(Wording.count(accepts.questions, "hello")) sent"
                + (accepts.problem.map { "; not all was asked: \($0)" } ?? rest), .faint)
    }

    private static func versions(_ accepts: TLSAcceptance) -> String {
        let yes = accepts.versions.filter(\.isAccepted).map(\.name)
        let no = accepts.versions.filter { !$0.isAccepted }.map(\.name)
        let parts =
            [yes.isEmpty ? "none seen" : yes.joined(separator: ", ")]
            + (no.isEmpty ? [] : ["not \(no.joined(separator: ", "))"])
        return parts.joined(separator: "; ")
    }

    private static func nameless(_ nameless: TLSAcceptance.Nameless) -> String {
        switch nameless {
        case .same: "the same certificate"
        case .other: "another certificate"
        case .refused: "turned away"
        }
    }
}
