package import Mail

/// What will change in a report if nothing is renewed: the same observations judged at moments to come. A change is
/// found by halving the time between two moments that are judged differently, to the second.
///
/// Left out: what others may publish until then, and what lasts shorter than the distance of two moments looked at and
/// is bound to no certificate.
package struct Forecast: Sendable {
    /// A finding that begins, ends or weighs otherwise, or a check that can no longer be told.
    package struct Change: Sendable {
        package enum Kind: String, CaseIterable, Sendable { case begins, worsens, lessens, ends, unknown }

        package var at: Timestamp
        package var kind: Kind
        package var check: String
        /// From then on; of what ends, as it was. nil where nothing could be told.
        package var severity: Severity?
        package var subject: String
        package var summary: String

        package init(
            at: Timestamp, kind: Kind, check: String, severity: Severity?, subject: String, summary: String
        ) {
            self.at = at
            self.kind = kind
            self.check = check
            self.severity = severity
            self.subject = subject
            self.summary = summary
        }
    }

    package var from: Timestamp
    package var until: Timestamp
    /// The earliest first.
    package var changes: [Change] = []

    /// Moments looked at evenly between now and then, and judgements in all.
    private static let moments = 48
    private static let maximumJudgements = 3_000

    /// - Parameter seconds: how far to look, more than 0.
    package init(
        _ seen: Recording.Examination, for seconds: Double, judging report: (Recording.Examination) -> Report
    ) {
        from = seen.at
        until = seen.at + seconds
        let base = seen.at, end = seconds
        var left = Self.maximumJudgements
        func state(_ offset: Double) -> State {
            var later = seen
            later.at = base + offset
            left -= 1
            return State(report(later))
        }
        // Whole seconds of the calendar: what ends at noon is seen to end at noon.
        let first = base.secondsSince1970.rounded(.up) - base.secondsSince1970
        var offsets = Set((1...Self.moments).map { first + (end * Double($0) / Double(Self.moments)).rounded() })
        for event in Self.events(in: seen.observations).prefix(400) {
            let offset = event.secondsSince1970.rounded(.down) + 1 - base.secondsSince1970
            if offset > 0, offset < end { offsets.insert(offset) }
        }
        var found: [Change] = []
        func narrow(_ a: Double, _ before: State, _ b: Double, _ after: State) {
            if before.weights == after.weights { return }
            if b - a <= 1 || left <= 0 {
                found += before.changes(to: after, at: base + b)
                return
            }
            let middle = a + ((b - a) / 2).rounded(.down)
            let between = state(max(middle, a + 0.5))
            narrow(a, before, middle, between)
            narrow(middle, between, b, after)
        }
        var a = 0.0
        var before = state(0)
        for b in offsets.sorted() where b > 0 && b <= end + 1 && left > 0 {
            let after = state(b)
            narrow(a, before, b, after)
            a = b
            before = after
        }
        changes = found
    }

    /// Ends of certificates.
    private static func events(in observations: [Observation]) -> Set<Timestamp> {
        var moments: Set<Timestamp> = []
        for observation in observations {
            let tls: TLSFacts? =
                switch observation {
                case .port(let port): port.tls
                case .policy(let policy): policy.tls
                default: nil
                }
            let mark = if case .web(let web) = observation { web.mark?.chain ?? [] } else { [CertificateFacts]() }
            for certificate in (tls?.chain ?? []) + mark { moments.insert(certificate.notAfter) }
        }
        return moments
    }

    /// What counts of a report: what is found of which subject, and how heavy that is.
    private struct State {
        struct Key: Hashable {
            var check: String
            var subject: String
        }
        /// nil: it could not be told.
        var weights: [Key: Severity?] = [:]
        var summaries: [Key: String] = [:]

        init(_ report: Report) {
            for unknown in report.unknown {
                let key = Key(check: unknown.check.identifier, subject: unknown.subject.description)
                weights[key] = .some(nil)
                summaries[key] = unknown.failure.detail
            }
            for finding in report.findings.reversed() {
                let key = Key(check: finding.check.identifier, subject: finding.subject.description)
                weights[key] = finding.severity
                summaries[key] = finding.summary
            }
        }

        func changes(to after: State, at: Timestamp) -> [Change] {
            var changes: [Change] = []
            for (key, weight) in after.weights {
                let kind: Change.Kind
                switch (weights[key], weight) {
                case (nil, nil), (.some(.some), nil): kind = .unknown
                case (nil, .some), (.some(nil), .some): kind = .begins
                case (.some(let old?), let new?) where new > old: kind = .worsens
                case (.some(let old?), let new?) where new < old: kind = .lessens
                default: continue
                }
                changes.append(
                    Change(
                        at: at, kind: kind, check: key.check, severity: weight, subject: key.subject,
                        summary: after.summaries[key] ?? ""))
            }
            for (key, weight) in weights where after.weights[key] == nil {
                changes.append(
                    Change(
                        at: at, kind: .ends, check: key.check, severity: weight, subject: key.subject,
                        summary: summaries[key] ?? ""))
            }
            return changes.sorted { a, b in
                let x = a.severity ?? .info, y = b.severity ?? .info
                return x == y ? (a.check, a.subject) < (b.check, b.subject) : x > y
            }
        }
    }
}
