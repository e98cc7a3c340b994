import DNS
import Mail

/// What many domains have in common: the mail hosts of providers, and the SPF records that their customers draw in.
/// For those who look at many domains; what is kept changes nothing but how often it is asked for and worked out.
package final class SharedEvidence: Sendable {
    let hosts = SharedParts<MailHost.Facts>(places: 4_096)
    let records = SharedParts<SPFDrawnIn.Drawn>(places: 4_096)
    private let began = ContinuousClock.now

    package init() {}

    /// Nanoseconds since this was made.
    var now: Int64 {
        let (seconds, attoseconds) = began.duration(to: .now).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

extension MailHost.Facts {
    /// The same as it was found before, where all was told of it.
    static func gather(
        _ name: DomainName, sharing shared: SharedEvidence?, at now: Int64, asking dns: inout Knowledge
    ) -> MailHost.Facts {
        guard let shared else { return gather(name, isOwn: false, asking: &dns) }
        if let (known, seconds) = shared.hosts.part(of: name, at: now) {
            dns.leastTTL = min(dns.leastTTL, seconds)
            return known
        }
        let leastTTL = dns.leastTTL
        dns.leastTTL = .max
        let host = gather(name, isOwn: false, asking: &dns)
        shared.hosts.keep(host, for: name, seconds: dns.leastTTL, at: now)
        dns.leastTTL = min(leastTTL, dns.leastTTL)
        return host
    }
}
