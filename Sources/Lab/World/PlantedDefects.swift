extension MailWorld {
    /// What is wrong with `broken.example` on purpose, and which check says so.
    static let plantedDefects: [Defect] = [
        Defect(check: "mx.target-alias", subject: "alias.broken.example", what: "an MX record names an alias"),
        Defect(check: "mx.target-unresolvable", subject: "nowhere.broken.example", what: "an MX record names nobody"),
        Defect(check: "ptr.exists", subject: "mail.broken.example", what: "127.0.77.21 has no PTR record"),
        Defect(
            check: "ptr.forward-confirmed", subject: "busy.broken.example", what: "the PTR name does not lead back"),
        Defect(check: "spf.lookup-limit", subject: "broken.example", what: "SPF asks for eleven lookups"),
        Defect(check: "spf.pass-all", subject: "broken.example", what: "SPF lets everybody send: +all"),
        Defect(check: "dkim.weak-key", subject: "broken.example", what: "selector s1 has an RSA key of 512 bits"),
        Defect(check: "dkim.syntax", subject: "broken.example", what: "selector s2 is no key"),
        Defect(check: "dkim.selector-missing", subject: "broken.example", what: "selector s3 is not there"),
        Defect(check: "dmarc.policy-none", subject: "broken.example", what: "DMARC asks for nothing: p=none"),
        Defect(check: "dmarc.no-rua", subject: "broken.example", what: "nobody gets the DMARC reports"),
        Defect(check: "dmarc.removed-tags", subject: "broken.example", what: "pct is no longer part of DMARC"),
        Defect(check: "tls-rpt.exists", subject: "broken.example", what: "nobody gets reports on TLS"),
        Defect(check: "smtp.starttls", subject: "mail.broken.example:25", what: "no STARTTLS on port 25"),
        Defect(check: "smtp.plaintext-auth", subject: "mail.broken.example:25", what: "passwords in clear on port 25"),
        Defect(check: "helo.full-name", subject: "mail.broken.example:25", what: "it calls itself localhost"),
        Defect(
            check: "submission.plaintext-auth", subject: "mail.broken.example:587",
            what: "passwords in clear on port 587"),
        Defect(check: "tls.expired", subject: "mail.broken.example:587", what: "the certificate is out of date"),
        Defect(check: "tls.name", subject: "mail.broken.example:465", what: "the certificate is for another name"),
        Defect(
            check: "tls.trusted", subject: "mail.broken.example:993", what: "the certificate signed itself"),
        Defect(
            check: "imap.plaintext-login", subject: "mail.broken.example:143", what: "passwords in clear on port 143"),
        Defect(
            check: "imap.starttls-works", subject: "mail.broken.example:143", what: "STARTTLS is offered and refused"),
    ]
}
