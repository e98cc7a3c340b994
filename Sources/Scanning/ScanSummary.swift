package import Judgement
internal import Mail
internal import Rendering

/// What one line says, as far as the summary counts it.
package struct LineFacts: Sendable {
    package enum MX: String, Sendable, CaseIterable {
        case hosts, null, implicit, none, unknown
    }

    package enum SPF: String, Sendable, CaseIterable {
        case found, missing, multiple, unknown
    }

    package enum DMARC: String, Sendable, CaseIterable {
        case reject, quarantine, none, missing, unusable, unknown
    }

    /// Of a domain; nil for an entry that is none.
    package struct Domain: Sendable {
        package var verdict: Report.Overall
        package var doesNotExist: Bool
        package var mx: MX
        package var spf: SPF
        package var isOverSPFLimit: Bool
        package var dmarc: DMARC
        package var hasUnknown: Bool
        package var questions: Int
        /// The identifiers of the checks that found something, each once.
        package var findings: [String]
    }

    package var domain: Domain?

    package static let unusable = LineFacts(domain: nil)

    init(domain: Domain?) { self.domain = domain }

    package init(_ report: Report, questions: Int) {
        var findings: [String] = []
        findings.reserveCapacity(report.findings.count)
        for index in report.findings.indices {
            let identifier = report.findings[index].check.identifier
            if !findings.contains(identifier) { findings.append(identifier) }
        }
        guard let seen = report.evidence.domain else {
            self.init(domain: nil)
            return
        }
        self.init(
            domain: Domain(
                verdict: report.overall, doesNotExist: seen.existence == .noSuchName, mx: Self.mx(seen),
                spf: Self.spf(seen),
                isOverSPFLimit: findings.contains("spf.lookup-limit"), dmarc: Self.dmarc(seen),
                hasUnknown: !report.unknown.isEmpty, questions: questions, findings: findings))
    }

    private static func mx(_ domain: DomainEvidence) -> MX {
        switch domain.routing {
        case .hosts, .nullMixed: .hosts
        case .null: .null
        case .implicit: .implicit
        case .none: .none
        case .couldNotTell: .unknown
        }
    }

    private static func spf(_ domain: DomainEvidence) -> SPF {
        switch domain.spf.value.status {
        case .found: .found
        case .none, .noSuchName: .missing
        case .multiple: .multiple
        case .couldNotTell: .unknown
        }
    }

    /// The policy that applies to the domain, wherever its record stands.
    private static func dmarc(_ domain: DomainEvidence) -> DMARC {
        switch domain.dmarc.value.status {
        case .none: return .missing
        case .couldNotTell: return .unknown
        case .multipleAtOwnName, .found:
            guard domain.dmarc.value.record?.isUsable == true else { return .unusable }
            return switch domain.dmarc.value.policy {
            case .reject: .reject
            case .quarantine: .quarantine
            case .some: .none
            case nil: .unknown
            }
        }
    }
}

