import DNS
import Foundation
import Judgement
import Logging
import Mail
import Monitor
import Networking
import Synchronization

/// A clock that moves when it is told to.
final class FakeClock: MonitorClock {
    private struct State {
        var now: Double
        var sleepers: [(id: Int, until: Double, wake: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
    }

    private let state: Mutex<State>

    init(_ start: Double = 1_000_000) { state = Mutex(State(now: start)) }

    func now() -> Timestamp { Timestamp(state.withLock { $0.now }) }

    func sleep(until moment: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let isOver = state.withLock { state in
                    if state.now >= moment.secondsSince1970 || Task.isCancelled { return true }
                    state.sleepers.append((id, moment.secondsSince1970, wake))
                    return false
                }
                if isOver { wake.resume() }
            }
        } onCancel: {
            let wake = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else { return nil }
                return state.sleepers.remove(at: index).wake
            }
            wake?.resume()
        }
        try Task.checkCancellation()
    }

    func advance(by seconds: Double) {
        let due = state.withLock { state in
            state.now += seconds
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return due
        }
        for sleeper in due { sleeper.wake.resume() }
    }
}

/// Waits until something holds, for at most a minute.
func eventually(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<6_000 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return false
}

func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

func portPlan(_ probe: String, interval: Double = 60, services: [Service] = [.smtp]) -> ProbePlan {
    ProbePlan(
        name: probe, work: .ports(host: name("mail.example.org"), services: services, requireTLS: false),
        intervalSeconds: interval, timeoutSeconds: 10)
}

func auditPlan(_ probe: String, selectors: [String] = ["s1"]) -> ProbePlan {
    ProbePlan(
        name: probe, work: .audit(name("example.org"), dkimSelectors: selectors), intervalSeconds: 3_600,
        timeoutSeconds: 30)
}

func openPort(
    _ service: Service = .smtp, address: String = "192.0.2.1", tls: TLSFacts? = nil, failure: Failure? = nil
) -> PortObservation {
    var port = PortObservation(
        endpoint: Endpoint(
            host: name("mail.example.org"), address: IPAddress(address) ?? .v4(IPv4Address(0)), port: service.port),
        service: service, at: Timestamp(1_000), state: failure == nil ? .open : .refused)
    port.tls = tls
    port.failure = failure
    port.phases = [Phase(.connect, seconds: 0.02), Phase(.total, seconds: 0.2)]
    return port
}

func tls(trusted: Bool? = true, nameMatches: Bool? = true, notAfter: Double = 10_000, version: String = "TLSv1.3")
    -> TLSFacts
{
    TLSFacts(
        mode: .starttls, version: version,
        chain: [
            CertificateFacts(
                subject: "CN=mail.example.org", issuer: "CN=Lab", serial: "01", names: ["mail.example.org"],
                notBefore: Timestamp(0), notAfter: Timestamp(notAfter), keyAlgorithm: "ECDSA", keyBits: 256,
                signatureAlgorithm: "ecdsa-with-SHA256", fingerprint: "00")
        ], trusted: trusted, nameMatches: nameMatches)
}

func result(_ plan: ProbePlan, _ observed: Observed, at: Double = 1_000, seconds: Double = 0.5) -> ProbeResult {
    ProbeResult(plan, observed, startedAt: Timestamp(at), durationSeconds: seconds, by: [])
}

/// A folder that is gone when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mailsonde-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to file: String) throws -> String {
        let full = "\(path)/\(file)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: full))
        return full
    }
}

/// Keeps what is logged.
struct LogKeeper: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.add("\(event.level) \(event.message) \(event.metadata ?? [:])")
    }

    static func logger(_ lines: Lines = Lines()) -> Logger { Logger(label: "test") { _ in LogKeeper(lines: lines) } }
}

/// What `promtool` says of some text: nil where it is not installed.
func promtool(
    _ arguments: [String], input: [UInt8] = [], folder: String? = nil
) async throws -> (status: Int32, output: String)? {
    guard
        let path = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(where: FileManager.default.isExecutableFile)
    else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let inFile = try TemporaryFolder()
    try Data(input).write(to: URL(fileURLWithPath: inFile.path + "/in"))
    // Into a file: reading a pipe would keep a thread waiting that other tests need.
    let outPath = inFile.path + "/out"
    _ = FileManager.default.createFile(atPath: outPath, contents: nil)
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: outPath))
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: inFile.path + "/in"))
    process.standardOutput = output
    process.standardError = output
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in end.finish() }
    try process.run()
    for await _ in ends {}
    return (process.terminationStatus, try String(contentsOfFile: outPath, encoding: .utf8))
}

let promtoolIsThere = ["/usr/bin/promtool", "/usr/local/bin/promtool"].contains(
    where: FileManager.default.isExecutableFile)
