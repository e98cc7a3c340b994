package import DNS
import Mail

/// The three ways in which servers hand over mail.
package enum Sender: String, Hashable, Sendable, CaseIterable {
    /// Follows DANE (RFC 7672); where that says nothing, it takes TLS as it comes.
    case dane
    /// Follows MTA-STS (RFC 8461), and knows nothing of the domain from before; otherwise the same.
    case mtaSTS = "mta_sts"
    /// Takes TLS as it comes, whoever is there (RFC 7435).
    case opportunistic

    package var name: String {
        switch self {
        case .dane: "DANE"
        case .mtaSTS: "MTA-STS"
        case .opportunistic: "opportunistic"
        }
    }
}

/// What a sender would do with a host or an address, and why.
package struct SenderAction: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Delivers, encrypted, to a server that has proved who it is.
        case verified = "deliver_verified"
        /// Delivers, encrypted, to whoever answers.
        case encrypted = "deliver_encrypted"
        case clear = "deliver_clear"
        /// Does not deliver there, because a policy of the domain forbids it; the next host is tried.
        case refuses = "refuse"
        /// Cannot deliver there now; the next host is tried, and the mail waits where there is none.
        case defers = "defer"
        case unknown

        package var delivers: Bool { self == .verified || self == .encrypted || self == .clear }
    }

    package var kind: Kind
    /// For a person; without a full stop.
    package var reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }
}