/// How many of what: the end of a scan.
package struct ScanSummary: Sendable {
    package private(set) var lines = 0
    package private(set) var unusable = 0
    package private(set) var questions = 0
    package private(set) var doNotExist = 0
    package private(set) var overSPFLimit = 0
    package private(set) var withUnknown = 0
    package private(set) var verdicts: [Report.Overall: Int] = [:]
    package private(set) var mx: [LineFacts.MX: Int] = [:]
    package private(set) var spf: [LineFacts.SPF: Int] = [:]
    package private(set) var dmarc: [LineFacts.DMARC: Int] = [:]
    package private(set) var findings: [String: Int] = [:]

    package init() {}

    package var domains: Int { lines - unusable }

    mutating func count(_ facts: LineFacts) {
        lines += 1
        guard let domain = facts.domain else {
            unusable += 1
            return
        }
        questions += domain.questions
        if domain.doesNotExist { doNotExist += 1 }
        if domain.isOverSPFLimit { overSPFLimit += 1 }
        if domain.hasUnknown { withUnknown += 1 }
        verdicts[domain.verdict, default: 0] += 1
        mx[domain.mx, default: 0] += 1
        spf[domain.spf, default: 0] += 1
        dmarc[domain.dmarc, default: 0] += 1
        for check in domain.findings { findings[check, default: 0] += 1 }
    }

    /// For programs.
    /// - Parameters:
    ///   - seconds: how long the scan took.
    ///   - earlier: lines of an earlier run that this one went on from; they are not counted otherwise.
    ///   - isComplete: whether the whole list was gone through.
    package func json(seconds: Double, earlier: Int, isComplete: Bool) -> JSON {
        func counts<Key: RawRepresentable>(_ keys: [Key], _ numbers: [Key: Int]) -> JSON
        where Key.RawValue == String {
            .object(keys.map { .init($0.rawValue, .integer(numbers[$0] ?? 0)) })
        }
        return [
            "schema": "mailsonde.scan-summary/1",
            "complete": .bool(isComplete),
            "lines": .integer(lines),
            "lines_before": .integer(earlier),
            "domains": .integer(domains),
            "not_a_domain": .integer(unusable),
            "no_such_domain": .integer(doNotExist),
            "could_not_tell": .integer(withUnknown),
            "seconds": .number(seconds),
            "domains_per_second": .number(seconds > 0 ? Double(lines) / seconds : 0),
            "questions": .integer(questions),
            "verdicts": counts(Report.Overall.allCases, verdicts),
            "mx": counts(LineFacts.MX.allCases, mx),
            "spf": .object(
                LineFacts.SPF.allCases.map { .init($0.rawValue, .integer(spf[$0] ?? 0)) }
                    + [.init("over_limit", .integer(overSPFLimit))]),
            "dmarc": counts(LineFacts.DMARC.allCases, dmarc),
            "findings": .object(mostFrequent.map { .init($0.check, .integer($0.number)) }),
        ]
    }

    private var mostFrequent: [(check: String, number: Int)] {
        findings.map { (check: $0.key, number: $0.value) }
            .sorted { ($1.number, $0.check) < ($0.number, $1.check) }
    }

    /// For people, some lines.
    package func text(seconds: Double, earlier: Int) -> String {
        func row(_ title: String, _ parts: [(String, Int)]) -> String? {
            let shown = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            if shown.isEmpty { return nil }
            return title + String(repeating: " ", count: max(1, 9 - title.utf8.count)) + shown.joined(separator: ", ")
        }
        var first = "\(domains) \(domains == 1 ? "domain" : "domains") in \(Wording.duration(seconds))"
        if seconds > 0, lines > 1 { first += " (\(Int((Double(lines) / seconds).rounded())) a second)" }
        if unusable > 0 { first += "; \(unusable) \(unusable == 1 ? "entry is" : "entries are") no domain" }
        if earlier > 0 { first += "; \(earlier) \(earlier == 1 ? "line was" : "lines were") there before" }
        let rows = [
            row("verdict", Report.Overall.allCases.map { ($0.rawValue, verdicts[$0] ?? 0) }),
            row(
                "DMARC",
                [
                    ("reject", dmarc[.reject] ?? 0), ("quarantine", dmarc[.quarantine] ?? 0),
                    ("none", dmarc[LineFacts.DMARC.none] ?? 0), ("missing", dmarc[.missing] ?? 0),
                    ("unusable", dmarc[.unusable] ?? 0), ("could not tell", dmarc[.unknown] ?? 0),
                ]),
            row(
                "SPF",
                [
                    ("with a record", spf[.found] ?? 0), ("over the limit of lookups", overSPFLimit),
                    ("missing", spf[.missing] ?? 0), ("several", spf[.multiple] ?? 0),
                    ("could not tell", spf[.unknown] ?? 0),
                ]),
            row(
                "MX",
                [
                    ("with hosts", mx[.hosts] ?? 0), ("null MX", mx[.null] ?? 0),
                    ("by address alone", mx[.implicit] ?? 0), ("no way in", mx[LineFacts.MX.none] ?? 0),
                    ("could not tell", mx[.unknown] ?? 0),
                ]),
            row("other", [("no such domain", doNotExist), ("not all could be told", withUnknown)]),
        ]
        return ([first] + rows.compactMap(\.self)).joined(separator: "\n") + "\n"
    }
}
