internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// What is looked at beside the ports, while they are tried: it names its own servers.
struct FurtherExamination: Sendable {
    var evidence: DomainEvidence
    /// What is known when it begins.
    var knowledge: Knowledge
    var resolver: any Resolver
    var means: Means

    /// Seconds for all of it, where the deadline is not sooner.
    private static let limit = 8.0

    /// The observations, with the look-ups that led to them.
    func observations(by deadline: Deadline) async -> (seen: [Observation], knowledge: Knowledge) {
        let deadline = deadline.capped(seconds: Self.limit)
        let punctual = PunctualResolver(resolver: resolver, deadline: deadline)
        let evidence = evidence
        let (wanted, known) = await inWaves(of: punctual, known: knowledge) { dns in
            (
                authority: AuthorityEvidence.gather(evidence, [], asking: &dns),
                settings: SettingsEvidence.gather(evidence, [], asking: &dns)
            )
        }
        async let pages = pages(wanted.settings, asking: punctual, by: deadline)
        async let servers = AuthorityProbe(means: means).observe(wanted.authority, by: deadline)
        let web = await pages
        let seen = await servers.map(Observation.authority) + web.map(Observation.web)
        // The hosts that settings name are known only now.
        let (_, all) = await inWaves(of: punctual, known: known) { dns in
            _ = SettingsEvidence.gather(evidence, web, asking: &dns)
        }
        return (seen, all)
    }

    /// Settings for mail programs where their places have addresses, and what the BIMI record names.
    private func pages(
        _ settings: SettingsEvidence, asking resolver: any Resolver, by deadline: Deadline
    ) async -> [WebObservation] {
        var jobs = settings.places.map { (purpose: $0.purpose, place: $0.place) }
        jobs += evidence.bimiPlaces
        let (domain, means, staysInside) = (evidence.domain, means, evidence.standsInside)
        var web = await crowd(jobs, atOnce: 8, perKey: 4, key: \.place.host) { job -> WebObservation? in
            var probe = WebProbe(
                domain: domain, purpose: job.purpose, place: job.place,
                addresses: { host in
                    await inWaves(of: resolver) { SettingsEvidence.addresses(of: host, asking: &$0) }.result
                }, means: means, limit: Self.limit(of: job.purpose), staysInside: staysInside)
            if job.purpose == .autodiscover { probe.form = Self.autodiscoverForm(domain) }
            return await probe.observe(by: deadline)
        }.compactMap { $0 }
        let logo = web.first { $0.purpose == .logo && $0.result == .fetched }
        for index in web.indices where web[index].purpose == .mark && web[index].status == 200 {
            var mark = MarkReading.read(web[index].body)
            mark.logoHashes = logo.map { MarkReading.hashes(of: $0.body) } ?? []
            web[index].mark = mark
        }
        return web
    }

    /// Octets at most: of a logo as many as it takes to say how far it is too large.
    private static func limit(of purpose: WebObservation.Purpose) -> Int {
        purpose == .logo ? BIMILogo.maximumLength * 4 : 200_000
    }

    /// [MS-OXDSCLI] §2.2.3.1.
    private static func autodiscoverForm(_ domain: DomainName) -> [UInt8] {
        let schema = "http://schemas.microsoft.com/exchange/autodiscover/outlook"
        return Array(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <Autodiscover xmlns="\(schema)/requestschema/2006"><Request>\
            <EMailAddress>postmaster@\(domain)</EMailAddress>\
            <AcceptableResponseSchema>\(schema)/responseschema/2006a</AcceptableResponseSchema>\
            </Request></Autodiscover>
            """.utf8)
    }
}

extension DomainEvidence {
    /// Whether a mail host has an address that is not of the Internet: the domain is looked at from inside its network.
    fileprivate var standsInside: Bool {
        hosts.contains { host in
            host.addresses.contains { $0.address.specialPurpose != nil && $0.address.specialPurpose != .documentation }
        }
    }
}
