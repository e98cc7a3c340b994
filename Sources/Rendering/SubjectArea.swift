package import Judgement

/// What a check is about, as people think of it: the headings of reports.
package struct SubjectArea: Hashable, Sendable {
    /// `SPF`, `TLS and certificates`
    package var title: String

    /// From the first word of the check's identifier. An area that nobody named here goes by that word.
    package init(of check: Check) {
        let word = String(check.identifier.prefix { $0 != "." })
        title =
            Self.titles[word]
            ?? word.split(separator: "-").enumerated()
            .map { $0.offset == 0 ? $0.element.prefix(1).uppercased() + $0.element.dropFirst() : String($0.element) }
            .joined(separator: " ")
    }

    private static let titles = [
        "domain": "The domain", "mx": "Mail hosts", "ptr": "Names of mail hosts", "helo": "Names of mail hosts",
        "access": "Ports", "smtp": "Taking mail", "submission": "Handing in mail", "imap": "Mailboxes",
        "pop3": "Mailboxes", "tls": "TLS and certificates", "dane": "DANE", "mta-sts": "MTA-STS",
        "tls-rpt": "TLS reports",
        "caa": "Who may issue certificates", "spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC", "bimi": "BIMI",
        "arc": "ARC",
        "bulk": "Bulk senders", "message": "The message", "roundtrip": "The journey", "recipient": "Addresses",
        "dnssec": "DNSSEC", "authority": "Name servers", "blocklist": "Block lists",
        "reputation": "Block lists", "discovery": "Setting up mail programs",
        "autoconfig": "Settings for mail programs",
    ]
}
