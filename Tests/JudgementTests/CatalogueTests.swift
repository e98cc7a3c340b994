import Foundation
import Judgement
import Testing

/// What a mail audit should know, row by row, and where that is looked at; behind a `-` the reason why not, or not all of
/// it: how a paragraph of checks/README.md begins.
@Suite struct CatalogueTests {
    static let rows = """
        DNS-001 domain.exists
        DNS-002 domain.name-servers
        DNS-003 authority.lame authority.silent authority.unresolvable-server
        DNS-004 authority.mx-differs
        DNS-005 authority.spf-differs authority.dmarc-differs authority.dkim-differs
        DNS-006 authority.ipv6
        DNS-007 authority.tcp
        DNS-008 authority.edns
        DNS-009 authority.serial authority.soa-values authority.contact
        DNS-010 - TTLs
        DNS-011 dmarc.wildcard
        DNS-012 domain.dangling-alias dkim.dangling-alias dmarc.alias
        DNS-013 authority.propagation
        DNS-014 - When the registration of a domain runs out
        DNS-015 - MX records of a parked domain, hosts or name servers that nobody approved
        DNS-016 - When the registration of a domain runs out, and who may announce its routes
        DNS-017 - What this machine can do
        DNS-018 caa.issuer caa.record
        SEC-001 dnssec.signed
        SEC-002 dnssec.bogus domain.exists
        SEC-003 dnssec.mx-hosts dane.insecure
        SEC-004 dnssec.expiry
        SEC-005 dnssec.algorithm
        SEC-006 dnssec.nsec3-iterations
        SEC-007 dnssec.child-keys
        MX-001 mx.exists mx.implicit
        MX-002 mx.null-mixed
        MX-003 mx.null-mixed
        MX-004 mx.target-unresolvable
        MX-005 mx.target-alias
        MX-006 mx.target-is-address
        MX-007 mx.address-special
        MX-008 mx.single-host
        MX-009 mx.duplicate
        MX-010 - MX records of a parked domain
        MX-011 - MX records of a parked domain, hosts or name servers that nobody approved
        MX-012 mta-sts.mx-not-named
        MX-013 mx.target-unresolvable
        MX-014 mx.ipv6
        MX-015 smtp.reachable
        MX-016 mx.weaker-backup
        MX-017 mx.duplicate
        MX-018 - When the registration of a domain runs out, and who may announce its routes
        MX-019 mx.too-many
        MX-020 mx.target-unresolvable
        MX-021 mx.implicit
        PTR-001 ptr.exists
        PTR-002 ptr.forward-confirmed
        PTR-003 ptr.generic-name
        PTR-004 ptr.several-names
        PTR-005 helo.matches-ptr
        PTR-006 helo.resolves
        PTR-007 helo.full-name
        PTR-008 ptr.exists
        SPF-001 spf.exists
        SPF-002 spf.multiple
        SPF-003 spf.syntax
        SPF-004 spf.type-99
        SPF-005 spf.sender-id
        SPF-006 spf.lookup-limit
        SPF-007 spf.near-limit
        SPF-008 spf.void-lookups
        SPF-009 spf.crowded-mx
        SPF-010 spf.include-without-record
        SPF-011 spf.loop
        SPF-012 spf.duplicate-term
        SPF-013 spf.pass-all
        SPF-014 spf.neutral-all
        SPF-015 spf.softfail-all
        SPF-016 spf.after-all
        SPF-017 spf.redirect-with-all
        SPF-018 spf.duplicate-modifier
        SPF-019 spf.ptr-used
        SPF-020 spf.bad-address
        SPF-021 spf.broad-range
        SPF-022 spf.private-range
        SPF-023 spf.string-seam
        SPF-024 spf.answer-size
        SPF-025 spf.not-ascii
        SPF-026 spf.macro
        SPF-027 spf.explanation
        SPF-028 spf.missing-target
        SPF-029 spf.sender-address
        SPF-030 spf.helo-name
        SPF-031 spf.host-names
        SPF-032 spf.unregistered-target
        SPF-033 - SPF lookups that changed since the last run
        SPF-034 spf.no-mail
        SPF-035 spf.unknown-mechanism
        SPF-036 spf.needs-tcp
        DKIM-001 dkim.no-keys
        DKIM-002 dkim.selector-missing
        DKIM-003 dkim.multiple
        DKIM-004 dkim.syntax
        DKIM-005 dkim.syntax
        DKIM-006 dkim.revoked
        DKIM-007 dkim.weak-key
        DKIM-008 dkim.short-key
        DKIM-009 dkim.large-record
        DKIM-010 dkim.sha1-only
        DKIM-011 dkim.testing
        DKIM-012 dkim.subdomain-forbidden
        DKIM-013 dkim.not-for-email dkim.obsolete-tag
        DKIM-014 dkim.ed25519-alone
        DKIM-015 dkim.dangling-alias
        DKIM-016 dkim.old-key
        DKIM-017 dkim.other-key
        DKIM-018 dkim.signature-fails
        DKIM-019 dkim.unaligned
        DKIM-020 dkim.length-tag
        DKIM-021 dkim.unsigned-fields dkim.not-oversigned
        DKIM-022 dkim.lifetime
        DKIM-023 dkim.shared-key
        DKIM-024 dkim.fragile
        DMARC-001 dmarc.exists
        DMARC-002 dmarc.multiple
        DMARC-003 dmarc.version
        DMARC-004 dmarc.no-policy
        DMARC-005 dmarc.tag-order
        DMARC-006 dmarc.policy-none
        DMARC-007 dmarc.subdomain-policy
        DMARC-008 dmarc.nonexistent-subdomains
        DMARC-009 dmarc.psd
        DMARC-010 dmarc.testing
        DMARC-011 dmarc.removed-tags
        DMARC-012 dmarc.unknown-tags
        DMARC-013 dmarc.no-rua
        DMARC-014 dmarc.report-address
        DMARC-015 dmarc.external-reports
        DMARC-016 dmarc.report-domain-mail
        DMARC-017 dmarc.many-destinations dmarc.size-limit
        DMARC-018 dmarc.failure-reports
        DMARC-019 dmarc.misplaced dmarc.unrelated-text
        DMARC-020 dmarc.alias
        DMARC-021 dmarc.strict-alignment
        DMARC-022 dmarc.walk-differs
        DMARC-023 dmarc.shadowed
        DMARC-024 message.unproven-from
        DMARC-025 dmarc.no-mail
        DMARC-026 dmarc.only-spf
        DMARC-027 dmarc.wildcard
        STS-001 mta-sts.exists
        STS-002 mta-sts.record
        STS-003 mta-sts.fetch
        STS-004 mta-sts.certificate
        STS-005 mta-sts.content-type
        STS-006 mta-sts.policy
        STS-007 mta-sts.mode
        STS-008 mta-sts.mx-not-named
        STS-009 mta-sts.mx-certificate
        STS-010 mta-sts.max-age
        STS-011 - An MTA-STS policy that changed while its id did not
        STS-012 mta-sts.slow-or-large
        STS-013 mta-sts.not-announced
        STS-014 mta-sts.idle-name
        STS-015 mta-sts.no-reports
        RPT-001 tls-rpt.exists tls-rpt.record
        RPT-002 tls-rpt.record
        RPT-003 tls-rpt.destination
        RPT-004 - Reports that a provider of mail hosts asks for
        RPT-005 - Reports on TLS and their failures
        BIMI-001 bimi.record
        BIMI-002 bimi.enforcement
        BIMI-003 bimi.logo
        BIMI-004 bimi.logo-profile
        BIMI-005 bimi.mark-certificate
        BIMI-006 bimi.mark-certificate-invalid
        BIMI-007 bimi.logo-differs
        BL-001 reputation.address-listed
        BL-002 reputation.address-listed
        BL-003 reputation.domain-listed
        BL-004 - Block lists that are dead, list everything, or refuse this resolver
        BL-005 - Block lists that are dead, list everything, or refuse this resolver
        BL-006 - Block lists that are dead, list everything, or refuse this resolver
        BL-007 - Block lists that are dead, list everything, or refuse this resolver
        BL-008 reputation.address-listed reputation.domain-listed
        AC-001 discovery.records
        AC-002 discovery.target discovery.declined-mixed discovery.contradicted
        AC-003 autoconfig.file
        AC-004 autoconfig.autodiscover
        AC-005 autoconfig.contradiction autoconfig.clear-text discovery.contradicted
        AC-006 autoconfig.jmap discovery.target
        DANE-001 dane.exists
        DANE-002 dane.insecure
        DANE-003 dane.mismatch
        DANE-004 dane.lookup
        DANE-005 dane.no-starttls
        DANE-006 dane.usage
        DANE-007 dane.anchor-not-sent
        DANE-008 dane.rollover
        DANE-009 dane.partial
        DANE-010 - An MTA-STS policy that changed while its id did not, a TLSA record that the next certificate will not match
        DANE-011 dane.malformed
        DANE-012 - REQUIRETLS and TLSA records of ports other than 25
        SMTP-001 smtp.reachable
        SMTP-002 smtp.greeting smtp.greeting-delay
        SMTP-003 smtp.greeting
        SMTP-004 smtp.greeting-name
        SMTP-005 smtp.banner-version
        SMTP-006 smtp.ehlo smtp.helo-only
        SMTP-007 smtp.starttls
        SMTP-008 smtp.starttls-works
        SMTP-009 smtp.starttls-intermittent
        SMTP-010 smtp.injection
        SMTP-011 smtp.starttls-again smtp.lost-extensions
        SMTP-012 smtp.extensions smtp.size-limit - DSN, SMTPUTF8, CHUNKING, REQUIRETLS, ENHANCEDSTATUSCODES
        SMTP-013 - DSN, SMTPUTF8, CHUNKING, REQUIRETLS, ENHANCEDSTATUSCODES
        SMTP-014 - DSN, SMTPUTF8, CHUNKING, REQUIRETLS, ENHANCEDSTATUSCODES
        SMTP-015 smtp.auth-on-25
        SMTP-016 smtp.plaintext-auth
        SMTP-017 smtp.open-relay
        SMTP-018 smtp.vrfy smtp.vrfy-all
        SMTP-019 smtp.expn
        SMTP-020 smtp.postmaster smtp.postmaster-bare
        SMTP-021 smtp.abuse
        SMTP-022 smtp.null-sender
        SMTP-023 smtp.unknown-recipient
        SMTP-024 smtp.greylisting
        SMTP-025 smtp.greeting-delay smtp.slow-replies
        SMTP-026 - Mail to an address literal
        SMTP-027 - Whether a bare LF is taken for a line end in a message
        SMTP-028 smtp.slow-replies
        SMTP-029 smtp.reachable - What this machine can do
        SMTP-030 smtp.own-domain-sender
        SUB-001 submission.starttls submission.starttls-works
        SUB-002 access.implicit-tls access.reachable
        SUB-003 submission.plaintext-auth
        SUB-004 submission.without-login
        SUB-005 submission.auth-offered
        SUB-006 roundtrip.delivered
        SUB-007 - Wrong passwords, and failed logins in general
        SUB-008 - Wrong passwords, and failed logins in general
        IMAP-001 access.greeting
        IMAP-002 imap.plaintext-login
        IMAP-003 imap.starttls imap.starttls-works access.implicit-tls
        IMAP-004 imap.preauth imap.injection
        IMAP-005 - IDLE, MOVE, UIDPLUS and SPECIAL-USE of IMAP
        IMAP-006 imap.banner-version
        IMAP-007 roundtrip.delivered - How long a login and a look into the mailbox take
        POP-001 access.greeting
        POP-002 pop3.plaintext-login
        POP-003 pop3.starttls pop3.starttls-works access.implicit-tls
        POP-004 pop3.injection
        POP-005 pop3.apop
        POP-006 - Open ports 143 and 110 by themselves
        TLS-001 tls.trusted
        TLS-002 tls.name
        TLS-003 tls.expired
        TLS-004 tls.expires-soon
        TLS-005 tls.chain-incomplete tls.chain-order
        TLS-006 tls.weak-key
        TLS-007 tls.weak-signature
        TLS-008 tls.old-version tls.old-versions-accepted
        TLS-009 tls.new-versions-missing
        TLS-010 tls.ssl-accepted
        TLS-011 tls.weak-suites
        TLS-012 tls.forward-secrecy tls.small-dh-group tls.static-key-accepted
        TLS-013 tls.client-order
        TLS-014 tls.compression tls.insecure-renegotiation - Renegotiation begun by the client
        TLS-015 tls.extended-master-secret - Early data (0-RTT)
        TLS-016 tls.key-exchange-hash
        TLS-017 tls.certificates-differ
        TLS-018 tls.no-sni
        TLS-019 - Revocation
        TLS-020 tls.post-quantum
        TLS-021 - A key that changes, or never changes, with renewals
        TLS-022 tls.slow-handshake
        MSG-001 roundtrip.delivered
        MSG-002 roundtrip.late roundtrip.duplicated
        MSG-003 roundtrip.delivered
        MSG-004 roundtrip.misplaced
        MSG-005 roundtrip.authentication message.authentication message.forged-results
        MSG-006 message.verification-disagrees
        MSG-007 roundtrip.altered dkim.changed-in-transit
        MSG-008 roundtrip.plaintext-hop message.plaintext-hop
        MSG-009 roundtrip.slow-hop message.slow-hop
        MSG-010 roundtrip.clock-skew message.clock-skew
        MSG-011 message.internal-names
        MSG-012 message.date message.message-id
        MSG-013 message.unsubscribe bulk.unsubscribe
        MSG-014 message.return-path-domain
        MSG-015 message.spam-score
        MSG-016 arc.chain
        MSG-017 message.return-path-mail
        MSG-018 message.hop-count
        BULK-001 bulk.spf bulk.dkim
        BULK-002 bulk.dmarc
        BULK-003 bulk.alignment
        BULK-004 bulk.reverse-dns
        BULK-005 bulk.tls
        BULK-006 bulk.unsubscribe
        BULK-007 bulk.format
        BULK-008 bulk.dkim
        BULK-009 - A spam rate below 0.3 %
        BULK-010 bulk.forwarding
        BULK-011 bulk.forged-gmail
        X-001 mx.senders-disagree mta-sts.mx-certificate mta-sts.mx-not-named dane.mismatch
        X-002 spf.no-mail dmarc.no-mail - MX records of a parked domain
        X-003 - What has changed since an earlier report
        X-004 - What this machine can do
        X-005 domain.unprotected-name spf.host-names domain.dangling-alias
        X-006 authority.resolvers-differ authority.propagation
        X-007 roundtrip.late - How many of all test messages came in time
        """

