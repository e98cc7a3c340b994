import DNS
import Judgement
import Mail

/// What senders go by and what they would do, in `evidence`: `dane`, `mta_sts.policy`, `caa`, `senders`.
enum TransportJSON {
    // MARK: DANE

    static func dane(_ host: TransportEvidence.Host) -> JSON {
        let (status, reason) = status(of: host)
        var base: JSON = nil
        if case .applies(let name, _) = host.dane.status { base = .string(name.description) }
        let verification = host.verification
        let records: [JSON] =
            verification.map { found in found.entries.map { record($0.record, $0.fate) } }
            ?? host.dane.published.prefix(DANEVerification.maximumRecords).map { record($0, nil) }
        var members: [JSON.Member] = [
            .init("host", .string(host.name.description)), .init("status", .string(status)),
            .init("reason", PortJSON.optional(reason)), .init("base", base), .init("records", .array(records)),
            .init(
                "endpoints",
                .array(
                    host.endpoints.map { endpoint in
                        [
                            "address": .string(endpoint.port.endpoint.address.description),
                            "result": .string(endpoint.verification.map { word(for: $0.result) } ?? "unknown"),
                        ]
                    })),
        ]
        if let rollover = verification.flatMap(DANERollover.init) {
            members.append(
                .init(
                    "next_certificate",
                    [
                        "same_key": .bool(rollover.sameKey), "same_authority": .bool(rollover.sameAuthority),
                        "announced": .array(rollover.spare.map { .string($0.brief(digits: 128)) }),
                    ]))
        }
        return .object(members)
    }

    static func record(_ record: TLSA, _ fate: DANEVerification.Fate?) -> JSON {
        var problem = record.fault.map { "\($0)" }
        switch fate {
        case .matchesButFails(let why)?, .couldNotTell(let why)?: problem = why
        default: break
        }
        return [
            "usage": .integer(Int(record.usage)), "selector": .integer(Int(record.selector)),
            "matching_type": .integer(Int(record.matchingType)), "data": .string(hexadecimal(record.association)),
            "usable": .bool(record.fault == nil), "result": PortJSON.optional(fate?.word),
            "problem": PortJSON.optional(problem),
        ]
    }

