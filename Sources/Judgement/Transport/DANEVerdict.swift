package import DNS
package import Mail

/// What a client that follows DANE makes of one port of a host that it was told to dial: the TLSA records of that name
/// and port against the chain presented (RFC 7671, for SMTP RFC 7672).
///
/// A function of what was asked and seen. On ports other than 25 the usages PKIX-TA(0) and PKIX-EE(1) count as well:
/// what RFC 7672 §3.1.3 says of them is of relays that have nobody to ask.
package struct DANEVerdict: Sendable {
    /// `pass`: a record matches, or nothing would keep a client away. The rest as the names say.
    package enum Result: String, Hashable, Sendable, CaseIterable {
        case pass
        /// Records bind the server, and it does not prove itself by them; or they are forged.
        case fail
        /// There are none, or none that count.
        case none
        /// It could not be told.
        case unknown
    }

    package var result: Result
    /// For a person; without a full stop.
    package var reason: String
    /// What became of each record; empty where none was compared.
    package var entries: [DANEVerification.Entry]
    /// Where they were looked for.
    package var lookups: [DANEDiscovery.Lookup]

    package init(_ discovery: DANEDiscovery, _ port: PortObservation, at now: Timestamp) {
        lookups = discovery.lookups
        entries = []
        switch discovery.status {
        case .applies(let base, let records):
            (result, reason) = (.none, "")
            judge(records, of: base, discovery.names, port, at: now)
        case .none:
            let names = discovery.lookups.map { "\($0.question.name)" }.joined(separator: " or ")
            (result, reason) = (.none, "there are no TLSA records at \(names)")
        case .notUsed(let why):
            (result, reason) = (.none, discovery.published.isEmpty ? why : "\(why), so its TLSA records do not count")
        case .fails(let question, let why):
            let isForged = why.hasPrefix("bogus")
            (result, reason) = (isForged ? .fail : .unknown, "the look-up of \(question) fails (\(why))")
        case .couldNotTell(let question, let why):
            let isAnswered = discovery.lookups.allSatisfy { (try? $0.outcome.get()) != nil } && !lookups.isEmpty
            // Answered, and worth nothing without signatures: a client cannot go by it.
            result = isAnswered ? .none : .unknown
            reason =
                isAnswered
                ? "whether \(question) is signed could not be told (\(why)), so its TLSA records do not count"
                : "\(question): \(why)"
        }
    }

    /// Of a host that was given by its address: nothing is published for it.
    package init(ofAddress host: DomainName) {
        (result, reason) = (.none, "\(host) is an address; TLSA records stand at names")
        (entries, lookups) = ([], [])
    }

    private mutating func judge(
        _ records: [TLSA], of base: DomainName, _ names: [DomainName], _ port: PortObservation, at now: Timestamp
    ) {
        guard let tls = port.tls else {
            // RFC 7672 §2.2: with secure records TLS is a must.
            let isWithout = port.state == .open && (port.offersSTARTTLS == false || breaks(port))
            result = isWithout ? .fail : .unknown
            reason =
                isWithout
                ? "\(base) has TLSA records, and TLS does not come about"
                : "no certificate was seen: \(port.failureOrState.detail)"
            return
        }
        let chain = tls.chain.map(\.der)
        let found = DANEVerification(records, chain: chain, names: names, at: now)
        entries = found.entries
        switch found.result {
        case .verified:
            (result, reason) = (.pass, "a TLSA record of \(base) matches")
            return
        case .couldNotTell(let why): (result, reason) = (.unknown, why)
        case .failed(let why): (result, reason) = (.fail, why)
        case .noUsableRecord: (result, reason) = (.none, "none of the TLSA records of \(base) can be used")
        }
        if port.service != .smtp, result != .unknown {
            judgeByAuthorities(records, of: base, chain, names, tls, at: now)
        }
    }

    /// Whether the server ends or refuses TLS. A deadline that passes meanwhile tells nothing of it.
    private func breaks(_ port: PortObservation) -> Bool {
        guard port.offersSTARTTLS == true || port.service.hasImplicitTLS, let cause = port.failure?.cause else {
            return false
        }
        return [.tlsHandshake, .starttlsRejected, .protocolViolation].contains(cause)
    }

    /// PKIX-EE(1) and PKIX-TA(0) narrow what the public authorities vouch for (RFC 6698 §2.1.1).
    private mutating func judgeByAuthorities(
        _ records: [TLSA], of base: DomainName, _ chain: [[UInt8]], _ names: [DomainName], _ tls: TLSFacts,
        at now: Timestamp
    ) {
        let places = records.indices.filter { records[$0].usage < 2 }
        let narrowed = places.map { place in
            var record = records[place]
            record.usage += 2
            return record
        }
        let found = DANEVerification(narrowed, chain: chain, names: names, at: now)
        guard found.result != .noUsableRecord else { return }
        for (place, entry) in zip(places, found.entries) where place < entries.count {
            entries[place].fate = entry.fate
        }
        switch found.result {
        case .verified where tls.trusted == true && tls.nameMatches == true:
            (result, reason) = (.pass, "a TLSA record of \(base) matches, and the authorities vouch for the server")
        case .verified where tls.trusted == nil || tls.nameMatches == nil:
            (result, reason) = (
                .unknown, "a TLSA record of \(base) matches; whom the authorities vouch for is not known"
            )
        case .verified:
            (result, reason) = (.fail, tls.trustProblem ?? "a TLSA record matches, but the name does not")
        case .couldNotTell(let why): (result, reason) = (.unknown, why)
        case .failed(let why): (result, reason) = (.fail, why)
        case .noUsableRecord: break
        }
    }
}
