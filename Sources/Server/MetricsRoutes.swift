internal import HTTPTypes
internal import Hummingbird
internal import Judgement
internal import Monitor
internal import Rendering

/// `/metrics`, and `/targets` for Prometheus' HTTP service discovery.
struct MetricsRoutes: Sendable {
    let monitor: Monitor

    func add(to router: Router<ServerContext>) {
        router.get("/metrics") { request, _ in
            let families = await monitor.ledger.families(at: monitor.now)
            let format = Exposition(accept: request.headers[.accept])
            return Response.octets(format.render(families), type: format.contentType)
        }
        router.get("/targets") { _, _ in
            Response.json(.array(await monitor.configuration.plans.flatMap(Self.targets)))
        }
    }

    /// What `/probe` can be asked for in place of the schedule: a target and the module that fits.
    /// See "http_sd_config" of Prometheus.
    static func targets(_ plan: ProbePlan) -> [JSON] {
        func target(_ module: String) -> JSON {
            [
                "targets": [.string(plan.targetName)],
                "labels": [
                    "__param_module": .string(module), "__meta_mailsonde_probe": .string(plan.name),
                    "__meta_mailsonde_kind": .string(plan.kind.rawValue),
                ],
            ]
        }
        switch plan.work {
        case .audit: return [target("audit")]
        case .ports(_, let services, _, _): return services.map { target($0.rawValue) }
        // A round trip needs its accounts, which no URL carries.
        case .roundTrip: return []
        }
    }
}
