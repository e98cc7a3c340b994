extension Rule {
    /// Those that the DNS alone can answer: they look at ``Evidence/domain`` and nothing else.
    package static let answeredByDNS: [Rule] =
        DomainRules.all + MXRules.all + PTRRules.all + SPFRules.all + DKIMRules.all + DMARCRules.all
        + MTASTSRules.all + TLSRPTRules.all + BIMIRules.all
}
