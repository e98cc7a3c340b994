package import DNS
import Mail

/// Every address of every mail host, and how well it stands in each respect, so that a weaker one shows.
package struct HostMatrix: Sendable {
    package enum State: String, Hashable, Sendable { case good, weak, bad, none, unknown }

    package struct Cell: Hashable, Sendable {
        package var state: State
        /// Two or three words.
        package var text: String

        package init(_ state: State, _ text: String) {
            self.state = state
            self.text = text
        }
    }

    package enum Column: String, Hashable, Sendable, CaseIterable { case ptr, ehlo, certificate, tlsa, sts }

    package struct Row: Sendable {
        package var host: DomainName
        /// The least of its preferences; nil without MX.
        package var preference: UInt16?
        package var address: IPAddress
        package var cells: [Column: Cell]
    }

    package var rows: [Row]

    package init(_ evidence: Evidence) {
        rows = []
        guard let domain = evidence.domain, let transport = evidence.transport else { return }
        for host in domain.hosts {
            let own = transport.hosts.first { $0.name == host.name }
            for address in host.addresses {
                let endpoint = own?.endpoints.first { $0.port.endpoint.address == address.address }
                rows.append(
                    Row(
                        host: host.name, preference: host.preferences.min(), address: address.address,
                        cells: [
                            .ptr: Self.ptr(address), .ehlo: Self.ehlo(endpoint?.port, evidence),
                            .certificate: Self.certificate(endpoint, evidence.at),
                            .tlsa: own.map { Self.tlsa($0, endpoint) } ?? Cell(.none, "–"),
                            .sts: own.map { Self.sts($0, endpoint, transport.mtaSTS) } ?? Cell(.none, "–"),
                        ]))
            }
        }
    }

    private static func ptr(_ address: MailAddress) -> Cell {
        if address.ptr.isNone { return Cell(.weak, "none") }
        return switch address.forwardConfirmed {
        case .yes: Cell(.good, "ok")
        case .no: Cell(.weak, "one way")
        case .couldNotTell: Cell(.unknown, "?")
        }
    }

    private static func ehlo(_ port: PortObservation?, _ evidence: Evidence) -> Cell {
        guard let port, port.ehloName != nil,
            let greeting = evidence.greetings.first(where: { $0.endpoint == port.endpoint })
        else { return Cell(.unknown, "?") }
        guard greeting.name != nil else { return Cell(.weak, "no name") }
        switch greeting.addresses {
        case .records(let addresses)?:
            return addresses.contains(port.endpoint.address) ? Cell(.good, "ok") : Cell(.weak, "elsewhere")
        case .noData?, .noSuchName?: return Cell(.weak, "no addr")
        case .couldNotTell?, nil: return Cell(.unknown, "?")
        }
    }

    private static func certificate(_ endpoint: MailEndpoint?, _ now: Timestamp) -> Cell {
        guard let endpoint else { return Cell(.unknown, "?") }
        switch endpoint.reach {
        case .clear: return Cell(.bad, "no TLS")
        case .tlsFails: return Cell(.bad, "fails")
        case .closed: return Cell(.bad, "closed")
        case .unknown: return Cell(.unknown, "?")
        case .encrypted: break
        }
        guard let tls = endpoint.port.tls, let leaf = tls.chain.first else { return Cell(.bad, "none") }
        let days = Int(((leaf.notAfter - now) / 86_400).rounded(.down))
        if days < 0 { return Cell(.weak, "expired") }
        if tls.trusted == false { return Cell(.weak, "untrusted") }
        if tls.nameMatches == false { return Cell(.weak, "name") }
        return endpoint.isCertificateGood == true ? Cell(.good, "\(days)d") : Cell(.unknown, "?")
    }

    private static func tlsa(_ host: TransportEvidence.Host, _ endpoint: MailEndpoint?) -> Cell {
        switch host.dane.status {
        case .none: return Cell(.none, "–")
        case .notUsed: return host.dane.published.isEmpty ? Cell(.none, "–") : Cell(.weak, "unsigned")
        case .fails: return Cell(.bad, "fails")
        case .couldNotTell: return Cell(.unknown, "?")
        case .applies: break
        }
        switch endpoint?.verification?.result {
        case .verified?: return Cell(.good, "ok")
        case .failed?: return Cell(.bad, "mismatch")
        case .noUsableRecord?: return Cell(.weak, "unusable")
        case .couldNotTell?: return Cell(.unknown, "?")
        case nil:
            switch endpoint?.reach {
            case .clear?, .tlsFails?: return Cell(.bad, "no TLS")
            default: return Cell(.unknown, "there")
            }
        }
    }

    private static func sts(
        _ host: TransportEvidence.Host, _ endpoint: MailEndpoint?, _ mtaSTS: MTASTSEvidence
    ) -> Cell {
        switch mtaSTS.status {
        case .none: return Cell(.none, "–")
        case .couldNotTell: return Cell(.unknown, "?")
        case .unusable: return Cell(.weak, "void")
        case .usable: break
        }
        guard let policy = mtaSTS.policy else { return Cell(.none, "–") }
        let isStrict = policy.mode == .enforce
        if policy.mode == MTASTSPolicy.Mode.none { return Cell(.none, "–") }
        if !policy.allows(host.name) { return Cell(isStrict ? .bad : .weak, "not named") }
        switch endpoint?.reach {
        case .clear?, .tlsFails?: return Cell(isStrict ? .bad : .weak, "no TLS")
        case .encrypted?: break
        case .closed?, .unknown?, nil: return Cell(.unknown, "named")
        }
        if endpoint?.certificateProblem != nil { return Cell(isStrict ? .bad : .weak, "cert") }
        return endpoint?.isCertificateGood == true ? Cell(.good, isStrict ? "ok" : "testing") : Cell(.unknown, "named")
    }
}
