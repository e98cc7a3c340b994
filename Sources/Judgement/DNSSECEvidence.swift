package import DNS
package import Mail

/// What our own validation makes of the answers that mail depends on: the domain's MX records and the addresses of its
/// hosts, from a trust anchor down. It asks hardly more than DANE does; of a signed domain its CDS and CDNSKEY records.
package struct DNSSECEvidence: Sendable {
    /// Of the MX records.
    package var mail: Validated
    /// Of the address records of each host.
    package var hosts: [Host]
    /// Why nothing can be told through this resolver, or with these anchors; nil where it can.
    package var obstacle: String?
    /// What the zone asks of its parent; nil where it is not secure.
    package var childKeys: ChildKeys?

    package struct Host: Sendable {
        package var name: DomainName
        package var a: Validated
        package var aaaa: Validated

        /// Of the weaker answer.
        package var security: Security { a.security.weaker(of: aaaa.security) }
        /// Whether there is an anchor at or above it.
        package var isBelowAnchor: Bool
    }

    /// No more hosts than these are validated.
    package static let maximumHosts = 10

    /// Whether there is anything to validate: the domain is there, or its answers may be withheld as bogus by a resolver
    /// that validates.
    package static func isWorthAsking(of domain: DomainEvidence) -> Bool {
        guard let why = domain.mx.unanswered else { return domain.existence == .exists }
        return why.reason == .servfail
    }

    /// Validates what is known; what is not known yet becomes wanted.
    /// - Parameter text: anchors as master-file text; nil for the root's keys as IANA publishes them.
    package static func gather(
        _ domain: DomainEvidence, anchors text: String?, at now: Timestamp, asking dns: inout Knowledge
    ) -> DNSSECEvidence {
        let anchors = AnswerSecurity.anchors(text)
        func validated(_ name: DomainName, _ type: RecordType) -> Validated {
            AnswerSecurity.validate(Question(name, type), in: &dns, anchors, at: now)
        }
        let mail = validated(domain.domain, .mx)
        let hosts = domain.hosts.prefix(maximumHosts).filter { $0.literal == nil }.map { host in
            Host(
                name: host.name, a: validated(host.name, .a), aaaa: validated(host.name, .aaaa),
                isBelowAnchor: anchors.covers(host.name))
        }
        var evidence = DNSSECEvidence(
            mail: mail, hosts: hosts, obstacle: obstacle(domain.domain, anchors, at: now, asking: &dns))
        if mail.security == .secure, let apex = evidence.zone {
            evidence.childKeys = ChildKeys.gather(apex, anchors, at: now, asking: &dns)
        }
        return evidence
    }

    /// Whether it was asked for at all, in what was recorded.
    package static func wasAsked(of domain: DomainName, _ knowledge: Knowledge) -> Bool {
        knowledge.outcomes[Question(domain, .mx, signatures: true)] != nil
    }

    /// The zone that signs the MX records, or the word that there are none.
    package var zone: DomainName? {
        mail.signatures.map(\.signer).max { $0.labelCount < $1.labelCount }
    }

    private static func obstacle(
        _ domain: DomainName, _ anchors: TrustAnchors, at now: Timestamp, asking dns: inout Knowledge
    ) -> String? {
        guard anchors.covers(domain) else { return "there is no trust anchor above \(domain)" }
        if let why = AnswerSecurity.otherTree(domain, in: &dns, anchors, at: now) { return why }
        let known = dns
        let sees = anchors.zones.contains { zone in
            guard let answer = try? known.outcomes[Question(zone, .dnskey, signatures: true)]?.get() else {
                return false
            }
            return answer.proof?.answers.contains { $0.type == .rrsig } ?? false
        }
        return sees ? nil : "the resolver passes no signatures on; ask another with --resolver"
    }
}

/// What a zone tells its parent of the DS records it wants (RFC 7344), beside those that stand there.
package struct ChildKeys: Sendable {
    package var zone: DomainName
    package var cds: Validated
    package var cdnskey: Validated
    /// As the parent has them.
    package var ds: [DS]
    /// As the zone has them.
    package var keys: [DNSKEY]

    package var cdsRecords: [DS] {
        (cds.answer?.records ?? []).compactMap { if case .cds(let ds) = $0.data { ds } else { nil } }
    }

    package var cdnskeyRecords: [DNSKEY] {
        (cdnskey.answer?.records ?? []).compactMap { if case .cdnskey(let key) = $0.data { key } else { nil } }
    }

    static func gather(
        _ apex: DomainName, _ anchors: TrustAnchors, at now: Timestamp, asking dns: inout Knowledge
    ) -> ChildKeys? {
        // An anchor has no parent to tell.
        guard !anchors.zones.contains(apex) else { return nil }
        let cds = AnswerSecurity.validate(Question(apex, .cds), in: &dns, anchors, at: now)
        let cdnskey = AnswerSecurity.validate(Question(apex, .cdnskey), in: &dns, anchors, at: now)
        func records(_ type: RecordType) -> [RecordData] {
            ((try? dns.outcome(Question(apex, type, signatures: true)).get())?.records ?? []).map(\.data)
        }
        return ChildKeys(
            zone: apex, cds: cds, cdnskey: cdnskey,
            ds: records(.ds).compactMap { if case .ds(let ds) = $0 { ds } else { nil } },
            keys: records(.dnskey).compactMap { if case .dnskey(let key) = $0 { key } else { nil } })
    }
}
