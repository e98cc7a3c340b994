internal import DNS
internal import HTTPTypes
internal import Hummingbird
internal import Judgement
internal import Mail
internal import Monitor
internal import Rendering
internal import Synchronization

/// `/probe?target=&module=&debug=true`: probes now and gives what was seen as metrics of this one scrape.
///
/// A probe that fails is an answer of 200 with `probe_success 0`, as exporters do it. Only gauges: a counter that
/// lives for one scrape counts nothing.
struct ProbeRoute: Sendable {
    /// More at once are refused with 503.
    static let mostAtOnce = 256
    /// The same of audits, which ask much more.
    static let mostAuditsAtOnce = 16
    /// Left for the answer to get back before the scraper's patience ends.
    static let reserveSeconds = 0.5

    let monitor: Monitor
    private let places = Places(ProbeRoute.mostAtOnce)
    private let placesOfAudits = Places(ProbeRoute.mostAuditsAtOnce)

    init(monitor: Monitor) { self.monitor = monitor }

    func add(to router: Router<ServerContext>) {
        router.get("/probe") { request, _ in await answer(to: request) }
    }

    private func answer(to request: Request) async -> Response {
        let parameters = request.uri.queryParameters
        func query(_ name: Substring) -> String? { parameters[name].flatMap { $0.isEmpty ? nil : String($0) } }
        let plan: ProbePlan
        do throws(BadRequest) {
            plan = try Self.plan(
                target: query("target"), module: query("module"),
                scrapeTimeout: request.headers[.scrapeTimeout], configuration: await monitor.configuration)
        } catch {
            return .text(Escaping.visible(error.message), status: .badRequest)
        }
        let isAudit = plan.kind == .audit
        let places = isAudit ? placesOfAudits : places
        guard places.take() else {
            let most = isAudit ? "\(Self.mostAuditsAtOnce) audits" : "\(Self.mostAtOnce) probes"
            return .text("\(most) are running already, try again later", status: .serviceUnavailable)
        }
        defer { places.giveBack() }
        let result = await monitor.probe(plan)
        let families = await Self.families(of: result)
        if query("debug") == "true" {
            return .text(Self.debugText(result) + String(decoding: Exposition.text.render(families), as: UTF8.self))
        }
        let format = Exposition(accept: request.headers[.accept])
        return .octets(format.render(families), type: format.contentType)
    }

    struct BadRequest: Error, Equatable { var message: String }

    static func plan(
        target: String?, module: String?, scrapeTimeout: String?, configuration: Configuration
    ) throws(BadRequest) -> ProbePlan {
        guard let target else {
            throw BadRequest(message: "target is missing: /probe?target=mail.example.org&module=smtp_starttls")
        }
        var known: String { configuration.allModules.map(\.name).joined(separator: ", ") }
        guard let name = module else { throw BadRequest(message: "module is missing: one of \(known)") }
        guard let module = configuration.module(named: name) else {
            throw BadRequest(message: "no module “\(name)”: one of \(known)")
        }
        let (host, port) = try endpoint(target)
        var seconds = module.timeoutSeconds
        if let scrapeTimeout, let limit = Double(scrapeTimeout), limit.isFinite, limit > 0 {
            // A very impatient scraper gets half of its time.
            seconds = min(seconds, max(limit - reserveSeconds, limit / 2))
        }
        let work: ProbePlan.Work
        switch module.kind {
        case .audit(let selectors):
            guard port == nil else { throw BadRequest(message: "an audit takes a domain without a port") }
            guard IPAddress(host.description) == nil else {
                throw BadRequest(message: "an audit takes a domain, not an address")
            }
            work = .audit(host, dkimSelectors: selectors)
        case .port(let service, let requireTLS):
            work = .ports(host: host, services: [service], port: port, requireTLS: requireTLS)
        }
        var plan = ProbePlan(name: name, work: work, intervalSeconds: 0, timeoutSeconds: seconds)
        plan.isOnRequest = true
        plan.baseline = configuration.baseline
        return plan
    }

