import Foundation

/// The built program, as a user would start it.
enum Program {
    /// Beside the test bundle, where SwiftPM puts it.
    static let tool: Tool = {
        let bundle = URL(filePath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        return Tool(path: bundle.appending(path: "mailsonde").path)
    }()

    @discardableResult
    static func run(
        _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 90
    ) async throws -> Tool.Outcome {
        try await tool.run(arguments, environment: environment, within: seconds)
    }

    /// Runs it with `--json` and reads the object it prints.
    static func object(
        _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 90
    ) async throws -> (object: [String: Any], status: Int32) {
        let outcome = try await run(arguments + ["--json"], environment: environment, within: seconds)
        guard let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any] else {
            throw TestFailure(
                "no JSON object from \(arguments): \(outcome.output.prefix(500)) \(outcome.errors.prefix(500))")
        }
        return (object, outcome.status)
    }
}

/// A report's JSON, opened for questions.
struct ReportObject {
    let object: [String: Any]

    private func rows(_ key: String) -> [[String: Any]] { object[key] as? [[String: Any]] ?? [] }

    /// Identifiers of the checks that found something.
    var found: Set<String> { Set(rows("findings").compactMap { $0["check"] as? String }) }
    /// Identifiers of the checks that could not be told, with their causes.
    var unknown: [String: Set<String>] {
        rows("unknown").reduce(into: [:]) { causes, row in
            causes[row["check"] as? String ?? "", default: []].insert(row["cause"] as? String ?? "")
        }
    }
    var passed: Set<String> { Set(object["passed"] as? [String] ?? []) }
    var verdict: String { object["verdict"] as? String ?? "" }
    var ports: [[String: Any]] { (object["evidence"] as? [String: Any])?["ports"] as? [[String: Any]] ?? [] }

    func port(_ host: String, _ service: String) -> [String: Any]? {
        ports.first { $0["host"] as? String == host && $0["service"] as? String == service }
    }
}
