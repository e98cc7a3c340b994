import DNS
import Mail

/// Certificates and connections: `checks/tls`. What several ports of a host show alike is said once.
///
/// On port 25 senders encrypt whether or not they trust the certificate (RFC 7435), unless MTA-STS or DANE make
/// them look: there an untrusted or wrong certificate is a warning. For people's programs it is an error.
enum TLSRules {
    static let all: [Rule] = [
        trusted, name, expired, expiresSoon, chainIncomplete, weakKey, weakSignature, oldVersion, forwardSecrecy,
    ]

    static let trusted = onCertificates("tls.trusted") { group in
        switch group.tls.trusted {
        case true: .passes
        case nil:
            .cannotTell(
                Failure(.internal, during: .tls, group.tls.trustProblem ?? "whether the chain is trusted is not known"))
        case false:
            .finds(
                Found(
                    "The certificate of \(group.place) is not trusted: "
                        + "\(group.tls.trustProblem ?? "its chain leads to no known root").",
                    detail: group.detail + [.init("problem", .string(group.tls.trustProblem ?? ""))],
                    severity: group.isForUsers ? nil : .warning))
        }
    }

    // RFC 9525; on port 25: RFC 8461 §4.1.
    static let name = onCertificates("tls.name") { group in
        guard let matches = group.tls.nameMatches else {
            return .cannotTell(Failure(.internal, during: .tls, "the names in the certificate could not be read"))
        }
        if matches { return .passes }
        let names = group.leaf.names
        return .finds(
            Found(
                "The certificate of \(group.place) is for \(names.isEmpty ? "no name at all" : list(names, limit: 4)), "
                    + "not for \(group.host).",
                detail: group.detail + [.init("names", .strings(names))], severity: group.isForUsers ? nil : .warning,
                remedy: "Get a certificate whose subjectAltName has \(group.host), or correct the name by which the "
                    + "server is found."))
    }

    static let expired = onCertificates("tls.expired") { group in
        for certificate in group.presented {
            // An issuer's old certificate does not matter where another way leads to a root (RFC 4158 §1.2).
            if certificate != group.leaf, group.tls.trusted == true, group.at <= group.tls.trustedUntil ?? group.at {
                continue
            }
            var whose: String { certificate == group.leaf ? "The certificate" : "An issuer's certificate" }
            if certificate.notAfter < group.at {
                return .finds(
                    Found(
                        "\(whose) of \(group.place) expired \(span(group.at - certificate.notAfter)) ago, on "
                            + "\(certificate.notAfter).",
                        detail: group.detail + [.init("not_after", .string(certificate.notAfter.description))],
                        severity: group.isForUsers ? nil : .error))
            }
            if group.at < certificate.notBefore {
                return .finds(
                    Found(
                        "\(whose) of \(group.place) is not valid before \(certificate.notBefore).",
                        detail: group.detail + [.init("not_before", .string(certificate.notBefore.description))],
                        severity: group.isForUsers ? nil : .error,
                        remedy: "Set the clock of the machine that issued the certificate, and install a new one."))
            }
        }
        return .passes
    }

    /// A certificate should have been renewed 21 days before its end, a short-lived one at two thirds of its life.
    private static let notice = 21.0 * 86_400

    static let expiresSoon = onCertificates("tls.expires-soon") { group in
        let left = group.leaf.notAfter - group.at
        if left < 0 { return .doesNotApply("the certificate has expired: see tls.expired") }
        if let until = group.tls.trustedUntil, until < group.leaf.notAfter, group.at <= until, until - group.at < notice
        {
            return .finds(
                Found(
                    "An issuer's certificate in the chain of \(group.place) expires in \(span(until - group.at)), on "
                        + "\(until): from then on the server's own, good until \(group.leaf.notAfter), is not trusted.",
                    detail: group.detail + [
                        .init("not_after", .string(until.description)),
                        .init("seconds_left", .number((until - group.at).rounded())),
                    ],
                    remedy: "Install the chain that the authority gives with the certificate today, or renew the "
                        + "certificate: the new one comes with a newer chain."))
        }
        let life = group.leaf.notAfter - group.leaf.notBefore
        let third = life / 3
        // Certificates of up to 100 days are renewed by a machine, at two thirds of their life.
        let due = left < min(notice, third)
        guard due || (life <= 100 * 86_400 && left < third) else { return .passes }
        return .finds(
            Found(
                "The certificate of \(group.place) expires in \(span(left)), on \(group.leaf.notAfter)"
                    + (left < third ? "; less than a third of its life is left." : "."),
                detail: group.detail + [
                    .init("not_after", .string(group.leaf.notAfter.description)),
                    .init("seconds_left", .number(left.rounded())),
                ],
                severity: due ? nil : .notice))
    }

