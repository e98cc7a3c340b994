internal import DNS
internal import Judgement
internal import Mail

/// Certificates and TLS versions, by host, port and protocol. What was seen on several addresses of a host is one series:
/// the worst of it.
extension ProbeLedger {
    static func tlsLabels(_ probe: String, _ host: DomainName, _ port: UInt16, _ service: Service) -> [String] {
        [probe, host.lowercased.description, String(port), service.rawValue]
    }

    mutating func beginTLS(_ labels: [String]) {
        store.touch(.notAfter, labels)
        store.touch(.notBefore, labels)
        store.touch(.certValid, labels)
        if certificates[labels] == nil { store.set(.remainingRatio, labels, .nan) }
    }

    mutating func recordTLS(_ result: ProbeResult) {
        var seen: [[String]: [PortObservation]] = [:]
        for port in result.report.evidence.ports {
            let labels = Self.tlsLabels(name, port.endpoint.host, port.endpoint.port, port.service)
            seen[labels, default: []].append(port)
        }
        if result.plan.kind == .audit { forgetHosts(notIn: seen) }
        for (labels, ports) in seen.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let handshakes = ports.compactMap { port in port.tls.map { (facts: $0, at: port.at) } }
            guard !handshakes.isEmpty else { continue }
            let versions = Set(handshakes.map(\.facts.version))
            store.keep(.tlsVersion) { Array($0.dropLast()) != labels || versions.contains($0[$0.count - 1]) }
            for version in versions.sorted() { store.set(.tlsVersion, labels + [version], 1) }
            guard let worst = handshakes.compactMap(\.facts.chain.first).min(by: { $0.notAfter < $1.notAfter })
            else { continue }
            certificates[labels] = (worst.notBefore.secondsSince1970, worst.notAfter.secondsSince1970)
            store.set(.notAfter, labels, worst.notAfter.secondsSince1970)
            store.set(.notBefore, labels, worst.notBefore.secondsSince1970)
            let valid = handshakes.allSatisfy { $0.facts.isValid(at: $0.at) }
            store.set(.certValid, labels, valid ? 1 : 0)
        }
    }

    /// Hosts that are no mail hosts of the domain any more. An audit that saw none at all could not tell.
    private mutating func forgetHosts(notIn seen: [[String]: [PortObservation]]) {
        guard !seen.isEmpty else { return }
        for metric in [Metric.notAfter, .notBefore, .certValid, .remainingRatio] {
            store.keep(metric) { seen[$0] != nil }
        }
        store.keep(.tlsVersion) { seen[Array($0.dropLast())] != nil }
        certificates = certificates.filter { seen[$0.key] != nil }
    }
}
