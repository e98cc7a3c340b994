extension Rule {
    /// Every rule there is, in the order of the report.
    package static let all: [Rule] =
        DomainRules.all + DNSSECRules.all + AuthorityRules.all + SecondOpinionRules.all + MentionedNameRules.all
        + MXRules.all + PTRRules.all + HELORules.all
        + SPFRules.all
        + DKIMRules.all + DMARCRules.all
        + MTASTSRules.all + MTASTSPolicyRules.all + TLSRPTRules.all + TLSRPTRules.further + DANERules.all + CAARules.all
        + SenderRules.all + BIMIRules.all + BIMIPictureRules.all + SettingsRules.all + SMTPRules.all + DialogueRules.all
        + BehaviourRules.all + RecipientRules.all + AccessRules.all + TLSRules.all
        + TLSAcceptanceRules.all
        + ReputationRules.all + DiscoveryRules.all
        + RoundTripRules.all + MessageRules.all + DKIMMessageRules.all + ARCRules.all + BulkRules.all
}