    struct Row {
        var name: String
        var checks: [String]
        var reason: String?
    }

    static let table: [Row] = rows.split(separator: "\n").map { line in
        let parts = line.split(separator: " - ", maxSplits: 1).map(String.init)
        let words = parts[0].split(separator: " ").map(String.init)
        return Row(
            name: words[0], checks: words.dropFirst().filter { $0 != "-" },
            reason: parts.count > 1 ? parts[1] : nil)
    }

    /// What stands in bold at the head of paragraphs under “What is not asked, and why”, each on one line.
    private static func reasons() throws -> [String] {
        let text = try String(
            contentsOf: root.appending(path: "checks/README.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## What is not asked, and why\n").last)
        let own = section.components(separatedBy: "\n## ")[0]
        return own.components(separatedBy: "\n- **").dropFirst().map {
            $0.components(separatedBy: "**")[0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let catalogue = root.appending(path: "../shared/checks-catalogue.md").standardized

    @Test func `Every row has a check that exists, or a reason that people can read`() throws {
        let identifiers = Set(Rule.all.map(\.check.identifier))
        let reasons = try Self.reasons()
        for row in Self.table {
            #expect(!row.checks.isEmpty || row.reason != nil, "\(row.name)")
            #expect(row.checks.allSatisfy(identifiers.contains), "\(row.name): \(row.checks)")
            if let reason = row.reason {
                #expect(reasons.contains { $0.hasPrefix(reason) }, "\(row.name): \(reason)")
            }
        }
        #expect(Set(Self.table.map(\.name)).count == Self.table.count)
    }

    @Test func `The rows of each family are counted through without a gap`() {
        let families = Dictionary(grouping: Self.table.map(\.name)) { $0.split(separator: "-")[0] }
        for (family, rows) in families {
            #expect(
                rows.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } } == Array(1...rows.count),
                "\(family)")
        }
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: catalogue.path()), "the catalogue is not beside the package"))
    func `No row of the catalogue is left out`() throws {
        let text = try String(contentsOf: Self.catalogue, encoding: .utf8)
        var wanted = Set(
            text.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { line -> String? in
                let name = line.dropFirst(2).prefix { $0 != " " }
                return name.contains("-") && name.last?.isNumber == true ? String(name) : nil
            })
        #expect(wanted.count > 200)
        // Two families stand in running text.
        wanted.formUnion((1...11).map { $0 < 10 ? "BULK-00\($0)" : "BULK-0\($0)" } + (1...7).map { "X-00\($0)" })
        #expect(Set(Self.table.map(\.name)) == wanted)
    }
}
