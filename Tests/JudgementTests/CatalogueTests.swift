import Foundation
import Judgement
import Testing

/// What a mail audit should know, row by row, and where that is looked at; `-` with the reason where it is not.
@Suite struct CatalogueTests {
    static let rows = """
        DNS-001 domain.exists
        DNS-002 domain.name-servers
        DNS-003 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-004 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-005 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-006 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-007 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-008 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-009 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-010 - a resolver tells what is left of a TTL, not what was published
        DNS-011 dmarc.wildcard
        DNS-012 domain.dangling-alias dkim.dangling-alias dmarc.alias
        DNS-013 - servers of the zone are asked one by one elsewhere, not through the resolver
        DNS-014 - registries are asked by RDAP, over HTTP, and not all of them tell
        DNS-015 - which servers are approved is nobody's but the owner's to know; diff shows changes
        DNS-016 - route origins stand in no zone
        DNS-017 - it is about the machine that asks, not about a domain
        DNS-018 caa.issuer caa.record
        SEC-001 dane.insecure
        SEC-002 domain.exists
        SEC-003 dane.insecure
        SEC-004 dane.lookup
        SEC-005 - resolvers treat what they cannot verify as unsigned; dns query --dnssec shows the algorithms
        SEC-006 - it concerns those who run the zone; no mail is lost by it
        SEC-007 - it concerns the parent zone's registry; no mail is lost by it
        MX-001 mx.exists mx.implicit
        MX-002 mx.null-mixed
        MX-003 mx.null-mixed
        MX-004 mx.target-unresolvable
        MX-005 mx.target-alias
        MX-006 mx.target-is-address
        MX-007 mx.address-special
        MX-008 mx.single-host
        MX-009 mx.duplicate
        MX-010 - a domain with MX records may well only receive; nothing in the DNS says that it is parked
        MX-011 - which hosts are approved is nobody's but the owner's to know; diff shows changes
        MX-012 mta-sts.mx-not-named
        MX-013 mx.target-unresolvable
        MX-014 mx.ipv6
        MX-015 smtp.reachable
        MX-016 mx.weaker-backup
        MX-017 mx.duplicate
        MX-018 - route origins stand in no zone
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
        SPF-033 - one look at the DNS has no yesterday
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
        STS-011 - one look has no yesterday
        STS-012 mta-sts.slow-or-large
        STS-013 mta-sts.not-announced
        STS-014 mta-sts.idle-name
        STS-015 mta-sts.no-reports
        RPT-001 tls-rpt.exists tls-rpt.record
        RPT-002 tls-rpt.record
        RPT-003 tls-rpt.destination
        RPT-004 - reports of a provider are the provider's; the record of each domain is shown
        RPT-005 - reports are mail to somebody else
        BIMI-001 bimi.record
        BIMI-002 bimi.enforcement
        BIMI-003 - logos are fetched elsewhere, over HTTP
        BIMI-004 - logos are fetched elsewhere, over HTTP
        BIMI-005 bimi.mark-certificate
        BIMI-006 - mark certificates are fetched elsewhere, over HTTP
        BIMI-007 - mark certificates are fetched elsewhere, over HTTP
        BL-001 reputation.address-listed
        BL-002 reputation.address-listed
        BL-003 reputation.domain-listed
        BL-004 - it says nothing of the domain; evidence.reputation.lists tells it
        BL-005 - it says nothing of the domain; evidence.reputation.lists tells it
        BL-006 - it says nothing of the domain; evidence.reputation.lists tells it
        BL-007 - not to be recommended is no defect; evidence.reputation.asked tells it
        BL-008 reputation.address-listed reputation.domain-listed
        AC-001 discovery.records
        AC-002 discovery.target discovery.declined-mixed discovery.contradicted
        AC-003 - autoconfig is fetched elsewhere, over HTTP
        AC-004 - autodiscover is fetched elsewhere, over HTTP
        AC-005 discovery.contradicted
        AC-006 discovery.target
        X-001 mta-sts.mx-not-named mta-sts.mx-certificate
        X-002 spf.no-mail dmarc.no-mail
        X-003 - diff and baselines tell it, of two reports
        X-004 - it is about the machine that asks: doctor, and the report's machine, tell it
        X-005 domain.unprotected-name
        X-006 authority.resolvers-differ
        X-007 - monitor has it among its metrics
        """

    /// Row, checks, and the reason where there are none.
    static let table: [(row: String, checks: [String], reason: String)] = rows.split(separator: "\n").map { line in
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 1, words[1] != "-" else {
            return (words[0], [], words.dropFirst(2).joined(separator: " "))
        }
        return (words[0], Array(words.dropFirst()), "")
    }

    @Test func `Every row has a check that exists, or a reason`() {
        let identifiers = Set(Rule.all.map(\.check.identifier))
        for (row, checks, reason) in Self.table {
            #expect(checks.isEmpty != reason.isEmpty, "\(row)")
            #expect(checks.allSatisfy(identifiers.contains), "\(row): \(checks)")
        }
        #expect(Set(Self.table.map(\.row)).count == Self.table.count)
    }

    @Test func `The rows of each family are counted through without a gap`() {
        let families = Dictionary(grouping: Self.table.map(\.row)) { $0.split(separator: "-")[0] }
        for (family, rows) in families {
            #expect(
                rows.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } } == Array(1...rows.count),
                "\(family)")
        }
    }
}
