internal import DNS
internal import Judgement
internal import Mail
internal import Networking

/// Fetches what a domain publishes for others over HTTPS: settings for mail programs, a logo, a mark certificate. Mail
/// programs and mailbox providers follow redirects to fetch them, so a few are followed, over HTTPS only.
///
/// A stranger's record says where to go: addresses inside this network are dialled only where the domain's own mail hosts
/// stand there too, or where a dialling rule (`--connect-to`) says so.
struct WebProbe: Sendable {
    var domain: DomainName
    var purpose: WebObservation.Purpose
    var place: WebPlace
    /// The addresses of a host, in the order they are tried; what could not be told has none.
    var addresses: @Sendable (DomainName) async -> Told<[IPAddress]>
    var means: Means
    /// Octets of the body at most.
    var limit: Int
    /// Whether addresses that are not of the Internet may be dialled.
    var staysInside = false
    /// Seconds for one address to answer at all.
    var connectLimit = 2.0
    /// Sent by POST where there is one.
    var form: [UInt8]?

    private static let mostRedirects = 3

    /// Ends by `deadline`; nil where nobody could tell whether the first host has an address: then nothing is known.
    func observe(by deadline: Deadline) async -> WebObservation? {
        var seen = WebObservation(domain: domain, purpose: purpose, host: place.host, path: place.path, at: means.now())
        seen.port = place.port
        let clock = Means.monotonic
        let began = clock()
        var next: WebPlace? = place
        var hops = 0
        while let here = next {
            next = nil
            guard await visit(here, isFirst: hops == 0, by: deadline, &seen) else { return nil }
            guard let status = seen.status, Self.leadsOn(status), hops < Self.mostRedirects, seen.failure == nil,
                seen.connectionHolds, let there = seen.location.flatMap({ WebPlace($0, from: here) }), there != here
            else { break }
            hops += 1
            seen.followed.append(there.url)
            next = there
        }
        seen.seconds = clock() - began
        return seen
    }

    /// RFC 9110 §15.4: those of the 3xx that have a Location to go to.
    private static func leadsOn(_ status: Int) -> Bool { [301, 302, 303, 307, 308].contains(status) }

    /// false where nobody could tell the address of the first host.
    private func visit(
        _ here: WebPlace, isFirst: Bool, by deadline: Deadline, _ seen: inout WebObservation
    ) async -> Bool {
        seen.forgetAnswer()
        var known: [IPAddress]
        if let given = means.network.destination(host: here.host, port: here.port).address {
            known = [given]
        } else {
            let found = await addresses(here.host)
            if found.unanswered != nil {
                if isFirst { return false }
                seen.failure = Failure(.dnsTimeout, during: .dns, "the DNS did not tell its address")
                return true
            }
            known = found.value ?? []
            if known.isEmpty {
                seen.hasNoAddress = true
                return true
            }
            if !staysInside {
                known = known.filter(\.mayBeDialled)
                if known.isEmpty {
                    seen.failure = Failure(.notStated, during: .connect, "its address is not of the Internet")
                    return true
                }
            }
        }
        if deadline.hasPassed {
            seen.failure = Failure(.timeout, during: .connect, "no time was left")
            return true
        }
        // Hardly a web site has such a file, and that it has none says nothing: nobody waits long for it.
        let isUnlikely = purpose == .wellKnown
        let fetch = WebFetch(
            host: here.host, port: here.port, path: here.path, means: means, limit: limit,
            connectLimit: isUnlikely ? min(connectLimit, 1) : connectLimit, mostAddresses: isUnlikely ? 1 : 2,
            form: form,
            readsCompressed: true)
        let found = await fetch.get(from: known, by: deadline)
        seen.tried += found.tried
        seen.tls = found.tls
        seen.status = found.status
        seen.contentType = found.contentType
        seen.location = found.location
        seen.body = found.body
        seen.isCut = found.isCut
        seen.failure = found.failure
        return true
    }
}

extension IPAddress {
    /// An ordinary one: nothing of this network, and nothing that leads nowhere.
    fileprivate var mayBeDialled: Bool { specialPurpose == nil }
}
