internal import DNS
import DNS
import Mail

/// The logo a domain wants shown beside its mail: `checks/bimi` (draft-brand-indicators-for-message-identification).
/// Logo and certificate themselves are not fetched.
enum BIMIRules {
    static let all: [Rule] = [record, enforcement, markCertificate]

    static let record = Rule.onDomain("bimi.record") { domain in
        let name = domain.bimi.name
        switch domain.bimi.lookup {
        case .none, .noSuchName:
            guard let other = domain.bimi.others.first(where: { $0.lowercased().holds("v=bimi") }) else {
                return .doesNotApply("there is no BIMI record")
            }
            return .finds(
                Found(
                    "What stands at \(name) was meant to be a BIMI record and is none: \(quoted(other)).",
                    remedy: "Let the record begin with exactly `v=BIMI1;`."))
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: Question(name, .txt)))
        case .multiple(let texts):
            return .finds(
                Found(
                    "\(texts.count) BIMI records stand at \(name): receivers use none of them.",
                    detail: [.init("records", .strings(texts))], remedy: "Keep one TXT record at `\(name).`"))
        case .found(let record):
            guard let first = record.problems.first(where: { $0.severity != .notice }) else { return .passes }
            return .finds(
                Found(
                    "The BIMI record at \(name) has an error: \(first.message) (column \(first.column)).",
                    detail: [
                        .init("record", .string(String(record.text.prefix(1000)))),
                        .init("problems", problems(record.problems)),
                    ]))
        }
    }

    // The draft, §7.1: quarantine or reject, for the domain and for its organization, and no "sp=none".
    static let enforcement = onRecord("bimi.enforcement") { domain in
        if case .couldNotTell(let why) = domain.dmarc.status { return .cannotTell(domain.dmarcFailure(why)) }
        guard let policy = domain.dmarc.appliedPolicy else {
            if domain.dmarc.record?.effectivePolicy != nil {
                return .cannotTell(Failure(.dnsTimeout, during: .dns, "which policy applies could not be told"))
            }
            return .finds(Found("\(domain.domain) has a BIMI record and no DMARC policy: no logo is shown."))
        }
        var reasons: [String] = []
        if policy == .none { reasons.append("DMARC asks receivers for nothing") }
        let organization = domain.dmarc.walk.first { $0.domain == domain.dmarc.organizationalDomain }?.lookup.value
        if let organization, let main = organization.effectivePolicy {
            if main == .none, policy != .none { reasons.append("the organization’s policy is none") }
            if organization.subdomainPolicy == DMARCRecord.Policy.none { reasons.append("`sp` is none") }
        }
        if let percentage = domain.dmarc.record?.percentage, percentage < 100 {
            reasons.append("`pct` is \(percentage)")
        }
        if reasons.isEmpty { return .passes }
        return .finds(
            Found(
                "\(domain.domain) has a BIMI record, and no logo is shown as \(list(reasons)).",
                detail: [.init("policy", .string(policy.rawValue))]))
    }

    static let markCertificate = onRecord("bimi.mark-certificate") { domain in
        guard let record = domain.bimi.lookup.value, record.location != nil || record.evidence != nil else {
            return .doesNotApply("the BIMI record names no logo")
        }
        if record.evidence != nil { return .passes }
        return .finds(
            Found(
                "The BIMI record at \(domain.bimi.name) names no mark certificate (`a`): Gmail and Apple show no logo.")
        )
    }

    /// On a record that names a logo.
    private static func onRecord(_ identifier: String, _ verdict: @escaping @Sendable (DomainEvidence) -> Verdict)
        -> Rule
    {
        Rule.onDomain(identifier) { domain in
            switch domain.bimi.lookup {
            case .couldNotTell(let why): .cannotTell(Failure(why, asking: Question(domain.bimi.name, .txt)))
            case .none, .noSuchName: .doesNotApply("there is no BIMI record")
            case .multiple: .doesNotApply("there are several BIMI records: see bimi.record")
            case .found(let record) where record.isDeclined: .doesNotApply("the BIMI record says that there is no logo")
            case .found: verdict(domain)
            }
        }
    }
}
