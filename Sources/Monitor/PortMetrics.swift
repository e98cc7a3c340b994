internal import DNS
internal import Judgement
internal import Mail
package import Rendering

/// One run of a probe of ports as metrics of this one moment, for `/probe`: the gauges that the ledger would have after
/// it, of the states of each check the one that holds. Left out: what only makes sense from one run to the next.
///
/// Straight from the result: a ledger for one run would cost more than the run.
package enum PortMetrics {
    package static func families(of result: ProbeResult) -> [MetricFamily] {
        let plan = result.plan
        let name = plan.name, target = plan.targetName
        let ended = (result.startedAt + result.durationSeconds).secondsSince1970
        let probe = MetricLabels([("probe", name)])
        let about = MetricLabels(probe, and: [("domain", target)])
        func gauge(_ metric: Metric, _ series: [MetricSeries]) -> MetricFamily {
            MetricFamily(metric.name, .gauge, help: metric.help, series: series)
        }
        func one(_ metric: Metric, _ labels: MetricLabels, _ value: Double) -> MetricFamily {
            gauge(metric, [MetricSeries(labels, .number(value))])
        }
        let passed = result.verdict == .pass
        return [
            one(.probeInfo, MetricLabels(probe, and: [("kind", plan.kind.rawValue), ("target", target)]), 1),
            one(.success, probe, passed ? 1 : 0),
            gauge(
                .result,
                ProbeResult.Verdict.allCases.map {
                    MetricSeries(
                        MetricLabels(probe, and: [("result", $0.rawValue)]), .number($0 == result.verdict ? 1 : 0))
                }),
            one(.lastRun, probe, ended), one(.lastSuccess, probe, passed ? ended : 0),
            gauge(.findings, findings(result.report, about)), gauge(.checkStatus, statuses(result.report, about)),
        ] + tls(result, probe, at: ended).map { gauge($0.0, $0.1) }
    }

    private static func findings(_ report: Report, _ about: MetricLabels) -> [MetricSeries] {
        Severity.allCases.map { severity in
            MetricSeries(
                MetricLabels(about, and: [("severity", severity.rawValue)]),
                .number(Double(report.findings.count { $0.severity == severity })))
        }
    }

    /// A check is in the state of its worst subject.
    private static func statuses(_ report: Report, _ about: MetricLabels) -> [MetricSeries] {
        var status: [String: String] = [:]
        for check in report.passed { status[check.identifier] = "pass" }
        for unknown in report.unknown { status[unknown.check.identifier] = "unknown" }
        for finding in report.findings { status[finding.check.identifier] = "fail" }
        return status.sorted { $0.key < $1.key }.map { check, status in
            MetricSeries(MetricLabels(about, and: [("check", check), ("status", status)]), .number(1))
        }
    }

    /// By host, port and protocol; what was seen on several addresses of a host is one series, the worst of it.
    private static func tls(
        _ result: ProbeResult, _ probe: MetricLabels, at now: Double
    ) -> [(Metric, [MetricSeries])] {
        var notAfter: [MetricSeries] = [], notBefore: [MetricSeries] = [], ratio: [MetricSeries] = []
        var valid: [MetricSeries] = [], versions: [MetricSeries] = []
        for (host, number, service, ports) in endpoints(of: result) {
            let labels = MetricLabels(
                probe, and: [("mx", host), ("port", String(number)), ("protocol", service.rawValue)])
            let seen = ports.compactMap { port in port.tls.map { (facts: $0, at: port.at) } }
            for version in Set(seen.map(\.facts.version)).sorted() {
                versions.append(MetricSeries(MetricLabels(labels, and: [("version", version)]), .number(1)))
            }
            let worst = seen.compactMap(\.facts.chain.first).min { $0.notAfter < $1.notAfter }
            let from = worst?.notBefore.secondsSince1970 ?? 0, until = worst?.notAfter.secondsSince1970 ?? 0
            notAfter.append(MetricSeries(labels, .number(until)))
            notBefore.append(MetricSeries(labels, .number(from)))
            ratio.append(
                MetricSeries(labels, .number(until > from ? (until - now) / (until - from) : .nan)))
            let isValid = !seen.isEmpty && seen.allSatisfy { $0.facts.isValid(at: $0.at) }
            valid.append(MetricSeries(labels, .number(isValid ? 1 : 0)))
        }
        return [
            (.notAfter, notAfter), (.notBefore, notBefore), (.remainingRatio, ratio), (.certValid, valid),
            (.tlsVersion, versions),
        ]
    }

    private typealias Place = (host: String, port: UInt16, service: Service, seen: [PortObservation])

    /// The ports seen, those of one host, port and service together, in the order in which they were; those that were
    /// to be, where the host has no address.
    private static func endpoints(of result: ProbeResult) -> [Place] {
        var places: [Place] = []
        for seen in result.report.evidence.ports {
            let host = seen.endpoint.host.lowercased.description
            let index = places.firstIndex {
                $0.service == seen.service && $0.port == seen.endpoint.port && $0.host == host
            }
            if let index {
                places[index].seen.append(seen)
            } else {
                places.append((host, seen.endpoint.port, seen.service, [seen]))
            }
        }
        if places.isEmpty, case .ports(let host, let services, let port, _) = result.plan.work {
            return services.map { (host.lowercased.description, port ?? $0.port, $0, []) }
        }
        return places
    }
}

extension TLSFacts {
    /// Whether the server's certificate is trusted, names the host and is in its time.
    func isValid(at moment: Timestamp) -> Bool {
        guard let certificate = chain.first else { return false }
        return trusted == true && nameMatches == true && certificate.notBefore <= moment
            && moment <= certificate.notAfter
    }
}
