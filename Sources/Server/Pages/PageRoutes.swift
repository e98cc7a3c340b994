internal import HTTPTypes
internal import Hummingbird
internal import Monitor
internal import Mustache
internal import Rendering

/// The pages for people: `/`, and one for each probe.
struct PageRoutes: Sendable {
    let monitor: Monitor

    func add(to router: Router<ServerContext>) {
        router.get("/") { _, _ in
            let status = await monitor.status
            return Response.html(Self.render(Templates.overview, OverviewPage.values(status, at: monitor.now)))
        }
        router.get("/probes/:probe") { _, context in
            guard let name = context.pathPart("probe"), let status = await monitor.status(of: name) else {
                return Response.html(Self.render(Templates.missing, [:]), status: .notFound)
            }
            let entries = (try? await monitor.history?.entries(of: name, limit: 50)) ?? []
            return .html(Self.render(Templates.probe, ProbePage.values(status, entries, at: monitor.now)))
        }
        router.get("/style.css") { _, _ in
            var response = Response.octets(Array(Style.sheet.utf8), type: "text/css; charset=utf-8")
            response.headers[.cacheControl] = "max-age=300"
            return response
        }
    }

    static func render(_ template: MustacheTemplate?, _ values: [String: Any]) -> String {
        template?.render(values) ?? ""
    }
}

/// Text from anywhere, made safe for HTML. Templates write values as they are (`{{{…}}}`), so every value of theirs comes
/// from here: Mustache's own escaping goes by whole characters, and misses a quote with a combining mark behind it.
func html(_ text: String, limit: Int = 1_000) -> String { Escaping.html(text, limit: limit) }

/// The same for prose with `code` in it, as the pages of checks are written.
func prose(_ text: String, limit: Int = 4_000) -> String {
    // A line feed is a line feed in prose; what else cannot be seen is shown.
    text.split(omittingEmptySubsequences: false) { $0.isNewline }
        .map { Escaping.htmlWithCode(String($0), limit: limit) }.joined(separator: "\n")
}
