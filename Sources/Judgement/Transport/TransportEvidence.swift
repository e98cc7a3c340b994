package import DNS
package import Mail

/// What decides how a sender treats the domain's mail hosts: DANE, MTA-STS, TLS reports, CAA.
///
/// Gathered like ``DomainEvidence`` and beside it: it needs more questions than a scan of many domains asks, and what
/// ports and the policy's server showed.
package struct TransportEvidence: Sendable {
    package struct Host: Sendable {
        package var name: DomainName
        package var preferences: [UInt16]
        package var dane: DANEDiscovery
        package var caa: CAASearch
        /// Whether the DNS says for certain that the host has no address.
        package var isWithoutAddress: Bool
        /// Port 25, an entry an address.
        package var endpoints: [MailEndpoint]

        /// The first address whose certificates were seen and matched, or failed to.
        package var verification: DANEVerification? { endpoints.lazy.compactMap(\.verification).first }
    }

    /// A place that TLS reports go to, and whether they arrive (RFC 8460 §3).
    package struct ReportInbox: Sendable {
        package var uri: String
        package var domain: DomainName?
        package var mail: ReportDestination.Mail
        /// Of the host of an https: URI.
        package var addresses: Told<[IPAddress]>?
    }

    /// In order of preference.
    package var hosts: [Host]
    package var mtaSTS: MTASTSEvidence
    package var reportInboxes: [ReportInbox]

    /// More destinations of reports are not looked at.
    package static let maximumInboxes = 10

    /// - Parameters:
    ///   - fetch: what came of fetching the policy; nil where nobody tried.
    ///   - security: how secure an answer is, by DNSSEC.
    package static func gather(
        _ domain: DomainEvidence, ports: [PortObservation], policy fetch: PolicyObservation?, at now: Timestamp,
        asking dns: inout Knowledge, security: SecurityOf
    ) -> TransportEvidence {
        var hosts: [Host] = []
        for host in domain.hosts where host.literal == nil {
            let dane = DANEDiscovery.discover(host.name, for: domain.domain, asking: &dns, security: security)
            let records: [TLSA] = if case .applies(_, let records) = dane.status { records } else { [] }
            hosts.append(
                Host(
                    name: host.name, preferences: host.preferences, dane: dane,
                    caa: CAASearch.climb(from: host.name, asking: &dns),
                    isWithoutAddress: host.addresses.isEmpty && host.addressFailure == nil,
                    endpoints: ports.filter { $0.service == .smtp && $0.endpoint.host == host.name }.map { port in
                        MailEndpoint(port, records, names: dane.names, at: now)
                    }))
        }
        return TransportEvidence(
            hosts: hosts,
            mtaSTS: MTASTSEvidence.gather(
                domain.domain, domain.mtaSTS, hosts: domain.hosts.map(\.name), fetch, at: now, asking: &dns),
            reportInboxes: inboxes(of: domain.tlsRPT, asking: &dns))
    }

    private static func inboxes(
        of record: RecordLookup<TLSRPTRecord>, asking dns: inout Knowledge
    ) -> [ReportInbox] {
        (record.value?.destinations ?? []).prefix(maximumInboxes).map { text in
            guard let uri = ReportingURI(text.utf8), let domain = uri.domain else {
                return ReportInbox(uri: text, domain: nil, mail: .notByMail, addresses: nil)
            }
            let isMail = uri.scheme == "mailto"
            return ReportInbox(
                uri: text, domain: domain,
                mail: isMail ? ReportDestination.mail(for: domain, asking: &dns) : .notByMail,
                addresses: isMail ? nil : hostAddresses(domain, asking: &dns))
        }
    }
}

/// Port 25 of one address, as far as a sender's decision goes.
package struct MailEndpoint: Sendable {
    /// What a sender meets there.
    package enum Reach: Hashable, Sendable {
        case encrypted
        /// STARTTLS is not on offer.
        case clear
        /// STARTTLS is on offer, and TLS does not come about.
        case tlsFails(String)
        /// Nobody is served there: refused, or turned away for good.
        case closed(String)
        /// It could not be seen.
        case unknown(Failure)
    }

    package var port: PortObservation
    package var reach: Reach
    /// By the host's TLSA records; nil where none apply or no certificate was seen.
    package var verification: DANEVerification?
    /// Why a sender that verifies by the public authorities turns the certificate down; nil where it does not.
    package var certificateProblem: String?

    package init(_ port: PortObservation, _ records: [TLSA], names: [DomainName], at now: Timestamp) {
        self.port = port
        reach = Self.reach(port)
        guard let tls = port.tls else { return }
        certificateProblem = MTASTSEvidence.problem(of: tls, at: now)
        if !records.isEmpty {
            verification = DANEVerification(records, chain: tls.chain.map(\.der), names: names, at: now)
        }
    }

    /// Whether the certificate holds with the public authorities; nil where that could not be told.
    package var isCertificateGood: Bool? {
        guard let tls = port.tls else { return nil }
        if certificateProblem != nil { return false }
        return tls.trusted == nil || tls.nameMatches == nil ? nil : true
    }

    private static func reach(_ port: PortObservation) -> Reach {
        switch port.state {
        case .refused: return .closed("port \(port.endpoint.port) refuses connections")
        case .timeout, .unreachable: return .unknown(port.failureOrState)
        case .open: break
        }
        if port.tls != nil { return .encrypted }
        switch (port.offersSTARTTLS, port.failure?.cause) {
        case (false?, _): return .clear
        case (true?, .starttlsRejected?) where port.failure?.detail.hasPrefix("421") == true:
            return .unknown(port.failureOrState)
        case (true?, .tlsHandshake?), (true?, .starttlsRejected?), (true?, .protocolViolation?):
            return .tlsFails(port.failureOrState.detail)
        case (nil, .greeting5xx?) where !port.refusesOurAddress:
            return .closed("the greeting is \(quoted(port.greeting.first ?? "\(port.greetingCode ?? 554)"))")
        default: return .unknown(port.failureOrState)
        }
    }
}
