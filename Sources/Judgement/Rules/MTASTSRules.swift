import DNS
import Mail

/// The announcement of an MTA-STS policy: `checks/mta-sts` (RFC 8461). The policy file itself is not looked at.
enum MTASTSRules {
    static let all: [Rule] = [exists, record]

    static let exists = Rule.ofDomain("mta-sts.exists") { domain, evidence in
        [Ruling(.domain(domain.domain), exists(domain, evidence.transport?.mtaSTS))]
    }

    private static func exists(_ domain: DomainEvidence, _ seen: MTASTSEvidence?) -> Verdict {
        if domain.takesNoMail { return .doesNotApply("the domain takes no mail") }
        switch domain.mtaSTS {
        case .found, .multiple: return .passes
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: domain.question("_mta-sts")))
        case .none, .noSuchName:
            if seen?.canBeAnnounced == true {
                return .finds(
                    Found(
                        "\(domain.domain) serves an MTA-STS policy, but announces it by no record: senders do not look for it.",
                        remedy:
                            "Publish `_mta-sts.\(domain.domain). TXT \"v=STSv1; id=1\"`; the policy is served already.")
                )
            }
            return .finds(
                Found(
                    "\(domain.domain) announces no MTA-STS policy: whoever stands between can have its mail sent in clear.",
                    remedy: "Serve a policy at https://mta-sts.\(domain.domain)/.well-known/mta-sts.txt, then publish "
                        + "`_mta-sts.\(domain.domain). TXT \"v=STSv1; id=1\"`."))
        }
    }

    // RFC 8461 §3.1.
    static let record = Rule.onDomain("mta-sts.record") { domain in
        switch domain.mtaSTS {
        case .none, .noSuchName: return .doesNotApply("there is no MTA-STS record")
        case .couldNotTell(let why): return .cannotTell(Failure(why, asking: domain.question("_mta-sts")))
        case .multiple(let texts):
            return .finds(
                Found(
                    "\(texts.count) MTA-STS records stand at _mta-sts.\(domain.domain): senders act as if there were none.",
                    detail: [.init("records", .strings(texts))],
                    remedy: "Keep one TXT record that starts with `v=STSv1` at `_mta-sts.\(domain.domain).`"))
        case .found(let record):
            guard let first = record.problems.first(where: \.isError) else { return .passes }
            return .finds(
                Found(
                    "The MTA-STS record of \(domain.domain) cannot be used: \(first.message) (column \(first.column)).",
                    detail: [
                        .init("record", .string(String(record.text.prefix(1000)))),
                        .init("problems", problems(record.problems.filter(\.isError))),
                    ],
                    remedy: "Correct the record, for example: "
                        + "`_mta-sts.\(domain.domain). TXT \"v=STSv1; id=1\"`; a new id of letters and digits for each change of the policy."
                ))
        }
    }
}

extension DomainEvidence {
    /// The TXT question at a label below the domain.
    func question(_ label: String) -> Question {
        Question((try? domain.prepending(label)) ?? domain, .txt)
    }
}
