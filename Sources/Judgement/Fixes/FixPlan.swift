package import DNS
import Mail

/// What to publish so that findings go away, in a safe order: a function of a report.
///
/// Every record in it follows from what was seen, and passes the check of its kind (`record check`). What cannot be known
/// from outside is never made up: a DKIM key comes from the server that signs, so that step says the command. Findings
/// that no record mends are left, with their remedies.
package struct FixPlan: Sendable {
    /// Records that go and records that come, of one name and type: they change together.
    package struct Change: Hashable, Sendable {
        package var remove: [Record]
        package var add: [Record]
        /// Who publishes it, where that is not the domain's own zone.
        package var whose: String?

        package init(remove: [Record] = [], add: [Record], whose: String? = nil) {
            self.remove = remove
            self.add = add
            self.whose = whose
        }
    }

    /// A file to serve.
    package struct File: Hashable, Sendable {
        package var url: String
        package var text: String
    }

    /// When a step is due; those of one stage may be taken together.
    package enum Stage: Int, Hashable, Sendable, Comparable, CaseIterable {
        /// Short TTLs, so that a slip is mended soon.
        case prepare
        /// What is wrong, and reports before policies.
        case repair
        /// Policies that only watch, and what announces.
        case announce
        /// Policies that act on a part.
        case tighten
        /// Policies that act.
        case enforce

        package static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
    }

    /// One thing to do.
    package struct Step: Hashable, Sendable {
        package var stage: Stage
        package var title: String
        /// The checks whose findings it mends, in this step or those it begins.
        package var checks: [String]
        /// What has to be waited for before it; nil: nothing.
        package var wait: String?
        /// What to know and to look at.
        package var notes: [String] = []
        package var files: [File] = []
        package var changes: [Change] = []
        /// What to run where the mail server stands.
        package var commands: [String] = []
    }

    package var domain: DomainName?
    /// Where the zone of the domain is taken to begin: panels show names from there.
    package var apex: DomainName?
    /// In the order to take them.
    package var steps: [Step] = []
    /// What no step mends.
    package var left: [Report.Finding] = []

    /// All changes in their order.
    package var changes: [Change] { steps.flatMap(\.changes) }

    package init(_ report: Report) {
        domain = report.target.domain
        guard let domain = report.evidence.domain else {
            left = report.findings.filter { $0.severity > .info }
            return
        }
        let workshop = FixWorkshop(report, domain)
        apex = domain.dmarc.organizationalDomain ?? domain.domain
        let made =
            workshop.hostSteps + workshop.spfSteps + workshop.dkimSteps + workshop.dmarcSteps
            + workshop.reportPermissionSteps + workshop.logoSteps + workshop.authoritySteps
            + workshop.tlsReportSteps + workshop.policySteps + workshop.daneSteps
        let short = workshop.shorterTTL(for: made)
        // Stable: within a stage the order in which they were made.
        steps = Stage.allCases.flatMap { stage in (short + made).filter { $0.stage == stage } }
        let mended = Set(steps.flatMap(\.checks))
        left = report.findings.filter { $0.severity > .info && !mended.contains($0.check.identifier) }
    }
}

/// What the steps are made with.
struct FixWorkshop {
    let report: Report
    let domain: DomainEvidence
    /// The checks that found something.
    let found: Set<String>

    init(_ report: Report, _ domain: DomainEvidence) {
        self.report = report
        self.domain = domain
        found = Set(report.findings.filter { $0.severity > .info }.map(\.check.identifier))
    }

    /// Those of `checks` that found something.
    func found(of checks: [String]) -> [String] { checks.filter(found.contains) }

    /// Seconds of a record that nothing is known of.
    static let usualTTL: UInt32 = 3_600
    /// Seconds while things change.
    static let shortTTL: UInt32 = 300

    /// The records at a name as the DNS gave them, with the rest of their TTL; none where it is an alias, as nothing can
    /// be published beside a CNAME (RFC 1034 §3.6.2).
    func records(_ name: DomainName, _ type: RecordType) -> [Record] {
        guard case .success(let answer)? = report.evidence.lookups.outcomes[Question(name, type)],
            answer.aliases.isEmpty
        else { return [] }
        return answer.records.filter { $0.type == type }
    }

    /// Whether records can be published at a name: it was told of, and is no alias.
    func isFree(_ name: DomainName) -> Bool {
        guard case .success(let answer)? = report.evidence.lookups.outcomes[Question(name, .txt)] else { return false }
        return answer.aliases.isEmpty
    }

    /// TXT records at a name that a reader of that kind takes for its own.
    func texts(_ name: DomainName, where isMeant: (String) -> Bool) -> [Record] {
        records(name, .txt).filter { if case .txt(let text) = $0.data { isMeant(text.text) } else { false } }
    }

    /// A TXT record of a kind; nil where the text is not right by that kind's own check.
    func record(_ name: DomainName, _ text: String, _ kind: RecordKind, like old: [Record] = []) -> Record? {
        let octets = Array(text.utf8)
        let check = kind.check(octets)
        guard check.isValid, !check.problems.contains(where: \.isError) else { return nil }
        return Record(name, ttl: ttl(like: old), .txt(TXT(strings: Self.strings(octets))))
    }

    /// Strings of at most 255 octets (RFC 1035 §3.3), ending behind a blank where there is one: a reader sees whole words.
    private static func strings(_ octets: [UInt8]) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var rest = octets[...]
        while rest.count > 255 {
            let most = rest.prefix(255)
            let end = most.lastIndex(of: 32).map { $0 + 1 } ?? most.endIndex
            strings.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        return strings + [Array(rest)]
    }

    /// What was seen may have been the rest of a TTL.
    func ttl(like old: [Record]) -> UInt32 { max(old.map(\.ttl).max() ?? 0, Self.usualTTL) }

    /// RFC 1035 §3.1: a name below another; nil where it would be too long.
    func name(_ prefix: String, _ below: DomainName? = nil) -> DomainName? {
        try? (below ?? domain.domain).prepending(prefix)
    }

    /// A change that removes what it adds again is none.
    func change(_ old: [Record], _ new: [Record], whose: String? = nil) -> FixPlan.Change? {
        let same = Set(old.map(\.data)) == Set(new.map(\.data))
        return same ? nil : FixPlan.Change(remove: old, add: new, whose: whose)
    }

    /// Hosts and keys that are replaced and that others remember for long: let them be forgotten sooner, first.
    func shorterTTL(for steps: [FixPlan.Step]) -> [FixPlan.Step] {
        var seen: Set<Record> = []
        let long = steps.flatMap(\.changes).filter { $0.whose == nil }.flatMap(\.remove)
            .filter { $0.ttl > Self.usualTTL && seen.insert($0).inserted }
        guard !long.isEmpty, let longest = long.map(\.ttl).max() else { return [] }
        // Only records of today: a later step replaces what an earlier one publishes.
        let today = long.filter { records($0.name, $0.type).contains($0) }
        guard !today.isEmpty else { return [] }
        return [
            FixPlan.Step(
                stage: .prepare, title: "Have the records that will change forgotten sooner", checks: [],
                notes: [
                    "Wait at least \(longest) seconds before the next step: so long others may remember the records as they are.",
                    "When all is done, set the TTL back.",
                ],
                changes: today.map {
                    FixPlan.Change(remove: [$0], add: [Record($0.name, ttl: Self.shortTTL, $0.data)])
                })
        ]
    }
}
