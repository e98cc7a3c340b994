extension DMARCEvaluation.Authenticated {
    /// What SPF says of the domain it was evaluated for (RFC 9989 §4.4.2); nil where it says nothing for it.
    package init?(_ spf: SPFEvaluation) {
        guard let domain = spf.domain else { return nil }
        switch spf.result {
        case .pass: self.init(domain)
        case .temperror: self.init(domain, .couldNotTell)
        case .none, .neutral, .fail, .softfail, .permerror: return nil
        }
    }

    /// What a signature says of its domain, "d" (RFC 9989 §4.4.1); nil where it says nothing for it.
    package init?(_ signature: DKIMVerification) {
        guard let domain = signature.domain else { return nil }
        switch signature.result {
        case .pass: self.init(domain)
        case .temperror: self.init(domain, .couldNotTell)
        case .none, .fail, .policy, .neutral, .permerror: return nil
        }
    }
}
