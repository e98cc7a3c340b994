/// Validating answers ourselves (RFC 4033 to 4035, 5155, 6840): what an answer is worth is decided by its signatures,
/// from a trust anchor down, and not by the AD bit of whoever passed it on.
package enum DNSSEC {
    /// What the answer to `question` is worth. A function of what is known: answers that it needs (always asked with
    /// ``Question/signatures``) and that nobody has asked for become wanted, and the result is `indeterminate` until
    /// they are there. The question may come with or without that flag.
    /// - Parameter now: seconds since 1970.
    package static func validate(
        _ question: Question, in knowledge: inout Knowledge, anchors: TrustAnchors = .iana, at now: Double
    ) -> Validated {
        switch knowledge.outcome(question) {
        case .failure(let why): Validated(.indeterminate("\(question): \(why.reason.rawValue)"))
        case .success(let answer): Validated(.indeterminate("no signatures came with the answer"), answer: answer)
        }
    }
}
