import DNS
import Mail

/// How the mail hosts compare, and what that makes senders do.
enum SenderRules {
    static let all: [Rule] = [weakerBackup, sendersDisagree]

    /// A backup is where mail goes when the first host is kept from answering: who wants to read it sees to that.
    static let weakerBackup = onTransport("mx.weaker-backup") { domain, transport, _ in
        let first = transport.hosts.compactMap { $0.preferences.min() }.min()
        let primary = transport.hosts.filter { $0.preferences.min() == first }
        let backups = transport.hosts.filter { $0.preferences.min() != first }
        if backups.isEmpty { return [Rule.nothing(domain, .doesNotApply("there is no backup host"))] }
        let strengths = primary.map { Strength($0, transport.mtaSTS) }
        return backups.map { host in
            let own = Strength(host, transport.mtaSTS)
            let weaker = own.weaknesses(beside: strengths)
            if !weaker.isEmpty {
                return Ruling(
                    .host(host.name),
                    .finds(
                        Found(
                            "The backup \(host.name) is weaker than \(list(primary.map(\.name.description), limit: 2)): \(list(weaker)).",
                            detail: [
                                .init("host", .string(host.name.description)), .init("weaknesses", .strings(weaker)),
                            ])))
            }
            if let failure = own.failure ?? strengths.lazy.compactMap(\.failure).first {
                return Ruling(.host(host.name), .cannotTell(failure))
            }
            return Ruling(.host(host.name), own.isKnown ? .passes : .doesNotApply("port 25 was not tried"))
        }
    }

    /// What holds at all addresses of a host; nil where that is not known.
    private struct Strength {
        var encrypts: Bool?
        var hasGoodCertificate: Bool?
        var isProvedByDANE: Bool?
        var isNamedByPolicy: Bool?
        /// Why something is not known.
        var failure: Failure?

        init(_ host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence) {
            var encrypts: [Bool] = []
            for endpoint in host.endpoints {
                switch endpoint.reach {
                case .encrypted: encrypts.append(true)
                case .clear, .tlsFails: encrypts.append(false)
                case .closed: break
                case .unknown(let why): failure = failure ?? why
                }
            }
            self.encrypts = encrypts.isEmpty ? nil : !encrypts.contains(false)
            let good = host.endpoints.compactMap(\.isCertificateGood)
            hasGoodCertificate = good.isEmpty ? nil : !good.contains(false)
            switch host.dane.status {
            case .applies:
                let results = host.endpoints.compactMap(\.verification?.result)
                isProvedByDANE = results.isEmpty ? nil : results.allSatisfy { $0 == .verified }
            case .none, .notUsed: isProvedByDANE = false
            case .fails, .couldNotTell: isProvedByDANE = nil
            }
            isNamedByPolicy = mtaSTS.effective.map { $0.mode == MTASTSPolicy.Mode.none || $0.allows(host.name) }
        }

        var isKnown: Bool { encrypts != nil }

        /// In what it falls short of hosts that all do better.
        func weaknesses(beside others: [Strength]) -> [String] {
            func all(_ value: (Strength) -> Bool?) -> Bool {
                !others.isEmpty && others.allSatisfy { value($0) == true }
            }
            var found: [String] = []
            if encrypts == false, all(\.encrypts) { found.append("it does not encrypt") }
            if hasGoodCertificate == false, all(\.hasGoodCertificate) { found.append("its certificate does not hold") }
            if isProvedByDANE == false, all(\.isProvedByDANE) { found.append("no TLSA record proves it") }
            if isNamedByPolicy == false, all(\.isNamedByPolicy) { found.append("the MTA-STS policy does not name it") }
            return found
        }
    }

    /// Two policies for one host that say the opposite.
    static let sendersDisagree = onTransport("mx.senders-disagree") { domain, transport, _ in
        guard let view = SendersView(transport) else { return [] }
        return view.rows.map { row in
            guard let dane = row.actions[.dane], let sts = row.actions[.mtaSTS] else {
                return Ruling(.host(row.host), .doesNotApply("nothing was asked"))
            }
            switch (dane.kind, sts.kind) {
            case (.verified, .refuses), (.refuses, .verified), (.defers, .verified):
                let (refused, taken) = dane.kind == .verified ? (sts, "DANE") : (dane, "MTA-STS")
                return Ruling(
                    .host(row.host),
                    .finds(
                        Found(
                            "Senders disagree on \(row.host): by \(taken) it is the right host, by \(taken == "DANE" ? "MTA-STS" : "DANE") "
                                + "it gets no mail (\(refused.reason)).",
                            detail: [
                                .init("host", .string(row.host.description)),
                                .init("dane", .string(dane.kind.rawValue)),
                                .init("mta_sts", .string(sts.kind.rawValue)),
                            ])))
            case (.verified, .verified): return Ruling(.host(row.host), .passes)
            default:
                return Ruling(.host(row.host), .doesNotApply("the host is not under two policies that can be judged"))
            }
        }
    }
}
