package import Judgement
internal import Mail
internal import Yams

extension Baseline {
    /// Reads what `--baseline` names: `severities` and `accept`, written as they stand in a configuration too.
    ///
    /// Throws every problem there is, with line and column.
    package static func load(_ path: String) throws(ConfigurationProblems) -> Baseline {
        let reader = ConfigurationReader(environment: [:], rootKeys: ConfigurationReader.baselineKeys)
        reader.read(path)
        return try reader.configuration().baseline
    }

    /// The same of a text; `file` names it in problems.
    package static func parse(_ text: String, file: String) throws(ConfigurationProblems) -> Baseline {
        let reader = ConfigurationReader(environment: [:], rootKeys: ConfigurationReader.baselineKeys)
        reader.read(text: text, file: file)
        return try reader.configuration().baseline
    }
}

/// `severities` and `accept`.
extension ConfigurationReader {
    static let baselineKeys = ["severities", "accept"]
    /// More than a person decides.
    private static let acceptanceLimit = 100_000

    private static let identifiers = CheckPage.all.map(\.check.identifier)

    /// `severities: {spf.softfail-all: off, dmarc.policy-none: warning}`
    func readSeverities(_ field: Field) {
        guard case .mapping(let mapping) = field.value else {
            report(field.place, "“severities” are written as checks and what they weigh: spf.softfail-all: notice")
            return
        }
        for (key, value) in mapping {
            guard let check = text(key, of: "a check") else { continue }
            guard Self.identifiers.contains(check) else {
                report(place(key), "there is no check \(quoted(check))\(Self.hint(check))")
                continue
            }
            guard let word = text(value, of: "the severity of \(check)") else { continue }
            if word == "off" {
                configuration_.baseline.weights[check] = .off
            } else if let severity = choice(
                word, place: place(value), of: "the severity of \(check)", as: Severity.self)
            {
                configuration_.baseline.weights[check] = .severity(severity)
            }
        }
    }

    private static func hint(_ check: String) -> String {
        suggestion(for: check, among: identifiers).map { ", did you mean “\($0)”?" } ?? "; mailsonde explain lists them"
    }

    func readAcceptance(_ node: Node) {
        let keys = ["check", "subject", "until", "at_most", "reason"]
        guard let fields = fields(node, of: "an accepted finding", keys: keys) else { return }
        guard let field = fields["check"], let check = text(field) else {
            if fields["check"] == nil { report(place(node), "“check” is missing: spf.softfail-all, or spf.*") }
            return
        }
        guard Self.identifiers.contains(where: { Wildcard.matches(check, $0) }) else {
            report(field.place, "there is no check \(quoted(check))\(Self.hint(check))")
            return
        }
        guard let reasonField = fields["reason"] else {
            report(place(node), "“reason” is missing: who finds this in a year will want it")
            return
        }
        guard let reason = text(reasonField), configuration_.baseline.acceptances.count < Self.acceptanceLimit else {
            return
        }
        var acceptance = Baseline.Acceptance(check: check, reason: reason)
        if let subject = fields["subject"].flatMap({ text($0) }) { acceptance.subject = subject }
        if let until = fields["until"] {
            guard let day = day(until) else { return }
            acceptance.until = day
        }
        if let worst = fields["at_most"] {
            guard let severity = choice(worst, as: Severity.self) else { return }
            acceptance.worst = severity
        }
        configuration_.baseline.acceptances.append(acceptance)
    }

    /// `2027-03-01`: the end of that day in UTC.
    private func day(_ field: Field) -> Timestamp? {
        guard let text = text(field) else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            .map { part in part.allSatisfy { (48...57).contains($0) } ? Int(String(decoding: part, as: UTF8.self)) : nil
            }
        if parts.count == 3, text.utf8.count == 10, let year = parts[0], let month = parts[1], let day = parts[2] {
            let time = Timestamp(year: year, month: month, day: day, hour: 23, minute: 59, second: 59)
            let civil = time.civil
            if (1...12).contains(month), (civil.year, civil.month, civil.day) == (year, month, day) { return time }
        }
        report(field.place, "“\(field.key)” is \(quoted(text)): a day is written 2027-03-01")
        return nil
    }
}