    // RFC 8446 §4.4.2: the chain up to, and possibly without, the root.
    static let chainIncomplete = onCertificates("tls.chain-incomplete") { group in
        guard group.tls.trusted == false else { return .passes }
        if let issue = group.tls.trustIssue, issue != .intermediateMissing, issue != .issuerUnknown {
            return .doesNotApply("nothing is missing from the chain: see tls.trusted")
        }
        guard let last = group.tls.chain.last, last.issuer != last.subject else {
            return .doesNotApply("the chain ends with a certificate that signed itself: see tls.trusted")
        }
        let number = group.tls.chain.count
        return .finds(
            Found(
                "The chain of \(group.place) breaks off after \(count(number, "certificate")): that of the issuer, "
                    + "\(quoted(last.issuer)), is neither sent nor a known root.",
                detail: group.detail + [
                    .init("issuer", .string(String(last.issuer.prefix(300)))), .init("certificates", .integer(number)),
                ]))
    }

    // NIST SP 800-131A; RFC 9325 §4.3, §4.5.
    static let weakKey = onCertificates("tls.weak-key") { group in
        for certificate in group.presented {
            guard let bits = certificate.keyBits else { continue }
            let isRSA = ["RSA", "RSA-PSS"].contains(certificate.keyAlgorithm)
            let least = isRSA ? 2048 : 224
            guard bits < least else { continue }
            return .finds(
                Found(
                    "\(certificate == group.leaf ? "The certificate" : "An issuer's certificate") of \(group.place) has "
                        + "\(isRSA ? "an" : "a") \(certificate.keyAlgorithm) key of "
                        + "\(bits) bits; \(least) are the least.",
                    detail: group.detail + [.init("bits", .integer(bits))]))
        }
        return group.leaf.keyBits == nil ? .doesNotApply("the kind of key is not known") : .passes
    }

    // RFC 9155, RFC 9325 §4.3.
    static let weakSignature = onCertificates("tls.weak-signature") { group in
        for certificate in group.presented {
            guard isWeak(certificate) else { continue }
            return .finds(
                Found(
                    "\(certificate == group.leaf ? "The certificate" : "An issuer's certificate") of \(group.place) is "
                        + "signed with \(certificate.signatureAlgorithm.prefix(60)), which can be forged.",
                    detail: group.detail + [.init("signature", .string(certificate.signatureAlgorithm))]))
        }
        return .passes
    }

    /// Where the hash is not known, the name of the algorithm may still tell.
    private static func isWeak(_ certificate: CertificateFacts) -> Bool {
        if let hash = certificate.signatureHash { return ["MD2", "MD5", "SHA-1"].contains(hash) }
        let letters = certificate.signatureAlgorithm.lowercased().filter { $0.isLetter || $0.isNumber }
        return letters.contains("md5") || letters.contains("sha1")
    }

    // RFC 8996.
    static let oldVersion = onConnections("tls.old-version") { group in
        guard ["SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"].contains(group.tls.version) else { return .passes }
        return .finds(
            Found(
                "\(group.place) speaks \(group.tls.version), which is out of date, with a client that knows better.",
                detail: group.detail + [.init("version", .string(group.tls.version))]))
    }

    // RFC 9325 §4.1, §7.3.
    static let forwardSecrecy = onConnections("tls.forward-secrecy") { group in
        guard let cipher = group.tls.cipher else { return .doesNotApply("the cipher is not known") }
        guard cipher.hasPrefix("TLS_RSA_") || cipher.hasPrefix("TLS_DH_") || cipher.hasPrefix("TLS_ECDH_") else {
            return .passes
        }
        return .finds(
            Found(
                "\(group.place) chooses \(cipher.prefix(60)): whoever gets the server's key later can read what was "
                    + "recorded before.",
                detail: group.detail + [.init("cipher", .string(cipher))]))
    }

