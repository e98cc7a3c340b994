package import Judgement

/// How a message stands to what a receiver asks of bulk senders, taken from a report.
package struct BulkVerdict: Sendable {
    /// Of one requirement, or of all.
    package enum Verdict: String, Hashable, Sendable { case pass, fail, unknown }

    package struct Line: Sendable {
        package var requirement: BulkRequirement
        package var verdict: Verdict
        package var summary: String?
    }

    package var profile: BulkSenderProfile
    package var requirements: [Line]
    package var verdict: Verdict

    /// nil where the report's message was held against none.
    package init?(_ report: Report) {
        guard let profile = report.evidence.messages.first?.observation.profile else { return nil }
        self.profile = profile
        requirements = BulkRequirement.required(by: profile).map { requirement in
            if let finding = report.findings.first(where: { $0.check.identifier == requirement.check }) {
                return Line(requirement: requirement, verdict: .fail, summary: finding.summary)
            }
            if let unknown = report.unknown.first(where: { $0.check.identifier == requirement.check }) {
                return Line(requirement: requirement, verdict: .unknown, summary: PortText.detail(of: unknown.failure))
            }
            return Line(requirement: requirement, verdict: .pass, summary: nil)
        }
        let all = requirements.map(\.verdict)
        verdict = all.contains(.fail) ? .fail : all.contains(.unknown) ? .unknown : .pass
    }
}
