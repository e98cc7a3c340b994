package import DNS

/// Whether an answer is secure by DNSSEC: handed in, so that what follows names securely does not depend on how that
/// is found out. What is not known yet becomes wanted.
package typealias SecurityOf = (Question, inout Knowledge) -> Security

/// The TLSA records of a mail host, and whether a sender that follows DANE uses them (RFC 7672 §2.2).
///
/// A function of what is known (see `Knowledge`). It asks one thing more than a sender would: the records of a host
/// whose addresses are not secure, so that records published in vain can be told.
package struct DANEDiscovery: Sendable {
    /// What a sender makes of the host before it dials.
    package enum Status: Hashable, Sendable {
        /// Secure records: the host has to prove itself by them.
        case applies(base: DomainName, [TLSA])
        /// There are none, and that is secure.
        case none
        /// The records, if any, are not used: why.
        case notUsed(String)
        /// An answer that a sender needs fails (bogus, SERVFAIL, silence): it does not use the host for now
        /// (RFC 7672 §2.1.1).
        case fails(Question, String)
        /// We could not tell whether an answer is secure; nothing follows from that for a sender.
        case couldNotTell(Question, String)
    }

    /// One name that was asked for TLSA.
    package struct Lookup: Hashable, Sendable {
        /// What stands behind `_25._tcp.`
        package var base: DomainName
        package var question: Question
        package var outcome: Outcome
        package var security: Security

        package var records: [TLSA] {
            ((try? outcome.get())?.records ?? []).compactMap { record in
                switch record.data {
                case .tlsa(let tlsa): tlsa
                case .unknown(.tlsa, let octets): TLSA(cut: octets)
                default: nil
                }
            }
        }
    }

    package var host: DomainName
    /// Of the MX records; nil where the sender was told the host.
    package var mx: Security?
    /// Of the host's addresses with the aliases that lead to them.
    package var addresses: Security
    /// In the order of RFC 7672 §2.2.2: the end of a secure alias first, then the name itself.
    package var lookups: [Lookup]
    package var status: Status
    /// The names that a certificate may have for DANE-TA(2), the base domain first (RFC 7672 §3.2.2).
    package var names: [DomainName]

    /// Whether secure records are passed over only because the MX records, which name the host, are not signed.
    /// RFC 7672 §2.2.1 leaves such a host to opportunistic TLS; Postfix goes by its records by default
    /// (`smtp_tls_dane_insecure_mx_policy`).
    package var isForInsecureMXAlone: Bool {
        mx == .insecure && addresses == .secure && lookups.contains { $0.security == .secure && !$0.records.isEmpty }
    }

    /// Records that stand there in whatever state, of the first name that has any.
    package var published: [TLSA] { lookups.lazy.map(\.records).first { !$0.isEmpty } ?? [] }

    /// - Parameters:
    ///   - domain: whose mail it is; nil where the host was named by whoever dials it (RFC 7672 §2.2.3).
    ///   - port: where the host is dialled.
    package static func discover(
        _ host: DomainName, for domain: DomainName?, port: UInt16 = 25, asking dns: inout Knowledge,
        security: SecurityOf
    ) -> DANEDiscovery {
        let mxQuestion = domain.map { Question($0, .mx) }
        let mxOutcome = mxQuestion.map { dns.outcome($0) }
        let mx = mxQuestion.map { security($0, &dns) }
        let (addresses, end, addressFailure) = addresses(of: host, asking: &dns, security)
        var bases = [host]
        // RFC 7672 §2.2.2: where the alias leads to is asked first, if the way there is secure.
        if let end, end != host, addresses == .secure { bases.insert(end, at: 0) }
        var discovery = DANEDiscovery(
            host: host, mx: mx, addresses: addresses, lookups: [], status: .none, names: [host])
        var obstacle: Status?
        if let domain, let mxQuestion, let mxOutcome, let mx {
            obstacle = Self.obstacle(mxQuestion, mxOutcome, mx, "the MX records of \(domain) are not signed")
        }
        if obstacle == nil {
            obstacle = Self.obstacle(
                Question(host, .a), addressFailure, addresses, "the addresses of \(host) are not signed")
            // RFC 7672 §2.2.2: an alias that is secure itself, into a zone that is not, keeps its own name.
            let alias = Question(host, .cname)
            if addresses == .insecure, end != nil, Self.hasRecords(dns.outcome(alias)), security(alias, &dns) == .secure
            {
                obstacle = nil
            }
        }
        if let obstacle { discovery.status = obstacle }
        discovery.look(at: bases, port, usable: obstacle == nil, asking: &dns, security)
        // Where there is nothing to be used, it is no matter whether that is secure.
        if case .couldNotTell = discovery.status, discovery.published.isEmpty,
            discovery.lookups.allSatisfy({ (try? $0.outcome.get()) != nil })
        {
            discovery.status = .notUsed("there are no TLSA records")
        }
        if mx == .secure {
            // RFC 7672 §3.2.2: the domain itself, and where its alias leads.
            discovery.names += [domain, (try? mxOutcome?.get())?.canonicalName].compactMap { $0 }
        }
        return discovery
    }

    private mutating func look(
        at bases: [DomainName], _ port: UInt16, usable: Bool, asking dns: inout Knowledge, _ security: SecurityOf
    ) {
        for base in bases {
            guard let name = try? base.prepending("_\(port)._tcp") else { continue }
            let question = Question(name, .tlsa)
            let lookup = Lookup(
                base: base, question: question, outcome: dns.outcome(question), security: security(question, &dns))
            lookups.append(lookup)
            guard usable else { continue }
            switch (lookup.outcome, lookup.security) {
            case (.failure, _), (_, .bogus), (_, .indeterminate):
                // RFC 7672 §2.1.1: a sender that went on without would be talked out of DANE by whoever drops answers.
                status = Self.obstacle(question, lookup.outcome, lookup.security, "") ?? .none
                return
            case (.success, .secure) where !lookup.records.isEmpty:
                status = .applies(base: base, lookup.records)
                names[0] = base
                return
            case (.success, .insecure) where !lookup.records.isEmpty:
                status = .notUsed("the TLSA records of \(base) are not signed")
            case (.success, _): break
            }
        }
    }

    /// Why a sender goes no further with DANE; nil where the answer is secure.
    private static func obstacle(
        _ question: Question, _ outcome: Outcome, _ security: Security, _ insecure: String
    ) -> Status? {
        if case .failure(let why) = outcome { return obstacle(question, why, security, insecure) }
        return obstacle(question, nil, security, insecure)
    }

    private static func obstacle(
        _ question: Question, _ failure: Unanswered?, _ security: Security, _ insecure: String
    ) -> Status? {
        if case .bogus(let why) = security { return .fails(question, "bogus: \(why)") }
        if let why = failure {
            // Nobody asked, so no sender was told anything.
            if why.reason == .notAsked || why.reason == .offline { return .couldNotTell(question, "it was not asked") }
            return .fails(question, why.reason == .servfail ? "SERVFAIL" : "no answer (\(why.reason.rawValue))")
        }
        switch security {
        case .secure, .bogus: return nil
        case .insecure: return .notUsed(insecure)
        case .indeterminate(let why): return .couldNotTell(question, why)
        }
    }

    /// Of both families: what one says suffices, because a sender takes the addresses it can get.
    private static func addresses(
        of host: DomainName, asking dns: inout Knowledge, _ security: SecurityOf
    ) -> (Security, end: DomainName?, failure: Unanswered?) {
        var failure: Unanswered?
        var found: [Security] = []
        var empty: [Security] = []
        var end: DomainName?
        for type in [RecordType.a, .aaaa] {
            let question = Question(host, type)
            let outcome = dns.outcome(question)
            let state = security(question, &dns)
            end = end ?? (try? outcome.get())?.canonicalName
            if case .failure(let why) = outcome { failure = failure ?? why }
            if hasRecords(outcome) { found.append(state) } else { empty.append(state) }
        }
        let states = found.isEmpty ? empty : found
        // A sender that could not verify an address does not dial it, and takes the others.
        let best = states.contains(.secure) ? .secure : states.contains(.insecure) ? .insecure : states[0]
        return (best, end, found.isEmpty ? failure : nil)
    }

    private static func hasRecords(_ outcome: Outcome) -> Bool {
        (try? outcome.get())?.kind == .records
    }
}