/// What senders would really do with mail for the domain: a pure function of the evidence.
package struct SendersView: Sendable {
    /// One address of a host.
    package struct Address: Sendable {
        package var address: IPAddress
        package var actions: [Sender: SenderAction]
    }

    /// One host, all its addresses together.
    package struct Row: Sendable {
        package var host: DomainName
        package var preferences: [UInt16]
        package var addresses: [Address]
        package var actions: [Sender: SenderAction]
    }

    /// Where it ends.
    package struct Outcome: Hashable, Sendable {
        package var action: SenderAction
        /// Who takes the mail; nil where nobody does, or it is not known.
        package var host: DomainName?
    }

    /// In order of preference.
    package var rows: [Row]
    package var outcomes: [Sender: Outcome]
    /// Of messages that must not travel without TLS.
    package var requireTLS: RequireTLS

    /// nil where the domain has no mail host, or nothing was asked.
    package init?(_ transport: TransportEvidence?) {
        guard let transport, !transport.hosts.isEmpty else { return nil }
        requireTLS = RequireTLS(transport)
        rows = transport.hosts.map { host in
            let addresses = host.endpoints.map { endpoint in
                Address(
                    address: endpoint.port.endpoint.address,
                    actions: Dictionary(
                        uniqueKeysWithValues: Sender.allCases.map { sender in
                            (sender, Self.action(of: sender, at: endpoint, of: host, transport.mtaSTS))
                        }))
            }
            let actions = Sender.allCases.map { sender in
                (
                    sender,
                    Self.beforeDialling(sender, host, transport.mtaSTS)
                        ?? Self.together(addresses.compactMap { a in a.actions[sender].map { (a.address, $0) } })
                )
            }
            return Row(
                host: host.name, preferences: host.preferences, addresses: addresses,
                actions: Dictionary(uniqueKeysWithValues: actions))
        }
        outcomes = [:]
        for sender in Sender.allCases { outcomes[sender] = outcome(for: sender) }
    }

    /// RFC 5321 §5.1: the hosts in order, until one takes the mail. Among hosts of one preference senders choose by chance,
    /// so the least good that takes it counts.
    private func outcome(for sender: Sender) -> Outcome {
        var rest = rows[...]
        while let first = rest.first {
            let group = rest.prefix { $0.preferences.min() == first.preferences.min() }
            rest = rest.dropFirst(group.count)
            let actions = group.compactMap { row in row.actions[sender].map { (row.host, $0) } }
            let delivering = actions.filter(\.1.kind.delivers)
            if let worst = delivering.max(by: { $0.1.kind.rank < $1.1.kind.rank }) {
                var action = worst.1
                if let better = delivering.first(where: { $0.1.kind != action.kind }) {
                    action.reason += "; \(better.0), of the same preference, does better"
                }
                return Outcome(action: action, host: worst.0)
            }
            if let unknown = actions.first(where: { $0.1.kind == .unknown }) { return Outcome(action: unknown.1) }
        }
        let reasons = rows.compactMap { $0.actions[sender]?.reason }
        return Outcome(
            action: SenderAction(
                .defers, "no host can be used, so the mail waits and comes back after some days: \(reasons.first ?? "")"
            ))
    }

    // MARK: One host

    /// What is settled without dialling.
    private static func beforeDialling(
        _ sender: Sender, _ host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence
    ) -> SenderAction? {
        if host.isWithoutAddress { return SenderAction(.defers, "\(host.name) has no address") }
        switch sender {
        case .dane:
            switch host.dane.status {
            // RFC 7672 §2.1.1, §2.2.2.
            case .fails(let question, let why):
                return SenderAction(.defers, "the look-up of \(question) fails (\(why)), so the host is not used")
            case .couldNotTell(let question, let why):
                return SenderAction(.unknown, "whether \(question) is secure could not be told: \(why)")
            case .applies, .none, .notUsed: return nil
            }
        case .mtaSTS:
            if case .couldNotTell(let failure) = mtaSTS.status {
                return SenderAction(.unknown, "the policy could not be fetched: \(failure.detail)")
            }
            guard let policy = mtaSTS.effective, policy.mode == .enforce, !policy.allows(host.name) else { return nil }
            return SenderAction(.refuses, "the MTA-STS policy does not name \(host.name)")
        case .opportunistic: return nil
        }
    }

    /// Senders try a host's addresses in an order of their own until one works, so the least good that works counts.
    private static func together(_ actions: [(IPAddress, SenderAction)]) -> SenderAction {
        guard let first = actions.first else { return SenderAction(.unknown, "port 25 was not tried") }
        let delivering = actions.filter(\.1.kind.delivers)
        if let worst = delivering.max(by: { $0.1.kind.rank < $1.1.kind.rank }) {
            let others = actions.filter { $0.1.kind != worst.1.kind }
            guard let other = others.max(by: { $0.1.kind.rank < $1.1.kind.rank }) else { return worst.1 }
            var action = worst.1
            action.reason +=
                other.1.kind.delivers
                ? "; other addresses do better" : "; not at \(other.0): \(other.1.reason)"
            return action
        }
        for kind in [SenderAction.Kind.unknown, .refuses] {
            if let found = actions.first(where: { $0.1.kind == kind }) { return found.1 }
        }
        return first.1
    }

    // MARK: One address

    private static func action(
        of sender: Sender, at endpoint: MailEndpoint, of host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence
    ) -> SenderAction {
        if let settled = beforeDialling(sender, host, mtaSTS) { return settled }
        // What no policy changes.
        switch endpoint.reach {
        case .closed(let why): return SenderAction(.defers, why)
        case .unknown(let failure):
            return SenderAction(.unknown, failure.detail.isEmpty ? failure.cause.rawValue : failure.detail)
        case .encrypted, .clear, .tlsFails: break
        }
        switch sender {
        case .opportunistic: return opportunistic(endpoint)
        case .dane:
            switch host.dane.status {
            case .applies: return byDANE(endpoint)
            case .none: return opportunistic(endpoint, because: "no TLSA records")
            case .notUsed(let why):
                let others =
                    "; Postfix goes by the TLSA records all the same, unless smtp_tls_dane_insecure_mx_policy is may"
                return opportunistic(endpoint, because: host.dane.isForInsecureMXAlone ? why + others : why)
            case .fails, .couldNotTell: return opportunistic(endpoint)
            }
        case .mtaSTS:
            switch mtaSTS.status {
            case .none: return opportunistic(endpoint, because: "no MTA-STS policy")
            case .unusable(let why): return opportunistic(endpoint, because: "the policy does not count: \(why.text)")
            case .couldNotTell: return opportunistic(endpoint)
            case .usable: break
            }
            switch mtaSTS.policy?.mode {
            case .enforce?: return byPolicy(endpoint)
            case .testing?:
                return opportunistic(endpoint, because: "the policy is in testing: failures are only reported")
            case Optional.none, MTASTSPolicy.Mode.none?:
                return opportunistic(endpoint, because: "the policy's mode is none")
            }
        }
    }

    private static func opportunistic(_ endpoint: MailEndpoint, because why: String = "") -> SenderAction {
        let prefix = why.isEmpty ? "" : why + "; "
        return switch endpoint.reach {
        case .encrypted: SenderAction(.encrypted, prefix + "TLS, whoever is there")
        case .clear: SenderAction(.clear, prefix + "STARTTLS is not offered")
        case .tlsFails(let why): SenderAction(.clear, prefix + "TLS fails, so it tries again in clear: \(why)")
        case .closed(let why): SenderAction(.defers, why)
        case .unknown(let failure): SenderAction(.unknown, failure.detail)
        }
    }

    // RFC 7672 §2.2: with secure records TLS is a must; with usable ones, so is proof.
    private static func byDANE(_ endpoint: MailEndpoint) -> SenderAction {
        switch endpoint.reach {
        case .clear: return SenderAction(.refuses, "TLSA records promise TLS, and STARTTLS is not offered")
        case .tlsFails(let why): return SenderAction(.refuses, "TLSA records promise TLS, which fails: \(why)")
        default: break
        }
        switch endpoint.verification?.result {
        case .verified?: return SenderAction(.verified, "a TLSA record matches")
        case .noUsableRecord?:
            return SenderAction(.encrypted, "none of the TLSA records can be used: TLS is a must, proof is not")
        case .failed(let why)?: return SenderAction(.refuses, "DANE fails: \(why)")
        case .couldNotTell(let why)?: return SenderAction(.unknown, why)
        case nil: return SenderAction(.unknown, "the certificate was not seen")
        }
    }

    // RFC 8461 §4.1, §5.
    private static func byPolicy(_ endpoint: MailEndpoint) -> SenderAction {
        switch endpoint.reach {
        case .clear: return SenderAction(.refuses, "the policy demands TLS, and STARTTLS is not offered")
        case .tlsFails(let why): return SenderAction(.refuses, "the policy demands TLS, which fails: \(why)")
        default: break
        }
        if let problem = endpoint.certificateProblem { return SenderAction(.refuses, problem) }
        guard endpoint.isCertificateGood == true else {
            return SenderAction(
                .unknown,
                "the certificate could not be judged: \(endpoint.port.tls?.trustProblem ?? "no trusted roots")")
        }
        return SenderAction(.verified, "the policy names the host, and its certificate holds")
    }
}

extension SenderAction.Kind {
    /// The better the lower.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
