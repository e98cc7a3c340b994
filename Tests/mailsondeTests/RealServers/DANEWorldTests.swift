import Foundation
import Testing

/// `tls probe --dane` and the audit's DANE against Postfix and a signed tree, beside what Postfix's own client makes of
/// the same records and chains, by a resolver that validates.
@Suite(
    "DANE beside Postfix", .serialized,
    .enabled(
        if: getuid() == 0 && Tool.missing(of: SignedTree.needed + ["postfix", "openssl"]).isEmpty,
        "needs root, postfix, openssl and \(SignedTree.needed.joined(separator: ", ")); Tests/run installs them"))
struct DANEWorldTests {
    private struct Case {
        var host: DANEWorld.Host
        var ours: String
        /// What posttls-finger's words begin with, where they are not those that go with ours.
        var theirs: String?

        init(
            _ name: String, _ server: DANEWorld.Server, _ records: [DANEWorld.Record], _ ours: String,
            theirs: String? = nil, lines: String? = nil
        ) {
            host = .init(name: name, server: server, records: records, lines: lines)
            (self.ours, self.theirs) = (ours, theirs)
        }

        var fullName: String { host.name.contains(".") ? host.name + ".test" : host.name + ".dane.test" }
    }

    private typealias Record = DANEWorld.Record
    private static let leaf = Record(3, 1, 1, "leaf")
    private static let nobody = String(repeating: "ab", count: 32)

    private static let cases: [Case] = [
        Case("authority", .whole, [Record(2, 0, 1, "root")], "pass"),
        Case("authority-key", .whole, [Record(2, 1, 1, "root")], "pass"),
        Case("intermediate", .withoutRoot, [Record(2, 1, 1, "inter")], "pass"),
        Case("server-key", .whole, [leaf], "pass"),
        Case("server", .whole, [Record(3, 0, 1, "leaf")], "pass"),
        Case("sha512", .whole, [Record(3, 1, 2, "leaf")], "pass"),
        Case("whole-key", .whole, [Record(3, 1, 0, "leaf")], "pass"),
        Case("whole-certificate", .whole, [Record(3, 0, 0, "leaf")], "pass"),
        // The authority is in the record, and need not be sent (RFC 7671 §5.2.2, §5.2.3).
        Case("authority-in-record", .withoutRoot, [Record(2, 0, 0, "root")], "pass"),
        Case("authority-key-in-record", .withoutRoot, [Record(2, 1, 0, "root")], "pass"),
        Case("authority-not-sent", .withoutRoot, [Record(2, 0, 1, "root")], "fail"),
        Case("rollover", .whole, [Record(3, 1, 1, "next"), leaf], "pass"),
        Case("either", .whole, [Record(3, 1, 1, nobody), Record(2, 1, 1, "root")], "pass"),
        Case("mismatch", .whole, [Record(3, 1, 1, nobody)], "fail"),
        // RFC 7671 §9: the stronger digest is that of nobody.
        Case("weaker-digest", .whole, [Record(3, 1, 2, nobody + nobody), leaf], "fail"),
        Case("no-intermediate", .alone, [Record(2, 1, 1, "root")], "fail"),
        Case("no-intermediate-either", .alone, [Record(2, 1, 1, "inter")], "fail"),
        Case("no-intermediate-no-matter", .alone, [leaf], "pass"),
        Case("authority-other-name", .other, [Record(2, 1, 1, "root")], "fail"),
        Case("server-other-name", .other, [Record(3, 1, 1, "stranger")], "pass"),
        Case("authority-expired", .expired, [Record(2, 1, 1, "root")], "fail"),
        Case("server-expired", .expired, [Record(3, 1, 1, "old")], "pass"),
        Case("leaf-as-authority", .whole, [Record(2, 1, 1, "leaf")], "fail"),
        // RFC 7672 §3.1.3: usages 0 and 1 are of no use to mail.
        Case("pkix-server", .whole, [Record(1, 1, 1, "leaf")], "none"),
        Case("pkix-authority", .whole, [Record(0, 1, 1, "root")], "none"),
        Case("unknown-digest", .whole, [Record(3, 1, 9, nobody)], "none"),
        Case("short-digest", .whole, [Record(3, 1, 1, "abcd")], "none"),
        Case("one-of-use", .whole, [Record(3, 1, 9, "abcd"), leaf], "pass"),
        Case("no-tls", .clear, [leaf], "fail", theirs: ""),
        Case("no-record", .whole, [], "none"),
        Case("alias", .whole, [], "pass", lines: "alias.dane.test. IN CNAME server-key.dane.test."),
        Case("alias-own", .whole, [leaf], "pass", lines: "alias-own.dane.test. IN CNAME no-record.dane.test."),
        // The target is not signed, and the records at the alias are (RFC 7672 §2.2.3).
        Case("alias-out", .whole, [leaf], "pass", lines: "alias-out.dane.test. IN CNAME mx.plain.test."),
        Case(
            "record-alias", .whole, [], "pass",
            lines:
                "record-alias.dane.test. IN A 127.0.0.1\n"
                + "_{port}._tcp.record-alias.dane.test. IN CNAME _{port}._tcp.server-key.dane.test."),
        Case("mx.plain", .whole, [leaf], "none"),
        Case("mx.bogus", .whole, [leaf], "fail", theirs: "Destination address lookup failed"),
    ]

