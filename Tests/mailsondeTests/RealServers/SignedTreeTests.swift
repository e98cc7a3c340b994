import Foundation
import Testing

/// A tree of zones with a root of its own, signed by BIND's tools and served by Knot DNS: what we say of each name is
/// what is right, and what delv and Unbound say.
@Suite(
    "A signed tree", .serialized,
    .enabled(
        if: Tool.missing(of: SignedTreeTests.needs).isEmpty,
        "needs \(SignedTreeTests.needs.joined(separator: ", ")); Tests/run installs them"))
struct SignedTreeTests {
    static let needs = ["knotd", "dnssec-signzone", "dnssec-keygen", "delv", "unbound-host", "python3"]

    private struct Asked {
        var name: String
        var type: String
        var right: String
    }

    /// Where others see it otherwise, and why that is so.
    private static func differs(_ peer: String, _ asked: Asked, _ says: String) -> Bool {
        // Both compute up to 150 iterations; we stop at 100 (RFC 9276 §3.2).
        if asked.name.contains("many.test") { return says == "secure" || says == "insecure" }
        // Unbound checks Ed448; we do not, and delv may.
        if asked.name.contains("ed448.test") { return says == "secure" }
        // delv calls everything unsigned that it cannot prove through opt-out; the answer is the same.
        return false
    }

    private func tree(_ body: (Folder, Knot) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "signed-tree").path
        let made = try #require(try await Tool("python3")?.run([script, folder.path("tree")], within: 120))
        try #require(made.status == 0, "\(made.errors)")
        var zones: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path("tree/zones")) {
            zones[file.replacing(".zone", with: "")] = folder.read("tree/zones/\(file)")
        }
        let knot = try Knot(in: folder, zones: zones)
        do {
            try await knot.start()
            try await body(folder, knot)
        } catch {
            await knot.stop()
            throw error
        }
        await knot.stop()
    }

    private func asked(_ folder: Folder) -> [Asked] {
        folder.read("tree/names").split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return Asked(name: words[0], type: words[1], right: words[2])
        }
    }

    @Test("Every name is judged rightly, and as delv and Unbound judge it")
    func judged() async throws {
        try await tree { folder, knot in
            let names = asked(folder)
            #expect(names.count > 90)
            let unbound = try folder.write(
                "unbound.conf",
                """
                server:
                    do-not-query-localhost: no
                    do-ip6: no
                    trust-anchor-file: "\(folder.path("tree/anchor"))"
                    local-zone: "test." nodefault
                stub-zone:
                    name: "."
                    stub-addr: 127.0.0.1@\(knot.port)
                    stub-prime: no

                """)
            let key = folder.read("tree/anchor.key").split(whereSeparator: \.isWhitespace).map(String.init)
            let anchors = try folder.write(
                "delv.conf",
                "trust-anchors { . static-key \(key[3]) \(key[4]) \(key[5]) \"\(key[6...].joined())\"; };\n")
            for asked in names {
                let (object, status) = try await Program.object([
                    "dns", "query", asked.name, asked.type, "--dnssec", "--trust-anchor", folder.path("tree/anchor"),
                    "--resolver", "127.0.0.1:\(knot.port)", "--timeout", "60",
                ])
                let dnssec = object["dnssec"] as? [String: Any]
                let ours = dnssec?["status"] as? String
                #expect(ours == asked.right, "\(asked.name) \(asked.type): \(dnssec?["reason"] ?? "")")
                #expect(status == (asked.right == "bogus" ? 2 : 0))
                #expect(ours == "bogus" ? dnssec?["reason"] is String : true)
                let host = try await Tool("unbound-host")?.run(
                    ["-C", unbound, "-v", "-t", asked.type, asked.name], within: 60)
                let theirs = Self.status(ofHost: host?.output ?? "")
                #expect(
                    theirs == asked.right || Self.differs("unbound-host", asked, theirs),
                    "unbound-host says \(theirs) of \(asked.name) \(asked.type): \(host?.output ?? "")")
                let delv = try await Tool("delv")?.run(
                    [
                        "@127.0.0.1", "-p", "\(knot.port)", "-a", anchors, "+root=.", "+nocd", asked.name, asked.type,
                    ], within: 60)
                let said = Self.status(ofDelv: (delv?.output ?? "") + (delv?.errors ?? ""))
                #expect(
                    said == asked.right || Self.differs("delv", asked, said),
                    "delv says \(said) of \(asked.name) \(asked.type): \(delv?.output ?? "")")
            }
        }
    }

    private static func status(ofHost text: String) -> String {
        if text.contains("(BOGUS") { return "bogus" }
        if text.contains("(insecure)") { return "insecure" }
        return text.contains("(secure)") ? "secure" : "none"
    }

    private static func status(ofDelv text: String) -> String {
        if text.contains("fully validated") { return "secure" }
        if text.contains("unsigned answer") || text.contains("insecure") { return "insecure" }
        return text.contains("resolution failed") ? "bogus" : "none"
    }

    @Test("A resolver that leaves signatures out is told from a zone without them; its AD bit stands beside")
    func withoutSignatures() async throws {
        try await tree { folder, knot in
            let plain = try Knot(in: Folder(), zones: ["test": Self.unsigned, ".": Self.unsignedRoot])
            try await plain.start()
            let (object, status) = try await Program.object([
                "dns", "query", "mx.test", "A", "--dnssec", "--trust-anchor", folder.path("tree/anchor"),
                "--resolver", "127.0.0.1:\(plain.port)", "--timeout", "60",
            ])
            await plain.stop()
            let dnssec = object["dnssec"] as? [String: Any]
            #expect(dnssec?["status"] as? String == "indeterminate" && status == 3)
            #expect(dnssec?["ad"] as? Bool == false)
        }
    }

    private static let unsigned = """
        test. 3600 IN SOA ns.test. hostmaster.test. 1 3600 600 86400 300
        test. 3600 IN NS ns.test.
        ns.test. 3600 IN A 127.0.0.1
        mx.test. 3600 IN A 127.0.0.1

        """
    private static let unsignedRoot = """
        . 3600 IN SOA ns.test. hostmaster.test. 1 3600 600 86400 300
        . 3600 IN NS ns.test.
        test. 3600 IN NS ns.test.

        """
}
