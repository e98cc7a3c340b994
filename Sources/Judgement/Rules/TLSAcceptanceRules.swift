import DNS
import Mail

/// What servers accept besides what they chose with us, and what several ports of a host show: `checks/tls`.
///
/// All but the comparison of certificates and the time of a handshake need answers to hellos of our own: where those
/// were not asked for, they do not apply; where the answers do not tell, they are unknown.
enum TLSAcceptanceRules {
    static let all: [Rule] = [
        oldVersions, ssl, newVersions, weakSuites, staticKey, smallGroup, clientOrder, compression, renegotiation,
        masterSecret, keyExchangeHash, noServerName, postQuantum, fallback, chainOrder, differs, slowHandshake,
    ]

    // RFC 8996.
    static let oldVersions = asked("tls.old-versions-accepted") { port, accepts in
        versions(["TLSv1", "TLSv1.1"], port, accepts) {
            "\(port.endpoint) still accepts \(list($0, limit: 3)) from clients that offer nothing better."
        }
    }

    // RFC 6176, RFC 7568.
    static let ssl = asked("tls.ssl-accepted") { port, accepts in
        versions(["SSLv2", "SSLv3"], port, accepts) {
            "\(port.endpoint) still accepts \(list($0, limit: 3)), which protects nothing any more."
        }
    }

    private static func versions(
        _ names: [String], _ port: PortObservation, _ accepts: TLSAcceptance, _ summary: ([String]) -> String
    ) -> Verdict {
        let found = names.filter { accepts.accepts($0) == true }
        if !found.isEmpty { return .finds(Found(summary(found), detail: [.init("versions", .strings(found))])) }
        // SSLv2 is asked for only where everything is.
        let open = names.filter { accepts.accepts($0) == nil && ($0 != "SSLv2" || accepts.isFull) }
        return open.isEmpty ? .passes : untold(accepts, "whether \(list(open, limit: 3)) is accepted")
    }

    // RFC 9325 §3.1.1.
    static let newVersions = asked("tls.new-versions-missing") { port, accepts in
        guard let twelve = accepts.accepts("TLSv1.2"), let thirteen = accepts.accepts("TLSv1.3") else {
            return untold(accepts, "whether TLS 1.2 and 1.3 are accepted")
        }
        let missing = [("TLS 1.2", twelve), ("TLS 1.3", thirteen)].filter { !$0.1 }.map(\.0)
        if missing.isEmpty { return .passes }
        // Who takes no version at all turned down something else: the suites, or us.
        if !accepts.versions.contains(where: \.isAccepted) { return untold(accepts, "which versions are accepted") }
        return .finds(
            Found(
                "\(port.endpoint) does not accept \(list(missing, limit: 2)).",
                detail: [.init("missing", .strings(missing))], severity: missing.count == 2 ? nil : .notice))
    }

    // RFC 9325 §4.1, RFC 7465. Between MTAs anything is better than clear text (RFC 7435), and anonymous suites are
    // on purpose: who does not check a certificate need not be sent one (RFC 7672 §8.2).
    static let weakSuites = asked("tls.weak-suites") { port, accepts in
        let weak = accepts.suites.filter { !SuiteQuality.weaknesses(of: $0.name).isEmpty }
        guard !weak.isEmpty else {
            switch accepts.weakSuites {
            case false?: return .passes
            case true?, nil: return untold(accepts, "whether weak suites are accepted")
            }
        }
        let kinds = weak.flatMap { SuiteQuality.weaknesses(of: $0.name) }.reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        let names = Set(weak.map(\.name)).sorted()
        let isOnlyAnonymous = kinds == ["no authentication"]
        return .finds(
            Found(
                "\(port.endpoint) accepts suites that protect little: \(list(kinds, limit: 8)) "
                    + "(\(list(names, limit: 3))).",
                detail: [.init("suites", .strings(names)), .init("kinds", .strings(kinds))],
                severity: port.service.isForUsers ? nil : isOnlyAnonymous ? .notice : .warning))
    }

    // RFC 9325 §4.1.
    static let staticKey = asked("tls.static-key-accepted") { port, accepts in
        let names = Set(accepts.suites.map(\.name).filter { SuiteQuality(suite: $0) == .noForwardSecrecy }).sorted()
        if names.isEmpty {
            return accepts.withoutForwardSecrecy == false
                ? .passes : untold(accepts, "whether suites without forward secrecy are accepted")
        }
        return .finds(
            Found(
                "\(port.endpoint) accepts suites without forward secrecy: \(list(names, limit: 3)).",
                detail: [.init("suites", .strings(names))]))
    }

