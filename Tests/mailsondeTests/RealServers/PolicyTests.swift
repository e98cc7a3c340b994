import DNS
import Foundation
import Lab
import Testing

/// `mta-sts check` on policies that a real web server hands out.
@Suite(
    "MTA-STS policies served by nginx", .serialized,
    .enabled(if: Tool.missing(of: Nginx.needs).isEmpty, "needs nginx and openssl; Tests/run installs them"))
struct PolicyTests {
    private static let policy = "version: STSv1\\r\\nmode: enforce\\r\\nmx: mx.good.test\\r\\nmax_age: 604800\\r\\n"
    private static let path = "location = /.well-known/mta-sts.txt"

    private struct Case: Sendable {
        var name: String
        var lines: [String]
        var status: String
        /// A part of the words in `problem`; nil: there is none.
        var problem: String?
        var isExpired = false
        /// The name is not among the certificate's.
        var isUnnamed = false
        var mode = "enforce"
        var options: [String] = []

        var domain: String { "\(name).test" }
        var host: String { "mta-sts.\(domain)" }
    }

    private static let cases = [
        Case(name: "usual", lines: ["\(path) { return 200 \"\(policy)\"; }"], status: "ok"),
        // RFC 8461 §3.3: redirects must not be followed, wherever they lead.
        Case(
            name: "moved", lines: ["\(path) { return 301 https://mta-sts.usual.test/.well-known/mta-sts.txt; }"],
            status: "error", problem: "301"),
        Case(name: "absent", lines: ["root /nonexistent;"], status: "error", problem: "404"),
        Case(name: "broken", lines: ["\(path) { return 503; }"], status: "error", problem: "503"),
        // RFC 8461 §3.2 has senders look at the type; most do not, and audit says so.
        Case(name: "page", lines: ["default_type text/html;", "\(path) { return 200 \"\(policy)\"; }"], status: "ok"),
        Case(
            name: "unnamed", lines: ["\(path) { return 200 \"\(policy)\"; }"], status: "error", problem: "certificate",
            isUnnamed: true),
        Case(
            name: "expired", lines: ["\(path) { return 200 \"\(policy)\"; }"], status: "error", problem: "expired",
            isExpired: true),
        Case(name: "large", lines: ["\(path) { alias LARGE; }"], status: "error", problem: "64 KiB"),
        // RFC 8461 §3.2: with the mode none a policy needs no mx, and allows and forbids nothing.
        Case(
            name: "withdrawn",
            lines: ["\(path) { return 200 \"version: STSv1\\r\\nmode: none\\r\\nmax_age: 86400\\r\\n\"; }"],
            status: "ok", mode: "none"),
        Case(name: "mute", lines: ["\(path) { return 444; }"], status: "error", problem: "TLS came about"),
        Case(
            name: "slow", lines: ["\(path) { limit_rate 100; alias SLOW; }"], status: "unknown",
            options: ["--timeout", "4"]),
        Case(
            name: "chunked", lines: ["gzip on;", "ssi on;", "ssi_types text/plain;", "\(path) { alias SMALL; }"],
            status: "ok"),
    ]

    @Test("A policy counts where it is served as it has to be, and what is wrong with the others is told")
    func policies() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let text = Self.policy.replacingOccurrences(of: "\\r\\n", with: "\r\n")
        try folder.write("small.txt", text)
        try folder.write("slow.txt", text + (0..<60).map { "mx: mx\($0).good.test\r\n" }.joined())
        try folder.write("large.txt", text + String(repeating: "mx: mx.good.test\r\n", count: 5_000))
        let named = Self.cases.filter { !$0.isExpired && !$0.isUnnamed }.map(\.host)
        let good = try await certificates.issue(in: folder, "policies", names: named)
        let old = try await certificates.issue(in: folder, "old", names: ["mta-sts.expired.test"], isExpired: true)
        let nginx = try Nginx(
            in: folder,
            hosts: Self.cases.map { one in
                Nginx.Host(
                    name: one.host, certificate: one.isExpired ? old : good,
                    lines: one.lines.map {
                        $0.replacingOccurrences(of: "LARGE", with: folder.path("large.txt"))
                            .replacingOccurrences(of: "SLOW", with: folder.path("slow.txt"))
                            .replacingOccurrences(of: "SMALL", with: folder.path("small.txt"))
                    })
            })
        try await Tool("chmod")?.run(["-R", "a+rX", folder.path])
        try await nginx.start()
        do {
            try await check(nginx, certificates)
        } catch {
            await nginx.stop()
            throw error
        }
        let log = nginx.log
        await nginx.stop()
        // One request each, and none for where a redirect leads.
        #expect(log.components(separatedBy: "GET /.well-known/mta-sts.txt").count - 1 <= Self.cases.count, "\(log)")
    }

    private func check(_ nginx: Nginx, _ certificates: Certificates) async throws {
        let zone = try Zone(
            Self.cases.map { one in
                "\(one.domain). MX 10 mx.good.test.\n_mta-sts.\(one.domain). TXT \"v=STSv1; id=1\"\n"
                    + "\(one.host). A 127.0.0.1\n"
            }.joined())
        try await withLab { lab in
            let names = try await lab.start(DNSAuthority(zone))
            for one in Self.cases {
                let (object, status) = try await Program.object(
                    [
                        "mta-sts", "check", one.domain, "--resolver", "\(names)", "--connect-to",
                        ":443:127.0.0.1:\(nginx.port)", "--ca-file", certificates.authority,
                    ] + (one.options.isEmpty ? ["--timeout", "20"] : one.options))
                #expect(object["status"] as? String == one.status, "\(one.name): \(object)")
                let problem = object["problem"] as? String
                if one.status == "ok" {
                    #expect(status == 0 && object["mode"] as? String == one.mode, "\(one.name): \(object)")
                    let match = object["mx_match"] as? Bool
                    #expect(match == (one.mode == "none" ? nil : true) && problem == nil, "\(one.name): \(object)")
                } else {
                    #expect(status == 2 || status == 3, "\(one.name)")
                    #expect(one.problem.map { problem?.contains($0) == true } ?? true, "\(one.name): \(object)")
                }
            }
        }
    }
}