    private func world(_ body: (DANEWorld) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let world = try await DANEWorld(in: folder, Self.cases.map(\.host))
        do {
            try await world.start()
            try await body(world)
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    /// What `posttls-finger` logs last.
    private static func finger(_ folder: String, _ name: String, _ port: UInt16) async throws -> String {
        let outcome = try await Tool("unshare")?.run([
            "-m", "sh", "-c",
            "mount --bind \(folder)/resolv.conf /etc/resolv.conf; "
                + "exec posttls-finger -t30 -T30 -l dane -L summary -c '[\(name)]:\(port)'",
        ])
        let lines = ((outcome?.output ?? "") + (outcome?.errors ?? "")).split(separator: "\n")
        return lines.last?.split(separator: "posttls-finger: ").last.map(String.init) ?? ""
    }

    @Test("tls probe --dane says of every host what posttls-finger makes of it")
    func probes() async throws {
        try await world { world in
            let others = Tool.missing(of: ["unbound", "posttls-finger", "unshare"]).isEmpty
            if others { try await world.startUnbound() }
            let (anchor, authority, folder) = (world.anchor, world.authority, world.folder.path)
            let resolver = "127.0.0.1:\(world.knot.port)"
            for start in stride(from: 0, to: Self.cases.count, by: 4) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for item in Self.cases[start..<min(start + 4, Self.cases.count)] {
                        let (name, right, port) = (item.fullName, item.ours, world.port(item.host.server))
                        let words = item.theirs ?? (right == "pass" ? "Verified TLS" : "Untrusted TLS")
                        group.addTask {
                            let (object, status) = try await Program.object([
                                "tls", "probe", "\(name):\(port)", "--protocol", "smtp", "--accepts", "none", "--dane",
                                "--trust-anchor", anchor, "--resolver", resolver, "--ca-file", authority, "--timeout",
                                "60",
                            ])
                            let said = "\(name): \(object["dane_reason"] ?? "")"
                            #expect(object["dane"] as? String == right, "\(said)")
                            #expect(right == "fail" ? status == 2 : status == 0 || name.contains("expired"), "\(said)")
                            if !others { return }
                            let theirs = try await Self.finger(folder, name, port)
                            #expect(theirs.hasPrefix(words) && (!words.isEmpty || theirs.isEmpty), "\(name): \(theirs)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    /// A domain, the server that its hosts are, what is found of DANE, and what a sender that follows it does.
    private static let audits: [(domain: String, server: DANEWorld.Server, finds: Set<String>, sender: String)] = [
        ("for-server-key.dane.test", .whole, ["dane.rollover"], "deliver_verified"),
        ("for-rollover.dane.test", .whole, [], "deliver_verified"),
        ("for-authority.dane.test", .whole, [], "deliver_verified"),
        ("for-alias.dane.test", .whole, ["dane.rollover"], "deliver_verified"),
        ("for-mismatch.dane.test", .whole, ["dane.mismatch"], "defer"),
        ("for-no-intermediate.dane.test", .alone, ["dane.mismatch", "dane.anchor-not-sent"], "defer"),
        ("for-no-tls.dane.test", .clear, ["dane.no-starttls"], "defer"),
        ("for-pkix-server.dane.test", .whole, ["dane.usage"], "deliver_encrypted"),
        ("two.dane.test", .whole, ["dane.mismatch", "dane.rollover"], "deliver_verified"),
        ("for-mx.plain.test", .whole, ["dane.insecure"], "deliver_encrypted"),
        ("plain.test", .whole, ["dane.insecure"], "deliver_encrypted"),
        ("bogus.test", .whole, [], "defer"),
    ]

    @Test("audit finds the same, and tells what each sender does")
    func audits() async throws {
        try await world { world in
            let (anchor, authority) = (world.anchor, world.authority)
            let resolver = "127.0.0.1:\(world.knot.port)"
            for start in stride(from: 0, to: Self.audits.count, by: 4) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (domain, server, finds, sender) in Self.audits[start..<min(start + 4, Self.audits.count)] {
                        let port = world.port(server)
                        group.addTask {
                            let (object, _) = try await Program.object([
                                "audit", domain, "--ports", "smtp", "--resolver", resolver, "--trust-anchor", anchor,
                                "--ca-file", authority, "--timeout", "60", "--connect-to", "::127.0.0.1:\(port)",
                            ])
                            let report = ReportObject(object: object)
                            let found = report.found.filter { $0.hasPrefix("dane.") && $0 != "dane.exists" }
                            #expect(found == finds, "\(domain)")
                            let senders = (object["evidence"] as? [String: Any])?["senders"] as? [String: Any]
                            let outcome = senders?["outcome"] as? [String: [String: Any]]
                            #expect(outcome?["dane"]?["action"] as? String == sender, "\(domain): \(outcome ?? [:])")
                            let usual = server == .clear ? "deliver_clear" : "deliver_encrypted"
                            #expect(outcome?["opportunistic"]?["action"] as? String == usual, "\(domain)")
                            #expect(report.found.contains("dnssec.bogus") == (domain == "bogus.test"), "\(domain)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
