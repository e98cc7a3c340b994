import Foundation
import Monitor
import Rendering
import Testing

@Suite struct `What stands in dashboards` {
    private static let folder =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path + "/dashboards"

    @Test(arguments: ["mailsonde-alerts.yml", "mailsonde-alerts-test.yml", "mailsonde.json"])
    func `names only metrics that there are`(_ file: String) throws {
        let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
        var known: Set<String> = []
        for metric in Metric.all {
            known.insert(metric.name)
            if metric.kind == .histogram { known.formUnion(["_bucket", "_sum", "_count"].map { metric.name + $0 }) }
        }
        let isWord: (Character) -> Bool = { $0.isLetter || $0.isNumber || $0 == "_" }
        let named = Set(
            text.split(whereSeparator: { !isWord($0) }).map(String.init).filter { $0.hasPrefix("mailsonde_") })
        #expect(named.count > 5)
        #expect(named.subtracting(known) == [])
    }

    @Test func `is a dashboard in JSON without panels on top of each other`() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/mailsonde.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        var taken: Set<[Int]> = []
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y) = (place["x"] ?? 0, place["y"] ?? 0)
            for column in x..<(x + (place["w"] ?? 0)) {
                for row in y..<(y + (place["h"] ?? 0)) { #expect(taken.insert([column, row]).inserted) }
            }
            #expect(x + (place["w"] ?? 0) <= 24)
        }
    }

    @Test(
        .enabled(if: promtoolIsThere, "promtool is not installed"),
        arguments: [
            ["check", "rules", "mailsonde-alerts.yml"], ["test", "rules", "mailsonde-alerts-test.yml"],
            ["check", "config", "prometheus.yml"],
        ])
    func `satisfies promtool`(_ arguments: [String]) async throws {
        let (status, output) = try #require(try await promtool(arguments, folder: Self.folder))
        #expect(status == 0, "\(output)")
    }
}