    // RFC 9325 §4.4; RFC 7919.
    static let smallGroup = asked("tls.small-dh-group") { port, accepts in
        guard let bits = accepts.finiteFieldBits else {
            return accepts.isComplete
                ? .doesNotApply("no suite with Diffie-Hellman in finite fields is accepted")
                : untold(accepts, "how large a group of Diffie-Hellman is used")
        }
        if bits >= 2048 { return .passes }
        return .finds(
            Found(
                "\(port.endpoint) uses a Diffie-Hellman group of \(bits) bits; 2048 are the least.",
                detail: [.init("bits", .integer(bits))], severity: bits < 1024 ? .error : nil))
    }

    static let clientOrder = asked("tls.client-order") { port, accepts in
        switch accepts.serverOrder {
        case true?: .passes
        case nil:
            .doesNotApply(
                "the server accepts one suite only before TLS 1.3, or it could not be told whose order counts")
        case false?:
            .finds(Found("\(port.endpoint) lets the client's order of suites decide, up to TLS 1.2."))
        }
    }

    // RFC 9325 §3.3.
    static let compression = asked("tls.compression") { port, accepts in
        flag(accepts.compression, accepts, "whether TLS compresses", isGood: false) {
            "\(port.endpoint) compresses inside TLS: what is encrypted can be guessed from its length."
        }
    }

    // RFC 5746; RFC 9325 §3.5.
    static let renegotiation = asked("tls.insecure-renegotiation") { port, accepts in
        olderOnly(accepts.secureRenegotiation, accepts, "whether renegotiation is secure") {
            "\(port.endpoint) does not know secure renegotiation (RFC 5746)."
        }
    }

    // RFC 7627.
    static let masterSecret = asked("tls.extended-master-secret") { port, accepts in
        olderOnly(accepts.extendedMasterSecret, accepts, "whether the extended master secret is known") {
            "\(port.endpoint) does not know the extended master secret (RFC 7627)."
        }
    }

    // RFC 9155.
    static let keyExchangeHash = asked("tls.key-exchange-hash") { port, accepts in
        switch accepts.weakKeyExchangeHash {
        case false?: .passes
        case nil: .doesNotApply("no signed key exchange of TLS 1.2 was seen")
        case true?:
            .finds(Found("\(port.endpoint) signs its key exchange with SHA-1 or MD5 although better was offered."))
        }
    }

    // RFC 6066 §3.
    static let noServerName = asked("tls.no-sni") { port, accepts in
        switch accepts.nameless {
        case .same?: .passes
        case nil: .doesNotApply("no certificate was seen without SNI")
        case .refused?: .finds(Found("\(port.endpoint) turns clients away that do not name the host (SNI)."))
        case .other?:
            .finds(
                Found(
                    "\(port.endpoint) shows another certificate to clients that do not name the host (SNI)"
                        + (accepts.namelessCertificate.map { ", for \(list($0.names, limit: 3))" } ?? "") + ".",
                    detail: [.init("names", .strings(accepts.namelessCertificate?.names ?? []))]))
        }
    }

    static let postQuantum = asked("tls.post-quantum") { port, accepts in
        flag(accepts.postQuantum, accepts, "whether post-quantum groups are accepted", isGood: true) {
            "\(port.endpoint) has no key exchange that withstands quantum computers."
        }
    }

    // RFC 7507; RFC 8446 §4.1.3 made it unnecessary for TLS 1.3.
    static let fallback = asked("tls.fallback-signal") { port, accepts in
        switch accepts.fallbackSignal {
        case true?: .passes
        case nil: .doesNotApply("it was not asked, or the server has one version only")
        case false?: .finds(Found("\(port.endpoint) does not heed the signal against being talked down (RFC 7507)."))
        }
    }

    private static func flag(
        _ answer: Bool?, _ accepts: TLSAcceptance, _ what: String, isGood: Bool, _ summary: () -> String
    ) -> Verdict {
        guard let answer else { return untold(accepts, what) }
        return answer == isGood ? .passes : .finds(Found(summary()))
    }

