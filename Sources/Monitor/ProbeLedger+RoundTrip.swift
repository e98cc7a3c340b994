internal import Judgement
package import Mail
internal import Rendering

/// Messages sent, found and lost, and their way.
extension ProbeLedger {
    static let folders = ["inbox", "junk", "other"]
    static let methods = ["spf", "dkim", "dmarc", "arc"]
    /// RFC 8601 §2.7, and what is none of these.
    static let authResults = [
        "none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror", "other",
    ]

    mutating func beginRoundTrip() {
        for metric in [
            Metric.sent, .received, .late, .lost, .bounced, .duplicate, .inFlight, .oldestInFlight,
            .submissionDuration, .deliveryDuration, .hops,
        ] {
            store.touch(metric, [name])
        }
        for folder in Self.folders { store.touch(.placement, [name, folder]) }
        for method in Self.methods {
            for result in Self.authResults { store.touch(.authResults, [name, method, result]) }
        }
        for role in Journey.Role.allCases {
            for metric in [Metric.hopDelay, .hopSkew, .hopPlaintext] { store.touch(metric, [name, role.rawValue]) }
        }
    }

    mutating func recordRoundTrip(_ trip: RoundTripObservation) {
        if let seconds = trip.submissionSeconds {
            store.add(.sent, [name])
            store.observe(.submissionDuration, [name], seconds)
        }
        switch trip.outcome {
        case .delivered, .misplaced, .altered, .rejected, .deferred, .unknown: break
        case .late: store.add(.late, [name])
        case .lost: store.add(.lost, [name])
        case .bounced: store.add(.bounced, [name])
        case .duplicated: store.add(.duplicate, [name])
        }
        if let seconds = trip.deliverySeconds {
            store.add(.received, [name])
            store.observe(.deliveryDuration, [name], seconds)
        }
        if let folder = trip.folder { store.add(.placement, [name, Self.folder(folder)]) }
        guard let facts = MessageFacts(trip) else { return }
        recordAuthentication(facts)
        recordJourney(facts.journey)
    }

    static func folder(_ mailbox: String) -> String {
        let mailbox = mailbox.lowercased()
        if mailbox == "inbox" { return "inbox" }
        return ["junk", "spam", "bulk"].contains { mailbox.contains($0) } ? "junk" : "other"
    }

    private mutating func recordAuthentication(_ facts: MessageFacts) {
        for method in Self.methods {
            for result in facts.results(of: method).prefix(16) {
                let known = Self.authResults.contains(result.result) ? result.result : "other"
                store.add(.authResults, [name, method, known])
            }
        }
    }

    private mutating func recordJourney(_ journey: Journey) {
        store.set(.hops, [name], Double(journey.hops.count))
        var skews: [Journey.Role: Double] = [:]
        for hop in journey.hops.prefix(100) {
            let role = hop.role.rawValue
            if let delay = hop.correctedDelay ?? hop.delay { store.observe(.hopDelay, [name, role], max(0, delay)) }
            if abs(hop.skew) >= abs(skews[hop.role] ?? 0) { skews[hop.role] = hop.skew }
            if let isPlain = hop.received.isPlaintextOverNetwork, isPlain { store.add(.hopPlaintext, [name, role]) }
        }
        for (role, skew) in skews { store.set(.hopSkew, [name, role.rawValue], skew) }
    }
}

extension Received {
    /// RFC 3848: an `S` behind ESMTP or LMTP tells of TLS. nil where the field does not tell, or there was no network.
    package var isPlaintextOverNetwork: Bool? {
        guard ip != nil, let with = with?.uppercased() else { return nil }
        if tlsVersion != nil { return false }
        switch with {
        case "SMTP", "ESMTP", "ESMTPA", "UTF8SMTP", "UTF8SMTPA": return true
        case "ESMTPS", "ESMTPSA", "UTF8SMTPS", "UTF8SMTPSA": return false
        default: return nil
        }
    }
}
