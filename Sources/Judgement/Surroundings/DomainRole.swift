internal import DNS
internal import Mail

/// What a domain says it does with mail: it is judged by that. A domain that does one thing is not to be blamed for
/// lacking what the other needs.
package enum DomainRole: String, Hashable, Sendable, CaseIterable {
    case sendsAndReceives = "sends_and_receives"
    case onlyReceives = "only_receives"
    case onlySends = "only_sends"
    /// It says that it takes no mail and sends none: parked.
    case neither
    case unknown
}

extension DomainEvidence {
    /// By MX, null MX and SPF record. A domain that says nothing of senders is taken to send.
    package var role: DomainRole {
        let receives: Bool
        switch routing {
        case .hosts, .nullMixed, .implicit: receives = true
        case .null, .none: receives = false
        case .couldNotTell: return .unknown
        }
        if spf.status.unanswered != nil { return .unknown }
        switch (saysItSendsNothing, receives) {
        case (false, true): return .sendsAndReceives
        case (true, true): return .onlyReceives
        case (false, false): return .onlySends
        case (true, false): return .neither
        }
    }

    /// Whether the SPF record allows nobody: `v=spf1 -all` (RFC 7208 §10.1.2).
    package var saysItSendsNothing: Bool {
        guard let record = spf.status.value, record.isValid else { return false }
        return spf.all == .fail && record.redirect == nil
            && record.directives.allSatisfy { $0.mechanism == .all }
    }
}
