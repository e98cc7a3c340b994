import DNS
package import Judgement
import Mail

/// What senders make of an MTA-STS policy, for `mta-sts check`.
package enum PolicyCheckRendering {
    /// `status` (ok, none, error, unknown), `mode`, `max_age`, `mx[]`, `mx_match`, `problem`, and what was seen.
    package static func json(_ check: PolicyCheck) -> JSON {
        let evidence = check.evidence
        let policy = evidence.policy
        var members: [JSON.Member] = [
            .init("domain", .string(check.domain.description)),
            .init("status", .string(TransportJSON.word(for: evidence.status))),
            .init("mode", PortJSON.optional(policy?.mode?.rawValue)),
            .init("max_age", policy?.maximumAge.map { .integer($0) } ?? nil),
            .init("mx", PortJSON.strings(policy?.mx ?? [])),
            .init("mx_match", check.matches.map { .bool($0) } ?? nil),
            .init("problem", PortJSON.optional(TransportJSON.problem(of: evidence.status))),
            .init("id", PortJSON.optional(check.record.value?.id)),
            .init("record", PortJSON.optional(check.record.value?.text)),
        ]
        members.append(
            .init(
                "hosts",
                .array(
                    (check.hosts.value ?? []).map { host in
                        [
                            "host": .string(host.description),
                            "allowed": check.allows(host).map { .bool($0) } ?? nil,
                        ]
                    })))
        members.append(.init("fetch", TransportJSON.policy(evidence)))
        return .object(members)
    }

    /// The same for a terminal.
    package static func text(_ check: PolicyCheck, _ look: Look) -> String {
        var canvas = Canvas(look)
        let evidence = check.evidence
        let verdict: Span =
            switch evidence.status {
            case .none: Span("no MTA-STS policy", .faint)
            case .usable:
                check.matches == false
                    ? Span("✗ the policy does not allow every host", .bad) : Span("✓ the policy counts", .good)
            case .unusable(let why): Span("✗ the policy does not count: \(why.text)", .bad)
            case .couldNotTell(let failure):
                Span("? could not tell: \(failure.detail.isEmpty ? failure.cause.rawValue : failure.detail)", .unknown)
            }
        canvas.paragraph(behind: [Span(check.domain.description, .strong), "  "], [verdict])
        var rows: [[Span]] = []
        if let record = check.record.value { rows.append([Span("Record", .strong), Span(record.text)]) }
        if let fetch = evidence.fetch { rows.append([Span("Fetched", .strong), Span(how(fetch))]) }
        if let policy = evidence.policy {
            let age = policy.maximumAge.map { ", remembered for \(Wording.duration(Double($0)))" } ?? ""
            rows.append([Span("Mode", .strong), Span((policy.mode?.rawValue ?? "none that is valid") + age)])
            for (index, pattern) in policy.mx.prefix(look.verbose ? .max : 20).enumerated() {
                rows.append([Span(index == 0 ? "Allows" : "", .strong), Span(pattern)])
            }
            for (index, host) in (check.hosts.value ?? []).enumerated() {
                guard let allowed = check.allows(host) else { continue }
                rows.append([
                    Span(index == 0 ? "Hosts" : "", .strong),
                    Span(allowed ? "✓ \(host)" : "✗ \(host): not allowed", allowed ? .good : .bad),
                ])
            }
            for problem in policy.problems {
                rows.append([
                    "", Span("line \(problem.line ?? 1): \(problem.message)", problem.isError ? .bad : .warning),
                ])
            }
        }
        canvas.table(indent: 2, rows)
        return canvas.text
    }

    private static func how(_ fetch: PolicyObservation) -> String {
        var parts = [fetch.host.description]
        if let address = fetch.tried.last { parts.append("[\(address)]") }
        if let status = fetch.status { parts.append("status \(status)") }
        if let type = fetch.contentType { parts.append(type) }
        if let location = fetch.location { parts.append("points to \(location), which is not followed") }
        if let failure = fetch.failure {
            parts.append(failure.detail.isEmpty ? failure.cause.rawValue : failure.detail)
        }
        parts.append("in \(Wording.duration(fetch.seconds))")
        return parts.joined(separator: ", ")
    }
}