    // MARK: Shapes

    /// Ports of one host that show the same.
    struct Group {
        var host: DomainName
        var tls: TLSFacts
        var leaf: CertificateFacts
        var ports: [PortObservation]
        var at: Timestamp

        /// Without a root of its own: nobody checks the signature or dates of that (RFC 5280 §6.1).
        var presented: [CertificateFacts] {
            tls.chain.enumerated().filter { $0.offset == 0 || $0.element.issuer != $0.element.subject }.map(\.element)
        }
        var isForUsers: Bool { ports.contains { $0.service.isForUsers } }
        var numbers: [UInt16] { Set(ports.map(\.endpoint.port)).sorted() }
        /// `mail.example.org (ports 25 and 587)`
        var place: String {
            "\(host) (port\(numbers.count == 1 ? "" : "s") \(list(numbers.map { "\($0)" }, limit: 8)))"
        }
        var subject: Subject { ports.count == 1 ? .endpoint(ports[0].endpoint) : .host(host) }
        var detail: [JSON.Member] {
            [
                .init("host", .string(host.description)),
                .init("ports", .array(numbers.map { .integer(Int($0)) })),
                .init("addresses", .strings(Set(ports.map(\.endpoint.address.description)).sorted())),
            ]
        }
    }

    /// Once for each certificate a host shows.
    static func onCertificates(
        _ identifier: String, _ verdict: @escaping @Sendable (Group) -> Verdict
    ) -> Rule {
        grouped(identifier, "no certificate was seen", by: { $0.chain.map(\.fingerprint) }) { group in
            group.leaf.fingerprint.isEmpty ? .doesNotApply("no certificate was sent") : verdict(group)
        }
    }

    /// Once for each kind of connection a host makes.
    private static func onConnections(
        _ identifier: String, _ verdict: @escaping @Sendable (Group) -> Verdict
    ) -> Rule {
        grouped(identifier, "no TLS connection came about", by: { [$0.version, $0.cipher ?? ""] }, verdict)
    }

    private struct Key: Hashable {
        var host: DomainName
        var facts: [String]
        var trusted: Bool?
        var isForUsers: Bool
    }

    private static let noCertificate = CertificateFacts(
        subject: "", issuer: "", serial: "", names: [], notBefore: Timestamp(0), notAfter: Timestamp(0),
        keyAlgorithm: "", keyBits: nil, signatureAlgorithm: "", fingerprint: "")

    private static func grouped(
        _ identifier: String, _ nothing: String, by facts: @escaping @Sendable (TLSFacts) -> [String],
        _ verdict: @escaping @Sendable (Group) -> Verdict
    ) -> Rule {
        Rule(identifier) { evidence in
            // Probes of single ports are by far the most frequent.
            if evidence.ports.count == 1, let port = evidence.ports.first, let tls = port.tls {
                let group = Group(
                    host: port.endpoint.host, tls: tls, leaf: tls.chain.first ?? noCertificate, ports: [port],
                    at: evidence.at)
                return [Ruling(group.subject, verdict(group))]
            }
            var order: [Key] = []
            var groups: [Key: Group] = [:]
            for port in evidence.ports {
                guard let tls = port.tls else { continue }
                let key = Key(
                    host: port.endpoint.host, facts: facts(tls), trusted: tls.trusted,
                    isForUsers: port.service.isForUsers)
                if groups[key] == nil {
                    order.append(key)
                    groups[key] = Group(
                        host: port.endpoint.host, tls: tls, leaf: tls.chain.first ?? noCertificate, ports: [],
                        at: evidence.at)
                }
                groups[key]?.ports.append(port)
            }
            if order.isEmpty { return [Rule.inapplicable(nothing, evidence)] }
            return order.compactMap { groups[$0] }.map { Ruling($0.subject, verdict($0)) }
        }
    }
}

/// `3 days`, `5 hours`, `40 seconds`: how long, rounded down.
func span(_ seconds: Double) -> String {
    let seconds = max(0, min(seconds, 1e12))
    if seconds >= 2 * 86_400 { return count(Int(seconds / 86_400), "day") }
    if seconds >= 2 * 3_600 { return count(Int(seconds / 3_600), "hour") }
    if seconds >= 120 { return count(Int(seconds / 60), "minute") }
    return count(Int(seconds), "second")
}