    private static func hexadecimal(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: octets.prefix(4_096).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func word(for result: DANEVerification.Result) -> String {
        switch result {
        case .verified: "pass"
        case .failed: "fail"
        case .noUsableRecord: "unusable"
        case .couldNotTell: "unknown"
        }
    }

    /// `pass`, `fail`, `unusable`, `none`, `insecure`, `lookup_fails`, `published` (no certificate seen) or `unknown`.
    static func status(of host: TransportEvidence.Host) -> (String, String?) {
        switch host.dane.status {
        case .none: return ("none", nil)
        case .notUsed(let why): return (host.dane.published.isEmpty ? "none" : "insecure", why)
        case .fails(let question, let why): return ("lookup_fails", "\(question): \(why)")
        case .couldNotTell(let question, let why): return ("unknown", "\(question): \(why)")
        case .applies: break
        }
        let results = host.endpoints.compactMap(\.verification?.result)
        for result in results { if case .failed(let why) = result { return ("fail", why) } }
        if let first = results.first { return (word(for: first), nil) }
        return ("published", nil)
    }

    // MARK: MTA-STS

    /// `status` as in `mta-sts check`: ok, none, error; and unknown.
    static func policy(_ sts: MTASTSEvidence) -> JSON {
        var members: [JSON.Member] = [.init("status", .string(word(for: sts.status)))]
        members.append(.init("problem", PortJSON.optional(problem(of: sts.status))))
        if let policy = sts.policy {
            members += [
                .init("mode", PortJSON.optional(policy.mode?.rawValue)),
                .init("max_age", policy.maximumAge.map { .integer($0) } ?? nil),
                .init("mx", PortJSON.strings(policy.mx)),
                .init(
                    "problems",
                    .array(
                        policy.problems.map {
                            [
                                "line": .integer($0.line ?? 1), "column": .integer($0.column),
                                "message": .string($0.message), "severity": .string($0.severity.rawValue),
                            ]
                        })),
            ]
        }
        if let fetch = sts.fetch {
            members += [
                .init("host", .string(fetch.host.description)),
                .init("addresses", PortJSON.strings(fetch.tried.map(\.description))),
                .init("http_status", fetch.status.map { .integer($0) } ?? nil),
                .init("content_type", PortJSON.optional(fetch.contentType)),
                .init("location", PortJSON.optional(fetch.location)),
                .init("seconds", .number((fetch.seconds * 1000).rounded() / 1000)),
                .init("certificate_problem", PortJSON.optional(sts.certificateProblem)),
            ]
            if let failure = fetch.failure {
                members.append(
                    .init("failure", ["cause": .string(failure.cause.rawValue), "detail": .string(failure.detail)]))
            }
        }
        return .object(members)
    }

    static func word(for status: MTASTSEvidence.Status) -> String {
        switch status {
        case .none: "none"
        case .usable: "ok"
        case .unusable: "error"
        case .couldNotTell: "unknown"
        }
    }

    static func problem(of status: MTASTSEvidence.Status) -> String? {
        switch status {
        case .none, .usable: nil
        case .unusable(let why): why.text
        case .couldNotTell(let failure): failure.detail.isEmpty ? failure.cause.rawValue : failure.detail
        }
    }

    // MARK: CAA

    static func caa(_ search: CAASearch) -> JSON {
        var members: [JSON.Member] = [.init("host", .string(search.name.description))]
        switch search.status {
        case .none: members.append(.init("status", "none"))
        case .couldNotTell: members.append(.init("status", "unknown"))
        case .found(let records, let place):
            let policy = CAAPolicy(records)
            func names(_ list: [DomainName]?) -> JSON { list.map { PortJSON.strings($0.map(\.description)) } ?? nil }
            members += [
                .init("status", "found"), .init("at", .string(place.description)),
                .init("issue", names(policy.issue)), .init("issuewild", names(policy.issueWildcard)),
                .init("issuemail", names(policy.issueMail)), .init("iodef", PortJSON.strings(policy.reports)),
                .init("problems", PortJSON.strings(policy.problems)),
            ]
        }
        return .object(members)
    }

    // MARK: Senders

    static func senders(_ evidence: Evidence) -> JSON {
        guard let view = SendersView(evidence.transport) else { return nil }
        let hosts: [JSON] = view.rows.map { row in
            var members: [JSON.Member] = [
                .init("host", .string(row.host.description)),
                .init("preference", row.preferences.min().map { .integer(Int($0)) } ?? nil),
            ]
            members += actions(row.actions)
            if let required = view.requireTLS.rows.first(where: { $0.host == row.host }) {
                members.append(
                    .init(
                        "require_tls",
                        [
                            "action": .string(required.action.kind.rawValue),
                            "reason": .string(required.action.reason),
                            "offered": required.isOffered.map { .bool($0) } ?? nil,
                        ]))
            }
            members.append(
                .init(
                    "addresses",
                    .array(
                        row.addresses.map {
                            .object([.init("address", .string($0.address.description))] + actions($0.actions))
                        })))
            return .object(members)
        }
        let outcomes = Sender.allCases.compactMap { sender -> JSON.Member? in
            view.outcomes[sender].map { outcome in
                .init(
                    sender.rawValue,
                    [
                        "action": .string(outcome.action.kind.rawValue),
                        "host": PortJSON.optional(outcome.host?.description), "reason": .string(outcome.action.reason),
                    ])
            }
        }
        let required = view.requireTLS.outcome
        let requireTLS = JSON.Member(
            "require_tls",
            [
                "action": .string(required.action.kind.rawValue),
                "host": PortJSON.optional(required.host?.description), "reason": .string(required.action.reason),
            ])
        let matrix: [JSON] = HostMatrix(evidence).rows.map { row in
            var members: [JSON.Member] = [
                .init("host", .string(row.host.description)),
                .init("preference", row.preference.map { .integer(Int($0)) } ?? nil),
                .init("address", .string(row.address.description)),
            ]
            for column in HostMatrix.Column.allCases {
                guard let cell = row.cells[column] else { continue }
                members.append(
                    .init(column.rawValue, ["state": .string(cell.state.rawValue), "text": .string(cell.text)]))
            }
            return .object(members)
        }
        return ["hosts": .array(hosts), "outcome": .object(outcomes + [requireTLS]), "matrix": .array(matrix)]
    }

    private static func actions(_ actions: [Sender: SenderAction]) -> [JSON.Member] {
        Sender.allCases.compactMap { sender in
            actions[sender].map {
                .init(sender.rawValue, ["action": .string($0.kind.rawValue), "reason": .string($0.reason)])
            }
        }
    }
}
