import DNS
package import Judgement
package import Mail

/// What DMARC makes of domains that passed, for `dmarc evaluate`.
package enum DMARCEvaluationRendering {
    /// The evaluation for a program.
    package static func json(_ evaluation: DMARCEvaluation) -> JSON {
        let discovery = evaluation.discovery
        return [
            "from": .string(discovery.domain.description), "result": .string(evaluation.result.rawValue),
            "policy": discovery.appliedPolicy.map { .string($0.rawValue) } ?? .null,
            "policy_tag": discovery.policyTag.map { .string($0) } ?? .null,
            "domain": discovery.recordDomain.map { .string($0.description) } ?? .null,
            "organizational_domain": discovery.organizationalDomain.map { .string($0.description) } ?? .null,
            "record": discovery.record.map { .string($0.text) } ?? .null,
            "identifiers": .array(
                evaluation.identifiers.map { identifier in
                    [
                        "method": .string(identifier.method.rawValue),
                        "domain": .string(identifier.domain.description),
                        "aligned": identifier.isAligned.map { .bool($0) } ?? .null,
                        "organizational_domain": identifier.organizationalDomain.map { .string($0.description) }
                            ?? .null,
                    ]
                }),
            "walk": .array(
                discovery.walk.map { step in
                    [
                        "name": .string("_dmarc.\(step.domain)"), "outcome": .string(outcome(step)),
                        "record": step.lookup.value.map { .string($0.text) } ?? .null,
                    ]
                }),
        ]
    }

    /// The evaluation for a person.
    package static func text(_ evaluation: DMARCEvaluation) -> String {
        let discovery = evaluation.discovery
        var text = "DMARC for \(discovery.domain): \(evaluation.result.rawValue)\n\n"
        for step in discovery.walk {
            let record = step.lookup.value.map { ": \(Escaping.visible($0.text))" } ?? ""
            text += "  _dmarc.\(step.domain)  \(outcome(step))\(record)\n"
        }
        text += "\n"
        if let organization = discovery.organizationalDomain { text += "  organizational domain  \(organization)\n" }
        if let domain = discovery.recordDomain { text += "  record found at        \(domain)\n" }
        if let policy = discovery.appliedPolicy {
            text += "  policy                 \(policy.rawValue) (by “\(discovery.policyTag ?? "p")”)\n"
        }
        for identifier in evaluation.identifiers {
            let word = identifier.isAligned.map { $0 ? "aligned" : "not aligned" } ?? "could not be told"
            let method = identifier.method == .spf ? "SPF " : "DKIM"
            text += "  \(method)                   \(identifier.domain): \(word)\n"
        }
        return text
    }

    private static func outcome(_ step: DMARCDiscovery.Step) -> String {
        switch step.lookup {
        case .found: "record"
        case .none: "none"
        case .noSuchName: "no_such_name"
        case .multiple: "multiple"
        case .couldNotTell: "could_not_tell"
        }
    }
}
