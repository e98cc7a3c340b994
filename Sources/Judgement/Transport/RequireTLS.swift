package import DNS
import Mail

/// What a sender could do with a message that must not travel without TLS (REQUIRETLS, RFC 8689 §4.2.1): the name of the
/// host has to be secure by DNSSEC or named by an MTA-STS policy, the server has to prove itself, and it has to promise
/// the same onward by the extension.
extension SendersView {
    /// Host by host, in order of preference.
    package struct RequireTLS: Sendable {
        package struct Row: Sendable {
            package var host: DomainName
            /// Whether the extension is on offer behind TLS; nil where that was not seen.
            package var isOffered: Bool?
            /// ``SenderAction/Kind/verified``, or why not.
            package var action: SenderAction
        }

        package var rows: [Row]
        package var outcome: Outcome

        init(_ transport: TransportEvidence) {
            rows = transport.hosts.map { host in
                let offers = host.endpoints.map(Self.offers)
                return Row(
                    host: host.name,
                    isOffered: offers.contains(true) ? true : offers.contains(false) ? false : nil,
                    action: Self.action(host, transport.mtaSTS))
            }
            outcome = Outcome(
                action: SenderAction(.refuses, "no host can take a message that requires TLS: it comes back at once"))
            for row in rows {
                if row.action.kind.delivers || row.action.kind == .unknown {
                    outcome = Outcome(action: row.action, host: row.action.kind.delivers ? row.host : nil)
                    return
                }
            }
            if rows.allSatisfy({ $0.action.kind == .defers }) {
                outcome.action = SenderAction(.defers, rows.first?.action.reason ?? "")
            }
        }

        /// RFC 8689 §2: the extension counts in the EHLO reply behind STARTTLS, and only there.
        private static func offers(_ endpoint: MailEndpoint) -> Bool? {
            endpoint.port.capabilitiesAfterTLS.map { lines in
                lines.contains { line in
                    line.uppercased().split(separator: " ").first == "REQUIRETLS"
                }
            }
        }

        private static func action(_ host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence) -> SenderAction {
            let actions = host.endpoints.map { action(at: $0, of: host, mtaSTS) }
            // The least good address that works counts: a sender may come to any.
            if let refused = actions.first(where: { $0.kind == .refuses }) { return refused }
            if let unknown = actions.first(where: { $0.kind == .unknown }) { return unknown }
            if let taken = actions.first(where: { $0.kind.delivers }) { return taken }
            if host.isWithoutAddress { return SenderAction(.defers, "\(host.name) has no address") }
            return actions.first ?? SenderAction(.unknown, "port 25 was not tried")
        }

        private static func action(
            at endpoint: MailEndpoint, of host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence
        ) -> SenderAction {
            switch endpoint.reach {
            case .closed(let why): return SenderAction(.defers, why)
            case .unknown(let failure):
                return SenderAction(.unknown, failure.detail.isEmpty ? failure.cause.rawValue : failure.detail)
            case .clear: return SenderAction(.refuses, "STARTTLS is not offered")
            case .tlsFails(let why): return SenderAction(.refuses, "TLS fails: \(why)")
            case .encrypted: break
            }
            let conditions = [offer(endpoint), name(of: host, mtaSTS), proof(endpoint, of: host)]
            let missing = conditions.compactMap { if case .missing(let what) = $0 { what } else { nil } }
            if !missing.isEmpty { return SenderAction(.refuses, missing.joined(separator: "; ")) }
            let open = conditions.compactMap { if case .unknown(let what) = $0 { what } else { nil } }
            if !open.isEmpty { return SenderAction(.unknown, open.joined(separator: "; ")) }
            let how = conditions.compactMap { if case .met(let how) = $0 { how } else { nil } }
            return SenderAction(.verified, how.joined(separator: ", "))
        }

        private enum Condition {
            case met(String)
            case missing(String)
            case unknown(String)
        }

        private static func offer(_ endpoint: MailEndpoint) -> Condition {
            switch offers(endpoint) {
            case true?: .met("REQUIRETLS is offered")
            case false?: .missing("the server does not offer REQUIRETLS")
            case nil: .unknown("what the server offers behind TLS was not seen")
            }
        }

        /// Whether it is certain that mail for the domain goes there.
        private static func name(of host: TransportEvidence.Host, _ mtaSTS: MTASTSEvidence) -> Condition {
            // Without MX records the host is the domain itself.
            if host.preferences.isEmpty { return .met("the domain is its own mail host") }
            if host.dane.mx == .secure { return .met("the MX records are signed") }
            if case .couldNotTell(let failure) = mtaSTS.status {
                return .unknown("the MTA-STS policy could not be fetched: \(failure.detail)")
            }
            if let policy = mtaSTS.effective, policy.mode == .enforce || policy.mode == .testing,
                policy.allows(host.name)
            {
                return .met("the MTA-STS policy names the host")
            }
            switch host.dane.mx {
            case .indeterminate(let why)?:
                return .unknown(
                    "no MTA-STS policy names the host, and whether the MX records are signed is not known: \(why)")
            case .bogus(let why)?: return .missing("the MX records are bogus: \(why)")
            default: return .missing("neither signed MX records nor an MTA-STS policy name the host")
            }
        }

        /// RFC 8689 §4.2.1: by RFC 6125 or RFC 7672.
        private static func proof(_ endpoint: MailEndpoint, of host: TransportEvidence.Host) -> Condition {
            if case .applies = host.dane.status {
                switch endpoint.verification?.result {
                case .verified?: return .met("a TLSA record matches")
                case .failed(let why)?: return .missing("DANE fails: \(why)")
                case .couldNotTell(let why)?: return .unknown(why)
                case .noUsableRecord?, nil: break
                }
            }
            if let problem = endpoint.certificateProblem { return .missing(problem) }
            return endpoint.isCertificateGood == true
                ? .met("the certificate holds") : .unknown("the certificate could not be judged")
        }
    }
}
