package import DNS

/// `check_host()` (RFC 7208 §4): may this address send mail in this domain's name?
///
/// A function of what is known of the DNS (see `Knowledge`); terms are evaluated in order, so that nothing is asked
/// that the result does not need. It leaves out what a receiver does with the result, and a time limit (§4.6.4): that
/// is the asker's.
package enum SPFCheck {
    /// Terms that cost a lookup (RFC 7208 §4.6.4).
    package static let maximumLookups = 10
    /// Terms whose lookups find nothing (RFC 7208 §4.6.4).
    package static let maximumVoidLookups = 2
    /// Names of an `mx` term, beyond which it is a permerror; names of the client's PTR, beyond which they are ignored
    /// (RFC 7208 §4.6.4).
    package static let maximumNames = 10
    /// Steps of the trace that are kept.
    package static let maximumSteps = 2_000

    /// Checks the MAIL FROM identity (RFC 7208 §2.4); with an empty reverse-path that is `postmaster@` the HELO name.
    /// - Parameters:
    ///   - ip: The address of the SMTP client.
    ///   - mailFrom: The reverse-path, without or with its angle brackets; a domain alone will do.
    ///   - helo: What the client said in HELO or EHLO.
    ///   - receiver: The name of the host that received the message, for `%{r}`; `unknown` without one.
    ///   - now: For `%{t}`.
    package static func evaluate(
        ip: IPAddress, mailFrom: String, helo: String, receiver: String? = nil, at now: Timestamp = Timestamp(0),
        in knowledge: inout Knowledge
    ) -> SPFEvaluation {
        var path = mailFrom.utf8[...]
        if path.first == UInt8(ascii: "<"), path.last == UInt8(ascii: ">") { path = path.dropFirst().dropLast() }
        if path.isEmpty {
            return evaluateHELO(ip: ip, helo: helo, receiver: receiver, at: now, in: &knowledge)
        }
        let at = path.lastIndex(of: UInt8(ascii: "@"))
        let local = at.map { path[..<$0] } ?? path.prefix(0)
        let domain = at.map { path[path.index(after: $0)...] } ?? path
        return run(
            .mailFrom, ip: ip, local: Array(local), domain: Array(domain), helo: helo, receiver, now, &knowledge)
    }

    /// Checks the HELO identity (RFC 7208 §2.3): the sender is `postmaster@` the name.
    package static func evaluateHELO(
        ip: IPAddress, helo: String, receiver: String? = nil, at now: Timestamp = Timestamp(0),
        in knowledge: inout Knowledge
    ) -> SPFEvaluation {
        run(.helo, ip: ip, local: [], domain: Array(helo.utf8), helo: helo, receiver, now, &knowledge)
    }

    private static func run(
        _ identity: SPFEvaluation.Identity, ip: IPAddress, local: [UInt8], domain: [UInt8], helo: String,
        _ receiver: String?, _ now: Timestamp, _ knowledge: inout Knowledge
    ) -> SPFEvaluation {
        // RFC 7208 §5: an IPv4-mapped address is an IPv4 address.
        var address = ip
        if case .v6(let v6) = ip, let v4 = v6.ipv4Mapped { address = .v4(v4) }
        // RFC 7208 §4.3: a sender without a local part is the postmaster.
        let local = local.isEmpty ? Array("postmaster".utf8) : local
        let name = SPFName.reading(domain)
        let written = name.map(SPFName.octets) ?? domain
        var run = SPFRun(
            SPFSession(
                ip: address, local: local, domain: written,
                helo: SPFName.reading(Array(helo.utf8)).map(SPFName.octets) ?? Array(helo.utf8),
                receiver: receiver.map { Array($0.utf8) } ?? Array("unknown".utf8), now: now),
            SPFEvaluation(
                result: .none, identity: identity, ip: address, sender: (local + [UInt8(ascii: "@")] + written).text,
                helo: helo, domain: name, reason: ""))
        run.start(asking: &knowledge)
        return run.evaluation
    }
}

/// Names as `check_host()` reads and writes them: octets between dots, with no escapes.
enum SPFName {
    /// A domain to check; nil where it is malformed, of one label, or a literal (RFC 7208 §4.3). U-labels become
    /// A-labels (RFC 8616 §4).
    static func reading(_ octets: [UInt8]) -> DomainName? {
        guard octets.count <= 1_024, octets.first != UInt8(ascii: "["), IPAddress(octets.text) == nil else {
            return nil
        }
        let name = octets.allSatisfy { $0 < 128 } ? name(octets) : try? DomainName(octets.text)
        guard let name, name.labelCount >= 2 else { return nil }
        return name
    }

    /// The name of those labels, with or without a dot at its end; nil where it is none.
    static func name(_ octets: some Collection<UInt8>) -> DomainName? {
        var labels = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Array($0) }
        if labels.last?.isEmpty == true { labels.removeLast() }
        return labels.isEmpty ? nil : try? DomainName(labels: labels)
    }

    /// Without a dot at its end.
    static func octets(_ name: DomainName) -> [UInt8] { Array(name.labels.joined(separator: [UInt8(ascii: ".")])) }

    /// As long as a domain name may be in text (RFC 7208 §7.3).
    static let maximumLength = 253

    /// Labels are taken from the left until the rest fits (RFC 7208 §7.3).
    static func truncated(_ octets: [UInt8]) -> ArraySlice<UInt8> {
        var rest = octets[...]
        if rest.last == UInt8(ascii: ".") { rest = rest.dropLast() }
        while rest.count > maximumLength {
            guard let dot = rest.firstIndex(of: UInt8(ascii: ".")) else { return rest }
            rest = rest[(dot + 1)...]
        }
        return rest
    }
}
