import DNS
import Foundation
import Mail
import Networking
import Testing

/// Zones signed by BIND's tools, with a root of their own: `Tests/signed-tree` makes them.
enum SignedTree {
    static let needed = ["knotd", "dnssec-signzone", "dnssec-keygen", "python3"]

    /// Makes the tree in the folder's `tree`, and a server of its zones that is not started yet. `tree/anchor` is the
    /// root's anchor.
    static func knot(in folder: Folder) async throws -> Knot {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "signed-tree").path
        let made = try #require(try await Tool("python3")?.run([script, folder.path("tree")], within: 120))
        try #require(made.status == 0, "\(made.errors)")
        var zones: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path("tree/zones")) {
            let origin = file.replacing(".zone", with: "")
            zones[origin == "root" ? "." : origin] = folder.read("tree/zones/\(file)")
        }
        return try Knot(in: folder, zones: zones)
    }
}

private enum SignedTreePrograms {
    static let needed = SignedTree.needed + ["delv", "unbound-host"]
}

/// A tree of zones with a root of its own, signed by BIND's tools and served by Knot DNS: what we say of each name is
/// what is right, and what delv and Unbound say, but for the differences in a table.
@Suite(
    "A signed tree", .serialized,
    .enabled(
        if: Tool.missing(of: SignedTreePrograms.needed).isEmpty,
        "needs \(SignedTreePrograms.needed.joined(separator: ", ")); Tests/run installs them"))
struct SignedTreeTests {

    private struct Asked: Sendable {
        var name: String
        var type: String
        var right: String
        var key: String { "\(name) \(type)" }
    }

    /// What others say where they see it otherwise, and why. A difference that is gone fails the test as one that is new.
    private struct Difference: Sendable {
        var unbound: String?
        var delv: String?
        var why: String

        static let ed448 = Self(
            unbound: nil, delv: "secure", why: "BIND checks Ed448; we do not, which makes it insecure (RFC 4035 §5.2)")
        static let optOut = Self(
            unbound: nil, delv: "secure",
            why:
                "delv calls a proof by NSEC3 with opt-out validated; it does not tell an unsigned delegation from none, so "
                + "the answer is not secure (RFC 5155 §9.2)")
    }

    private static let differences: [String: Difference] = [
        "ed448.test MX": .ed448, "no.ed448.test A": .ed448,
        "plain.optout.test DS": .optOut, "no.optout.test A": .optOut,
    ]

