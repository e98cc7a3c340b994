import Foundation
import GRDB
import Judgement
import Mail
import Monitor
import Testing

@Suite struct `The history` {
    private func run(_ probe: String, at: Double, failing: Bool = false) -> ProbeResult {
        result(
            portPlan(probe), Observed([.port(openPort(failure: failing ? Failure(.connectRefused) : nil))]), at: at)
    }

    @Test func `keeps every result and gives the newest first`() async throws {
        let history = try History()
        for at in [100.0, 300, 200] { try await history.add(run("a", at: at, failing: at == 200)) }
        try await history.add(run("b", at: 250))
        let entries = try await history.entries(of: "a")
        #expect(entries.map(\.startedAt.secondsSince1970) == [300, 200, 100])
        #expect(entries.map(\.verdict) == [.pass, .fail, .pass])
        #expect(entries.map(\.reason) == [nil, "connect_refused", nil])
        #expect(entries.allSatisfy { $0.report.contains("mailsonde.report/1") })
        #expect(try await history.entries(of: "a", limit: 2).count == 2)
        #expect(try await history.entries(of: "a", since: Timestamp(200)).count == 2)
        #expect(
            try await history.latest().map { "\($0.probe) \($0.startedAt.secondsSince1970)" } == ["a 300.0", "b 250.0"])
        let recent = try await history.recent(limit: 2)
        #expect(recent["a"]?.map(\.startedAt.secondsSince1970) == [200, 300])
        #expect(try await history.entries(of: "'; DROP TABLE result; --").isEmpty)
        #expect(try await history.entries(of: "a").count == 3)
    }

    @Test func `drops what is older than it is to be kept`() async throws {
        let history = try History()
        for at in stride(from: 0.0, to: 2_500, by: 1) { try await history.add(run("a", at: at)) }
        #expect(try await history.prune(before: Timestamp(2_400)) == 2_400)
        #expect(try await history.entries(of: "a", limit: 1_000).count == 100)
        #expect(try await history.prune(before: Timestamp(2_400)) == 0)
    }

    @Test func `is there again after a restart, and reads what an earlier version left`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/h.sqlite"
        var history = try History(path: path)
        try await history.add(run("a", at: 100))
        history.close()
        history = try History(path: path)
        #expect(try await history.entries(of: "a").count == 1)
        history.close()
        // The table is a promise to later versions: its columns and their order.
        let columns = try await DatabaseQueue(path: path).read { database in
            try database.columns(in: "result").map(\.name)
        }
        #expect(columns == ["id", "probe", "kind", "startedAt", "duration", "verdict", "reason", "report"])
        let mode = try await DatabaseQueue(path: path).read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    @Test func `says which file it cannot open, and why`() throws {
        let folder = try TemporaryFolder()
        let noDatabase = try folder.write(String(repeating: "this is no database ", count: 100), to: "h.sqlite")
        for path in ["/nowhere/h.sqlite", noDatabase, folder.path] {
            let error = #expect(throws: History.Failed.self) { try History(path: path) }
            #expect(error?.description.contains(path) == true)
        }
    }
}