    /// Of a property that is good to have, and that TLS 1.3 always has.
    private static func olderOnly(
        _ answer: Bool?, _ accepts: TLSAcceptance, _ what: String, _ summary: () -> String
    ) -> Verdict {
        if answer == nil, accepts.accepts("TLSv1.3") == true, accepts.accepts("TLSv1.2") == false { return .passes }
        return flag(answer, accepts, what, isGood: true, summary)
    }

    private static func untold(_ accepts: TLSAcceptance, _ what: String) -> Verdict {
        .cannotTell(
            Failure(
                .protocolViolation, during: .tls, "\(what) was not told" + (accepts.problem.map { ": \($0)" } ?? "")))
    }

    private static func asked(
        _ identifier: String, _ verdict: @escaping @Sendable (PortObservation, TLSAcceptance) -> Verdict
    ) -> Rule {
        Rule(identifier) { evidence in
            let rulings = evidence.ports.compactMap { port in
                port.accepts.map { Ruling(.endpoint(port.endpoint), verdict(port, $0)) }
            }
            return rulings.isEmpty ? [Rule.inapplicable("what servers accept was not asked", evidence)] : rulings
        }
    }

    // MARK: From the connections made

    // RFC 5246 §7.4.2; RFC 8446 §4.4.2 has clients put up with it.
    static let chainOrder = TLSRules.onCertificates("tls.chain-order") { group in
        switch group.tls.chainOrder {
        case .inOrder?, nil: .passes
        case .superfluous?:
            .finds(
                Found(
                    "\(group.place) sends certificates that are not part of its chain.", detail: group.detail,
                    severity: .info))
        case .outOfOrder?:
            .finds(Found("The certificates of \(group.place) do not stand in order.", detail: group.detail))
        }
    }

    /// Own certificates of one host, by fingerprint: on the same port of several addresses, and on several ports.
    static let differs = Rule("tls.certificates-differ") { evidence in
        var order: [DomainName] = []
        var seen: [DomainName: [PortObservation]] = [:]
        for port in evidence.ports where port.tls?.chain.first != nil {
            if seen[port.endpoint.host] == nil { order.append(port.endpoint.host) }
            seen[port.endpoint.host, default: []].append(port)
        }
        let several = order.filter { (seen[$0]?.count ?? 0) > 1 }
        if several.isEmpty {
            return [Rule.inapplicable("no host showed certificates on two ports or addresses", evidence)]
        }
        return several.map { host in
            let ports = seen[host] ?? []
            let byCertificate = Dictionary(grouping: ports) { $0.tls?.chain.first?.fingerprint ?? "" }
            guard byCertificate.count > 1 else { return Ruling(.host(host), .passes) }
            let byPort = Dictionary(grouping: ports, by: \.endpoint.port)
            // Two keys of one kind each are usual on one port (RSA and ECDSA); we see one.
            let isBetweenAddresses = byPort.values.contains {
                Set($0.map { $0.tls?.chain.first?.fingerprint }).count > 1
            }
            let shown = byCertificate.values.map { group in group.map { "\($0.endpoint)" }.sorted() }
                .sorted { $0.lexicographicallyPrecedes($1) }
            return Ruling(
                .host(host),
                .finds(
                    Found(
                        "\(host) shows \(byCertificate.count) certificates: "
                            + shown.prefix(4).map { "one on \(list($0, limit: 3))" }.joined(separator: ", ") + ".",
                        detail: [.init("groups", .array(shown.map { .strings($0) }))],
                        severity: isBetweenAddresses ? nil : .info)))
        }
    }

    /// Seconds for a handshake, from our first octet to the server's last; a round trip or two and some arithmetic.
    private static let slow = 3.0

    static let slowHandshake = Rule("tls.slow-handshake") { evidence in
        let rulings = evidence.ports.compactMap { port -> Ruling? in
            guard port.tls != nil, let seconds = port.seconds(.tls) else { return nil }
            let shown = (seconds * 10).rounded() / 10
            return Ruling(
                .endpoint(port.endpoint),
                seconds < slow
                    ? .passes
                    : .finds(
                        Found(
                            "The TLS handshake with \(port.endpoint) took \(shown) seconds.",
                            detail: [.init("seconds", .number(shown))])))
        }
        return rulings.isEmpty ? [Rule.inapplicable("no TLS connection came about", evidence)] : rulings
    }
}
