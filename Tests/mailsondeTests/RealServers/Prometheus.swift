import Foundation

/// A real Prometheus that scrapes one address every second and is asked through promtool.
final class Prometheus {
    static let needs = ["prometheus", "promtool"]
    private let folder: Folder
    private let port: UInt16
    private var process: Process?

    init(in folder: Folder, scraping target: String) throws {
        self.folder = folder
        port = try Ports.free()
        try folder.write(
            "prometheus/prometheus.yml",
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: mailsonde
                static_configs: [{targets: ["\(target)"]}]

            """)
    }

    func start() async throws {
        process = try Tool("prometheus")?.start(
            [
                "--config.file=\(folder.path("prometheus/prometheus.yml"))",
                "--storage.tsdb.path=\(folder.path("prometheus/data"))", "--web.listen-address=127.0.0.1:\(port)",
            ], output: folder.path("prometheus/log"), errors: folder.path("prometheus/errors"))
        try await eventually("Prometheus is ready\n\(folder.read("prometheus/errors"))") {
            (try? await query("vector(1)"))?.first?.value == 1
        }
    }

    struct Sample {
        var labels: [String: String]
        var value: Double
    }

    /// An instant query.
    func query(_ expression: String) async throws -> [Sample] {
        guard
            let outcome = try await Tool("promtool")?.run([
                "query", "instant", "--format=json", "http://127.0.0.1:\(port)", expression,
            ]), outcome.status == 0
        else { throw TestFailure("promtool query \(expression)") }
        let rows = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] ?? []
        return rows.compactMap { row in
            guard let value = row["value"] as? [Any], let text = value.last as? String, let number = Double(text) else {
                return nil
            }
            return Sample(labels: row["metric"] as? [String: String] ?? [:], value: number)
        }
    }

    func terminate() {
        if process?.isRunning == true { process?.terminate() }
    }
}
