internal import GRDB
internal import Judgement
package import Mail
internal import Rendering
internal import Synchronization

/// Every result, kept in SQLite for as long as the configuration says. Left out: anything that needs an answer at once;
/// what is read by nobody but a page or an API call.
package final class History: Sendable {
    /// One result as kept.
    package struct Entry: Hashable, Sendable {
        package var id: Int64
        package var probe: String
        package var kind: ProbePlan.Kind
        package var startedAt: Timestamp
        package var durationSeconds: Double
        package var verdict: ProbeResult.Verdict
        /// The metrics' label `reason`; nil where it passed.
        package var reason: String?
        /// The report in JSON: `mailsonde.report/1`.
        package var report: String
    }

    /// Why the history could not be opened, read or written, for a person.
    package struct Failed: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// A report longer than that is kept without its evidence.
    static let reportLimit = 1 << 20

    /// nil once it is closed. Whoever uses it holds it: what was begun before ends well, and the file is closed after the
    /// last. (Using a closed queue of GRDB ends the process.)
    private let database: Mutex<DatabaseQueue?>

    /// Opens the file, or makes it, and brings its tables up to date.
    package init(path: String) throws(Failed) {
        var configuration = GRDB.Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.label = "mailsonde.history"
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try Self.migrator.migrate(queue)
            database = Mutex(queue)
        } catch {
            throw Failed(description: "the history \(Escaping.visible(path)) cannot be opened: \(Self.text(error))")
        }
    }

    /// In memory, for tests and for a monitor that keeps nothing over a restart.
    package init() throws(Failed) {
        do {
            let queue = try DatabaseQueue()
            try Self.migrator.migrate(queue)
            database = Mutex(queue)
        } catch {
            throw Failed(description: "the history cannot be opened: \(Self.text(error))")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 results") { database in
            try database.create(table: "result") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("probe", .text).notNull()
                table.column("kind", .text).notNull()
                table.column("startedAt", .double).notNull()
                table.column("duration", .double).notNull()
                table.column("verdict", .text).notNull()
                table.column("reason", .text)
                table.column("report", .text).notNull()
            }
            try database.create(index: "result_by_probe", on: "result", columns: ["probe", "startedAt"])
            try database.create(index: "result_by_time", on: "result", columns: ["startedAt"])
        }
        return migrator
    }

    /// Keeps a result.
    @concurrent
    package func add(_ result: ProbeResult) async throws(Failed) {
        let report = Self.json(result)
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO result (probe, kind, startedAt, duration, verdict, reason, report)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    result.plan.name, result.plan.kind.rawValue, result.startedAt.secondsSince1970,
                    result.durationSeconds, result.verdict.rawValue, result.reason, report,
                ])
        }
    }

    /// The report as it is kept.
    static func json(_ result: ProbeResult) -> String {
        let full = ReportJSON.json(result.report)
        let text = JSONWriter.text(full)
        guard text.utf8.count > reportLimit, case .object(let members) = full else { return text }
        return JSONWriter.text(.object(members.filter { $0.key != "evidence" }))
    }

    /// Drops what began before `moment`; gives how many results that were. Works in small steps, so that results can be
    /// added in between.
    @concurrent
    package func prune(before moment: Timestamp) async throws(Failed) -> Int {
        var total = 0
        while true {
            let count = try await write { database in
                try database.execute(
                    sql: """
                        DELETE FROM result WHERE id IN
                            (SELECT id FROM result WHERE startedAt < ? ORDER BY startedAt LIMIT 1000)
                        """,
                    arguments: [moment.secondsSince1970])
                return database.changesCount
            }
            total += count
            if count < 1_000 || Task.isCancelled { return total }
        }
    }

    /// The results of a probe, the newest first.
    /// - Parameters:
    ///   - limit: at most 1,000.
    ///   - since: only those that began then or later.
    @concurrent
    package func entries(
        of probe: String, limit: Int = 100, since: Timestamp? = nil
    ) async throws(Failed) -> [Entry] {
        let limit = min(max(1, limit), 1_000)
        let since = since?.secondsSince1970 ?? -.greatestFiniteMagnitude
        return try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM result WHERE probe = ? AND startedAt >= ? ORDER BY startedAt DESC, id DESC LIMIT ?
                    """,
                arguments: [probe, since, limit]
            ).map(Self.entry)
        }
    }

    /// The newest result of each probe that is in the history, by name.
    @concurrent
    package func latest() async throws(Failed) -> [Entry] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM result WHERE id IN
                        (SELECT id FROM (SELECT id, max(startedAt) FROM result GROUP BY probe))
                    ORDER BY probe
                    """
            ).map(Self.entry)
        }
    }

    /// The last runs of each probe, the oldest first.
    @concurrent
    package func recent(limit: Int) async throws(Failed) -> [String: [PastRun]] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT probe, startedAt, duration, verdict, reason FROM
                        (SELECT *, row_number() OVER (PARTITION BY probe ORDER BY startedAt DESC) AS rank FROM result)
                    WHERE rank <= ? ORDER BY startedAt
                    """,
                arguments: [limit])
            return Dictionary(grouping: rows) { row -> String in row["probe"] ?? "" }.mapValues { rows in
                rows.map { row in
                    PastRun(
                        startedAt: Timestamp(row["startedAt"] ?? 0), durationSeconds: row["duration"] ?? 0,
                        verdict: ProbeResult.Verdict(rawValue: row["verdict"] ?? "") ?? .unknown, reason: row["reason"])
                }
            }
        }
    }

    /// Nothing can be read or written from here on.
    package func close() { database.withLock { $0 = nil } }

    private func open() throws(Failed) -> DatabaseQueue {
        guard let queue = database.withLock({ $0 }) else { throw Failed(description: "the history is closed") }
        return queue
    }

    private static func entry(_ row: Row) -> Entry {
        Entry(
            id: row["id"] ?? 0, probe: row["probe"] ?? "", kind: ProbePlan.Kind(rawValue: row["kind"] ?? "") ?? .audit,
            startedAt: Timestamp(row["startedAt"] ?? 0), durationSeconds: row["duration"] ?? 0,
            verdict: ProbeResult.Verdict(rawValue: row["verdict"] ?? "") ?? .unknown, reason: row["reason"],
            report: row["report"] ?? "")
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(Failed) -> Value {
        let database = try open()
        do { return try await database.write(body) } catch { throw Failed(description: Self.text(error)) }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(Failed) -> Value {
        let database = try open()
        do { return try await database.read(body) } catch { throw Failed(description: Self.text(error)) }
    }

    /// SQLite's own words, without the arguments of a statement.
    private static func text(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "it failed" }
        return Escaping.visible(error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }
}
