import Foundation

/// A program of the system that tests talk to or ask.
struct Tool: Sendable {
    var path: String

    /// Looks where Debian puts programs, `sbin` among them; nil where it is not installed.
    init?(_ name: String) {
        let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin", "/usr/lib/postfix/sbin"]
        guard let found = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile) else {
            return nil
        }
        path = found
    }

    init(path: String) { self.path = path }

    static func missing(of names: [String]) -> [String] { names.filter { Tool($0) == nil } }

    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs it to its end, without keeping a thread waiting. Output goes through files, so that nothing blocks on a
    /// full pipe.
    @discardableResult
    func run(
        _ arguments: [String], environment: [String: String] = [:], within seconds: Double = 60
    ) async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mailsonde-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "out"), errors = folder.appending(path: "err")
        let process = try start(arguments, environment: environment, output: output.path, errors: errors.path)
        let limit = Date(timeIntervalSinceNow: seconds)
        while process.isRunning, Date() < limit { try await Task.sleep(for: .milliseconds(10)) }
        if process.isRunning {
            process.terminate()
            try await Task.sleep(for: .milliseconds(500))
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            throw TestFailure("\(path) \(arguments.joined(separator: " ")) did not end within \(seconds) s")
        }
        return Outcome(
            status: process.terminationStatus,
            output: (try? String(contentsOf: output, encoding: .utf8)) ?? "",
            errors: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
    }

    /// Starts it and leaves it running.
    func start(
        _ arguments: [String], environment: [String: String] = [:], output: String, errors: String
    ) throws -> Process {
        for file in [output, errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.runUnblocked()
        return process
    }
}

extension Process {
    /// Runs it with no signal blocked. The threads that run tests block all, and a child inherits that: a server
    /// would neither hear SIGTERM nor learn of its children's end.
    func runUnblocked() throws {
        var every = sigset_t(), before = sigset_t()
        sigfillset(&every)
        pthread_sigmask(SIG_UNBLOCK, &every, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }

    /// Ends it and waits for that, ten seconds at most, then without asking. `waitUntilExit` would wait for the
    /// child's own offspring too, which a server leaves behind for a while.
    func end() async {
        if isRunning { terminate() }
        let limit = Date(timeIntervalSinceNow: 10)
        while isRunning, kill(processIdentifier, 0) == 0, Date() < limit {
            try? await Task.sleep(for: .milliseconds(20))
        }
        if isRunning { kill(processIdentifier, SIGKILL) }
    }
}

/// Why a test could not set up what it needs.
struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Waits until `condition` holds, looking again every 50 ms. `what` is put into words only when that has failed.
func eventually(_ what: @autoclosure () -> String, within seconds: Double = 20, _ condition: () async throws -> Bool)
    async throws
{
    let limit = ContinuousClock.now + .seconds(seconds)
    repeat {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < limit
    // A look may take long where much else is going on.
    if try await condition() { return }
    throw TestFailure("not within \(seconds) s: \(what())")
}