    private func tree(_ body: (Folder, Knot) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let knot = try await SignedTree.knot(in: folder)
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

    private struct Peers: Sendable {
        var unbound: String
        var delv: String
        var anchor: String
        var port: UInt16

        init(_ folder: Folder, _ knot: Knot) throws {
            port = knot.port
            anchor = folder.path("tree/anchor")
            // All questions go to Knot: a stub would send Unbound on to port 53 of the name servers in delegations.
            unbound = try folder.write(
                "unbound.conf",
                """
                server:
                    do-not-query-localhost: no
                    do-ip6: no
                    qname-minimisation: no
                    trust-anchor-file: "\(anchor)"
                    local-zone: "test." nodefault
                forward-zone:
                    name: "."
                    forward-addr: 127.0.0.1@\(knot.port)

                """)
            let key = folder.read("tree/anchor.key").split(whereSeparator: \.isWhitespace).map(String.init)
            delv = try folder.write(
                "delv.conf",
                "trust-anchors { . static-key \(key[3]) \(key[4]) \(key[5]) \"\(key[6...].joined())\"; };\n")
        }

        /// Our validator, over the same questions.
        func weSay(_ asked: Asked) async throws -> (String, reason: String?) {
            let anchors = try TrustAnchors(String(contentsOfFile: anchor, encoding: .utf8))
            let server = ResolverServer(.v4(IPv4Address(127, 0, 0, 1)), port: port)
            let question = Question(try DomainName(asked.name), try #require(RecordType(asked.type)))
            let (validated, _) = await inWaves(of: NetworkResolver(servers: [server], timeout: 60)) { dns in
                DNSSEC.validate(question, in: &dns, anchors: anchors, at: Date().timeIntervalSince1970)
            }
            return (validated.security.word, validated.security.reason)
        }

        func unboundSays(_ asked: Asked) async throws -> String {
            let text =
                try await Tool("unbound-host")?.run(
                    ["-C", unbound, "-v", "-t", asked.type, asked.name], within: 60
                ).output ?? ""
            if text.contains("(BOGUS") { return "bogus" }
            if text.contains("(insecure)") { return "insecure" }
            return text.contains("(secure)") ? "secure" : "nothing: \(text)"
        }

        /// delv tells of each set of records by itself, and the weakest counts. Of every negative answer it says besides
        /// "resolution failed: ncache nxdomain" (or nxrrset): that is how it calls what it proved, not a failure.
        func delvSays(_ asked: Asked) async throws -> String {
            let said = try await Tool("delv")?.run(
                ["@127.0.0.1", "-p", "\(port)", "-a", delv, "+root=.", "+nocd", asked.name, asked.type], within: 60)
            let text = (said?.output ?? "") + (said?.errors ?? "")
            let failed = text.split(separator: "resolution failed: ").dropFirst().contains {
                !$0.hasPrefix("ncache nx")
            }
            if failed { return "bogus" }
            if text.contains("unsigned answer") { return "insecure" }
            return text.contains("fully validated") ? "secure" : "nothing: \(text)"
        }
    }

    @Test("Every name is judged rightly, and as delv and Unbound judge it")
    func judged() async throws {
        try await tree { folder, knot in
            let names = asked(folder)
            #expect(names.count > 70)
            #expect(Set(Self.differences.keys).isSubset(of: Set(names.map(\.key))))
            let peers = try Peers(folder, knot)
            try await Self.fourAtOnce(names) { asked in
                let (ours, reason) = try await peers.weSay(asked)
                #expect(ours == asked.right, "\(asked.key): \(reason ?? "")")
                #expect(ours == "bogus" ? reason != nil : true)
                let difference = Self.differences[asked.key]
                async let unbound = peers.unboundSays(asked)
                let delv = try await peers.delvSays(asked)
                #expect(delv == difference?.delv ?? asked.right, "delv of \(asked.key); \(difference?.why ?? "")")
                let heard = try await unbound
                #expect(
                    heard == difference?.unbound ?? asked.right, "Unbound of \(asked.key); \(difference?.why ?? "")")
            }
            // The program says the same, in its own words.
            for asked in names where Self.byProgram.contains(asked.key) {
                let (object, status) = try await Program.object([
                    "dns", "query", asked.name, asked.type, "--dnssec", "--trust-anchor", peers.anchor,
                    "--resolver", "127.0.0.1:\(peers.port)", "--timeout", "60",
                ])
                let dnssec = object["dnssec"] as? [String: Any]
                #expect(dnssec?["status"] as? String == asked.right, "\(asked.key): \(dnssec ?? [:])")
                #expect(status == (asked.right == "bogus" ? 2 : 0), "\(asked.key)")
            }
        }
    }

    private static let byProgram: Set = ["p256.test MX", "plain.test MX", "expired.test MX", "bad.links.test A"]

    private static func fourAtOnce<Item: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) async throws -> Void
    ) async throws {
        for start in stride(from: 0, to: items.count, by: 4) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for item in items[start..<min(start + 4, items.count)] { group.addTask { try await body(item) } }
                try await group.waitForAll()
            }
        }
    }

    @Test("A resolver that leaves signatures out is told from a zone without them; its AD bit stands beside")
    func withoutSignatures() async throws {
        try await tree { folder, knot in
            let other = try Folder()
            defer { other.remove() }
            let plain = try Knot(in: other, zones: ["test": Self.unsigned, ".": Self.unsignedRoot])
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

    /// A domain of the tree and the checks of DNSSEC that find something there.
    private static let audits: [(String, Set<String>)] = [
        ("p256.test", []), ("ed25519.test", []), ("plain.test", ["dnssec.signed"]), ("expired.test", ["dnssec.bogus"]),
        ("altered.test", ["dnssec.bogus"]), ("stripped.test", ["dnssec.bogus"]), ("sha1ds.test", ["dnssec.algorithm"]),
        ("rsa512.test", ["dnssec.algorithm", "dnssec.nsec3-iterations"]), ("ed448.test", []),
    ]

    @Test("audit finds what is wrong with the signatures of a domain, and nothing without its anchor")
    func audited() async throws {
        try await tree { folder, knot in
            let port = knot.port
            try await Self.fourAtOnce(Self.audits) { domain, expected in
                let usual = [
                    "audit", domain, "--ports", "none", "--resolver", "127.0.0.1:\(port)", "--timeout", "60",
                ]
                let (object, _) = try await Program.object(usual + ["--trust-anchor", folder.path("tree/anchor")])
                let report = ReportObject(object: object)
                #expect(report.found.filter { $0.hasPrefix("dnssec.") } == expected, "\(domain)")
                #expect(!report.unknown.keys.contains { $0.hasPrefix("dnssec.") }, "\(domain)")
                // Below another root than the public one nothing is forged, and nothing unsigned.
                guard ["p256.test", "plain.test", "expired.test"].contains(domain) else { return }
                let without = ReportObject(object: try await Program.object(usual).object)
                #expect(!without.found.union(without.unknown.keys).contains { $0.hasPrefix("dnssec.") }, "\(domain)")
            }
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
