/// What receivers of mail for very many people ask of those who send to very many, as their published rules say it
/// (Gmail: "Email sender guidelines"; Yahoo: "Sender best practices"; Microsoft: "Requirements for high-volume senders").
package enum BulkRequirement: String, Hashable, Sendable, CaseIterable {
    case spf, dkim, dmarc, alignment
    case reverseDNS = "reverse-dns"
    case tls, unsubscribe, format
    case forgedGmail = "forged-gmail"
    case forwarding

    /// One table: which profile asks for it.
    package static func required(by profile: BulkSenderProfile) -> [BulkRequirement] {
        switch profile {
        case .gmail:
            [
                .spf, .dkim, .dmarc, .alignment, .reverseDNS, .tls, .unsubscribe, .format, .forgedGmail, .forwarding,
            ]
        case .yahoo: [.spf, .dkim, .dmarc, .alignment, .reverseDNS, .unsubscribe, .format]
        // Unsubscribing is advised there, in one click or not.
        case .microsoft: [.spf, .dkim, .dmarc, .alignment, .format]
        }
    }

    /// The check that says more.
    package var check: String { "bulk.\(rawValue)" }
}
