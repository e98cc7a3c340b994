import DNS
package import Judgement
package import Mail

/// What DMARC makes of domains that passed, for `dmarc evaluate`.
package enum DMARCEvaluationRendering {
    /// The evaluation for a program, and that of RFC 7489 beside it; nil where this system has no Public Suffix List.
    package static func json(_ evaluation: DMARCEvaluation, _ legacy: LegacyDMARC?) -> JSON {
        let discovery = evaluation.discovery
        return [
            "from": .string(discovery.domain.description), "result": .string(evaluation.result.rawValue),
            "policy": discovery.appliedPolicy.map { .string($0.rawValue) } ?? .null,
            "policy_tag": discovery.policyTag.map { .string($0) } ?? .null,
            "published_policy": discovery.policy.map { .string($0.rawValue) } ?? .null,
            "testing": .bool(discovery.record?.isTesting ?? false),
            "source": discovery.source.map { .string($0.rawValue) } ?? .null,
            "exists": discovery.exists.map { .bool($0) } ?? .null,
            "domain": discovery.recordDomain.map { .string($0.description) } ?? .null,
            "organizational_domain": discovery.organizationalDomain.map { .string($0.description) } ?? .null,
            "record": discovery.record.map { .string($0.text) } ?? .null,
            "identifiers": .array(
                evaluation.identifiers.map { identifier in
                    [
                        "method": .string(identifier.method.rawValue),
                        "domain": .string(identifier.domain.description),
                        "passed": .bool(identifier.passed),
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
                        "psd": step.lookup.value.map { .string($0.publicSuffix.rawValue) } ?? .null,
                        "ends_walk": .bool(step.stops),
                    ]
                }),
            "rfc7489": legacy.map { json($0, besides: discovery) } ?? .null,
        ]
    }

    /// The verdict of RFC 7489; `result` is that of a message.
    static func json(_ legacy: LegacyDMARC, besides discovery: DMARCDiscovery) -> JSON {
        var tree = JSONTree()
        tree.object { write(legacy, besides: discovery, into: &$0) }
        return tree.value
    }

    static func write<Sink: JSONSink>(_ legacy: LegacyDMARC, besides discovery: DMARCDiscovery, into sink: inout Sink) {
        sink.member("result", legacy.result.rawValue)
        sink.key("policy")
        sink.optional(legacy.policy?.rawValue)
        sink.key("policy_tag")
        sink.optional(legacy.policyTag)
        sink.key("percentage")
        sink.integer(legacy.percentage)
        sink.key("domain")
        sink.optional(legacy.recordDomain)
        sink.key("organizational_domain")
        sink.name(legacy.organizationalDomain)
        sink.key("differs")
        if let differs = legacy.differs(from: discovery) { sink.bool(differs) } else { sink.null() }
    }

    /// The evaluation for a person, and that of RFC 7489 beside it.
    package static func text(_ evaluation: DMARCEvaluation, _ legacy: LegacyDMARC?) -> String {
        let discovery = evaluation.discovery
        var text = "DMARC for \(discovery.domain): \(evaluation.result.rawValue)\n\n"
        for step in discovery.walk {
            let found =
                step.lookup.value.map { Escaping.visible($0.text) }
                ?? outcome(step).split(separator: "_").joined(separator: " ")
            let end = step.stops ? " (“psd=\(step.lookup.value?.publicSuffix.rawValue ?? "")” ends the walk)" : ""
            text += "  _dmarc.\(step.domain)  \(found)\(end)\n"
        }
        text += "\n"
        let facts = text.count
        if let organization = discovery.organizationalDomain { text += "  organizational domain  \(organization)\n" }
        if let domain = discovery.recordDomain { text += "  record found at        \(domain)\n" }
        if let policy = discovery.appliedPolicy {
            text +=
                "  policy                 \(policy.rawValue) (by “\(discovery.policyTag ?? "p")”\(why(discovery)))\n"
        }
        for identifier in evaluation.identifiers {
            let word = identifier.isAligned.map { $0 ? "aligned" : "not aligned" } ?? "could not be told"
            let method = identifier.method == .spf ? "SPF " : "DKIM"
            let own =
                identifier.organizationalDomain.map { $0 == identifier.domain ? "" : ", organization \($0)" } ?? ""
            text += "  \(method)                   \(identifier.domain): \(word)\(own)\n"
        }
        return text + (text.count > facts ? "\n" : "") + self.text(legacy, besides: discovery)
    }

    /// Why this policy applies.
    private static func why(_ discovery: DMARCDiscovery) -> String {
        var why: String =
            switch (discovery.policyTag, discovery.source) {
            case ("np", _): ", as \(discovery.domain) does not exist"
            case (_, .own): ", from its own record"
            case (_, .organizational): ", from the record of the organization"
            case (_, .publicSuffix): ", from the record of the public suffix"
            default: ""
            }
        if discovery.record?.isTesting == true, let policy = discovery.policy, policy != .none {
            why += "; “t=y” lowers it from \(policy.rawValue)"
        }
        return why
    }

    private static func text(_ legacy: LegacyDMARC?, besides discovery: DMARCDiscovery) -> String {
        guard let legacy else {
            return
                "  by RFC 7489            not applicable: this system has no Public Suffix List (package publicsuffix)\n"
        }
        var text = "  by RFC 7489            \(legacy.result.rawValue)"
        if let policy = legacy.policy, let tag = legacy.policyTag {
            text += ", policy \(policy.rawValue) (by “\(tag)”)"
            if legacy.percentage < 100 { text += " for \(legacy.percentage) % of the mail" }
        }
        text += "\n                         "
        if let domain = legacy.recordDomain { text += "record of \(domain), " }
        text += "organization \(legacy.organizationalDomain)\n"
        if legacy.differs(from: discovery) == true {
            text += "  the two differ: receivers that still follow RFC 7489 come to another verdict\n"
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
