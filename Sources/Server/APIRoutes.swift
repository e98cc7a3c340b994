internal import HTTPTypes
internal import Hummingbird
internal import Judgement
internal import Mail
internal import Monitor
internal import Rendering

/// `/api/v1/…`: what the pages show, for programs.
struct APIRoutes: Sendable {
    let monitor: Monitor

    func add(to router: Router<ServerContext>) {
        router.get("/api/v1/probes") { _, _ in
            Response.json(["probes": .array(await monitor.status.map(Self.json))])
        }
        router.get("/api/v1/probes/:probe") { _, context in
            guard let name = context.pathPart("probe"), let status = await monitor.status(of: name) else {
                return Response.problem("no such probe", status: .notFound)
            }
            return .json(Self.json(status))
        }
        router.get("/api/v1/reports/:probe") { _, context in await report(context.pathPart("probe")) }
        router.get("/api/v1/history/:probe") { request, context in
            await history(context.pathPart("probe"), request)
        }
    }

    /// The last report: from memory, or from the history where none was made since the start.
    private func report(_ name: String?) async -> Response {
        guard let name, let status = await monitor.status(of: name) else {
            return .problem("no such probe", status: .notFound)
        }
        if let last = status.last { return .json(ReportJSON.json(last.report)) }
        if let entry = try? await monitor.history?.entries(of: name, limit: 1).first {
            return .json(text: entry.report)
        }
        return .problem("this probe has not run yet", status: .notFound)
    }

    private func history(_ name: String?, _ request: Request) async -> Response {
        guard let name, await monitor.status(of: name) != nil else {
            return .problem("no such probe", status: .notFound)
        }
        guard let history = monitor.history else { return .problem("no history is kept", status: .notFound) }
        var limit = 100
        if let text = request.query("limit") {
            guard let number = Int(text), (1...1_000).contains(number) else {
                return .problem("“limit” is a number from 1 to 1000", status: .badRequest)
            }
            limit = number
        }
        var since: Timestamp?
        if let text = request.query("since") {
            guard let number = Double(text), number.isFinite else {
                return .problem("“since” is a moment in seconds since 1970", status: .badRequest)
            }
            since = Timestamp(number)
        }
        do throws(History.Failed) {
            let entries = try await history.entries(of: name, limit: limit, since: since)
            let withReports = request.query("reports") == "true"
            let items = entries.map { entry -> String in
                let head = JSONWriter.text(Self.json(entry))
                // The report is JSON text already.
                return withReports && !entry.report.isEmpty ? head.dropLast() + ",\"report\":\(entry.report)}" : head
            }
            let probe = JSONWriter.text(.string(name))
            return .json(text: "{\"probe\":\(probe),\"results\":[\(items.joined(separator: ","))]}")
        } catch {
            return .problem("the history cannot be read", status: .internalServerError)
        }
    }

    static func json(_ status: ProbeStatus) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(status.plan.name)), .init("kind", .string(status.plan.kind.rawValue)),
            .init("target", .string(status.plan.targetName)),
            .init("interval_seconds", .number(status.plan.intervalSeconds)),
            .init("timeout_seconds", .number(status.plan.timeoutSeconds)), .init("running", .bool(status.isRunning)),
            .init("next_run", status.nextDue.map { .string($0.description) } ?? .null),
        ]
        if let last = status.last {
            members.append(
                .init(
                    "last",
                    [
                        "at": .string(last.startedAt.description), "duration_seconds": .number(last.durationSeconds),
                        "result": .string(last.verdict.rawValue), "reason": last.reason.map { .string($0) } ?? .null,
                        "verdict": .string(last.report.overall.rawValue),
                        "findings": .integer(last.report.findings.count),
                    ]))
        } else {
            members.append(.init("last", .null))
        }
        return .object(members)
    }

    static func json(_ entry: History.Entry) -> JSON {
        [
            "at": .string(entry.startedAt.description), "duration_seconds": .number(entry.durationSeconds),
            "result": .string(entry.verdict.rawValue), "reason": entry.reason.map { .string($0) } ?? .null,
        ]
    }
}