    /// `mail.example.org`, `mail.example.org:2525`, `192.0.2.1`, `[2001:db8::1]:25`.
    static func endpoint(_ target: String) throws(BadRequest) -> (host: DomainName, port: UInt16?) {
        let wrong = BadRequest(message: "“\(target)” is no target: write a domain, host or host:port")
        guard target.utf8.count <= 300 else { throw wrong }
        var host = target, portText: String?
        if target.hasPrefix("["), let end = target.firstIndex(of: "]") {
            host = String(target[target.index(after: target.startIndex)..<end])
            let rest = target[target.index(after: end)...]
            guard IPv6Address(host) != nil, rest.isEmpty || rest.hasPrefix(":") else { throw wrong }
            portText = rest.isEmpty ? nil : String(rest.dropFirst())
        } else if let colon = target.lastIndex(of: ":"),
            target.firstIndex(of: ":") == colon || IPv6Address(target) == nil
        {
            host = String(target[..<colon])
            portText = String(target[target.index(after: colon)...])
        }
        var port: UInt16?
        if let portText {
            guard portText.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(portText), number > 0
            else { throw wrong }
            port = number
        }
        guard let name = try? DomainName(host), !name.isRoot else { throw wrong }
        let isPlain = name.description.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        }
        guard isPlain || IPAddress(host) != nil else { throw wrong }
        return (name, port)
    }

    // MARK: What it came to

    static func families(of result: ProbeResult) async -> [MetricFamily] {
        func gauge(_ name: String, _ help: String, _ series: [MetricSeries]) -> MetricFamily {
            MetricFamily(name, .gauge, help: help, series: series)
        }
        let own = [
            gauge(
                "probe_success", "Whether the probe passed.",
                [MetricSeries(MetricLabels(), .number(result.verdict == .pass ? 1 : 0))]),
            gauge(
                "probe_duration_seconds", "Time the probe took.",
                [MetricSeries(MetricLabels(), .number(result.durationSeconds))]),
            gauge(
                "probe_phase_duration_seconds",
                "Time taken by each step, the longest where it was taken several times.",
                phases(of: result).map {
                    MetricSeries(MetricLabels([("phase", $0.name.metricLabel)]), .number($0.seconds))
                }),
            gauge(
                "probe_failure_info", "Always 1; why the probe did not pass, if it did not.",
                result.reason.map { [MetricSeries(MetricLabels([("reason", $0)]), .number(1))] } ?? []),
        ]
        if result.plan.kind == .port { return own + PortMetrics.families(of: result) }
        let ledger = Ledger(version: "", revision: "")
        await ledger.configure([result.plan])
        await ledger.record(result)
        // What only makes sense from one scrape to the next is left out.
        let aboutSchedule: Set<String> = [
            "mailsonde_build_info", "mailsonde_probes_running", "mailsonde_probe_interval_seconds",
            "mailsonde_probe_schedule_lag_seconds",
        ]
        let seen = await ledger.families(at: result.startedAt + result.durationSeconds).filter {
            $0.kind == .gauge && !$0.series.isEmpty && !aboutSchedule.contains($0.name)
                && !$0.name.hasPrefix("mailsonde_config_")
        }
        return own + seen
    }

    private static func phases(of result: ProbeResult) -> [Phase] {
        var longest: [Phase.Name: Double] = [:]
        func add(_ name: Phase.Name, _ seconds: Double) { longest[name] = max(longest[name] ?? 0, seconds) }
        for observation in result.observations {
            switch observation {
            case .lookup(let lookup): add(.dns, lookup.answer?.seconds ?? 0)
            case .port(let port): for phase in port.phases { add(phase.name, phase.seconds) }
            case .roundTrip(let trip): for phase in trip.phases { add(phase.name, phase.seconds) }
            case .message, .policy, .authority, .web, .secondLookup: break
            }
        }
        return Phase.Name.allCases.compactMap { name in longest[name].map { Phase(name, seconds: $0) } }
    }

    /// The probe in words, what was said included; everything from outside escaped.
    static func debugText(_ result: ProbeResult) -> String {
        var text = "# module \(result.plan.name), target \(result.plan.targetName), at most "
        text += "\(Wording.duration(result.plan.timeoutSeconds))\n"
        text += "# \(result.verdict.rawValue) after \(Wording.duration(result.durationSeconds))"
        if let reason = result.reason { text += ": \(reason)" }
        if let failure = result.failure, !failure.detail.isEmpty { text += " (\(Escaping.visible(failure.detail)))" }
        text += "\n"
        for observation in result.observations {
            switch observation {
            case .lookup(let lookup):
                text += "# \(lookup.question): \(Self.words(for: lookup.outcome))\n"
            case .port(let port):
                text += "# \(port.endpoint) \(port.service.rawValue): \(port.state.rawValue)"
                if let failure = port.failure {
                    text += ", \(failure.cause.rawValue) \(Escaping.visible(failure.detail))"
                }
                text += "\n"
                for phase in port.phases {
                    text += "#   \(phase.name.metricLabel) \(Wording.duration(phase.seconds))\n"
                }
                for line in port.transcript { text += "#   \(Escaping.visible(line))\n" }
            case .policy(let policy):
                text += "# \(policy.host): HTTP status \(policy.status.map { "\($0)" } ?? "none")\n"
            case .roundTrip, .message, .authority, .web, .secondLookup: break
            }
        }
        for finding in result.report.findings {
            text += "# \(finding.severity.rawValue) \(finding.check.identifier): \(Escaping.visible(finding.summary))\n"
        }
        return text + "\n"
    }

    private static func words(for outcome: Outcome) -> String {
        switch outcome {
        case .success(let answer):
            switch answer.kind {
            case .records: "\(answer.records.count) records in \(Wording.duration(answer.seconds))"
            case .noData: "no such record"
            case .noSuchName: "no such name"
            }
        case .failure(let why): "unanswered, \(why.reason.rawValue)"
        }
    }
}

extension HTTPField.Name {
    fileprivate static let scrapeTimeout = HTTPField.Name("X-Prometheus-Scrape-Timeout-Seconds")!
}

/// So many may be in at once.
private final class Places: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    func take() -> Bool {
        free.withLock { free in
            if free == 0 { return false }
            free -= 1
            return true
        }
    }

    func giveBack() { free.withLock { $0 += 1 } }
}
