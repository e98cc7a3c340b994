import DNS
import Foundation
import Lab
import Testing

/// Every line of a scan is held against the zone that it was made from: the world of the benchmarks, in small.
@Suite(
    "A scan tells what the zone says, or that it could not tell", .enabled(if: Tool("python3") != nil || python != nil))
struct ScanTruthTests {
    /// What goes wrong on the way to the name server.
    enum Trouble: String, CaseIterable, Sendable {
        case none, loss, truncation, death
    }

    @Test("No domain is said to lack a record that it has", arguments: Trouble.allCases)
    func truth(trouble: Trouble) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let count = 300
        try await makeWorld(of: count, in: folder)
        let zone = try Zone(folder.read("root.zone"))
        let authority = DNSAuthority(
            zone, truncatingAll: trouble == .truncation, loss: trouble == .loss ? 0.05 : 0)
        let output = try await withLab { lab -> String in
            let server = try await lab.start(authority)
            let process = try Program.tool.start(
                [
                    "scan", folder.path("domains.txt"), "--resolver", "\(server)", "--in-flight",
                    trouble == .death ? "150" : "10", "--quiet",
                ],
                output: folder.path("out"), errors: folder.path("err"))
            if trouble == .death {
                try await eventually("the scan is under way", within: 60) {
                    folder.read("out").split(separator: "\n").count > 20
                }
                authority.isDead = true
            }
            try await eventually("the scan ends", within: 200) { !process.isRunning }
            #expect(process.terminationStatus == 0)
            return folder.read("out")
        }
        let lines = try output.split(separator: "\n").map { try object(String($0)) }
        let truths = try folder.read("truth.jsonl").split(separator: "\n").map { try object(String($0)) }
        #expect(lines.count == count && truths.count == count)
        var unknown = 0
        for (line, truth) in zip(lines, truths) {
            #expect(line["domain"] as? String == truth["domain"] as? String)
            unknown += compare(line, with: truth)
        }
        switch trouble {
        // On a machine that is busy with other tests, an answer may come too late.
        case .none, .truncation, .loss: #expect(unknown < count / 4, "\(unknown)")
        case .death: #expect(unknown > 0)
        }
    }

    private func makeWorld(of count: Int, in folder: Folder) async throws {
        let script = HouseTests.root.appending(path: "Tests/Benchmarks/world.py").path
        let interpreter = try #require(Tool("python3") ?? python)
        let outcome = try await interpreter.run([
            script, "--domains", "\(count)", "--seed", "7", "--questions", "10", "--into", folder.path,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// Whether something could not be told of the domain (1) or nothing (0).
    private func compare(_ line: [String: Any], with truth: [String: Any]) -> Int {
        let name = truth["domain"] as? String ?? ""
        let evidence = line["evidence"] as? [String: Any] ?? [:]
        let report = ReportObject(object: line)
        func texts(_ key: String, _ prefix: String) -> [String] {
            (truth[key] as? [String] ?? []).filter { $0.hasPrefix(prefix) }
        }
        record(evidence["spf"], texts("spf", "v=spf1"), "\(name) SPF")
        let dmarc = texts("dmarc", "v=DMARC1;")
        record(evidence["dmarc"], dmarc, "\(name) DMARC")
        record(evidence["mta_sts"], texts("mta_sts", ""), "\(name) MTA-STS")
        record(evidence["tls_rpt"], texts("tls_rpt", ""), "\(name) TLS-RPT")
        if let mx = evidence["mx"] as? [[String: Any]] {
            let told = mx.map { "\($0["preference"] ?? "") \($0["host"] ?? "")" }.sorted()
            let published = (truth["mx"] as? [[Any]] ?? []).map { "\($0[0]) \($0[1])" }.sorted()
            #expect(told == published, "\(name) MX")
        } else {
            // Where another answer says that there is no such name, nothing more is said of its mail hosts.
            let isSaid = report.unknown["mx.exists"] != nil || report.found.contains("domain.exists")
            #expect(isSaid, "\(name): mx is null without a word of it")
        }
        if !dmarc.isEmpty { #expect(!report.found.contains("dmarc.exists"), "\(name)") }
        if !texts("spf", "v=spf1").isEmpty { #expect(!report.found.contains("spf.exists"), "\(name)") }
        if truth["exists"] as? Bool == true { #expect(!report.found.contains("domain.exists"), "\(name)") }
        keys(evidence["dkim"], truth["dkim"] as? [String: String] ?? [:], name)
        return report.unknown.isEmpty ? 0 : 1
    }

    private func record(_ evidence: Any?, _ published: [String], _ what: String) {
        let told = evidence as? [String: Any] ?? [:]
        switch told["status"] as? String {
        case "found": #expect(published == [told["record"] as? String ?? ""], "\(what)")
        case "none", "no_such_name": #expect(published.isEmpty, "\(what) was said to be missing: \(published)")
        case "multiple": #expect(published.count > 1, "\(what)")
        case "unknown": break
        default: Issue.record("\(what): no status")
        }
    }

    private func keys(_ evidence: Any?, _ published: [String: String], _ name: String) {
        var told: [String: String] = [:]
        var notTold: Set<String> = []
        for key in evidence as? [[String: Any]] ?? [] {
            let selector = key["selector"] as? String ?? ""
            if key["status"] as? String == "unknown" {
                notTold.insert(selector)
            } else {
                told[selector] = key["record"] as? String
            }
        }
        for (selector, record) in told {
            guard let text = published[selector] else {
                Issue.record("\(name): there is no key \(selector)")
                continue
            }
            if text != "alias" { #expect(record == text, "\(name) \(selector)") }
        }
        #expect(Set(told.keys) == Set(published.keys).subtracting(notTold), "\(name) DKIM")
    }
}

/// Where python is not where Debian puts it.
private let python: Tool? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/python3" }.first(where: FileManager.default.isExecutableFile).map { Tool(path: $0) }
}()
